import Glibc

// Modified Bessel functions: series near zero, the asymptotic expansion far from it; for K, whose series cancels, its integral.
extension Special {
  /// J₀.
  public static func besselJ0(_ x: Double) -> Double { x.isInfinite ? .nan : j0(x) }
  /// J₁.
  public static func besselJ1(_ x: Double) -> Double { x.isInfinite ? .nan : j1(x) }
  /// Y₀.
  public static func besselY0(_ x: Double) -> Double { x < 0 || x.isInfinite ? .nan : x == 0 ? -.infinity : y0(x) }
  /// Y₁.
  public static func besselY1(_ x: Double) -> Double { x < 0 || x.isInfinite ? .nan : x == 0 ? -.infinity : y1(x) }

  /// sin(x) / x.
  public static func sphericalJ0(_ x: Double) -> Double {
    if x.isInfinite { return 0 }
    return x.magnitude < 1e-4 ? 1 - x * x / 6 : sin(x) / x
  }

  /// Σ of Hankel's expansion of order `nu` with terms of one sign (`sign` −1) or alternating (1).
  static func hankel(_ nu: Double, _ x: Double, _ sign: Double) -> Double {
    let mu = 4 * nu * nu
    var (sum, term) = (1.0, 1.0)
    for k in 1..<60 {
      let odd = Double(2 * k - 1)
      let next = term * sign * (mu - odd * odd) / (Double(8 * k) * x)
      if next.magnitude > term.magnitude { break }
      term = next
      sum += term
      if term.magnitude < 1e-17 * sum.magnitude { break }
    }
    return sum
  }

  /// e^−|x| I₀(x).
  public static func i0e(_ x: Double) -> Double {
    let a = x.magnitude
    if a.isNaN { return x }
    if a.isInfinite { return 0 }
    if a > 30 { return hankel(0, a, -1) / (2 * .pi * a).squareRoot() }
    let q = a * a / 4
    return exp(-a) * series(1) { $0 * q / ($1 * $1) }
  }
  /// e^−|x| I₁(x).
  public static func i1e(_ x: Double) -> Double {
    let a = x.magnitude
    if a.isNaN { return x }
    let y: Double
    if a.isInfinite {
      y = 0
    } else if a > 30 {
      y = hankel(1, a, -1) / (2 * .pi * a).squareRoot()
    } else {
      let q = a * a / 4
      y = exp(-a) * series(1) { $0 * q / ($1 * ($1 + 1)) } * a / 2
    }
    return x < 0 ? -y : y
  }
  /// I₀.
  public static func i0(_ x: Double) -> Double { x.isInfinite ? .nan : growing(x.magnitude, i0e(x)) }
  /// I₁.
  public static func i1(_ x: Double) -> Double { x.isInfinite ? .nan : growing(x.magnitude, i1e(x)) }
  /// e^a y in two steps, so that it overflows only where the product does.
  private static func growing(_ a: Double, _ y: Double) -> Double {
    let half = exp(a / 2)
    return half * y * half
  }

  /// e^x K_ν(x) = ∫ e^(−x (cosh t − 1)) cosh(νt) dt by the trapezoidal rule, which converges geometrically here.
  static func scaledK(_ nu: Double, _ x: Double) -> Double {
    let h = min(0.2, 0.7 / x.squareRoot())
    var (sum, t) = (0.5, h)
    while true {
      // cosh t − 1 without cancellation.
      let s = sinh(t / 2)
      let term = exp(-2 * x * s * s) * cosh(nu * t)
      sum += term
      if term < 1e-18 * sum { return sum * h }
      t += h
    }
  }

