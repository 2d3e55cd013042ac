import Glibc
import Interface
import TensorCore
import Torch

// Losses of each pair of elements, before they are reduced.
extension Functional {
  /// A loss of x and target, element by element; with weights, the mean is over their sum where `weightedMean`.
  /// - Parameter rounds: whether half precision is rounded after each step, as PyTorch does in losses that it has no kernel for.
  static func pairLoss(
    _ x: Tensor, _ target: Tensor, _ reduction: LossReduction, weight: Tensor? = nil, weightedMean: Bool = false, name: String, rounds: Bool = false,
    _ loss: (Tensor, Tensor) throws -> Tensor
  ) throws -> Tensor {
    if rounds { return try reduction(loss(x, target)) }
    _ = try Shape.broadcast(x.sizes, target.sizes)
    if !x.dtype.isFloatingPoint && !target.dtype.isFloatingPoint && !name.isEmpty {
      throw TorchError.notImplemented(name, for: x.dtype.promoted(with: target.dtype))
    }
    if let weight, weight.sizes != x.sizes { throw TorchError.value("Weights and input must have the same size.") }
    return try widened([x, target] + (weight.map { [$0] } ?? [])) { inputs in
      let losses = try loss(inputs[0], inputs[1])
      if inputs.count < 3 { return try reduction(losses) }
      let weighted = try losses * inputs[2]
      return weightedMean && reduction == .mean ? try weighted.sum() / inputs[2].sum() : try reduction(weighted)
    }
  }

  /// The squared difference. Mirrors `F.mse_loss`.
  /// - Throws: PyTorch's sentences for shapes that do not broadcast and unknown reductions.
  public static func mseLoss(_ x: Tensor, _ target: Tensor, reduction: String = "mean", weight: Tensor? = nil) throws -> Tensor {
    try mseLoss(x, target, LossReduction(reduction), weight)
  }

  /// Warns where target and input differ in size, and broadcast where that was hardly meant.
  static func warnOfBroadcast(_ x: Tensor, _ target: Tensor) {
    if x.sizes == target.sizes { return }
    UserWarning.tell(
      "Using a target size (torch.Size(\(target.sizes.text))) that is different to the input size (torch.Size(\(x.sizes.text))). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.")
  }

  static func mseLoss(_ x: Tensor, _ target: Tensor, _ reduction: LossReduction, _ weight: Tensor?) throws -> Tensor {
    warnOfBroadcast(x, target)
    if weight != nil {
      return try pairLoss(x, target, reduction, weight: weight, weightedMean: true, name: "") { try ($0 - $1).pow(.wrapped(.integer(2))) }
    }
    let y = try GradMode.with(false) {
      try pairLoss(x, target, reduction, name: "mse_cpu") { x, t in
        let d = try x - t
        return try d * d
      }
    }
    let (a, b) = (SavedTensor(x), SavedTensor(target))
    Tensor.recordNode("MseLossBackward0", inputs: [x, target], results: [y]) { node, gradients in
      guard let g = gradients[0] else { return [nil, nil] }
      let (x, t) = (try a.unpack(), try b.unpack())
      let d = try x.wide - t.wide
      let slope = try d * (reduction == .mean ? 2 / Double(d.count) : 2) * g.wide
      return [
        node.needs(0) ? try slope.reduced(to: x.sizes).to(x.dtype) : nil,
        node.needs(1) ? try slope.neg().reduced(to: t.sizes).to(t.dtype) : nil,
      ]
    }
    return y
  }

  /// The magnitude of the difference. Mirrors `F.l1_loss`.
  static func l1Loss(_ x: Tensor, _ target: Tensor, _ reduction: LossReduction, _ weight: Tensor?) throws -> Tensor {
    warnOfBroadcast(x, target)
    return try pairLoss(x, target, reduction, weight: weight, weightedMean: true, name: "") { try ($0 - $1).abs() }
  }

  /// The magnitude of the difference, its square below `beta` (over 2 beta). Mirrors `F.smooth_l1_loss`.
  static func smoothL1(_ x: Tensor, _ target: Tensor, _ reduction: LossReduction, beta: Double) throws -> Tensor {
    warnOfBroadcast(x, target)
    if beta < 0 { throw TorchError.runtime("smooth_l1_loss does not support negative values for beta.") }
    if beta == 0 { return try pairLoss(x, target, reduction, name: "") { try ($0 - $1).abs() } }
    return try pairLoss(x, target, reduction, name: "smooth_l1_cpu") { x, t in
      let z = try (x - t).abs()
      return try Tensor.choose(z.lt(.wrapped(.double(beta))), 0.5 * z * z / beta, z - 0.5 * beta)
    }
  }

