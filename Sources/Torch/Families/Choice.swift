import CKernels
import Interface
import Kernels
import TensorCore

extension Tensor {
  /// Elements of `a` where the condition holds, of `b` elsewhere; all broadcast. Mirrors `torch.where`.
  public static func `where`(_ condition: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    if condition.dtype != .bool && condition.dtype != .uint8 {
      throw TorchError.runtime("where expected condition to be a boolean tensor, but got a tensor with dtype \(condition.dtype.capitalized)")
    }
    if !records(a, b), let y = try chosenDense(condition, a, b) { return y }
    let sizes = try Shape.broadcast(condition.sizes, Shape.broadcast(a.sizes, b.sizes))
    let dtype = ResultType.of(a, b)
    if dtype.isIntegral || dtype == .float32 {
      for x in [a, b] where x.isWrappedNumber { try x.scalar(at: 0).checkFits(dtype) }
    }
    let y = try Tensor(uninitialized: sizes, dtype: dtype)
    let (yes, no) = (try a.converted(to: dtype), try b.converted(to: dtype))
    // A loop sees bare addresses: what it reads must be held until it ends.
    withExtendedLifetime((yes, no)) {
      Selection.choose(
        condition.operand(broadcastTo: sizes), yes.operand(broadcastTo: sizes), no.operand(broadcastTo: sizes), into: y.operand,
        sizes: sizes)
    }
    if Tensor.records(a, b) {
      let (sa, sb, ta, tb) = (a.sizes, b.sizes, a.dtype, b.dtype)
      y.record("WhereBackward0", [a, b]) { node, g in
        let zero = try Tensor.wrapped(.double(0))
        return [
          node.needs(0) ? try Tensor.where(condition, g, zero).summed(to: sa).to(ta) : nil,
          node.needs(1) ? try Tensor.where(condition, zero, g).summed(to: sb).to(tb) : nil,
        ]
      }
    }
    return y
  }

