import Glibc
import Interface
import Kernels
import TensorCore

/// Numbers evenly spaced, in the arithmetic of PyTorch's kernels: most elements are computed in blocks as wide as an AVX2 register,
/// each from the block's first, and the rest one by one.
private struct RangeArithmetic {
  let dtype: DType
  /// Whether steps are kept in double precision, as for `arange` of float32 and for integers.
  let doubleSteps: Bool

  var lanes: Int { dtype == .bfloat16 || dtype == .float16 ? 16 : 32 / dtype.itemSize }

  /// A double rounded to the type; integers are cut off.
  func rounded(_ x: Double) -> Double {
    switch dtype {
    case .float64: x
    case .float32: Double(Float(x))
    case .float16: Double(Float16(Float(x)))
    case .bfloat16: Double(BFloat16(wide: Float(x)).wide)
    default: x.rounded(.towardZero)
    }
  }

  /// Rounds what is computed between, which is done in the type itself or in a wider one.
  func between(_ x: Double) -> Double {
    if !doubleSteps { return rounded(x) }
    return dtype == .float16 || dtype == .bfloat16 ? Double(Float(x)) : x
  }

  /// The elements for which `first` gives the value that an index has by itself.
  func fill(_ count: Int, step: Double, _ first: (Int) -> Double) -> [Double] {
    var values: [Double] = []
    values.reserveCapacity(count)
    let blocks = count - count % (2 * lanes)
    var i = 0
    while i < blocks {
      let base = rounded(first(i))
      for k in 0..<lanes { values.append(rounded(between(base.addingProduct(Double(k), step)))) }
      i += lanes
    }
    while i < count {
      values.append(rounded(first(i)))
      i += 1
    }
    return values
  }
}

extension Tensor {
  /// Numbers from `start` up to before `end` in steps. Mirrors `torch.arange`.
  /// - Throws: PyTorch's sentences for steps that lead nowhere.
  public static func arange(_ start: Scalar, _ end: Scalar, _ step: Scalar, dtype: DType?) throws -> Tensor {
    let allIntegers = !start.isFloatingPoint && !end.isFloatingPoint && !step.isFloatingPoint
    let target = dtype ?? (allIntegers ? .int64 : .defaultFloat)
    if target == .bool { throw TorchError.notImplemented("arange_cpu", for: .bool) }
    let (a, b, s) = (start.doubleValue, end.doubleValue, step.doubleValue)
    if s == 0 { throw TorchError.runtime("step must be nonzero") }
    if !a.isFinite || !b.isFinite {
      func text(_ x: Scalar) -> String { if case .integer(let i) = x { "\(i)" } else { FloatText.brief(x.doubleValue) } }
      throw TorchError.runtime("unsupported range: \(text(start)) -> \(text(end))")
    }
    if (s > 0 && a > b) || (s < 0 && a < b) { throw TorchError.runtime("upper bound and lower bound inconsistent with step sign") }
    if allIntegers {
      let (first, last, by) = (start.integerValue, end.integerValue, step.integerValue)
      let count = (last - first + by - by.signum()) / by
      let x = try Tensor(uninitialized: [count], dtype: .int64)
      for i in 0..<count { x.elements(Int.self)[i] = first &+ i &* by }
      if target == .int64 || !target.isFloatingPoint { return try x.converted(to: target) }
      return try ranged(target, a, s, count)
    }
    let size = ((b - a) / s).rounded(.up)
    if size > 9e18 { throw TorchError.runtime("invalid size, possible overflow?") }
    if target.isFloatingPoint { return try ranged(target, a, s, Int(size)) }
    // Start and step lose their fractions, the number of elements does not know of it.
    let x = try Tensor(uninitialized: [Int(size)], dtype: .int64)
    for i in 0..<Int(size) { x.elements(Int.self)[i] = start.integerValue &+ i &* step.integerValue }
    return try x.converted(to: target)
  }

