import Interface

extension Tensor {
  /// Lets this tensor look at another's elements while it stays the same object with the same place in the graph.
  /// Mirrors assigning `Tensor.data`; modules change their parameters' dtype by it.
  /// - Parameter quantizer: how integers stand for numbers; that of `other` where it is nil.
  /// - Throws: a `RuntimeError` where a tensor that wants gradients would become one of integers.
  public func setData(_ other: Tensor, quantizer: Quantizer? = nil) throws {
    if requiresGrad && !other.dtype.isInexact {
      throw TorchError.runtime("data set to a tensor that requires gradients must be floating point or complex dtype")
    }
    storage = other.storage
    sizes = other.sizes
    strides = other.strides
    storageOffset = other.storageOffset
    dtype = other.dtype
    self.quantizer = quantizer ?? other.quantizer
  }
}
