import Interface
import TensorCore

/// A value kept for the backward pass; notices when it was changed in place since.
public struct SavedTensor {
  private let tensor: Tensor
  private let version: Int
  private let isResult: Bool

  /// Saves an input of an operation.
  @inline(__always)
  public init(_ tensor: Tensor) {
    self.tensor = tensor
    version = tensor.storage.version
    isResult = false
  }

  /// Saves a result of an operation. The copy kept does not hold the node, or neither would ever be freed.
  public init(result: Tensor) {
    tensor = result.alias(result.sizes, result.strides, result.storageOffset)
    version = result.storage.version
    isResult = true
  }

  /// The value.
  /// - Throws: PyTorch's sentence when it was modified in place.
  public func unpack(_ node: Node? = nil, _ index: Int = 0) throws -> Tensor {
    if tensor.storage.version != version {
      throw TorchError.runtime(
        "one of the variables needed for gradient computation has been modified by an inplace operation: [\(tensor.dtype.tensorTypeName) \(tensor.sizes.text)] is at version \(tensor.storage.version); expected version \(version) instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True).")
    }
    if isResult, let node, GradMode.isEnabled {
      let result = tensor.alias(tensor.sizes, tensor.strides, tensor.storageOffset)
      result.attach(node, index)
      return result
    }
    return tensor
  }
}
