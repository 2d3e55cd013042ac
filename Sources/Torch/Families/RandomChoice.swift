import Interface
import TensorCore

extension Tensor {
  /// A random order of 0 … n − 1. Mirrors `torch.randperm`.
  static func permutation(_ n: Int, _ dtype: DType, _ generator: Generator?) throws -> Tensor {
    if n < 0 { throw TorchError.runtime("Trying to create tensor with negative dimension \(n): [\(n)]") }
    if dtype == .bool { throw TorchError.notImplemented("randperm", for: .bool) }
    if dtype.isFloatingPoint {
      let digits: [DType: Int] = [.float64: 53, .float32: 24, .float16: 11, .bfloat16: 8]
      let limit = (1 << (digits[dtype] ?? 53)) + 1
      if n > limit { throw TorchError.runtime("n cannot be greater than \(limit) for \(dtype.capitalized) type.") }
    } else {
      try Scalar.integer(n).mustFit(dtype)
    }
    let x = try Tensor(uninitialized: [n], dtype: .int64)
    (generator ?? .default).fillPermutation(UnsafeMutableBufferPointer(start: x.elements(Int64.self), count: n))
    return try x.converted(to: dtype)
  }

  /// One or zero for each probability. Mirrors `torch.bernoulli`.
  func bernoulliDrawn(_ generator: Generator?) throws -> Tensor {
    let y = try GradMode.with(false) { try Tensor(uninitialized: sizes, dtype: dtype).bernoulli(self, generator) }
    if Tensor.records(self) { y.record("BernoulliBackward0", [self]) { _, g in [try .zeros(g.sizes, dtype: g.dtype)] } }
    return y
  }

  /// Numbers of normal distributions with these means and deviations. Mirrors `torch.normal`.
  static func normalDrawn(_ mean: Tensor, _ std: Tensor, _ dtype: DType, _ generator: Generator?) throws -> Tensor {
    if std.isWrappedNumber {
      let value = std.scalar(at: 0).doubleValue
      if value < 0 { throw TorchError.runtime("normal expects std >= 0.0, but found std \(FloatText.brief(value))") }
      let noise = try Tensor(uninitialized: mean.sizes, dtype: dtype)
      let y = try GradMode.with(false) { try noise.normal(0, value, generator).add(mean) }
      if records(mean) { y.record("NormalBackward1", [mean]) { _, g in [try .zeros(g.sizes, dtype: g.dtype)] } }
      return y
    }
    if (0..<std.count).contains(where: { std.scalar(at: $0).doubleValue < 0 }) { throw TorchError.runtime("normal expects all elements of std >= 0.0") }
    let sizes = try Shape.broadcast(mean.sizes, std.sizes)
    let noise = try Tensor(uninitialized: sizes, dtype: dtype).normal(0, 1, generator)
    let y = try GradMode.with(false) { try noise.mul(std).add(mean) }
    let result = y.dtype == dtype ? y : try y.converted(to: dtype)
    if records(mean, std) {
      let (a, b) = (mean.sizes, std.sizes)
      result.record("NormalBackward3", [mean, std]) { node, g in
        [node.needs(0) ? try .zeros(a, dtype: g.dtype) : nil, node.needs(1) ? try .zeros(b, dtype: g.dtype) : nil]
      }
    }
    return result
  }

