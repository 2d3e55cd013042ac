/// A value that Python can hash: a key of a dict or a member of a set, equal as in Python (`1 == 1.0 == True`).
public struct PickleKey: Hashable, ExpressibleByStringLiteral {
  /// The value as it was given.
  public let value: PickleValue

  /// The greatest number of values in a key that is a tuple of tuples. Shared parts count each time they occur, so that the work of
  /// hashing is bounded though a small pickle can describe a tuple of 2⁶⁴ leaves.
  private static let greatestCount = 64

  /// A string key.
  public init(_ text: String) { value = .string(text) }

  /// A string key.
  public init(stringLiteral text: String) { value = .string(text) }

  /// Any hashable value. Throws `TypeError` for lists, dicts, sets and tuples that hold such or are too large.
  public init(_ value: PickleValue) throws(SerializationError) {
    var left = Self.greatestCount
    try Self.checkHashable(value, &left)
    self.value = value
  }

  private static func checkHashable(_ value: PickleValue, _ left: inout Int) throws(SerializationError) {
    left -= 1
    guard left >= 0 else {
      throw SerializationError(kind: "UnpicklingError", "a tuple of more than \(greatestCount) values is used as a key")
    }
    switch value {
    case .set(let set) where set.isFrozen: break
    case .list, .dictionary, .set: throw SerializationError(kind: "TypeError", "unhashable type: '\(value.typeName)'")
    case .tuple(let tuple):
      for element in tuple.elements { try checkHashable(element, &left) }
    default: break
    }
  }

  /// Python's equality of the two values; objects are equal only to themselves.
  public static func == (left: PickleKey, right: PickleKey) -> Bool { areEqual(left.value, right.value) }

  /// Hashes so that equal keys agree, an integer with the float of its value.
  public func hash(into hasher: inout Hasher) { Self.hash(value, &hasher) }

  private static func areEqual(_ left: PickleValue, _ right: PickleValue) -> Bool {
    if let a = left.integralValue, let b = right.integralValue { return a == b }
    if let a = left.node, let b = right.node {
      guard case .tuple(let first) = left, case .tuple(let second) = right else { return a === b }
      return a === b || first.elements.elementsEqual(second.elements, by: areEqual)
    }
    if let a = left.stringValue, let b = right.stringValue { return a.hasSameBytes(as: b) }
    switch (left, right) {
    case (.none, .none): return true
    case (.float(let a), .float(let b)): return a == b
    case (.bigInteger(let a), .bigInteger(let b)): return a == b
    case (.bytes(let a), .bytes(let b)): return a == b
    case (.global(let a), .global(let b)): return a.module.hasSameBytes(as: b.module) && a.name.hasSameBytes(as: b.name)
    default: return false
    }
  }

  private static func hash(_ value: PickleValue, _ hasher: inout Hasher) {
    if let number = value.integralValue { return hasher.combine(number) }
    switch value {
    case .none: hasher.combine(0xA5 as UInt8)
    case .float(let number): hasher.combine(number)
    case .bigInteger(let number): hasher.combine(number)
    case .string(let text): text.hashBytes(into: &hasher)
    case .distinctString(let string): string.text.hashBytes(into: &hasher)
    case .bytes(let bytes): hasher.combine(bytes)
    case .global(let global):
      global.module.hashBytes(into: &hasher)
      global.name.hashBytes(into: &hasher)
    case .tuple(let tuple):
      hasher.combine(tuple.elements.count)
      for element in tuple.elements { hash(element, &hasher) }
    default:
      if let node = value.node { hasher.combine(ObjectIdentifier(node)) }
    }
  }
}

extension PickleValue {
  /// The integer that a number equals in Python, where it is one of 64 bits: `True` is 1, `2.0` is 2.
  fileprivate var integralValue: Int64? {
    switch self {
    case .boolean(let value): value ? 1 : 0
    case .integer(let value): value
    case .float(let value): Int64(exactly: value)
    default: nil
    }
  }
}
