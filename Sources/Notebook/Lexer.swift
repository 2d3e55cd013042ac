/// Reads Lua 5.4 source as tokens and comments. It never fails: what Lua would refuse becomes
/// some token, and Lua's own compiler reports the mistake.
public struct Lexer: Sendable {
  /// A comment, without being told what it means.
  public struct Comment: Equatable, Sendable {
    /// The bytes of the comment, a short one without its line end.
    public let range: Range<Int>
    /// The line it begins on, from 1.
    public let line: Int
    /// Whether only blanks stand before it on its line.
    public let startsLine: Bool
    /// Whether it is a long comment, `--[[ … ]]`.
    public let isLong: Bool
    /// Whether the text ends before a long comment does.
    public let isFinished: Bool
  }

  /// What the source holds next.
  public enum Element: Equatable, Sendable {
    case token(Token)
    case comment(Comment)
    case end
  }

  /// The source.
  public let bytes: [UInt8]
  /// The next byte to read.
  public internal(set) var position: Int
  /// The line of `position`, from 1.
  public internal(set) var line: Int
  /// Where the line of `position` begins.
  public internal(set) var lineStart: Int
  /// The last line on which something other than blanks was read.
  private var contentLine = 0

  /// A lexer at the beginning of `bytes`. Of a file (`isFile`) a first line that begins with `#` is
  /// skipped, as Lua does.
  public init(_ bytes: [UInt8], isFile: Bool = false) {
    self.bytes = bytes
    position = 0
    line = 1
    lineStart = 0
    if isFile, bytes.first == UInt8(ascii: "#") { skipLine() }
  }

  /// The end of the line that holds byte `offset`: its line feed, or the end of the text.
  public func lineEnd(from offset: Int) -> Int {
    var end = offset
    while end < bytes.count, bytes[end] != Byte.newline { end += 1 }
    return end
  }

  /// Whether nothing but blanks was read on the line of `position`.
  public var isAtLineStart: Bool { contentLine != line }

  /// Moves to `offset`, which lies further on in the same line.
  mutating func move(to offset: Int) {
    position = offset
    contentLine = line
  }

  /// Moves past the rest of the line and its line feed.
  public mutating func skipLine() {
    position = lineEnd(from: position)
    if position < bytes.count { advance() }
  }

  /// Moves past blanks and line ends.
  public mutating func skipBlanks() {
    while position < bytes.count, Byte.isBlank(bytes[position]) || bytes[position] == Byte.newline {
      advance()
    }
  }

  /// The next token or comment, which is moved past.
  public mutating func next() -> Element {
    skipBlanks()
    defer { contentLine = line }
    guard position < bytes.count else { return .end }
    let start = position
    let startLine = line
    let byte = bytes[start]
    if byte == UInt8(ascii: "-"), peek(1) == byte {
      let startsLine = isAtLineStart
      position += 2
      let long = longBracket()
      if long == nil { position = lineEnd(from: position) }
      return .comment(
        Comment(
          range: start..<position, line: startLine, startsLine: startsLine, isLong: long != nil, isFinished: long ?? true))
    }
    let kind: Token.Kind
    if Byte.isNameStart(byte) {
      while position < bytes.count, Byte.isNamePart(bytes[position]) { position += 1 }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      kind = luaKeywords.contains(text) ? .keyword : .name
      return .token(Token(kind: kind, range: start..<position, text: text, line: startLine))
    }
    if Byte.isDigit(byte) || (byte == UInt8(ascii: ".") && peek(1).map(Byte.isDigit) == true) {
      numeral()
      kind = .number
    } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
      kind = .string(isFinished: quoted())
    } else if let finished = longBracket() {
      kind = .string(isFinished: finished)
    } else {
      position += symbolLength()
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      return .token(Token(kind: .symbol, range: start..<position, text: text, line: startLine))
    }
    return .token(Token(kind: kind, range: start..<position, text: "", line: startLine))
  }

  private func peek(_ distance: Int) -> UInt8? {
    position + distance < bytes.count ? bytes[position + distance] : nil
  }

  private mutating func advance() {
    if bytes[position] == Byte.newline {
      line += 1
      lineStart = position + 1
    }
    position += 1
  }

  /// Reads `[[ … ]]` of any level at `position`: nil where there is none, otherwise whether it ends.
  private mutating func longBracket() -> Bool? {
    guard peek(0) == UInt8(ascii: "[") else { return nil }
    var level = 0
    while peek(1 + level) == UInt8(ascii: "=") { level += 1 }
    guard peek(1 + level) == UInt8(ascii: "[") else { return nil }
    position += level + 2
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "]") {
        var closing = 0
        while peek(1 + closing) == UInt8(ascii: "=") { closing += 1 }
        if closing == level, peek(1 + closing) == UInt8(ascii: "]") {
          position += level + 2
          return true
        }
      }
      advance()
    }
    return false
  }

  /// Reads a quoted string at `position`; false where the line or the text ends before it.
  private mutating func quoted() -> Bool {
    let quote = bytes[position]
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      if byte == quote {
        position += 1
        return true
      }
      if byte == Byte.newline { return false }
      if byte == UInt8(ascii: "\\"), position + 1 < bytes.count {
        position += 1
        if bytes[position] == UInt8(ascii: "z") {
          position += 1
          while position < bytes.count, Byte.isBlank(bytes[position]) || bytes[position] == Byte.newline { advance() }
          continue
        }
        // An escaped CR LF is one line end.
        if bytes[position] == UInt8(ascii: "\r"), peek(1) == Byte.newline { position += 1 }
      }
      advance()
    }
    return false
  }

  private mutating func numeral() {
    let isHex = peek(0) == UInt8(ascii: "0") && (peek(1) == UInt8(ascii: "x") || peek(1) == UInt8(ascii: "X"))
    let exponents: [UInt8] = isHex ? [UInt8(ascii: "p"), UInt8(ascii: "P")] : [UInt8(ascii: "e"), UInt8(ascii: "E")]
    while position < bytes.count {
      let byte = bytes[position]
      if exponents.contains(byte) {
        position += 1
        if let sign = peek(0), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
      } else if Byte.isNamePart(byte) || byte == UInt8(ascii: ".") {
        position += 1
      } else {
        return
      }
    }
  }

  private func symbolLength() -> Int {
    let three: [StaticString] = ["..."]
    let two: [StaticString] = ["==", "~=", "<=", ">=", "//", "::", "<<", ">>", ".."]
    if three.contains(where: matches) { return 3 }
    if two.contains(where: matches) { return 2 }
    // A character beyond ASCII is one symbol, so that a token never cuts one.
    var length = 1
    if bytes[position] >= 0xC0 { while let byte = peek(length), byte & 0xC0 == 0x80 { length += 1 } }
    return length
  }

  private func matches(_ symbol: StaticString) -> Bool {
    symbol.withUTF8Buffer { bytes[position...].starts(with: $0) }
  }
}
