import Interface
import Kernels
import TensorCore

extension Tensor {
  /// Lets it be a dense tensor of other sizes over its own storage, which grows where it must. Elements that find a place stay.
  /// Mirrors `Tensor.resize_`.
  /// - Throws: PyTorch's sentences for tensors that require gradients, for negative sizes and for storage that cannot grow.
  @discardableResult
  public func resize(_ shape: Dims) throws -> Tensor {
    if requiresGrad && GradMode.isEnabled { throw TorchError.runtime("cannot resize variables that require grad") }
    if shape == sizes { return self }
    for size in shape where size < 0 { throw TorchError.runtime("Trying to create tensor with negative dimension \(size): \(shape.text)") }
    guard let count = shape.checkedProduct, count < Int.max / 16 else {
      throw TorchError.runtime("Storage size calculation overflowed with sizes=\(shape.text)")
    }
    if count > 0 {
      let needed = (storageOffset + count) * dtype.itemSize
      if needed > storage.byteCount { try storage.resize(byteCount: needed) }
    }
    sizes = shape
    strides = Shape.contiguousStrides(shape)
    return self
  }

  /// Whether two indices name the same element, as after `expand`.
  var overlapsItself: Bool {
    for d in 0..<dim where sizes[d] > 1 && strides[d] == 0 { return true }
    return false
  }

  /// Takes the result of `function` as its elements, resized where its sizes differ. Mirrors the keyword `out`.
  /// - Throws: PyTorch's sentences where gradients are wanted, where the dtype cannot hold the result, and where elements overlap.
  public func receive(_ result: Tensor, from function: String) throws {
    if GradMode.isEnabled && (requiresGrad || result.requiresGrad) {
      throw TorchError.runtime(
        "\(function)(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.")
    }
    try OutRules.check(function, result.dtype, into: dtype)
    if !result.dtype.canCast(to: dtype) {
      throw TorchError.runtime("result type \(result.dtype.capitalized) can't be cast to the desired output type \(dtype.capitalized)")
    }
    // A result that is a view of this very storage is read before it is written over.
    let source = result.storage === storage ? try result.denseCopy() : result
    if result.sizes != sizes {
      if count > 0 {
        UserWarning.tell(
          "An output with one or more elements was resized since it had shape \(sizes.text), which does not match the required output shape \(result.sizes.text). This behavior is deprecated, and in a future PyTorch release outputs will not be resized unless they have zero elements. You can explicitly reuse an out tensor t by resizing it, inplace, to zero elements with t.resize_(0).")
      }
      try GradMode.with(false) { _ = try resize(result.sizes) }
    } else if overlapsItself && OutRules.looksForOverlap(function) {
      throw TorchError.runtime(
        "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.")
    }
    Cast.copy(source.operand, to: operand, sizes: sizes)
    withExtendedLifetime(source) {}
    bumpVersion()
  }
}

extension DType {
  /// Whether results of this type may be stored as the other. Mirrors `torch.can_cast`.
  public func canCast(to other: DType) -> Bool {
    if isComplex && !other.isComplex || isInexact && !other.isInexact { return false }
    return self == .bool || other != .bool
  }
}
