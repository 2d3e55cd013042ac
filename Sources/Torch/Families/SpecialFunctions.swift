import Glibc
import Interface
import Kernels
import TensorCore

/// Relatives of the error and gamma functions and of Bessel's.
enum SpecialFunctions {
  private static let twoOverRootPi = M_2_SQRTPI

  static let erf: Differentiable = .init(
    node: "ErfBackward0", value: Formula(float: erff, double: Glibc.erf),
    backward: { g, x, _ in
      let x = try x()
      return try (x * x).neg().exp() * twoOverRootPi * g
    })
  static let erfc: Differentiable = .init(
    node: "ErfcBackward0", value: Formula(float: erfcf, double: Glibc.erfc),
    backward: { g, x, _ in
      let x = try x()
      return try (x * x).neg().exp() * -twoOverRootPi * g
    })
  static let erfcx: Differentiable = .init(
    node: "SpecialErfcxBackward0", value: .precise(Special.erfcx), wideOnly: "erfcx_cpu",
    backward: { g, x, y in try (x() * 2 * y() - twoOverRootPi) * g })
  static let erfinv: Differentiable = .init(
    node: "ErfinvBackward0", value: .precise(Special.erfinv),
    backward: { g, _, y in
      let y = try y()
      return try (y * y).exp() * (.pi / 4 * twoOverRootPi) * g
    })
  static let ndtri: Differentiable = .init(
    node: "SpecialNdtriBackward0", value: .precise(Special.ndtri), wideOnly: "ndtri_cpu",
    backward: { g, _, y in
      let y = try y()
      return try g * (.pi / 2 * 2.0.squareRoot() * twoOverRootPi) * (y * y * 0.5).exp()
    })
  static let logNdtr: Differentiable = .init(
    node: "SpecialLogNdtrBackward0", value: .precise(Special.logNdtr), wideOnly: "log_ndtr_cpu",
    backward: { g, x, y in
      let x = try x()
      return try g * (twoOverRootPi * 2.0.squareRoot() * 0.25) * (y() + x * x * 0.5).neg().exp()
    })
  static let entr: Differentiable = .init(
    node: "SpecialEntrBackward0", value: .precise(Special.entropy), backward: { g, x, _ in try g * (-1 - x().log()) })
  static let lgamma: Differentiable = .init(
    node: "LgammaBackward0", value: .precise(Special.lgamma), backward: { g, x, _ in try g * x().apply(digamma) })
  static let digamma: Differentiable = .init(
    node: "DigammaBackward0", value: .precise(Special.digamma), backward: { g, x, _ in try g * x().apply(polygamma(1)) })

  /// The n-th derivative of digamma.
  static func polygamma(_ n: Int) -> Differentiable {
    Differentiable(
      node: "PolygammaBackward0",
      value: Formula(float: n == 1 ? Special.trigamma : { Float(Special.polygamma(n, Double($0))) }, double: { Special.polygamma(n, $0) }), backward: { g, x, _ in try g * x().apply(polygamma(n + 1)) })
  }

  /// The logarithm of the gamma function of p dimensions.
  static func mvlgamma(_ p: Int) -> Differentiable {
    let offset = Double(p * (p - 1)) / 4 * Glibc.log(Double.pi)
    return Differentiable(
      node: "MvlgammaBackward0",
      value: .precise { x in (0..<p).reduce(offset) { $0 + Special.lgamma(x - Double($1) / 2) } },
      backward: { g, x, _ in
        let x = try x()
        var slope = try x.apply(digamma)
        for j in stride(from: 1, to: p, by: 1) { slope = try slope + (x - Double(j) / 2).apply(digamma) }
        return try g * slope
      })
  }

  static let i0: Differentiable = .init(node: "I0Backward0", value: .precise(Special.i0), backward: { g, x, _ in try g * x().apply(i1) })
  static let i0e: Differentiable = .init(
    node: "SpecialI0EBackward0", value: .precise(Special.i0e),
    backward: { g, x, y in
      let x = try x()
      return try g * (x.apply(i1e) - x.sign() * y())
    })
  static let i1: Differentiable = .init(
    node: "SpecialI1Backward0", value: .precise(Special.i1),
    backward: { g, x, y in
      let y = try y()
      return try g * nearZero(x()) { safe in try safe.apply(i0) - y * safe.reciprocal() }
    })
  static let i1e: Differentiable = .init(
    node: "SpecialI1EBackward0", value: .precise(Special.i1e),
    backward: { g, x, y in
      let y = try y()
      return try g * nearZero(x()) { safe in try safe.apply(i0e) - y * (safe.sign() + safe.reciprocal()) }
    })

  /// A slope that is one half at zero, where its formula divides by x.
  private static func nearZero(_ x: Tensor, _ slope: (Tensor) throws -> Tensor) throws -> Tensor {
    let epsilon = x.dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
    let tiny = try x.abs().le(.wrapped(.double(epsilon)))
    return try slope(x.replaced(where: tiny, by: epsilon)).replaced(where: tiny, by: 0.5)
  }

