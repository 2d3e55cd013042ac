import Interface
import TensorCore

/// What some functions demand of the tensors that take their results beyond what all do.
public enum OutRules {
  /// Functions whose results must lie apart from their arguments.
  private static let apart: Set<String> = [
    "cat", "gather", "index_select", "kron", "kthvalue", "masked_select", "max", "min", "mode", "stack", "take", "take_along_dim", "topk",
  ]
  /// Functions that read all of their arguments before they write, so that what is written may meet what is read.
  private static let careful: Set<String> = Set([
    "diag", "inverse", "logsumexp", "matmul", "mean", "median", "mm", "nanmedian", "quantile", "softmax",
  ]).union(blind)
  /// Functions that moreover do not look whether what is written to meets itself.
  private static let blind: Set<String> = [
    "all", "amax", "amin", "aminmax", "any", "argmax", "argmin", "bucketize", "cummax", "cummin", "eq", "ne", "lt", "le", "gt", "ge", "histc",
    "isposinf", "isneginf", "logical_not", "mv", "nansum", "nonzero", "norm", "prod", "searchsorted", "std", "sum", "tril", "triu", "var",
  ]

  /// Whether a function looks whether what is written to meets itself.
  static func looksForOverlap(_ function: String) -> Bool { !blind.contains(function) }

  /// Functions whose results have one dtype and no other.
  private static let exact: Set<String> = [
    "gather", "scatter", "scatter_add", "scatter_reduce", "take_along_dim", "max", "min", "aminmax", "argmax", "argmin", "sort", "diag", "renorm",
  ]

  /// - Throws: PyTorch's sentences for targets that share memory where they must not.
  public static func check(_ function: String, inputs: [Tensor], targets: [Tensor]) throws {
    for target in targets where !careful.contains(function) {
      let isApart = apart.contains(function)
      if isApart && target.overlapsItself {
        throw TorchError.runtime(
          "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.")
      }
      if inputs.contains(where: { isApart ? $0.meets(target) : $0.meetsInPart(target) }) {
        throw TorchError.runtime(
          "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.")
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
    case "multinomial": throw TorchError.runtime("multinomial expects Long tensor out, got: \(target.capitalized)")
    case "take":
      throw TorchError.runtime("take(): self and out expected to have the same dtype, but got self.dtype = \(result.capitalized) and out.dtype = \(target.capitalized)")
    case "index_select", "masked_select": throw TorchError.runtime("\(function)(): self and result must have the same scalar type")
    case "kthvalue", "median", "nanmedian", "mode": throw TorchError.runtime("output values must be of same type as input")
    case _ where exact.contains(function):
      throw TorchError.runtime("Expected out tensor to have dtype \(result.spelledNativeName), but got \(target.spelledNativeName) instead")
    default: break
    }
  }
}

extension Tensor {
  /// Whether two dense tensors share some bytes but do not lie in the same way. Mirrors `at::assert_no_partial_overlap`.
  fileprivate func meetsInPart(_ other: Tensor) -> Bool {
    if self === other || !meets(other) || !isDense || !other.isDense { return false }
    return storageOffset != other.storageOffset || strides != other.strides || count * dtype.itemSize != other.count * other.dtype.itemSize
  }

  /// Whether its elements fill the memory they lie in, in any order of dimensions.
  private var isDense: Bool {
    var expected = 1
    for d in (0..<dim).filter({ sizes[$0] != 1 }).sorted(by: { strides[$0] < strides[$1] }) {
      if strides[d] != expected { return false }
      expected *= sizes[d]
    }
    return true
  }

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
