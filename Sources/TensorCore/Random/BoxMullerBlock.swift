/// Sixteen uniform samples becoming normal ones, eight lanes side by side, for processors of any kind.
///
/// A fused multiply-add is computed in double precision, where the product is exact, and rounded to single. That differs from one rounding
/// only where the double lies exactly between two floats, or the result is subnormal: `doubtful` then says so and the block is done over.
struct BoxMullerBlock {
  typealias Lanes = SIMD8<Float>
  typealias Wide = SIMD8<Double>
  typealias Bits = SIMD8<UInt32>

  private var first: Lanes
  private var second: Lanes
  private var doubtful = SIMD8<UInt64>(repeating: 0)

  init(_ samples: UnsafeMutablePointer<Float>) {
    let raw = UnsafeRawPointer(samples)
    first = raw.loadUnaligned(as: Lanes.self)
    second = raw.loadUnaligned(fromByteOffset: 32, as: Lanes.self)
  }

  func store(to samples: UnsafeMutablePointer<Float>) {
    let raw = UnsafeMutableRawPointer(samples)
    raw.storeBytes(of: first, as: Lanes.self)
    raw.storeBytes(of: second, toByteOffset: 32, as: Lanes.self)
  }

  /// True when every lane is certain.
  mutating func transform(mean: Float, std: Float) -> Bool {
    let radius = (-2 * naturalLogarithm(1 - first)).squareRoot()
    let (sine, cosine) = sineAndCosine(2 * Float(Double.pi) * second)
    first = scaled(radius * cosine, std, mean)
    second = scaled(radius * sine, std, mean)
    let all = doubtful.lowHalf | doubtful.highHalf
    return Int64(bitPattern: all[0] | all[1] | all[2] | all[3]) >= 0
  }

  /// a · b + c with one rounding.
  @inline(__always)
  private mutating func fused(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> Lanes {
    let sum = Wide(a) * Wide(b) + Wide(c)
    mark(sum)
    return Lanes(sum)
  }

  @inline(__always)
  private mutating func mark(_ sum: Wide) {
    let bits = unsafeBitCast(sum, to: SIMD8<UInt64>.self)
    // Of the 29 bits that rounding drops, exactly the highest is set: the difference wraps round to a set top bit.
    doubtful |= ((bits ^ 0x1000_0000) & 0x1fff_ffff) &- 1
  }

  @inline(__always)
  private mutating func scaled(_ value: Lanes, _ std: Float, _ mean: Float) -> Lanes {
    let sum = Wide(value) * Wide(repeating: Double(std)) + Wide(repeating: Double(mean))
    mark(sum)
    let bits = unsafeBitCast(sum, to: SIMD8<UInt64>.self) & UInt64(Int64.max)
    // Zero is certain as it stands, but so rare that it need not be told apart.
    doubtful |= bits &- Double(Float.leastNormalMagnitude).bitPattern
    return Lanes(sum)
  }

  /// (a x + b) x + c, both steps fused.
  @inline(__always)
  private mutating func horner(_ a: Lanes, _ b: Float, _ c: Float, _ x: Lanes) -> Lanes {
    fused(fused(a, x, Lanes(repeating: b)), x, Lanes(repeating: c))
  }

  @inline(__always)
  private mutating func naturalLogarithm(_ x: Lanes) -> Lanes {
    let bits = unsafeBitCast(x, to: Bits.self)
    var exponent = Self.float(of: bits &>> 23) - 126
    var m = unsafeBitCast(bits & 0x807f_ffff | 0x3f00_0000, to: Lanes.self)
    let small = m .< Cephes.squareRootOfHalf
    let doubled = Lanes(repeating: 0).replacing(with: m, where: small)
    exponent.replace(with: exponent - 1, where: small)
    m = (m - 1) + doubled
    let square = m * m
    let (high, middle, low) = Cephes.logarithm
    var y = horner(Lanes(repeating: high.0), high.1, high.2, m)
    y = horner(fused(y, m, Lanes(repeating: middle.0)), middle.1, middle.2, m)
    y = horner(fused(y, m, Lanes(repeating: low.0)), low.1, low.2, m)
    y *= m
    y = fused(y, square, exponent * Cephes.ln2Low)
    // Half the square is exact, so this is a plain difference.
    y -= square * 0.5
    // The sum fits a double exactly, ties included, so nothing is doubtful here.
    return Lanes(Wide(exponent) * Double(Cephes.ln2High) + Wide(m + y))
  }

  @inline(__always)
  private mutating func sineAndCosine(_ angle: Lanes) -> (sine: Lanes, cosine: Lanes) {
    let octant = 2 * Self.floor((Self.floor(angle * Cephes.fourOverPi) + 1) * 0.5)
    let octantBits = unsafeBitCast(octant + Self.integerPoint, to: Bits.self)
    var x = fused(octant, Lanes(repeating: Cephes.quarterPi.0), angle)
    x = fused(octant, Lanes(repeating: Cephes.quarterPi.1), x)
    x = fused(octant, Lanes(repeating: Cephes.quarterPi.2), x)
    let square = x * x
    var c = horner(Lanes(repeating: Cephes.cosine.0), Cephes.cosine.1, Cephes.cosine.2, square) * square
    c = fused(c, square, -(square * 0.5))
    c += 1
    let s = fused(horner(Lanes(repeating: Cephes.sine.0), Cephes.sine.1, Cephes.sine.2, square) * square, x, x)
    let sineBits = unsafeBitCast(s, to: Bits.self)
    let cosineBits = unsafeBitCast(c, to: Bits.self)
    // Octant bit 1 exchanges the two, bit 2 moves to the sign. Comparisons of integer lanes would not become vector code.
    let difference = (sineBits ^ cosineBits) & (0 &- (octantBits &>> 1 & 1))
    let sine = sineBits ^ difference ^ (octantBits & 4) &<< 29
    let cosine = cosineBits ^ difference ^ ((octantBits &+ 2) & 4) &<< 29
    return (unsafeBitCast(sine, to: Lanes.self), unsafeBitCast(cosine, to: Lanes.self))
  }

  /// Added to a small number it leaves the number's integer in the low bits.
  private static var integerPoint: Float { 0x1p23 }

  /// Rounds 0 <= x < 2^22 down.
  @inline(__always)
  private static func floor(_ x: Lanes) -> Lanes {
    let nearest = (x + integerPoint) - integerPoint
    return nearest.replacing(with: nearest - 1, where: nearest .> x)
  }

  /// A small integer as a float.
  @inline(__always)
  private static func float(of integer: Bits) -> Lanes {
    unsafeBitCast(integer | integerPoint.bitPattern, to: Lanes.self) - integerPoint
  }
}
