import Serialization

/// Python's `repr` of a value, for comparison with what Python printed.
func pythonRepr(_ value: PickleValue) -> String {
  switch value {
  case .none: return "None"
  case .boolean(let truth): return truth ? "True" : "False"
  case .integer(let number): return String(number)
  case .bigInteger(let number): return number.description
  case .float(let number): return number.description
  case .string, .distinctString:
    return "'" + (value.stringValue ?? "").map { $0 == "\n" ? "\\n" : String($0) }.joined() + "'"
  case .bytes(let bytes): return "b" + quoted(bytes)
  case .list(let list): return "[" + list.elements.map(pythonRepr).joined(separator: ", ") + "]"
  case .tuple(let tuple):
    let parts = tuple.elements.map(pythonRepr)
    return parts.count == 1 ? "(\(parts[0]),)" : "(" + parts.joined(separator: ", ") + ")"
  case .dictionary(let dictionary):
    return "{" + dictionary.items.map { pythonRepr($0.value) + ": " + pythonRepr($1) }.joined(separator: ", ") + "}"
  case .set(let set):
    return set.members.isEmpty ? "set()" : "{" + set.members.map { pythonRepr($0.value) }.joined(separator: ", ") + "}"
  case .global(let global): return "<class '\(global)'>"
  case .object(let object) where object.callable.name == "OrderedDict":
    let items = object.items.map { "(" + pythonRepr($0.value) + ", " + pythonRepr($1) + ")" }
    return "OrderedDict(" + (items.isEmpty ? "" : "[" + items.joined(separator: ", ") + "]") + ")"
  case .object(let object): return "\(object.callable)" + pythonRepr(.tuple(object.arguments))
  case .persistent(let persistent): return "persistent" + pythonRepr(persistent.id)
  }
}

/// The bytes as Python quotes them where they hold both kinds of quotes or none.
private func quoted(_ bytes: [UInt8]) -> String {
  let hex = Array("0123456789abcdef")
  let body = bytes.map { byte -> String in
    switch byte {
    case UInt8(ascii: "\\"): "\\\\"
    case UInt8(ascii: "'"): "\\'"
    case 9: "\\t"
    case 10: "\\n"
    case 13: "\\r"
    case 0x20..<0x7F: String(UnicodeScalar(byte))
    default: "\\x" + String(hex[Int(byte) >> 4]) + String(hex[Int(byte) & 15])
    }
  }
  return "'" + body.joined() + "'"
}
