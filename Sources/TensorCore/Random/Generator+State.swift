extension Generator {
  /// Bytes of a saved state.
  public static let stateByteCount = 5056

  /// The state as the bytes of `torch.get_rng_state()`: PyTorch's `CPUGeneratorImplState`, little endian.
  ///
  /// Layout: seed u64, left i32, seeded i32, next u64, 624 words each widened to u64, three doubles of which the second is the
  /// cached normal sample, its validity i32 and 4 bytes of padding, the cached single-precision sample, its validity and 3 bytes of padding.
  public func state() -> [UInt8] {
    var writer = StateWriter()
    writer.append(engine.seed)
    writer.append(UInt32(bitPattern: engine.remaining))
    writer.append(UInt32(1))
    writer.append(UInt64(engine.next))
    for index in 0..<MersenneTwister.wordCount { writer.append(UInt64(engine.word(index))) }
    writer.append(UInt64(0))
    writer.append((nextDoubleNormalSample ?? 0).bitPattern)
    writer.append(UInt64(0))
    writer.append(UInt64(nextDoubleNormalSample == nil ? 0 : 1))
    writer.append((nextFloatNormalSample ?? 0).bitPattern)
    writer.append(UInt32(nextFloatNormalSample == nil ? 0 : 1))
    return writer.bytes
  }

  /// Takes over a state made by `state()` or `torch.get_rng_state()`.
  ///
  /// Throws `SamplingError` when the size is wrong or the bytes are no mt19937 state; the generator is then unchanged.
  public func setState(_ bytes: [UInt8]) throws {
    guard bytes.count == Self.stateByteCount else {
      throw SamplingError(
        "Expected a CPUGeneratorImplState of size \(Self.stateByteCount) but found the input RNG state size to be \(bytes.count)")
    }
    var reader = StateReader(bytes: bytes)
    let seed = reader.next64()
    let remaining = Int32(bitPattern: reader.next32())
    let seeded = reader.next32() != 0
    let next = UInt32(truncatingIfNeeded: reader.next64())
    guard seeded, remaining > 0, remaining <= Int32(MersenneTwister.wordCount), next <= UInt32(MersenneTwister.wordCount) else {
      throw SamplingError("Invalid mt19937 state")
    }
    let words = (0..<MersenneTwister.wordCount).map { _ in UInt32(truncatingIfNeeded: reader.next64()) }
    _ = reader.next64()
    let cachedDouble = Double(bitPattern: reader.next64())
    _ = reader.next64()
    let hasDouble = reader.next32() != 0
    _ = reader.next32()
    let cachedFloat = Float(bitPattern: reader.next32())
    let hasFloat = reader.next32() & 0xff != 0
    engine.restore(seed: seed, remaining: remaining, next: next, words: words)
    nextDoubleNormalSample = hasDouble ? cachedDouble : nil
    nextFloatNormalSample = hasFloat ? cachedFloat : nil
  }
}

/// Collects little-endian integers.
private struct StateWriter {
  var bytes: [UInt8] = []

  init() { bytes.reserveCapacity(Generator.stateByteCount) }

  mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
}

/// Reads little-endian integers; the caller has checked the size.
private struct StateReader {
  let bytes: [UInt8]
  var offset = 0

  mutating func next32() -> UInt32 { UInt32(truncatingIfNeeded: read(4)) }
  mutating func next64() -> UInt64 { read(8) }

  private mutating func read(_ count: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
    offset += count
    return value
  }
}
