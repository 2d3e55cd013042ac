import CKernels
import Glibc
import Interface
import Kernels
import TensorCore

private struct Add: BinaryFunction {
  var op: qk_binary_op? { QK_ADD }
  @inline(__always) func callAsFunction(_ a: Float, _ b: Float) -> Float { a + b }
  @inline(__always) func callAsFunction(_ a: Double, _ b: Double) -> Double { a + b }
  @inline(__always) func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { a &+ b }
}

private struct Sub: BinaryFunction {
  var op: qk_binary_op? { QK_SUB }
  @inline(__always) func callAsFunction(_ a: Float, _ b: Float) -> Float { a - b }
  @inline(__always) func callAsFunction(_ a: Double, _ b: Double) -> Double { a - b }
  @inline(__always) func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { a &- b }
}

private struct Mul: BinaryFunction {
  static var readsNumberExactly: Bool { true }
  var op: qk_binary_op? { QK_MUL }
  @inline(__always) func callAsFunction(_ a: Float, _ b: Float) -> Float { a * b }
  @inline(__always) func callAsFunction(_ a: Double, _ b: Double) -> Double { a * b }
  @inline(__always) func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { a &* b }
}

/// a + alpha · b, rounded once.
private struct AddScaled: BinaryFunction {
  let real: Double
  let integer: Int64
  init(_ alpha: Scalar) {
    real = alpha.doubleValue
    integer = Int64(alpha.integerValue)
  }
  @inline(__always) func callAsFunction(_ a: Float, _ b: Float) -> Float { a + Float(real) * b }
  @inline(__always) func callAsFunction(_ a: Double, _ b: Double) -> Double { a + real * b }
  @inline(__always) func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { a &+ integer &* b }
}

extension Tensor {
  /// self + alpha · other. Mirrors `torch.add`.
  @inline(__always)
  public func add(_ other: Tensor, alpha: Scalar = .integer(1)) throws -> Tensor {
    if alpha != .integer(1) { return try addScaled(other, alpha, "AddBackward0") }
    let y = try Tensor.zipped(Add(), self, other)
    if Tensor.records(self, other) {
      y.recordSum("AddBackward0", self, other) { $0 }
    }
    return y
  }

  /// self + alpha · other in one go and one rounding, for dense floats of one shape; nil for others.
  private func addedScaled(_ other: Tensor, _ alpha: Scalar, into target: Tensor?) throws -> Tensor? {
    guard dtype == other.dtype, sizes == other.sizes, isContiguous, other.isContiguous, let type = dtype.loopType,
      let loop = qk_ternary(QK_ADD_SCALED, type), target == nil || other.storage !== storage || other.storageOffset == storageOffset
    else { return nil }
    let y = try target ?? Tensor(like: self, dtype: dtype)
    Loops.run(loop, count, pointer, other.pointer, other.pointer, value: alpha.doubleValue, y.pointer, isDouble: type == QK_F64)
    return y
  }

  /// Adds alpha · other in self's own memory, where that can be; false, with nothing done, elsewhere.
  func addedInPlace(_ other: Tensor, _ alpha: Scalar = .integer(1)) throws -> Bool {
    if alpha == .integer(1) { return try changed(by: Add(), other) }
    if Tensor.records(self, other) || !dtype.isFloatingPoint { return false }
    try refuseInPlaceOnLeaf()
    guard try addedScaled(other, alpha, into: self) != nil else { return false }
    bumpVersion()
    return true
  }

  /// self − alpha · other. Mirrors `torch.sub`.
  public func sub(_ other: Tensor, alpha: Scalar = .integer(1)) throws -> Tensor {
    try refuseBoolDifference(other)
    if alpha != .integer(1) { return try addScaled(other, alpha, "SubBackward0", negated: true) }
    let y = try Tensor.zipped(Sub(), self, other)
    if Tensor.records(self, other) {
      y.recordSum("SubBackward0", self, other) { try $0.neg() }
    }
    return y
  }

  /// other − alpha · self. Mirrors `torch.rsub`.
  public func rsub(_ other: Tensor, alpha: Scalar = .integer(1)) throws -> Tensor {
    let y = try GradMode.with(false) { try other.sub(self, alpha: alpha) }
    if Tensor.records(self, other) {
      y.recordSum("RsubBackward\(other.isWrappedNumber ? 1 : 0)", other, self) { alpha == .integer(1) ? try $0.neg() : try $0.mul(.wrapped(-alpha)) }
    }
    return y
  }

