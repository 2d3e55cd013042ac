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
    try t.checkHasChannels()
    let dim = try dimension()
    try t.checkHasDimension(dim)
    if dim < -t.dim { throw TorchError.index("tuple index out of range") }
    let at = dim < 0 ? dim + t.dim : dim
    let size = t.sizes[at]
    let count = try unitsToPrune(of: size)
    let kept = try channelsToKeep(t, dim, of: size, pruning: count)
    if count == 0 { return defaultMask }
    var line = Array(repeating: 1, count: t.dim)
    line[at] = size
    let mask = try Tensor.zeros([size], dtype: t.dtype)
    try mask.assign([.tensor(kept)], .scalar(.integer(1), dtype: mask.dtype))
    return try mask.view(line).mul(defaultMask.to(mask.dtype))
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
    try t.channelNorm(attributes["n"] ?? .none, dim).topk(size - count, -1, largest: true).1
  }
}
