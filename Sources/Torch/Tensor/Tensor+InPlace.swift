import Interface
import Kernels
import TensorCore

extension Tensor {
  /// Replaces this tensor's elements by `result`, which an operation made of them, and takes over its history.
  /// - Throws: PyTorch's sentences for leaves that require gradients, other shapes and types that cannot be cast.
  @discardableResult
  public func become(_ result: Tensor) throws -> Tensor {
    try refuseInPlaceOnLeaf()
    if result.sizes != sizes {
      throw TorchError.runtime("output with shape \(sizes.text) doesn't match the broadcast shape \(result.sizes.text)")
    }
    let narrows = (result.dtype.isFloatingPoint && !dtype.isFloatingPoint) || (result.dtype != .bool && dtype == .bool)
    if narrows {
      throw TorchError.runtime(
        "result type \(result.dtype.capitalized) can't be cast to the desired output type \(dtype.capitalized)")
    }
    Cast.copy(result.operand, to: operand, sizes: sizes)
    storage.version += 1
    if GradMode.isEnabled && (result.requiresGrad || requiresGrad) {
      rebase(onto: result.dtype == dtype ? result : try result.to(dtype))
    }
    return self
  }

  /// - Throws: PyTorch's sentence where a leaf that requires gradients (or a view of one) would change in place.
  func refuseInPlaceOnLeaf() throws {
    guard GradMode.isEnabled, let record = autograd else { return }
    if record.requiresGrad && record.node == nil {
      throw TorchError.runtime("a leaf Variable that requires grad is being used in an in-place operation.")
    }
    if let base = record.base, base.requiresGrad, base.isLeaf {
      throw TorchError.runtime("a view of a leaf Variable that requires grad is being used in an in-place operation.")
    }
  }

  /// Lets gradients flow as if this tensor had always been `result`; through a view its base learns of it as well.
  private func rebase(onto result: Tensor) {
    let base = autograd?.base
    let record = recordForWriting()
    record.requiresGrad = result.requiresGrad
    record.node = result.autograd?.node
    record.outputIndex = result.autograd?.outputIndex ?? 0
    if result.requiresGrad && record.node == nil, let edge = result.gradientEdge {
      record.node = edge.node
      record.outputIndex = edge.index
    }
    guard let base else { return }
    let (sizes, strides, offset) = (self.sizes, self.strides, storageOffset - base.storageOffset)
    let before = base.alias(base.sizes, base.strides, base.storageOffset)
    before.autograd = base.autograd.map { old in
      let copy = AutogradRecord()
      copy.requiresGrad = old.requiresGrad
      copy.node = old.node
      copy.outputIndex = old.outputIndex
      copy.accumulator = old.accumulator
      return copy
    }
    let node = Node("CopySlices", inputs: [before, result]) { node, gradients in
      guard let g = gradients[0] else { return [nil, nil] }
      // The base's gradient is laid out as the base is, so the view's place in it is the view's place in the base.
      let whole = try g.clone().contiguousLike(before)
      let window = whole.alias(sizes, strides, whole.storageOffset + offset)
      let part = try window.denseCopy()
      window.fillElements(.integer(0))
      return [node.needs(0) ? whole : nil, node.needs(1) ? part : nil]
    }
    base.attach(node, 0)
    record.node = nil
    let view = Node("AsStridedBackward0", inputs: [base]) { _, gradients in
      guard let g = gradients[0] else { return [nil] }
      let whole = try Tensor.zeros(base.sizes, dtype: g.dtype).contiguousLike(before)
      let window = whole.alias(sizes, strides, whole.storageOffset + offset)
      Cast.copy(g.operand, to: window.operand, sizes: sizes)
      return [whole]
    }
    attach(view, 0)
  }

  /// A copy with the strides of `other`, which has the same sizes and is dense in some order.
  private func contiguousLike(_ other: Tensor) throws -> Tensor {
    if strides == other.strides { return self }
    var extent = 1
    for d in 0..<dim where sizes[d] > 0 { extent += (sizes[d] - 1) * other.strides[d] }
    let result = Tensor(storage: try Storage(byteCount: extent * dtype.itemSize), sizes: sizes, strides: other.strides, dtype: dtype)
    Cast.copy(operand, to: result.operand, sizes: sizes)
    return result
  }

  /// Adds in place without asking autograd. For optimizers and accumulated gradients.
  func addInPlace(_ other: Tensor) throws -> Tensor {
    try GradMode.with(false) { try become(add(other)) }
  }

  /// Copies elements of another tensor, broadcast to this one's sizes. Mirrors `Tensor.copy_`.
  @discardableResult
  public func copyElements(from source: Tensor) throws -> Tensor {
    try refuseInPlaceOnLeaf()
    let wide = try Shape.broadcast(sizes, source.sizes)
    if wide != sizes {
      throw TorchError.runtime("output with shape \(sizes.text) doesn't match the broadcast shape \(wide.text)")
    }
    // A source that shares bytes is read whole before anything is written.
    let source = source.storage === storage ? try source.cloneKeepingHistory() : source
    Cast.copy(source.operand(broadcastTo: sizes), to: operand, sizes: sizes)
    storage.version += 1
    if GradMode.isEnabled && (source.requiresGrad || requiresGrad) {
      let (from, dtype) = (source.sizes, source.dtype)
      let result = alias(sizes, strides, storageOffset)
      if Tensor.records(self, source) {
        result.record("CopyBackwards", [self, source]) { node, g in
          [node.needs(0) ? try .zeros(g.sizes, dtype: g.dtype) : nil, node.needs(1) ? try g.summed(to: from).to(dtype) : nil]
        }
      }
      rebase(onto: result)
    }
    return self
  }

  private func cloneKeepingHistory() throws -> Tensor {
    let copy = try denseCopy()
    copy.autograd = autograd
    return copy
  }

  /// Writes one number to every element. Mirrors `Tensor.fill_`.
  @discardableResult
  public func fill(_ value: Scalar) throws -> Tensor {
    try refuseInPlaceOnLeaf()
    fillElements(value)
    storage.version += 1
    if GradMode.isEnabled && requiresGrad {
      let result = alias(sizes, strides, storageOffset)
      result.record("FillBackward0", [self]) { _, g in [try .zeros(g.sizes, dtype: g.dtype)] }
      rebase(onto: result)
    }
    return self
  }
}
