import Interface
import TensorCore

/// What some functions demand of the tensors that take their results beyond what all do.
public enum OutRules {
  /// Functions whose results must lie apart from their arguments.
  private static let apart: Set<String> = ["gather", "take", "index_select", "masked_select", "index_add", "index_copy", "topk", "kthvalue", "median", "nanmedian", "mode"]
  /// Functions whose results have one dtype and no other.
  private static let exact: Set<String> = [
    "gather", "scatter", "scatter_add", "scatter_reduce", "take_along_dim", "max", "min", "aminmax", "argmax", "argmin", "sort", "diag", "renorm",
  ]

  /// - Throws: PyTorch's sentences for targets that share memory where they must not.
  public static func check(_ function: String, inputs: [Tensor], targets: [Tensor]) throws {
    if apart.contains(function) {
      for target in targets {
        if target.overlapsItself {
          throw TorchError.runtime(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.")
        }
        if inputs.contains(where: { $0.meets(target) }) {
          throw TorchError.runtime(
            "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.")
        }
      }
    }
    if function == "aminmax", targets.count == 2, targets[0].meets(targets[1]) {
      throw TorchError.value("aminmax(): the `min` and `max` out= tensors must not overlap.")
    }
  }

  /// - Throws: PyTorch's sentence where the target's dtype is not the result's and has to be.
  static func check(_ function: String, _ result: DType, into target: DType) throws {
    if result == target { return }
    switch function {
    case "amax", "amin":
      throw TorchError.runtime("Expected the dtype for input and out to match, but got \(result.capitalized) for input's dtype and \(target.capitalized) for out's dtype.")
    case "take":
      throw TorchError.runtime("take(): self and out expected to have the same dtype, but got self.dtype = \(result.capitalized) and out.dtype = \(target.capitalized)")
    case "index_select", "masked_select": throw TorchError.runtime("\(function)(): self and result must have the same scalar type")
    case "kthvalue", "median", "nanmedian", "mode": throw TorchError.runtime("output values must be of same type as input")
    case _ where exact.contains(function):
      throw TorchError.runtime("Expected out tensor to have dtype \(result.longName), but got \(target.longName) instead")
    default: break
    }
  }
}

extension DType {
  /// The C++ type's full name.
  fileprivate var longName: String { self == .int64 ? "long int" : self == .int16 ? "short int" : scalarTypeName }
}

extension Tensor {
  /// Whether the bytes from the first to the last element meet those of another tensor.
  fileprivate func meets(_ other: Tensor) -> Bool {
    if storage !== other.storage || count == 0 || other.count == 0 { return false }
    func range(_ t: Tensor) -> Range<Int> {
      let first = t.storageOffset * t.dtype.itemSize
      let extent = (0..<t.dim).reduce(1) { $0 + (t.sizes[$1] - 1) * t.strides[$1] }
      return first..<(first + extent * t.dtype.itemSize)
    }
    return range(self).overlaps(range(other))
  }
}
