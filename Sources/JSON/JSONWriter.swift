extension JSONValue {
  /// The value as JSON on one line, with blanks after commas and colons, as Python writes it.
  public var text: String {
    var bytes: [UInt8] = []
    append(to: &bytes, indent: nil, depth: 0)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The value as JSON over several lines, each level `indent` blanks further in, as Python writes it.
  public func text(indent: Int) -> String {
    var bytes: [UInt8] = []
    append(to: &bytes, indent: indent, depth: 0)
    return String(decoding: bytes, as: UTF8.self)
  }

  private func append(to bytes: inout [UInt8], indent: Int?, depth: Int) {
    switch self {
    case .null: bytes += "null".utf8
    case .boolean(let truth): bytes += (truth ? "true" : "false").utf8
    case .integer(let number): bytes += String(number).utf8
    case .number(let number): bytes += (number.isFinite ? "\(number)" : "null").utf8
    case .string(let text): JSONText.append(text, to: &bytes)
    case .array(let elements):
      Self.appendList(elements.count, "[", "]", to: &bytes, indent, depth) { index, bytes in
        elements[index].append(to: &bytes, indent: indent, depth: depth + 1)
      }
    case .object(let rows):
      Self.appendList(rows.count, "{", "}", to: &bytes, indent, depth) { index, bytes in
        JSONText.append(rows[index].key, to: &bytes)
        bytes += ": ".utf8
        rows[index].value.append(to: &bytes, indent: indent, depth: depth + 1)
      }
    }
  }

  private static func appendList(
    _ count: Int, _ open: String, _ close: String, to bytes: inout [UInt8], _ indent: Int?, _ depth: Int,
    _ item: (Int, inout [UInt8]) -> Void
  ) {
    func breakLine(_ depth: Int, _ bytes: inout [UInt8]) {
      guard let indent else { return }
      bytes.append(UInt8(ascii: "\n"))
      bytes += [UInt8](repeating: 0x20, count: indent * depth)
    }
    bytes += open.utf8
    for index in 0..<count {
      if index > 0 { bytes += (indent == nil ? ", " : ",").utf8 }
      breakLine(depth + 1, &bytes)
      item(index, &bytes)
    }
    if count > 0 { breakLine(depth, &bytes) }
    bytes += close.utf8
  }
}
