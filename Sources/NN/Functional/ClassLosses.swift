import CKernels
import Interface
import Kernels
import TensorCore
import Torch

/// What `nll_loss` does: −weight of the target class times the value there, for each place, and their mean or sum.
///
/// It is linear in the values, so its gradient is the transposed map, whose gradient is the map itself.
private struct ClassPick {
  /// The values' sizes: [C], [N, C] or [N, C, d1, …], and places after the class.
  let sizes: Dims
  let classes: Int, rest: Int
  /// Sizes of one loss per place.
  let places: Dims
  let labels: Tensor
  /// −weight of each place, over the total where the mean is wanted; zero where the target is ignored.
  let coefficients: [Double]
  let reduction: LossReduction
  let node: String

  init(_ x: Tensor, _ target: Tensor, weight: Tensor?, ignoring: Int, reduction: LossReduction) throws {
    let classDim = x.dim == 1 ? 0 : 1
    sizes = x.sizes
    classes = x.sizes[classDim]
    rest = x.dim > 2 ? x.sizes.dropFirst(2).reduce(1, *) : 1
    places = x.dim == 1 ? Dims() : Dims([x.sizes[0]] + Array(x.sizes.dropFirst(2)))
    labels = try target.detached().dense(.int64)
    self.reduction = reduction
    // Positions that are no picture are laid out as one, and each one's loss is a view of that one's.
    let isView = reduction == .none && x.dim > 2 && x.dim != 4
    node = isView ? "ViewBackward0" : x.dim > 2 ? "NllLoss2DBackward0" : "NllLossBackward0"
    let weights = try weight.map { try $0.detached().dense(.float64) }
    var coefficients = [Double](repeating: 0, count: labels.count)
    var total = 0.0
    let p = labels.elements(Int.self)
    for i in 0..<labels.count where p[i] != ignoring {
      if p[i] < 0 || p[i] >= classes { throw TorchError.index("Target \(p[i]) is out of bounds.") }
      let w = weights?.elements(Double.self)[p[i]] ?? 1
      coefficients[i] = -w
      total += w
    }
    if reduction == .mean { for i in coefficients.indices where p[i] != ignoring { coefficients[i] /= total } }
    self.coefficients = coefficients
    // Nothing to take the mean of gives NaN.
    isVoid = reduction == .mean && (total == 0 || labels.count == 0)
  }

  let isVoid: Bool
  private func flat(_ place: Int, _ label: Int) -> Int { (place / rest * classes + label) * rest + place % rest }

  /// The losses of values `x`.
  func values(_ x: Tensor) throws -> Tensor {
    let wide: DType = x.dtype == .float64 ? .float64 : .float32
    let source = try x.dense(wide)
    var losses: [Double] = []
    losses.reserveCapacity(coefficients.count)
    func pick<T: BinaryFloatingPoint>(_ type: T.Type) {
      let (p, l) = (source.elements(T.self), labels.elements(Int.self))
      for (i, c) in coefficients.enumerated() { losses.append(c == 0 ? 0 : Double(p[flat(i, l[i])]) * c) }
    }
    if wide == .float64 { pick(Double.self) } else { pick(Float.self) }
    let y: Tensor
    if reduction == .none {
      y = try Tensor.vector(losses, dtype: x.dtype).reshape(Array(places))
    } else {
      y = try .scalar(.double(isVoid ? .nan : losses.reduce(0, +)), dtype: x.dtype)
    }
    Tensor.recordNode(node, inputs: [x], results: [y]) { _, gradients in try [gradients[0].map(slopes)] }
    return y
  }

  /// The gradient of the values from that of the losses.
  func slopes(_ g: Tensor) throws -> Tensor {
    let wide: DType = g.dtype == .float64 ? .float64 : .float32
    let result = try Tensor.zeros(sizes, dtype: wide)
    let source = try g.dense(wide)
    func put<T: BinaryFloatingPoint>(_ type: T.Type) {
      let (p, l, o) = (source.elements(T.self), labels.elements(Int.self), result.elements(T.self))
      for (i, c) in coefficients.enumerated() where c != 0 { o[flat(i, l[i])] = T(Double(p[reduction == .none ? i : 0]) * c) }
    }
    if wide == .float64 { put(Double.self) } else { put(Float.self) }
    let y = try result.converted(to: g.dtype)
    Tensor.recordNode("NllLossBackwardBackward0", inputs: [g], results: [y]) { _, gradients in try [gradients[0].map(values)] }
    return y
  }
}

