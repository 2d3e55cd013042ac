import Glibc

/// Takes aside what the program writes to standard output or standard error: Lua, C and the commands it starts.
final class OutputCapture {
  private let stream: StandardStream
  private let original: Int32
  private let file: Int32
  private var isOpen = true

  /// Begins; nil where the system has no file for it.
  init?(_ stream: StandardStream) {
    self.stream = stream
    fflush(nil)
    original = fcntl(stream.rawValue, F_DUPFD_CLOEXEC, 3)
    file = NamelessFile.open()
    guard original >= 0, file >= 0, dup2(file, stream.rawValue) >= 0 else {
      if original >= 0 { close(original) }
      if file >= 0 { close(file) }
      return nil
    }
  }

  deinit { if isOpen { _ = finish() } }

  /// Ends, and gives what was written.
  func finish() -> String {
    guard isOpen else { return "" }
    isOpen = false
    fflush(nil)
    dup2(original, stream.rawValue)
    close(original)
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var position: off_t = 0
    while true {
      let count = pread(file, &buffer, buffer.count, position)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
      position += off_t(count)
    }
  }
}

/// The display of a session whose output is taken aside: what it would have shown goes where the rest goes.
final class AsideDisplay: Display {
  private let inner: any Display

  init(_ inner: any Display) { self.inner = inner }

  var isUnicode: Bool { inner.isUnicode }
  var width: Int { inner.width }
  func write(_ text: String) { StandardStream.output.write(text) }
  func show(_ text: String, number: Int?) { write(text + "\n") }
  func report(_ report: ErrorReport) { StandardStream.error.write(report.text + "\n") }
  func confirm(_ question: String) -> Bool { false }
}
