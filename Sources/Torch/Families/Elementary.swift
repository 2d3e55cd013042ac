import CKernels
import Glibc
import Interface
import Kernels
import TensorCore

private struct Negate: UnaryFunction {
  var op: qk_unary_op? { QK_NEG }
  @inline(__always) func callAsFunction(_ x: Float) -> Float { -x }
  @inline(__always) func callAsFunction(_ x: Double) -> Double { -x }
  @inline(__always) func callAsFunction(_ x: Int64) -> Int64 { 0 &- x }
}
private struct Absolute: UnaryFunction {
  var op: qk_unary_op? { QK_ABS }
  @inline(__always) func callAsFunction(_ x: Float) -> Float { x.magnitude }
  @inline(__always) func callAsFunction(_ x: Double) -> Double { x.magnitude }
  @inline(__always) func callAsFunction(_ x: Int64) -> Int64 { x < 0 ? 0 &- x : x }
}
private struct Rectify: UnaryFunction {
  var op: qk_unary_op? { QK_RELU }
  @inline(__always) func callAsFunction(_ x: Float) -> Float { x > 0 || x.isNaN ? x : 0 }
  @inline(__always) func callAsFunction(_ x: Double) -> Double { x > 0 || x.isNaN ? x : 0 }
  @inline(__always) func callAsFunction(_ x: Int64) -> Int64 { max(x, 0) }
}
/// A differentiable function of one number: its value and, from x and y = f(x), its slope.
// Holds pure functions only.
struct Differentiable: @unchecked Sendable {
  let node: String
  let value: Formula
  /// A library kernel for dense float32, where there is one.
  let vector: ((Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void)?
  /// PyTorch's name of its loop where that takes no 16-bit floats.
  let wideOnly: String?
  /// g times the slope; nil where PyTorch has no derivative.
  let backward: Backward?
  typealias Backward = (_ g: Tensor, _ x: () throws -> Tensor, _ y: () throws -> Tensor) throws -> Tensor

  /// A function whose node is called as PyTorch's (`SinBackward0`) finds the compiled loop of that name (`sin`) by itself.
  init(
    node: String, value: Formula, vector: ((Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void)? = nil,
    wideOnly: String? = nil, backward: Backward?
  ) {
    self.node = node
    self.vector = vector
    self.wideOnly = wideOnly
    self.backward = backward
    var value = value
    if value.op == nil && vector == nil && node.hasSuffix("Backward0") {
      let found = qk_unary_named(node.dropLast(9).lowercased())
      // Those that have no parameters.
      if found >= Int32(QK_SQRT.rawValue) && found <= Int32(QK_ERFC.rawValue) { value.op = qk_unary_op(rawValue: UInt32(found)) }
    }
    self.value = value
  }
}

extension Tensor {
  /// Applies a differentiable function; integers are taken as floats.
  func apply(_ f: Differentiable) throws -> Tensor {
    if let name = f.wideOnly { try refuse(name) { $0 == .float16 || $0 == .bfloat16 } }
    let y: Tensor
    if let vector = f.vector, dtype == .float32 {
      let x = try dense()
      y = try Tensor(uninitialized: sizes, dtype: .float32)
      vector(count, x.elements(Float.self), y.elements(Float.self))
    } else {
      y = try mappedToFloat(f.value)
    }
    if let backward = f.backward, Tensor.records(self) {
      let (x, saved) = (SavedTensor(self), SavedTensor(result: y))
      y.record(f.node, [self]) { node, g in [try backward(g, { try x.unpack() }, { try saved.unpack(node) })] }
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
  public func abs() throws -> Tensor {
    try refuse("abs_cpu") { $0 == .bool }
    if dtype.isComplex { return try complexAbs() }
    return try exactly(Absolute(), "AbsBackward0") { g, x in try g.mul(x.sign()) }
  }
  /// max(x, 0). Mirrors `torch.relu`.
  public func relu() throws -> Tensor {
    if dtype == .bool { throw TorchError.notImplemented("Boolean inputs not supported for relu") }
    let y = try mapped(Rectify())
    if Tensor.records(self) {
      let saved = SavedTensor(result: y)
      y.record("ReluBackward0", [self]) { node, g in [try g.mul(saved.unpack(node).gt(.wrapped(.integer(0))))] }
    }
    return y
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
}

/// The functions of one variable, value and slope side by side.
enum Elementary {
  static let exp: Differentiable = .init(
    node: "ExpBackward0", value: Formula(float: expf, double: Glibc.exp),
    backward: { g, _, y in try g.mul(y()) })
  static let log: Differentiable = .init(
    node: "LogBackward0", value: Formula(float: logf, double: Glibc.log), backward: { g, x, _ in try g.div(x()) })
  static let sqrt: Differentiable = .init(
    node: "SqrtBackward0", value: Formula(float: { $0.squareRoot() }, double: { $0.squareRoot() }),
    backward: { g, _, y in try g.div(y().mul(.wrapped(.integer(2)))) })
  static let sigmoid: Differentiable = .init(
    node: "SigmoidBackward0", value: Formula(float: { 1 / (1 + expf(-$0)) }, double: { 1 / (1 + Glibc.exp(-$0)) }, op: QK_SIGMOID),
    backward: { g, _, y in
      let y = try y()
      return try g.mul(y.mul(Tensor.wrapped(.integer(1)).sub(y)))
    })
  static let tanh: Differentiable = .init(
    node: "TanhBackward0", value: Formula(float: tanhf, double: Glibc.tanh),
    backward: { g, _, y in
      let y = try y()
      return try g.mul(Tensor.wrapped(.integer(1)).sub(y.mul(y)))
    })
  static let sin: Differentiable = .init(
    node: "SinBackward0", value: Formula(float: sinf, double: Glibc.sin), backward: { g, x, _ in try g.mul(x().cos()) })
  static let cos: Differentiable = .init(
    node: "CosBackward0", value: Formula(float: cosf, double: Glibc.cos), backward: { g, x, _ in try g.mul(x().sin().neg()) })
  static let reciprocal: Differentiable = .init(
    node: "ReciprocalBackward0", value: Formula(float: { 1 / $0 }, double: { 1 / $0 }),
    backward: { g, _, y in
      let y = try y()
      return try g.mul(y.mul(y).neg())
    })
}

/// Functions of one number, element by element.
public let elementary = OperationFamily("torch") { ops in
  ops.tensorOp("neg(Tensor self) -> Tensor", doc: "The negated elements. Mirrors torch.neg.", inPlace: .both, aliases: ["negative"]) { (x: Tensor) in try x.neg() }
  ops.tensorOp("abs(Tensor self) -> Tensor", doc: "The magnitudes. Mirrors torch.abs.", inPlace: .both) { (x: Tensor) in try x.abs() }
  ops.tensorOp("absolute(Tensor self) -> Tensor", doc: "The magnitudes. Mirrors torch.absolute.") { (x: Tensor) in try x.abs() }
  ops.tensorOp("exp(Tensor self) -> Tensor", doc: "e to the power x. Mirrors torch.exp.", inPlace: .both) { (x: Tensor) in try x.exp() }
  ops.tensorOp("log(Tensor self) -> Tensor", doc: "The natural logarithm. Mirrors torch.log.", inPlace: .both) { (x: Tensor) in try x.log() }
  ops.tensorOp("sqrt(Tensor self) -> Tensor", doc: "The square root. Mirrors torch.sqrt.", inPlace: .both) { (x: Tensor) in try x.sqrt() }
  ops.tensorOp("sigmoid(Tensor self) -> Tensor", doc: "1 / (1 + exp(-x)). Mirrors torch.sigmoid.", inPlace: .both, variants: [.function, .method]) { (x: Tensor) in try x.sigmoid() }
  ops.tensorOp("tanh(Tensor self) -> Tensor", doc: "The hyperbolic tangent. Mirrors torch.tanh.", inPlace: .both, variants: [.function, .method]) { (x: Tensor) in try x.tanh() }
  ops.tensorOp("sin(Tensor self) -> Tensor", doc: "The sine. Mirrors torch.sin.", inPlace: .both) { (x: Tensor) in try x.sin() }
  ops.tensorOp("cos(Tensor self) -> Tensor", doc: "The cosine. Mirrors torch.cos.", inPlace: .both) { (x: Tensor) in try x.cos() }
  ops.tensorOp("reciprocal(Tensor self) -> Tensor", doc: "1 / x. Mirrors torch.reciprocal.", inPlace: .both) { (x: Tensor) in try x.reciprocal() }
}
