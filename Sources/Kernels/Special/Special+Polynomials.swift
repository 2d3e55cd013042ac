import Glibc

/// A family of orthogonal polynomials, each from the two before it.
public struct OrthogonalPolynomial: Sendable {
  /// The polynomial of degree 1.
  let first: @Sendable (Double) -> Double
  /// Degree k + 1 from x, k and the polynomials of degree k and k − 1.
  let next: @Sendable (_ x: Double, _ k: Double, _ now: Double, _ before: Double) -> Double
  /// A closed form within (−1, 1), used above a degree.
  var closed: (above: Int, form: @Sendable (_ angle: Double, _ n: Double) -> Double)? = nil
  /// Whether the argument is 2x − 1.
  var shifted = false

  /// The polynomial of degree `degree` (cut to an integer; zero for negative ones and NaN) at x.
  public func callAsFunction(_ x: Double, _ degree: Double) -> Double {
    guard degree > -1, degree < 9e18 else { return 0 }
    let (n, x) = (Int(degree), shifted ? x + x - 1 : x)
    if n == 0 { return 1 }
    if n == 1 { return first(x) }
    if let closed, n > closed.above, x.magnitude < 1 { return closed.form(acos(x), Double(n)) }
    var (before, now) = (1.0, first(x))
    for k in 1..<n {
      (before, now) = (now, next(x, Double(k), now, before))
      if now.isNaN { break }
    }
    return now
  }

  /// The same on [0, 1].
  func onUnitInterval() -> OrthogonalPolynomial {
    var copy = self
    copy.shifted = true
    return copy
  }

  private static let doubling: @Sendable (Double, Double, Double, Double) -> Double = { x, _, now, before in (x + x) * now - before }

  /// All families by the name PyTorch gives them in `torch.special`, with what to call them.
  public static let all: [(name: String, title: String, polynomial: OrthogonalPolynomial)] = {
    let chebyshev: [(String, String, OrthogonalPolynomial)] = [
      ("t", "first", .init(first: { $0 }, next: doubling, closed: (6, { cos($1 * $0) }))),
      ("u", "second", .init(first: { $0 + $0 }, next: doubling, closed: (8, { sin(($1 + 1) * $0) / sin($0) }))),
      ("v", "third", .init(first: { $0 + $0 - 1 }, next: doubling, closed: (8, { cos(($1 + 0.5) * $0) / cos($0 / 2) }))),
      ("w", "fourth", .init(first: { $0 + $0 + 1 }, next: doubling, closed: (8, { sin(($1 + 0.5) * $0) / sin($0 / 2) }))),
    ]
    return chebyshev.map { ("chebyshev_polynomial_\($0)", "Chebyshev's polynomial of the \($1) kind", $2) }
      + chebyshev.map { ("shifted_chebyshev_polynomial_\($0)", "Chebyshev's polynomial of the \($1) kind on [0, 1]", $2.onUnitInterval()) }
      + [
        ("hermite_polynomial_h", "The physicists' Hermite polynomial", .init(first: { $0 + $0 }, next: { x, k, now, before in (x + x) * now - 2 * k * before })),
        ("hermite_polynomial_he", "The probabilists' Hermite polynomial", .init(first: { $0 }, next: { x, k, now, before in x * now - k * before })),
        ("laguerre_polynomial_l", "Laguerre's polynomial", .init(first: { 1 - $0 }, next: { x, k, now, before in ((k + k + 1 - x) * now - k * before) / (k + 1) })),
        ("legendre_polynomial_p", "Legendre's polynomial", .init(first: { $0 }, next: { x, k, now, before in ((k + k + 1) * x * now - k * before) / (k + 1) })),
      ]
  }()
}
