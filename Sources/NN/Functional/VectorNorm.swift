import Interface
import TensorCore
import Torch

extension Functional {
  /// The p-norm along a dimension, whose slope at zero is zero. Mirrors `torch.linalg.vector_norm`.
  static func vectorNorm(_ x: Tensor, _ p: Double, _ d: Int, keepdim: Bool) throws -> Tensor {
    func value() throws -> Tensor {
      let size = try x.abs()
      switch p {
      case .infinity: return try size.extremeValue([d], keepdim: true, greatest: true, name: "AmaxBackward0")
      case -.infinity: return try size.extremeValue([d], keepdim: true, greatest: false, name: "AminBackward0")
      case 0: return try x.ne(.wrapped(.integer(0))).to(x.dtype).sum(dims: [d], keepdim: true)
      case 1: return try size.sum(dims: [d], keepdim: true)
      case 2: return try (x * x).sum(dims: [d], keepdim: true).sqrt()
      default: return try size.pow(.wrapped(.double(p))).sum(dims: [d], keepdim: true).pow(.wrapped(.double(1 / p)))
      }
    }
    let y: Tensor
    if p == 0 || p == 1 || p.isInfinite {
      y = try value()
    } else {
      y = try GradMode.with(false) { try value() }
      let (input, result) = (SavedTensor(x), SavedTensor(result: y))
      Tensor.recordNode("LinalgVectorNormBackward0", inputs: [x], results: [y]) { node, gradients in
        guard let g = gradients[0] else { return [nil] }
        let (x, y) = (try input.unpack(), try result.unpack(node))
        let slope: Tensor
        if p == 2 {
          slope = try x * (g / y)
        } else {
          slope = try x.sign() * x.abs().pow(.wrapped(.double(p - 1))) * (g / y.pow(.wrapped(.double(p - 1))))
        }
        return [try .where(y.eq(.wrapped(.integer(0))), .wrapped(.double(0)), slope)]
      }
    }
    return keepdim ? y : try y.squeeze([d < 0 ? d + x.dim : d])
  }

  /// The p-norm of x1 − x2 + eps along the last dimension. Mirrors `F.pairwise_distance`.
  static func pairwiseDistance(_ a: Tensor, _ b: Tensor, p: Double = 2, eps: Double = 1e-6, keepdim: Bool = false) throws -> Tensor {
    try widened([a, b]) { x in
      let difference = try x[0] - x[1] + eps
      return try difference.dim == 0 ? vectorNorm(difference.reshape([1]), p, 0, keepdim: false) : vectorNorm(difference, p, difference.dim - 1, keepdim: keepdim)
    }
  }

  /// The cosine of the angle between vectors along a dimension. Mirrors `F.cosine_similarity`.
  /// - Throws: PyTorch's sentence for integers.
  static func cosineSimilarity(_ a: Tensor, _ b: Tensor, dim d: Int = 1, eps: Double = 1e-8) throws -> Tensor {
    let common = a.dtype.promoted(with: b.dtype)
    if !common.isFloatingPoint {
      throw TorchError.runtime("expected common dtype to be floating point, yet common dtype is \(common.capitalized)")
    }
    let sizes = Array(try Shape.broadcast(a.sizes, b.sizes))
    return try widened([a.to(common), b.to(common)]) { x in
      let (a, b) = (try x[0].expand(sizes), try x[1].expand(sizes))
      // The bound holds for values alone: slopes are those of the norm itself.
      func bounded(_ x: Tensor) throws -> Tensor {
        let norm = try vectorNorm(x, 2, d, keepdim: true)
        return try norm + GradMode.with(false) { try norm.clamp(.double(eps), nil) - norm }
      }
      return try ((a / bounded(a)) * (b / bounded(b))).sum(dims: [d])
    }
  }
}