  /// Half the square up to `delta`, from there on straight. Mirrors `F.huber_loss`.
  static func huber(_ x: Tensor, _ target: Tensor, _ reduction: LossReduction, delta: Double, weight: Tensor? = nil) throws -> Tensor {
    warnOfBroadcast(x, target)
    if delta <= 0 { throw TorchError.runtime("huber_loss does not support non-positive values for delta.") }
    return try pairLoss(x, target, reduction, weight: weight, name: "huber_cpu") { x, t in
      let z = try (x - t).abs()
      return try Tensor.choose(z.le(.wrapped(.double(delta))), 0.5 * z * z, delta * (z - 0.5 * delta))
    }
  }

  /// The divergence of probabilities `target` from those whose logarithms are `x`. Mirrors `F.kl_div`.
  static func klDivergence(_ x: Tensor, _ target: Tensor, _ reduction: LossReduction, logTarget: Bool) throws -> Tensor {
    try pairLoss(x, target, reduction, name: "") { x, t in
      if logTarget { return try t.exp() * (t - x) }
      return try Tensor.choose(t.eq(.wrapped(.integer(0))), .zeros(Dims(), dtype: t.dtype), t * t.log()) - t * x
    }
  }

  /// The negative log-probability of Poisson counts. Mirrors `F.poisson_nll_loss`.
  static func poisson(_ x: Tensor, _ target: Tensor, _ reduction: LossReduction, logInput: Bool, full: Bool, eps: Double) throws -> Tensor {
    try pairLoss(x, target, reduction, name: "", rounds: true) { x, t in
      let loss = logInput ? try x.exp() - t * x : try x - t * (x + eps).log()
      if !full { return loss }
      let stirling = try t * t.log() - t + 0.5 * (t * (2 * Double.pi)).log()
      return try loss + Tensor.choose(t.le(.wrapped(.integer(1))), .zeros(Dims(), dtype: stirling.dtype), stirling)
    }
  }

  /// x where target is 1, max(0, margin − x) where it is −1. Mirrors `F.hinge_embedding_loss`.
  static func hingeEmbedding(_ x: Tensor, _ target: Tensor, _ reduction: LossReduction, margin: Double) throws -> Tensor {
    try pairLoss(x, target, reduction, name: "", rounds: true) { x, t in
      let zero = try Tensor.zeros(Dims(), dtype: x.dtype)
      return try Tensor.choose(t.ne(.wrapped(.integer(1))), (margin - x).atLeast(0), zero) + Tensor.choose(t.ne(.wrapped(.integer(-1))), x, zero)
    }
  }

  /// log(1 + exp(−target · x)). Mirrors `F.soft_margin_loss`.
  static func softMargin(_ x: Tensor, _ target: Tensor, _ reduction: LossReduction) throws -> Tensor {
    try pairLoss(x, target, reduction, name: "", rounds: true) { x, t in try (x.neg() * t).exp().log1p() }
  }

  /// The negative log-probability of a normal distribution with variance `variance`. Mirrors `F.gaussian_nll_loss`.
  static func gaussian(_ x: Tensor, _ target: Tensor, _ variance: Tensor, full: Bool, eps: Double, _ reduction: String) throws -> Tensor {
    if try variance.lt(.wrapped(.integer(0))).any().item() == .boolean(true) { throw TorchError.value("var has negative entry/entries") }
    var variance = variance
    if variance.sizes != x.sizes && variance.dim > 0 || (variance.dim == 0 && x.dim > 0 && !variance.isNumber) {
      if Dims(Array(x.sizes.dropLast())) == variance.sizes && x.dim > 0 {
        variance = try variance.unsqueeze(-1)
      } else {
        let different = x.dim == variance.dim ? zip(x.sizes, variance.sizes).filter { $0 != $1 }.map(\.1).reduce(0, +) : 0
        if different != 1 { throw TorchError.value("var is of incorrect size") }
      }
    }
    guard let how = LossReduction(rawValue: reduction) else { throw TorchError.value("\(reduction) is not valid") }
    return try widened([x, target, variance]) { inputs in
      // The bound holds for the value alone.
      let held = try inputs[2] + GradMode.with(false) { try inputs[2].clamp(.double(eps), nil) - inputs[2] }
      let d = try inputs[0] - inputs[1]
      var loss = try 0.5 * (held.log() + d * d / held)
      if full { loss = try loss + 0.5 * Glibc.log(2 * Double.pi) }
      return try how(loss)
    }
  }
}

extension Tensor {
  /// Whether it stands for a bare number.
  fileprivate var isNumber: Bool { isWrappedNumber }

  /// The sum over dimensions that broadcasting added.
  func reduced(to target: Dims) throws -> Tensor {
    if sizes == target { return self }
    let lead = dim - target.count
    let stretched = (0..<target.count).filter { target[$0] == 1 && sizes[lead + $0] != 1 }.map { lead + $0 }
    let dims = Array(0..<lead) + stretched
    return try (dims.isEmpty ? self : sum(dims: dims, keepdim: true)).reshape(Array(target))
  }
}
