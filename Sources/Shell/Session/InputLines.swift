// C declares `stdin` as a variable; nobody sets it.
@preconcurrency import Glibc

/// The lines of standard input, as C's own functions read them: what Lua reads there are the lines that follow.
final class InputLines {
  private var buffer: UnsafeMutablePointer<CChar>?
  private var capacity = 0

  deinit { free(buffer) }

  /// The next line with its line end, which the last may lack; nil at the end, and when a signal has come.
  func next() -> [UInt8]? {
    let count = getline(&buffer, &capacity, stdin)
    guard count > 0, let buffer else { return nil }
    return UnsafeBufferPointer(start: buffer, count: count).map { UInt8(bitPattern: $0) }
  }
}
