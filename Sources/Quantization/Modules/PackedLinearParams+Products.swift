import CKernels
import Interface
import Kernels
import TensorCore
import Torch

extension PackedLinearParams {
  /// `x · wᵀ + bias` over the last dimension. Mirrors `torch.ops.quantized.linear_dynamic` (x86 engine) and `linear_dynamic_fp16`.
  /// - Parameters:
  ///   - x: float32 `[…, in]` of at least two dimensions.
  ///   - reduceRange: whether activations use 7 bits; for int8 only.
  /// - Returns: float32 `[…, out]`, without history.
  /// - Throws: PyTorch's sentences for dtypes, shapes and inputs that hold NaN.
  func product(_ x: Tensor, reduceRange: Bool, scratch: ScratchMemory) throws -> Tensor {
    if x.dtype != .float32 { throw TorchError.runtime("expected scalar type Float but found \(x.dtype.capitalized)") }
    let isInt8 = dtype == .qint8
    if x.dim < 2 {
      throw isInt8
        ? TorchError.runtime("The dimension of input tensor should be larger than or equal to 2") : unmet("input.dim() >= 2")
    }
    let k = x.sizes[x.dim - 1]
    if k != inFeatures {
      throw isInt8
        ? TorchError.runtime("The number of rows in the packB should be equal to K: \(k)")
        : unmet("input.size(input.dim() - 1) == packed_weight_fp16.numRows()")
    }
    var sizes = x.sizes
    sizes[x.dim - 1] = outFeatures
    let y = try Tensor(uninitialized: sizes, dtype: .float32)
    let x = try x.dense()
    defer { withExtendedLifetime(x) {} }
    let m = sizes.dropLast().reduce(1, *)
    if m == 0 { return y }
    let (from, to) = (x.elements(Float.self), y.elements(Float.self))
    if isInt8 {
      var weight = int8Weight
      try DynamicRange.check(
        qk_linear_dynamic_s8(
          m, from, k, &weight, biasPointer, reduceRange, false, to, outFeatures, UInt32(Threads.count), scratch.atLeast(qk_linear_dynamic_s8_scratch(m, k))))
    } else {
      qk_f32_gemm(m, outFeatures, k, from, k, floatWeight, biasPointer, to, outFeatures, false)
    }
    return y
  }

  private func unmet(_ condition: String) -> TorchError {
    .runtime(
      "Expected \(condition) to be true, but got false.  (Could this error message be improved?  If so, please report an enhancement request to PyTorch.)")
  }
}
