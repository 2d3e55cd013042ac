import Glibc
import Interface
import Kernels
import TensorCore

private struct Sign: UnaryFunction {
  func callAsFunction(_ x: Float) -> Float { x > 0 ? 1 : x < 0 ? -1 : 0 }
  func callAsFunction(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : 0 }
  func callAsFunction(_ x: Int64) -> Int64 { x.signum() }
}

extension Tensor {
  /// Applies a function that is flat almost everywhere.
  fileprivate func flat<F: UnaryFunction>(_ f: F, _ name: String) throws -> Tensor {
    let y = try mapped(f)
    if Tensor.records(self) { y.record(name, [self]) { _, g in [try g.zeros()] } }
    return y
  }

  /// −1, 0 or 1. Mirrors `torch.sign`.
  public func sign() throws -> Tensor { try flat(Sign(), "SignBackward0") }

  /// Rounds floats by a function; integers stay as they are. Mirrors `torch.floor`, `torch.ceil`, `torch.round` and `torch.trunc`.
  fileprivate func rounded(_ name: String, _ node: String, _ float: @escaping (Float) -> Float, _ double: @escaping (Double) -> Double) throws -> Tensor {
    try refuse("\(name)_vml_cpu") { $0 == .bool }
    return try flat(Formula(float: float, double: double), node)
  }

  /// The integers at or below the elements. Mirrors `torch.floor`.
  public func floor() throws -> Tensor { try rounded("floor", "FloorBackward0", floorf, Glibc.floor) }
  /// The integers at or above the elements. Mirrors `torch.ceil`.
  public func ceil() throws -> Tensor { try rounded("ceil", "CeilBackward0", ceilf, Glibc.ceil) }
  /// The nearest integers, halves to even. Mirrors `torch.round`.
  public func round() throws -> Tensor { try rounded("round", "RoundBackward0", rintf, rint) }
  /// The integers towards zero. Mirrors `torch.trunc`.
  public func trunc() throws -> Tensor { try rounded("trunc", "TruncBackward0", truncf, Glibc.trunc) }

  /// Rounds to a number of decimals, negative ones to tens, hundreds and so on. Mirrors `torch.round`.
  public func round(decimals: Int) throws -> Tensor {
    try refuse(decimals == 0 ? "round_vml_cpu" : "round_cpu", DifferentiablePair.notFloats)
    if decimals == 0 { return try flat(Formula(float: rintf, double: rint), "RoundBackward1") }
    let scale = Glibc.pow(10, Double(decimals.magnitude))
    let single = Float(scale)
    let up = decimals > 0
    let f = Formula(
      float: { up ? rintf($0 * single) / single : rintf($0 / single) * single },
      double: { up ? rint($0 * scale) / scale : rint($0 / scale) * scale })
    return try flat(f, "RoundBackward1")
  }

  /// Itself. Mirrors `torch.positive`.
  public func positive() throws -> Tensor {
    if dtype == .bool { throw TorchError.notImplemented("The `+` operator, on a bool tensor is not supported.") }
    return self
  }

  /// The fractions, with the sign of the elements. Mirrors `torch.frac`.
  public func frac() throws -> Tensor {
    try refuse("frac_cpu", DifferentiablePair.notFloats)
    let y = try mapped(Formula(float: { $0 - truncf($0) }, double: { $0 - Glibc.trunc($0) }))
    if Tensor.records(self) { y.record("FracBackward0", [self]) { _, g in [g] } }
    return y
  }

  /// Numbers in place of NaN and the infinities; by default zero and the type's extremes. Mirrors `torch.nan_to_num`.
  public func nanToNum(_ nan: Double?, _ positive: Double?, _ negative: Double?) throws -> Tensor {
    if !dtype.isFloatingPoint { return try clone() }
    let greatest = dtype.greatestFinite
    let (nan, positive, negative) = (nan ?? 0, positive ?? greatest, negative ?? -greatest)
    let y = try mapped(
      Formula(
        float: { $0.isNaN ? Float(nan) : $0 == .infinity ? Float(positive) : $0 == -.infinity ? Float(negative) : $0 },
        double: { $0.isNaN ? nan : $0 == .infinity ? positive : $0 == -.infinity ? negative : $0 }))
    if Tensor.records(self) {
      let x = SavedTensor(self)
      y.record("NanToNumBackward0", [self]) { _, g in [try g.mul(x.unpack().asked({ $0.isFinite }, integer: true))] }
    }
    return y
  }

  /// Mantissas in (−1, −½] or [½, 1) and int32 exponents of two. Mirrors `torch.frexp`.
  public func frexp() throws -> (mantissa: Tensor, exponent: Tensor) {
    if !dtype.isFloatingPoint { throw TorchError.runtime("torch.frexp() only supports floating-point dtypes") }
    func parts(_ x: Double) -> (Double, Double) {
      if !x.isFinite { return (x, 0) }
      var e: Int32 = 0
      let m = Glibc.frexp(x, &e)
      return (m, Double(e))
    }
    let mantissa = try mapped(Formula.precise { parts($0).0 })
    let exponent = try mapped(Formula.precise { parts($0).1 }, result: dtype.wide).denseCopy(.int32)
    if Tensor.records(self) {
      let type = dtype
      mantissa.record("FrexpBackward0", [self]) { _, g in [try (g / exponent.exp2()).to(type)] }
    }
    return (mantissa, exponent)
  }
}

