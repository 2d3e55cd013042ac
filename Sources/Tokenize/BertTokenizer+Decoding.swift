extension BertTokenizer {
  /// The text of ids: pieces joined to words, spaces before marks taken away. Mirrors `decode`.
  /// - Parameter cleansUp: whether more spaces go, as `clean_up_tokenization_spaces`.
  /// - Throws: `IndexError` for an id that is not in the vocabulary.
  public func decode(_ ids: [Int], skipsSpecial: Bool = false, cleansUp: Bool = false) throws(TokenizeError) -> String {
    var tokens: [String] = []
    for id in ids {
      guard let token = vocabulary.token(id) else {
        throw TokenizeError(kind: "IndexError", "the id \(id) is out of range: the vocabulary has \(vocabulary.count) tokens")
      }
      if !(skipsSpecial && isSpecial(id)) { tokens.append(token) }
    }
    let text = join(tokens)
    return cleansUp ? Self.cleanedUp(text) : text
  }

  /// The text of tokens. Mirrors `convert_tokens_to_string`.
  public func join(_ tokens: [String]) -> String {
    var text = ""
    let mark = prefix.utf8
    for (i, token) in tokens.enumerated() {
      if i == 0 {
        text += Self.cleanedUp(token)
      } else if token.utf8.starts(with: mark) {
        text += Self.cleanedUp(String(Substring(token.utf8.dropFirst(mark.count))))
      } else {
        text += Self.cleanedUp(" " + token)
      }
    }
    return text
  }

  private static let cleanings: [(from: String, to: String)] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"),
    (" 've", "'ve"), (" 're", "'re"),
  ]

  private static func cleanedUp(_ text: String) -> String {
    // Every pattern begins with a space.
    guard text.utf8.contains(0x20) else { return text }
    var bytes = Array(text.utf8)
    for (from, to) in cleanings { bytes = replaced(bytes, Array(from.utf8), Array(to.utf8)) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func replaced(_ text: [UInt8], _ from: [UInt8], _ to: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var i = 0
    while i < text.count {
      if text.count - i >= from.count, from.indices.allSatisfy({ text[i + $0] == from[$0] }) {
        result += to
        i += from.count
      } else {
        result.append(text[i])
        i += 1
      }
    }
    return result
  }
}
