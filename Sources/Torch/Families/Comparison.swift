import Interface
import Kernels
import TensorCore

private struct Equal: BinaryPredicate { @inline(__always) func callAsFunction<T: WideElement>(_ a: T, _ b: T) -> Bool { a == b } }
private struct Unequal: BinaryPredicate { @inline(__always) func callAsFunction<T: WideElement>(_ a: T, _ b: T) -> Bool { a != b } }
private struct Less: BinaryPredicate { @inline(__always) func callAsFunction<T: WideElement>(_ a: T, _ b: T) -> Bool { a < b } }
private struct LessEqual: BinaryPredicate { @inline(__always) func callAsFunction<T: WideElement>(_ a: T, _ b: T) -> Bool { a <= b } }
private struct Both: BinaryPredicate {
  @inline(__always) func callAsFunction<T: WideElement>(_ a: T, _ b: T) -> Bool { a != T(casting: Int64(0)) && b != T(casting: Int64(0)) }
}
private struct Either: BinaryPredicate {
  @inline(__always) func callAsFunction<T: WideElement>(_ a: T, _ b: T) -> Bool { a != T(casting: Int64(0)) || b != T(casting: Int64(0)) }
}
private struct Bits: BinaryFunction {
  let f: (Int64, Int64) -> Int64
  func callAsFunction(_ a: Float, _ b: Float) -> Float { a }
  func callAsFunction(_ a: Double, _ b: Double) -> Double { a }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { f(a, b) }
}

extension Tensor {
  /// Where elements are equal. Mirrors `torch.eq`.
  public func eq(_ other: Tensor) throws -> Tensor { try .compared(Equal(), self, other) }
  /// Where elements differ. Mirrors `torch.ne`.
  public func ne(_ other: Tensor) throws -> Tensor { try .compared(Unequal(), self, other) }
  /// Where self is less. Mirrors `torch.lt`.
  public func lt(_ other: Tensor) throws -> Tensor { try .compared(Less(), self, other) }
  /// Where self is less or equal. Mirrors `torch.le`.
  public func le(_ other: Tensor) throws -> Tensor { try .compared(LessEqual(), self, other) }
  /// Where self is greater. Mirrors `torch.gt`.
  public func gt(_ other: Tensor) throws -> Tensor { try .compared(Less(), other, self) }
  /// Where self is greater or equal. Mirrors `torch.ge`.
  public func ge(_ other: Tensor) throws -> Tensor { try .compared(LessEqual(), other, self) }
  /// Where both are not zero. Mirrors `torch.logical_and`.
  public func logicalAnd(_ other: Tensor) throws -> Tensor { try .compared(Both(), self, other) }
  /// Where either is not zero. Mirrors `torch.logical_or`.
  public func logicalOr(_ other: Tensor) throws -> Tensor { try .compared(Either(), self, other) }
  /// Where it is zero. Mirrors `torch.logical_not`.
  public func logicalNot() throws -> Tensor { try eq(.wrapped(.integer(0))) }

  /// Elements of `a` where the condition holds, of `b` elsewhere; all broadcast. Mirrors `torch.where`.
  public static func `where`(_ condition: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    if condition.dtype != .bool && condition.dtype != .uint8 {
      throw TorchError.runtime("expected condition to be a boolean tensor, but got a tensor with dtype \(condition.dtype.capitalized)")
    }
    let sizes = try Shape.broadcast(condition.sizes, Shape.broadcast(a.sizes, b.sizes))
    let dtype = ResultType.of(a, b)
    let y = try Tensor(uninitialized: sizes, dtype: dtype)
    let (yes, no) = (try a.converted(to: dtype), try b.converted(to: dtype))
    // A loop sees bare addresses: what it reads must be held until it ends.
    withExtendedLifetime((yes, no)) {
      Selection.choose(
        condition.operand(broadcastTo: sizes), yes.operand(broadcastTo: sizes), no.operand(broadcastTo: sizes), into: y.operand,
        sizes: sizes)
    }
    if Tensor.records(a, b) {
      let (sa, sb) = (a.sizes, b.sizes)
      y.record("WhereBackward0", [a, b]) { node, g in
        let zero = try Tensor.wrapped(.double(0))
        return [
          node.needs(0) ? try Tensor.where(condition, g, zero).summed(to: sa) : nil,
          node.needs(1) ? try Tensor.where(condition, zero, g).summed(to: sb) : nil,
        ]
      }
    }
    return y
  }

  /// Whether sizes and all elements are the same. Mirrors `torch.equal`.
  public func equals(_ other: Tensor) throws -> Bool {
    if sizes != other.sizes { return false }
    return try eq(other).all().scalar(at: 0) == .boolean(true)
  }

