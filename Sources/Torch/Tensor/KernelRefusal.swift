import Interface
import TensorCore

extension TorchError {
  /// PyTorch's sentence where a kernel of its has no form for a type: `"kthvalue_cpu" not implemented for 'Bool'`.
  /// `kernel` is the name that PyTorch gives it.
  public static func notImplemented(_ kernel: String, for dtype: DType) -> TorchError {
    .notImplemented("\"\(kernel)\" not implemented for '\(dtype.capitalized)'")
  }
}