extension Functional {
  /// The negative of each row's value at its target class, weighted; classes equal to `ignoring` count nothing. Mirrors `F.nll_loss`.
  ///
  /// `x` is [C], [N, C] or [N, C, d1, …]; `target` is [], [N] or [N, d1, …].
  /// - Throws: PyTorch's sentences for batch sizes that differ, targets out of bounds and types.
  public static func nllLoss(
    _ x: Tensor, _ target: Tensor, weight: Tensor? = nil, ignoring: Int = -100, reduction: String = "mean"
  ) throws -> Tensor {
    try classPick(x, target, weight, ignoring, LossReduction(reduction)).values(x)
  }

  /// Checks what `nll_loss` is given.
  private static func classPick(_ x: Tensor, _ target: Tensor, _ weight: Tensor?, _ ignoring: Int, _ reduction: LossReduction) throws -> ClassPick {
    if x.dim == 0 { throw TorchError.value("Expected 1 or more dimensions (got 0)") }
    if x.dim != 1 {
      let batch = target.dim == 0 ? 0 : target.sizes[0]
      if x.sizes[0] != batch { throw TorchError.value("Expected input batch_size (\(x.sizes[0])) to match target batch_size (\(batch)).") }
    }
    if x.dim <= 2 {
      if target.dim > 1 { throw TorchError.runtime("0D or 1D target tensor expected, multi-target not supported") }
      if x.dim == 1 && target.count != 1 { throw TorchError.value("For 1D input, 1D target must have size 1, but got target size: \(target.count)") }
    } else {
      let expected = Dims([x.sizes[0]] + Array(x.sizes.dropFirst(2)))
      if x.dim == 4 && target.dim != 3 {
        throw TorchError.runtime("only batches of spatial targets supported (3D tensors) but got targets of dimension: \(target.dim)")
      }
      if x.dim == 4 && target.sizes != expected { throw TorchError.runtime("size mismatch (got input: \(x.sizes.text) , target: \(target.sizes.text)") }
      if target.sizes != expected { throw TorchError.runtime("Expected target size \(expected.text), got \(target.sizes.text)") }
    }
    if !x.dtype.isFloatingPoint {
      throw TorchError.notImplemented(x.dim > 2 ? "nll_loss2d_forward_out_frame" : "nll_loss_out_frame", for: x.dtype)
    }
    if target.dtype != .int64 && target.dtype != .uint8 {
      throw TorchError.runtime("expected target dtype to be Long or Byte, but got \(target.dtype.capitalized)")
    }
    let classes = x.sizes[x.dim == 1 ? 0 : 1]
    if let weight, weight.dim != 1 || weight.sizes[0] != classes {
      throw TorchError.runtime(
        "weight tensor should be defined either for all "
          + (x.dim > 2 ? "or no classes" : "\(classes) classes or no classes but got weight tensor of shape: \(weight.sizes.text)"))
    }
    return try ClassPick(x, target, weight: weight, ignoring: ignoring, reduction: reduction)
  }

  /// `nllLoss` of `log_softmax` over the classes. Mirrors `F.cross_entropy`.
  /// - Throws: PyTorch's sentences as `nllLoss`, and for label smoothing outside [0, 1].
  public static func crossEntropy(
    _ x: Tensor, _ target: Tensor, weight: Tensor? = nil, ignoring: Int = -100, reduction: String = "mean", smoothing: Double = 0
  ) throws -> Tensor {
    let reduction = try LossReduction(reduction)
    let classDim = x.dim == 1 ? 0 : 1
    let soft = target.sizes == x.sizes
    if soft {
      if !target.dtype.isFloatingPoint {
        throw TorchError.runtime("Expected floating point type for target with class probabilities, got \(target.dtype.capitalized)")
      }
      if ignoring >= 0 { throw TorchError.runtime("ignore_index is not supported for floating point target") }
    }
    if smoothing > 1 { throw TorchError.runtime("label_smoothing must be between 0.0 and 1.0. Got: \(shortest(smoothing))") }
    if x.dim == 0 { throw TorchError.value("Expected 1 or more dimensions (got 0)") }
    if !soft && smoothing <= 0, let loss = try fusedCrossEntropy(x, target, weight, ignoring, reduction) { return loss }
    let classes = x.sizes[classDim]
    if soft, let weight, weight.dim != 1 || weight.count != classes {
      throw TorchError.runtime(
        "cross_entropy: weight tensor should be defined either for all \(classes) classes or no classes but got weight tensor of shape: \(weight.sizes.text)")
    }
    let logs = try softmax(x, classDim, log: true)
    func weighted(_ terms: Tensor) throws -> Tensor {
      guard let weight else { return terms }
      var shape = [Int](repeating: 1, count: x.dim)
      shape[classDim] = classes
      return try terms * weight.reshape(shape)
    }
    if soft {
      return try widened([logs, target] + (weight.map { [$0] } ?? [])) { inputs in
        let t = smoothing > 0 ? try inputs[1] * (1 - smoothing) + smoothing / Double(classes) : inputs[1]
        let terms = try weighted(inputs[0] * t)
        switch reduction {
        case .none: return try terms.sum(dims: [classDim]).neg()
        case .sum: return try terms.sum().neg()
        case .mean: return try terms.sum().neg() / (x.count == 0 ? 0 : Double(x.count / classes))
        }
      }
    }
    let pick = try classPick(logs, target, weight, ignoring, reduction)
    let hard = try pick.values(logs)
    if smoothing <= 0 { return hard }
    // The smoothed part spreads evenly over all classes of places that count.
    let ignored = try target.eq(.wrapped(.integer(ignoring)))
    let spread = try weighted(logs).sum(dims: [classDim]).neg()
    var smooth = try Tensor.where(ignored.reshape(Array(spread.sizes)), .wrapped(.double(0)), spread)
    switch reduction {
    case .none: break
    case .sum: smooth = try smooth.sum()
    case .mean:
      var total = 0.0
      let labels = pick.labels.elements(Int.self)
      let weights = try weight?.detached().dense(.float64)
      for i in 0..<target.count where labels[i] != ignoring { total += weights?.elements(Double.self)[labels[i]] ?? 1 }
      smooth = try smooth.sum() / total
    }
    return try hard * (1 - smoothing) + smooth * (smoothing / Double(classes))
  }

