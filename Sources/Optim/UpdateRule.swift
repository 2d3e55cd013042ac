import Interface
import Kernels
import TensorCore
import Torch

/// How an optimizer changes a parameter: one loop over the elements of the parameter, its gradient and its state.
protocol UpdateRule {
  /// Updates `count` elements. The pointers come in the order of the tensors that `apply` was given.
  func update<T: BinaryFloatingPoint>(_ tensors: [UnsafeMutablePointer<T>], _ count: Int)
}

extension UpdateRule {
  /// Applies the rule to a parameter, its gradient and its state, in this order; the gradient stays as it is.
  ///
  /// Dense float32 and float64 are updated where they lie. Others are brought into that form and back: half-precision is
  /// computed in float32.
  func apply(_ parameter: Tensor, _ gradient: Tensor, _ state: Tensor...) throws {
    let tensors = [parameter, gradient] + state
    for tensor in tensors where tensor.sizes != parameter.sizes {
      throw TorchError.runtime(
        "The size of tensor a (\(parameter.sizes.text)) must match the size of tensor b (\(tensor.sizes.text)) of an optimizer's state")
    }
    let type: DType = parameter.dtype == .float64 ? .float64 : .float32
    let dense = try tensors.map { try $0.dense(type) }
    if type == .float64 {
      update(dense.map { $0.elements(Double.self) }, parameter.count)
    } else {
      update(dense.map { $0.elements(Float.self) }, parameter.count)
    }
    for (i, tensor) in tensors.enumerated() where i != 1 {
      if dense[i] !== tensor { Cast.copy(dense[i].operand, to: tensor.operand, sizes: tensor.sizes) }
      tensor.bumpVersion()
    }
    withExtendedLifetime(dense) {}
  }
}

extension BinaryFloatingPoint {
  /// The number on the way from `a` to `b`, as `torch.lerp` computes it.
  @inline(__always)
  static func lerp(_ a: Self, _ b: Self, _ weight: Self) -> Self {
    weight < 0.5 ? a + weight * (b - a) : b - (b - a) * (1 - weight)
  }
}
