import Interface
import TensorCore

extension Generator {
  /// The state as a tensor of bytes. Mirrors `torch.Generator.get_state`.
  public func stateTensor() throws -> Tensor {
    let bytes = state()
    let x = try Tensor(uninitialized: [bytes.count], dtype: .uint8)
    for (i, byte) in bytes.enumerated() { x.elements(UInt8.self)[i] = byte }
    return x
  }

  /// Takes over a state. Mirrors `torch.Generator.set_state`.
  /// - Throws: PyTorch's sentences for tensors that hold none.
  public func setState(_ x: Tensor) throws {
    if x.dtype != .uint8 { throw TorchError.type("RNG state must be a torch.ByteTensor") }
    do { try setState((0..<x.count).map { UInt8(truncatingIfNeeded: x.scalar(at: $0).integerValue) }) } catch let error as SamplingError {
      throw TorchError.runtime(error.message)
    }
  }
}

/// What `torch` and `torch.random` have in common.
private func defineSeeding(_ ops: OperationFamily) {
  ops.define("manual_seed(int seed) -> Generator", doc: "Starts the default generator anew from a seed. Mirrors torch.manual_seed.", variants: [.function]) {
    (seed: Int) -> Value in
    Generator.default.manualSeed(UInt64(bitPattern: Int64(seed)))
    return .object(Generator.default)
  }
  ops.define("initial_seed() -> int", doc: "The seed the default generator started from. Mirrors torch.initial_seed.", variants: [.function]) { () -> Int in Int(truncatingIfNeeded: Generator.default.initialSeed) }
  ops.define("seed() -> int", doc: "Seeds the default generator from the system and gives the seed. Mirrors torch.seed.", variants: [.function]) { () -> Int in Int(truncatingIfNeeded: Generator.default.seed()) }
  ops.define("get_rng_state() -> Tensor", doc: "The default generator's state, 5,056 bytes. Mirrors torch.get_rng_state.", variants: [.function]) { () -> Tensor in try Generator.default.stateTensor() }
  ops.define("set_rng_state(Tensor new_state) -> ()", doc: "Sets the default generator's state. Mirrors torch.set_rng_state.", variants: [.function]) { (x: Tensor) -> Nothing in
    try Generator.default.setState(x)
    return Nothing()
  }
}

/// `torch.random`.
public let randomState = OperationFamily("torch.random") { ops in defineSeeding(ops) }