  /// The loss of dense float32 rows without their log-softmax ever being written down; nil where it does not apply.
  private static func fusedCrossEntropy(
    _ x: Tensor, _ target: Tensor, _ weight: Tensor?, _ ignoring: Int, _ reduction: LossReduction
  ) throws -> Tensor? {
    guard x.dtype == .float32, x.dim == 2, x.count > 0, target.dim == 1 else { return nil }
    let pick = try classPick(x, target, weight, ignoring, reduction)
    if pick.isVoid { return nil }
    let (rows, columns) = (x.sizes[0], x.sizes[1])
    let source = try x.detached().dense()
    let sums = try Tensor(uninitialized: [2, rows], dtype: .float32)
    let (top, shift) = (sums.elements(Float.self), sums.elements(Float.self) + rows)
    let (p, labels) = (source.elements(Float.self), pick.labels.elements(Int.self))
    Softmax.share(rows, columns) { qk_log_sum_exp_f32($1, columns, p + $0 * columns, top + $0, shift + $0) }
    var losses: [Double] = []
    for (i, c) in pick.coefficients.enumerated() {
      losses.append(c == 0 ? 0 : Double((p[i * columns + labels[i]] - top[i]) - shift[i]) * c)
    }
    let y = reduction == .none ? try Tensor.vector(losses, dtype: .float32) : try .scalar(.double(losses.reduce(0, +)), dtype: .float32)
    let saved = SavedTensor(x)
    Tensor.recordNode(pick.node, inputs: [x], results: [y]) { _, gradients in
      guard let g = gradients[0] else { return [nil] }
      let x = try saved.unpack()
      if GradMode.isEnabled && (x.requiresGrad || g.requiresGrad) {
        let slopes = try pick.slopes(g)
        return [try slopes - softmax(x, 1) * slopes.sum(dims: [1], keepdim: true)]
      }
      let (source, wide) = (try x.dense(), try g.dense())
      let result = try Tensor(uninitialized: x.sizes, dtype: .float32)
      let given = wide.elements(Float.self)
      let scales = pick.coefficients.enumerated().map { Float(-$1 * Double(given[reduction == .none ? $0 : 0])) }
      let (p, top, out) = (source.elements(Float.self), sums.elements(Float.self), result.elements(Float.self))
      let labels = pick.labels.elements(Int64.self)
      scales.withUnsafeBufferPointer { scales in
        guard let scale = scales.baseAddress else { return }
        Softmax.share(rows, columns) { first, count in
          let at = first * columns
          qk_cross_entropy_backward_f32(
            count, columns, p + at, top + first, top + rows + first, labels + first, scale + first, out + at)
        }
      }
      return [result]
    }
    return y
  }

  /// A number as C++ streams write it: six digits at most.
  static func shortest(_ x: Double) -> String {
    if x == x.rounded() && abs(x) < 1e6 { return "\(Int(x))" }
    var text = "\((x * 1e6).rounded() / 1e6)"
    if text.hasSuffix(".0") { text.removeLast(2) }
    return text
  }
}
