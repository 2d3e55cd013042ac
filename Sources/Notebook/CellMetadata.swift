import JSON

/// A `key=value` of a cell's header; the value is JSON.
public struct CellMetadatum: Equatable, Sendable {
  /// The key.
  public let key: String
  /// The value, as JSON.
  public let text: String

  /// `key=text`.
  public init(key: String, text: String) {
    self.key = key
    self.text = text
  }

  /// The value.
  public var value: JSONValue { (try? JSONReader.read(text)) ?? .null }

  /// Takes the `key=value` pairs off the end of `text`, where they stand as Jupytext writes them, and gives them in order.
  static func take(from text: inout Substring) -> [CellMetadatum] {
    var found: [CellMetadatum] = []
    while let (start, datum) = last(in: text) {
      found.insert(datum, at: 0)
      text = text[..<start]
      while text.last?.isWhitespace == true { text.removeLast() }
    }
    return found
  }

  /// The pair that ends `text`, and where it begins. An `=` within the value leaves no JSON after it, or no key before it.
  private static func last(in text: Substring) -> (start: Substring.Index, CellMetadatum)? {
    var end = text.endIndex
    while let equals = text[..<end].lastIndex(of: "=") {
      end = equals
      let value = String(text[text.index(after: equals)...])
      let key = String(text[..<equals].reversed().prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "_.@/-".contains($0)) }.reversed())
      let start = text.index(equals, offsetBy: -key.count)
      guard !key.isEmpty, start == text.startIndex || text[text.index(before: start)].isWhitespace,
        (try? JSONReader.read(value)) != nil
      else { continue }
      return (start, CellMetadatum(key: key, text: String(decoding: MagicLine.trimmed(Array(value.utf8)[...]), as: UTF8.self)))
    }
    return nil
  }
}
