import CKernels
import Glibc
import Interface
import Kernels
import TensorCore

/// Functions of two numbers.
enum PairFunctions {
  static let atan2: DifferentiablePair = .init(
    node: "Atan2Backward0", givesFloat: true, value: PairFormula(float: atan2f, double: Glibc.atan2, op: QK_ATAN2),
    first: { g, a, b, _ in try g * b * (a * a + b * b).reciprocal() }, second: { g, a, b, _ in try g * a.neg() * (a * a + b * b).reciprocal() })
  static let hypot: DifferentiablePair = .init(
    node: "HypotBackward0", kernel: "hypot_cpu", refused: DifferentiablePair.notFloats, value: PairFormula(float: hypotf, double: Glibc.hypot),
    first: { g, a, _, y in try g * a / y() }, second: { g, _, b, y in try g * b / y() })
  static func copysign(_ node: String) -> DifferentiablePair {
    DifferentiablePair(
      node: node, givesFloat: true, value: PairFormula(float: copysignf, double: Glibc.copysign),
      first: { g, a, _, y in try g * (y() / a).replaced(where: a.is(0), by: 0) }, second: { g, _, _, _ in try g.zeros() })
  }
  static let logaddexp: DifferentiablePair = .init(
    node: "LogaddexpBackward0", kernel: "logaddexp_cpu", refused: DifferentiablePair.notFloats, value: .precise(Special.logAddExp),
    first: { g, a, b, _ in try g / ((b - a).exp() + 1) }, second: { g, a, b, _ in try g / ((a - b).exp() + 1) })
  static let logaddexp2: DifferentiablePair = .init(
    node: "Logaddexp2Backward0", kernel: "logaddexp2_cpu", refused: DifferentiablePair.notFloats, value: .precise(Special.logAddExp2),
    first: { g, a, b, _ in try g / ((b - a).exp2() + 1) }, second: { g, a, b, _ in try g / ((a - b).exp2() + 1) })
  static let xlogy: DifferentiablePair = .init(
    node: "XlogyBackward0", givesFloat: true, value: .precise(Special.xlogy),
    first: { g, a, b, _ in try Tensor.apply(xlogy, g, b).replaced(where: a.is(0).logicalAnd(b.le(.wrapped(.integer(0)))), by: 0) },
    second: { g, a, b, _ in try g * a / b })
  static let xlog1py: DifferentiablePair = .init(
    node: "SpecialXlog1PyBackward0", givesFloat: true, value: .precise(Special.xlog1py),
    first: { g, a, b, _ in try Tensor.apply(xlog1py, g, b).replaced(where: a.is(0).logicalAnd(b.le(.wrapped(.integer(-1)))), by: 0) },
    second: { g, a, b, _ in try g * a / (b + 1) })
  static let zeta: DifferentiablePair = .init(
    node: "SpecialZetaBackward0", kernel: "zeta_cpu", refused: { $0 == .float16 || $0 == .bfloat16 }, givesFloat: true, value: .precise(Special.zeta),
    first: { _, _, _, _ in throw TorchError.notImplemented("the derivative for 'zeta' is not implemented.") },
    second: { g, a, b, _ in try g * a.neg() * Tensor.apply(zeta, a + 1, b) })
  static let igamma: DifferentiablePair = incomplete("igamma", Special.igamma) { $0 }
  static let igammac: DifferentiablePair = incomplete("igammac", Special.igammac) { try $0.neg() }

  private static func incomplete(
    _ name: String, _ f: @escaping (Double, Double) -> Double, _ signed: @escaping (Tensor) throws -> Tensor
  ) -> DifferentiablePair {
    DifferentiablePair(
      node: name == "igamma" ? "IgammaBackward0" : "IgammacBackward0", kernel: "\(name)_cpu", refused: DifferentiablePair.notFloats, value: .precise(f),
      first: { _, _, _, _ in throw TorchError.notImplemented("the derivative for '\(name): input' is not implemented.") },
      second: { g, a, b, _ in
        let exponent = try (a - 1) * b.log() - b
        return try signed(g) * (exponent - a.lgamma()).exp()
      })
  }

  /// The neighbour of a in the direction of b, in the type itself.
  static func nextafter(_ dtype: DType) -> DifferentiablePair {
    let float: (Float, Float) -> Float =
      switch dtype {
      case .float16: { a, b in Float(neighbor(Float16(a), Float16(b), { $0.nextUp }, { $0.nextDown })) }
      case .bfloat16: neighborInBFloat16
      default: nextafterf
      }
    return DifferentiablePair(
      node: "NextafterBackward0", kernel: "nextafter_cpu", refused: DifferentiablePair.notFloats, value: PairFormula(float: float, double: Glibc.nextafter),
      first: { g, a, b, _ in try g.replaced(where: a.eq(b), by: 0) })
  }

