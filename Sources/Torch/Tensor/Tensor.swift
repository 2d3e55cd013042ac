import Interface
import TensorCore

/// A strided view of a storage's elements, with its place in the autograd graph. Mirrors `torch.Tensor`.
public final class Tensor {
  /// The bytes it looks at; views share them.
  public internal(set) var storage: Storage
  /// The size of each dimension.
  public internal(set) var sizes: Dims
  /// The step in elements along each dimension.
  public internal(set) var strides: Dims
  /// Where the first element is, in elements from the storage's start.
  public internal(set) var storageOffset: Int
  /// The element type.
  public internal(set) var dtype: DType
  /// How integers stand for numbers, for quantized dtypes.
  public var quantizer: Quantizer?
  /// Its place in the autograd graph; nil for a plain value.
  public internal(set) var autograd: AutogradRecord?
  /// The tensor it is a differentiable view of; never itself a view.
  public internal(set) var base: Tensor?
  /// The version at which the recorded history of this view was right.
  var viewVersion = 0
  /// How this view came about.
  var viewOrigin = ViewOrigin.ordinary
  /// Whether it was made in inference mode.
  public internal(set) var isInference = InferenceMode.isEnabled
  /// A count of changes of its own, where it does not share that of its storage.
  var ownVersion: VersionCounter?
  /// Whether it stands for a bare number, which has no say in the result's size of type.
  public internal(set) var isWrappedNumber = false

  /// A tensor over existing storage.
  @inline(__always)
  public init(storage: Storage, sizes: Dims, strides: Dims, storageOffset: Int = 0, dtype: DType) {
    self.storage = storage
    self.sizes = sizes
    self.strides = strides
    self.storageOffset = storageOffset
    self.dtype = dtype
  }

  /// A dense tensor with uninitialized elements.
  /// - Throws: PyTorch's sentences for negative or too large sizes.
  @inline(__always)
  public convenience init(uninitialized sizes: Dims, dtype: DType) throws {
    var count = 1
    for size in sizes {
      if size < 0 { throw TorchError.runtime("Trying to create tensor with negative dimension \(size): \(sizes.text)") }
      let (p, o) = count.multipliedReportingOverflow(by: size)
      if o {
        if sizes.contains(0) { count = 0; break }
        throw TorchError.runtime("Storage size calculation overflowed with sizes=\(sizes.text)")
      }
      count = p
    }
    let (bytes, o) = count.multipliedReportingOverflow(by: dtype.itemSize)
    if o { throw TorchError.runtime("Storage size calculation overflowed with sizes=\(sizes.text)") }
    self.init(
      storage: try Storage(byteCount: bytes), sizes: sizes, strides: Shape.contiguousStrides(sizes), dtype: dtype)
  }

  /// A dense tensor with uninitialized elements and the sizes of `other`, which is dense itself.
  /// - Throws: PyTorch's sentence when memory runs out.
  @inline(__always)
  convenience init(like other: Tensor, dtype: DType) throws {
    self.init(
      storage: try Storage(byteCount: other.count * dtype.itemSize), sizes: other.sizes, strides: other.strides, dtype: dtype)
  }

  /// The number of dimensions.
  @inline(__always) public var dim: Int { sizes.count }
  /// The number of elements.
  @inline(__always) public var count: Int { sizes.product }
  /// Whether elements lie densely in row-major order.
  @inline(__always) public var isContiguous: Bool { Shape.isContiguous(sizes, strides) }
  /// The first element's address.
  @inline(__always) public var pointer: UnsafeMutableRawPointer { storage.pointer + storageOffset * dtype.itemSize }
  /// The first element's address, as elements of type T.
  @inline(__always) public func elements<T>(_ type: T.Type) -> UnsafeMutablePointer<T> { pointer.assumingMemoryBound(to: type) }
  /// The size of dimension `d`, which may count from the end.
  public func size(_ d: Int) throws -> Int {
    if dim == 0 { throw TorchError.index("Dimension specified as \(d) but tensor has no dimensions") }
    return sizes[try Shape.wrap(d, dim)]
  }

  /// Whether it is an `nn.Parameter`.
  public var isParameter: Bool { autograd?.isParameter ?? false }
  /// Whether its sizes are not known yet: an `UninitializedParameter` or `UninitializedBuffer`.
  public var isUninitialized: Bool { autograd?.isUninitialized ?? false }
}
