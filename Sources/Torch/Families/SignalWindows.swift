import Interface
import TensorCore

/// The arguments that all windows of `torch.signal.windows` share.
private struct WindowShape {
  let name: String
  let count: Int
  let symmetric: Bool
  let dtype: DType

  /// - Throws: PyTorch's sentences for negative lengths and other dtypes.
  init(_ name: String, _ count: Int, _ symmetric: Bool, _ dtype: DType?, _ layout: String) throws {
    self.name = name
    self.count = count
    self.symmetric = symmetric
    self.dtype = dtype ?? .defaultFloat
    if count < 0 { throw TorchError.value("\(name) requires non-negative window length, got M=\(count)") }
    if layout != "torch.strided" { throw TorchError.value("\(name) is implemented for strided tensors only, got: \(layout)") }
    if self.dtype != .float32 && self.dtype != .float64 {
      throw TorchError.value("\(name) expects float32 or float64 dtypes, got: torch.\(self.dtype.name)")
    }
  }

  /// The number of steps that the window's period has.
  var period: Double { Double(symmetric ? count - 1 : count) }
  /// As `period`, where a window of one element is symmetric.
  var span: Double { Double(!symmetric && count > 1 ? count : count - 1) }

  func line(_ start: Double, _ end: Double) throws -> Tensor { try .linspace(start, end, count, dtype: dtype) }

  /// `count` evenly spaced numbers from `start`, scaled.
  func line(from start: Double, times constant: Double) throws -> Tensor {
    try line(start * constant, (start + Double(count - 1)) * constant)
  }

  /// Ones where there is nothing to shape.
  var trivial: Tensor? { get throws { count <= 1 ? try .ones([count], dtype: dtype) : nil } }
  var empty: Tensor? { get throws { count == 0 ? try .zeros([0], dtype: dtype) : nil } }

  /// The sum of cosines with alternating signs.
  func cosines(_ weights: [Double]) throws -> Tensor {
    if let trivial = try trivial { return trivial }
    if weights.isEmpty { throw TorchError.value("Coefficients cannot be empty") }
    let k = try line(0, Double(count - 1) * (2 * Double.pi / period))
    let signed = try Tensor.vector(weights.enumerated().map { $0.offset % 2 == 0 ? $0.element : -$0.element }, dtype: dtype)
    let i = try Tensor.arange(.integer(0), .integer(weights.count), .integer(1), dtype: dtype)
    return try signed.unsqueeze(-1).mul(i.unsqueeze(-1).mul(k).cos()).sum(dims: [0])
  }
}

extension Double {
  /// A number as a user most likely wrote it, whole ones without a point.
  fileprivate var asWritten: String { self == rounded() && magnitude < 1e15 ? "\(Int(self))" : FloatText.shortest(self) }
}

extension Tensor {
  fileprivate func power(_ p: Int) throws -> Tensor { try pow(.wrapped(.integer(p))) }
}

