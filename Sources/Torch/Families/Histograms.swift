import Interface
import TensorCore

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

  /// How many elements fall into each bin between the edges; the last bin has its right edge as well.
  private func binned(_ edges: [Double], weights: Tensor?, evenly: Bool, searching: Bool) throws -> [Double] {
    let bins = edges.count - 1
    var counts = Array(repeating: 0.0, count: bins)
    let (x, w) = (try detached().dense(.float64), try weights?.detached().dense(.float64))
    let (p, q) = (x.elements(Double.self), w?.elements(Double.self))
    let (low, high) = (edges[0], edges[bins])
    // Each step is rounded to the elements' type.
    func rounded(_ value: Double) -> Double {
      switch dtype {
      case .float64: value
      case .float16: Double(Float16(Float(value)))
      case .bfloat16: Double(BFloat16(wide: Float(value)).wide)
      default: Double(Float(value))
      }
    }
    func upper(_ value: Double, _ from: Int, _ to: Int) -> Int {
      var (a, b) = (from, to)
      while a < b {
        let middle = (a + b) / 2
        if edges[middle] <= value { a = middle + 1 } else { b = middle }
      }
      return a
    }
    for i in 0..<x.count where p[i] >= low && p[i] <= high {
      var at: Int
      if evenly {
        at = Int(rounded(rounded(rounded(p[i] - low) * Double(bins)) / rounded(high - low)))
        if searching { at = upper(p[i], Swift.max(0, at - 1), Swift.min(at + 2, edges.count)) - 1 }
      } else {
        at = upper(p[i], 0, edges.count) - 1
      }
      counts[Swift.min(at, bins - 1)] += q?[i] ?? 1
    }
    return withExtendedLifetime((x, w)) { counts }
  }

  private func refuseBins(_ bins: Int) throws {
    if bins <= 0 { throw TorchError.runtime("torch.histogram(): bins must be > 0, but got \(bins) for dimension 0") }
  }

  /// How many elements fall into each of evenly wide bins. Mirrors `torch.histc`.
  func histc(_ bins: Int, _ low: Scalar, _ high: Scalar) throws -> Tensor {
    if !dtype.isFloatingPoint { throw TorchError.notImplemented("\"histogram_cpu\" not implemented for '\(dtype.capitalized)'") }
    try refuseBins(bins)
    let (a, b) = (low.doubleValue, high.doubleValue)
    let range = try histogramRange(a == b ? nil : (a, b), widening: 1) { "torch.histc: range of [\(FloatText.brief($0)), \(FloatText.brief($1))] is not finite" }
    if range.0 > range.1 { throw TorchError.runtime("torch.histc: max must be larger than min") }
    let edges = [range.0] + Array(repeating: range.1, count: bins)
    return try .vector(binned(edges, weights: nil, evenly: true, searching: false), dtype: dtype)
  }

  /// A histogram and its bins' edges. Mirrors `torch.histogram`.
  func histogram(bins: Tensor?, count n: Int, range: [Double]?, weight: Tensor?, density: Bool) throws -> Value {
    if let weight {
      if weight.dtype != dtype {
        throw TorchError.runtime(
          "torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same dtype, but got input(\(dtype.scalarTypeName)), and weight(\(weight.dtype.scalarTypeName))")
      }
      if weight.sizes != sizes {
        throw TorchError.runtime(
          "torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding its innermost dimension, but got input with shape [\(count), 1] and weight with shape [\(weight.count)]")
      }
    }
    let edges: Tensor
    if let bins {
      if bins.dim != 1 { throw TorchError.runtime("torch.histogramdd: bins tensor should have one dimension, but got \(bins.dim) dimensions in the bins tensor for dimension 0") }
      if bins.count == 0 { throw TorchError.runtime("torch.histogramdd: bins tensor should have at least 1 element, but got 0 elements in the bins tensor for dimension 0") }
      if bins.dtype != dtype {
        throw TorchError.runtime(
          "torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype \(dtype.scalarTypeName) and bins for dimension 0 with dtype \(bins.dtype.scalarTypeName)")
      }
      try refuseBins(bins.count - 1)
      edges = try bins.detached().denseCopy()
    } else {
      if let range, range.count != 2 { throw TorchError.runtime("torch.histogramdd: for a 1-dimensional histogram range should have 2 elements, but got \(range.count)") }
      try refuseBins(n)
      if dtype != .float32 && dtype != .float64 { throw TorchError.notImplemented("\"histogramdd\" not implemented for '\(dtype.capitalized)'") }
      if let range, range[0] > range[1] {
        throw TorchError.runtime("torch.histogramdd: min should not exceed max, but got min \(FloatText.brief(range[0])) max \(FloatText.brief(range[1])) for dimension 0")
      }
      let ends = try histogramRange(range.map { ($0[0], $0[1]) }, widening: 0.5) { "torch.histogramdd: dimension 0's range [\(FloatText.brief($0)), \(FloatText.brief($1))] is not finite" }
      edges = try Tensor.linspace(ends.0, ends.1, n + 1, dtype: dtype)
    }
    if dtype != .float32 && dtype != .float64 { throw TorchError.notImplemented("\"histogramdd\" not implemented for '\(dtype.capitalized)'") }
    let places = (0..<edges.count).map { edges.scalar(at: $0).doubleValue }
    var hist = try Tensor.vector(binned(places, weights: weight, evenly: bins == nil, searching: true), dtype: dtype)
    if density { hist = try hist.div(hist.sum()).div(edges.diff(1, 0, nil, nil)) }
    return .tuple([.object(hist), .object(edges)])
  }

  /// How often each number from 0 occurs, or the weights where it does. Mirrors `torch.bincount`.
  func bincount(_ weights: Tensor?, _ least: Int) throws -> Tensor {
    if !dtype.isIntegral { throw TorchError.notImplemented("\"bincount_cpu\" not implemented for '\(dtype.capitalized)'") }
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
  ops.define("bincount(Tensor self, Tensor? weights=None, int minlength=0) -> Tensor", doc: "How often each number from 0 occurs, or the sum of its weights. Mirrors torch.bincount.") {
    (x: Tensor, w: Tensor?, n: Int) in try x.bincount(w, n)
  }
}
