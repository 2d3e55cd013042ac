import Glibc

// The error function's relatives. Inverses start from a rational or closed approximation and are refined by Newton's or Halley's steps.
extension Special {
  /// e^(x²) erfc(x).
  public static func erfcx(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x < 0 {
      if x < -26.7 { return .infinity }
      return 2 * exp(x * x) - erfcx(-x)
    }
    if x < 2 { return exp(x * x) * erfc(x) }
    if x > 1e8 { return 1 / (x * M_SQRTPI) }
    // The continued fraction x + (1/2)/(x + 1/(x + (3/2)/(x + …))), from its far end.
    var f = x
    for k in stride(from: x < 4 ? 120 : 50, through: 1, by: -1) { f = x + Double(k) / 2 / f }
    return 1 / (f * M_SQRTPI)
  }
  private static let M_SQRTPI = 1.7724538509055160272981674833411452

  /// The logarithm of the normal distribution's function.
  public static func logNdtr(_ x: Double) -> Double {
    let t = x * 0.5.squareRoot()
    return x < -1 ? log(erfcx(-t) / 2) - t * t : log1p(-erfc(t) / 2)
  }

  /// The inverse of erf.
  public static func erfinv(_ y: Double) -> Double {
    let size = y.magnitude
    if y.isNaN || size > 1 { return .nan }
    if size == 1 { return copysign(.infinity, y) }
    if y == 0 { return y }
    let a = 0.147
    let (l, b) = (log1p(-y * y), 2 / (.pi * a))
    let half = b + l / 2
    var x = ((half * half - l / a).squareRoot() - half).squareRoot()
    for _ in 0..<3 {
      // Near 1 the complement holds the digits.
      let error = size > 0.5 ? (1 - size) - erfc(x) : erf(x) - size
      let step = error / (M_2_SQRTPI * exp(-x * x))
      x -= step / (1 + x * step)
    }
    return copysign(x, y)
  }

  /// The inverse of the normal distribution's function.
  public static func ndtri(_ p: Double) -> Double {
    if p.isNaN || p < 0 || p > 1 { return .nan }
    if p == 0 { return -.infinity }
    if p == 1 { return .infinity }
    if p > 0.1 && p < 0.9 { return 2.0.squareRoot() * erfinv(2 * p - 1) }
    let tail = min(p, 1 - p)
    let target = log(tail)
    let t = (-2 * target).squareRoot()
    var x = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
    for _ in 0..<4 {
      // Newton on the logarithm: d log Φ(−x) = −φ(x)/Φ(−x) = −√(2/π) / erfcx(x/√2).
      let error = logNdtr(-x) - target
      x += error * erfcx(x * 0.5.squareRoot()) / (2 / Double.pi).squareRoot()
    }
    return p < 0.5 ? -x : x
  }
}