  /// Where |self − other| ≤ atol + rtol · |other|. Mirrors `torch.isclose`.
  public func isClose(_ other: Tensor, rtol: Double, atol: Double, equalNaN: Bool) throws -> Tensor {
    if dtype != other.dtype {
      throw TorchError.runtime("\(dtype.capitalized) did not match \(other.dtype.capitalized)")
    }
    return try GradMode.with(false) {
      let (a, b) = (try to(.float64), try other.to(.float64))
      let bound = try b.abs().mul(.wrapped(.double(rtol))).add(.wrapped(.double(atol)))
      let difference = try a.sub(b).abs()
      var close = try a.eq(b).logicalOr(difference.le(bound).logicalAnd(difference.asked({ $0.isFinite }, integer: true)))
      if equalNaN { close = try close.logicalOr(a.ne(a).logicalAnd(b.ne(b))) }
      return close
    }
  }

  fileprivate func bitwise(_ other: Tensor, _ f: @escaping (Int64, Int64) -> Int64) throws -> Tensor {
    let dtype = ResultType.of(self, other)
    if dtype.isFloatingPoint {
      throw TorchError.notImplemented("\"bitwise_cpu\" not implemented for '\(dtype.capitalized)'")
    }
    return try .zipped(Bits(f: f), self, other, result: dtype)
  }
}

/// Comparisons, logic and bits.
public let comparison = OperationFamily("torch") { ops in
  let pairs: [(String, String, (Tensor, Tensor) throws -> Tensor, [String])] = [
    ("eq", "Where elements are equal.", { try $0.eq($1) }, []),
    ("ne", "Where elements differ.", { try $0.ne($1) }, ["not_equal"]),
    ("lt", "Where self is less.", { try $0.lt($1) }, ["less"]),
    ("le", "Where self is less or equal.", { try $0.le($1) }, ["less_equal"]),
    ("gt", "Where self is greater.", { try $0.gt($1) }, ["greater"]),
    ("ge", "Where self is greater or equal.", { try $0.ge($1) }, ["greater_equal"]),
    ("logical_and", "Where both are not zero.", { try $0.logicalAnd($1) }, []),
    ("logical_or", "Where either is not zero.", { try $0.logicalOr($1) }, []),
    ("logical_xor", "Where one of the two is not zero.", { try $0.logicalNot().ne($1.logicalNot()) }, []),
    ("bitwise_and", "The bits set in both.", { try $0.bitwise($1) { $0 & $1 } }, []),
    ("bitwise_or", "The bits set in either.", { try $0.bitwise($1) { $0 | $1 } }, []),
    ("bitwise_xor", "The bits set in one of the two.", { try $0.bitwise($1) { $0 ^ $1 } }, []),
  ]
  for (name, doc, f, aliases) in pairs {
    ops.tensorOp("\(name)(Tensor self, Tensor other) -> Tensor", doc: "\(doc) Shapes broadcast. Mirrors torch.\(name).", aliases: aliases) {
      (x: Tensor, y: TensorOrNumber) in try f(x, y.tensor)
    }
  }
  ops.tensorOp("logical_not(Tensor self) -> Tensor", doc: "Where elements are zero. Mirrors torch.logical_not.") { (x: Tensor) in try x.logicalNot() }
  ops.tensorOp("bitwise_not(Tensor self) -> Tensor", doc: "The bits turned; for bool the negation. Mirrors torch.bitwise_not.") { (x: Tensor) in
    x.dtype == .bool ? try x.logicalNot() : try x.bitwise(.wrapped(.integer(-1))) { $0 ^ $1 }
  }
  ops.tensorOp("isnan(Tensor self) -> Tensor", doc: "Where elements are NaN. Mirrors torch.isnan.", inPlace: false) { (x: Tensor) in try x.ne(x) }
  ops.tensorOp("isinf(Tensor self) -> Tensor", doc: "Where elements are infinite. Mirrors torch.isinf.", inPlace: false) { (x: Tensor) in try x.asked({ $0.isInfinite }, integer: false) }
  ops.tensorOp("isfinite(Tensor self) -> Tensor", doc: "Where elements are finite. Mirrors torch.isfinite.", inPlace: false) { (x: Tensor) in try x.asked({ $0.isFinite }, integer: true) }
  ops.define("where(Tensor condition, Tensor self, Tensor other) -> Tensor", doc: "Elements of self where the condition holds, else of other. Mirrors torch.where.", variants: [.function]) {
    (c: Tensor, a: TensorOrNumber, b: TensorOrNumber) in try Tensor.where(c, a.tensor, b.tensor)
  }
  ops.define("equal(Tensor self, Tensor other) -> bool", doc: "Whether sizes and all elements are the same. Mirrors torch.equal.") { (x: Tensor, y: Tensor) in try x.equals(y) }
  ops.define("isclose(Tensor self, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False) -> Tensor", doc: "Where elements are nearly equal. Mirrors torch.isclose.") {
    (x: Tensor, y: Tensor, r: Double, a: Double, n: Bool) in try x.isClose(y, rtol: r, atol: a, equalNaN: n)
  }
  ops.define("allclose(Tensor self, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False) -> bool", doc: "Whether all elements are nearly equal. Mirrors torch.allclose.") {
    (x: Tensor, y: Tensor, r: Double, a: Double, n: Bool) in try x.isClose(y, rtol: r, atol: a, equalNaN: n).all().scalar(at: 0) == .boolean(true)
  }
}
