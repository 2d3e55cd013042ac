extension Float {
  public static func boxMuller16(_ samples: UnsafeMutablePointer<Float>, mean: Float, std: Float) {
    for lane in 0..<8 {
      let radius = (-2 * naturalLogarithm(1 - samples[lane])).squareRoot()
      let (sine, cosine) = sineAndCosine(2 * Float(Double.pi) * samples[lane + 8])
      samples[lane] = mean.addingProduct(radius * cosine, std)
      samples[lane + 8] = mean.addingProduct(radius * sine, std)
    }
  }

  /// ln x for normal 0 < x <= 1 by the Cephes polynomial, rounded as PyTorch's vector code rounds it: products that its compiler fuses with a sum are fused here.
  private static func naturalLogarithm(_ x: Float) -> Float {
    let bits = x.bitPattern
    var exponent = Float(Int32(bits >> 23) - 127) + 1
    var m = Float(bitPattern: bits & 0x807f_ffff | 0x3f00_0000)
    if m < 0.707106781186547524 {
      exponent -= 1
      m = (m - 1) + m
    } else {
      m -= 1
    }
    let square = m * m
    var y: Float = 7.0376836292e-2
    y = (-1.1514610310e-1 as Float).addingProduct(y, m)
    y = (1.1676998740e-1 as Float).addingProduct(y, m)
    y = (-1.2420140846e-1 as Float).addingProduct(y, m)
    y = (1.4249322787e-1 as Float).addingProduct(y, m)
    y = (-1.6668057665e-1 as Float).addingProduct(y, m)
    y = (2.0000714765e-1 as Float).addingProduct(y, m)
    y = (-2.4999993993e-1 as Float).addingProduct(y, m)
    y = (3.3333331174e-1 as Float).addingProduct(y, m)
    y *= m
    y = (exponent * -2.12194440e-4).addingProduct(y, square)
    y = y.addingProduct(-square, 0.5)
    return (m + y).addingProduct(exponent, 0.693359375)
  }

  /// sin x and cos x for 0 <= x <= 2π by the Cephes polynomials, rounded as PyTorch's vector code rounds them.
  private static func sineAndCosine(_ angle: Float) -> (sine: Float, cosine: Float) {
    let octant = (Int32(angle * 1.27323954473516) + 1) & ~1
    let y = Float(octant)
    var x = angle.addingProduct(y, -0.78515625)
    x = x.addingProduct(y, -2.4187564849853515625e-4)
    x = x.addingProduct(y, -3.77489497744594108e-8)
    let square = x * x
    var c: Float = 2.443315711809948e-5
    c = (-1.388731625493765e-3 as Float).addingProduct(c, square)
    c = (4.166664568298827e-2 as Float).addingProduct(c, square)
    c *= square
    c = (-(square * 0.5)).addingProduct(c, square)
    c += 1
    var s: Float = -1.9515295891e-4
    s = (8.3321608736e-3 as Float).addingProduct(s, square)
    s = (-1.6666654611e-1 as Float).addingProduct(s, square)
    s *= square
    s = x.addingProduct(s, x)
    let swapped = octant & 2 != 0
    let sine = swapped ? c : s
    let cosine = swapped ? s : c
    return (octant & 4 != 0 ? -sine : sine, (octant - 2) & 4 == 0 ? -cosine : cosine)
  }
}
