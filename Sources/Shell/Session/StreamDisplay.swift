// C declares `stdout` as a variable; nobody sets it.
@preconcurrency import Glibc

/// A display on standard output and standard error, without colours or prompts: for scripts and pipes.
public final class StreamDisplay: Display {
  /// What stands before an error's message; may be empty.
  public let prefix: String
  /// Whether the locale's character set is UTF-8; where none is set, it is taken to be.
  public let isUnicode = Locale.isUnicode
  /// 80 columns.
  public let width = 80

  private let pictures: (any PictureWriter)?

  /// A display that begins errors with `prefix`, and shows pictures if given a way.
  public init(prefix: String = "", pictures: (any PictureWriter)? = nil) {
    self.prefix = prefix
    self.pictures = pictures
  }

  /// What the way to show pictures takes.
  public var pictureTypes: [String] { pictures?.types ?? [] }

  /// Writes to standard output.
  public func write(_ text: String) { StandardStream.output.write(text) }

  /// Writes the value on lines of its own, without a prompt.
  public func show(_ text: String, number: Int?) { write(text + "\n") }

  /// The picture, or the text.
  public func show(_ presentation: Presentation, number: Int?) {
    show(pictures?.escapes(for: presentation) ?? presentation.text, number: number)
  }

  /// Writes to standard error.
  public func report(_ report: ErrorReport) { StandardStream.error.write(prefix + report.text + "\n") }

  /// Nobody can answer: false.
  public func confirm(_ question: String) -> Bool { false }
}

/// Standard output and standard error, in order with what C and Lua write.
public enum StandardStream: Int32, Sendable {
  case output = 1
  case error = 2

  // Set by whoever writes, read at the end: one thread at a time.
  nonisolated(unsafe) private static var failureNumber: Int32 = 0

  /// Why not all that standard output was given has reached its file, such as a full disk; nil where it has, and where nobody
  /// reads any more.
  public static var failure: String? {
    if [ENOSPC, EDQUOT, EFBIG, EIO].contains(failureNumber) { return String(cString: strerror(failureNumber)) }
    // Of what C's functions could not write only the fact is left.
    var output = pollfd(fd: 1, events: Int16(POLLOUT), revents: 0)
    let isRead = poll(&output, 1, 0) < 1 || output.revents & Int16(POLLERR | POLLNVAL) == 0
    return ferror(stdout) != 0 && isRead ? "part of it is lost" : nil
  }

  /// Writes what C's buffers still hold.
  public static func flush() {
    if fflush(nil) != 0, failureNumber == 0 { failureNumber = errno }
  }

  /// Opens /dev/null in the place of a standard stream that the program was started without, so that no file gets its number.
  public static func openMissing() {
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY)
    }
  }

  /// Writes all of `text`, after what C's buffers still hold. A failure is kept for the end of the program.
  public func write(_ text: String) {
    Self.flush()
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let base = rest.baseAddress, !rest.isEmpty {
        let count = Glibc.write(rawValue, base, rest.count)
        if count < 0 {
          if errno == EINTR || errno == EAGAIN { continue }
          if self == .output { Self.failureNumber = errno }
          return
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }

  /// Whether it is a terminal.
  public var isTerminal: Bool { isatty(rawValue) == 1 }
}

/// What the environment says of the character set.
public enum Locale {
  /// Whether text is UTF-8: so unless the locale names another character set.
  public static var isUnicode: Bool {
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      guard let value = Environment.value(name) else { continue }
      let folded = value.lowercased()
      if folded.contains("utf-8") || folded.contains("utf8") { return true }
      // C and POSIX name no character set, and a name without one leaves it open.
      return !folded.contains(".") && !folded.contains("@")
    }
    return true
  }
}
