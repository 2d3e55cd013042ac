import Interface

/// The type of a tensor's elements.
public enum DType: UInt8, Sendable, CaseIterable {
  case float32, float64, float16, bfloat16
  case complex64, complex128
  case int64, int32, int16, int8, uint8, bool
  case qint8, quint8, qint32

  /// PyTorch's name without `torch.`.
  public var name: String { "\(self)" }

  /// Bytes per element.
  public var itemSize: Int {
    switch self {
    case .complex128: 16
    case .float64, .int64, .complex64: 8
    case .float32, .int32, .qint32: 4
    case .float16, .bfloat16, .int16: 2
    case .int8, .uint8, .bool, .qint8, .quint8: 1
    }
  }

  /// Whether it is float16, bfloat16, float32 or float64.
  @inline(__always) public var isFloatingPoint: Bool { rawValue <= DType.bfloat16.rawValue }
  /// Whether it is complex64 or complex128.
  @inline(__always) public var isComplex: Bool { self == .complex64 || self == .complex128 }
  /// Whether it is a float or a complex type.
  @inline(__always) public var isInexact: Bool { rawValue <= DType.complex128.rawValue }
  /// The type of a complex type's parts; itself for others.
  public var parts: DType { self == .complex64 ? .float32 : self == .complex128 ? .float64 : self }
  /// The complex type whose parts hold this type's numbers; itself for complex types.
  public var complex: DType { self == .float64 || self == .complex128 ? .complex128 : .complex64 }
  /// Whether it is qint8, quint8 or qint32.
  @inline(__always) public var isQuantized: Bool { rawValue >= DType.qint8.rawValue }
  /// Whether it is an integer type (bool not counted).
  public var isIntegral: Bool { rawValue >= DType.int64.rawValue && rawValue <= DType.uint8.rawValue }
  /// Whether it can hold negative numbers.
  public var isSigned: Bool { self != .uint8 && self != .bool && self != .quint8 }

  /// The integer type that a quantized type stores (`int_repr`'s dtype); itself for others.
  public var underlying: DType {
    switch self {
    case .qint8: .int8
    case .quint8: .uint8
    case .qint32: .int32
    default: self
    }
  }

  /// The least and greatest integers of an integral or quantized type.
  public var integerRange: ClosedRange<Int> {
    switch underlying {
    case .int64: Int.min...Int.max
    case .int32: Int(Int32.min)...Int(Int32.max)
    case .int16: -32768...32767
    case .int8: -128...127
    case .uint8: 0...255
    default: 0...1
    }
  }

  /// The name of the legacy tensor type, as `x:type()` and error sentences show it: `torch.FloatTensor`.
  public var tensorTypeName: String { "torch.\(capitalized)Tensor" }

  /// `Float`, `Double`, `Half`, … as in PyTorch's error sentences and storage class names.
  public var capitalized: String {
    switch self {
    case .float32: "Float"
    case .float64: "Double"
    case .float16: "Half"
    case .bfloat16: "BFloat16"
    case .complex64: "ComplexFloat"
    case .complex128: "ComplexDouble"
    case .int64: "Long"
    case .int32: "Int"
    case .int16: "Short"
    case .int8: "Char"
    case .uint8: "Byte"
    case .bool: "Bool"
    case .qint8: "QInt8"
    case .quint8: "QUInt8"
    case .qint32: "QInt32"
    }
  }

  /// The type for tensors of floats whose dtype is not given; `torch.set_default_dtype` changes it.
  nonisolated(unsafe) public static var defaultFloat = DType.float32
}
