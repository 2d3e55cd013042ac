/// An element type that PyTorch's random functions can fill, with the conversions its C++ kernels apply to a sample.
public protocol RandomScalar {
  /// The C++ type's name in PyTorch's messages, e.g. `unsigned char`.
  static var nativeName: String { get }
  /// What `random_(from, to)` accepts for `from` and `to - 1`.
  static var integerLimits: ClosedRange<Int64> { get }
  /// The greatest value of `random_(from)` without `to`; 2^digits for floating types.
  static var greatestInteger: Int64 { get }
  /// C++'s `static_cast<T>(int64_t)`.
  init(integerSample: Int64)
  /// C++'s `static_cast<T>(double)`; a value outside an integer's range gives what x86 gives.
  init(realSample: Double)
  /// One sample of `random_()`: all non-negative values of an integer type, 0...2^digits of a floating one.
  static func drawInteger(from generator: Generator) -> Self
}

/// A floating element type: what the continuous distributions fill.
public protocol RandomReal: RandomScalar, Equatable {
  /// The type the kernels compute uniform samples in: itself, or Float for the 16-bit types.
  associatedtype Accumulator: RandomAccumulator
  /// Bits of precision including the hidden one (C++'s `numeric_limits::digits`).
  static var significandDigits: Int { get }
  /// The greatest finite value.
  static var greatestFinite: Double { get }
  /// The type's name in PyTorch's messages where it is not the C++ name, e.g. `Half`.
  static var scalarName: String { get }
  /// Rounds to the nearest representable value.
  init(sample: Accumulator)
}

extension RandomReal {
  /// Whole floating types: everything finite that an Int64 holds.
  public static var integerLimits: ClosedRange<Int64> { Int64.min...Int64.max }
  /// 2^digits, the last integer up to which all are representable.
  public static var greatestInteger: Int64 { 1 << Int64(significandDigits) }
}

/// Float and Double: the types in which uniform samples are computed.
public protocol RandomAccumulator: BinaryFloatingPoint, RandomReal where Accumulator == Self {
  /// A sample of [0, 1): 24 bits of one draw for Float, 53 of two for Double.
  static func drawUnit(from generator: Generator) -> Self
  /// Replaces 16 uniform samples by 16 normal ones: Box-Muller as PyTorch's vector code rounds it.
  static func boxMuller16(_ samples: UnsafeMutablePointer<Self>, mean: Self, std: Self)
  /// C++'s `static_cast` from a double parameter.
  init(parameter: Double)
}

extension Float: RandomAccumulator {
  public static var nativeName: String { "float" }
  public static var scalarName: String { "Float" }
  public static var significandDigits: Int { 24 }
  public static var greatestFinite: Double { Double(Float.greatestFiniteMagnitude) }
  public init(integerSample: Int64) { self = Float(integerSample) }
  public init(realSample: Double) { self = Float(realSample) }
  public init(sample: Float) { self = sample }
  public init(parameter: Double) { self = Float(parameter) }
  public static func drawInteger(from generator: Generator) -> Float { Float(generator.random() % (1 << 24 + 1)) }
  @inline(__always)
  public static func drawUnit(from generator: Generator) -> Float {
    Float(generator.engine.draw() & 0xff_ffff) * 0x1p-24
  }
}

extension Double: RandomAccumulator {
  public static var nativeName: String { "double" }
  public static var scalarName: String { "Double" }
  public static var significandDigits: Int { 53 }
  public static var greatestFinite: Double { Double.greatestFiniteMagnitude }
  public init(integerSample: Int64) { self = Double(integerSample) }
  public init(realSample: Double) { self = realSample }
  public init(sample: Double) { self = sample }
  public init(parameter: Double) { self = parameter }
  public static func drawInteger(from generator: Generator) -> Double { Double(generator.random64() % (1 << 53 + 1)) }
  @inline(__always)
  public static func drawUnit(from generator: Generator) -> Double {
    Double(generator.random64() & 0x1f_ffff_ffff_ffff) * 0x1p-53
  }
}

extension Float16: RandomReal {
  public static var nativeName: String { "c10::Half" }
  public static var scalarName: String { "Half" }
  public static var significandDigits: Int { 11 }
  public static var greatestFinite: Double { 65504 }
  public static var integerLimits: ClosedRange<Int64> { -65504...65504 }
  public init(integerSample: Int64) { self = Float16(Float(integerSample)) }
  // Twice rounded, through Float: c10::Half has no conversion from double.
  public init(realSample: Double) { self = Float16(Float(realSample)) }
  public init(sample: Float) { self = Float16(sample) }
  public static func drawInteger(from generator: Generator) -> Float16 { Float16(Float(generator.random() % (1 << 11 + 1))) }
}
