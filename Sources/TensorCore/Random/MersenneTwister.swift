import CKernels

/// The 32-bit Mersenne Twister (mt19937) with the bookkeeping of PyTorch's `at::mt19937`.
///
/// `remaining` and `next` are PyTorch's `left_` and `next_`: they are part of the saved generator state, so they are counted exactly as there.
struct MersenneTwister: ~Copyable {
  /// Words of state.
  static let wordCount = 624

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

  private mutating func renew() {
    remaining = Int32(Self.wordCount)
    next = 0
    qk_mt_renew(words)
  }

  /// `count` samples low + [0, 1) · width, each of one draw; `low` in place of those that come out as `end`.
  mutating func fill(_ output: UnsafeMutablePointer<Float>, count: Int, low: Float, width: Float, end: Float) {
    var done = 0
    while done < count {
      // As in `draw`, which renews where nothing is left. Where both counters agree there are as many words as they say.
      if remaining <= 1 || next >= UInt32(Self.wordCount) {
        renew()
        remaining += 1
      }
      let n = min(count - done, Int(remaining) - 1, Self.wordCount - Int(next))
      qk_mt_uniform_f32(n, words + Int(next), low, width, end, output + done)
      next += UInt32(n)
      remaining -= Int32(n)
      done += n
    }
  }
}
