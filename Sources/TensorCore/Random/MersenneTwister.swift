/// The 32-bit Mersenne Twister (mt19937) with the bookkeeping of PyTorch's `at::mt19937`.
///
/// `remaining` and `next` are PyTorch's `left_` and `next_`: they are part of the saved generator state, so they are counted exactly as there.
struct MersenneTwister: ~Copyable {
  /// Words of state.
  static let wordCount = 624
  private static let shift = 397

  /// The seed the engine was last given, all 64 bits (only the low 32 enter the state).
  private(set) var seed: UInt64 = 0
  /// Draws until the state is renewed, counted down before a draw; 1 after seeding.
  private(set) var remaining: Int32 = 1
  /// Index of the next word to hand out.
  private(set) var next: UInt32 = 0
  private let words: UnsafeMutablePointer<UInt32>

  /// Seeds as `at::mt19937(seed)`.
  init(seed: UInt64) {
    words = .allocate(capacity: Self.wordCount)
    words.initialize(repeating: 0, count: Self.wordCount)
    reseed(seed)
  }

  deinit { words.deallocate() }

  /// Starts over from `seed`.
  mutating func reseed(_ seed: UInt64) {
    self.seed = seed
    words[0] = UInt32(truncatingIfNeeded: seed)
    for index in 1..<Self.wordCount {
      let previous = words[index - 1]
      words[index] = 1_812_433_253 &* (previous ^ (previous >> 30)) &+ UInt32(index)
    }
    remaining = 1
    next = 0
  }

  /// A word of the state, `index` in 0..<624.
  func word(_ index: Int) -> UInt32 { words[index] }

  /// Replaces everything. The caller has checked `remaining` (1...624), `next` (0...624) and that `newWords` has 624 words.
  mutating func restore(seed: UInt64, remaining: Int32, next: UInt32, words newWords: [UInt32]) {
    self.seed = seed
    self.remaining = remaining
    self.next = next
    for (index, word) in newWords.prefix(Self.wordCount).enumerated() { words[index] = word }
  }

  /// The next 32 random bits.
  @inline(__always)
  mutating func draw() -> UInt32 {
    remaining &-= 1
    // A restored state may pair any `remaining` with any `next`; PyTorch would read past its array, we renew instead.
    if remaining == 0 || next >= UInt32(Self.wordCount) { renew() }
    var value = words[Int(next)]
    next &+= 1
    value ^= value >> 11
    value ^= (value << 7) & 0x9d2c_5680
    value ^= (value << 15) & 0xefc6_0000
    return value ^ (value >> 18)
  }

  @inline(__always)
  private static func twist(_ upper: UInt32, _ lower: UInt32) -> UInt32 {
    let mixed = (upper & 0x8000_0000) | (lower & 0x7fff_ffff)
    return (mixed >> 1) ^ (0 &- (lower & 1)) & 0x9908_b0df
  }

  private mutating func renew() {
    let count = Self.wordCount
    let shift = Self.shift
    remaining = Int32(count)
    next = 0
    for index in 0..<(count - shift) {
      words[index] = words[index + shift] ^ Self.twist(words[index], words[index + 1])
    }
    for index in (count - shift)..<(count - 1) {
      words[index] = words[index + shift - count] ^ Self.twist(words[index], words[index + 1])
    }
    words[count - 1] = words[shift - 1] ^ Self.twist(words[count - 1], words[0])
  }
}
