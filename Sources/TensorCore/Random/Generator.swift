import Glibc

/// PyTorch's CPU random number generator: from the same seed, the same stream of bits, and through the `fill…` methods the same samples.
///
/// Not thread safe: a session draws from one thread. Source: `at::CPUGeneratorImpl`.
public final class Generator {
  /// The seed of a fresh `torch.Generator()`.
  public static let initialDefaultSeed: UInt64 = 67_280_421_310_721

  /// The generator every random function uses when none is passed; seeded from the system's entropy, as PyTorch's is.
  ///
  /// Unchecked because only the thread that runs the session may draw.
  public nonisolated(unsafe) static let `default` = Generator(seed: systemEntropy())

  var engine: MersenneTwister
  /// The second value of the last scalar Box-Muller pair in single precision. Kept only because it is part of the saved state.
  public var nextFloatNormalSample: Float?
  /// The second value of the last scalar Box-Muller pair, handed out by the next scalar draw.
  public var nextDoubleNormalSample: Double?

  /// A generator seeded with `seed`.
  public init(seed: UInt64 = Generator.initialDefaultSeed) {
    engine = MersenneTwister(seed: seed)
  }

  /// Starts the stream over from `seed` and forgets cached normal samples (`torch.manual_seed`).
  ///
  /// A negative Python or Lua seed is passed as `UInt64(bitPattern:)`, as PyTorch does.
  public func manualSeed(_ seed: UInt64) {
    nextFloatNormalSample = nil
    nextDoubleNormalSample = nil
    engine.reseed(seed)
  }

  /// The seed last set (`torch.initial_seed`).
  public var initialSeed: UInt64 { engine.seed }

  /// Seeds from the system's entropy and returns that seed, below 2^53 (`torch.seed`).
  @discardableResult
  public func seed() -> UInt64 {
    let value = Self.systemEntropy()
    manualSeed(value)
    return value
  }

  /// The next 32 random bits.
  public func random() -> UInt32 { engine.draw() }

  /// The next 64 random bits: the first draw is the high half.
  public func random64() -> UInt64 {
    let high = UInt64(engine.draw())
    return high << 32 | UInt64(engine.draw())
  }

  /// An independent generator in the same state (`Generator.clone_state`).
  public func copy() -> Generator {
    let twin = Generator(seed: engine.seed)
    twin.engine.restore(
      seed: engine.seed, remaining: engine.remaining, next: engine.next,
      words: (0..<MersenneTwister.wordCount).map { engine.word($0) })
    twin.nextFloatNormalSample = nextFloatNormalSample
    twin.nextDoubleNormalSample = nextDoubleNormalSample
    return twin
  }

  /// 53 bits, so that the seed survives a trip through a double.
  private static func systemEntropy() -> UInt64 {
    var value: UInt64 = 0
    if getentropy(&value, MemoryLayout<UInt64>.size) != 0 {
      var now = timespec()
      clock_gettime(CLOCK_REALTIME, &now)
      value = UInt64(bitPattern: Int64(now.tv_nsec)) &* 6_364_136_223_846_793_005 ^ UInt64(bitPattern: Int64(now.tv_sec))
    }
    return value & 0x1f_ffff_ffff_ffff
  }
}
