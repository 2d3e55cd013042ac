import CKernels
import Glibc
import Interface
import Kernels
import TensorCore

private struct Power: BinaryFunction {
  var op: qk_binary_op? { QK_POW }
  func callAsFunction(_ a: Float, _ b: Float) -> Float { powf(a, b) }
  func callAsFunction(_ a: Double, _ b: Double) -> Double { pow(a, b) }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { Power.integer(a, b) }

  static func integer(_ a: Int64, _ b: Int64) -> Int64 {
    if b < 0 { return a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0 }
    var (result, base, e): (Int64, Int64, Int64) = (1, a, b)
    while e > 0 {
      if e & 1 == 1 { result = result &* base }
      base = base &* base
      e >>= 1
    }
    return result
  }
}

/// A power with one exponent; small ones are products and roots.
private struct FixedPower: UnaryFunction {
  let exponent: Scalar
  let real: Double
  var op: qk_unary_op? {
    switch real {
    case 2: QK_SQUARE
    case 0.5: QK_SQRT
    case -0.5: QK_RSQRT
    case -1: QK_RECIPROCAL
    default: nil
    }
  }
  init(_ exponent: Scalar) {
    self.exponent = exponent
    real = exponent.doubleValue
  }
  func callAsFunction(_ x: Float) -> Float {
    switch real {
    case 2: x * x
    case 3: x * x * x
    case 0.5: x.squareRoot()
    case -0.5: 1 / x.squareRoot()
    case -1: 1 / x
    case -2: 1 / (x * x)
    default: powf(x, Float(real))
    }
  }
  func callAsFunction(_ x: Double) -> Double {
    switch real {
    case 2: x * x
    case 3: x * x * x
    case 0.5: x.squareRoot()
    case -0.5: 1 / x.squareRoot()
    case -1: 1 / x
    case -2: 1 / (x * x)
    default: Glibc.pow(x, real)
    }
  }
  func callAsFunction(_ x: Int64) -> Int64 { Power.integer(x, Int64(exponent.integerValue)) }
}

extension Tensor {
  /// Elementwise power. Mirrors `torch.pow`.
  public func pow(_ exponent: Tensor) throws -> Tensor {
    if exponent.isWrappedNumber && !isWrappedNumber && !dtype.isComplex && !exponent.dtype.isComplex { return try pow(exponent.scalar(at: 0), ResultType.of(self, exponent)) }
    let dtype = ResultType.of(self, exponent)
    if isWrappedNumber && dtype.isIntegral { try scalar(at: 0).checkFits(dtype) }
    let y: Tensor
    if isWrappedNumber && self.dtype != .bool && !dtype.isComplex && scalar(at: 0).doubleValue == 1 {
      y = try .ones(exponent.sizes, dtype: dtype)
    } else {
      try dtype.refuse("pow") { $0 == .bool }
      y = try Tensor.zipped(Power(), self, exponent, result: dtype)
    }
    y.recordPair(
      isWrappedNumber ? "PowBackward2" : "PowBackward1", self, exponent,
      { g, x, e, _ in
        // At exponent zero the slope is zero even where x is zero.
        try (g * (e * x.pow(e - 1))).replaced(where: e.is(0), by: 0)
      },
      { g, x, e, y in
        let flat = try x.is(0).logicalAnd(e.real().ge(.wrapped(.integer(0))))
        return try g * (y() * x.to(dtype).log()).replaced(where: flat, by: 0)
      })
    return y
  }

  private func pow(_ exponent: Scalar, _ dtype: DType) throws -> Tensor {
    let e = exponent.doubleValue
    if dtype != .float32 && !(!dtype.isFloatingPoint && e < 0) { try exponent.checkFits(dtype) }
    if !dtype.isFloatingPoint && e < 0 { throw TorchError.runtime("Integers to negative integer powers are not allowed.") }
    let y: Tensor
    if e == 0 {
      y = try .ones(sizes, dtype: dtype)
    } else if e == 1 {
      y = try denseCopy(dtype)
    } else {
      try dtype.refuse("pow") { $0 == .bool }
      y = try mapped(FixedPower(exponent), result: dtype)
    }
    if Tensor.records(self) {
      let (x, type) = (SavedTensor(self), self.dtype)
      y.record("PowBackward0", [self]) { _, g in
        if e == 0 { return [try x.unpack().zeros()] }
        return [try (g * (x.unpack().pow(.wrapped(.double(e - 1))) * e)).to(type)]
      }
    }
    return y
  }

