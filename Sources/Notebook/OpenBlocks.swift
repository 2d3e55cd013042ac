/// Counts, line by line, how many blocks and brackets a text has left open: at little cost it tells when it is of no use to ask
/// whether the text is whole. It may be wrong about texts that are no Lua.
public struct OpenBlocks {
  /// What goes on into the next line.
  private enum Carry {
    case nothing
    /// A long string or comment with so many `=`.
    case long(Int)
    /// A string in these quotes whose line end is escaped.
    case quoted(UInt8)
  }

  private var depth = 0
  private var carry = Carry.nothing
  private var endsInOperator = false

  /// Nothing is open.
  public init() {}

  /// Whether more must follow.
  public var isOpen: Bool {
    if case .nothing = carry { return depth > 0 || endsInOperator }
    return true
  }

  /// Goes on over `line`, with its line end.
  public mutating func read(_ line: [UInt8]) {
    var start = 0
    switch carry {
    case .nothing: break
    case .long(let level):
      guard let end = Self.end(ofLong: level, in: line) else { return }
      start = end
    case .quoted(let quote):
      guard let end = Self.end(ofQuote: quote, in: line) else { return }
      start = end
    }
    carry = .nothing
    let first = line[start...].first { !Byte.isBlank($0) }
    // A magic's words may have brackets of their own.
    if start == 0, first == UInt8(ascii: "%") || first == UInt8(ascii: "!") { return }
    var lexer = Lexer(start == 0 ? line : Array(line[start...]))
    while true {
      switch lexer.next() {
      case .end: return
      case .comment(let comment):
        if comment.isLong, !comment.isFinished { carry = .long(Self.level(lexer.bytes, from: comment.range.lowerBound + 2)) }
      case .token(let token): read(token, in: lexer.bytes)
      }
    }
  }

  private mutating func read(_ token: Token, in bytes: [UInt8]) {
    endsInOperator = false
    switch token.kind {
    case .string(isFinished: false):
      let quote = bytes[token.range.lowerBound]
      if quote == UInt8(ascii: "[") {
        carry = .long(Self.level(bytes, from: token.range.lowerBound))
      } else if Self.goesOn(bytes) {
        carry = .quoted(quote)
      }
    case .keyword:
      switch token.text {
      case "function", "do", "if", "repeat": depth += 1
      case "end", "until": depth -= 1
      case "and", "or", "not", "in", "local", "while", "for": endsInOperator = true
      default: break
      }
    case .symbol:
      switch token.text {
      case "(", "[", "{": depth += 1
      case ")", "]", "}": depth -= 1
      case "...", "::", ";": break
      default: endsInOperator = true
      }
    case .name, .number, .string: break
    }
  }

  /// The number of `=` in the long bracket at `start`.
  private static func level(_ bytes: [UInt8], from start: Int) -> Int {
    bytes[min(start + 1, bytes.count)...].prefix { $0 == UInt8(ascii: "=") }.count
  }

  private static func end(ofLong level: Int, in line: [UInt8]) -> Int? {
    let close = UInt8(ascii: "]")
    var at = 0
    while let found = line[at...].firstIndex(of: close) {
      let equals = line[(found + 1)...].prefix { $0 == UInt8(ascii: "=") }.count
      let second = found + 1 + equals
      if equals == level, second < line.count, line[second] == close { return second + 1 }
      at = max(found + 1, second)
    }
    return nil
  }

  /// The end of a string in `line`; nil where the string goes on. One that is left open has ended, too: it is a mistake.
  private static func end(ofQuote quote: UInt8, in line: [UInt8]) -> Int? {
    var at = 0
    while at < line.count {
      if line[at] == UInt8(ascii: "\\") { at += 1 } else if line[at] == quote { return at + 1 }
      at += 1
    }
    return goesOn(line) ? nil : line.count
  }

  /// Whether the line end is escaped, by `\` or by `\z`.
  private static func goesOn(_ line: [UInt8]) -> Bool {
    var rest = line[...]
    while let last = rest.last, last == Byte.newline || last == 0x0D { rest.removeLast() }
    if rest.last == UInt8(ascii: "\\") { return true }
    while let last = rest.last, Byte.isBlank(last) { rest.removeLast() }
    return rest.suffix(2).elementsEqual([UInt8(ascii: "\\"), UInt8(ascii: "z")])
  }
}
