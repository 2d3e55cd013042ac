/// One lexical element of Lua source, as a byte range of the text it was read from.
public struct Token: Equatable, Sendable {
  /// What a token is, as far as finding statements needs to know.
  public enum Kind: Equatable, Sendable {
    /// An identifier.
    case name
    /// A reserved word.
    case keyword
    /// A numeral, well-formed or not.
    case number
    /// A quoted or long string; `isFinished` is false where the text ends inside it.
    case string(isFinished: Bool)
    /// An operator or a delimiter.
    case symbol
  }

  /// What the token is.
  public let kind: Kind
  /// The bytes it covers.
  public let range: Range<Int>
  /// Its spelling; empty for strings and numbers, whose spelling decides nothing here.
  public let text: String
  /// The line it begins on, from 1.
  public let line: Int

  /// A token covering `range`, beginning on `line`.
  public init(kind: Kind, range: Range<Int>, text: String, line: Int) {
    self.kind = kind
    self.range = range
    self.text = text
    self.line = line
  }

  /// Whether this is the reserved word or symbol spelled `text`.
  public func spells(_ text: String) -> Bool {
    (kind == .symbol || kind == .keyword) && self.text == text
  }
}

/// The reserved words of Lua 5.4.
public let luaKeywords: Set<String> = [
  "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in",
  "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
]
