/// Reads JSON texts. Strict (RFC 8259), bounded by the length of the text and by a depth of nesting of 128, as Rust's serde_json.
public struct JSONReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var depth = 0

  private static let greatestDepth = 128

  private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The value of a text in UTF-8. The bytes must be valid UTF-8; what is not comes out as U+FFFD.
  public static func read(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
    var reader = JSONReader(bytes)
    let value = try reader.value()
    if reader.next() != nil { throw reader.failure("trailing characters", here: true) }
    return value
  }

  /// The value of a text.
  public static func read(_ text: String) throws(JSONError) -> JSONValue {
    let bytes = Array(text.utf8)
    return try bytes.withUnsafeBufferPointer { (units) throws(JSONError) in try read(UnsafeRawBufferPointer(units)) }
  }

  // MARK: Places

  /// `here` for a mistake at the byte not yet taken.
  private func failure(_ message: String, here: Bool = false) -> JSONError {
    let end = min(position + (here ? 1 : 0), bytes.count)
    var (line, start) = (1, 0)
    for i in 0..<end where bytes[i] == 0x0A { (line, start) = (line + 1, i + 1) }
    return JSONError(message: message, line: line, column: end - start)
  }

  /// The next byte that is no white space, not taken.
  private mutating func next() -> UInt8? {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      case let byte: return byte
      }
    }
    return nil
  }

  // MARK: Values

  private mutating func value() throws(JSONError) -> JSONValue {
    guard let first = next() else { throw failure("EOF while parsing a value") }
    switch first {
    case UInt8(ascii: "{"): return try nested { (reader) throws(JSONError) in try reader.object() }
    case UInt8(ascii: "["): return try nested { (reader) throws(JSONError) in try reader.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw failure("expected value", here: true)
    }
  }

  private mutating func nested(_ body: (inout JSONReader) throws(JSONError) -> JSONValue) throws(JSONError) -> JSONValue {
    position += 1
    depth += 1
    guard depth < Self.greatestDepth else { throw failure("recursion limit exceeded") }
    defer { depth -= 1 }
    return try body(&self)
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    for i in 0..<word.utf8CodeUnitCount {
      guard position < bytes.count else { throw failure("EOF while parsing a value") }
      guard bytes[position] == word.utf8Start[i] else { throw failure("expected ident", here: true) }
      position += 1
    }
    return value
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    var elements: [JSONValue] = []
    if next() == UInt8(ascii: "]") {
      position += 1
      return .array([])
    }
    while true {
      elements.append(try value())
      switch next() {
      case UInt8(ascii: ","):
        position += 1
        if next() == UInt8(ascii: "]") { throw failure("trailing comma", here: true) }
      case UInt8(ascii: "]"):
        position += 1
        return .array(elements)
      case nil: throw failure("EOF while parsing a list")
      default: throw failure("expected `,` or `]`", here: true)
      }
    }
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    var rows: [(key: String, value: JSONValue)] = []
    if next() == UInt8(ascii: "}") {
      position += 1
      return .object([])
    }
    while true {
      guard let first = next() else { throw failure("EOF while parsing an object") }
      guard first == UInt8(ascii: "\"") else { throw failure("key must be a string", here: true) }
      let key = try string()
      guard let colon = next() else { throw failure("EOF while parsing an object") }
      guard colon == UInt8(ascii: ":") else { throw failure("expected `:`", here: true) }
      position += 1
      rows.append((key, try value()))
      switch next() {
      case UInt8(ascii: ","):
        position += 1
        if next() == UInt8(ascii: "}") { throw failure("trailing comma", here: true) }
      case UInt8(ascii: "}"):
        position += 1
        return .object(rows)
      case nil: throw failure("EOF while parsing an object")
      default: throw failure("expected `,` or `}`", here: true)
      }
    }
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    func digits() -> Int {
      var end = position
      while end < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[end]) { end += 1 }
      return end - position
    }
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    var count = digits()
    // A zero in front stands alone.
    guard count > 0, count == 1 || bytes[position] != UInt8(ascii: "0") else { throw failure("invalid number", here: true) }
    position += count
    var isInteger = true
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      count = digits()
      guard count > 0 else { throw failure("invalid number", here: true) }
      position += count
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      position += 1
      if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") { position += 1 }
      count = digits()
      guard count > 0 else { throw failure("invalid number", here: true) }
      position += count
    }
    let text = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
    if isInteger, let number = Int(text) { return .integer(number) }
    guard let number = Double(text), number.isFinite else { throw failure("number out of range") }
    return .number(number)
  }

  // MARK: Strings

  private mutating func string() throws(JSONError) -> String {
    position += 1
    var start = position
    // Made only where there is an escape.
    var whole: [UInt8] = []
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
        position += 1
        if whole.isEmpty { return String(decoding: piece, as: UTF8.self) }
        whole += piece
        return String(decoding: whole, as: UTF8.self)
      case UInt8(ascii: "\\"):
        whole += bytes[start..<position]
        position += 1
        try escape(into: &whole)
        start = position
      case 0..<0x20: throw failure("control character (\\u0000-\\u001F) found while parsing a string", here: true)
      default: position += 1
      }
    }
    throw failure("EOF while parsing a string")
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    guard position < bytes.count else { throw failure("EOF while parsing a string") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = UInt32(try hexadecimal())
      if (0xDC00...0xDFFF).contains(code) { throw failure("lone leading surrogate in hex escape") }
      if (0xD800...0xDBFF).contains(code) {
        guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u") else {
          throw failure("unexpected end of hex escape", here: true)
        }
        position += 2
        let low = UInt32(try hexadecimal())
        guard (0xDC00...0xDFFF).contains(low) else { throw failure("lone leading surrogate in hex escape") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      if let scalar = Unicode.Scalar(code), let units = UTF8.encode(scalar) { text += units }
    default: throw failure("invalid escape")
    }
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt16 {
    var code: UInt16 = 0
    for _ in 0..<4 {
      guard position < bytes.count else { throw failure("EOF while parsing a string") }
      guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue, bytes[position] < 0x80 else { throw failure("invalid escape", here: true) }
      code = code << 4 | UInt16(digit)
      position += 1
    }
    return code
  }
}
