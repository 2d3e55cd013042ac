import Glibc

/// Large blocks of memory that storages have given back, kept for the next: asking the system for fresh pages costs more than
/// most operations on them.
// Used by the session's one thread.
enum LargeBlocks {
  /// Blocks from this many bytes on are kept.
  static let least = 1 << 20
  /// So many bytes are always kept, and up to so many where they were in use at once before.
  private static let leastKept = 128 << 20
  private static let mostKept = 1 << 30
  /// Pages of this size spare the processor most of the search for their addresses.
  private static let hugePage = 2 << 20

  nonisolated(unsafe) private static var kept: [(pointer: UnsafeMutableRawPointer, size: Int)] = []
  nonisolated(unsafe) private static var keptBytes = 0

  /// A block of at least `byteCount` bytes, uninitialized, and its size. Nil where memory has run out.
  static func take(_ byteCount: Int, _ size: inout Int) -> UnsafeMutableRawPointer? {
    let page = byteCount >= hugePage ? hugePage : 4096
    let (padded, o) = byteCount.addingReportingOverflow(page - 1)
    if o { return nil }
    let whole = padded / page * page
    // The one given back last is most likely in the cache. What is much too large would be wasted.
    var i = kept.count - 1
    while i >= 0 {
      // A block made for these very bytes is never too large, however much its pages round up.
      if kept[i].size >= byteCount && (kept[i].size <= byteCount + byteCount / 4 || kept[i].size == whole) {
        let block = kept.remove(at: i)
        keptBytes -= block.size
        size = block.size
        return block.pointer
      }
      i -= 1
    }
    size = whole
    if let block = allocate(size, page) { return block }
    while let block = kept.popLast() { free(block.pointer) }
    keptBytes = 0
    return allocate(size, page)
  }

  private static func allocate(_ size: Int, _ page: Int) -> UnsafeMutableRawPointer? {
    var p: UnsafeMutableRawPointer?
    if posix_memalign(&p, page, size) != 0 { return nil }
    if let p, page == hugePage { madvise(p, size, Int32(MADV_HUGEPAGE)) }
    return p
  }

  /// Takes a block back.
  static func give(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    // With what is kept a program has no more memory than at its peak.
    let room = min(max(Storage.peakBytes - Storage.liveBytes.pointee, leastKept), mostKept)
    if size > room { return free(pointer) }
    kept.append((pointer, size))
    keptBytes += size
    // Those that have waited longest go first.
    while keptBytes > room {
      let block = kept.removeFirst()
      keptBytes -= block.size
      free(block.pointer)
    }
  }
}
