import Glibc
import TensorCore
import Testing

/// Fixtures/Random/*.txt hold what PyTorch draws; make_fixtures.py beside them made them.
@Suite struct RandomTests {
  @Test func everyStreamHasPyTorchsBits() throws {
    let lines = try fixtureLines("Random/streams.txt")
    #expect(lines.count > 2000)
    var wrong: [String] = []
    for line in lines {
      let stream = try #require(Stream(line))
      let got = try stream.draw()
      if got != stream.expected { wrong.append("\(line) | got \(got)") }
    }
    #expect(wrong.isEmpty, "\(wrong.count) of \(lines.count) streams differ, first: \(wrong.first ?? "")")
  }

  @Test func stateBytesArePyTorchs() throws {
    for line in try fixtureLines("Random/states.txt") {
      let fields = line.split(separator: " ").map(String.init)
      let generator = Generator(seed: try #require(UInt64(fields[0])))
      for _ in 0..<(try #require(Int(fields[1]))) { _ = generator.random() }
      if fields[2] == "1" { _ = generator.nextNormal(mean: 0, std: 1) }
      let state = generator.state()
      #expect(state.count == 5056)
      #expect(hash(state) == fields[3], "\(line)")
    }
  }

  @Test func aRestoredStateContinuesTheStream() throws {
    let first = Generator(seed: 7)
    for _ in 0..<1000 { _ = first.random() }
    _ = first.nextNormal(mean: 0, std: 1)
    let second = Generator(seed: 1)
    try second.setState(first.state())
    let third = first.copy()
    #expect(second.initialSeed == 7)
    for _ in 0..<3 {
      let value = first.nextNormal(mean: 2, std: 3)
      #expect(value == second.nextNormal(mean: 2, std: 3))
      #expect(value == third.nextNormal(mean: 2, std: 3))
    }
    for _ in 0..<1300 {
      let bits = first.random64()
      #expect(bits == second.random64())
      #expect(bits == third.random64())
    }
  }

  @Test func aBadStateIsRefusedAndChangesNothing() throws {
    let generator = Generator(seed: 3)
    let before = generator.state()
    #expect(throws: SamplingError("Expected a CPUGeneratorImplState of size 5056 but found the input RNG state size to be 5")) {
      try generator.setState([1, 2, 3, 4, 5])
    }
    #expect(throws: SamplingError("Invalid mt19937 state")) { try generator.setState([UInt8](repeating: 0, count: 5056)) }
    var overrun = before
    overrun[16] = 0xff
    overrun[17] = 0xff
    #expect(throws: SamplingError("Invalid mt19937 state")) { try generator.setState(overrun) }
    #expect(generator.state() == before)
    // left = 624 with next = 624 passes PyTorch's check and must not read past the words.
    var inconsistent = before
    inconsistent[8] = 0x70
    inconsistent[9] = 0x02
    inconsistent[16] = 0x70
    inconsistent[17] = 0x02
    try generator.setState(inconsistent)
    for _ in 0..<2000 { _ = generator.random() }
  }

  @Test func seedingStartsOverAndForgetsTheCachedNormal() {
    let generator = Generator()
    #expect(generator.initialSeed == 67_280_421_310_721)
    generator.manualSeed(11)
    let first = generator.nextNormal(mean: 0, std: 1)
    #expect(generator.nextDoubleNormalSample != nil)
    generator.manualSeed(11)
    #expect(generator.nextDoubleNormalSample == nil)
    #expect(generator.nextNormal(mean: 0, std: 1) == first)
    let seed = generator.seed()
    #expect(seed < 1 << 53)
    #expect(generator.initialSeed == seed)
    #expect(generator.seed() != seed)
  }

  @Test func impossibleRequestsGivePyTorchsSentences() {
    let generator = Generator(seed: 5)
    let before = generator.state()
    func fails<T: RandomScalar & BitwiseCopyable>(
      _ sentence: String, _ type: T.Type, _ body: (UnsafeMutableBufferPointer<T>) throws -> Void
    ) {
      withUnsafeTemporaryAllocation(of: T.self, capacity: 3) { buffer in
        _ = #expect(throws: SamplingError(sentence)) { try body(buffer) }
      }
    }
    fails("uniform_ expects to return a [from, to) range, but found from=3 > to=1", Float.self) {
      try generator.fillUniform($0, from: 3, to: 1)
    }
    fails("from is out of bounds for float", Float.self) { try generator.fillUniform($0, from: .nan, to: 1) }
    fails("to is out of bounds for float", Float.self) { try generator.fillUniform($0, from: 1.5, to: 1e39) }
    fails(
      "uniform_ expects to-from <= std::numeric_limits<Half>::max(), but found to=60000 and from=-60000 which result in to-from to exceed the limit",
      Float16.self
    ) { try generator.fillUniform($0, from: -60000, to: 60000) }
    fails("normal expects std >= 0.0, but found std -1", Float.self) { try generator.fillNormal($0, mean: 0, std: -1) }
    fails("bernoulli_ expects p to be in [0, 1], but got p=1.5", Int64.self) { try generator.fillBernoulli($0, probability: 1.5) }
    fails("geometric_ expects p to be in (0, 1), but got p=1.5", Int64.self) { try generator.fillGeometric($0, probability: 1.5) }
    fails("exponential_ expects lambda > 0.0, but found lambda=nan", Float.self) { try generator.fillExponential($0, lambda: .nan) }
    fails("log_normal_ expects std > 0.0, but found std=-1", Float.self) { try generator.fillLogNormal($0, mean: 0, std: -1) }
    fails("cauchy_ expects sigma > 0.0, but found sigma=-1", Float.self) { try generator.fillCauchy($0, sigma: -1) }
    fails("random_ expects 'from' to be less than 'to', but got from=5 >= to=5", Int8.self) {
      try generator.fillRandom($0, from: 5, to: 5)
    }
    fails("from is out of bounds for unsigned char", UInt8.self) { try generator.fillRandom($0, from: -1, to: 5) }
    fails("to - 1 is out of bounds for short int", Int16.self) { try generator.fillRandom($0, from: 0, to: 1 << 62) }
    fails("\"random_full_64_bits_range_kernel_cpu\" not implemented for 'Half'", Float16.self) {
      try generator.fillRandom($0, from: .min, to: nil)
    }
    #expect(generator.state() == before, "a refused request draws nothing")
  }
}

/// One line of streams.txt.
private struct Stream {
  let function: String, dtype: String
  let seed: UInt64, size: Int
  let a: Double, b: Double
  let expected: Drawn

