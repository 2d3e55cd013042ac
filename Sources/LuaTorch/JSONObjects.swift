import Interface
import JSON

/// What stands in Lua for the `null` of a JSON text: nil could not stand in a table.
final class JSONNull {
  static let shared = JSONNull()
}

// It holds nothing.
extension JSONNull: @unchecked Sendable {}

extension Binding {
  /// Reading of JSON, on which `stdlib/json.lua` is built.
  func registerJSON() throws {
    try register(JSONNull.self, name: "json.null") { meta in try meta.set("__tostring") { frame in try frame.give(.string("null")) } }
    try set("torch._json", "null", function: NativeFunction(self) { frame in try frame.give(object: JSONNull.shared) })
    try set("torch._json", "read", function: NativeFunction(self) { frame in
      guard let text = frame.string(0) else { throw TorchError.type("the JSON object must be str, bytes or bytearray, not \(frame.typeName(0))") }
      do { return try frame.give(Value(JSONReader.read(text))) } catch let error as JSONError { throw TorchError.value("\(error)") }
    })
    try set("torch._json", "quoted", function: NativeFunction(self) { frame in try frame.give(.string(JSONText.quoted(frame.string(0) ?? ""))) })
  }
}

extension Value {
  /// The same value: objects become dictionaries, arrays lists.
  fileprivate init(_ json: JSONValue) {
    self =
      switch json {
      case .null: .object(JSONNull.shared)
      case .boolean(let truth): .boolean(truth)
      case .integer(let number): .integer(number)
      case .number(let number): .number(number)
      case .string(let text): .string(text)
      case .array(let elements): .list(elements.map { Value($0) })
      case .object(let rows): .dictionary(rows.map { (.string($0.key), Value($0.value)) })
      }
  }
}