  /// Elementwise power in float64. Mirrors `torch.float_power`.
  public func floatPower(_ exponent: Tensor) throws -> Tensor {
    let target: DType = dtype.isComplex || exponent.dtype.isComplex ? .complex128 : .float64
    func wide(_ x: Tensor) throws -> Tensor { x.isWrappedNumber ? x.dtype.isComplex ? x : try .wrapped(.double(x.scalar(at: 0).doubleValue)) : try x.to(target) }
    return try wide(self).pow(wide(exponent))
  }

  /// self · 2^other. Mirrors `torch.ldexp`.
  public func ldexp(_ other: Tensor) throws -> Tensor {
    if dtype.isComplex || other.dtype.isComplex { return try mul(Tensor.wrapped(.double(2)).pow(other)) }
    if dtype.isFloatingPoint { try other.refuse("ldexp_cpu_exp") { $0 == .bool } }
    // Whole exponents move the point; the power of others is rounded to their type by itself.
    let scaled: (Double, Double) -> Double =
      switch other.dtype {
      case .float16: { $0 * Double(Float16(Glibc.exp2($1))) }
      case .bfloat16: { $0 * Double(BFloat16(wide: exp2f(Float($1))).wide) }
      case .float32: { $0 * Double(exp2f(Float($1))) }
      case .float64: { $0 * Glibc.exp2($1) }
      case _ where !dtype.isFloatingPoint: { $0 * Double(exp2f(Float($1))) }
      default: { scalbn($0, Int32(min(max($1, -10_000), 10_000))) }
      }
    return try .apply(
      DifferentiablePair(
        node: "LdexpBackward0", givesFloat: true, value: .precise(scaled), first: { g, _, b, _ in try g * Tensor.wrapped(.double(2)).pow(b) },
        second: { g, _, _, y in try g * y() * M_LN2 }), self, other)
  }
}

/// Powers.
public let powers = OperationFamily("torch") { ops in
  ops.tensorOp("pow(Tensor self, Tensor exponent) -> Tensor", doc: "Raises elementwise to a power. Shapes broadcast. Mirrors torch.pow.") {
    (x: TensorOrNumber, y: TensorOrNumber) -> Tensor in
    try refuseNumbers("pow", x, y, second: "exponent")
    return try x.tensor.pow(y.tensor)
  }
  ops.define("float_power(Tensor self, Tensor exponent) -> Tensor", doc: "Raises elementwise to a power in float64. Shapes broadcast. Mirrors torch.float_power.") {
    (x: TensorOrNumber, y: TensorOrNumber) -> Tensor in
    try refuseNumbers("float_power", x, y, second: "exponent")
    return try x.tensor.floatPower(y.tensor)
  }
  ops.tensorOp("float_power_(Tensor self, Tensor exponent) -> Tensor", doc: "Raises float64 elements to a power in place. Mirrors Tensor.float_power_.", inPlace: .none, variants: [.method]) {
    (x: Tensor, y: TensorOrNumber) -> Tensor in
    let wanted: DType = x.dtype.isComplex || y.tensor.dtype.isComplex ? .complex128 : .float64
    if x.dtype != wanted {
      throw TorchError.runtime("the base given to float_power_ has dtype \(x.dtype.capitalized) but the operation's result requires dtype \(wanted.capitalized)")
    }
    return try x.become(x.original(beforeChange: y.tensor.requiresGrad).floatPower(y.tensor))
  }
  ops.tensorPair("ldexp", "self times 2 to the power other.", inPlace: .both) { try $0.ldexp($1) } narrowing: { x, y in
    let result = ResultType.of(x, y)
    try x.refuseNarrowing(result.isFloatingPoint ? result : .defaultFloat, subject: "ldexp")
  }
}
