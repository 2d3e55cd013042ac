extension Float {
  /// Eight lanes at a time in plain vector arithmetic; the rare block whose fused products cannot be rounded that way is done again, exactly.
  public static func boxMuller16(_ samples: UnsafeMutablePointer<Float>, mean: Float, std: Float) {
    var block = BoxMullerBlock(samples)
    if block.transform(mean: mean, std: std) {
      block.store(to: samples)
    } else {
      exactBoxMuller16(samples, mean: mean, std: std)
    }
  }

  /// The definition: every operation rounded as PyTorch's vector code rounds it. Products that its compiler fuses with a sum are fused here.
  static func exactBoxMuller16(_ samples: UnsafeMutablePointer<Float>, mean: Float, std: Float) {
    for lane in 0..<8 {
      let radius = (-2 * naturalLogarithm(1 - samples[lane])).squareRoot()
      let (sine, cosine) = sineAndCosine(2 * Float(Double.pi) * samples[lane + 8])
      samples[lane] = mean.addingProduct(radius * cosine, std)
      samples[lane + 8] = mean.addingProduct(radius * sine, std)
    }
  }

  /// ln x for normal 0 < x <= 1: the Cephes polynomial.
  private static func naturalLogarithm(_ x: Float) -> Float {
    let bits = x.bitPattern
    var exponent = Float(Int32(bits >> 23) - 127) + 1
    var m = Float(bitPattern: bits & 0x807f_ffff | 0x3f00_0000)
    if m < Cephes.squareRootOfHalf {
      exponent -= 1
      m = (m - 1) + m
    } else {
      m -= 1
    }
    let square = m * m
    let (high, middle, low) = Cephes.logarithm
    var y = horner(high, m)
    y = horner((middle.0.addingProduct(y, m), middle.1, middle.2), m)
    y = horner((low.0.addingProduct(y, m), low.1, low.2), m)
    y *= m
    y = (exponent * Cephes.ln2Low).addingProduct(y, square)
    y = y.addingProduct(-square, 0.5)
    return (m + y).addingProduct(exponent, Cephes.ln2High)
  }

  /// (a x + b) x + c, both steps fused.
  private static func horner(_ coefficients: Cephes.Triple, _ x: Float) -> Float {
    coefficients.2.addingProduct(coefficients.1.addingProduct(coefficients.0, x), x)
  }

  /// sin x and cos x for 0 <= x <= 2π: the Cephes polynomials.
  private static func sineAndCosine(_ angle: Float) -> (sine: Float, cosine: Float) {
    let octant = (Int32(angle * Cephes.fourOverPi) + 1) & ~1
    var x = angle
    x = x.addingProduct(Float(octant), Cephes.quarterPi.0)
    x = x.addingProduct(Float(octant), Cephes.quarterPi.1)
    x = x.addingProduct(Float(octant), Cephes.quarterPi.2)
    let square = x * x
    var c = horner(Cephes.cosine, square) * square
    c = (-(square * 0.5)).addingProduct(c, square)
    c += 1
    let s = x.addingProduct(horner(Cephes.sine, square) * square, x)
    let swapped = octant & 2 != 0
    let sine = swapped ? c : s
    let cosine = swapped ? s : c
    return (octant & 4 != 0 ? -sine : sine, (octant - 2) & 4 == 0 ? -cosine : cosine)
  }
}

/// The constants of the single-precision Cephes library (S. Moshier), highest power first; tuples, so that they fold into the code.
enum Cephes {
  typealias Triple = (Float, Float, Float)

  static var squareRootOfHalf: Float { 0.707106781186547524 }
  /// (ln(1 + x) - x + x²/2) / x³
  static var logarithm: (Triple, Triple, Triple) {
    (
      (7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1), (-1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1),
      (2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)
    )
  }
  /// ln 2 in two parts, the high one with few digits.
  static var ln2High: Float { 0.693359375 }
  static var ln2Low: Float { -2.12194440e-4 }
  static var fourOverPi: Float { 1.27323954473516 }
  /// -π/4 in three parts.
  static var quarterPi: Triple { (-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8) }
  /// (sin x - x) / x³ and (cos x - 1 + x²/2) / x⁴ as polynomials of x².
  static var sine: Triple { (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1) }
  static var cosine: Triple { (2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2) }
}
