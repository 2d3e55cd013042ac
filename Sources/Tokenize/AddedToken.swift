/// A token that is found in the text as it stands, before anything else is done to it.
public struct AddedToken: Sendable {
  /// The text.
  public let content: String
  /// Its place in the vocabulary.
  public let id: Int
  /// Whether it counts as special: left out by `decode` with skip_special_tokens.
  public let isSpecial: Bool
  /// Whether it must not touch letters.
  public let isSingleWord: Bool
  /// Whether it takes the white space before it.
  public let stripsLeft: Bool
  /// Whether it takes the white space behind it.
  public let stripsRight: Bool

  /// A token with all its flags.
  public init(_ content: String, id: Int, isSpecial: Bool = true, isSingleWord: Bool = false, stripsLeft: Bool = false, stripsRight: Bool = false) {
    self.content = content
    self.id = id
    self.isSpecial = isSpecial
    self.isSingleWord = isSingleWord
    self.stripsLeft = stripsLeft
    self.stripsRight = stripsRight
  }
}

/// Finds added tokens in texts: the first, of those the longest.
struct AddedTokenFinder {
  private let tokens: [(bytes: [UInt8], token: AddedToken)]
  private var begins = [Bool](repeating: false, count: 256)

  init(_ tokens: [AddedToken]) {
    self.tokens = tokens.filter { !$0.content.isEmpty }.map { (Array($0.content.utf8), $0) }.sorted { $0.bytes.count > $1.bytes.count }
    for (bytes, _) in self.tokens { begins[Int(bytes[0])] = true }
  }

  /// The next token of `text` from `position` on, and the bytes it takes.
  func next(in text: UnsafeBufferPointer<UInt8>, from position: Int) -> (token: AddedToken, range: Range<Int>)? {
    begins.withUnsafeBufferPointer { begins in
      var i = position
      while i < text.count {
        if begins[Int(text[i])] {
          for (bytes, token) in tokens where bytes.count <= text.count - i && bytes.indices.allSatisfy({ text[i + $0] == bytes[$0] }) {
            var range = i..<i + bytes.count
            if token.isSingleWord, Self.isLetter(before: range.lowerBound, text) || Self.isLetter(at: range.upperBound, text) { continue }
            if token.stripsLeft { while range.lowerBound > position, Self.isSpace(text[range.lowerBound - 1]) { range = range.lowerBound - 1..<range.upperBound } }
            if token.stripsRight { while range.upperBound < text.count, Self.isSpace(text[range.upperBound]) { range = range.lowerBound..<range.upperBound + 1 } }
            return (token, range)
          }
        }
        i += 1
      }
      return nil
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }

  /// Letters beyond ASCII count as letters whatever they are.
  private static func isLetter(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte == UInt8(ascii: "_") || Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber
  }
  private static func isLetter(before i: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool { i > 0 && isLetter(text[i - 1]) }
  private static func isLetter(at i: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool { i < text.count && isLetter(text[i]) }
}