  static let besselJ0: Differentiable = .init(
    node: "SpecialBesselJ0Backward0", value: .precise(Special.besselJ0), wideOnly: "bessel_j0_cpu",
    backward: { g, x, _ in try g * -x().apply(besselJ1) })
  static let besselJ1: Differentiable = .init(
    node: "SpecialBesselJ1Backward0", value: .precise(Special.besselJ1), wideOnly: "bessel_j1_cpu",
    backward: { g, x, y in
      let y = try y()
      return try g * nearZero(x()) { safe in try safe.apply(besselJ0) - y * safe.reciprocal() }
    })
  static let besselY0: Differentiable = .init(
    node: "SpecialBesselY0Backward0", value: .precise(Special.besselY0), wideOnly: "bessel_y0_cpu",
    backward: { g, x, _ in try g * -x().apply(besselY1) })
  static let besselY1: Differentiable = .init(
    node: "SpecialBesselY1Backward0", value: .precise(Special.besselY1), wideOnly: "bessel_y1_cpu",
    backward: { g, x, y in
      let x = try x()
      return try g * (x.apply(besselY0) - y() / x)
    })
  static let modifiedI0: Differentiable = .init(
    node: "SpecialModifiedBesselI0Backward0", value: .precise(Special.i0), wideOnly: "modified_bessel_i0_cpu",
    backward: { g, x, _ in try g * x().apply(modifiedI1) })
  static let modifiedI1: Differentiable = .init(
    node: "SpecialModifiedBesselI1Backward0", value: .precise(Special.i1), wideOnly: "modified_bessel_i1_cpu", backward: i1.backward)
  static let modifiedK0: Differentiable = .init(
    node: "SpecialModifiedBesselK0Backward0", value: .precise(Special.k0), wideOnly: "modified_bessel_k0_cpu",
    backward: { g, x, _ in try g * -x().apply(modifiedK1) })
  static let modifiedK1: Differentiable = .init(
    node: "SpecialModifiedBesselK1Backward0", value: .precise(Special.k1), wideOnly: "modified_bessel_k1_cpu",
    backward: { g, x, y in
      let x = try x()
      return try g * -(x.apply(modifiedK0) + y() / x)
    })
  static let scaledK0 = flat("scaled_modified_bessel_k0", Special.k0e)
  static let scaledK1 = flat("scaled_modified_bessel_k1", Special.k1e)
  static let sphericalJ0 = flat("spherical_bessel_j0", Special.sphericalJ0)
  static let airy = flat("airy_ai", Special.airy)

  /// A function that PyTorch does not differentiate.
  private static func flat(_ name: String, _ f: @escaping (Double) -> Double) -> Differentiable {
    Differentiable(node: "", value: .precise(f), wideOnly: "\(name)_cpu", backward: nil)
  }
}

extension Tensor {
  /// The error function. Mirrors `torch.erf`.
  public func erf() throws -> Tensor { try apply(SpecialFunctions.erf) }
  /// The normal distribution's function. Mirrors `torch.special.ndtr`.
  public func ndtr() throws -> Tensor { try ((self * 0.5.squareRoot()).erf() + 1) * 0.5 }
  /// The logarithm of |Γ|. Mirrors `torch.lgamma`.
  public func lgamma() throws -> Tensor { try apply(SpecialFunctions.lgamma) }
  /// The n-th derivative of digamma. Mirrors `torch.polygamma`.
  public func polygamma(_ n: Int) throws -> Tensor {
    if n < 0 { throw TorchError.runtime("polygamma(n, x) does not support negative n.") }
    return try apply(SpecialFunctions.polygamma(n))
  }
  /// The logarithm of the gamma function of p dimensions. Mirrors `torch.mvlgamma`.
  public func mvlgamma(_ p: Int) throws -> Tensor {
    if dtype == .bool { throw TorchError.runtime("The input tensor may not be a boolean tensor.") }
    if p < 1 { throw TorchError.runtime("p has to be greater than or equal to 1") }
    return try apply(SpecialFunctions.mvlgamma(p))
  }
}

/// Relatives of the error and gamma functions, element by element.
public let gammaAndError = OperationFamily("torch") { ops in
  ops.pointwise("erf", "The error function.", SpecialFunctions.erf)
  ops.pointwise("erfc", "1 - erf(x).", SpecialFunctions.erfc)
  ops.pointwise("erfinv", "The inverse of erf.", inPlace: .method, SpecialFunctions.erfinv)
  ops.pointwise("lgamma", "The logarithm of the gamma function's magnitude.", inPlace: .method, SpecialFunctions.lgamma)
  ops.pointwise("digamma", "The derivative of lgamma.", inPlace: .method, SpecialFunctions.digamma)
  ops.pointwise("i0", "The modified Bessel function of the first kind, order 0.", SpecialFunctions.i0)
  ops.define("polygamma(int n, Tensor self) -> Tensor", doc: "The n-th derivative of digamma. Mirrors torch.polygamma.", variants: [.function]) { (n: Int, x: Tensor) in try x.polygamma(n) }
  ops.tensorOp("polygamma(Tensor self, int n) -> Tensor", doc: "The n-th derivative of digamma. Mirrors Tensor.polygamma.", variants: [.method]) { (x: Tensor, n: Int) in try x.polygamma(n) }
  ops.tensorOp("mvlgamma(Tensor self, int p) -> Tensor", doc: "The logarithm of the gamma function of p dimensions. Mirrors torch.mvlgamma.") { (x: Tensor, p: Int) in try x.mvlgamma(p) }
}
