import Interface
import TensorCore

/// The bins between edges; the last has its right edge as well.
private struct Bins {
  let edges: [Double]
  let dtype: DType
  /// Whether all are of one width, so that a quotient finds the bin.
  let evenly: Bool
  /// Whether the edges near the quotient have the last word.
  let searching: Bool

  var count: Int { edges.count - 1 }

  /// The bin of a value; nil outside and for NaN.
  func index(of value: Double) -> Int? {
    let (low, high) = (edges[0], edges[count])
    guard value >= low && value <= high else { return nil }
    if !evenly { return Swift.min(upper(value, 0, edges.count) - 1, count - 1) }
    let at = Int(rounded(rounded(rounded(value - low) * Double(count)) / rounded(high - low)))
    return Swift.min(searching ? upper(value, Swift.max(0, at - 1), Swift.min(at + 2, edges.count)) - 1 : at, count - 1)
  }

  /// The first edge greater than the value.
  private func upper(_ value: Double, _ from: Int, _ to: Int) -> Int {
    var (a, b) = (from, to)
    while a < b {
      let middle = (a + b) / 2
      if edges[middle] <= value { a = middle + 1 } else { b = middle }
    }
    return a
  }

  /// Each step is rounded to the elements' type.
  private func rounded(_ value: Double) -> Double {
    switch dtype {
    case .float64: value
    case .float16: Double(Float16(Float(value)))
    case .bfloat16: Double(BFloat16(wide: Float(value)).wide)
    default: Double(Float(value))
    }
  }
}

extension Tensor {
  /// The least and greatest element, or the range asked for; a range of one point is widened on both sides.
  private func histogramRange(_ asked: (Double, Double)?, widening: Double, _ sentence: (Double, Double) -> String) throws -> (Double, Double) {
    var (low, high) = asked ?? (0, asked == nil && widening < 1 ? 1 : 0)
    if asked == nil && count > 0 {
      low = try extremeValue(nil, keepdim: false, greatest: false, name: "").scalar(at: 0).doubleValue
      high = try extremeValue(nil, keepdim: false, greatest: true, name: "").scalar(at: 0).doubleValue
    }
    if !low.isFinite || !high.isFinite { throw TorchError.runtime(sentence(low, high)) }
    return low == high ? (low - widening, high + widening) : (low, high)
  }

  /// How many elements fall into each bin, or the sum of their weights.
  private func binned(_ bins: Bins, weights: Tensor?) throws -> [Double] {
    var counts = Array(repeating: 0.0, count: bins.count)
    let (x, w) = (try detached().dense(.float64), try weights?.detached().dense(.float64))
    let (p, q) = (x.elements(Double.self), w?.elements(Double.self))
    for i in 0..<x.count {
      if let at = bins.index(of: p[i]) { counts[at] += q?[i] ?? 1 }
    }
    return withExtendedLifetime((x, w)) { counts }
  }

  private func refuseBins(_ bins: Int) throws {
    if bins <= 0 { throw TorchError.runtime("torch.histogram(): bins must be > 0, but got \(bins) for dimension 0") }
  }

  /// How many elements fall into each of evenly wide bins. Mirrors `torch.histc`.
  func histc(_ bins: Int, _ low: Scalar, _ high: Scalar) throws -> Tensor {
    if !dtype.isFloatingPoint { throw TorchError.notImplemented("histogram_cpu", for: dtype) }
    try refuseBins(bins)
    let (a, b) = (low.doubleValue, high.doubleValue)
    let range = try histogramRange(a == b ? nil : (a, b), widening: 1) { "torch.histc: range of [\(FloatText.brief($0)), \(FloatText.brief($1))] is not finite" }
    if range.0 > range.1 { throw TorchError.runtime("torch.histc: max must be larger than min") }
    let edges = [range.0] + Array(repeating: range.1, count: bins)
    return try .vector(binned(Bins(edges: edges, dtype: dtype, evenly: true, searching: false), weights: nil), dtype: dtype)
  }

  private func checkWeight(_ weight: Tensor?, _ wanted: Dims, shown: [Int]) throws {
    guard let weight else { return }
    if weight.sizes != wanted {
      let given = shown.last == 1 && shown.count == 2 ? [weight.count] : Array(weight.sizes)
      throw TorchError.runtime(
        "torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding its innermost dimension, but got input with shape \(Dims(shown).text) and weight with shape \(Dims(given).text)")
    }
    if weight.dtype != dtype {
      throw TorchError.runtime(
        "torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same dtype, but got input(\(dtype.nativeName)), and weight(\(weight.dtype.nativeName))")
    }
  }

