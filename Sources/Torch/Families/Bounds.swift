import CKernels
import Interface
import Kernels
import TensorCore

private struct Maximum: BinaryFunction {
  var op: qk_binary_op? { QK_MAXIMUM }
  func callAsFunction(_ a: Float, _ b: Float) -> Float { a.isNaN || a > b ? a : b }
  func callAsFunction(_ a: Double, _ b: Double) -> Double { a.isNaN || a > b ? a : b }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { max(a, b) }
}

private struct Minimum: BinaryFunction {
  var op: qk_binary_op? { QK_MINIMUM }
  func callAsFunction(_ a: Float, _ b: Float) -> Float { a.isNaN || a < b ? a : b }
  func callAsFunction(_ a: Double, _ b: Double) -> Double { a.isNaN || a < b ? a : b }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { min(a, b) }
}

private struct FMax: BinaryFunction {
  func callAsFunction(_ a: Float, _ b: Float) -> Float { b.isNaN || a > b ? a : b }
  func callAsFunction(_ a: Double, _ b: Double) -> Double { b.isNaN || a > b ? a : b }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { max(a, b) }
}

private struct FMin: BinaryFunction {
  func callAsFunction(_ a: Float, _ b: Float) -> Float { b.isNaN || a < b ? a : b }
  func callAsFunction(_ a: Double, _ b: Double) -> Double { b.isNaN || a < b ? a : b }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { min(a, b) }
}

/// A number held between bounds in the type of arithmetic; a NaN bound gives NaN.
struct Hold: UnaryFunction {
  let floats: (Float, Float), doubles: (Double, Double), integers: (Int64, Int64)
  /// - Throws: PyTorch's sentences for bounds that the type cannot hold; integers pass by a bound that excludes nothing.
  init(_ low: Scalar?, _ high: Scalar?, as dtype: DType) throws {
    if dtype.isFloatingPoint {
      try low?.checkFits(dtype)
      try high?.checkFits(dtype)
    } else if dtype.isIntegral {
      let range = dtype.integerRange
      if let low, low.doubleValue > Double(range.upperBound) {
        throw TorchError.runtime("Clamp min value \(low.doubleValue.shortText) is outside the representable range of \(dtype.capitalized)")
      }
      if let high, high.doubleValue < Double(range.lowerBound) {
        throw TorchError.runtime("Clamp max value \(high.doubleValue.shortText) is outside the representable range of \(dtype.capitalized)")
      }
    }
    let (l, h) = (low?.doubleValue ?? -.infinity, high?.doubleValue ?? .infinity)
    doubles = l.isNaN || h.isNaN ? (.nan, .nan) : (l, h)
    floats = (Float(doubles.0), Float(doubles.1))
    integers = (low.map { Int64($0.integerValue) } ?? .min, high.map { Int64($0.integerValue) } ?? .max)
  }
  @inline(__always) func callAsFunction(_ x: Float) -> Float {
    if floats.0.isNaN { return .nan }
    let y = x < floats.0 ? floats.0 : x
    return y > floats.1 ? floats.1 : y
  }
  @inline(__always) func callAsFunction(_ x: Double) -> Double {
    if doubles.0.isNaN { return .nan }
    let y = x < doubles.0 ? doubles.0 : x
    return y > doubles.1 ? doubles.1 : y
  }
  @inline(__always) func callAsFunction(_ x: Int64) -> Int64 { min(max(x, integers.0), integers.1) }
}

extension Tensor {
  /// The greater of each pair. Mirrors `torch.maximum`.
  public func maximum(_ other: Tensor) throws -> Tensor { try extreme(Maximum(), "MaximumBackward0", other, lost: { try $0.lt($1) }) }
  /// The lesser of each pair. Mirrors `torch.minimum`.
  public func minimum(_ other: Tensor) throws -> Tensor { try extreme(Minimum(), "MinimumBackward0", other, lost: { try $0.gt($1) }) }
  /// The greater of each pair, a number before NaN. Mirrors `torch.fmax`.
  public func fmax(_ other: Tensor) throws -> Tensor {
    try extreme(FMax(), "FmaxBackward0", other, lost: { try $0.ge($1).logicalOr($1.ne($1)).logicalNot() }, otherLost: { try $1.gt($0).logicalOr($0.ne($0)) })
  }
  /// The lesser of each pair, a number before NaN. Mirrors `torch.fmin`.
  public func fmin(_ other: Tensor) throws -> Tensor {
    try extreme(FMin(), "FminBackward0", other, lost: { try $0.le($1).logicalOr($1.ne($1)).logicalNot() }, otherLost: { try $1.lt($0).logicalOr($0.ne($0)) })
  }

