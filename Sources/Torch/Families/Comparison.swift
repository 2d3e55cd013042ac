import CKernels
import Glibc
import Interface
import Kernels
import TensorCore

private struct Equal: BinaryPredicate {
  var op: qk_comparison? { QK_EQ }
  @inline(__always) func callAsFunction<T: WideElement>(_ a: T, _ b: T) -> Bool { a == b }
}
private struct Unequal: BinaryPredicate {
  var op: qk_comparison? { QK_NE }
  @inline(__always) func callAsFunction<T: WideElement>(_ a: T, _ b: T) -> Bool { a != b }
}
private struct Less: BinaryPredicate {
  var op: qk_comparison? { QK_LT }
  @inline(__always) func callAsFunction<T: WideElement>(_ a: T, _ b: T) -> Bool { a < b }
}
private struct LessEqual: BinaryPredicate {
  var op: qk_comparison? { QK_LE }
  @inline(__always) func callAsFunction<T: WideElement>(_ a: T, _ b: T) -> Bool { a <= b }
}
private struct Both: BinaryPredicate {
  @inline(__always) func callAsFunction<T: WideElement>(_ a: T, _ b: T) -> Bool { a != T(casting: Int64(0)) && b != T(casting: Int64(0)) }
}
private struct Either: BinaryPredicate {
  @inline(__always) func callAsFunction<T: WideElement>(_ a: T, _ b: T) -> Bool { a != T(casting: Int64(0)) || b != T(casting: Int64(0)) }
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

  /// Whether sizes and all elements are the same. Mirrors `torch.equal`.
  public func equals(_ other: Tensor) throws -> Bool {
    if sizes != other.sizes { return false }
    return try eq(other).all().scalar(at: 0) == .boolean(true)
  }

  /// Where |self − other| ≤ atol + rtol · |other|. Mirrors `torch.isclose`.
  public func isClose(_ other: Tensor, rtol: Double, atol: Double, equalNaN: Bool) throws -> Tensor {
    if dtype != other.dtype { throw TorchError.runtime("\(dtype.capitalized) did not match \(other.dtype.capitalized)") }
    if rtol < 0 { throw TorchError.runtime("rtol must be greater than or equal to zero, but got \(rtol.shortText)") }
    if atol < 0 { throw TorchError.runtime("atol must be greater than or equal to zero, but got \(atol.shortText)") }
    return try GradMode.with(false) {
      var close = try eq(other)
      if equalNaN && dtype.isInexact { close = try close.logicalOr(ne(self).logicalAnd(other.ne(other))) }
      if rtol == 0 && atol == 0 { return close }
      let (a, b) = dtype.isInexact ? (self, other) : (try to(.defaultFloat), try other.to(.defaultFloat))
      let (allowed, difference) = (try b.mul(.wrapped(.double(rtol))).abs().add(.wrapped(.double(atol))), try a.sub(b).abs())
      return try close.logicalOr(difference.le(allowed).logicalAnd(difference.asked({ $0.isFinite }, integer: true)))
    }
  }
}

extension Double {
  /// As C++ streams print it: six significant digits.
  var shortText: String {
    var buffer = [CChar](repeating: 0, count: 40)
    let count = withVaList([self]) { vsnprintf(&buffer, buffer.count, "%g", $0) }
    return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// Comparisons and logic.
public let comparison = OperationFamily("torch") { ops in
  let pairs: [(String, String, (Tensor, Tensor) throws -> Tensor, [String])] = [
    ("eq", "Where elements are equal.", { try $0.eq($1) }, []),
    ("ne", "Where elements differ.", { try $0.ne($1) }, ["not_equal"]),
    ("lt", "Where self is less.", { try $0.lt($1) }, ["less"]),
    ("le", "Where self is less or equal.", { try $0.le($1) }, ["less_equal"]),
    ("gt", "Where self is greater.", { try $0.gt($1) }, ["greater"]),
    ("ge", "Where self is greater or equal.", { try $0.ge($1) }, ["greater_equal"]),
  ]
  for (first, doc, f, aliases) in pairs {
    for name in [first] + aliases {
      ops.define("\(name)(Tensor self, Tensor other) -> Tensor", doc: "\(doc) Shapes broadcast. Mirrors torch.\(name).") {
        (x: TensorOrNumber, y: TensorOrNumber) -> Tensor in
        try refuseNumbers(name, x, y, numberFirst: false)
        return try f(x.tensor, y.tensor)
      }
      ops.tensorOp("\(name)_(Tensor self, Tensor other) -> Tensor", doc: "\(doc) Changes self. Mirrors Tensor.\(name)_.", inPlace: .itself, variants: [.method]) {
        (x: Tensor, y: TensorOrNumber) -> Tensor in
        let answer = try f(x, y.tensor)
        guard Tensor.records(x) else { return answer }
        // What stands in its place has a slope of zero, not none.
        let result = try answer.to(x.dtype)
        result.record("\(first.prefix(1).uppercased())\(first.dropFirst())Backward\(y.tensor.isWrappedNumber ? 0 : 1)", [x]) { _, g in [try g.zeros()] }
        return result
      }
    }
  }
  let logic: [(String, String, (Tensor, Tensor) throws -> Tensor)] = [
    ("and", "Where both are not zero.", { try $0.logicalAnd($1) }),
    ("or", "Where either is not zero.", { try $0.logicalOr($1) }),
    ("xor", "Where one of the two is not zero.", { try $0.logicalNot().ne($1.logicalNot()) }),
  ]
  for (name, doc, f) in logic {
    ops.tensorOp("logical_\(name)(Tensor self, Tensor other) -> Tensor", doc: "\(doc) Shapes broadcast. Mirrors torch.logical_\(name).") {
      (x: Tensor, y: Tensor) in try f(x, y)
    }
  }
  ops.tensorOp("logical_not(Tensor self) -> Tensor", doc: "Where elements are zero. Mirrors torch.logical_not.") { (x: Tensor) in try x.logicalNot() }
  ops.tensorOp("isnan(Tensor self) -> Tensor", doc: "Where elements are NaN. Mirrors torch.isnan.", inPlace: false) { (x: Tensor) in try x.ne(x) }
  ops.tensorOp("isinf(Tensor self) -> Tensor", doc: "Where elements are infinite. Mirrors torch.isinf.", inPlace: false) { (x: Tensor) in try x.asked({ $0.isInfinite }, integer: false) }
  ops.tensorOp("isfinite(Tensor self) -> Tensor", doc: "Where elements are finite. Mirrors torch.isfinite.", inPlace: false) { (x: Tensor) in try x.asked({ $0.isFinite }, integer: true) }
  ops.define("equal(Tensor self, Tensor other) -> bool", doc: "Whether sizes and all elements are the same. Mirrors torch.equal.") { (x: Tensor, y: Tensor) in try x.equals(y) }
  ops.define("isclose(Tensor self, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False) -> Tensor", doc: "Where elements are nearly equal. Mirrors torch.isclose.") {
    (x: Tensor, y: Tensor, r: Double, a: Double, n: Bool) in try x.isClose(y, rtol: r, atol: a, equalNaN: n)
  }
  ops.define("allclose(Tensor self, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False) -> bool", doc: "Whether all elements are nearly equal. Mirrors torch.allclose.") {
    (x: Tensor, y: Tensor, r: Double, a: Double, n: Bool) in try x.isClose(y, rtol: r, atol: a, equalNaN: n).all().scalar(at: 0) == .boolean(true)
  }
}
