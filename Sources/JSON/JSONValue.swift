/// A value of a JSON text. Objects keep the order and all the names of the text.
public enum JSONValue: Sendable {
  case null
  case boolean(Bool)
  /// A number without fraction and exponent that fits 64 bits.
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([(key: String, value: JSONValue)])
}

extension JSONValue {
  /// The value under a name of an object, the last where it stands twice; nil where there is none.
  public subscript(key: String) -> JSONValue? {
    guard case .object(let rows) = self else { return nil }
    return rows.last { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }

  /// The text of a string, else nil.
  public var stringValue: String? { if case .string(let text) = self { text } else { nil } }
  /// The number of an integer, else nil.
  public var integerValue: Int? { if case .integer(let number) = self { number } else { nil } }
  /// The truth of a boolean, else nil.
  public var booleanValue: Bool? { if case .boolean(let truth) = self { truth } else { nil } }
  /// The elements of an array, else nil.
  public var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
  /// The rows of an object, else nil.
  public var rows: [(key: String, value: JSONValue)]? { if case .object(let rows) = self { rows } else { nil } }

  /// What it is, as Rust's serde says it: "integer `3`", "sequence".
  public var kind: String {
    switch self {
    case .null: "null"
    case .boolean(let truth): "boolean `\(truth)`"
    case .integer(let number): "integer `\(number)`"
    case .number(let number): "floating point `\(number)`"
    case .string(let text): "string \(JSONText.quoted(text))"
    case .array: "sequence"
    case .object: "map"
    }
  }
}

/// Why a text is no JSON, and where.
public struct JSONError: Error, Equatable, CustomStringConvertible {
  /// What is wrong, in the words of Rust's serde_json.
  public let message: String
  /// The line, from 1.
  public let line: Int
  /// The bytes of the line before the place.
  public let column: Int

  /// "expected value at line 1 column 1".
  public var description: String { "\(message) at line \(line) column \(column)" }
}
