import CKernels
import Glibc
import Interface
import Kernels
import TensorCore

private struct Negate: UnaryFunction {
  @inline(__always) func callAsFunction(_ x: Float) -> Float { -x }
  @inline(__always) func callAsFunction(_ x: Double) -> Double { -x }
  @inline(__always) func callAsFunction(_ x: Int64) -> Int64 { 0 &- x }
}
private struct Absolute: UnaryFunction {
  @inline(__always) func callAsFunction(_ x: Float) -> Float { x.magnitude }
  @inline(__always) func callAsFunction(_ x: Double) -> Double { x.magnitude }
  @inline(__always) func callAsFunction(_ x: Int64) -> Int64 { x < 0 ? 0 &- x : x }
}
private struct Rectify: UnaryFunction {
  @inline(__always) func callAsFunction(_ x: Float) -> Float { x > 0 || x.isNaN ? x : 0 }
  @inline(__always) func callAsFunction(_ x: Double) -> Double { x > 0 || x.isNaN ? x : 0 }
  @inline(__always) func callAsFunction(_ x: Int64) -> Int64 { max(x, 0) }
}
private struct Sign: UnaryFunction {
  func callAsFunction(_ x: Float) -> Float { x > 0 ? 1 : x < 0 ? -1 : 0 }
  func callAsFunction(_ x: Double) -> Double { x > 0 ? 1 : x < 0 ? -1 : 0 }
  func callAsFunction(_ x: Int64) -> Int64 { x.signum() }
}
private struct Clamp: UnaryFunction {
  let low: Scalar?, high: Scalar?
  func callAsFunction(_ x: Float) -> Float {
    var y = x
    if let low, y < Float(low.doubleValue) { y = Float(low.doubleValue) }
    if let high, y > Float(high.doubleValue) { y = Float(high.doubleValue) }
    return y
  }
  func callAsFunction(_ x: Double) -> Double {
    var y = x
    if let low, y < low.doubleValue { y = low.doubleValue }
    if let high, y > high.doubleValue { y = high.doubleValue }
    return y
  }
  func callAsFunction(_ x: Int64) -> Int64 {
    var y = x
    if let low { y = max(y, Int64(low.integerValue)) }
    if let high { y = min(y, Int64(high.integerValue)) }
    return y
  }
}

/// A differentiable function of one number: its value and, from x and y = f(x), its slope.
// Holds pure functions only.
struct Differentiable: @unchecked Sendable {
  let node: String
  let value: Formula
  /// A library kernel for dense float32, where there is one.
  var vector: ((Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void)? = nil
  /// g times the slope.
  let backward: (_ g: Tensor, _ x: () throws -> Tensor, _ y: () throws -> Tensor) throws -> Tensor
}

extension Tensor {
  /// Applies a differentiable function; integers are taken as floats.
  func apply(_ f: Differentiable) throws -> Tensor {
    let y: Tensor
    if let vector = f.vector, dtype == .float32 {
      let x = try dense()
      y = try Tensor(uninitialized: sizes, dtype: .float32)
      vector(count, x.elements(Float.self), y.elements(Float.self))
    } else {
      y = try mappedToFloat(f.value)
    }
    if Tensor.records(self) {
      let (x, saved) = (SavedTensor(self), SavedTensor(result: y))
      y.record(f.node, [self]) { node, g in [try f.backward(g, { try x.unpack() }, { try saved.unpack(node) })] }
    }
    return y
  }

  private func exactly<F: UnaryFunction>(_ f: F, _ name: String, _ slope: @escaping (Tensor, Tensor) throws -> Tensor) throws -> Tensor {
    let y = try mapped(f)
    if Tensor.records(self) {
      let x = SavedTensor(self)
      y.record(name, [self]) { _, g in [try slope(g, x.unpack())] }
    }
    return y
  }

