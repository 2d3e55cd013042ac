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

extension Generator: SchemaArgument {
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool { frame.object(i) is Generator }
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Self {
    guard let generator = frame.object(i) as? Self else { throw frame.wrongType(i, parameter) }
    return generator
  }
}

extension Tensor {
  private func buffer<T>(_ t: Tensor, _ type: T.Type) -> UnsafeMutableBufferPointer<T> {
    UnsafeMutableBufferPointer(start: t.elements(T.self), count: t.count)
  }

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
    return self
  }

  /// Numbers evenly distributed in [from, to). Mirrors `Tensor.uniform_`.
  @discardableResult
  public func uniform(_ from: Double, _ to: Double, _ generator: Generator?) throws -> Tensor {
    let g = generator ?? .default
    return try drawn { t in
      switch t.dtype {
      case .float32: try g.fillUniform(buffer(t, Float.self), from: from, to: to)
      case .float64: try g.fillUniform(buffer(t, Double.self), from: from, to: to)
      case .float16: try g.fillUniform(buffer(t, Float16.self), from: from, to: to)
      case .bfloat16: try g.fillUniform(buffer(t, BFloat16.self), from: from, to: to)
      default: throw TorchError.notImplemented("\"check_uniform_bounds\" not implemented for '\(t.dtype.capitalized)'")
      }
    }
  }

  /// Numbers of a normal distribution. Mirrors `Tensor.normal_`.
  @discardableResult
  public func normal(_ mean: Double, _ std: Double, _ generator: Generator?) throws -> Tensor {
    let g = generator ?? .default
    let dense = isContiguous
    return try drawn { t in
      switch t.dtype {
      case .float32: try g.fillNormal(buffer(t, Float.self), mean: mean, std: std, contiguous: dense)
      case .float64: try g.fillNormal(buffer(t, Double.self), mean: mean, std: std, contiguous: dense)
      case .float16: try g.fillNormal(buffer(t, Float16.self), mean: mean, std: std, contiguous: dense)
      case .bfloat16: try g.fillNormal(buffer(t, BFloat16.self), mean: mean, std: std, contiguous: dense)
      default: throw TorchError.notImplemented("\"normal_kernel_cpu\" not implemented for '\(t.dtype.capitalized)'")
      }
    }
  }

  /// Whole numbers in [from, to); all the type holds where nothing is given. Mirrors `Tensor.random_`.
  func randomIntegers(_ bounds: (Int, Int?)?, _ generator: Generator?) throws -> Tensor {
    let g = generator ?? .default
    func fill<T: RandomScalar>(_ t: Tensor, _ type: T.Type) throws {
      if let (from, to) = bounds {
        try g.fillRandom(buffer(t, T.self), from: Int64(from), to: to.map(Int64.init))
      } else {
        g.fillRandom(buffer(t, T.self))
      }
    }
    return try drawn { t in
      switch t.dtype {
      case .float32: try fill(t, Float.self)
      case .float64: try fill(t, Double.self)
      case .float16: try fill(t, Float16.self)
      case .bfloat16: try fill(t, BFloat16.self)
      case .int64: try fill(t, Int64.self)
      case .int32: try fill(t, Int32.self)
      case .int16: try fill(t, Int16.self)
      case .int8: try fill(t, Int8.self)
      case .uint8: try fill(t, UInt8.self)
      case .bool: try fill(t, Bool.self)
      default: try refuseQuantized("aten::random_")
      }
    }
  }

  /// Ones with probability p. Mirrors `Tensor.bernoulli_`.
  @discardableResult
  public func bernoulli(_ p: Double, _ generator: Generator?) throws -> Tensor {
    let g = generator ?? .default
    func fill<T: RandomScalar>(_ t: Tensor, _ type: T.Type) throws { try g.fillBernoulli(buffer(t, T.self), probability: p) }
    return try drawn { t in
      switch t.dtype {
      case .float32: try fill(t, Float.self)
      case .float64: try fill(t, Double.self)
      case .float16: try fill(t, Float16.self)
      case .bfloat16: try fill(t, BFloat16.self)
      case .int64: try fill(t, Int64.self)
      case .int32: try fill(t, Int32.self)
      case .int16: try fill(t, Int16.self)
      case .int8: try fill(t, Int8.self)
      case .uint8: try fill(t, UInt8.self)
      case .bool: try fill(t, Bool.self)
      default: try refuseQuantized("aten::bernoulli_")
      }
    }
  }

  /// One or zero for each probability. Mirrors `torch.bernoulli`.
  func bernoulliDrawn(_ generator: Generator?) throws -> Tensor {
    let y = try Tensor(uninitialized: sizes, dtype: dtype)
    let g = generator ?? .default
    let p = try dense(dtype.isFloatingPoint ? dtype.wide : dtype)
    defer { withExtendedLifetime(p) {} }
    do {
      switch dtype {
      case .float32: try g.fillBernoulli(buffer(y, Float.self), probabilities: UnsafeBufferPointer(buffer(p, Float.self)))
      case .float64: try g.fillBernoulli(buffer(y, Double.self), probabilities: UnsafeBufferPointer(buffer(p, Double.self)))
      case .float16: try g.fillBernoulli(buffer(y, Float16.self), probabilities: UnsafeBufferPointer(buffer(p, Float.self)))
      case .bfloat16: try g.fillBernoulli(buffer(y, BFloat16.self), probabilities: UnsafeBufferPointer(buffer(p, Float.self)))
      default: throw TorchError.notImplemented("\"bernoulli_tensor_cpu_p_\" not implemented for '\(dtype.capitalized)'")
      }
    } catch let error as SamplingError { throw TorchError.runtime(error.message) }
    return y
  }

  /// A random order of 0 … n − 1. Mirrors `torch.randperm`.
  static func permutation(_ n: Int, _ dtype: DType, _ generator: Generator?) throws -> Tensor {
    if n < 0 { throw TorchError.runtime("n must be non-negative, got\(n)") }
    let x = try Tensor(uninitialized: [n], dtype: .int64)
    (generator ?? .default).fillPermutation(UnsafeMutableBufferPointer(start: x.elements(Int64.self), count: n))
    return try x.converted(to: dtype)
  }
}