  /// The edges a user gave for dimension `d`, checked.
  private func binEdges(_ bins: Tensor, _ d: Int) throws -> Tensor {
    if bins.dim != 1 { throw TorchError.runtime("torch.histogramdd: bins tensor should have one dimension, but got \(bins.dim) dimensions in the bins tensor for dimension \(d)") }
    if bins.count == 0 { throw TorchError.runtime("torch.histogramdd: bins tensor should have at least 1 element, but got 0 elements in the bins tensor for dimension \(d)") }
    if bins.dtype != dtype {
      throw TorchError.runtime(
        "torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype \(dtype.nativeName) and bins for dimension \(d) with dtype \(bins.dtype.nativeName)")
    }
    try refuseBins(bins.count - 1)
    return try bins.detached().denseCopy()
  }

  /// The edges of `n` even bins for these elements of dimension `d`.
  private func binEdges(_ n: Int, _ range: (Double, Double)?, _ d: Int) throws -> Tensor {
    try refuseBins(n)
    if dtype != .float32 && dtype != .float64 { throw TorchError.notImplemented("histogramdd", for: dtype) }
    if let range, range.0 > range.1 {
      throw TorchError.runtime("torch.histogramdd: min should not exceed max, but got min \(FloatText.brief(range.0)) max \(FloatText.brief(range.1)) for dimension \(d)")
    }
    let ends = try histogramRange(range, widening: 0.5) { "torch.histogramdd: dimension \(d)'s range [\(FloatText.brief($0)), \(FloatText.brief($1))] is not finite" }
    return try Tensor.linspace(ends.0, ends.1, n + 1, dtype: dtype)
  }

  /// A histogram of points, their coordinates in the last dimension, and the edges of each dimension's bins. Mirrors `torch.histogramdd`.
  func histogramdd(_ bins: Value, range: [Double]?, weight: Tensor?, density: Bool) throws -> Value {
    if dim < 2 { throw TorchError.runtime("torch.histogramdd: input tensor should have at least 2 dimensions") }
    let n = sizes[dim - 1]
    let points = try detached().reshape([-1, n])
    let edges: [Tensor]
    let given: [Value] = if case .list(let items) = bins { items } else { Array(repeating: bins, count: n) }
    if given.contains(where: { Tensor.element(from: $0) != nil }) {
      if given.count != n { throw TorchError.runtime("torch.histogramdd: expected \(n) sequences of bin edges for a \(n)-dimensional histogram but got \(given.count)") }
      edges = try given.enumerated().map { d, value in
        guard let t = Tensor.element(from: value) else { throw TorchError.type("histogramdd(): argument 'bins' must be tuple of Tensors, not list") }
        return try self.binEdges(t, d)
      }
    } else {
      if given.count != n { throw TorchError.runtime("histogramdd: The size of bins must be equal to the innermost dimension of the input.") }
      if let range, range.count != 2 * n { throw TorchError.runtime("torch.histogramdd: for a \(n)-dimensional histogram range should have \(2 * n) elements, but got \(range.count)") }
      edges = try given.enumerated().map { d, value in
        guard let count = Int.element(from: value) else { throw TorchError.type("histogramdd(): argument 'bins' must be tuple of ints, not \(value.pythonTypeName)") }
        return try points.select(1, d).binEdges(count, range.map { ($0[2 * d], $0[2 * d + 1]) }, d)
      }
    }
    try checkWeight(weight, Dims(Array(sizes.dropLast())), shown: Array(sizes))
    let evenly = !given.contains { Tensor.element(from: $0) != nil }
    let axes = edges.map { e in Bins(edges: (0..<e.count).map { e.scalar(at: $0).doubleValue }, dtype: dtype, evenly: evenly, searching: true) }
    let shape = Dims(axes.map(\.count))
    let steps = Shape.contiguousStrides(shape)
    let (x, w) = (try points.dense(.float64), try weight?.detached().dense(.float64))
    let (p, q) = (x.elements(Double.self), w?.elements(Double.self))
    let counts = try Tensor.zeros(shape, dtype: .float64)
    for i in 0..<x.sizes[0] {
      var place: Int? = 0
      for d in 0..<n { place = place.flatMap { at in axes[d].index(of: p[i * n + d]).map { at + $0 * steps[d] } } }
      if let place { counts.elements(Double.self)[place] += q?[i] ?? 1 }
    }
    var hist = try withExtendedLifetime((x, w)) { try counts.converted(to: dtype) }
    if density {
      hist = try hist.div(hist.sum())
      for (d, e) in edges.enumerated() { hist = try hist.div(e.diff(1, 0, nil, nil).reshape((0..<n).map { $0 == d ? -1 : 1 })) }
    }
    return .tuple([.object(hist), .list(edges.map { .object($0) })])
  }

