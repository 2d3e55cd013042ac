import Interface
import TensorCore

/// A value kept for the backward pass; notices when it was changed in place since.
public struct SavedTensor {
  private let tensor: Tensor?
  /// The form that hooks gave the tensor, in its stead.
  private let packed: PackedTensor?
  private let version: Int
  private let isResult: Bool
  /// Which result of which operation it is, where it is no leaf.
  private let origin: (index: Int, name: String)?

  /// How many were made since the last operation was recorded; tells whether an operation keeps values.
  nonisolated(unsafe) static var unclaimed = 0

  /// Saves an input of an operation.
  @inline(__always)
  public init(_ tensor: Tensor) {
    packed = SavedTensorHooks.active.isEmpty ? nil : PackedTensor.make(tensor, keepsEdge: true)
    self.tensor = packed == nil ? tensor : nil
    version = tensor.version
    isResult = false
    if let record = tensor.autograd, let node = record.node { origin = (record.outputIndex, node.name) } else { origin = nil }
    SavedTensor.unclaimed += 1
    if tensor.isInference && !InferenceMode.isEnabled { SavedTensor.refuseInference() }
  }

  /// Saves a result of an operation. The copy kept does not hold the node, or neither would ever be freed.
  public init(result: Tensor) {
    packed = SavedTensorHooks.active.isEmpty ? nil : PackedTensor.make(result, keepsEdge: false)
    tensor = packed == nil ? result.alias(result.sizes, result.strides, result.storageOffset) : nil
    version = result.version
    isResult = true
    origin = nil
    SavedTensor.unclaimed += 1
  }

  private static func refuseInference() {
    RecordingMistake.note(
      .runtime(
        "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`."))
  }

  /// The value.
  /// - Throws: PyTorch's sentence when it was modified in place.
  public func unpack(_ node: Node? = nil, _ index: Int = 0) throws -> Tensor {
    guard let tensor = try tensor ?? packed?.unpacked() else { throw Node.usedTwice }
    if packed == nil && tensor.version != version { throw modified(tensor, node, index) }
    if isResult, let node, GradMode.isEnabled {
      let result = tensor.alias(tensor.sizes, tensor.strides, tensor.storageOffset)
      result.attach(node, index)
      return result
    }
    return tensor
  }

  private func modified(_ tensor: Tensor, _ node: Node?, _ index: Int) -> TorchError {
    let made = isResult ? node.map { (index, $0.name) } : origin
    let source = made.map { ", which is output \($0.0) of \(Node.shortened($0.1)), is" } ?? " is"
    let hint =
      AnomalyMode.isEnabled
      ? " Hint: the backtrace further above shows the operation that failed to compute its gradient. The variable in question was changed in there or anywhere later. Good luck!"
      : " Hint: enable anomaly detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False)."
    return .runtime(
      "one of the variables needed for gradient computation has been modified by an inplace operation: [\(tensor.dtype.tensorTypeName) \(tensor.sizes.text)]\(source) at version \(tensor.version); expected version \(version) instead.\(hint)")
  }
}
