import Glibc
import Interface
import TensorCore

extension Tensor {
  /// Numbers from `start` up to before `end` in steps. Mirrors `torch.arange`.
  static func arange(_ start: Scalar, _ end: Scalar, _ step: Scalar, dtype: DType?) throws -> Tensor {
    let allIntegers = !start.isFloatingPoint && !end.isFloatingPoint && !step.isFloatingPoint
    let target = dtype ?? (allIntegers ? .int64 : .defaultFloat)
    let (a, b, s) = (start.doubleValue, end.doubleValue, step.doubleValue)
    if s == 0 { throw TorchError.runtime("step must be nonzero") }
    if !a.isFinite || !b.isFinite { throw TorchError.runtime("unsupported range: \(FloatText.shortest(a)) -> \(FloatText.shortest(b))") }
    if (s > 0 && a > b) || (s < 0 && a < b) { throw TorchError.runtime("upper bound and lower bound inconsistent with step sign") }
    let size = ((b - a) / s).rounded(.up)
    if size > 1e18 { throw TorchError.runtime("invalid size, possible overflow?") }
    let n = Int(size)
    if allIntegers {
      let x = try Tensor(uninitialized: [n], dtype: .int64)
      for i in 0..<n { x.elements(Int.self)[i] = start.integerValue &+ i &* step.integerValue }
      return try x.converted(to: target)
    }
    let x = try Tensor(uninitialized: [n], dtype: .float64)
    for i in 0..<n { x.elements(Double.self)[i] = a + Double(i) * s }
    return try x.converted(to: target)
  }

  /// `steps` numbers from `start` to `end`, both included. Mirrors `torch.linspace`.
  static func linspace(_ start: Double, _ end: Double, _ steps: Int, dtype: DType) throws -> Tensor {
    if steps < 0 { throw TorchError.runtime("number of steps must be non-negative") }
    let x = try Tensor(uninitialized: [steps], dtype: .float64)
    let p = x.elements(Double.self)
    if steps == 1 { p[0] = start }
    if steps > 1 {
      let step = dtype == .float32 ? Double((Float(end) - Float(start)) / Float(steps - 1)) : (end - start) / Double(steps - 1)
      // Counted from both ends, so that the last is exactly the end.
      for i in 0..<steps { p[i] = i < steps / 2 ? start + step * Double(i) : end - step * Double(steps - i - 1) }
    }
    return try x.converted(to: dtype)
  }

  /// Switches gradients on where asked and gives the tensor back.
  func wanting(gradient: Bool) throws -> Tensor {
    if gradient {
      if !dtype.isFloatingPoint { throw TorchError.runtime("Only Tensors of floating point and complex dtype can require gradients") }
      try setRequiresGrad(true)
    }
    return self
  }
}

