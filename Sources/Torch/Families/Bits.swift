import Interface
import Kernels
import TensorCore

extension Tensor {
  private static func bits(
    _ kernel: String, _ refused: @escaping (DType) -> Bool, _ a: Tensor, _ b: Tensor, _ f: (DType) -> (Int64, Int64) -> Int64
  ) throws -> Tensor {
    let dtype = ResultType.of(a, b)
    try dtype.refuse(kernel, refused)
    return try zipped(PairFormula.integers(f(dtype)), a, b, result: dtype)
  }

  /// The bits set in both. Mirrors `torch.bitwise_and`.
  public func bitwiseAnd(_ other: Tensor) throws -> Tensor { try .bits("bitwise_and_cpu", \.isFloatingPoint, self, other) { _ in { $0 & $1 } } }
  /// The bits set in either. Mirrors `torch.bitwise_or`.
  public func bitwiseOr(_ other: Tensor) throws -> Tensor { try .bits("bitwise_or_cpu", \.isFloatingPoint, self, other) { _ in { $0 | $1 } } }
  /// The bits set in one of the two. Mirrors `torch.bitwise_xor`.
  public func bitwiseXor(_ other: Tensor) throws -> Tensor { try .bits("bitwise_xor_cpu", \.isFloatingPoint, self, other) { _ in { $0 ^ $1 } } }

  /// The bits moved up; nothing is left where the count is negative or no less than the type's width. Mirrors `torch.bitwise_left_shift`.
  public func leftShift(_ other: Tensor) throws -> Tensor {
    try .bits("lshift_cpu", DifferentiablePair.notIntegers, self, other) { dtype in
      let width = Int64(dtype.itemSize * 8)
      return { $1 < 0 || $1 >= width ? 0 : $0 << $1 }
    }
  }

  /// The bits moved down, the sign kept; counts out of range leave the sign alone. Mirrors `torch.bitwise_right_shift`.
  public func rightShift(_ other: Tensor) throws -> Tensor {
    try .bits("rshift_cpu", DifferentiablePair.notIntegers, self, other) { dtype in
      let most = Int64(dtype.itemSize * 8) - (dtype.isSigned ? 1 : 0)
      return { $0 >> ($1 < 0 || $1 >= most ? most : $1) }
    }
  }

  /// The bits turned; for bool the negation. Mirrors `torch.bitwise_not`.
  public func bitwiseNot() throws -> Tensor {
    try refuse("bitwise_not_cpu", \.isFloatingPoint)
    return dtype == .bool ? try logicalNot() : try mapped(Formula(float: { $0 }, double: { $0 }, integer: { ~$0 }))
  }
}

/// Bits of integers, and the methods that Python's operators call.
public let bits = OperationFamily("torch") { ops in
  typealias Pair = (Tensor, Tensor) throws -> Tensor
  let named: [(String, String, Pair)] = [
    ("bitwise_and", "The bits set in both.", { try $0.bitwiseAnd($1) }),
    ("bitwise_or", "The bits set in either.", { try $0.bitwiseOr($1) }),
    ("bitwise_xor", "The bits set in one of the two.", { try $0.bitwiseXor($1) }),
    ("bitwise_left_shift", "The bits moved up by other.", { try $0.leftShift($1) }),
    ("bitwise_right_shift", "The bits moved down by other, the sign kept.", { try $0.rightShift($1) }),
  ]
  for (name, doc, f) in named {
    ops.numberPair(name, doc, f)
  }
  ops.tensorOp("bitwise_not(Tensor self) -> Tensor", doc: "The bits turned; for bool the negation. Mirrors torch.bitwise_not.") { (x: Tensor) in try x.bitwiseNot() }

  // What an operator does with the tensor on its left; a number on the left comes as a wrapped one.
  let operators: [(String, Pair)] = [
    ("add", { try $0.add($1) }), ("sub", { try $0.isWrappedNumber ? $1.rsub($0) : $0.sub($1) }), ("mul", { try $0.mul($1) }),
    ("truediv", { $0.isWrappedNumber ? try $1.reciprocal().mul($0) : try $0.div($1) }),
    ("floordiv", { try $0.floorDivide($1) }), ("mod", { try $0.remainder($1) }), ("pow", { try $0.isWrappedNumber && ResultType.of($0, $1).isIntegral ? $0.denseCopy(ResultType.of($0, $1)).pow($1) : $0.pow($1) }),
    ("and", { try $0.bitwiseAnd($1) }), ("or", { try $0.bitwiseOr($1) }), ("xor", { try $0.bitwiseXor($1) }),
    ("lshift", { try $0.leftShift($1) }), ("rshift", { try $0.rightShift($1) }),
  ]
  let narrowing = ["floordiv", "mod", "and", "or", "xor", "lshift", "rshift"]
  for (name, f) in operators {
    for spelling in name == "truediv" ? [name, "div"] : [name] {
      ops.define("__\(spelling)__(Tensor self, Tensor other) -> Tensor", doc: "What Python's operator does. Mirrors Tensor.__\(spelling)__.", variants: [.method]) {
        (x: TensorOrNumber, y: TensorOrNumber) in try f(x.tensor, y.tensor)
      }
      ops.define("__r\(spelling)__(Tensor self, Tensor other) -> Tensor", doc: "What Python's operator does with self on its right. Mirrors Tensor.__r\(spelling)__.", variants: [.method]) {
        (x: Tensor, y: TensorOrNumber) in try name == "truediv" ? x.reciprocal().mul(y.tensor) : f(y.tensor, x)
      }
      ops.tensorOp("__i\(spelling)__(Tensor self, Tensor other) -> Tensor", doc: "What Python's operator does in place. Mirrors Tensor.__i\(spelling)__.", inPlace: .itself, variants: [.method]) {
        (x: Tensor, y: TensorOrNumber) -> Tensor in
        if narrowing.contains(name) { try x.refuseNarrowing(ResultType.of(x, y.tensor)) }
        return try f(x, y.tensor)
      }
    }
  }
  let unary: [(String, (Tensor) throws -> Tensor)] = [
    ("abs", { try $0.abs() }), ("neg", { try $0.neg() }), ("invert", { try $0.bitwiseNot() }), ("pos", { try $0.positive() }),
  ]
  for (name, f) in unary {
    ops.define("__\(name)__(Tensor self) -> Tensor", doc: "What Python's operator does. Mirrors Tensor.__\(name)__.", variants: [.method]) { (x: Tensor) in try f(x) }
  }
  let comparisons: [(String, Pair)] = [
    ("eq", { try $0.eq($1) }), ("ne", { try $0.ne($1) }), ("lt", { try $0.lt($1) }), ("le", { try $0.le($1) }), ("gt", { try $0.gt($1) }),
    ("ge", { try $0.ge($1) }),
  ]
  for (name, f) in comparisons {
    ops.define("__\(name)__(Tensor self, Tensor other) -> Tensor", doc: "What Python's operator does. Mirrors Tensor.__\(name)__.", variants: [.method]) {
      (x: Tensor, y: TensorOrNumber) in try f(x, y.tensor)
    }
  }
}