  /// Indices drawn by their weights. Mirrors `torch.multinomial`.
  func multinomial(_ n: Int, _ replacement: Bool, _ generator: Generator?) throws -> Tensor {
    if dim < 1 || dim > 2 { throw TorchError.runtime("prob_dist must be 1 or 2 dim") }
    if !dtype.isFloatingPoint { throw TorchError.runtime("multinomial only supports floating-point dtypes for input, got: \(dtype.capitalized)") }
    if n <= 0 { throw TorchError.runtime("cannot sample n_sample <= 0 samples") }
    let width = sizes[dim - 1]
    if !replacement && n > width { throw TorchError.runtime("cannot sample n_sample > prob_dist.size(-1) samples without replacement") }
    if width > 1 << 24 { throw TorchError.runtime("number of categories cannot exceed 2^24") }
    let g = generator ?? .default
    let rows = dim == 2 ? sizes[0] : 1
    if replacement && n > 1 {
      let result = try Tensor(uninitialized: dim == 2 ? [rows, n] : [n], dtype: .int64)
      let out = result.elements(Int64.self)
      let weights = try dense(dtype.wide)
      defer { withExtendedLifetime(weights) {} }
      for row in 0..<rows {
        let slots = UnsafeMutableBufferPointer(start: out + row * n, count: n)
        do {
          if weights.dtype == .float64 {
            try g.fillMultinomial(slots, weights: UnsafeBufferPointer(start: weights.elements(Double.self) + row * width, count: width))
          } else {
            try g.fillMultinomial(slots, weights: UnsafeBufferPointer(start: weights.elements(Float.self) + row * width, count: width))
          }
        } catch let error as SamplingError { throw TorchError.runtime(error.message) }
      }
      return result
    }
    let weights = try GradMode.with(false) { try detached().dense(.float64) }
    let p = weights.elements(Double.self)
    defer { withExtendedLifetime(weights) {} }
    for i in 0..<weights.count where !(p[i] >= 0 && p[i] < .infinity) {
      throw TorchError.runtime("probability tensor contains either `inf`, `nan` or element < 0")
    }
    for row in 0..<rows where !(0..<width).contains(where: { p[row * width + $0] > 0 }) {
      throw TorchError.runtime("invalid multinomial distribution (sum of probabilities <= 0)")
    }
    // The greatest ratios of weight to exponential sample win.
    // Among equal ratios topk decides, as it does for any tensor.
    return try GradMode.with(false) {
      let race = try detached().div(Tensor(uninitialized: sizes, dtype: dtype).drawn(Exponential(rate: 1, generator: g)))
      return n == 1 ? try race.extremeIndex(-1, keepdim: true, greatest: true) : try race.topk(n, -1, largest: true).1
    }
  }

  /// A count for each rate. Mirrors `torch.poisson`.
  func poisson(_ generator: Generator?) throws -> Tensor {
    if !dtype.isFloatingPoint { throw TorchError.notImplemented("poisson_cpu", for: dtype) }
    let y = try drawnCounts { i in try (generator ?? .default).poisson(rate: self.scalar(at: i).doubleValue) }
    if Tensor.records(self) { y.record("PoissonBackward0", [self]) { _, g in [try .zeros(g.sizes, dtype: g.dtype)] } }
    return y
  }

  private func drawnCounts(_ draw: (Int) throws -> Int64) throws -> Tensor {
    do { return try .vector((0..<count).map { Double(try draw($0)) }, dtype: dtype).view(Array(sizes)) } catch let error as SamplingError {
      throw TorchError.runtime(error.message)
    }
  }

  /// A count of successes for each pair of trials and probability. Mirrors `torch.binomial`.
  static func binomial(_ count: Tensor, _ p: Tensor, _ generator: Generator?) throws -> Tensor {
    if !count.dtype.isFloatingPoint { throw TorchError.value("binomial only supports floating-point dtypes for count, got: \(count.dtype.capitalized)") }
    if !p.dtype.isFloatingPoint { throw TorchError.value("binomial only supports floating-point dtypes for prob, got: \(p.dtype.capitalized)") }
    for t in [count, p] where t.dtype.itemSize == 2 { throw TorchError.notImplemented("binomial_cpu", for: t.dtype) }
    let sizes = try Shape.broadcast(count.sizes, p.sizes)
    let (n, q) = (try count.detached().expand(Array(sizes)), try p.detached().expand(Array(sizes)))
    let single = count.dtype != .float64
    let round: (Double) -> Double = single ? { Double(Float($0)) } : { $0 }
    let values = (0..<sizes.product).map {
      (generator ?? .default).binomial(count: n.scalar(at: $0).doubleValue, probability: q.scalar(at: $0).doubleValue, round: round)
    }
    return try .vector(values, dtype: count.dtype).view(Array(sizes))
  }
}