  /// What a stream gave: the hash of all bits, the next 31 bits, and the first element.
  struct Drawn: Equatable {
    var hash: String
    var next: UInt32
    var first: String
  }

  init?(_ line: String) {
    let fields = line.split(separator: " ").map(String.init)
    guard fields.count == 9, let seed = UInt64(fields[2]), let size = Int(fields[3]), let a = Double(fields[4]),
      let b = Double(fields[5]), let next = UInt32(fields[7])
    else { return nil }
    (function, dtype) = (fields[0], fields[1])
    (self.seed, self.size, self.a, self.b) = (seed, size, a, b)
    expected = Drawn(hash: fields[6], next: next, first: fields[8])
  }

  func draw() throws -> Drawn {
    switch dtype {
    case "float32": try drawWeighted(Float.self)
    case "float64": try drawWeighted(Double.self)
    case "float16": try drawReal(Float16.self)
    case "bfloat16": try drawReal(UpperHalf.self)
    case "int64": try drawScalar(Int64.self)
    case "int32": try drawScalar(Int32.self)
    case "int16": try drawScalar(Int16.self)
    case "int8": try drawScalar(Int8.self)
    case "uint8": try drawScalar(UInt8.self)
    default: try drawScalar(Bool.self)
    }
  }

  private func drawWeighted<T: RandomAccumulator & BitwiseCopyable>(_: T.Type) throws -> Drawn {
    guard function.hasPrefix("multinomial") else { return try drawReal(T.self) }
    let weights = (0..<37).map { T(integerSample: Int64($0 * 29 % 31)) }
    return try filled(Int64.self, count: max(size, 1)) { generator, output in
      try weights.withUnsafeBufferPointer { weights in
        if function == "multinomial" {
          try generator.fillMultinomial(output, weights: weights)
        } else {
          output[0] = generator.raceWinner(weights: weights)
        }
      }
    }
  }

