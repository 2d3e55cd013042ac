import Glibc

/// A Lua value outside Lua. Strings lose nothing: what is UTF-8 comes as `string`, anything else as `bytes`.
public enum LuaValue: Sendable {
  case `nil`
  case boolean(Bool)
  case integer(Int64)
  case number(Double)
  /// A string that is valid UTF-8; it may contain NUL.
  case string(String)
  /// A string that is not valid UTF-8. Use `LuaValue(bytes:)` to make one, which picks the right case.
  case bytes([UInt8])
  /// A table, function, userdata or coroutine, kept alive by the reference.
  case reference(LuaReference)

  /// The Lua string with these bytes: `string` if they are UTF-8, `bytes` if not.
  public init(bytes: some Sequence<UInt8>) {
    let array = Array(bytes)
    if let text = String(validating: array, as: UTF8.self) { self = .string(text) } else { self = .bytes(array) }
  }

  /// The Lua type of the value.
  public var type: LuaType {
    switch self {
    case .nil: .nil
    case .boolean: .boolean
    case .integer, .number: .number
    case .string, .bytes: .string
    case .reference(let reference): reference.type
    }
  }

  /// Whether the value is nil.
  public var isNil: Bool { if case .nil = self { true } else { false } }

  /// Whether Lua takes the value for true: all but nil and false.
  public var isTruthy: Bool {
    switch self {
    case .nil, .boolean(false): false
    default: true
    }
  }

  /// The text of a string value, with U+FFFD for what is not UTF-8; nil for other types.
  public var text: String? {
    switch self {
    case .string(let text): text
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    default: nil
    }
  }

  /// The bytes of a string value; nil for other types.
  public var stringBytes: [UInt8]? {
    switch self {
    case .string(let text): Array(text.utf8)
    case .bytes(let bytes): bytes
    default: nil
    }
  }

  /// The reference of a table, function, userdata or coroutine; nil for other types.
  public var reference: LuaReference? { if case .reference(let reference) = self { reference } else { nil } }

  /// The reference if the value is a table; nil for other types.
  public var table: LuaReference? { type == .table ? reference : nil }
}

extension LuaValue: Equatable, Hashable {
  /// Raw equality as Lua's `rawequal`: strings by bytes, numbers by value (1 equals 1.0), references by identity.
  public static func == (left: LuaValue, right: LuaValue) -> Bool {
    switch (left, right) {
    case (.nil, .nil): true
    case (.boolean(let a), .boolean(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.integer(let a), .number(let b)), (.number(let b), .integer(let a)): Int64(exactly: b) == a
    // Swift's own == takes different spellings of a character for equal.
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.bytes(let a), .bytes(let b)): a == b
    case (.reference(let a), .reference(let b)): a == b
    default: false
    }
  }

  /// Agrees with `==`.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .nil: hasher.combine(0)
    case .boolean(let value): hasher.combine(value)
    case .integer(let value): hasher.combine(value)
    case .number(let value):
      if let whole = Int64(exactly: value) { hasher.combine(whole) } else { hasher.combine(value) }
    case .string(let text): for byte in text.utf8 { hasher.combine(byte) }
    case .bytes(let bytes): for byte in bytes { hasher.combine(byte) }
    case .reference(let reference): hasher.combine(reference)
    }
  }
}

extension LuaValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An integer.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// A float.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A boolean.
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  /// Nil.
  public init(nilLiteral: ()) { self = .nil }
}
