import Interface
import TensorCore
import Torch

extension Functional {
  /// The squared difference of two tensors, or its mean or sum. Mirrors `F.mse_loss`.
  /// - Throws: PyTorch's sentences for shapes that do not broadcast and unknown reductions.
  public static func mseLoss(_ x: Tensor, _ target: Tensor, reduction: String = "mean") throws -> Tensor {
    try checkReduction(reduction)
    func difference(_ x: Tensor, _ t: Tensor) throws -> Tensor { try x.sub(t) }
    let y = try GradMode.with(false) { () -> Tensor in
      let d = try difference(x, target)
      return try reduce(d.mul(d), reduction)
    }
    let (a, b) = (SavedTensor(x), SavedTensor(target))
    Tensor.recordNode("MseLossBackward0", inputs: [x, target], results: [y]) { node, gradients in
      guard let g = gradients[0] else { return [nil, nil] }
      let (x, t) = (try a.unpack(), try b.unpack())
      let d = try difference(x, t)
      let scale = reduction == "mean" ? 2 / Double(d.count) : 2
      let slope = try d.mul(.wrapped(.double(scale))).mul(g)
      return [
        node.needs(0) ? try slope.reduced(to: x.sizes) : nil,
        node.needs(1) ? try slope.neg().reduced(to: t.sizes) : nil,
      ]
    }
    return y
  }

  private static func reduce(_ x: Tensor, _ reduction: String) throws -> Tensor {
    switch reduction {
    case "mean": try x.mean()
    case "sum": try x.sum()
    default: x
    }
  }

  /// The negative of each row's value at its target class, weighted; classes equal to `ignoring` count nothing. Mirrors `F.nll_loss`.
  ///
  /// - Parameter node: the name `grad_fn` shows.
  ///
  /// `x` is [C], [N, C] or [N, C, d1, …]; `target` is [], [N] or [N, d1, …].
  /// - Throws: PyTorch's sentences for batch sizes that differ, targets out of bounds and types.
  public static func nllLoss(
    _ x: Tensor, _ target: Tensor, weight: Tensor? = nil, ignoring: Int = -100, reduction: String = "mean",
    node: String = "NllLossBackward0"
  ) throws -> Tensor {
    try checkReduction(reduction)
    if x.dim == 0 { throw TorchError.value("Expected 1 or more dimensions (got 0)") }
    if x.dim > 2 {
      // Classes last, everything else a row.
      let order = [0] + Array(2..<x.dim) + [1]
      let expected = [x.sizes[0]] + Array(x.sizes.dropFirst(2))
      if Array(target.sizes) != expected {
        throw TorchError.runtime(
          "Expected target size \(Dims(expected).text), got \(target.sizes.text)")
      }
      let flat = try nllLoss(
        x.permute(order).reshape([-1, x.sizes[1]]), target.reshape([-1]), weight: weight, ignoring: ignoring, reduction: reduction, node: "NllLoss2DBackward0")
      return reduction == "none" ? try flat.view(expected) : flat
    }
    if x.dim == 2 && (target.dim != 1 || target.sizes[0] != x.sizes[0]) {
      throw TorchError.value(
        "Expected input batch_size (\(x.sizes[0])) to match target batch_size (\(target.dim == 0 ? 0 : target.sizes[0])).")
    }
    if x.dim == 1 && target.count != 1 {
      throw TorchError.value("For 1D input, 1D target must have size 1, but got target size: \(target.count)")
    }
    if target.dtype != .int64 && target.dtype != .uint8 {
      throw TorchError.runtime("expected target dtype to be Long or Byte, but got \(target.dtype.capitalized)")
    }
    let classes = x.sizes[x.dim - 1]
    if let weight, weight.dim != 1 || weight.sizes[0] != classes {
      throw TorchError.runtime(
        "weight tensor should be defined either for all \(classes) classes or no classes but got weight tensor of shape: \(weight.sizes.text)")
    }
    // One coefficient per element: −weight of the row's class at that class, else zero.
    let rows = x.dim == 1 ? 1 : x.sizes[0]
    let labels = try target.detached().denseCopy(.int64).elements(Int.self, count: rows)
    var coefficients: [Double] = []
    var total = 0.0
    for label in labels {
      if label == ignoring { coefficients.append(0); continue }
      if label < 0 || label >= classes { throw TorchError.index("Target \(label) is out of bounds.") }
      let w = weight?.scalar(at: label).doubleValue ?? 1
      coefficients.append(-w)
      total += w
    }
    let factor = reduction == "mean" ? 1 / total : 1
    let y = try nllValue(x, labels, coefficients, factor, reduction)
    let sizes = x.sizes
    Tensor.recordNode(node, inputs: [x], results: [y]) { _, gradients in
      guard let g = gradients[0] else { return [nil] }
      let slope = try Tensor.zeros(sizes, dtype: .float64)
      for (i, label) in labels.enumerated() where coefficients[i] != 0 {
        slope.elements(Double.self)[i * classes + label] = coefficients[i] * factor
      }
      let wide = reduction == "none" && sizes.count == 2 ? try g.unsqueeze(1) : g
      return [try wide.mul(slope.converted(to: g.dtype))]
    }
    return y
  }