/// Random numbers, drawn as PyTorch's CPU generator draws them.
public let random = OperationFamily("torch") { ops in
  let rest = "ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool requires_grad=False"
  let options = "*, Generator? generator=None, \(rest)"
  let like = "\(options), MemoryFormat? memory_format=None"
  defineSeeding(ops)
  for (name, doc) in [("rand", "Numbers evenly distributed in [0, 1)."), ("randn", "Numbers of the standard normal distribution.")] {
    func draw(_ x: Tensor, _ g: Generator?) throws -> Tensor { name == "rand" ? try x.uniform(0, 1, g) : try x.normal(0, 1, g) }
    ops.define("\(name)(int[1] size, \(options)) -> Tensor", doc: "\(doc) Mirrors torch.\(name).", variants: [.function]) {
      (s: [Int], g: Generator?, t: DType?, _: Layout?, _: Device?, _: Bool?, r: Bool) in try draw(Tensor(uninitialized: Dims(s), dtype: t ?? .defaultFloat), g).wanting(gradient: r)
    }
    ops.define("\(name)_like(Tensor self, \(like)) -> Tensor", doc: "\(doc) With the sizes and dtype of self. Mirrors torch.\(name)_like.", variants: [.function]) {
      (x: Tensor, g: Generator?, t: DType?, _: Layout?, _: Device?, _: Bool?, r: Bool, _: MemoryFormat?) in try draw(Tensor(uninitialized: x.sizes, dtype: t ?? x.dtype), g).wanting(gradient: r)
    }
  }
  func integers(_ low: Int, _ high: Int, _ size: Dims, _ g: Generator?, _ t: DType) throws -> Tensor {
    if low >= high { throw TorchError.runtime("random_ expects 'from' to be less than 'to', but got from=\(low) >= to=\(high)") }
    return try Tensor(uninitialized: size, dtype: t).randomIntegers((low, high), g)
  }
  ops.define("randint(int high, int[] size, \(options)) -> Tensor", doc: "Whole numbers in [0, high). Mirrors torch.randint.", variants: [.function]) {
    (h: Int, s: [Int], g: Generator?, t: DType?, _: Layout?, _: Device?, _: Bool?, r: Bool) in try integers(0, h, Dims(s), g, t ?? .int64).wanting(gradient: r)
  }
  ops.define("randint.low(int low, int high, int[] size, \(options)) -> Tensor", doc: "Whole numbers in [low, high). Mirrors torch.randint.", variants: [.function]) {
    (l: Int, h: Int, s: [Int], g: Generator?, t: DType?, _: Layout?, _: Device?, _: Bool?, r: Bool) in try integers(l, h, Dims(s), g, t ?? .int64).wanting(gradient: r)
  }
  ops.define("randint_like(Tensor self, int high, \(like)) -> Tensor", doc: "Whole numbers in [0, high) with the sizes and dtype of self. Mirrors torch.randint_like.", variants: [.function]) {
    (x: Tensor, h: Scalar, g: Generator?, t: DType?, _: Layout?, _: Device?, _: Bool?, r: Bool, _: MemoryFormat?) in try integers(0, h.integerValue, x.sizes, g, t ?? x.dtype).wanting(gradient: r)
  }
  ops.define("randint_like.low_dtype(Tensor self, int low, int high, \(like)) -> Tensor", doc: "Whole numbers in [low, high) with the sizes and dtype of self. Mirrors torch.randint_like.", variants: [.function]) {
    (x: Tensor, l: Int, h: Int, g: Generator?, t: DType?, _: Layout?, _: Device?, _: Bool?, r: Bool, _: MemoryFormat?) in try integers(l, h, x.sizes, g, t ?? x.dtype).wanting(gradient: r)
  }
  ops.define("randperm(int n, \(options)) -> Tensor", doc: "A random order of 0 to n - 1. Mirrors torch.randperm.", variants: [.function]) {
    (n: Int, g: Generator?, t: DType?, _: Layout?, _: Device?, _: Bool?, r: Bool) in try Tensor.permutation(n, t ?? .int64, g).wanting(gradient: r)
  }
  ops.define("normal(float mean, float std, int[] size, \(options)) -> Tensor", doc: "Numbers of a normal distribution. Mirrors torch.normal.", variants: [.function]) {
    (m: Double, d: Double, s: [Int], g: Generator?, t: DType?, _: Layout?, _: Device?, _: Bool?, r: Bool) in
    try Tensor(uninitialized: Dims(s), dtype: t ?? .defaultFloat).normal(m, d, g).wanting(gradient: r)
  }
  ops.define("normal.Tensor_float(Tensor mean, float std=1, *, Generator? generator=None) -> Tensor", doc: "Numbers of normal distributions with these means. Mirrors torch.normal.", variants: [.function]) {
    (m: Tensor, d: Double, g: Generator?) in try Tensor.normalDrawn(m, .wrapped(.double(d)), m.dtype, g)
  }
  ops.define("normal.float_Tensor(float mean, Tensor std, *, Generator? generator=None) -> Tensor", doc: "Numbers of normal distributions with these deviations. Mirrors torch.normal.", variants: [.function]) {
    (m: Double, d: Tensor, g: Generator?) in try Tensor.normalDrawn(.wrapped(.double(m)), d, d.dtype, g)
  }
  ops.define("normal.Tensor_Tensor(Tensor mean, Tensor std, *, Generator? generator=None) -> Tensor", doc: "Numbers of normal distributions, one for each pair of mean and deviation. Mirrors torch.normal.", variants: [.function]) {
    (m: Tensor, d: Tensor, g: Generator?) in try Tensor.normalDrawn(m, d, ResultType.of(m, d), g)
  }
  ops.define("bernoulli(Tensor self, *, Generator? generator=None) -> Tensor", doc: "One with each element's probability, else zero. Mirrors torch.bernoulli.") { (x: Tensor, g: Generator?) in try x.bernoulliDrawn(g) }
  ops.define("bernoulli.p(Tensor self, float p, *, Generator? generator=None) -> Tensor", doc: "Ones of probability p, with the sizes of self. Mirrors torch.bernoulli.") { (x: Tensor, p: Double, g: Generator?) in try Tensor(uninitialized: x.sizes, dtype: x.dtype).bernoulli(p, g) }
  ops.define("multinomial(Tensor self, int num_samples, bool replacement=False, *, Generator? generator=None) -> Tensor", doc: "Indices drawn by their weights. Mirrors torch.multinomial.") { (x: Tensor, n: Int, r: Bool, g: Generator?) in try x.multinomial(n, r, g) }
  ops.define("poisson(Tensor self, Generator? generator=None) -> Tensor", doc: "A count for each rate. Mirrors torch.poisson.", variants: [.function]) { (x: Tensor, g: Generator?) in try x.poisson(g) }
  ops.define("binomial(Tensor count, Tensor prob, Generator? generator=None) -> Tensor", doc: "A count of successes for each number of trials and probability. Mirrors torch.binomial.", variants: [.function]) { (n: Tensor, p: Tensor, g: Generator?) in try Tensor.binomial(n, p, g) }
}

