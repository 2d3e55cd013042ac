import CKernels
import Glibc
import Interface
import Kernels
import TensorCore

/// Floor division as Python's; integers by zero are refused before.
private struct FloorDiv: BinaryFunction {
  static var readsNumberExactly: Bool { true }
  func callAsFunction(_ a: Float, _ b: Float) -> Float { Float(callAsFunction(Double(a), Double(b))) }
  func callAsFunction(_ a: Double, _ b: Double) -> Double {
    if b == 0 { return a / b }
    let m = fmod(a, b)
    var d = (a - m) / b
    if m != 0 && (b < 0) != (m < 0) { d -= 1 }
    if d == 0 { return copysign(0, a / b) }
    let f = floor(d)
    return d - f > 0.5 ? f + 1 : f
  }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 {
    if b == 0 { return 0 }
    let (q, r) = (a.dividedReportingOverflow(by: b).partialValue, b == -1 ? 0 : a % b)
    return r != 0 && (r < 0) != (b < 0) ? q - 1 : q
  }
}

private struct TrueDiv: BinaryFunction {
  static var readsNumberExactly: Bool { true }
  var op: qk_binary_op? { QK_DIV }
  @inline(__always) func callAsFunction(_ a: Float, _ b: Float) -> Float { a / b }
  @inline(__always) func callAsFunction(_ a: Double, _ b: Double) -> Double { a / b }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue }
}

/// The remainder with the divisor's sign, as Python's `%`.
private struct Remainder: BinaryFunction {
  func callAsFunction(_ a: Float, _ b: Float) -> Float {
    let m = fmodf(a, b)
    return m != 0 && (b < 0) != (m < 0) ? m + b : m
  }
  func callAsFunction(_ a: Double, _ b: Double) -> Double {
    let m = fmod(a, b)
    return m != 0 && (b < 0) != (m < 0) ? m + b : m
  }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 {
    if b == 0 || b == -1 { return 0 }
    let m = a % b
    return m != 0 && (b < 0) != (m < 0) ? m + b : m
  }
}

/// C's remainder, with the dividend's sign; integers by zero are refused before.
private struct FMod: BinaryFunction {
  func callAsFunction(_ a: Float, _ b: Float) -> Float { fmodf(a, b) }
  func callAsFunction(_ a: Double, _ b: Double) -> Double { fmod(a, b) }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { b == 0 || b == -1 ? 0 : a % b }
}

extension Tensor {
  /// Elementwise quotient. Mirrors `torch.div`; `rounding` is nil, `trunc` or `floor`.
  public func div(_ other: Tensor, rounding: String? = nil) throws -> Tensor {
    var dtype = ResultType.of(self, other)
    guard let rounding else {
      if !dtype.isInexact { dtype = .defaultFloat }
      let y = try Tensor.zipped(TrueDiv(), self, other, result: dtype)
      y.recordPair(
        "DivBackward0", self, other, { g, _, b, _ in try g.div(b) }, { g, a, b, _ in try g.neg().mul(a.div(b).div(b)) })
      return y
    }
    guard rounding == "trunc" || rounding == "floor" else {
      throw TorchError.runtime("div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '\(rounding)'")
    }
    try dtype.refuse("div_\(rounding)_cpu") { $0 == .bool || $0.isComplex }
    try refuseZeroDivisor(other, dtype)
    var y: Tensor
    if rounding == "floor" {
      y = try Tensor.zipped(FloorDiv(), self, other, result: dtype)
    } else {
      y = try Tensor.zipped(TrueDiv(), self, other, result: dtype)
      if dtype.isFloatingPoint { y = try y.mapped(Formula(float: truncf, double: Glibc.trunc)) }
    }
    y.recordPair("DivBackward2", self, other, nil, nil)
    return y
  }

  private func refuseZeroDivisor(_ other: Tensor, _ dtype: DType) throws {
    if dtype.isFloatingPoint || count == 0 || other.count == 0 { return }
    if try other.eq(.wrapped(.integer(0))).any().scalar(at: 0) == .boolean(true) { throw TorchError.runtime("ZeroDivisionError") }
  }