  private static func nllValue(_ x: Tensor, _ labels: [Int], _ coefficients: [Double], _ factor: Double, _ reduction: String) throws -> Tensor {
    let classes = x.sizes[x.dim - 1]
    var losses: [Double] = []
    for (i, label) in labels.enumerated() {
      losses.append(coefficients[i] == 0 ? 0 : x.scalar(at: i * classes + label).doubleValue * coefficients[i])
    }
    if reduction == "none" {
      let all = try Tensor.vector(losses, dtype: x.dtype)
      return x.dim == 1 ? try all.reshape([]) : all
    }
    let sum = losses.reduce(0, +)
    return try .scalar(.double(reduction == "mean" ? sum * factor : sum), dtype: x.dtype)
  }

  /// `nllLoss` of `log_softmax` over the classes. Mirrors `F.cross_entropy`.
  /// - Throws: PyTorch's sentences as `nllLoss`, and for label smoothing outside [0, 1].
  public static func crossEntropy(
    _ x: Tensor, _ target: Tensor, weight: Tensor? = nil, ignoring: Int = -100, reduction: String = "mean", smoothing: Double = 0
  ) throws -> Tensor {
    try checkReduction(reduction)
    if smoothing < 0 || smoothing > 1 { throw TorchError.runtime("label_smoothing must be between 0.0 and 1.0. Got: \(smoothing)") }
    let classDim = x.dim == 1 ? 0 : 1
    let logs = try softmax(x, classDim, log: true)
    if target.sizes == x.sizes && target.dtype.isFloatingPoint {
      var probabilities = target
      let classes = Double(x.sizes[classDim])
      if smoothing > 0 { probabilities = try target.mul(.wrapped(.double(1 - smoothing))).add(.wrapped(.double(smoothing / classes))) }
      var terms = try logs.mul(probabilities)
      if let weight { terms = try terms.mul(weight.reshape([x.sizes[classDim]] + Array(repeating: 1, count: max(x.dim - 2, 0)))) }
      let losses = try terms.sum(dims: [classDim]).neg()
      if reduction == "mean" { return try losses.sum().div(.wrapped(.double(Double(max(losses.count, 1))))) }
      return try reduce(losses, reduction)
    }
    let hard = try nllLoss(logs, target, weight: weight, ignoring: ignoring, reduction: reduction)
    if smoothing == 0 { return hard }
    // The smoothed part spreads evenly over all classes of rows that count.
    let classes = x.sizes[classDim]
    var soft = try (weight.map { try logs.mul($0.reshape([classes] + Array(repeating: 1, count: max(x.dim - 2, 0)))) } ?? logs).sum(dims: [classDim]).neg()
    let counted = try target.ne(.wrapped(.integer(ignoring)))
    soft = try soft.mul(counted.reshape(Array(soft.sizes)))
    switch reduction {
    case "mean":
      var total = 0.0
      for i in 0..<target.count {
        let label = target.scalar(at: i).integerValue
        if label != ignoring { total += weight?.scalar(at: label).doubleValue ?? 1 }
      }
      soft = try soft.sum().div(.wrapped(.double(total)))
    case "sum": soft = try soft.sum()
    default: break
    }
    return try hard.mul(.wrapped(.double(1 - smoothing))).add(soft.mul(.wrapped(.double(smoothing / Double(classes)))))
  }
}

extension Tensor {
  /// The sum over dimensions that broadcasting added.
  fileprivate func reduced(to target: Dims) throws -> Tensor {
    if sizes == target { return self }
    let lead = dim - target.count
    let stretched = (0..<target.count).filter { target[$0] == 1 && sizes[lead + $0] != 1 }.map { lead + $0 }
    let dims = Array(0..<lead) + stretched
    return try (dims.isEmpty ? self : sum(dims: dims, keepdim: true)).reshape(Array(target))
  }

  /// The first elements as an array.
  fileprivate func elements(_ type: Int.Type, count: Int) -> [Int] { Array(UnsafeBufferPointer(start: elements(Int.self), count: Swift.min(count, self.count))) }
}