  /// `lost(x, other)` says where x gets no gradient; equal elements share it.
  private func extreme<F: BinaryFunction>(
    _ f: F, _ name: String, _ other: Tensor, lost: @escaping (Tensor, Tensor) throws -> Tensor,
    otherLost: ((_ x: Tensor, _ other: Tensor) throws -> Tensor)? = nil
  ) throws -> Tensor {
    let y = try Tensor.zipped(f, self, other)
    y.recordPair(
      name, self, other, { g, a, b, _ in try g.shared(a, b).replaced(where: lost(a, b), by: 0) },
      { g, a, b, _ in try g.shared(a, b).replaced(where: otherLost.map { try $0(b, a) } ?? lost(b, a), by: 0) })
    return y
  }

  /// A gradient halved where two tensors are equal.
  private func shared(_ a: Tensor, _ b: Tensor) throws -> Tensor { try .where(a.eq(b), self / 2, self) }

  /// The value held between two bounds. Mirrors `torch.clamp`.
  public func clamp(_ low: Scalar?, _ high: Scalar?) throws -> Tensor {
    if low == nil && high == nil { throw TorchError.runtime("torch.clamp: At least one of 'min' or 'max' must not be None") }
    return try held(low, high, "clamp_scalar_cpu", "ClampBackward1") { g, x in
      var outside: Tensor?
      if let low { outside = try x.gt(.wrapped(low)).logicalNot() }
      if let high {
        let above = try x.lt(.wrapped(high)).logicalNot()
        outside = try outside?.logicalOr(above) ?? above
      }
      return try outside.map { try g.replaced(where: $0, by: 0) } ?? g
    }
  }

  /// The value held above a bound. Mirrors `torch.clamp_min`.
  public func clampMin(_ low: Scalar) throws -> Tensor {
    try held(low, nil, "clamp_min_scalar_cpu", "ClampMinBackward0") { g, x in try g.replaced(where: x.gt(.wrapped(low)).logicalNot(), by: 0) }
  }
  /// The value held below a bound. Mirrors `torch.clamp_max`.
  public func clampMax(_ high: Scalar) throws -> Tensor {
    try held(nil, high, "clamp_max_scalar_cpu", "ClampMaxBackward0") { g, x in try g.replaced(where: x.lt(.wrapped(high)).logicalNot(), by: 0) }
  }

  /// The type of this tensor's elements held between two numbers.
  fileprivate func boundedType(_ low: Scalar?, _ high: Scalar?) throws -> DType {
    // Numbers do not widen floats.
    if dtype.isFloatingPoint { return dtype }
    var state = ResultType()
    state.add(self)
    for bound in [low, high] { if let bound { state.add(try .wrapped(bound)) } }
    return state.value
  }

  /// The value held above a bound of its own. Mirrors `torch.clamp_min`.
  public func clampMin(_ low: Tensor) throws -> Tensor { try extreme(Maximum(), "ClampMinBackward1", low, lost: { try $0.lt($1) }) }
  /// The value held below a bound of its own. Mirrors `torch.clamp_max`.
  public func clampMax(_ high: Tensor) throws -> Tensor { try extreme(Minimum(), "ClampMaxBackward1", high, lost: { try $0.gt($1) }) }

  /// Holds dense elements by a compiled loop; nil for types without one and for bounds that are no numbers.
  private func heldDense(_ hold: Hold) throws -> Tensor? {
    guard isContiguous, !hold.doubles.0.isNaN, let type = dtype.loopType, let loop = qk_clamp(type) else { return nil }
    let y = try Tensor(like: self, dtype: dtype)
    let size = dtype.itemSize
    func run<T>(_ bounds: (T, T)) { withUnsafePointer(to: bounds) { Loops.run(loop, count, pointer, size, $0, 0, y.pointer, size) } }
    switch dtype {
    case .float32: run(hold.floats)
    case .float64: run(hold.doubles)
    default: run(hold.integers)
    }
    return y
  }

  private func held(
    _ low: Scalar?, _ high: Scalar?, _ kernel: String, _ node: String, _ slope: @escaping (Tensor, Tensor) throws -> Tensor
  ) throws -> Tensor {
    let target = try boundedType(low, high)
    try target.refuse(kernel) { $0 == .bool }
    let hold = try Hold(low, high, as: target)
    let source = try to(target)
    let y = try source.heldDense(hold) ?? source.mapped(hold)
    if Tensor.records(self) {
      let (x, type) = (SavedTensor(self), dtype)
      y.record(node, [self]) { _, g in [try slope(g, x.unpack()).to(type)] }
    }
    return y
  }