/// Filling tensors with random numbers, in place.
public let randomFilling = OperationFamily("torch") { ops in
  let end = "*, Generator? generator=None) -> Tensor"
  ops.define("uniform_(Tensor self, float from=0, float to=1, \(end)", doc: "Fills with numbers evenly distributed in [from, to). Mirrors Tensor.uniform_.", variants: [.method]) { (x: Tensor, a: Double, b: Double, g: Generator?) in try x.uniform(a, b, g) }
  ops.define("normal_(Tensor self, float mean=0, float std=1, \(end)", doc: "Fills with numbers of a normal distribution. Mirrors Tensor.normal_.", variants: [.method]) { (x: Tensor, m: Double, s: Double, g: Generator?) in try x.normal(m, s, g) }
  ops.define("bernoulli_.float(Tensor self, float p=0.5, \(end)", doc: "Fills with ones of probability p. Mirrors Tensor.bernoulli_.", variants: [.method]) { (x: Tensor, p: Double, g: Generator?) in try x.bernoulli(p, g) }
  ops.define("bernoulli_.Tensor(Tensor self, Tensor p, \(end)", doc: "Fills with ones of the probabilities p. Mirrors Tensor.bernoulli_.", variants: [.method]) { (x: Tensor, p: Tensor, g: Generator?) in try x.bernoulli(p, g) }
  ops.define("random_(Tensor self, \(end)", doc: "Fills with whole numbers over all the dtype holds. Mirrors Tensor.random_.", variants: [.method]) { (x: Tensor, g: Generator?) in try x.randomIntegers(nil, g) }
  ops.define("random_.to(Tensor self, int to, \(end)", doc: "Fills with whole numbers in [0, to). Mirrors Tensor.random_.", variants: [.method]) { (x: Tensor, to: Int, g: Generator?) in try x.randomIntegers((0, to), g) }
  ops.define("random_.from(Tensor self, int from, int? to, \(end)", doc: "Fills with whole numbers in [from, to). Mirrors Tensor.random_.", variants: [.method]) { (x: Tensor, from: Int, to: Int?, g: Generator?) in try x.randomIntegers((from, to), g) }
  ops.define("exponential_(Tensor self, float lambd=1, \(end)", doc: "Fills with numbers of an exponential distribution. Mirrors Tensor.exponential_.", variants: [.method]) { (x: Tensor, l: Double, g: Generator?) in try x.drawn(Exponential(rate: l, generator: g ?? .default)) }
  ops.define("cauchy_(Tensor self, float median=0, float sigma=1, \(end)", doc: "Fills with numbers of a Cauchy distribution. Mirrors Tensor.cauchy_.", variants: [.method]) { (x: Tensor, m: Double, s: Double, g: Generator?) in try x.drawn(Cauchy(median: m, sigma: s, generator: g ?? .default)) }
  ops.define("log_normal_(Tensor self, float mean=1, float std=2, \(end)", doc: "Fills with e to the power of normal numbers. Mirrors Tensor.log_normal_.", variants: [.method]) { (x: Tensor, m: Double, s: Double, g: Generator?) in try x.drawn(LogNormal(mean: m, std: s, generator: g ?? .default)) }
  ops.define("geometric_(Tensor self, float p, \(end)", doc: "Fills with the trials up to the first success. Mirrors Tensor.geometric_.", variants: [.method]) {
    (x: Tensor, p: Double, g: Generator?) -> Tensor in
    if x.dtype == .bool { throw TorchError.notImplemented("geometric_cpu", for: .bool) }
    return try x.drawn(Geometric(p: p, generator: g ?? .default), "geometric_")
  }
}