  private static func ranged(_ dtype: DType, _ start: Double, _ step: Double, _ count: Int) throws -> Tensor {
    let arithmetic = RangeArithmetic(dtype: dtype, doubleSteps: true)
    let narrow = dtype == .float16 || dtype == .bfloat16
    let (a, s) = narrow ? (Double(Float(start)), Double(Float(step))) : (start, step)
    return try vector(arithmetic.fill(count, step: s) { arithmetic.between(a.addingProduct(Double($0), s)) }, dtype: dtype)
  }

  /// `steps` numbers from `start` to `end`, both included. Mirrors `torch.linspace`.
  /// - Throws: PyTorch's sentences for negative counts and for bool.
  public static func linspace(_ start: Double, _ end: Double, _ steps: Int, dtype: DType) throws -> Tensor {
    if steps < 0 { throw TorchError.runtime("number of steps must be non-negative") }
    if dtype == .bool { throw TorchError.notImplemented("linspace_cpu", for: .bool) }
    if dtype.isComplex { return try linspace(start, end, steps, dtype: dtype.parts).converted(to: dtype) }
    return try vector(spaced(start, end, steps, dtype), dtype: dtype)
  }

  private static func spaced(_ start: Double, _ end: Double, _ steps: Int, _ dtype: DType) -> [Double] {
    let arithmetic = RangeArithmetic(dtype: dtype, doubleSteps: !dtype.isFloatingPoint)
    let (a, b) = (arithmetic.rounded(start), arithmetic.rounded(end))
    if steps == 1 { return [a] }
    // The 16-bit types compute in single precision and round once.
    let single = dtype.isFloatingPoint && dtype != .float64
    let step = single ? Double((Float(b) - Float(a)) / Float(steps - 1)) : (b - a) / Double(steps - 1)
    // Counted from both ends, so that the last is exactly the end.
    return (0..<steps).map { i in
      i < steps / 2 ? arithmetic.rounded(a.addingProduct(step, Double(i))) : arithmetic.rounded(b.addingProduct(-step, Double(steps - i - 1)))
    }
  }

  /// Powers of `base` whose exponents are evenly spaced. Mirrors `torch.logspace`.
  /// - Throws: PyTorch's sentences for negative counts and for bool.
  public static func logspace(_ start: Double, _ end: Double, _ steps: Int, base: Double, dtype: DType) throws -> Tensor {
    if steps < 0 { throw TorchError.runtime("number of steps must be non-negative") }
    if dtype == .bool { throw TorchError.notImplemented("logspace_cpu", for: .bool) }
    if dtype.isComplex { return try logspace(start, end, steps, base: base, dtype: dtype.parts).converted(to: dtype) }
    let arithmetic = RangeArithmetic(dtype: dtype, doubleSteps: !dtype.isFloatingPoint)
    let (a, b) = (arithmetic.rounded(start), arithmetic.rounded(end))
    if steps == 1 { return try vector([Glibc.pow(base, a)], dtype: dtype) }
    let span = dtype == .float64 ? b - a : Double(Float(b - a))
    let step = dtype.isFloatingPoint ? span / Double(steps - 1) : Double(Float(span) / Float(steps - 1))
    let values = (0..<steps).map { i in Glibc.pow(base, i < steps / 2 ? a + step * Double(i) : b - step * Double(steps - i - 1)) }
    return try vector(values, dtype: dtype)
  }
}

/// The start and end of a range: numbers, or tensors without dimensions.
private func bounds(_ a: TensorOrNumber, _ b: TensorOrNumber, _ name: String) throws -> (Double, Double) {
  let wrong = [("start", a), ("end", b)].filter { !$0.1.tensor.isWrappedNumber }
  if wrong.contains(where: { $0.1.tensor.dim > 0 }) {
    let got = wrong.map { "\($0.0) with \($0.1.tensor.dim) dimension(s)" }.joined(separator: " and ")
    throw TorchError.runtime("\(name) only supports 0-dimensional start and end tensors, but got \(got).")
  }
  return (a.tensor.scalar(at: 0).doubleValue, b.tensor.scalar(at: 0).doubleValue)
}

