/// No result.
public struct Nothing: SchemaResult {
  public init() {}
  public func give(to frame: CallFrame) throws -> Int { 0 }
}

extension Int: SchemaResult {
  public func give(to frame: CallFrame) throws -> Int { try frame.give(.integer(self)) }
}
extension Double: SchemaResult {
  public func give(to frame: CallFrame) throws -> Int { try frame.give(.number(self)) }
}
extension Bool: SchemaResult {
  public func give(to frame: CallFrame) throws -> Int { try frame.give(.boolean(self)) }
}
extension String: SchemaResult {
  public func give(to frame: CallFrame) throws -> Int { try frame.give(.string(self)) }
}
extension Value: SchemaResult {
  public func give(to frame: CallFrame) throws -> Int { try frame.give(self) }
}
extension Optional: SchemaResult where Wrapped: SchemaResult {
  public func give(to frame: CallFrame) throws -> Int {
    guard let self else { return try frame.give(.none) }
    return try self.give(to: frame)
  }
}
extension Array: SchemaResult where Element: ValueConvertible {
  public func give(to frame: CallFrame) throws -> Int { try frame.give(.list(map(\.asValue))) }
}

/// A type that has a form as a `Value`.
public protocol ValueConvertible {
  /// The same thing as a value.
  var asValue: Value { get }
}
extension Int: ValueConvertible { public var asValue: Value { .integer(self) } }
extension Double: ValueConvertible { public var asValue: Value { .number(self) } }
extension Bool: ValueConvertible { public var asValue: Value { .boolean(self) } }
extension String: ValueConvertible { public var asValue: Value { .string(self) } }