/// `torch.signal.windows`.
public let signalWindows = OperationFamily("torch.signal.windows") { ops in
  let options = "bool sym=True, ScalarType? dtype=None, str layout='torch.strided', Device? device=None, bool requires_grad=False"
  ops.define("exponential(int M, *, float? center=None, float tau=1.0, \(options)) -> Tensor", doc: "exp(-|n - center| / tau). Mirrors torch.signal.windows.exponential.") {
    (m: Int, center: Double?, tau: Double, sym: Bool, t: DType?, layout: String, _: Device?, g: Bool) -> Tensor in
    let w = try WindowShape("exponential", m, sym, t, layout)
    if tau <= 0 { throw TorchError.value("Tau must be positive, got: \(tau.asWritten) instead.") }
    if sym && center != nil { throw TorchError.value("Center must be None for symmetric windows") }
    if let empty = try w.empty { return try empty.wanting(gradient: g) }
    let k = try w.line(from: -(center ?? w.span / 2), times: 1 / tau).wanting(gradient: g)
    return try k.abs().neg().exp()
  }
  ops.define("cosine(int M, *, \(options)) -> Tensor", doc: "sin(pi (n + 0.5) / M). Mirrors torch.signal.windows.cosine.") {
    (m: Int, sym: Bool, t: DType?, layout: String, _: Device?, g: Bool) -> Tensor in
    let w = try WindowShape("cosine", m, sym, t, layout)
    if let empty = try w.empty { return try empty.wanting(gradient: g) }
    return try w.line(from: 0.5, times: .pi / Double(!sym && m > 1 ? m + 1 : m)).wanting(gradient: g).sin()
  }
  ops.define("gaussian(int M, *, float std=1.0, \(options)) -> Tensor", doc: "A bell of a standard deviation. Mirrors torch.signal.windows.gaussian.") {
    (m: Int, std: Double, sym: Bool, t: DType?, layout: String, _: Device?, g: Bool) -> Tensor in
    let w = try WindowShape("gaussian", m, sym, t, layout)
    if std <= 0 { throw TorchError.value("Standard deviation must be positive, got: \(std.asWritten) instead.") }
    if let empty = try w.empty { return try empty.wanting(gradient: g) }
    return try w.line(from: -w.span / 2, times: 1 / (std * 2.0.squareRoot())).wanting(gradient: g).power(2).neg().exp()
  }
  ops.define("kaiser(int M, *, float beta=12.0, \(options)) -> Tensor", doc: "A Bessel function's bell. Mirrors torch.signal.windows.kaiser.") {
    (m: Int, beta: Double, sym: Bool, t: DType?, layout: String, _: Device?, g: Bool) -> Tensor in
    let w = try WindowShape("kaiser", m, sym, t, layout)
    if beta < 0 { throw TorchError.value("beta must be non-negative, got: \(beta.asWritten) instead.") }
    if let trivial = try w.trivial { return try trivial.wanting(gradient: g) }
    let single = w.dtype == .float32
    let b = single ? Double(Float(beta)) : beta
    let step = single ? Double(Float(2 * b) / Float(w.period)) : 2 * b / w.period
    let k = try w.line(-b, min(b, -b + Double(m - 1) * step))
    let bell = (0..<m).map { i in
      let x = k.scalar(at: i).doubleValue
      let inside = single ? Double(Float(b * b) - Float(x * x)) : b * b - x * x
      return besselI0(inside.squareRoot()) / besselI0(b)
    }
    return try Tensor.vector(bell, dtype: w.dtype).wanting(gradient: g)
  }
  ops.define("bartlett(int M, *, \(options)) -> Tensor", doc: "A triangle. Mirrors torch.signal.windows.bartlett.") {
    (m: Int, sym: Bool, t: DType?, layout: String, _: Device?, g: Bool) -> Tensor in
    let w = try WindowShape("bartlett", m, sym, t, layout)
    if let trivial = try w.trivial { return try trivial.wanting(gradient: g) }
    let k = try w.line(-1, -1 + Double(m - 1) * (2 / w.period)).wanting(gradient: g)
    return try Tensor.wrapped(.integer(1)).sub(k.abs())
  }
  ops.define("general_cosine(int M, *, any? a=None, \(options)) -> Tensor", doc: "A sum of cosines with the weights a. Mirrors torch.signal.windows.general_cosine.") {
    (m: Int, a: Value, sym: Bool, t: DType?, layout: String, _: Device?, g: Bool) -> Tensor in
    let w = try WindowShape("general_cosine", m, sym, t, layout)
    if let trivial = try w.trivial { return try trivial.wanting(gradient: g) }
    guard case .list(let weights) = a else { throw TorchError.type("Coefficients must be a list/tuple") }
    return try w.cosines(weights.compactMap { Double.element(from: $0) }).wanting(gradient: g)
  }
  ops.define("general_hamming(int M, *, float alpha=0.54, \(options)) -> Tensor", doc: "alpha - (1 - alpha) cos. Mirrors torch.signal.windows.general_hamming.") {
    (m: Int, alpha: Double, sym: Bool, t: DType?, layout: String, _: Device?, g: Bool) in
    try WindowShape("general_cosine", m, sym, t, layout).cosines([alpha, 1 - alpha]).wanting(gradient: g)
  }
  let weights = [
    ("hamming", "general_cosine", [0.54, 1 - 0.54]), ("hann", "general_cosine", [0.5, 0.5]), ("blackman", "blackman", [0.42, 0.5, 0.08]),
    ("nuttall", "general_cosine", [0.3635819, 0.4891775, 0.1365995, 0.0106411]),
  ]
  for (name, checked, a) in weights {
    ops.define("\(name)(int M, *, \(options)) -> Tensor", doc: "A sum of \(a.count) cosines. Mirrors torch.signal.windows.\(name).") {
      (m: Int, sym: Bool, t: DType?, layout: String, _: Device?, g: Bool) in try WindowShape(checked, m, sym, t, layout).cosines(a).wanting(gradient: g)
    }
  }
}
