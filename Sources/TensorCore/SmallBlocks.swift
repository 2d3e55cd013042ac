import Glibc

/// Blocks of a few kilobytes that storages have given back, by size, the last given first: it is still in the processor's cache.
// Used by the session's one thread.
enum SmallBlocks {
  /// Four sizes to each power of two, from 1 KB to just below `LargeBlocks.least`.
  private static let classes = 44
  /// So many bytes of each size are kept at most, more than a collection of small garbage gives back; and of all sizes.
  private static let most = 8 << 20
  private static let mostOfAll = 64 << 20
  nonisolated(unsafe) private static var keptBytes = 0

  /// The first block of each size; each begins with the address of the next.
  nonisolated(unsafe) private static let first: UnsafeMutablePointer<UnsafeMutableRawPointer?> = {
    let p = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: classes)
    p.initialize(repeating: nil, count: classes)
    return p
  }()
  nonisolated(unsafe) private static let counts: UnsafeMutablePointer<Int> = {
    let p = UnsafeMutablePointer<Int>.allocate(capacity: classes)
    p.initialize(repeating: 0, count: classes)
    return p
  }()

  /// Which size serves `byteCount` (at least 1,024), and that size.
  @inline(__always)
  private static func fit(_ byteCount: Int) -> (Int, Int) {
    let shift = Int.bitWidth - 1 - (byteCount - 1).leadingZeroBitCount - 2
    let quarters = (byteCount - 1) >> shift + 1
    return ((shift - 7) * 4 + quarters - 5, quarters << shift)
  }

  /// A block of at least `byteCount` bytes, uninitialized and at a multiple of 64, and its size. Nil where memory has run out.
  @inline(__always)
  static func take(_ byteCount: Int, _ size: inout Int) -> UnsafeMutableRawPointer? {
    let (index, padded) = fit(byteCount)
    if index < 0 || index >= classes || padded >= LargeBlocks.least { return plain(byteCount) }
    size = padded
    if let block = first[index] {
      first[index] = block.load(as: UnsafeMutableRawPointer?.self)
      counts[index] -= 1
      keptBytes -= padded
      return block
    }
    return plain(padded)
  }

  private static func plain(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    var p: UnsafeMutableRawPointer?
    return posix_memalign(&p, 64, byteCount) == 0 ? p : nil
  }

  /// Takes a block back.
  @inline(__always)
  static func give(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    let (index, _) = fit(size)
    if counts[index] * size >= most { return free(pointer) }
    if keptBytes >= mostOfAll { drop() }
    pointer.storeBytes(of: first[index], as: UnsafeMutableRawPointer?.self)
    first[index] = pointer
    counts[index] += 1
    keptBytes += size
  }

  /// Gives all back to the system: sizes that were wanted once must not keep out those wanted now.
  private static func drop() {
    for index in 0..<classes {
      while let block = first[index] {
        first[index] = block.load(as: UnsafeMutableRawPointer?.self)
        free(block)
      }
      counts[index] = 0
    }
    keptBytes = 0
  }
}
