import Interface
import Kernels
import TensorCore

extension Tensor {
  /// All elements the same. Mirrors `torch.full`.
  public static func full(_ sizes: Dims, _ value: Scalar, dtype: DType? = nil) throws -> Tensor {
    let result = try Tensor(uninitialized: sizes, dtype: dtype ?? value.dtype)
    result.fillElements(value)
    return result
  }

  /// All zero bytes. Mirrors `torch.zeros`.
  public static func zeros(_ sizes: Dims, dtype: DType = .defaultFloat) throws -> Tensor {
    let result = try Tensor(uninitialized: sizes, dtype: dtype)
    result.storage.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: result.storage.byteCount)
    return result
  }

  /// All ones. Mirrors `torch.ones`.
  public static func ones(_ sizes: Dims, dtype: DType = .defaultFloat) throws -> Tensor { try full(sizes, .integer(1), dtype: dtype) }

  /// A tensor without dimensions holding one number.
  @inline(__always)
  public static func scalar(_ value: Scalar, dtype: DType? = nil) throws -> Tensor {
    let dtype = dtype ?? value.dtype
    let result = Tensor(storage: try Storage(byteCount: dtype.itemSize), sizes: Dims(), strides: Dims(), dtype: dtype)
    switch dtype {
    case .float32: result.elements(Float.self).pointee = Float(value.doubleValue)
    case .float64: result.elements(Double.self).pointee = value.doubleValue
    case .int64: result.elements(Int.self).pointee = value.integerValue
    default: result.fillElements(value)
    }
    return result
  }

  /// A bare number standing where a tensor is asked for; it has little say in the result's type.
  @inline(__always)
  public static func wrapped(_ value: Scalar) throws -> Tensor {
    let result = try scalar(value, dtype: value.isComplex ? .complex128 : value.isFloatingPoint ? .float64 : nil)
    result.isWrappedNumber = true
    return result
  }

  /// As `wrapped`, in the tensor made last for a number where nobody holds it any more.
  static func spareNumber(_ value: Scalar) throws -> Tensor {
    guard case .double(let number) = value else { return try wrapped(value) }
    if isKnownUniquelyReferenced(&spare), let tensor = spare, isKnownUniquelyReferenced(&tensor.storage), tensor.isPlainNumber {
      tensor.elements(Double.self).pointee = number
      return tensor
    }
    let tensor = try wrapped(value)
    spare = tensor
    return tensor
  }

  /// The tensor of the last number. Used by the session's one thread.
  nonisolated(unsafe) private static var spare: Tensor?

  /// Whether it still is what `wrapped` makes of a float.
  private var isPlainNumber: Bool {
    isWrappedNumber && dim == 0 && dtype == .float64 && autograd == nil && base == nil && ownVersion == nil && storage.byteCount == 8
      && isInference == InferenceMode.isEnabled
  }

  /// One dimension of doubles, converted to `dtype`.
  public static func vector(_ values: [Double], dtype: DType = .defaultFloat) throws -> Tensor {
    let result = try Tensor(uninitialized: [values.count], dtype: dtype)
    values.withUnsafeBufferPointer {
      if let p = $0.baseAddress { Cast.run(p, .float64, step: 1, to: result.pointer, dtype, step: 1, count: values.count) }
    }
    return result
  }

  /// One dimension of int64.
  public static func vector(_ values: [Int]) throws -> Tensor {
    let result = try Tensor(uninitialized: [values.count], dtype: .int64)
    for (i, value) in values.enumerated() { result.elements(Int.self)[i] = value }
    return result
  }

  /// Writes one number to every element, without asking autograd.
  func fillElements(_ value: Scalar) {
    if isContiguous {
      switch dtype {
      case .float32: return Fill.dense(pointer, count, Float(value.doubleValue))
      case .float64: return Fill.dense(pointer, count, value.doubleValue)
      case .int64 where !value.isFloatingPoint: return Fill.dense(pointer, count, value.integerValue)
      case .bool: return Fill.dense(pointer, count, UInt8(value.doubleValue != 0 ? 1 : 0))
      default: break
      }
    }
    var number = value.doubleValue
    var integer = Int64(value.integerValue)
    let zero = Dims(repeating: 0, count: dim)
    if case .complex(let real, let imaginary) = value {
      var complex = Complex(real, imaginary)
      withUnsafeMutablePointer(to: &complex) { Cast.copy(Operand($0, .complex128, zero), to: operand, sizes: sizes) }
    } else if dtype.isInexact || value.isFloatingPoint {
      withUnsafeMutablePointer(to: &number) { Cast.copy(Operand($0, .float64, zero), to: operand, sizes: sizes) }
    } else {
      withUnsafeMutablePointer(to: &integer) { Cast.copy(Operand($0, .int64, zero), to: operand, sizes: sizes) }
    }
  }

  /// The tensor as loops see it.
  @inline(__always)
  public var operand: Operand { Operand(pointer, dtype, strides) }

  /// The tensor as loops over the (broader) shape `target` see it.
  @inline(__always)
  public func operand(broadcastTo target: Dims) -> Operand {
    Operand(pointer, dtype, sizes == target ? strides : Shape.broadcastStrides(sizes, strides, to: target))
  }

  /// A dense copy of the elements in another type, outside autograd.
  public func denseCopy(_ target: DType? = nil) throws -> Tensor {
    let result = try Tensor(uninitialized: sizes, dtype: target ?? dtype)
    if isContiguous {
      Cast.dense(pointer, dtype, to: result.pointer, result.dtype, count: count)
    } else {
      Cast.copy(operand, to: result.operand, sizes: sizes)
    }
    if target == nil || target == dtype { result.quantizer = quantizer }
    return result
  }

  /// Itself where it is dense and of the type, else a dense copy; outside autograd.
  @inline(__always)
  public func dense(_ target: DType? = nil) throws -> Tensor {
    isContiguous && (target == nil || target == dtype) ? self : try denseCopy(target)
  }

  /// Another view of the same storage, outside autograd.
  @inline(__always)
  func alias(_ sizes: Dims, _ strides: Dims, _ offset: Int) -> Tensor {
    let result = Tensor(storage: storage, sizes: sizes, strides: strides, storageOffset: offset, dtype: dtype)
    result.quantizer = quantizer
    result.isInference = isInference
    result.ownVersion = ownVersion
    return result
  }

  /// The element at a row-major index.
  public func scalar(at flat: Int) -> Scalar {
    var rest = flat
    var offset = 0
    var d = dim - 1
    while d >= 0 {
      offset += (rest % sizes[d]) * strides[d]
      rest /= sizes[d]
      d -= 1
    }
    let p = pointer + offset * dtype.itemSize
    if dtype.isComplex {
      var value = Complex(0.0, 0.0)
      Cast.run(p, dtype, step: 1, to: &value, .complex128, step: 1, count: 1)
      return .complex(value.real, value.imaginary)
    }
    if dtype.isFloatingPoint {
      var value = 0.0
      Cast.run(p, dtype, step: 1, to: &value, .float64, step: 1, count: 1)
      return .double(value)
    }
    var value: Int64 = 0
    Cast.run(p, dtype.underlying, step: 1, to: &value, .int64, step: 1, count: 1)
    if let quantizer {
      switch quantizer {
      case .perTensorAffine(let scale, let zero): return .double(Double(Float(value - Int64(zero)) * Float(scale)))
      case .perChannelAffine(let scales, let zeros, let axis):
        var rest = flat
        var index = 0
        for d in stride(from: dim - 1, through: 0, by: -1) {
          if d == axis { index = rest % sizes[d] }
          rest /= sizes[d]
        }
        let scale = scales.scalar(at: index).doubleValue
        return .double(Double(Float(Double(value) - zeros.scalar(at: index).doubleValue) * Float(scale)))
      }
    }
    return dtype == .bool ? .boolean(value != 0) : .integer(Int(value))
  }

  /// The only element as a number. Mirrors `Tensor.item`.
  /// - Throws: PyTorch's `RuntimeError` for another count of elements.
  public func item() throws -> Scalar {
    if count != 1 { throw TorchError.runtime("a Tensor with \(count) elements cannot be converted to Scalar") }
    return scalar(at: 0)
  }
}