/// Tensors of evenly spaced numbers.
public let ranges = OperationFamily("torch") { ops in
  let options = "*, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool requires_grad=False"
  ops.define("arange(Scalar end, \(options)) -> Tensor", doc: "Numbers from 0 up to before end. Mirrors torch.arange.", variants: [.function]) {
    (e: Scalar, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in try Tensor.arange(.integer(0), e, .integer(1), dtype: t).wanting(gradient: g)
  }
  ops.define("arange.start(Scalar start, Scalar end, Scalar step=1, \(options)) -> Tensor", doc: "Numbers from start up to before end in steps. Mirrors torch.arange.", variants: [.function]) {
    (a: Scalar, e: Scalar, s: Scalar, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in try Tensor.arange(a, e, s, dtype: t).wanting(gradient: g)
  }
  ops.define("range(Scalar start, Scalar end, Scalar step=1, \(options)) -> Tensor", doc: "Numbers from start to end, both included, in steps. Mirrors torch.range.", variants: [.function]) {
    (a: Scalar, e: Scalar, s: Scalar, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) -> Tensor in
    UserWarning.tell(
      "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with Python's range builtin. Instead, use torch.arange, which produces values in [start, end).")
    let by = s.doubleValue
    if by == 0 { throw TorchError.runtime("step must be nonzero") }
    let span = e.doubleValue - a.doubleValue
    if span / by < 0 { throw TorchError.runtime("upper bound and lower bound inconsistent with step sign") }
    let count = (span / by).rounded(.down) + 1
    return try Tensor.vector((0..<Int(count)).map { a.doubleValue + Double($0) * by }, dtype: t ?? .defaultFloat).wanting(gradient: g)
  }
  ops.define("linspace(Scalar start, Scalar end, int steps, \(options)) -> Tensor", doc: "steps numbers from start to end, both included. Mirrors torch.linspace.", variants: [.function]) {
    (a: TensorOrNumber, b: TensorOrNumber, n: Int, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) -> Tensor in
    let (a, b) = try bounds(a, b, "linspace")
    return try Tensor.linspace(a, b, n, dtype: t ?? .defaultFloat).wanting(gradient: g)
  }
  ops.define("logspace(Scalar start, Scalar end, int steps, float base=10.0, \(options)) -> Tensor", doc: "Powers of base with evenly spaced exponents. Mirrors torch.logspace.", variants: [.function]) {
    (a: TensorOrNumber, b: TensorOrNumber, n: Int, base: Double, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) -> Tensor in
    let (a, b) = try bounds(a, b, "logspace")
    return try Tensor.logspace(a, b, n, base: base, dtype: t ?? .defaultFloat).wanting(gradient: g)
  }
  // One body takes numbers and tensors; the second schema is what errors and help show.
  ops.define("linspace.Tensor_Tensor(Tensor start, Tensor end, int steps, \(options)) -> Tensor", doc: "steps numbers from start to end, tensors without dimensions. Mirrors torch.linspace.", variants: [.function]) {
    (a: Tensor, b: Tensor, n: Int, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in
    try Tensor.linspace(a.item().doubleValue, b.item().doubleValue, n, dtype: t ?? .defaultFloat).wanting(gradient: g)
  }
  ops.define("logspace.Tensor_Tensor(Tensor start, Tensor end, int steps, float base=10.0, \(options)) -> Tensor", doc: "Powers of base whose exponents go from start to end, tensors without dimensions. Mirrors torch.logspace.", variants: [.function]) {
    (a: Tensor, b: Tensor, n: Int, base: Double, t: DType?, _: Layout?, _: Device?, _: Bool?, g: Bool) in
    try Tensor.logspace(a.item().doubleValue, b.item().doubleValue, n, base: base, dtype: t ?? .defaultFloat).wanting(gradient: g)
  }
}
