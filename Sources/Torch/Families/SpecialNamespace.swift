import Interface
import Kernels
import TensorCore

/// `torch.special`: functions of its own, and other names of functions of torch.
public let specialFunctions = OperationFamily("torch.special") { ops in
  typealias F = SpecialFunctions
  let own: [(String, String, Differentiable)] = [
    ("entr", "-x log(x), 0 at 0.", F.entr), ("erfcx", "exp(x^2) erfc(x).", F.erfcx), ("ndtri", "The inverse of ndtr.", F.ndtri), ("log_ndtr", "The logarithm of ndtr.", F.logNdtr),
    ("i0", "The modified Bessel function of the first kind, order 0.", F.i0), ("i0e", "exp(-|x|) i0(x).", F.i0e),
    ("i1", "The modified Bessel function of the first kind, order 1.", F.i1), ("i1e", "exp(-|x|) i1(x).", F.i1e),
    ("bessel_j0", "The Bessel function of the first kind, order 0.", F.besselJ0),
    ("bessel_j1", "The Bessel function of the first kind, order 1.", F.besselJ1),
    ("bessel_y0", "The Bessel function of the second kind, order 0.", F.besselY0),
    ("bessel_y1", "The Bessel function of the second kind, order 1.", F.besselY1),
    ("modified_bessel_i0", "The modified Bessel function of the first kind, order 0.", F.modifiedI0),
    ("modified_bessel_i1", "The modified Bessel function of the first kind, order 1.", F.modifiedI1),
    ("modified_bessel_k0", "The modified Bessel function of the second kind, order 0.", F.modifiedK0),
    ("modified_bessel_k1", "The modified Bessel function of the second kind, order 1.", F.modifiedK1),
    // Other names of functions of torch.
    ("erf", "The error function.", F.erf), ("erfc", "1 - erf(x).", F.erfc), ("erfinv", "The inverse of erf.", F.erfinv),
    ("digamma", "The derivative of gammaln.", F.digamma), ("psi", "The derivative of gammaln.", F.digamma),
    ("gammaln", "The logarithm of the gamma function's magnitude.", F.lgamma),
    ("exp2", "2 to the power x.", Exponentials.exp2), ("expm1", "exp(x) - 1, exact near zero.", Exponentials.expm1),
    ("log1p", "log(1 + x), exact near zero.", Exponentials.log1p), ("sinc", "sin(pi x) / (pi x).", Exponentials.sinc),
    ("expit", "1 / (1 + exp(-x)).", Elementary.sigmoid),
  ]
  for (name, doc, f) in own {
    ops.define("\(name)(Tensor self) -> Tensor", doc: "\(doc) Mirrors torch.special.\(name).", variants: [.function]) { (x: Tensor) in try x.apply(f) }
  }
  ops.define("ndtr(Tensor self) -> Tensor", doc: "The normal distribution's function. Mirrors torch.special.ndtr.", variants: [.function]) { (x: Tensor) in try x.ndtr() }
  let ofX: [(String, String, Differentiable)] = [
    ("scaled_modified_bessel_k0", "exp(x) modified_bessel_k0(x).", F.scaledK0), ("scaled_modified_bessel_k1", "exp(x) modified_bessel_k1(x).", F.scaledK1),
    ("spherical_bessel_j0", "sin(x) / x.", F.sphericalJ0), ("airy_ai", "Airy's function.", F.airy),
  ]
  for (name, doc, f) in ofX {
    ops.define("\(name)(Tensor x) -> Tensor", doc: "\(doc) Mirrors torch.special.\(name).", variants: [.function]) { (x: Tensor) in try x.apply(f) }
  }
  ops.define("logit(Tensor self, float? eps=None) -> Tensor", doc: "log(x / (1 - x)), with x held within eps of 0 and 1. Mirrors torch.special.logit.", variants: [.function]) {
    (x: Tensor, eps: Double?) in try x.apply(Exponentials.logit(eps))
  }
  ops.define("round(Tensor self, *, int decimals=0) -> Tensor", doc: "Rounds to a number of decimals. Mirrors torch.special.round.", variants: [.function]) {
    (x: Tensor, d: Int) in try x.round(decimals: d)
  }
  ops.define("polygamma(int n, Tensor self) -> Tensor", doc: "The n-th derivative of digamma. Mirrors torch.special.polygamma.", variants: [.function]) {
    (n: Int, x: Tensor) in try x.polygamma(n)
  }
  ops.define("multigammaln(Tensor self, int p) -> Tensor", doc: "The logarithm of the gamma function of p dimensions. Mirrors torch.special.multigammaln.", variants: [.function]) {
    (x: Tensor, p: Int) in try x.mvlgamma(p)
  }
  for (name, doc, f) in [("gammainc", "lower", PairFunctions.igamma), ("gammaincc", "upper", PairFunctions.igammac)] {
    ops.define("\(name)(Tensor self, Tensor other) -> Tensor", doc: "The \(doc) incomplete gamma function, divided by the gamma function of self. Mirrors torch.special.\(name).", variants: [.function]) {
      (x: Tensor, y: Tensor) in try Tensor.apply(f, x, y)
    }
  }
  ops.define("logsumexp(Tensor self, int[1] dim, bool keepdim=False) -> Tensor", doc: "The logarithm of the sum of exponentials along dim. Mirrors torch.special.logsumexp.", variants: [.function]) {
    (x: Tensor, d: [Int], k: Bool) in try x.logsumexp(d, keepdim: k)
  }
  let pairs: [(String, String, DifferentiablePair)] = [
    ("xlogy", "self * log(other), 0 where self is.", PairFunctions.xlogy), ("xlog1py", "self * log(1 + other), 0 where self is.", PairFunctions.xlog1py),
    ("zeta", "Hurwitz's zeta function.", PairFunctions.zeta),
  ]
  for (name, doc, f) in pairs {
    ops.define("\(name)(Tensor self, Tensor other) -> Tensor", doc: "\(doc) Shapes broadcast. Mirrors torch.special.\(name).", variants: [.function]) {
      (x: TensorOrNumber, y: TensorOrNumber) -> Tensor in
      try refuseNumbers("special_\(name)", x, y)
      return try Tensor.apply(f.named(x, y), x.tensor, y.tensor)
    }
  }
  for (name, title, polynomial, shifted) in OrthogonalPolynomial.all {
    let f = DifferentiablePair(
      node: "", kernel: "\(name)_cpu", refused: { $0 == .float16 || $0 == .bfloat16 }, givesFloat: true,
      value: PairFormula(float: { polynomial.value($0, $1, shifted: shifted) }, double: { polynomial.value($0, $1, shifted: shifted) }))
    ops.define("\(name)(Tensor x, Tensor n) -> Tensor", doc: "\(title) of degree n at x. Shapes broadcast. Mirrors torch.special.\(name).", variants: [.function]) {
      (x: TensorOrNumber, n: TensorOrNumber) -> Tensor in
      try refuseNumbers("special_\(name)", x, n, first: "x", second: "n")
      return try GradMode.with(false) { try Tensor.apply(f, x.tensor, n.tensor) }
    }
  }
}