  /// e^x K₀(x).
  public static func k0e(_ x: Double) -> Double {
    if x.isNaN || x < 0 { return .nan }
    if x == 0 { return .infinity }
    if x.isInfinite { return 0 }
    if x > 2 { return scaledK(0, x) }
    // K₀ = −(log(x/2) + γ) I₀ + Σ (x²/4)^k / k!² · H_k
    let q = x * x / 4
    var (term, harmonic, i, rest) = (1.0, 0.0, 1.0, 0.0)
    for k in 1..<30 {
      term *= q / Double(k * k)
      harmonic += 1 / Double(k)
      i += term
      rest += term * harmonic
    }
    return exp(x) * (rest - (log(x / 2) + euler) * i)
  }
  /// e^x K₁(x).
  public static func k1e(_ x: Double) -> Double {
    if x.isNaN || x < 0 { return .nan }
    if x == 0 { return .infinity }
    if x.isInfinite { return 0 }
    if x > 2 { return scaledK(1, x) }
    // K₁ = 1/x + log(x/2) I₁ − x/4 Σ (ψ(k+1) + ψ(k+2)) (x²/4)^k / (k! (k+1)!)
    let q = x * x / 4
    var (term, psi) = (1.0, 1 - 2 * euler)
    var (i, rest) = (1.0, psi)
    for k in 1..<30 {
      term *= q / Double(k * (k + 1))
      psi += 1 / Double(k) + 1 / Double(k + 1)
      i += term
      rest += term * psi
    }
    return exp(x) * (1 / x + log(x / 2) * i * x / 2 - x / 4 * rest)
  }
  /// K₀.
  public static func k0(_ x: Double) -> Double { x.isInfinite ? (x > 0 ? 0 : .nan) : k0e(x) * exp(-x) }
  /// K₁.
  public static func k1(_ x: Double) -> Double { x.isInfinite ? (x > 0 ? 0 : .nan) : k1e(x) * exp(-x) }
  private static let euler = 0.57721566490153286060651209008240243

  /// Airy's function Ai.
  public static func airy(_ x: Double) -> Double {
    if x.isNaN || x.isInfinite { return .nan }
    if x > 103.892 { return 0 }
    let zeta = 2 * x.magnitude * x.magnitude.squareRoot() / 3
    if x > 1 { return (x / 3).squareRoot() / .pi * scaledK(1.0 / 3, zeta) * exp(-zeta) }
    if x < -9 { return oscillating(-x, zeta) }
    // y″ = x y, from zero in steps of at most one by Taylor's series.
    var (at, y, slope) = (0.0, 0.35502805388781723926, -0.25881940379280679841)
    while at != x {
      let h = x > at ? min(1, x - at) : max(-1, x - at)
      // c₀, c₁, c₂ … of y(at + h) = Σ cₖ hᵏ with (k+2)(k+1) cₖ₊₂ = at cₖ + cₖ₋₁
      var (before, now, next) = (0.0, y, slope)
      var (sum, derivative, power) = (y + slope * h, slope, h)
      for k in 0..<36 {
        let n = Double(k)
        let after = (at * now + before) / ((n + 2) * (n + 1))
        derivative += (n + 2) * after * power
        power *= h
        sum += after * power
        (before, now, next) = (now, next, after)
      }
      (y, slope) = (sum, derivative)
      at += h
    }
    return y
  }

  /// Ai(−x) for large x: π^−½ x^−¼ (sin(ζ + π/4) P − cos(ζ + π/4) Q).
  private static func oscillating(_ x: Double, _ zeta: Double) -> Double {
    var (even, odd, term) = (1.0, 0.0, 1.0)
    for k in 1..<40 {
      let n = Double(k)
      let next = term * (6 * n - 5) * (6 * n - 3) * (6 * n - 1) / (216 * n * (2 * n - 1) * zeta)
      if next > term { break }
      term = next
      // Signs run + + − −.
      if k % 2 == 0 { even += k % 4 == 0 ? term : -term } else { odd += k % 4 == 1 ? term : -term }
      if term < 1e-18 { break }
    }
    let phase = zeta + .pi / 4
    return (sin(phase) * even - cos(phase) * odd) / (Double.pi.squareRoot() * x.squareRoot().squareRoot())
  }
}
