import TensorCore

extension Tensor {
  /// A bare integer among tensors.
  @inline(__always)
  static func number(_ value: Int) throws -> Tensor { try wrapped(.integer(value)) }
  /// A bare float among tensors.
  @inline(__always)
  static func number(_ value: Double) throws -> Tensor { try wrapped(.double(value)) }

  /// The same elements as float64 or int64, dense, in which whatever lies along a dimension is computed.
  func wideDense() throws -> Tensor { try detached().dense(dtype.isFloatingPoint ? .float64 : .int64) }

  /// The sizes with another size at dimension `d`.
  func sizes(with size: Int, at d: Int) -> Dims {
    var changed = sizes
    if dim > 0 { changed[d] = size }
    return changed
  }

  /// A slice whose bounds may count from the end, as `x[start:end]` along a dimension.
  func cut(_ d: Int, _ start: Int?, _ end: Int?) throws -> Tensor { try slice(d, start, end) }
}
