extension Generator {
  /// Spans from here on take 64 bits a sample, so that the remainder is skewed by less than 5 %.
  private static let wideSpan: UInt64 = 1 << 28

  /// `random_()`: every non-negative integer of the type is equally likely (a floating type: 0...2^digits).
  public func fillRandom<T: RandomScalar>(_ output: UnsafeMutableBufferPointer<T>) {
    for index in output.indices { output[index] = T.drawInteger(from: self) }
  }

  /// `random_(from, to)` and `randint`: integers in [from, to); without `to` up to the type's greatest.
  ///
  /// `output` is in memory order. Throws `SamplingError` with PyTorch's sentence when the range is empty or does not fit the type; nothing is drawn then.
  public func fillRandom<T: RandomScalar>(_ output: UnsafeMutableBufferPointer<T>, from: Int64, to: Int64?) throws {
    if to == nil, from == .min {
      guard T.integerLimits.lowerBound == .min || output.isEmpty else {
        if let real = T.self as? any RandomReal.Type {
          throw SamplingError("\"random_full_64_bits_range_kernel_cpu\" not implemented for '\(real.scalarName)'")
        }
        throw SamplingError("random_full_64_bits_range_kernel_cpu handles only int64, double, float and bfloat16")
      }
      for index in output.indices { output[index] = T(integerSample: Int64(bitPattern: random64())) }
      return
    }
    let range = try IntegerSpan(T.self, from: from, to: to)
    if range.count >= Self.wideSpan {
      for index in output.indices {
        output[index] = T(integerSample: range.base &+ Int64(bitPattern: random64() % range.count))
      }
    } else {
      let count = UInt32(range.count)
      for index in output.indices {
        output[index] = T(integerSample: range.base &+ Int64(engine.draw() % count))
      }
    }
  }
}

/// The integers a bounded `random_` draws from, after PyTorch's checks: `base ..< base + count`.
struct IntegerSpan {
  let base: Int64
  let count: UInt64

  init<T: RandomScalar>(_ type: T.Type, from: Int64, to: Int64?) throws {
    var lower = from
    var last: Int64
    if var upper = to {
      guard lower < upper else {
        throw SamplingError("random_ expects 'from' to be less than 'to', but got from=\(lower) >= to=\(upper)")
      }
      if let real = type as? any RandomReal.Type {
        lower = Self.raised(lower, to: real)
        upper = Self.lowered(upper, to: real)
        guard lower < upper else {
          throw SamplingError(
            "random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got from=\(lower) >= to=\(upper)")
        }
      }
      last = upper &- 1
    } else {
      last = T.greatestInteger
      if let real = type as? any RandomReal.Type {
        lower = Self.raised(lower, to: real)
        guard lower < last else {
          throw SamplingError(
            "random_ expects 'from' casted to dtype to be less than or equal to 'to_inc' casted to dtype, but got from=\(lower) > to_inc=\(last)")
        }
      }
    }
    guard T.integerLimits.contains(lower) else { throw SamplingError("from is out of bounds for \(T.nativeName)") }
    guard T.integerLimits.contains(last) else { throw SamplingError("to - 1 is out of bounds for \(T.nativeName)") }
    base = lower
    count = UInt64(bitPattern: last) &- UInt64(bitPattern: lower) &+ 1
  }

  /// The first integer at or above `from` that does not fall below it when rounded to the type (PyTorch's `update_from`).
  private static func raised(_ from: Int64, to type: any RandomReal.Type) -> Int64 {
    let next = roundTrip(from &+ 1, type)
    guard next < from else { return from }
    return next &+ (1 &<< Int64(exponent(from &+ 1) - type.significandDigits + 1))
  }

  /// The last bound at or below `to` such that nothing below it rounds up to `to` (PyTorch's `update_to`).
  private static func lowered(_ to: Int64, to type: any RandomReal.Type) -> Int64 {
    let previous = roundTrip(to &- 1, type)
    guard previous >= to else { return to }
    return previous &- (1 &<< Int64(exponent(to &- 1) - type.significandDigits + 1))
  }

  private static func exponent(_ value: Int64) -> Int { 63 - value.magnitude.leadingZeroBitCount }

  private static func roundTrip(_ value: Int64, _ type: any RandomReal.Type) -> Int64 {
    let rounded = type.rounding(value)
    return Int64(exactly: rounded) ?? .min
  }
}

extension RandomReal {
  /// `value` rounded to this type, as a double (infinite when out of range).
  fileprivate static func rounding(_ value: Int64) -> Double {
    let digits = significandDigits
    if digits >= 53 { return Double(value) }
    if digits == 24 { return Double(Float(value)) }
    if greatestFinite < 65505 { return Double(Float16(Float(value))) }
    // Eight bits of a Float: round half to even on the upper 16 bits.
    let bits = Float(value).bitPattern
    return Double(Float(bitPattern: (bits &+ 0x7fff &+ (bits >> 16 & 1)) & 0xffff_0000))
  }
}
