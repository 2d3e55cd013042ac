import Interface
import Kernels
import TensorCore

extension Tensor {
  /// Replaces this tensor's elements by `result`, which an operation made of them, and takes over its history.
  /// - Throws: PyTorch's sentences for leaves that require gradients, other shapes and types that cannot be cast.
  @discardableResult
  public func become(_ result: Tensor) throws -> Tensor {
    try refuseInPlace(with: result)
    if result.sizes != sizes {
      throw TorchError.runtime("output with shape \(sizes.text) doesn't match the broadcast shape \(result.sizes.text)")
    }
    let narrows = (result.dtype.isComplex && !dtype.isComplex) || (result.dtype.isInexact && !dtype.isInexact) || (result.dtype != .bool && dtype == .bool)
    if narrows {
      throw TorchError.runtime(
        "result type \(result.dtype.capitalized) can't be cast to the desired output type \(dtype.capitalized)")
    }
    Cast.copy(result.operand, to: operand, sizes: sizes)
    bumpVersion()
    if GradMode.isEnabled && (result.requiresGrad || requiresGrad) {
      rebase(onto: result.dtype == dtype ? result : try result.to(dtype))
    }
    return self
  }

  /// - Throws: PyTorch's sentence where a leaf that requires gradients (or a view of one) would change in place, or a view
  ///   that may not.
  func refuseInPlaceOnLeaf() throws { try refuseInPlace(with: nil) }

  /// As `refuseInPlaceOnLeaf`, where what is written may require gradients as well.
  func refuseInPlace(with source: Tensor?) throws {
    if isInference && !InferenceMode.isEnabled {
      throw TorchError.runtime(
        "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.")
    }
    guard GradMode.isEnabled, requiresGrad || source?.requiresGrad ?? false else { return }
    if let base {
      if let problem = forbidsChange(indirectly: false) { throw problem }
      if requiresGrad && base.isLeaf {
        throw TorchError.runtime("a view of a leaf Variable that requires grad is being used in an in-place operation.")
      }
    } else if requiresGrad && isLeaf {
      throw TorchError.runtime("a leaf Variable that requires grad is being used in an in-place operation.")
    }
  }

  /// What an operation in place is to read in this tensor's stead, where something may be kept of it for the backward pass.
  func original(beforeChange others: Bool) throws -> Tensor {
    guard GradMode.isEnabled, dtype.isInexact, others || requiresGrad, !isLeaf || !requiresGrad else { return self }
    let copy = try denseCopy()
    copy.isWrappedNumber = isWrappedNumber
    if requiresGrad, let node = gradFn, let record = autograd { copy.attach(node, record.outputIndex) }
    return copy
  }

  /// Lets gradients flow as if this tensor had always been `result`; through a view its base learns of it as well.
  func rebase(onto result: Tensor) {
    guard let base else { return follow(result) }
    let place = ViewPlace(of: self, in: base)
    let before = base.alias(base.sizes, base.strides, base.storageOffset)
    if let edge = base.gradientEdge { before.attach(edge.node, edge.index) }
    let node = Node("CopySlices", inputs: [before, result], keepsValues: false) { node, gradients in
      guard let g = gradients[0] else { return [nil, nil] }
      return [node.needs(0) ? try place.cleared(g) : nil, node.needs(1) ? try place.window(g) : nil]
    }
    base.follow(node, 0)
    connect(to: base)
    keepRetaining()
  }

  /// Takes over the history of `result`.
  private func follow(_ result: Tensor) {
    guard let edge = result.gradientEdge else {
      autograd?.node = nil
      autograd?.requiresGrad = false
      return
    }
    follow(edge.node, edge.index)
  }

  private func follow(_ node: Node, _ index: Int) {
    attach(node, index)
    keepRetaining()
  }

  private func keepRetaining() {
    if let record = autograd, record.retainsGrad, let node = record.node { keepGradient(of: node, record) }
  }

  /// Adds in place without asking autograd. For optimizers and accumulated gradients.
  func addInPlace(_ other: Tensor) throws -> Tensor {
    try GradMode.with(false) { try addedInPlace(other) ? self : become(add(other)) }
  }

  /// Copies elements of another tensor, broadcast to this one's sizes. Mirrors `Tensor.copy_`.
  @discardableResult
  public func copyElements(from source: Tensor) throws -> Tensor {
    try refuseInPlace(with: source)
    let wide = try Shape.broadcast(sizes, source.sizes)
    if wide != sizes {
      throw TorchError.runtime("output with shape \(sizes.text) doesn't match the broadcast shape \(wide.text)")
    }
    // A source that shares bytes is read whole before anything is written.
    let source = source.storage === storage ? try source.cloneKeepingHistory() : source
    Cast.copy(source.operand(broadcastTo: sizes), to: operand, sizes: sizes)
    bumpVersion()
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
    bumpVersion()
    if GradMode.isEnabled && requiresGrad {
      let result = alias(sizes, strides, storageOffset)
      result.record("FillBackward0", [self]) { _, g in [try .zeros(g.sizes, dtype: g.dtype)] }
      rebase(onto: result)
    }
    return self
  }
}
