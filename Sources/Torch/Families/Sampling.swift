import Glibc
import Interface
import Kernels
import TensorCore

extension BFloat16: RandomReal {
  /// Samples are computed in Float.
  public typealias Accumulator = Float
  public static var nativeName: String { "c10::BFloat16" }
  public static var scalarName: String { "BFloat16" }
  public static var significandDigits: Int { 8 }
  public static var greatestFinite: Double { 3.3895313892515355e38 }
  public init(integerSample: Int64) { self.init(wide: Float(integerSample)) }
  public init(realSample: Double) { self.init(wide: Float(realSample)) }
  public init(sample: Float) { self.init(wide: sample) }
  public static func drawInteger(from generator: Generator) -> BFloat16 { BFloat16(wide: Float(generator.random() % 257)) }
  public static func == (a: BFloat16, b: BFloat16) -> Bool { a.wide == b.wide }
}

extension Boolean: RandomScalar {
  public static var nativeName: String { "bool" }
  public static var integerLimits: ClosedRange<Int64> { 0...1 }
  public static var greatestInteger: Int64 { 1 }
  public init(integerSample: Int64) { self.init(wide: integerSample) }
  public init(realSample: Double) { self.init(wide: realSample != 0 ? 1 : 0) }
  public static func drawInteger(from generator: Generator) -> Boolean { Boolean(wide: Int64(generator.random() & 1)) }
}

extension Generator: SchemaArgument {
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool { frame.object(i) is Generator }
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Self {
    guard let generator = frame.object(i) as? Self else { throw frame.wrongType(i, parameter) }
    return generator
  }
}

/// Draws the elements of a dense tensor of any type.
protocol Sampler {
  func fill<T: RandomScalar>(_ elements: UnsafeMutableBufferPointer<T>) throws
}

/// Draws the elements of a dense tensor of floats.
protocol RealSampler {
  func fill<T: RandomReal>(_ elements: UnsafeMutableBufferPointer<T>) throws
  /// What to say of a tensor of integers.
  func refusal(_ dtype: DType) -> TorchError
}

/// Brings a sampler and a tensor's element type together.
private struct Drawing<S: Sampler>: ElementVisitor {
  let target: Tensor
  let sampler: S
  mutating func visit<T: Element>(_ type: T.Type) throws {
    // All ten element types are random scalars.
    if let random = type as? any RandomScalar.Type { try fill(random) }
  }
  private func fill<R: RandomScalar>(_: R.Type) throws {
    try sampler.fill(UnsafeMutableBufferPointer(start: target.elements(R.self), count: target.count))
  }
}

/// As `Drawing`, for floats.
private struct RealDrawing<S: RealSampler>: ElementVisitor {
  let target: Tensor
  let sampler: S
  mutating func visit<T: Element>(_ type: T.Type) throws {
    guard let real = type as? any RandomReal.Type else { throw sampler.refusal(target.dtype) }
    try fill(real)
  }
  private func fill<R: RandomReal>(_: R.Type) throws {
    try sampler.fill(UnsafeMutableBufferPointer(start: target.elements(R.self), count: target.count))
  }
}

extension Tensor {
  /// Draws in the order of memory: dimensions with greater steps come first, as PyTorch's loops go. Where elements do not
  /// lie densely a stand-in is filled and copied.
  private func drawn(_ draw: (Tensor) throws -> Void) throws -> Tensor {
    try refuseInPlaceOnLeaf()
    do {
      if isContiguous {
        try draw(self)
      } else {
        let order = (0..<dim).sorted { strides[$0] != strides[$1] ? strides[$0] > strides[$1] : $0 < $1 }
        let ordered = alias(Dims(order.map { sizes[$0] }), Dims(order.map { strides[$0] }), storageOffset)
        let copy = try Tensor(uninitialized: ordered.sizes, dtype: dtype)
        try draw(copy)
        Cast.copy(copy.operand, to: ordered.operand, sizes: ordered.sizes)
      }
    } catch let error as SamplingError { throw TorchError.runtime(error.message) }
    bumpVersion()
    if GradMode.isEnabled && requiresGrad {
      let result = alias(sizes, strides, storageOffset)
      result.record("RandomBackward0", [self]) { _, g in [try .zeros(g.sizes, dtype: g.dtype)] }
      rebase(onto: result)
    }
    return self
  }

  /// Fills this tensor in place.
  @discardableResult
  func drawn<S: Sampler>(_ sampler: S, _ name: String) throws -> Tensor {
    if dtype.isQuantized { try refuseQuantized("aten::\(name)") }
    return try drawn { t in
      var drawing = Drawing(target: t, sampler: sampler)
      try t.dtype.accept(&drawing)
    }
  }

  /// Fills this tensor of floats in place.
  @discardableResult
  func drawn<S: RealSampler>(_ sampler: S) throws -> Tensor {
    if dtype.isQuantized { throw sampler.refusal(dtype) }
    return try drawn { t in
      var drawing = RealDrawing(target: t, sampler: sampler)
      try t.dtype.accept(&drawing)
    }
  }

  /// Numbers evenly distributed in [from, to). Mirrors `Tensor.uniform_`.
  @discardableResult
  public func uniform(_ from: Double, _ to: Double, _ generator: Generator?) throws -> Tensor {
    if dtype.isComplex {
      _ = try GradMode.with(false) { try viewAsReal().uniform(from, to, generator) }
      return self
    }
    if dtype == .float32 && isContiguous && autograd == nil && base == nil {
      // What most ask for needs no search for the type.
      do {
        try (generator ?? .default).fillUniform(UnsafeMutableBufferPointer(start: elements(Float.self), count: count), from: from, to: to)
      } catch let error as SamplingError { throw TorchError.runtime(error.message) }
      bumpVersion()
      return self
    }
    return try drawn(Uniform(from: from, to: to, generator: generator ?? .default))
  }