  private static func neighbor(_ a: Float16, _ b: Float16, _ up: (Float16) -> Float16, _ down: (Float16) -> Float16) -> Float16 {
    if a.isNaN || b.isNaN { return .nan }
    return a == b ? b : a < b ? up(a) : down(a)
  }

  private static func neighborInBFloat16(_ a: Float, _ b: Float) -> Float {
    if a.isNaN || b.isNaN { return .nan }
    if a == b { return b }
    if a == 0 { return Float(bitPattern: b > 0 ? 0x0001_0000 : 0x8001_0000) }
    // Away from zero the pattern grows, towards it it shrinks.
    let outwards = (a < b) == (a > 0)
    return Float(bitPattern: outwards ? a.bitPattern &+ 0x0001_0000 : a.bitPattern &- 0x0001_0000)
  }

  nonisolated(unsafe) static let heaviside = PairFormula(
    float: { $0 == 0 ? $1 : $0 > 0 ? 1 : 0 }, double: { $0 == 0 ? $1 : $0 > 0 ? 1 : 0 }, integer: { $0 == 0 ? $1 : $0 > 0 ? 1 : 0 })

  /// The greatest common divisor, not negative.
  static func gcd(_ a: Int64, _ b: Int64) -> Int64 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, b == -1 ? 0 : a % b) }
    return a < 0 ? 0 &- a : a
  }
  /// The least common multiple, not negative.
  static func lcm(_ a: Int64, _ b: Int64) -> Int64 {
    let g = gcd(a, b)
    if g == 0 { return 0 }
    let m = (a / g) &* b
    return m < 0 ? 0 &- m : m
  }
}

extension Tensor {
  /// The magnitude of one with the sign of the other. Mirrors `torch.copysign`.
  public func copysign(_ other: Tensor) throws -> Tensor {
    try Tensor.apply(PairFunctions.copysign(other.isWrappedNumber ? "CopysignBackward1" : "CopysignBackward0"), self, other)
  }
}

/// Functions of two numbers, element by element.
public let pairFunctions = OperationFamily("torch") { ops in
  ops.pairwise("atan2", "The angle of the point (other, self).", aliases: ["arctan2"], PairFunctions.atan2)
  ops.pairwise("hypot", "The root of the sum of two squares.", PairFunctions.hypot)
  ops.pairwise("logaddexp", "log(exp(self) + exp(other)).", inPlace: .none, PairFunctions.logaddexp)
  ops.pairwise("logaddexp2", "log2(2^self + 2^other).", inPlace: .none, PairFunctions.logaddexp2)
  ops.pairwise("igamma", "The lower incomplete gamma function, divided by the gamma function of self.", PairFunctions.igamma)
  ops.pairwise("igammac", "The upper incomplete gamma function, divided by the gamma function of self.", PairFunctions.igammac)
  ops.tensorOp("xlogy(Tensor self, Tensor other) -> Tensor", doc: "self * log(other), 0 where self is. Shapes broadcast. Mirrors torch.xlogy.", inPlace: .both) {
    (x: TensorOrNumber, y: TensorOrNumber) -> Tensor in
    try refuseNumbers("xlogy", x, y)
    return try Tensor.apply(PairFunctions.xlogy.named(x, y), x.tensor, y.tensor)
  }
  ops.numberPair("copysign", "The magnitude of self with the sign of other.", numberFirst: false, narrows: false) { try $0.copysign($1) }
  ops.tensorPair("nextafter", "The next number after self towards other.") { try Tensor.apply(PairFunctions.nextafter(ResultType.of($0, $1)), $0, $1) }
  ops.tensorOp("heaviside(Tensor self, Tensor values) -> Tensor", doc: "0 below zero, 1 above, values at zero. Shapes broadcast. Mirrors torch.heaviside.") {
    (x: Tensor, v: Tensor) in
    if x.dtype != v.dtype { throw TorchError.runtime("heaviside is not yet implemented for tensors with different dtypes.") }
    return try Tensor.zipped(PairFunctions.heaviside, x, v).withoutDerivative("heaviside", [x, v])
  }
  for (name, doc, f) in [("gcd", "The greatest common divisor.", PairFunctions.gcd), ("lcm", "The least common multiple.", PairFunctions.lcm)] {
    ops.pairwise(name, doc, inPlace: .both, DifferentiablePair(node: "", kernel: "\(name)_cpu", refused: DifferentiablePair.notIntegers, value: .integers(f)))
  }
}
