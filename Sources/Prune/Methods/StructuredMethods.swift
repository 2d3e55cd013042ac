import Interface
import NN
import TensorCore
import Torch

/// A method that prunes whole channels: what has one index of dimension `dim`.
open class ChannelPruning: PruningMethod {
  open override var pruningType: String? { "structured" }

  /// Which channels stay: their numbers, or a mask of them.
  func channelsToKeep(_ t: Tensor, _ dim: Int, of size: Int, pruning count: Int) throws -> Tensor { throw TorchError.notImplemented("") }

  open override func computeMask(_ t: Tensor, _ defaultMask: Tensor) throws -> Tensor {
    if t.dim <= 1 {
      throw TorchError.value(
        "Structured pruning can only be applied to multidimensional tensors. Found tensor of shape \(t.sizeText) with \(t.dim) dims")
    }
    let dim = try dimension()
    if dim >= t.dim { throw TorchError.index("Invalid index \(dim) for tensor of size \(t.sizeText)") }
    if dim < -t.dim { throw TorchError.index("tuple index out of range") }
    let at = dim < 0 ? dim + t.dim : dim
    let size = t.sizes[at]
    let count = try unitsToPrune(of: size)
    let kept = try channelsToKeep(t, dim, of: size, pruning: count)
    if count == 0 { return defaultMask }
    let mask = try Tensor.zeros(t.sizes, dtype: t.dtype)
    try mask.assign(PruningContainer.places(t.dim, at: at, kept), .scalar(.integer(1), dtype: mask.dtype))
    return try mask.mul(defaultMask.to(mask.dtype))
  }
}

/// Prunes channels at random. Mirrors `torch.nn.utils.prune.RandomStructured`.
final class RandomStructured: ChannelPruning {
  override func channelsToKeep(_ t: Tensor, _ dim: Int, of size: Int, pruning count: Int) throws -> Tensor {
    if count == 0 { return try Tensor.zeros([0], dtype: .int64) }
    let chances = try Tensor.zeros([size]).uniform(0, 1, nil)
    let threshold = try chances.topk(count, -1, largest: false).0.narrow(0, count - 1, 1)
    return try chances.gt(threshold)
  }
}

/// Prunes the channels of least norm. Mirrors `torch.nn.utils.prune.LnStructured`.
final class LnStructured: ChannelPruning {
  override func channelsToKeep(_ t: Tensor, _ dim: Int, of size: Int, pruning count: Int) throws -> Tensor {
    try norm(t, dim).topk(size - count, -1, largest: true).1
  }

  /// The norm of each channel.
  private func norm(_ t: Tensor, _ dim: Int) throws -> Tensor {
    let others = (0..<t.dim).filter { $0 != (dim < 0 ? dim + t.dim : dim) }
    let isMatrix = others.count == 2
    let order = attributes["n"] ?? .none
    switch order {
    case .string("nuc"): return try t.matrixNorm(.name("nuc"), dims: isMatrix ? others : [-2, -1])
    case .string("fro"): return try t.vectorNorm(.integer(2), dims: others)
    case .integer(let n): return try t.vectorNorm(.integer(n), dims: others)
    case .number(let n): return try t.vectorNorm(.double(n), dims: others)
    case .boolean(let flag): return try t.vectorNorm(.boolean(flag), dims: others)
    default: throw TorchError.type("linalg_vector_norm(): argument 'ord' must be Number, not \(order.pythonTypeName)")
    }
  }
}
