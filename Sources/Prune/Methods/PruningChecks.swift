import Interface
import NN
import TensorCore
import Torch

extension Tensor {
  /// Checks that there are channels. Mirrors `_validate_structured_pruning`.
  /// - Throws: PyTorch's sentence for tensors of less than two dimensions.
  func checkHasChannels() throws {
    if dim > 1 { return }
    throw TorchError.value(
      "Structured pruning can only be applied to multidimensional tensors. Found tensor of shape \(sizeText) with \(dim) dims")
  }

  /// Checks that there is a dimension of this number. Mirrors `_validate_pruning_dim`, which lets negative ones pass.
  /// - Throws: PyTorch's `IndexError`.
  func checkHasDimension(_ d: Int) throws {
    if d >= dim { throw TorchError.index("Invalid index \(d) for tensor of size \(sizeText)") }
  }

  /// The n-norm of each index of a dimension. Mirrors `_compute_norm`.
  /// - Throws: PyTorch's sentences for norms that there are not.
  func channelNorm(_ order: Value, _ d: Int) throws -> Tensor {
    if d < -dim { throw TorchError.index("list index out of range") }
    let others = (0..<dim).filter { $0 != (d < 0 ? d + dim : d) }
    switch order {
    case .string("nuc"): return try matrixNorm(.name("nuc"), dims: others.count == 2 ? others : [-2, -1])
    case .string("fro"): return try vectorNorm(.integer(2), dims: others)
    case .integer(let n): return try vectorNorm(.integer(n), dims: others)
    case .number(let n): return try vectorNorm(.double(n), dims: others)
    case .boolean(let flag): return try vectorNorm(.boolean(flag), dims: others)
    default: throw TorchError.type("linalg_vector_norm(): argument 'ord' must be Number, not \(order.pythonTypeName)")
    }
  }
}

/// What checks arguments of pruning, under the names that PyTorch's own tests call.
public let pruningChecks = OperationFamily("torch.nn.utils.prune") { ops in
  let plain: Variants = [.function]
  ops.define("_validate_pruning_amount_init(Scalar amount) -> ()", doc: "Refuses amounts that no tensor can have. Mirrors torch.nn.utils.prune._validate_pruning_amount_init.", variants: plain) {
    (a: Value) -> Nothing in
    _ = try PruningAmount(a)
    return Nothing()
  }
  ops.define("_validate_pruning_amount(Scalar amount, int tensor_size) -> ()", doc: "Refuses counts above a size. Mirrors torch.nn.utils.prune._validate_pruning_amount.", variants: plain) {
    (a: Value, size: Int) -> Nothing in
    if case .integer(let count) = a, count > size { _ = try PruningAmount.count(count).units(of: size) }
    return Nothing()
  }
  ops.define("_validate_structured_pruning(Tensor t) -> ()", doc: "Refuses tensors without channels. Mirrors torch.nn.utils.prune._validate_structured_pruning.", variants: plain) {
    (t: Tensor) -> Nothing in
    try t.checkHasChannels()
    return Nothing()
  }
  ops.define("_validate_pruning_dim(Tensor t, int dim) -> ()", doc: "Refuses dimensions that a tensor has not. Mirrors torch.nn.utils.prune._validate_pruning_dim.", variants: plain) {
    (t: Tensor, d: Int) -> Nothing in
    try t.checkHasDimension(d)
    return Nothing()
  }
  ops.define("_compute_nparams_toprune(Scalar amount, int tensor_size) -> int", doc: "How many of a size an amount is. Mirrors torch.nn.utils.prune._compute_nparams_toprune.", variants: plain) {
    (a: Value, size: Int) -> Int in
    if case .integer(let count) = a { return count }
    return try PruningAmount(a).units(of: size)
  }
  ops.define("_compute_norm(Tensor t, Scalar n, int dim) -> Tensor", doc: "The n-norm of each index of a dimension. Mirrors torch.nn.utils.prune._compute_norm.", variants: plain) {
    (t: Tensor, n: Value, d: Int) in try t.channelNorm(n, d)
  }
}
