extension RandomScalar where Self: FixedWidthInteger {
  public static var integerLimits: ClosedRange<Int64> { Int64(Self.min)...Int64(Self.max) }
  public static var greatestInteger: Int64 { Int64(Self.max) }
  public init(integerSample: Int64) { self = Self(truncatingIfNeeded: integerSample) }
  public init(realSample: Double) {
    // Narrow integers go through a 32-bit conversion, which gives the least value for what does not fit.
    if Self.bitWidth == 64 {
      self = Self(truncatingIfNeeded: Int64(exactly: realSample.rounded(.towardZero)) ?? .min)
    } else {
      self = Self(truncatingIfNeeded: Int32(exactly: realSample.rounded(.towardZero)) ?? .min)
    }
  }
  public static func drawInteger(from generator: Generator) -> Self {
    // 2^31 and 2^63 are powers of two, so the remainder is a mask.
    Self.bitWidth == 64
      ? Self(truncatingIfNeeded: generator.random64() & UInt64(Int64.max))
      : Self(truncatingIfNeeded: UInt64(generator.random()) % (UInt64(Self.max) + 1))
  }
}

extension UInt8: RandomScalar {
  public static var nativeName: String { "unsigned char" }
}

extension Int8: RandomScalar {
  public static var nativeName: String { "signed char" }
}

extension Int16: RandomScalar {
  public static var nativeName: String { "short int" }
}

extension Int32: RandomScalar {
  public static var nativeName: String { "int" }
}

extension Int64: RandomScalar {
  public static var nativeName: String { "long int" }
}

extension Bool: RandomScalar {
  public static var nativeName: String { "bool" }
  public static var integerLimits: ClosedRange<Int64> { 0...1 }
  public static var greatestInteger: Int64 { 1 }
  public init(integerSample: Int64) { self = integerSample != 0 }
  public init(realSample: Double) { self = realSample != 0 }
  public static func drawInteger(from generator: Generator) -> Bool { generator.random() & 1 != 0 }
}
