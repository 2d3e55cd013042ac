import CKernels
import Interface
import Kernels
import TensorCore

/// A function of two numbers by a formula for each type of arithmetic.
struct PairFormula: BinaryFunction {
  let float: (Float, Float) -> Float
  let double: (Double, Double) -> Double
  var integer: (Int64, Int64) -> Int64 = { a, _ in a }
  /// The compiled loop that does the same, where there is one.
  var op: qk_binary_op? = nil
  func callAsFunction(_ a: Float, _ b: Float) -> Float { float(a, b) }
  func callAsFunction(_ a: Double, _ b: Double) -> Double { double(a, b) }
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64 { integer(a, b) }

  /// A function known in double precision; float32 is computed there.
  static func precise(_ f: @escaping (Double, Double) -> Double) -> PairFormula {
    PairFormula(float: { Float(f(Double($0), Double($1))) }, double: f)
  }
  /// A function of integers alone.
  static func integers(_ f: @escaping (Int64, Int64) -> Int64) -> PairFormula {
    PairFormula(float: { a, _ in a }, double: { a, _ in a }, integer: f)
  }
}

/// A function of two numbers with its slopes.
// Holds pure functions only.
struct DifferentiablePair: @unchecked Sendable {
  /// The gradient of one of the two, from the result's, both arguments and the result, before it is summed to the argument's sizes.
  typealias Slope = (_ g: Tensor, _ a: Tensor, _ b: Tensor, _ y: () throws -> Tensor) throws -> Tensor

  /// The name that `grad_fn=<…>` shows.
  var node: String
  /// What PyTorch's refusals call its loop.
  var kernel = ""
  /// The types that it refuses.
  var refused: (DType) -> Bool = { _ in false }
  /// Whether integers become floats.
  var givesFloat = false
  let value: PairFormula
  /// The slopes; nil gives zeros.
  var first: Slope?
  var second: Slope?

  /// With the node's name as it is where a number stands for the first or the second argument.
  func named(_ a: TensorOrNumber, _ b: TensorOrNumber) -> DifferentiablePair {
    if !a.tensor.isWrappedNumber && !b.tensor.isWrappedNumber { return self }
    var copy = self
    copy.node = String(node.dropLast()) + (a.tensor.isWrappedNumber ? "1" : "2")
    return copy
  }

  /// Integers and bool.
  static let notFloats: @Sendable (DType) -> Bool = { !$0.isFloatingPoint }
  /// Floats and bool.
  static let notIntegers: @Sendable (DType) -> Bool = { !$0.isIntegral }
  static let bool: @Sendable (DType) -> Bool = { $0 == .bool }
}

extension Tensor {
  /// Applies a differentiable function to pairs of elements of tensors that broadcast.
  static func apply(_ f: DifferentiablePair, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    var dtype = ResultType.of(a, b)
    if f.givesFloat && !dtype.isInexact { dtype = .defaultFloat }
    try dtype.refuse(f.kernel, f.refused)
    let y = try zipped(f.value, a, b, result: dtype)
    y.recordPair(f.node, a, b, f.first, f.second)
    return y
  }

  /// Marks this tensor as the result of a function of two; what the slopes give is summed to the arguments' sizes and cast.
  func recordPair(
    _ name: String, _ a: Tensor, _ b: Tensor, _ first: DifferentiablePair.Slope?, _ second: DifferentiablePair.Slope?
  ) {
    guard Tensor.records(a, b) else { return }
    let (sa, sb, sy) = (SavedTensor(a), SavedTensor(b), SavedTensor(result: self))
    record(name, [a, b]) { node, g in
      let (a, b) = (try sa.unpack(), try sb.unpack())
      func gradient(_ i: Int, _ slope: DifferentiablePair.Slope?, _ x: Tensor) throws -> Tensor? {
        guard node.needs(i) else { return nil }
        guard let slope else { return try x.zeros() }
        return try slope(g, a, b, { try sy.unpack(node) }).reduced(to: x)
      }
      return [try gradient(0, first, a), try gradient(1, second, b)]
    }
  }

  /// A gradient summed to the sizes of `x` and in its type.
  func reduced(to x: Tensor) throws -> Tensor { try summed(to: x.sizes).to(x.dtype) }
}

/// A function of three numbers by a formula for each type of arithmetic.
struct TripleFormula: TernaryFunction {
  let float: (Float, Float, Float) -> Float
  let double: (Double, Double, Double) -> Double
  var integer: (Int64, Int64, Int64) -> Int64 = { a, _, _ in a }
  /// The compiled loop that does the same for floats with a number, where there is one.
  var loop: (op: qk_ternary_op, value: Double)? = nil
  func callAsFunction(_ a: Float, _ b: Float, _ c: Float) -> Float { float(a, b, c) }
  func callAsFunction(_ a: Double, _ b: Double, _ c: Double) -> Double { double(a, b, c) }
  func callAsFunction(_ a: Int64, _ b: Int64, _ c: Int64) -> Int64 { integer(a, b, c) }
}

