import Glibc

// The gamma function's relatives.
extension Special {
  /// The logarithm of |Γ|.
  public static func lgamma(_ x: Double) -> Double { Glibc.lgamma(x) }

  /// Bernoulli numbers B₂, B₄, … divided by (2k)!, as the Euler–Maclaurin formula wants them.
  private static let bernoulli: [Double] = [
    1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1_209_600, 1.0 / 47_900_160, -691.0 / 1_307_674_368_000, 1.0 / 74_724_249_600,
    -3617.0 / 10_670_622_842_880_000,
  ]

  /// The derivative of log Γ.
  public static func digamma(_ x: Double) -> Double {
    if x == 0 { return copysign(.infinity, -x) }
    if x.isNaN || x == -.infinity { return .nan }
    if x < 0 {
      let fraction = x - trunc(x)
      if fraction == 0 { return .nan }
      return digamma(1 - x) - .pi / tan(.pi * fraction)
    }
    var (x, sum) = (x, 0.0)
    while x < 10 {
      sum -= 1 / x
      x += 1
    }
    if x == .infinity { return x }
    // log x − 1/2x − Σ B₂ₖ / (2k x²ᵏ)
    let z = 1 / (x * x)
    let tail = z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132 - z * (691.0 / 32760 - z / 12))))))
    return sum + log(x) - 0.5 / x - tail
  }

  /// The derivative of digamma.
  public static func trigamma(_ x: Double) -> Double {
    if x.isNaN { return x }
    if x == .infinity { return 0 }
    if x < 0.5 {
      let s = sin(.pi * x)
      return (.pi / s) * (.pi / s) - trigamma(1 - x)
    }
    return zeta(2, x)
  }

  /// The derivative of digamma in single precision; as in PyTorch, πx is rounded there before its sine is taken.
  public static func trigamma(_ x: Float) -> Float {
    if x >= 0.5 || x.isNaN { return Float(trigamma(Double(x))) }
    let pi = Float(Double.pi)
    let s = sinf(pi * x)
    return pi * pi / (s * s) - Float(trigamma(Double(1 - x)))
  }

  /// The n-th derivative of digamma.
  public static func polygamma(_ n: Int, _ x: Double) -> Double {
    if n == 0 { return digamma(x) }
    if n == 1 { return trigamma(x) }
    return (n % 2 == 0 ? -1 : 1) * tgamma(Double(n) + 1) * zeta(Double(n) + 1, x)
  }

  /// Hurwitz's zeta function Σ (k + q)^−x.
  public static func zeta(_ x: Double, _ q: Double) -> Double {
    if x == 1 { return .infinity }
    if x < 1 { return .nan }
    if q <= 0 {
      if q == q.rounded(.down) { return .infinity }
      if x != x.rounded(.down) { return .nan }
    }
    if q == .infinity || q.isNaN || x.isNaN { return .nan }
    var (sum, a, b) = (pow(q, -x), q, 0.0)
    var i = 0
    while i < 9 || a <= 9 {
      a += 1
      i += 1
      b = pow(a, -x)
      sum += b
      if b.magnitude < sum.magnitude * 1e-16 { return sum }
    }
    // Euler and Maclaurin: ∫ + half the last term + derivatives.
    sum += b * a / (x - 1) - b / 2
    var (factor, k) = (1.0, 0.0)
    for coefficient in bernoulli {
      factor *= x + k
      b /= a
      let term = factor * b * coefficient
      sum += term
      if (term / sum).magnitude < 1e-17 { break }
      k += 1
      factor *= x + k
      b /= a
      k += 1
    }
    return sum
  }

  /// The lower incomplete gamma function divided by Γ(a).
  public static func igamma(_ a: Double, _ x: Double) -> Double {
    if x < 0 || a < 0 { return .nan }
    if a == 0 { return x > 0 ? 1 : .nan }
    if x == 0 { return 0 }
    if a == .infinity { return x == .infinity ? .nan : 0 }
    if x == .infinity { return 1 }
    if a.isNaN || x.isNaN { return .nan }
    return x > 1 && x > a ? 1 - upper(a, x) : lower(a, x)
  }

  /// The upper incomplete gamma function divided by Γ(a).
  public static func igammac(_ a: Double, _ x: Double) -> Double {
    if x < 0 || a < 0 { return .nan }
    if a == 0 { return x > 0 ? 0 : .nan }
    if x == 0 { return 1 }
    if a == .infinity { return x == .infinity ? .nan : 1 }
    if x == .infinity { return 0 }
    if a.isNaN || x.isNaN { return .nan }
    return x > 1 && x > a ? upper(a, x) : x < 1.1 && x > a ? upperSmall(a, x) : 1 - lower(a, x)
  }

  /// x^a e^−x / Γ(a).
  private static func prefix(_ a: Double, _ x: Double) -> Double {
    if a < 30 { return exp(a * log(x) - x - Glibc.lgamma(a)) }
    // With Stirling's formula the large parts cancel on paper: a (log(x/a) − (x − a)/a).
    let mu = (x - a) / a
    let exponent = mu.magnitude < 0.5 ? a * (log1p(mu) - mu) : a * log(x / a) - (x - a)
    let z = 1 / (a * a)
    let stirling = (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z / 1680))) / a
    return exp(exponent - stirling) * (a / (2 * .pi)).squareRoot()
  }

  private static func lower(_ a: Double, _ x: Double) -> Double {
    let front = prefix(a, x)
    if front == 0 { return 0 }
    return front * series(1 / a, 200_000) { $0 * x / (a + $1) }
  }

  /// Legendre's continued fraction by Lentz's method.
  private static func upper(_ a: Double, _ x: Double) -> Double {
    let front = prefix(a, x)
    if front == 0 { return 0 }
    var b = x + 1 - a
    var c = 1e300
    var d = 1 / (b == 0 ? 1e-300 : b)
    var h = d
    for i in 1..<200_000 {
      let n = Double(i)
      let an = -n * (n - a)
      b += 2
      d = an * d + b
      c = b + an / c
      if d.magnitude < 1e-300 { d = 1e-300 }
      if c.magnitude < 1e-300 { c = 1e-300 }
      d = 1 / d
      let step = d * c
      h *= step
      if (step - 1).magnitude < 1e-16 { break }
    }
    return front * h
  }

  /// For small x and smaller a: 1 − x^a/Γ(1+a) · (1 + a Σ (−x)^k / (k! (a + k))), its first part without cancellation.
  private static func upperSmall(_ a: Double, _ x: Double) -> Double {
    var (sum, term) = (0.0, 1.0)
    for k in 1..<200 {
      term *= -x / Double(k)
      sum += term / (a + Double(k))
      if term.magnitude < 1e-18 { break }
    }
    let power = a * log(x) - Glibc.lgamma(1 + a)
    return -expm1(power) - exp(power) * a * sum
  }
}