  /// A histogram and its bins' edges. Mirrors `torch.histogram`.
  func histogram(bins: Tensor?, count n: Int, range: [Double]?, weight: Tensor?, density: Bool) throws -> Value {
    try checkWeight(weight, sizes, shown: [count, 1])
    if bins == nil, let range, range.count != 2 {
      throw TorchError.runtime("torch.histogramdd: for a 1-dimensional histogram range should have 2 elements, but got \(range.count)")
    }
    let edges = try bins.map { try binEdges($0, 0) } ?? binEdges(n, range.map { ($0[0], $0[1]) }, 0)
    if dtype != .float32 && dtype != .float64 { throw TorchError.notImplemented("histogramdd", for: dtype) }
    let places = (0..<edges.count).map { edges.scalar(at: $0).doubleValue }
    var hist = try Tensor.vector(binned(Bins(edges: places, dtype: dtype, evenly: bins == nil, searching: true), weights: weight), dtype: dtype)
    if density { hist = try hist.div(hist.sum()).div(edges.diff(1, 0, nil, nil)) }
    return .tuple([.object(hist), .object(edges)])
  }

  /// How often each number from 0 occurs, or the weights where it does. Mirrors `torch.bincount`.
  func bincount(_ weights: Tensor?, _ least: Int) throws -> Tensor {
    if !dtype.isIntegral { throw TorchError.notImplemented("bincount_cpu", for: dtype) }
    if least < 0 { throw TorchError.runtime("minlength should be >= 0") }
    if dim == 1 && count == 0 { return try .zeros([least], dtype: .int64) }
    let x = try dense(.int64)
    let p = x.elements(Int.self)
    if dim != 1 || (0..<count).contains(where: { p[$0] < 0 }) { throw TorchError.runtime("bincount only supports 1-d non-negative integral inputs.") }
    if let weights, weights.dim != 1 || weights.count != count { throw TorchError.runtime("weights should be 1-d and have the same length as input") }
    let length = Swift.max(least, ((0..<count).map { p[$0] }.max() ?? -1) + 1)
    let kind: DType = weights.map { $0.dtype == .float32 ? .float32 : .float64 } ?? .int64
    let y = try Tensor.zeros([length], dtype: kind)
    let places = (0..<count).map { p[$0] }
    try y.place(weights?.detached() ?? .ones([], dtype: .int64), places, .add)
    return withExtendedLifetime(x) { y }
  }
}

/// Counting elements by their value.
public let histograms = OperationFamily("torch") { ops in
  ops.define("histc(Tensor self, int bins=100, Scalar min=0, Scalar max=0) -> Tensor", doc: "How many elements fall into each of evenly wide bins from min to max. Mirrors torch.histc.") {
    (x: Tensor, n: Int, a: Scalar, b: Scalar) in try x.histc(n, a, b)
  }
  ops.define("histogram.bin_ct(Tensor self, int bins=100, *, float[]? range=None, Tensor? weight=None, bool density=False) -> (Tensor hist, Tensor bin_edges)", doc: "A histogram of evenly wide bins, and the bins' edges. Mirrors torch.histogram.") {
    (x: Tensor, n: Int, r: [Double]?, w: Tensor?, d: Bool) in try x.histogram(bins: nil, count: n, range: r, weight: w, density: d)
  }
  ops.define("histogram.bins_tensor(Tensor self, Tensor bins, *, Tensor? weight=None, bool density=False) -> (Tensor hist, Tensor bin_edges)", doc: "A histogram of bins with these edges, and the edges. Mirrors torch.histogram.") {
    (x: Tensor, b: Tensor, w: Tensor?, d: Bool) in try x.histogram(bins: b, count: 0, range: nil, weight: w, density: d)
  }
  ops.define("histogramdd(Tensor self, any bins, float[]? range=None, Tensor? weight=None, bool density=False) -> (Tensor hist, Tensor[] bin_edges)", doc: "A histogram of points, their coordinates in the last dimension, and a table of the edges of each dimension's bins. Mirrors torch.histogramdd.", variants: [.function]) {
    (x: Tensor, b: Value, r: [Double]?, w: Tensor?, d: Bool) in try x.histogramdd(b, range: r, weight: w, density: d)
  }
  ops.define("bincount(Tensor self, Tensor? weights=None, int minlength=0) -> Tensor", doc: "How often each number from 0 occurs, or the sum of its weights. Mirrors torch.bincount.") {
    (x: Tensor, w: Tensor?, n: Int) in try x.bincount(w, n)
  }
}
