/// Type promotion between tensors, mirrors `torch.result_type` and `c10::promoteTypes`.
extension DType {
  private var category: Int { isComplex ? 3 : isFloatingPoint ? 2 : (self == .bool ? 0 : 1) }

  /// The type that holds the values of both. Quantized types promote only with themselves.
  public func promoted(with other: DType) -> DType {
    if self == other { return self }
    if isQuantized || other.isQuantized { return isQuantized ? self : other }
    let (a, b) = (category, other.category)
    if max(a, b) == 3 { return self == .complex128 || other == .complex128 || self == .float64 || other == .float64 ? .complex128 : .complex64 }
    if a != b { return a > b ? self : other }
    if a == 2 {
      // float16 with bfloat16 meets in float32.
      if itemSize == 2 && other.itemSize == 2 { return .float32 }
      return itemSize > other.itemSize ? self : other
    }
    // Unsigned with signed of the same size needs the next larger signed type.
    if itemSize == other.itemSize { return .int16 }
    return itemSize > other.itemSize ? self : other
  }

  /// The result type of a tensor of this type with a number: the number's category matters, not its size.
  public func promoted(with scalar: Scalar) -> DType {
    switch scalar {
    case .complex: isComplex ? self : isFloatingPoint ? complex : DType.defaultFloat.complex
    case .double: isInexact ? self : .defaultFloat
    case .integer: self == .bool ? .int64 : self
    case .boolean: self
    }
  }
}

/// A number without a tensor: Python's int, float, bool or complex.
public enum Scalar: Sendable, Equatable {
  case integer(Int)
  case double(Double)
  case boolean(Bool)
  case complex(Double, Double)

  /// The value as a double; the real part of a complex one.
  @inline(__always) public var doubleValue: Double {
    switch self {
    case .integer(let i): Double(i)
    case .double(let d): d
    case .boolean(let b): b ? 1 : 0
    case .complex(let real, _): real
    }
  }

  /// The imaginary part.
  public var imaginary: Double { if case .complex(_, let imaginary) = self { imaginary } else { 0 } }

  /// The value as an integer; fractions are cut off, what does not fit is saturated.
  @inline(__always) public var integerValue: Int {
    switch self {
    case .integer(let i): i
    case .double(let d), .complex(let d, _): d.isNaN ? 0 : d >= 9.2e18 ? Int.max : d <= -9.2e18 ? Int.min : Int(d)
    case .boolean(let b): b ? 1 : 0
    }
  }

  /// The dtype a tensor made of it has.
  public var dtype: DType {
    switch self {
    case .integer: .int64
    case .double: .defaultFloat
    case .boolean: .bool
    case .complex: DType.defaultFloat.complex
    }
  }

  /// Whether it is complex.
  public var isComplex: Bool { if case .complex = self { true } else { false } }

  /// Whether it is a float.
  public var isFloatingPoint: Bool { if case .double = self { true } else { false } }

  /// The negated number.
  public static prefix func - (x: Scalar) -> Scalar {
    switch x {
    case .integer(let i): .integer(0 &- i)
    case .double(let d): .double(-d)
    case .boolean(let b): .integer(b ? -1 : 0)
    case .complex(let real, let imaginary): .complex(-real, -imaginary)
    }
  }
}
