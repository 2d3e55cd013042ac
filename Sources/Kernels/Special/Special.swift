import Glibc

/// Special functions of real numbers in double precision, from their series, recurrences and asymptotic expansions.
public enum Special {
  /// −x log x, continued by its limit to 0 and by −∞ below.
  public static func entropy(_ x: Double) -> Double {
    if x.isNaN { return x }
    return x > 0 ? -x * log(x) : x == 0 ? 0 : -.infinity
  }

  /// sin(πx) / (πx).
  public static func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }

  /// x log y, zero where x is.
  public static func xlogy(_ x: Double, _ y: Double) -> Double { y.isNaN ? .nan : x == 0 ? 0 : x * log(y) }

  /// x log(1 + y), zero where x is.
  public static func xlog1py(_ x: Double, _ y: Double) -> Double { y.isNaN ? .nan : x == 0 ? 0 : x * log1p(y) }

  /// log(e^a + e^b) without overflow.
  public static func logAddExp(_ a: Double, _ b: Double) -> Double {
    if a.isInfinite && a == b { return a }
    let top = a.isNaN || a > b ? a : b
    return top + log1p(exp(-(a - b).magnitude))
  }

  /// log2(2^a + 2^b) without overflow.
  public static func logAddExp2(_ a: Double, _ b: Double) -> Double {
    if a.isInfinite && a == b { return a }
    let top = a.isNaN || a > b ? a : b
    return top + log1p(exp2(-(a - b).magnitude)) / M_LN2
  }

  /// Sums terms from the first until they no longer count.
  static func series(_ first: Double, _ limit: Int = 2000, _ next: (_ term: Double, _ k: Double) -> Double) -> Double {
    var (sum, term, k) = (first, first, 1.0)
    for _ in 0..<limit {
      term = next(term, k)
      sum += term
      if term.magnitude <= sum.magnitude * 1e-17 { break }
      k += 1
    }
    return sum
  }
}