  /// −self. Mirrors `torch.neg`.
  public func neg() throws -> Tensor {
    if dtype == .bool {
      throw TorchError.notImplemented(
        "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.")
    }
    let y = try mapped(Negate())
    if Tensor.records(self) { y.record("NegBackward0", [self]) { _, g in [try g.neg()] } }
    return y
  }
  /// The magnitude. Mirrors `torch.abs`.
  public func abs() throws -> Tensor { try exactly(Absolute(), "AbsBackward0") { g, x in try g.mul(x.sign()) } }
  /// max(x, 0). Mirrors `torch.relu`.
  public func relu() throws -> Tensor {
    let y = try mapped(Rectify())
    if Tensor.records(self) {
      let saved = SavedTensor(result: y)
      y.record("ReluBackward0", [self]) { node, g in [try g.mul(saved.unpack(node).gt(.wrapped(.integer(0))))] }
    }
    return y
  }
  /// −1, 0 or 1. Mirrors `torch.sign`.
  public func sign() throws -> Tensor { try exactly(Sign(), "SignBackward0") { g, _ in try .zeros(g.sizes, dtype: g.dtype) } }
  /// The value held between two bounds. Mirrors `torch.clamp`.
  public func clamp(_ low: Scalar?, _ high: Scalar?) throws -> Tensor {
    if low == nil && high == nil { throw TorchError.runtime("torch.clamp: At least one of 'min' or 'max' must not be None") }
    var target = dtype
    if let low { target = target.promoted(with: low) }
    if let high { target = target.promoted(with: high) }
    let source = try to(target)
    return try source.exactly(Clamp(low: low, high: high), "ClampBackward1") { g, x in
      var inside = try Tensor.full(x.sizes, .boolean(true), dtype: .bool)
      if let low { inside = try inside.logicalAnd(x.ge(.wrapped(low))) }
      if let high { inside = try inside.logicalAnd(x.le(.wrapped(high))) }
      return try g.mul(inside)
    }
  }
  /// e to the power x. Mirrors `torch.exp`.
  public func exp() throws -> Tensor { try apply(Elementary.exp) }
  /// The natural logarithm. Mirrors `torch.log`.
  public func log() throws -> Tensor { try apply(Elementary.log) }
  /// The square root. Mirrors `torch.sqrt`.
  public func sqrt() throws -> Tensor { try apply(Elementary.sqrt) }
  /// 1 / (1 + e^−x). Mirrors `torch.sigmoid`.
  public func sigmoid() throws -> Tensor { try apply(Elementary.sigmoid) }
  /// The hyperbolic tangent. Mirrors `torch.tanh`.
  public func tanh() throws -> Tensor { try apply(Elementary.tanh) }
  /// The sine. Mirrors `torch.sin`.
  public func sin() throws -> Tensor { try apply(Elementary.sin) }
  /// The cosine. Mirrors `torch.cos`.
  public func cos() throws -> Tensor { try apply(Elementary.cos) }
  /// 1 / x. Mirrors `torch.reciprocal`.
  public func reciprocal() throws -> Tensor { try apply(Elementary.reciprocal) }
  /// Rounds down, up, to nearest even or towards zero; integers stay as they are.
  func rounded(_ name: String, _ float: @escaping (Float) -> Float, _ double: @escaping (Double) -> Double) throws -> Tensor {
    try exactly(Formula(float: float, double: double), name) { g, _ in try .zeros(g.sizes, dtype: g.dtype) }
  }
}

/// The functions of one variable, value and slope side by side.
enum Elementary {
  static let exp = Differentiable(
    node: "ExpBackward0", value: Formula(float: expf, double: Glibc.exp), vector: { qk_exp_f32($0, $1, $2) },
    backward: { g, _, y in try g.mul(y()) })
  static let log = Differentiable(
    node: "LogBackward0", value: Formula(float: logf, double: Glibc.log), backward: { g, x, _ in try g.div(x()) })
  static let sqrt = Differentiable(
    node: "SqrtBackward0", value: Formula(float: { $0.squareRoot() }, double: { $0.squareRoot() }),
    backward: { g, _, y in try g.div(y().mul(.wrapped(.integer(2)))) })
  static let sigmoid = Differentiable(
    node: "SigmoidBackward0", value: Formula(float: { 1 / (1 + expf(-$0)) }, double: { 1 / (1 + Glibc.exp(-$0)) }),
    vector: { qk_sigmoid_f32($0, $1, $2) },
    backward: { g, _, y in
      let y = try y()
      return try g.mul(y.mul(Tensor.wrapped(.integer(1)).sub(y)))
    })
  static let tanh = Differentiable(
    node: "TanhBackward0", value: Formula(float: tanhf, double: Glibc.tanh), vector: { qk_tanh_f32($0, $1, $2) },
    backward: { g, _, y in
      let y = try y()
      return try g.mul(Tensor.wrapped(.integer(1)).sub(y.mul(y)))
    })
  static let sin = Differentiable(
    node: "SinBackward0", value: Formula(float: sinf, double: Glibc.sin), backward: { g, x, _ in try g.mul(x().cos()) })
  static let cos = Differentiable(
    node: "CosBackward0", value: Formula(float: cosf, double: Glibc.cos), backward: { g, x, _ in try g.mul(x().sin().neg()) })
  static let reciprocal = Differentiable(
    node: "ReciprocalBackward0", value: Formula(float: { 1 / $0 }, double: { 1 / $0 }),
    backward: { g, _, y in
      let y = try y()
      return try g.mul(y.mul(y).neg())
    })
}

/// Functions of one number, element by element.
public let elementary = OperationFamily("torch") { ops in
  ops.tensorOp("neg(Tensor self) -> Tensor", doc: "The negated elements. Mirrors torch.neg.", aliases: ["negative"]) { (x: Tensor) in try x.neg() }
  ops.tensorOp("abs(Tensor self) -> Tensor", doc: "The magnitudes. Mirrors torch.abs.", aliases: ["absolute"]) { (x: Tensor) in try x.abs() }
  ops.tensorOp("relu(Tensor self) -> Tensor", doc: "max(x, 0). Mirrors torch.relu.", variants: [.function, .method, .functional]) { (x: Tensor) in try x.relu() }
  ops.tensorOp("sign(Tensor self) -> Tensor", doc: "-1, 0 or 1 by sign. Mirrors torch.sign.") { (x: Tensor) in try x.sign() }
  ops.tensorOp("clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor", doc: "Holds elements between min and max. Mirrors torch.clamp.", aliases: ["clip"]) {
    (x: Tensor, low: Scalar?, high: Scalar?) in try x.clamp(low, high)
  }
  ops.tensorOp("exp(Tensor self) -> Tensor", doc: "e to the power x. Mirrors torch.exp.") { (x: Tensor) in try x.exp() }
  ops.tensorOp("log(Tensor self) -> Tensor", doc: "The natural logarithm. Mirrors torch.log.") { (x: Tensor) in try x.log() }
  ops.tensorOp("sqrt(Tensor self) -> Tensor", doc: "The square root. Mirrors torch.sqrt.") { (x: Tensor) in try x.sqrt() }
  ops.tensorOp("sigmoid(Tensor self) -> Tensor", doc: "1 / (1 + exp(-x)). Mirrors torch.sigmoid.", variants: [.function, .method, .functional]) { (x: Tensor) in try x.sigmoid() }
  ops.tensorOp("tanh(Tensor self) -> Tensor", doc: "The hyperbolic tangent. Mirrors torch.tanh.", variants: [.function, .method, .functional]) { (x: Tensor) in try x.tanh() }
  ops.tensorOp("sin(Tensor self) -> Tensor", doc: "The sine. Mirrors torch.sin.") { (x: Tensor) in try x.sin() }
  ops.tensorOp("cos(Tensor self) -> Tensor", doc: "The cosine. Mirrors torch.cos.") { (x: Tensor) in try x.cos() }
  ops.tensorOp("reciprocal(Tensor self) -> Tensor", doc: "1 / x. Mirrors torch.reciprocal.") { (x: Tensor) in try x.reciprocal() }
  ops.tensorOp("square(Tensor self) -> Tensor", doc: "x squared. Mirrors torch.square.") { (x: Tensor) in try x.pow(.wrapped(.integer(2))) }
  ops.tensorOp("floor(Tensor self) -> Tensor", doc: "Rounds down. Mirrors torch.floor.") { (x: Tensor) in try x.rounded("FloorBackward0", floorf, Glibc.floor) }
  ops.tensorOp("ceil(Tensor self) -> Tensor", doc: "Rounds up. Mirrors torch.ceil.") { (x: Tensor) in try x.rounded("CeilBackward0", ceilf, Glibc.ceil) }
  ops.tensorOp("round(Tensor self) -> Tensor", doc: "Rounds to the nearest integer, halves to even. Mirrors torch.round.") { (x: Tensor) in try x.rounded("RoundBackward0", rintf, Glibc.rint) }
  ops.tensorOp("trunc(Tensor self) -> Tensor", doc: "Rounds towards zero. Mirrors torch.trunc.") { (x: Tensor) in try x.rounded("TruncBackward0", truncf, Glibc.trunc) }
}