/// Random numbers, drawn as PyTorch's CPU generator draws them.
public let random = OperationFamily("torch") { ops in
  let options = "*, Generator? generator=None, ScalarType? dtype=None, Device? device=None, bool requires_grad=False"
  ops.define("manual_seed(int seed) -> Generator", doc: "Starts the default generator anew from a seed. Mirrors torch.manual_seed.", variants: [.function]) {
    (seed: Int) -> Value in
    Generator.default.manualSeed(UInt64(bitPattern: Int64(seed)))
    return .object(Generator.default)
  }
  ops.define("initial_seed() -> int", doc: "The seed the default generator started from. Mirrors torch.initial_seed.", variants: [.function]) { () -> Int in Int(truncatingIfNeeded: Generator.default.initialSeed) }
  ops.define("seed() -> int", doc: "Seeds the default generator from the system and gives the seed. Mirrors torch.seed.", variants: [.function]) { () -> Int in Int(truncatingIfNeeded: Generator.default.seed()) }
  ops.define("get_rng_state() -> Tensor", doc: "The default generator's state, 5,056 bytes. Mirrors torch.get_rng_state.", variants: [.function]) { () -> Tensor in
    let state = Generator.default.state()
    let x = try Tensor(uninitialized: [state.count], dtype: .uint8)
    for (i, byte) in state.enumerated() { x.elements(UInt8.self)[i] = byte }
    return x
  }
  ops.define("set_rng_state(Tensor new_state) -> ()", doc: "Sets the default generator's state. Mirrors torch.set_rng_state.", variants: [.function]) { (x: Tensor) -> Nothing in
    if x.dtype != .uint8 { throw TorchError.type("RNG state must be a torch.ByteTensor") }
    do { try Generator.default.setState((0..<x.count).map { UInt8(truncatingIfNeeded: x.scalar(at: $0).integerValue) }) } catch let error as SamplingError {
      throw TorchError.runtime(error.message)
    }
    return Nothing()
  }
  for (name, doc) in [("rand", "Numbers evenly distributed in [0, 1)."), ("randn", "Numbers of the standard normal distribution.")] {
    func draw(_ x: Tensor, _ g: Generator?) throws -> Tensor { name == "rand" ? try x.uniform(0, 1, g) : try x.normal(0, 1, g) }
    ops.define("\(name)(int[1] size, \(options)) -> Tensor", doc: "\(doc) Mirrors torch.\(name).", variants: [.function]) {
      (s: [Int], g: Generator?, t: DType?, _: Device?, r: Bool) in try draw(Tensor(uninitialized: Dims(s), dtype: t ?? .defaultFloat), g).wanting(gradient: r)
    }
    ops.define("\(name)_like(Tensor self, \(options)) -> Tensor", doc: "\(doc) With the sizes and dtype of self. Mirrors torch.\(name)_like.", variants: [.function]) {
      (x: Tensor, g: Generator?, t: DType?, _: Device?, r: Bool) in try draw(Tensor(uninitialized: x.sizes, dtype: t ?? x.dtype), g).wanting(gradient: r)
    }
  }
  func integers(_ low: Int, _ high: Int, _ size: [Int], _ g: Generator?, _ t: DType?) throws -> Tensor {
    if low >= high { throw TorchError.runtime("random_ expects 'from' to be less than 'to', but got from=\(low) >= to=\(high)") }
    return try Tensor(uninitialized: Dims(size), dtype: t ?? .int64).randomIntegers((low, high), g)
  }
  ops.define("randint(int high, int[] size, \(options)) -> Tensor", doc: "Whole numbers in [0, high). Mirrors torch.randint.", variants: [.function]) {
    (h: Int, s: [Int], g: Generator?, t: DType?, _: Device?, r: Bool) in try integers(0, h, s, g, t).wanting(gradient: r)
  }
  ops.define("randint.low(int low, int high, int[] size, \(options)) -> Tensor", doc: "Whole numbers in [low, high). Mirrors torch.randint.", variants: [.function]) {
    (l: Int, h: Int, s: [Int], g: Generator?, t: DType?, _: Device?, r: Bool) in try integers(l, h, s, g, t).wanting(gradient: r)
  }
  ops.define("randperm(int n, \(options)) -> Tensor", doc: "A random order of 0 to n - 1. Mirrors torch.randperm.", variants: [.function]) {
    (n: Int, g: Generator?, t: DType?, _: Device?, r: Bool) in try Tensor.permutation(n, t ?? .int64, g).wanting(gradient: r)
  }
  ops.define("normal(float mean, float std, int[] size, \(options)) -> Tensor", doc: "Numbers of a normal distribution. Mirrors torch.normal.", variants: [.function]) {
    (m: Double, d: Double, s: [Int], g: Generator?, t: DType?, _: Device?, r: Bool) in
    try Tensor(uninitialized: Dims(s), dtype: t ?? .defaultFloat).normal(m, d, g).wanting(gradient: r)
  }
  ops.define("bernoulli(Tensor self, *, Generator? generator=None) -> Tensor", doc: "One with each element's probability, else zero. Mirrors torch.bernoulli.") { (x: Tensor, g: Generator?) in try x.bernoulliDrawn(g) }
  ops.define("uniform_(Tensor self, float from=0, float to=1, *, Generator? generator=None) -> Tensor", doc: "Fills with numbers evenly distributed in [from, to). Mirrors Tensor.uniform_.", variants: [.method]) { (x: Tensor, a: Double, b: Double, g: Generator?) in try x.uniform(a, b, g) }
  ops.define("normal_(Tensor self, float mean=0, float std=1, *, Generator? generator=None) -> Tensor", doc: "Fills with numbers of a normal distribution. Mirrors Tensor.normal_.", variants: [.method]) { (x: Tensor, m: Double, s: Double, g: Generator?) in try x.normal(m, s, g) }
  ops.define("bernoulli_(Tensor self, float p=0.5, *, Generator? generator=None) -> Tensor", doc: "Fills with ones of probability p. Mirrors Tensor.bernoulli_.", variants: [.method]) { (x: Tensor, p: Double, g: Generator?) in try x.bernoulli(p, g) }
  ops.define("random_(Tensor self, *, Generator? generator=None) -> Tensor", doc: "Fills with whole numbers over all the dtype holds. Mirrors Tensor.random_.", variants: [.method]) { (x: Tensor, g: Generator?) in try x.randomIntegers(nil, g) }
  ops.define("random_.to(Tensor self, int to, *, Generator? generator=None) -> Tensor", doc: "Fills with whole numbers in [0, to). Mirrors Tensor.random_.", variants: [.method]) { (x: Tensor, to: Int, g: Generator?) in try x.randomIntegers((0, to), g) }
  ops.define("random_.from(Tensor self, int from, int? to, *, Generator? generator=None) -> Tensor", doc: "Fills with whole numbers in [from, to). Mirrors Tensor.random_.", variants: [.method]) { (x: Tensor, from: Int, to: Int?, g: Generator?) in try x.randomIntegers((from, to), g) }
}