/// Tensors from nothing.
public let creation = OperationFamily("torch") { ops in
  let options = "*, ScalarType? dtype=None, Device? device=None, bool requires_grad=False"
  ops.define("tensor(any data, \(options)) -> Tensor", doc: "A tensor of nested tables of numbers: int64 of integers, float32 where one is a float. Mirrors torch.tensor.", variants: [.function]) {
    (v: Value, t: DType?, _: Device?, g: Bool) in try Tensor.make(from: v, dtype: t).wanting(gradient: g)
  }
  ops.define("as_tensor(any data, ScalarType? dtype=None, Device? device=None) -> Tensor", doc: "The tensor itself, or one made of nested tables. Mirrors torch.as_tensor.", variants: [.function]) {
    (v: Value, t: DType?, _: Device?) -> Tensor in
    if case .object(let x as Tensor) = v { return try x.to(t ?? x.dtype) }
    return try Tensor.make(from: v, dtype: t)
  }
  for (name, value, doc) in [("zeros", 0, "zeros"), ("ones", 1, "ones"), ("empty", 0, "zeros (memory is not left unset)")] {
    ops.define("\(name)(int[1] size, \(options)) -> Tensor", doc: "A tensor of \(doc). Mirrors torch.\(name).", variants: [.function]) {
      (s: [Int], t: DType?, _: Device?, g: Bool) in try Tensor.full(Dims(s), .integer(value), dtype: t ?? .defaultFloat).wanting(gradient: g)
    }
    ops.define("\(name)_like(Tensor self, \(options)) -> Tensor", doc: "A tensor of \(doc) with the sizes and dtype of self. Mirrors torch.\(name)_like.", variants: [.function]) {
      (x: Tensor, t: DType?, _: Device?, g: Bool) in try Tensor.full(x.sizes, .integer(value), dtype: t ?? x.dtype).wanting(gradient: g)
    }
    ops.define("new_\(name)(Tensor self, int[1] size, \(options)) -> Tensor", doc: "A tensor of \(doc) with the dtype of self. Mirrors Tensor.new_\(name).", variants: [.method]) {
      (x: Tensor, s: [Int], t: DType?, _: Device?, g: Bool) in try Tensor.full(Dims(s), .integer(value), dtype: t ?? x.dtype).wanting(gradient: g)
    }
  }
  ops.define("full(int[1] size, Scalar fill_value, \(options)) -> Tensor", doc: "All elements the same. Mirrors torch.full.", variants: [.function]) {
    (s: [Int], v: Scalar, t: DType?, _: Device?, g: Bool) in try Tensor.full(Dims(s), v, dtype: t).wanting(gradient: g)
  }
  ops.define("full_like(Tensor self, Scalar fill_value, \(options)) -> Tensor", doc: "All elements the same, with the sizes and dtype of self. Mirrors torch.full_like.", variants: [.function]) {
    (x: Tensor, v: Scalar, t: DType?, _: Device?, g: Bool) in try Tensor.full(x.sizes, v, dtype: t ?? x.dtype).wanting(gradient: g)
  }
  ops.define("new_full(Tensor self, int[1] size, Scalar fill_value, \(options)) -> Tensor", doc: "All elements the same, with the dtype of self. Mirrors Tensor.new_full.", variants: [.method]) {
    (x: Tensor, s: [Int], v: Scalar, t: DType?, _: Device?, g: Bool) in try Tensor.full(Dims(s), v, dtype: t ?? x.dtype).wanting(gradient: g)
  }
  ops.define("new_tensor(Tensor self, any data, \(options)) -> Tensor", doc: "A tensor of nested tables with the dtype of self. Mirrors Tensor.new_tensor.", variants: [.method]) {
    (x: Tensor, v: Value, t: DType?, _: Device?, g: Bool) in try Tensor.make(from: v, dtype: t ?? x.dtype).wanting(gradient: g)
  }
  ops.define("arange(Scalar end, \(options)) -> Tensor", doc: "Numbers from 0 up to before end. Mirrors torch.arange.", variants: [.function]) {
    (e: Scalar, t: DType?, _: Device?, g: Bool) in try Tensor.arange(.integer(0), e, .integer(1), dtype: t).wanting(gradient: g)
  }
  ops.define("arange.start(Scalar start, Scalar end, Scalar step=1, \(options)) -> Tensor", doc: "Numbers from start up to before end in steps. Mirrors torch.arange.", variants: [.function]) {
    (a: Scalar, e: Scalar, s: Scalar, t: DType?, _: Device?, g: Bool) in try Tensor.arange(a, e, s, dtype: t).wanting(gradient: g)
  }
  ops.define("linspace(float start, float end, int steps, \(options)) -> Tensor", doc: "steps numbers from start to end, both included. Mirrors torch.linspace.", variants: [.function]) {
    (a: Double, b: Double, n: Int, t: DType?, _: Device?, g: Bool) in try Tensor.linspace(a, b, n, dtype: t ?? .defaultFloat).wanting(gradient: g)
  }
  ops.define("eye(int n, int? m=None, \(options)) -> Tensor", doc: "Ones on the diagonal. Mirrors torch.eye.", variants: [.function]) {
    (n: Int, m: Int?, t: DType?, _: Device?, g: Bool) -> Tensor in
    if n < 0 || (m ?? 0) < 0 { throw TorchError.runtime("n must be greater or equal to 0, got \(n)") }
    let x = try Tensor.zeros([n, m ?? n], dtype: t ?? .defaultFloat)
    for i in 0..<min(n, m ?? n) { try x.select(0, i).select(0, i).fillElements(.integer(1)) }
    return try x.wanting(gradient: g)
  }
}
