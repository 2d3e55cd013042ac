import Glibc

/// Memory for the kernels' intermediate results, kept between calls.
final class ScratchMemory {
  private var pointer: UnsafeMutableRawPointer?
  private var byteCount = 0

  deinit { pointer?.deallocate() }

  /// At least `bytes` bytes, 64-byte aligned, with any content.
  @inline(__always)
  func atLeast(_ bytes: Int) -> UnsafeMutableRawPointer {
    if let pointer, byteCount >= bytes { return pointer }
    pointer?.deallocate()
    byteCount = max(bytes, 64)
    let fresh = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    pointer = fresh
    return fresh
  }
}