extension DType {
  /// The greatest number of a float type.
  var greatestFinite: Double {
    switch self {
    case .float16: Double(Float16.greatestFiniteMagnitude)
    case .bfloat16: Double(Float(bitPattern: 0x7f7f_0000))
    case .float64: .greatestFiniteMagnitude
    default: Double(Float.greatestFiniteMagnitude)
    }
  }
}

/// Rounding, signs and the parts of numbers.
public let rounding = OperationFamily("torch") { ops in
  ops.tensorOp("sign(Tensor self) -> Tensor", doc: "-1, 0 or 1 by sign. Mirrors torch.sign.") { (x: Tensor) in try x.sign() }
  ops.tensorOp("sgn(Tensor self) -> Tensor", doc: "-1, 0 or 1 by sign; of complex numbers z / |z|. Mirrors torch.sgn.") { (x: Tensor) in x.dtype.isComplex ? try x.complexSign() : try x.flat(Sign(), "SgnBackward0") }
  ops.tensorOp("floor(Tensor self) -> Tensor", doc: "Rounds down. Mirrors torch.floor.", inPlace: .both) { (x: Tensor) in try x.floor() }
  ops.tensorOp("ceil(Tensor self) -> Tensor", doc: "Rounds up. Mirrors torch.ceil.", inPlace: .both) { (x: Tensor) in try x.ceil() }
  ops.tensorOp("trunc(Tensor self) -> Tensor", doc: "Rounds towards zero. Mirrors torch.trunc.", inPlace: .both, aliases: ["fix"]) { (x: Tensor) in try x.trunc() }
  ops.tensorOp("round(Tensor self) -> Tensor", doc: "Rounds to the nearest integer, halves to even. Mirrors torch.round.", inPlace: .both) { (x: Tensor) in try x.round() }
  ops.tensorOp("round.decimals(Tensor self, *, int decimals) -> Tensor", doc: "Rounds to a number of decimals. Mirrors torch.round.", inPlace: .both) {
    (x: Tensor, d: Int) in try x.round(decimals: d)
  }
  ops.tensorOp("frac(Tensor self) -> Tensor", doc: "The fractions, with the elements' sign. Mirrors torch.frac.", inPlace: .both) { (x: Tensor) in try x.frac() }
  ops.tensorOp("nan_to_num(Tensor self, float? nan=None, float? posinf=None, float? neginf=None) -> Tensor", doc: "Numbers in place of NaN and infinities. Mirrors torch.nan_to_num.", inPlace: .both) {
    (x: Tensor, n: Double?, p: Double?, m: Double?) in try x.nanToNum(n, p, m)
  }
  ops.define("frexp(Tensor self) -> (Tensor mantissa, Tensor exponent)", doc: "Mantissas and exponents of two. Mirrors torch.frexp.") { (x: Tensor) -> Value in
    let (m, e) = try x.frexp()
    return .tuple([.object(m), .object(e)])
  }
  ops.define("signbit(Tensor self) -> Tensor", doc: "Where the sign bit is set. Mirrors torch.signbit.") { (x: Tensor) in
    x.dtype.isFloatingPoint ? try x.asked({ $0.sign == .minus }, integer: false) : try x.lt(.wrapped(.integer(0)))
  }
  ops.define("isposinf(Tensor self) -> Tensor", doc: "Where elements are infinity. Mirrors torch.isposinf.") { (x: Tensor) in try x.asked({ $0 == .infinity }, integer: false) }
  ops.define("isneginf(Tensor self) -> Tensor", doc: "Where elements are minus infinity. Mirrors torch.isneginf.") { (x: Tensor) in try x.asked({ $0 == -.infinity }, integer: false) }
  ops.define("positive(Tensor self) -> Tensor", doc: "The tensor itself. Mirrors torch.positive.") { (x: Tensor) in try x.positive() }
  ops.define("is_signed(Tensor self) -> bool", doc: "Whether the dtype holds negative numbers. Mirrors torch.is_signed.") { (x: Tensor) in x.dtype.isSigned }
  ops.define("is_nonzero(Tensor self) -> bool", doc: "Whether the only element is not zero. Mirrors torch.is_nonzero.") { (x: Tensor) -> Bool in
    if x.count == 0 { throw TorchError.runtime("Boolean value of Tensor with no values is ambiguous") }
    if x.count > 1 { throw TorchError.runtime("Boolean value of Tensor with more than one value is ambiguous") }
    let number = x.scalar(at: 0)
    return number.doubleValue != 0 || number.imaginary != 0
  }
}