  /// Numbers of a normal distribution. Mirrors `Tensor.normal_`.
  @discardableResult
  public func normal(_ mean: Double, _ std: Double, _ generator: Generator?) throws -> Tensor {
    if dtype.isComplex {
      // The variance is that of both parts together.
      _ = try GradMode.with(false) { try viewAsReal().normal(mean, std / (2.0).squareRoot(), generator) }
      return self
    }
    return try drawn(Normal(mean: mean, std: std, dense: isContiguous, generator: generator ?? .default))
  }

  /// Whole numbers in [from, to); all the type holds where nothing is given. Mirrors `Tensor.random_`.
  @discardableResult
  func randomIntegers(_ bounds: (Int, Int?)?, _ generator: Generator?) throws -> Tensor {
    try drawn(WholeNumbers(bounds: bounds, generator: generator ?? .default), "random_")
  }

  /// Ones with probability p. Mirrors `Tensor.bernoulli_`.
  @discardableResult
  public func bernoulli(_ p: Double, _ generator: Generator?) throws -> Tensor {
    try drawn(Bernoulli(p: p, generator: generator ?? .default), "bernoulli_")
  }

  /// One with the probability at its place, else zero. Mirrors `Tensor.bernoulli_`.
  @discardableResult
  func bernoulli(_ p: Tensor, _ generator: Generator?) throws -> Tensor {
    if !p.dtype.isFloatingPoint { throw TorchError.notImplemented("bernoulli_tensor_cpu_p_", for: p.dtype) }
    let wide = try GradMode.with(false) { try p.expand(Array(sizes)).dense(p.dtype.wide) }
    defer { withExtendedLifetime(wide) {} }
    // Probabilities go with the elements in row-major order.
    let target = isContiguous ? self : try Tensor(uninitialized: sizes, dtype: dtype)
    try target.drawn(Probable(p: wide, generator: generator ?? .default), "bernoulli_")
    return target === self ? self : try copyElements(from: target)
  }
}

private struct Uniform: RealSampler {
  let from: Double, to: Double, generator: Generator
  func fill<T: RandomReal>(_ x: UnsafeMutableBufferPointer<T>) throws { try generator.fillUniform(x, from: from, to: to) }
  func refusal(_ dtype: DType) -> TorchError { .notImplemented("check_uniform_bounds", for: dtype) }
}
private struct Normal: RealSampler {
  let mean: Double, std: Double, dense: Bool, generator: Generator
  func fill<T: RandomReal>(_ x: UnsafeMutableBufferPointer<T>) throws { try generator.fillNormal(x, mean: mean, std: std, contiguous: dense) }
  func refusal(_ dtype: DType) -> TorchError { .notImplemented("normal_kernel_cpu", for: dtype) }
}
private struct WholeNumbers: Sampler {
  let bounds: (Int, Int?)?, generator: Generator
  func fill<T: RandomScalar>(_ x: UnsafeMutableBufferPointer<T>) throws {
    guard let (from, to) = bounds else { return generator.fillRandom(x) }
    try generator.fillRandom(x, from: Int64(from), to: to.map(Int64.init))
  }
}
private struct Bernoulli: Sampler {
  let p: Double, generator: Generator
  func fill<T: RandomScalar>(_ x: UnsafeMutableBufferPointer<T>) throws { try generator.fillBernoulli(x, probability: p) }
}
private struct Probable: Sampler {
  let p: Tensor, generator: Generator
  func fill<T: RandomScalar>(_ x: UnsafeMutableBufferPointer<T>) throws {
    if p.dtype == .float64 {
      try generator.fillBernoulli(x, probabilities: UnsafeBufferPointer(start: p.elements(Double.self), count: p.count))
    } else {
      try generator.fillBernoulli(x, probabilities: UnsafeBufferPointer(start: p.elements(Float.self), count: p.count))
    }
  }
}
struct Exponential: RealSampler {
  let rate: Double, generator: Generator
  func fill<T: RandomReal>(_ x: UnsafeMutableBufferPointer<T>) throws { try generator.fillExponential(x, lambda: rate) }
  func refusal(_ dtype: DType) -> TorchError {
    .runtime("Exponential distribution is a continuous probability distribution. dtype must be a floating point but you specified \(dtype.capitalized)")
  }
}
struct Cauchy: RealSampler {
  let median: Double, sigma: Double, generator: Generator
  func fill<T: RandomReal>(_ x: UnsafeMutableBufferPointer<T>) throws { try generator.fillCauchy(x, median: median, sigma: sigma) }
  func refusal(_ dtype: DType) -> TorchError {
    .runtime("Cauchy distribution is a continuous probability distribution. dtype must be a floating point but you specified \(dtype.spelledNativeName)")
  }
}
struct LogNormal: RealSampler {
  let mean: Double, std: Double, generator: Generator
  func fill<T: RandomReal>(_ x: UnsafeMutableBufferPointer<T>) throws { try generator.fillLogNormal(x, mean: mean, std: std) }
  func refusal(_ dtype: DType) -> TorchError { .notImplemented("log_normal_cpu", for: dtype) }
}
struct Geometric: Sampler {
  let p: Double, generator: Generator
  func fill<T: RandomScalar>(_ x: UnsafeMutableBufferPointer<T>) throws { try generator.fillGeometric(x, probability: p) }
}
