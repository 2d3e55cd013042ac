import Interface
import TensorCore
import Torch

extension Tensor {
  /// log(1 + x), exact near zero.
  func log1p() throws -> Tensor {
    let y = try GradMode.with(false) {
      if dtype == .float16 || dtype == .bfloat16 { return try wide.log1p().to(dtype) }
      // Where 1 + x is rounded, the logarithm is off by as much as the difference to x.
      let u = try self + 1
      let off = try u - 1
      let near = try u.log() * (self / off)
      let exact = try Tensor.choose(off.eq(.wrapped(.integer(0))), self, near)
      return try Tensor.choose(eq(.wrapped(.double(.infinity))), self, exact)
    }
    let x = SavedTensor(self)
    Tensor.recordNode("Log1PBackward0", inputs: [self], results: [y]) { _, gradients in
      guard let g = gradients[0] else { return [nil] }
      return [try g / (x.unpack() + 1)]
    }
    return y
  }

  /// The logarithm of the logistic function.
  func logSigmoid() throws -> Tensor {
    let y = try GradMode.with(false) {
      let x = try wide
      return try (x.clamp(nil, .integer(0)) - x.abs().neg().exp().log1p()).to(dtype)
    }
    let x = SavedTensor(self)
    Tensor.recordNode("LogSigmoidBackward0", inputs: [self], results: [y]) { _, gradients in
      guard let g = gradients[0] else { return [nil] }
      return [try g * x.unpack().neg().sigmoid()]
    }
    return y
  }
}