  /// The quotient rounded down, which has no derivative. Mirrors `torch.floor_divide`.
  public func floorDivide(_ other: Tensor) throws -> Tensor {
    let y = try GradMode.with(false) { try div(other, rounding: "floor") }
    return y.withoutDerivative("floor_divide", [self, other])
  }

  /// Marks a result of an operation that cannot be differentiated: the backward pass says so.
  func withoutDerivative(_ name: String, _ inputs: [Tensor]) -> Tensor {
    if Tensor.records(inputs) {
      record("NotImplemented", inputs) { _, _ in throw TorchError.runtime("derivative for aten::\(name) is not implemented") }
    }
    return self
  }

  /// Python's modulus. Mirrors `torch.remainder`.
  public func remainder(_ other: Tensor) throws -> Tensor {
    try modulo(Remainder(), "remainder_cpu", "RemainderBackward", other, rounding: "floor")
  }
  /// C's remainder. Mirrors `torch.fmod`.
  public func fmod(_ other: Tensor) throws -> Tensor { try modulo(FMod(), "fmod_cpu", "FmodBackward", other, rounding: "trunc") }

  private func modulo<F: BinaryFunction>(_ f: F, _ kernel: String, _ node: String, _ other: Tensor, rounding: String) throws -> Tensor {
    let dtype = ResultType.of(self, other)
    try dtype.refuse(kernel) { $0 == .bool }
    try refuseZeroDivisor(other, dtype)
    let y = try Tensor.zipped(f, self, other)
    y.recordPair("\(node)\(other.isWrappedNumber ? 0 : 1)", self, other, { g, _, _, _ in g }, { g, a, b, _ in try g.neg().mul(a.div(b, rounding: rounding)) })
    return y
  }
}

/// Quotients and remainders.
public let division = OperationFamily("torch") { ops in
  for name in ["div", "divide"] {
    ops.tensorOp("\(name)(Tensor self, Tensor other, *, str? rounding_mode=None) -> Tensor", doc: "Divides elementwise; rounding_mode is None, 'trunc' or 'floor'. Shapes broadcast. Mirrors torch.\(name).", changing: { x, y, mode in
      try mode == nil && x.tensor.dtype.isFloatingPoint && x.tensor.changed(by: TrueDiv(), y.tensor)
    }) {
      (x: TensorOrNumber, y: TensorOrNumber, mode: String?) in try x.tensor.div(y.tensor, rounding: mode)
    }
  }
  ops.tensorOp("true_divide(Tensor self, Tensor other) -> Tensor", doc: "Divides elementwise. Shapes broadcast. Mirrors torch.true_divide.", changing: { x, y in try x.tensor.dtype.isFloatingPoint && x.tensor.changed(by: TrueDiv(), y.tensor) }) {
    (x: TensorOrNumber, y: TensorOrNumber) in try x.tensor.div(y.tensor)
  }
  ops.tensorOp("floor_divide(Tensor self, Tensor other) -> Tensor", doc: "The quotient rounded down. Shapes broadcast. Mirrors torch.floor_divide.", inPlace: .none) {
    (x: TensorOrNumber, y: TensorOrNumber) in try x.tensor.floorDivide(y.tensor)
  }
  ops.tensorOp("floor_divide_(Tensor self, Tensor other) -> Tensor", doc: "The quotient rounded down, in place. Mirrors Tensor.floor_divide_.", inPlace: .itself, variants: [.method]) {
    (x: Tensor, y: TensorOrNumber) -> Tensor in
    try x.refuseNarrowing(ResultType.of(x, y.tensor))
    return try x.floorDivide(y.tensor)
  }
  ops.numberPair("remainder", "Python's modulus: the result has the divisor's sign.") { try $0.remainder($1) }
  ops.numberPair("fmod", "C's remainder: the result has the dividend's sign.", numberFirst: false) { try $0.fmod($1) }
}