  /// Dense elements of one type and shape need no plan for a loop. Nil for others.
  private static func chosenDense(_ condition: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor? {
    guard a.dtype == b.dtype, !a.dtype.isQuantized, !a.isWrappedNumber, !b.isWrappedNumber, a.sizes == b.sizes, condition.sizes == a.sizes,
      condition.isContiguous, a.isContiguous, b.isContiguous, let loop = qk_choose(a.dtype.itemSize, 0, 0)
    else { return nil }
    let y = try Tensor(like: a, dtype: a.dtype)
    let size = a.dtype.itemSize
    if a.count <= Threads.grain {
      loop(a.count, condition.pointer, a.pointer, b.pointer, y.pointer)
      return y
    }
    Threads.run(a.count) { part in
      let at = part.lowerBound
      loop(part.count, condition.pointer + at, a.pointer + at * size, b.pointer + at * size, y.pointer + at * size)
    }
    return y
  }

  /// A compiled loop over dense float32 or float64 of one shape, where nothing is recorded; nil for others.
  private func mixedDense(_ op: qk_ternary_op, _ a: Tensor, _ b: Tensor, _ value: Scalar) throws -> Tensor? {
    guard dtype == .float32 || dtype == .float64, a.dtype == dtype, b.dtype == dtype, a.sizes == sizes, b.sizes == sizes,
      isContiguous, a.isContiguous, b.isContiguous, !Tensor.records(self, a), !Tensor.records(b), let type = dtype.loopType,
      let loop = qk_ternary(op, type)
    else { return nil }
    if value != .integer(1) { try value.checkFits(dtype) }
    let y = try Tensor(like: self, dtype: dtype)
    Loops.run(loop, count, pointer, a.pointer, b.pointer, value: value.doubleValue, y.pointer, isDouble: dtype == .float64)
    return y
  }

  /// self + value · a · b. Mirrors `torch.addcmul`.
  public func addcmul(_ a: Tensor, _ b: Tensor, value: Scalar) throws -> Tensor {
    if let y = try mixedDense(QK_ADDCMUL, a, b, value) { return y }
    let dtype = ResultType.of([self, a, b])
    try dtype.refuse("addcmul_cpu_out") { $0 == .bool }
    if dtype.isComplex { return try add(a.mul(b).mul(.wrapped(value))) }
    try value.checkFits(dtype.isFloatingPoint ? dtype.wide : dtype)
    let (v, n) = (value.doubleValue, Int64(value.integerValue))
    let f = TripleFormula(float: { $0 + Float(v) * $1 * $2 }, double: { $0 + v * $1 * $2 }, integer: { $0 &+ n &* $1 &* $2 }, loop: (QK_ADDCMUL, v))
    let y = try Tensor.zipped(f, self, a, b, result: dtype)
    y.recordTriple("AddcmulBackward0", [self, a, b], [{ g, _ in g }, { g, x in try g * (x[2] * v) }, { g, x in try g * (x[1] * v) }])
    return y
  }

  /// self + value · a / b. Mirrors `torch.addcdiv`.
  public func addcdiv(_ a: Tensor, _ b: Tensor, value: Scalar) throws -> Tensor {
    if dtype.isComplex || a.dtype.isComplex || b.dtype.isComplex { return try add(a.div(b).mul(.wrapped(value))) }
    if !a.dtype.isFloatingPoint && !b.dtype.isFloatingPoint {
      throw TorchError.runtime(
        "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for float inputs. The future addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), for all dtypes.")
    }
    let v = value.doubleValue
    let f = TripleFormula(float: { $0 + Float(v) * $1 / $2 }, double: { $0 + v * $1 / $2 }, loop: (QK_ADDCDIV, v))
    let y = try Tensor.zipped(f, self, a, b, result: ResultType.of([self, a, b]))
    y.recordTriple(
      "AddcdivBackward0", [self, a, b],
      [
        { g, _ in g }, { g, x in try g * (Tensor.wrapped(.double(v)) / x[2]) },
        { g, x in try g.neg() * (x[1] * v / (x[2] * x[2])) },
      ])
    return y
  }

  private static func lerpFormula(_ w: Double) -> PairFormula {
    PairFormula(
      float: { Float(w).magnitude < 0.5 ? $0 + Float(w) * ($1 - $0) : $1 - ($1 - $0) * (1 - Float(w)) },
      double: { w.magnitude < 0.5 ? $0 + w * ($1 - $0) : $1 - ($1 - $0) * (1 - w) })
  }

  /// self + weight · (end − self). Mirrors `torch.lerp`.
  public func lerp(_ end: Tensor, weight: Scalar) throws -> Tensor {
    try checkSameType(end, "end")
    if dtype.isComplex { return try add(end.sub(self).mul(.wrapped(weight))) }
    try refuse("lerp_kernel_scalar", DifferentiablePair.notFloats)
    let w = weight.doubleValue
    let y = try Tensor.zipped(Tensor.lerpFormula(w), self, end, result: dtype)
    y.recordPair("LerpBackward0", self, end, { g, _, _, _ in try g * (1 - w) }, { g, _, _, _ in try g * w })
    return y
  }

  /// self + weight · (end − self), a weight for each element. Mirrors `torch.lerp`.
  public func lerp(_ end: Tensor, weight: Tensor) throws -> Tensor {
    if weight.isWrappedNumber && weight.dtype.isComplex { return try lerp(end, weight: weight.scalar(at: 0)) }
    try checkSameType(end, "end")
    try checkSameType(weight, "weight")
    if dtype.isComplex { return try add(end.sub(self).mul(weight)) }
    try refuse("lerp_kernel_tensor", DifferentiablePair.notFloats)
    let f = TripleFormula(
      float: { $2.magnitude < 0.5 ? $0 + $2 * ($1 - $0) : $1 - ($1 - $0) * (1 - $2) },
      double: { $2.magnitude < 0.5 ? $0 + $2 * ($1 - $0) : $1 - ($1 - $0) * (1 - $2) })
    let y = try Tensor.zipped(f, self, end, weight, result: dtype)
    y.recordTriple(
      "LerpBackward1", [self, end, weight],
      [{ g, x in try g * (1 - x[2]) }, { g, x in try g * x[2] }, { g, x in try g * (x[1] - x[0]) }])
    return y
  }

  private func checkSameType(_ other: Tensor, _ name: String) throws {
    if other.dtype != dtype {
      throw TorchError.runtime("expected dtype \(dtype.spelledNativeName) for `\(name)` but got dtype \(other.dtype.spelledNativeName)")
    }
  }

  /// All elements a number, or the only element of a tensor without dimensions; differentiable. Mirrors `torch.fill`.
  public func filled(with value: Tensor, inPlace: Bool = false) throws -> Tensor {
    if value.dim != 0 {
      throw TorchError.runtime("fill_ only supports 0-dimension value tensor but got tensor with \(value.dim) dimensions.")
    }
    if value.isWrappedNumber { try value.scalar(at: 0).checkFits(dtype) }
    let y = try Tensor.full(sizes, value.scalar(at: 0), dtype: dtype)
    if Tensor.records(self, value) {
      y.record("FillBackward\((value.isWrappedNumber ? 0 : 1) + (inPlace ? 2 : 0))", [self, value]) { node, g in
        [node.needs(0) ? try g.zeros() : nil, node.needs(1) ? try g.sum().to(value.dtype) : nil]
      }
    }
    return y
  }
}

/// Choosing and mixing elements of several tensors.
public let choice = OperationFamily("torch") { ops in
  ops.define("where(Tensor condition) -> Tensor[]", doc: "The indices along each dimension where the condition holds. Mirrors torch.where.", variants: [.function]) { (c: Tensor) -> Value in
    if c.dim == 0 { return .list([.object(try c.reshape([1]).nonzero().reshape([-1]))]) }
    let rows = try c.nonzero()
    return .list(try (0..<c.dim).map { .object(try rows.select(1, $0)) })
  }
  ops.define("where.self(Tensor condition, Tensor self, Tensor other) -> Tensor", doc: "Elements of self where the condition holds, else of other. Mirrors torch.where.", variants: [.function]) {
    (c: Tensor, a: TensorOrNumber, b: TensorOrNumber) in try Tensor.where(c, a.tensor, b.tensor)
  }
  ops.define("where(Tensor self, Tensor condition, Tensor other) -> Tensor", doc: "Elements of self where the condition holds, else of other. Mirrors Tensor.where.", variants: [.method]) {
    (x: Tensor, c: Tensor, other: TensorOrNumber) in try Tensor.where(c, x, other.tensor)
  }
  ops.tensorOp("addcmul(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor", doc: "self + value * tensor1 * tensor2. Shapes broadcast. Mirrors torch.addcmul.") {
    (x: Tensor, a: Tensor, b: Tensor, v: Scalar) in try x.addcmul(a, b, value: v)
  }
  ops.tensorOp("addcdiv(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor", doc: "self + value * tensor1 / tensor2. Shapes broadcast. Mirrors torch.addcdiv.") {
    (x: Tensor, a: Tensor, b: Tensor, v: Scalar) in try x.addcdiv(a, b, value: v)
  }
  ops.tensorOp("lerp.Tensor(Tensor self, Tensor end, Tensor weight) -> Tensor", doc: "self + weight * (end - self). Shapes broadcast. Mirrors torch.lerp.") {
    (x: Tensor, e: Tensor, w: Tensor) in try x.lerp(e, weight: w)
  }
  ops.tensorOp("lerp.Scalar(Tensor self, Tensor end, Scalar weight) -> Tensor", doc: "self + weight * (end - self). Shapes broadcast. Mirrors torch.lerp.") {
    (x: Tensor, e: Tensor, w: Scalar) in try x.lerp(e, weight: w)
  }
  ops.define("fill(Tensor self, Tensor value) -> Tensor", doc: "All elements one number. Mirrors torch.fill.", variants: [.function]) {
    (x: Tensor, v: TensorOrNumber) in try x.filled(with: v.tensor)
  }
  ops.tensorOp("fill_(Tensor self, Tensor value) -> Tensor", doc: "Writes one number to every element. Mirrors Tensor.fill_.", inPlace: .itself, variants: [.function, .method]) {
    (x: Tensor, v: TensorOrNumber) in try x.filled(with: v.tensor, inPlace: true)
  }
  ops.define("zero_(Tensor self) -> Tensor", doc: "Writes zero to every element. Mirrors Tensor.zero_.", variants: [.function, .method]) { (x: Tensor) -> Tensor in
    guard Tensor.records(x) else { return try x.fill(.integer(0)) }
    let zero = try x.zeros()
    zero.record("ZeroBackward0", [x]) { _, g in [try g.zeros()] }
    return try x.become(zero)
  }
}
