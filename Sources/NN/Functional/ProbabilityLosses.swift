import Interface
import TensorCore
import Torch

extension Functional {
  /// The cross entropy of probabilities. Mirrors `F.binary_cross_entropy`.
  /// - Throws: PyTorch's sentences for sizes that differ and values outside [0, 1].
  static func binaryCrossEntropy(_ x: Tensor, _ target: Tensor, _ weight: Tensor?, _ reduction: LossReduction) throws -> Tensor {
    if target.sizes != x.sizes {
      throw TorchError.value(
        "Using a target size (torch.Size(\(target.sizes.text))) that is different to the input size (torch.Size(\(x.sizes.text))) is deprecated. Please ensure they have the same size.")
    }
    var weight = weight
    if let given = weight { weight = try given.expand(Array(Shape.broadcast(target.sizes, given.sizes))) }
    if !x.dtype.isFloatingPoint || x.dtype != target.dtype {
      throw x.dtype.isFloatingPoint
        ? TorchError.runtime("Found dtype \(target.dtype.capitalized) but expected \(x.dtype.capitalized)")
        : .notImplemented("binary_cross_entropy", for: x.dtype)
    }
    return try widened([x, target] + (weight.map { [$0] } ?? [])) { inputs in
      let losses = try binaryLosses(inputs[0], inputs[1])
      return try reduction(inputs.count > 2 ? losses * inputs[2] : losses)
    }
  }

  private static func binaryLosses(_ x: Tensor, _ t: Tensor) throws -> Tensor {
    let y = try GradMode.with(false) {
      let inside = try x.ge(.wrapped(.integer(0))).logicalAnd(x.le(.wrapped(.integer(1))))
      if try inside.all().item() != .boolean(true) { throw TorchError.runtime("all elements of input should be between 0 and 1") }
      // The logarithms are held, as log(0) would make 0 · -inf.
      return try (t - 1) * x.neg().log1p().atLeast(-100) - t * x.log().atLeast(-100)
    }
    let (a, b) = (SavedTensor(x), SavedTensor(t))
    Tensor.recordNode("BinaryCrossEntropyBackward0", inputs: [x, t], results: [y]) { node, gradients in
      guard let g = gradients[0] else { return [nil, nil] }
      let (x, t) = (try a.unpack(), try b.unpack())
      return [
        node.needs(0) ? try g * (x - t) / ((1 - x) * x).atLeast(1e-12) : nil,
        node.needs(1) ? try g * ((1 - x).log() - x.log()) : nil,
      ]
    }
    return y
  }

  /// The cross entropy of probabilities given as logits. Mirrors `F.binary_cross_entropy_with_logits`.
  /// - Throws: PyTorch's sentence for sizes that differ.
  static func binaryCrossEntropyWithLogits(
    _ x: Tensor, _ target: Tensor, _ weight: Tensor?, _ positiveWeight: Tensor?, _ reduction: LossReduction
  ) throws -> Tensor {
    if target.sizes != x.sizes {
      throw TorchError.value("Target size (torch.Size(\(target.sizes.text))) must be the same as input size (torch.Size(\(x.sizes.text)))")
    }
    // Without a kernel of its own: half precision is rounded after each step.
    var logs = try x.logSigmoid()
    if let positiveWeight { logs = try logs * ((positiveWeight - 1) * target + 1) }
    let losses = try (1 - target) * x - logs
    return try reduction(weight.map { try losses * $0 } ?? losses)
  }

  /// The binary cross entropies of all classes of a row, averaged. Mirrors `F.multilabel_soft_margin_loss`.
  static func multilabelSoftMargin(_ x: Tensor, _ target: Tensor, _ weight: Tensor?, _ reduction: LossReduction) throws -> Tensor {
    try widened([x, target] + (weight.map { [$0] } ?? [])) { inputs in
      let (x, t) = (inputs[0], inputs[1])
      var losses = try (t * x.logSigmoid() + (1 - t) * x.neg().logSigmoid()).neg()
      if inputs.count > 2 { losses = try losses * inputs[2] }
      if x.dim == 0 { throw TorchError.index("Dimension specified as -1 but tensor has no dimensions") }
      return try reduction(losses.sum(dims: [x.dim - 1]) / Double(x.sizes[x.dim - 1]))
    }
  }

  /// `cross_entropy` of `linear`. Mirrors `F.linear_cross_entropy`.
  /// - Throws: PyTorch's sentences for shapes that do not fit.
  static func linearCrossEntropy(
    _ x: Tensor, _ weights: Tensor, _ target: Tensor, bias: Tensor?, weight: Tensor?, reduction: String, ignoring: Int?, smoothing: Double
  ) throws -> Tensor {
    func tuple(_ sizes: [Int]) -> String { "(" + sizes.map(String.init).joined(separator: ", ") + (sizes.count == 1 ? ",)" : ")") }
    if x.dim < 1 || x.dim > 2 { throw TorchError.runtime("expected input with dimensionality 1 or 2, got \(x.dim)") }
    if weights.dim < 2 { throw TorchError.runtime("expected linear_weight with dimensionality at least 2, got \(weights.dim)") }
    let width = x.sizes[x.dim - 1]
    if width != weights.sizes[weights.dim - 1] {
      throw TorchError.runtime(
        "expected equal input and linear_weight last dimensions (in_features), got \(width) and \(weights.sizes[weights.dim - 1]), respectively")
    }
    let classes = Array(weights.sizes.dropLast())
    if let bias, Array(bias.sizes) != classes {
      throw TorchError.runtime("expected linear_bias shape \(tuple(classes)), got \(tuple(Array(bias.sizes)))")
    }
    if classes.count > 1 && x.dim == 1 {
      throw TorchError.runtime(
        "K-dimensional loss defined by linear_weight shape \(tuple(Array(weights.sizes))) requires batched input, (N, \(width)), got unbatched input with shape \(tuple(Array(x.sizes)))")
    }
    let shape = Array(x.sizes.dropLast()) + classes
    if Array(target.sizes) == shape && ignoring != nil {
      throw TorchError.runtime("ignore_index cannot be specified when target contains probabilities")
    }
    let count = classes.reduce(1, *)
    let logits = try x.linear(weights.reshape([count, width]), bias?.reshape([count])).reshape(shape)
    return try crossEntropy(logits, target, weight: weight, ignoring: ignoring ?? -100, reduction: reduction, smoothing: smoothing)
  }
}