  private func drawReal<T: RandomReal & BitwiseCopyable>(_: T.Type) throws -> Drawn {
    switch function {
    case "uniform": try filled(T.self, count: size) { try $0.fillUniform($1, from: a, to: b) }
    case "normal": try filled(T.self, count: size) { try $0.fillNormal($1, mean: a, std: b) }
    case "normal_strided": try filled(T.self, count: size) { try $0.fillNormal($1, mean: a, std: b, contiguous: false) }
    case "exponential": try filled(T.self, count: size) { try $0.fillExponential($1, lambda: a) }
    case "log_normal": try filled(T.self, count: size) { try $0.fillLogNormal($1, mean: a, std: b) }
    case "cauchy": try filled(T.self, count: size) { try $0.fillCauchy($1, median: a, sigma: b) }
    default: try drawScalar(T.self)
    }
  }

  private func drawScalar<T: RandomScalar & BitwiseCopyable>(_: T.Type) throws -> Drawn {
    let probabilities = (0..<size).map { Float($0) / 1024 }
    return try filled(T.self, count: size) { generator, output in
      switch function {
      case "random": generator.fillRandom(output)
      case "randint": try generator.fillRandom(output, from: Int64(a), to: Int64(b))
      case "random_from": try generator.fillRandom(output, from: Int64(a), to: nil)
      case "randperm": generator.fillPermutation(output)
      case "bernoulli": try generator.fillBernoulli(output, probability: a)
      case "bernoulli_float":
        try probabilities.withUnsafeBufferPointer { try generator.fillBernoulli(output, probabilities: $0) }
      case "bernoulli_double":
        try probabilities.map(Double.init).withUnsafeBufferPointer { try generator.fillBernoulli(output, probabilities: $0) }
      case "geometric": try generator.fillGeometric(output, probability: a)
      default: Issue.record("unknown function \(function)")
      }
    }
  }

  private func filled<T: BitwiseCopyable>(
    _: T.Type, count: Int, _ body: (Generator, UnsafeMutableBufferPointer<T>) throws -> Void
  ) throws -> Drawn {
    let generator = Generator(seed: seed)
    let output = UnsafeMutableBufferPointer<T>.allocate(capacity: count)
    defer { output.deallocate() }
    try body(generator, output)
    let bytes = [UInt8](UnsafeRawBufferPointer(output))
    let first = bytes.prefix(MemoryLayout<T>.size).reversed().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return Drawn(hash: hash(bytes), next: generator.random() & 0x7fff_ffff, first: first.isEmpty ? "-" : first)
  }
}

/// bfloat16 as any other module may declare it: shows that the protocol alone suffices.
private struct UpperHalf: RandomReal, BitwiseCopyable {
  var bits: UInt16
  static var nativeName: String { "c10::BFloat16" }
  static var scalarName: String { "BFloat16" }
  static var significandDigits: Int { 8 }
  static var greatestFinite: Double { Double(Float(bitPattern: 0x7f7f_0000)) }
  init(sample: Float) {
    let pattern = sample.bitPattern
    bits = UInt16(truncatingIfNeeded: (pattern &+ 0x7fff &+ (pattern >> 16 & 1)) >> 16)
  }
  init(integerSample: Int64) { self.init(sample: Float(integerSample)) }
  init(realSample: Double) { self.init(sample: Float(realSample)) }
  static func == (left: UpperHalf, right: UpperHalf) -> Bool {
    Float(bitPattern: UInt32(left.bits) << 16) == Float(bitPattern: UInt32(right.bits) << 16)
  }
  static func drawInteger(from generator: Generator) -> UpperHalf { UpperHalf(sample: Float(generator.random() % 257)) }
}

/// FNV-1a, 64 bits, as 16 hexadecimal digits.
private func hash(_ bytes: [UInt8]) -> String {
  var value: UInt64 = 0xcbf2_9ce4_8422_2325
  for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// The lines of a file under Tests/Fixtures.
private func fixtureLines(_ name: String, file: String = #filePath) throws -> [String] {
  let folder = file.split(separator: "/").dropLast(2).joined(separator: "/")
  let stream = try #require(fopen("/\(folder)/Fixtures/\(name)", "r"), "no fixture \(name)")
  defer { fclose(stream) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 { bytes.append(contentsOf: chunk.prefix(count)) }
  return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
}
