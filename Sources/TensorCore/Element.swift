// All of it is inlinable: loops over elements live in other modules, and must become code for their types.

/// A Swift type that tensors store.
public protocol Element {
  /// The type in which arithmetic on it is done: Float, Double or Int64.
  associatedtype Wide: WideElement
  /// Narrows a computed value: floats round to nearest even, integers keep their low bits, bool asks for not zero.
  init(wide: Wide)
  /// The value in the type of arithmetic.
  var wide: Wide { get }
}

/// A type in which arithmetic is done.
public protocol WideElement: Element, Comparable where Wide == Self {
  /// From any other such type, as C casts.
  init<W: WideElement>(casting value: W)
  var asDouble: Double { get }
  var asInt64: Int64 { get }
}

extension WideElement {
  @inlinable @inline(__always) public init(wide: Self) { self = wide }
  @inlinable @inline(__always) public var wide: Self { self }
}

extension Float: WideElement {
  @inlinable @inline(__always) public init<W: WideElement>(casting value: W) { self = W.self == Int64.self ? Float(value.asInt64) : Float(value.asDouble) }
  @inlinable @inline(__always) public var asDouble: Double { Double(self) }
  @inlinable @inline(__always) public var asInt64: Int64 { Double(self).asInt64 }
}
extension Double: WideElement {
  @inlinable @inline(__always) public init<W: WideElement>(casting value: W) { self = W.self == Int64.self ? Double(value.asInt64) : value.asDouble }
  @inlinable @inline(__always) public var asDouble: Double { self }
  // What x86's conversion gives for NaN and what does not fit.
  @inlinable @inline(__always) public var asInt64: Int64 { self >= -9.223372036854775808e18 && self < 9.223372036854775808e18 ? Int64(self) : Int64.min }
}
extension Int64: WideElement {
  @inlinable @inline(__always) public init<W: WideElement>(casting value: W) { self = value.asInt64 }
  @inlinable @inline(__always) public var asDouble: Double { Double(self) }
  @inlinable @inline(__always) public var asInt64: Int64 { self }
}
extension Int32: Element {
  @inlinable @inline(__always) public init(wide: Int64) { self = Int32(truncatingIfNeeded: wide) }
  @inlinable @inline(__always) public var wide: Int64 { Int64(self) }
}
extension Int16: Element {
  @inlinable @inline(__always) public init(wide: Int64) { self = Int16(truncatingIfNeeded: wide) }
  @inlinable @inline(__always) public var wide: Int64 { Int64(self) }
}
extension Int8: Element {
  @inlinable @inline(__always) public init(wide: Int64) { self = Int8(truncatingIfNeeded: wide) }
  @inlinable @inline(__always) public var wide: Int64 { Int64(self) }
}
extension UInt8: Element {
  @inlinable @inline(__always) public init(wide: Int64) { self = UInt8(truncatingIfNeeded: wide) }
  @inlinable @inline(__always) public var wide: Int64 { Int64(self) }
}
extension Float16: Element {
  @inlinable @inline(__always) public init(wide: Float) { self = Float16(wide) }
  @inlinable @inline(__always) public var wide: Float { Float(self) }
}

/// One byte, zero or one.
public struct Boolean: Element {
  @usableFromInline var byte: UInt8
  @inlinable @inline(__always) public init(wide: Int64) { byte = wide != 0 ? 1 : 0 }
  @inlinable @inline(__always) public var wide: Int64 { byte != 0 ? 1 : 0 }
}

/// The upper half of a float32.
public struct BFloat16: Element {
  /// The 16 bits as stored.
  public var bits: UInt16
  @inlinable @inline(__always) public init(wide: Float) {
    let b = wide.bitPattern
    // Round to nearest even; a NaN stays one.
    bits = wide.isNaN ? 0x7fc0 : UInt16(truncatingIfNeeded: (b &+ 0x7fff &+ ((b >> 16) & 1)) >> 16)
  }
  @inlinable @inline(__always) public var wide: Float { Float(bitPattern: UInt32(bits) << 16) }
}

/// Work to be done for an element type found at run time.
public protocol ElementVisitor {
  associatedtype Result
  mutating func visit<T: Element>(_ type: T.Type) throws -> Result
}

extension DType {
  /// Calls the visitor with the Swift type of the elements (the stored integers for quantized types).
  @inlinable
  @inline(__always)
  public func accept<V: ElementVisitor>(_ visitor: inout V) throws -> V.Result {
    switch self {
    case .float32: try visitor.visit(Float.self)
    case .float64: try visitor.visit(Double.self)
    case .float16: try visitor.visit(Float16.self)
    case .bfloat16: try visitor.visit(BFloat16.self)
    case .complex64: try visitor.visit(Complex<Float>.self)
    case .complex128: try visitor.visit(Complex<Double>.self)
    case .int64: try visitor.visit(Int64.self)
    case .int32, .qint32: try visitor.visit(Int32.self)
    case .int16: try visitor.visit(Int16.self)
    case .int8, .qint8: try visitor.visit(Int8.self)
    case .uint8, .quint8: try visitor.visit(UInt8.self)
    case .bool: try visitor.visit(Boolean.self)
    }
  }

  /// The type in which arithmetic on this one is done: float32, float64 or int64; of a complex type, on its real part.
  public var wide: DType {
    switch self {
    case .float32, .float16, .bfloat16, .complex64: .float32
    case .float64, .complex128: .float64
    default: .int64
    }
  }
}