  private func refuseBoolDifference(_ other: Tensor) throws {
    if dtype != .bool && other.dtype != .bool { return }
    throw TorchError.notImplemented(
      dtype == other.dtype
        ? "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead."
        : "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.")
  }

  private func addScaled(_ other: Tensor, _ alpha: Scalar, _ name: String, negated: Bool = false) throws -> Tensor {
    let dtype = ResultType.of(self, other)
    if case .boolean = alpha, dtype != .bool { throw TorchError.runtime("Boolean alpha only supported for Boolean results.") }
    if alpha.isFloatingPoint && !dtype.isInexact {
      throw TorchError.runtime("For integral input tensors, argument alpha must not be a floating point number.")
    }
    try alpha.checkFits(dtype)
    let factor = negated ? -alpha : alpha
    if dtype.isComplex { return try add(other.mul(.wrapped(factor))) }
    let y = try addedScaled(other, factor, into: nil) ?? Tensor.zipped(AddScaled(factor), self, other)
    if Tensor.records(self, other) {
      y.recordSum(name, self, other) { try $0.mul(.wrapped(factor)) }
    }
    return y
  }

  /// Marks this tensor as the sum of two, the second of which went through a linear function of slope `second`.
  private func recordSum(_ name: String, _ a: Tensor, _ b: Tensor, _ second: @escaping (Tensor) throws -> Tensor) {
    let (sa, sb, ta, tb) = (a.sizes, b.sizes, a.dtype, b.dtype)
    record(name, [a, b]) { node, g in
      [node.needs(0) ? try g.summed(to: sa).to(ta) : nil, node.needs(1) ? try second(g).summed(to: sb).to(tb) : nil]
    }
  }

  /// Elementwise product. Mirrors `torch.mul`.
  public func mul(_ other: Tensor) throws -> Tensor {
    let y = try Tensor.zipped(Mul(), self, other)
    if Tensor.records(self, other) {
      let (a, b) = (SavedTensor(self), SavedTensor(other))
      let (sa, sb, ta, tb) = (sizes, other.sizes, dtype, other.dtype)
      y.record("MulBackward0", [self, other]) { node, g in
        [
          node.needs(0) ? try g.mul(b.unpack()).summed(to: sa).to(ta) : nil,
          node.needs(1) ? try g.mul(a.unpack()).summed(to: sb).to(tb) : nil,
        ]
      }
    }
    return y
  }
}

/// Arithmetic of two tensors or a tensor and a number.
public let arithmetic = OperationFamily("torch") { ops in
  ops.tensorOp("add(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor", doc: "Adds other, scaled by alpha, to self. Shapes broadcast. Mirrors torch.add.", changing: { x, y, alpha in try x.tensor.addedInPlace(y.tensor, alpha) }) {
    (x: TensorOrNumber, y: TensorOrNumber, alpha: Scalar) in try x.tensor.add(y.tensor, alpha: alpha)
  }
  ops.tensorOp("sub(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor", doc: "Subtracts other, scaled by alpha, from self. Shapes broadcast. Mirrors torch.sub.", aliases: ["subtract"], changing: { x, y, alpha in
    try x.tensor.dtype.isFloatingPoint && (alpha == .integer(1) ? x.tensor.changed(by: Sub(), y.tensor) : x.tensor.addedInPlace(y.tensor, -alpha))
  }) {
    (x: TensorOrNumber, y: TensorOrNumber, alpha: Scalar) in try x.tensor.sub(y.tensor, alpha: alpha)
  }
  ops.tensorOp("mul(Tensor self, Tensor other) -> Tensor", doc: "Multiplies elementwise. Shapes broadcast. Mirrors torch.mul.", aliases: ["multiply"], changing: { x, y in try x.tensor.changed(by: Mul(), y.tensor) }) {
    // A number before a tensor is `__rmul__`, which multiplies the tensor by it.
    (x: TensorOrNumber, y: TensorOrNumber) in try x.tensor.isWrappedNumber ? y.tensor.mul(x.tensor) : x.tensor.mul(y.tensor)
  }
  ops.define("rsub(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor", doc: "Subtracts self, scaled by alpha, from other. Shapes broadcast. Mirrors torch.rsub.", variants: [.function]) {
    (x: TensorOrNumber, y: TensorOrNumber, alpha: Scalar) -> Tensor in
    try refuseNumbers("rsub", x, y, numberFirst: false)
    return try x.tensor.rsub(y.tensor, alpha: alpha)
  }
}