  /// The value held between bounds of its own. Mirrors `torch.clamp`.
  public func clamp(_ low: Tensor?, _ high: Tensor?) throws -> Tensor {
    switch (low, high) {
    case (nil, nil): throw TorchError.runtime("torch.clamp: At least one of 'min' or 'max' must not be None")
    case (let low?, nil): return try extreme(Maximum(), "ClampBackward0", low, lost: { try $0.lt($1) })
    case (nil, let high?): return try extreme(Minimum(), "ClampBackward0", high, lost: { try $0.gt($1) })
    case (let low?, let high?):
      let dtype = ResultType.of([self, low, high])
      try dtype.refuse("clamp_cpu") { $0 == .bool }
      let f = TripleFormula(
        float: { Minimum()(Maximum()($0, $1), $2) }, double: { Minimum()(Maximum()($0, $1), $2) }, integer: { min(max($0, $1), $2) })
      let y = try Tensor.zipped(f, self, low, high, result: dtype)
      y.recordTriple(
        "ClampBackward0", [self, low, high],
        [
          { g, x in
            // Where x is one of two different bounds, both take half.
            let tie = try x[0].eq(x[1]).logicalOr(x[0].eq(x[2])).logicalAnd(x[1].ne(x[2]))
            return try Tensor.where(tie, g / 2, g).replaced(where: x[0].lt(x[1]).logicalOr(x[0].gt(x[2])), by: 0)
          },
          { g, x in
            let own = try x[0].lt(x[1]).logicalAnd(x[1].le(x[2]))
            let tie = try x[0].eq(x[1]).logicalAnd(x[1].lt(x[2]))
            return try Tensor.where(tie, g / 2, g).replaced(where: own.logicalOr(tie).logicalNot(), by: 0)
          },
          { g, x in
            let own = try x[0].gt(x[2]).logicalOr(x[1].gt(x[2]))
            let tie = try x[0].eq(x[2]).logicalAnd(x[1].lt(x[2]))
            return try Tensor.where(tie, g / 2, g).replaced(where: own.logicalOr(tie).logicalNot(), by: 0)
          },
        ])
      return y
    }
  }
}

/// Extremes of pairs, and bounds.
public let bounds = OperationFamily("torch") { ops in
  let pairs: [(String, String, (Tensor, Tensor) throws -> Tensor)] = [
    ("maximum", "The greater of each pair of elements; NaN wins.", { try $0.maximum($1) }),
    ("minimum", "The lesser of each pair of elements; NaN wins.", { try $0.minimum($1) }),
    ("fmax", "The greater of each pair of elements; numbers win over NaN.", { try $0.fmax($1) }),
    ("fmin", "The lesser of each pair of elements; numbers win over NaN.", { try $0.fmin($1) }),
  ]
  for (name, doc, f) in pairs {
    ops.define("\(name)(Tensor self, Tensor other) -> Tensor", doc: "\(doc) Shapes broadcast. Mirrors torch.\(name).") { (x: Tensor, y: Tensor) in try f(x, y) }
  }
  ops.tensorOp("clamp.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor", doc: "Holds elements between min and max. Mirrors torch.clamp.", inPlace: .both, aliases: ["clip"]) {
    (x: Tensor, low: Tensor?, high: Tensor?) in try x.clamp(low, high)
  }
  // In place, floats for integers are refused before anything else.
  for name in ["clamp", "clip"] {
    let (parameters, doc) = ("Tensor self, Scalar? min=None, Scalar? max=None", "Holds elements between min and max.")
    ops.define("\(name)(\(parameters)) -> Tensor", doc: "\(doc) Mirrors torch.\(name).") { (x: Tensor, low: Scalar?, high: Scalar?) in try x.clamp(low, high) }
    ops.tensorOp("\(name)_(\(parameters)) -> Tensor", doc: "\(doc) Changes self. Mirrors torch.\(name)_.", inPlace: .itself, variants: [.function, .method]) {
      (x: Tensor, low: Scalar?, high: Scalar?) -> Tensor in
      try x.refuseNarrowing(x.boundedType(low, high), \.spelledNativeName)
      return try x.clamp(low, high)
    }
  }
  let sides: [(String, String, (Tensor, Scalar) throws -> Tensor, (Tensor, Tensor) throws -> Tensor)] = [
    ("min", "above", { try $0.clampMin($1) }, { try $0.clampMin($1) }), ("max", "below", { try $0.clampMax($1) }, { try $0.clampMax($1) }),
  ]
  for (side, word, number, tensor) in sides {
    let doc = "Holds elements \(word) \(side)."
    ops.tensorOp("clamp_\(side).Tensor(Tensor self, Tensor \(side)) -> Tensor", doc: "\(doc) Mirrors torch.clamp_\(side).", inPlace: .both) { (x: Tensor, b: Tensor) in try tensor(x, b) }
    ops.define("clamp_\(side)(Tensor self, Scalar \(side)) -> Tensor", doc: "\(doc) Mirrors torch.clamp_\(side).") { (x: Tensor, b: Scalar) in try number(x, b) }
    ops.tensorOp("clamp_\(side)_(Tensor self, Scalar \(side)) -> Tensor", doc: "\(doc) Changes self. Mirrors torch.clamp_\(side)_.", inPlace: .itself, variants: [.function, .method]) {
      (x: Tensor, b: Scalar) -> Tensor in
      try x.refuseNarrowing(x.boundedType(b, nil), \.spelledNativeName)
      return try number(x, b)
    }
  }
}
