import Glibc
import TensorCore

/// The families of orthogonal polynomials; each polynomial comes from the two before it, in the type of the argument.
public enum OrthogonalPolynomial: Sendable {
  case chebyshevT, chebyshevU, chebyshevV, chebyshevW, hermiteH, hermiteHe, laguerre, legendre

  /// The polynomial of degree `degree` (cut to an integer; zero for negative ones and NaN) at x, or at 2x − 1.
  public func value<T: BinaryFloatingPoint & WideElement>(_ x: T, _ degree: T, shifted: Bool) -> T {
    guard degree > -1, degree < 9e18 else { return 0 }
    let (n, x) = (Int(degree), shifted ? x + x - 1 : x)
    if n == 0 { return 1 }
    let first = firstDegree(x)
    if n == 1 { return first }
    if x.magnitude < 1, let closed = closed(T(casting: acos(x.asDouble)), n) { return closed }
    var (before, now): (T, T) = (1, first)
    for k in 1..<n {
      (before, now) = (now, next(x, T(k), now, before))
      if now.isNaN { break }
    }
    return now
  }

  private func firstDegree<T: BinaryFloatingPoint>(_ x: T) -> T {
    switch self {
    case .chebyshevT, .hermiteHe, .legendre: x
    case .chebyshevU, .hermiteH: x + x
    case .chebyshevV: x + x - 1
    case .chebyshevW: x + x + 1
    case .laguerre: 1 - x
    }
  }

  /// Degree k + 1 from those of degree k and k − 1, rounded where PyTorch's compiler leaves a rounding.
  private func next<T: BinaryFloatingPoint>(_ x: T, _ k: T, _ now: T, _ before: T) -> T {
    switch self {
    case .chebyshevT, .chebyshevU, .chebyshevV, .chebyshevW: (-before).addingProduct(x + x, now)
    case .hermiteH: (-(2 * k * before)).addingProduct(x + x, now)
    case .hermiteHe: (-(k * before)).addingProduct(x, now)
    case .laguerre: (-(k * before)).addingProduct(k + k + 1 - x, now) / (k + 1)
    case .legendre: (-(k * before)).addingProduct((k + k + 1) * x, now) / (k + 1)
    }
  }

  /// Chebyshev's polynomials of high degree by their angle.
  private func closed<T: BinaryFloatingPoint & WideElement>(_ angle: T, _ degree: Int) -> T? {
    let n = T(degree)
    func sine(_ x: T) -> T { T(casting: sin(x.asDouble)) }
    func cosine(_ x: T) -> T { T(casting: cos(x.asDouble)) }
    switch self {
    case .chebyshevT: return degree > 6 ? cosine(n * angle) : nil
    case .chebyshevU: return degree > 8 ? sine((n + 1) * angle) / sine(angle) : nil
    case .chebyshevV: return degree > 8 ? cosine((n + 0.5) * angle) / cosine(angle / 2) : nil
    case .chebyshevW: return degree > 8 ? sine((n + 0.5) * angle) / sine(angle / 2) : nil
    default: return nil
    }
  }

  /// All families by the name PyTorch gives them in `torch.special`, with what to call them and whether the argument is 2x − 1.
  public static let all: [(name: String, title: String, polynomial: OrthogonalPolynomial, shifted: Bool)] = {
    let chebyshev: [(String, String, OrthogonalPolynomial)] = [
      ("t", "first", .chebyshevT), ("u", "second", .chebyshevU), ("v", "third", .chebyshevV), ("w", "fourth", .chebyshevW),
    ]
    return chebyshev.map { ("chebyshev_polynomial_\($0)", "Chebyshev's polynomial of the \($1) kind", $2, false) }
      + chebyshev.map { ("shifted_chebyshev_polynomial_\($0)", "Chebyshev's polynomial of the \($1) kind on [0, 1]", $2, true) }
      + [
        ("hermite_polynomial_h", "The physicists' Hermite polynomial", .hermiteH, false),
        ("hermite_polynomial_he", "The probabilists' Hermite polynomial", .hermiteHe, false),
        ("laguerre_polynomial_l", "Laguerre's polynomial", .laguerre, false), ("legendre_polynomial_p", "Legendre's polynomial", .legendre, false),
      ]
  }()
}
