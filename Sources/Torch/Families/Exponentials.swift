import Glibc
import Interface
import Kernels
import TensorCore

/// Exponentials, logarithms and roots.
enum Exponentials {
  static let exp2: Differentiable = .init(
    node: "Exp2Backward0", value: Formula(float: exp2f, double: Glibc.exp2), backward: { g, _, y in try g * y() * M_LN2 })
  static let expm1: Differentiable = .init(
    node: "Expm1Backward0", value: Formula(float: expm1f, double: Glibc.expm1), backward: { g, _, y in try g * (y() + 1) })
  static let log2: Differentiable = .init(
    node: "Log2Backward0", value: Formula(float: log2f, double: Glibc.log2), backward: { g, x, _ in try g / (x() * M_LN2) })
  static let log10: Differentiable = .init(
    node: "Log10Backward0", value: Formula(float: log10f, double: Glibc.log10), backward: { g, x, _ in try g / (x() * M_LN10) })
  static let log1p: Differentiable = .init(
    node: "Log1PBackward0", value: Formula(float: log1pf, double: Glibc.log1p), backward: { g, x, _ in try g / (x() + 1) })
  static let rsqrt: Differentiable = .init(
    node: "RsqrtBackward0", value: Formula(float: { 1 / $0.squareRoot() }, double: { 1 / $0.squareRoot() }),
    backward: { g, _, y in try g * -0.5 * y().pow(.wrapped(.integer(3))) })
  static let deg2rad: Differentiable = .init(
    node: "Deg2RadBackward0", value: Formula(float: { $0 * Float(Double.pi / 180) }, double: { $0 * (Double.pi / 180) }),
    backward: { g, _, _ in try g * (Double.pi / 180) })
  static let rad2deg: Differentiable = .init(
    node: "Rad2DegBackward0", value: Formula(float: { $0 * Float(180 / Double.pi) }, double: { $0 * (180 / Double.pi) }),
    backward: { g, _, _ in try g * (180 / Double.pi) })
  static let sinc: Differentiable = .init(
    node: "SincBackward0", value: .precise(Special.sinc),
    backward: { g, x, _ in
      let x = try x()
      let angle = try x * Double.pi
      let slope = try (angle.cos() * angle - angle.sin()) / (x * x * Double.pi)
      return try (g * slope).replaced(where: x.is(0), by: 0)
    })
  static let angle: Differentiable = .init(
    node: "AngleBackward0", value: Formula(float: { $0.isNaN ? $0 : $0 < 0 ? Float(Double.pi) : 0 }, double: { $0.isNaN ? $0 : $0 < 0 ? .pi : 0 }),
    backward: { g, _, _ in try g.zeros() })

  /// log(x / (1 − x)), x held within eps of the ends.
  static func logit(_ eps: Double?) -> Differentiable {
    let limits = eps.map { ($0, 1 - $0) }
    func held(_ x: Double) -> Double { limits.map { x < $0 ? $0 : x > $1 ? $1 : x } ?? x }
    return Differentiable(
      node: "LogitBackward0",
      value: Formula(
        float: { x in
          let z = limits.map { x < Float($0) ? Float($0) : x > Float($1) ? Float($1) : x } ?? x
          return logf(z / (1 - z))
        },
        double: { x in
          let z = held(x)
          return Glibc.log(z / (1 - z))
        }),
      backward: { g, x, _ in
        let x = try x()
        let slope = try g / (x * (1 - x))
        let (low, high) = limits ?? (0, 1)
        let outside = try x.under(low).logicalOr(x.over(high)).logicalOr(x.ne(x))
        return try slope.replaced(where: outside, by: limits == nil ? .nan : 0)
      })
  }
}

extension Tensor {
  /// 1 / √x. Mirrors `torch.rsqrt`.
  public func rsqrt() throws -> Tensor { try apply(Exponentials.rsqrt) }
  /// e^x − 1. Mirrors `torch.expm1`.
  public func expm1() throws -> Tensor { try apply(Exponentials.expm1) }
  /// 2^x. Mirrors `torch.exp2`.
  public func exp2() throws -> Tensor { try apply(Exponentials.exp2) }
  /// log(1 + x). Mirrors `torch.log1p`.
  public func log1p() throws -> Tensor { try apply(Exponentials.log1p) }
  /// The logarithm to base 2. Mirrors `torch.log2`.
  public func log2() throws -> Tensor { try apply(Exponentials.log2) }
}

/// Exponentials, logarithms, roots and angles, element by element.
public let exponentials = OperationFamily("torch") { ops in
  ops.pointwise("exp2", "2 to the power x.", Exponentials.exp2)
  ops.pointwise("expm1", "exp(x) - 1, exact near zero.", Exponentials.expm1)
  ops.pointwise("log2", "The logarithm to base 2.", Exponentials.log2)
  ops.pointwise("log10", "The logarithm to base 10.", Exponentials.log10)
  ops.pointwise("log1p", "log(1 + x), exact near zero.", Exponentials.log1p)
  ops.pointwise("rsqrt", "1 / sqrt(x).", Exponentials.rsqrt)
  ops.pointwise("deg2rad", "Degrees to radians.", Exponentials.deg2rad)
  ops.pointwise("rad2deg", "Radians to degrees.", Exponentials.rad2deg)
  ops.pointwise("sinc", "sin(pi x) / (pi x).", Exponentials.sinc)
  ops.tensorOp("logit(Tensor self, float? eps=None) -> Tensor", doc: "log(x / (1 - x)), with x held within eps of 0 and 1. Mirrors torch.logit.", inPlace: .both) {
    (x: Tensor, eps: Double?) in try x.apply(Exponentials.logit(eps))
  }
  ops.tensorOp("square(Tensor self) -> Tensor", doc: "x squared. Mirrors torch.square.", inPlace: .both) { (x: Tensor) in try x.pow(.wrapped(.integer(2))) }
}