extension Tensor {
  /// Applies a function to triples of elements of tensors that broadcast.
  static func zipped(_ f: TripleFormula, _ a: Tensor, _ b: Tensor, _ c: Tensor, result dtype: DType) throws -> Tensor {
    if let (op, value) = f.loop, a.dtype == dtype, b.dtype == dtype, c.dtype == dtype, a.sizes == b.sizes, a.sizes == c.sizes,
      a.isContiguous, b.isContiguous, c.isContiguous, let type = dtype.loopType, let loop = qk_ternary(op, type) {
      let y = try Tensor(like: a, dtype: dtype)
      Loops.run(loop, a.count, a.pointer, b.pointer, c.pointer, value: value, y.pointer, isDouble: dtype == .float64)
      return y
    }
    for x in [a, b, c] { try x.refuseOthers() }
    let sizes = try Shape.broadcast(Shape.broadcast(a.sizes, b.sizes), c.sizes)
    let y = try Tensor(uninitialized: sizes, dtype: dtype)
    // A loop sees bare addresses: what it reads must be held until it ends.
    withExtendedLifetime((a, b, c)) {
      Pointwise.ternary(
        f, a.operand(broadcastTo: sizes), b.operand(broadcastTo: sizes), c.operand(broadcastTo: sizes), into: y.operand, sizes: sizes,
        computing: dtype.wide)
    }
    return y
  }

  /// Marks this tensor as the result of a function of three; what `slopes` give is summed to the arguments' sizes and cast.
  func recordTriple(_ name: String, _ inputs: [Tensor], _ slopes: [(_ g: Tensor, _ x: [Tensor]) throws -> Tensor]) {
    guard Tensor.records(inputs) else { return }
    let saved = inputs.map { SavedTensor($0) }
    record(name, inputs) { node, g in
      let x = try saved.map { try $0.unpack() }
      return try slopes.indices.map { i in node.needs(i) ? try slopes[i](g, x).reduced(to: x[i]) : nil }
    }
  }
}

/// - Throws: PyTorch's sentence for numbers where every overload wants a tensor: in both places, or in the first where
/// `numberFirst` does not hold.
@inline(__always)
func refuseNumbers(
  _ name: String, _ x: TensorOrNumber, _ y: TensorOrNumber, numberFirst: Bool = true, first: String = "input", second: String = "other"
) throws {
  guard x.tensor.isWrappedNumber, !numberFirst || y.tensor.isWrappedNumber else { return }
  func type(_ t: Tensor) -> String { !t.isWrappedNumber ? "Tensor" : t.dtype == .bool ? "bool" : t.dtype == .int64 ? "int" : "float" }
  throw TorchError.type(
    "\(name)() received an invalid combination of arguments - got (\(type(x.tensor)), \(type(y.tensor))), but expected one of:\n * (Tensor \(first), Tensor \(second), *, Tensor out = None)"
      + (numberFirst ? "\n * (Number \(first == "input" ? "self" : first), Tensor \(second), *, Tensor out = None)" : "")
      + "\n * (Tensor \(first), Number \(second), *, Tensor out = None)\n")
}

extension OperationFamily {
  /// Declares a function of one number by its formula; floats result.
  func pointwise(_ name: String, _ doc: String, aliases: [String] = [], inPlace: InPlace = .both, _ f: Differentiable) {
    tensorOp("\(name)(Tensor self) -> Tensor", doc: "\(doc) Mirrors torch.\(name).", inPlace: inPlace, aliases: aliases) { (x: Tensor) in try x.apply(f) }
  }

  /// Declares a function of two numbers by its formula; shapes broadcast.
  func pairwise(_ name: String, _ doc: String, aliases: [String] = [], inPlace: InPlace = .method, _ f: DifferentiablePair) {
    for spelling in [name] + aliases { 
      tensorPair(spelling, doc, inPlace: inPlace) { try Tensor.apply(f, $0, $1) } narrowing: { x, y in
        let result = ResultType.of(x, y)
        try x.refuseNarrowing(f.givesFloat && !result.isFloatingPoint ? .defaultFloat : result)
      }
    }
  }

  /// Declares a function of two tensors whose form in place says before anything else that its result would not fit.
  func tensorPair(
    _ name: String, _ doc: String, inPlace: InPlace = .method, _ f: @escaping (Tensor, Tensor) throws -> Tensor,
    narrowing: @escaping (Tensor, Tensor) throws -> Void = { x, y in try x.refuseNarrowing(ResultType.of(x, y)) }
  ) {
    define("\(name)(Tensor self, Tensor other) -> Tensor", doc: "\(doc) Shapes broadcast. Mirrors torch.\(name).") { (x: Tensor, y: Tensor) in try f(x, y) }
    if inPlace == .none { return }
    tensorOp("\(name)_(Tensor self, Tensor other) -> Tensor", doc: "\(doc) Changes self. Mirrors Tensor.\(name)_.", inPlace: .itself, variants: inPlace.variants) {
      (x: Tensor, y: Tensor) -> Tensor in
      try narrowing(x, y)
      return try f(x, y)
    }
  }

  /// `tensorPair` where a number may stand for the second tensor, or for the first.
  func numberPair(
    _ name: String, _ doc: String, numberFirst: Bool = true, narrows: Bool = true, _ f: @escaping (Tensor, Tensor) throws -> Tensor
  ) {
    define("\(name)(Tensor self, Tensor other) -> Tensor", doc: "\(doc) Shapes broadcast. Mirrors torch.\(name).") {
      (x: TensorOrNumber, y: TensorOrNumber) -> Tensor in
      try refuseNumbers(name, x, y, numberFirst: numberFirst)
      return try f(x.tensor, y.tensor)
    }
    tensorOp("\(name)_(Tensor self, Tensor other) -> Tensor", doc: "\(doc) Changes self. Mirrors Tensor.\(name)_.", inPlace: .itself, variants: [.method]) {
      (x: Tensor, y: TensorOrNumber) -> Tensor in
      if narrows { try x.refuseNarrowing(ResultType.of(x, y.tensor)) }
      return try f(x, y.tensor)
    }
  }
}
