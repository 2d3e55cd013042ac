import Interface
import TensorCore
import Torch

extension Functional {
  /// Zeroes elements with probability `p` and scales the others by 1 / (1 − p), while training. Mirrors `F.dropout`.
  /// - Throws: PyTorch's `ValueError` for p outside [0, 1].
  public static func dropout(_ x: Tensor, _ p: Double, training: Bool, inPlace: Bool = false) throws -> Tensor {
    if p < 0 || p > 1 || p.isNaN {
      throw TorchError.value("dropout probability has to be between 0 and 1, but got \(p)")
    }
    if p == 0 || !training || x.count == 0 { return x }
    let noise = try Tensor(uninitialized: x.sizes, dtype: x.dtype)
    if p == 1 {
      try noise.fill(.integer(0))
    } else {
      try noise.bernoulli(1 - p, nil)
      try noise.become(noise.div(.wrapped(.double(1 - p))))
    }
    let y = try x.mul(noise)
    return inPlace ? try x.become(y) : y
  }
}
