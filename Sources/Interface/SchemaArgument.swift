/// A type that a parameter of a schema can have.
public protocol SchemaArgument {
  /// Whether argument `i` fits, for the choice among overloads. Must not throw nor convert.
  static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool
  /// Argument `i`, or the parameter's default where it was not given.
  static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Self
}

/// A type that a call can give.
public protocol SchemaResult {
  /// Gives the value; returns how many results that makes.
  __consuming func give(to frame: CallFrame) throws -> Int
}

extension CallFrame {
  /// Whether argument `i` was left out or is nil where a default or `None` stands in.
  @inline(__always)
  public func isMissing(_ i: Int, _ parameter: Parameter) -> Bool {
    switch kind(i) {
    case .absent: true
    case .none: parameter.defaultValue != nil || parameter.isOptional
    default: false
    }
  }

  /// PyTorch's sentence for an argument of the wrong type or one that is missing.
  public func wrongType(_ i: Int, _ parameter: Parameter, expected: String? = nil) -> TorchError {
    let name = i == 0 && parameter.name == "self" ? "input" : parameter.name
    if kind(i) == .absent { return .type("\(callee.name)() missing 1 required positional arguments: \"\(name)\"") }
    return .type("\(callee.name)(): argument '\(name)' (position \(callee.isMethod ? i : i + 1)) must be \(expected ?? parameter.type.pythonName), not \(typeName(i))")
  }
}

extension String {
  /// The type's name in Python's argument errors.
  fileprivate var pythonName: String {
    switch self {
    case "Scalar": "Number"
    case "ScalarType": "torch.dtype"
    case "int[]": "tuple of ints"
    case "Tensor[]": "tuple of Tensors"
    default: self
    }
  }
}

extension Optional: SchemaArgument where Wrapped: SchemaArgument {
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    switch frame.kind(i) {
    case .absent, .none: true
    default: Wrapped.matches(frame, i, parameter)
    }
  }
  @inlinable
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Wrapped? {
    switch frame.kind(i) {
    case .absent, .none:
      if parameter.defaultsToNone { return nil }
      return try Wrapped.decode(frame, i, parameter)
    default: return try Wrapped.decode(frame, i, parameter)
    }
  }
}

extension Int: SchemaArgument {
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    frame.integer(i) != nil || frame.isMissing(i, parameter)
  }
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Int {
    if let value = frame.integer(i) { return value }
    if frame.isMissing(i, parameter), case .integer(let value)? = parameter.defaultValue { return value }
    throw frame.wrongType(i, parameter)
  }
}

extension Double: SchemaArgument {
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    frame.number(i) != nil || frame.isMissing(i, parameter)
  }
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Double {
    if let value = frame.number(i) { return value }
    if frame.isMissing(i, parameter) {
      if case .integer(let value)? = parameter.defaultValue { return Double(value) }
      if case .real(let value)? = parameter.defaultValue { return value }
    }
    throw frame.wrongType(i, parameter)
  }
}

extension Bool: SchemaArgument {
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    frame.boolean(i) != nil || frame.isMissing(i, parameter)
  }
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Bool {
    if let value = frame.boolean(i) { return value }
    if frame.isMissing(i, parameter), case .boolean(let value)? = parameter.defaultValue { return value }
    throw frame.wrongType(i, parameter)
  }
}

extension String: SchemaArgument {
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    frame.kind(i) == .string || frame.isMissing(i, parameter)
  }
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> String {
    if frame.kind(i) == .string, let value = frame.string(i) { return value }
    if frame.isMissing(i, parameter), case .string(let value)? = parameter.defaultValue { return value }
    throw frame.wrongType(i, parameter)
  }
}

/// Lists of any decodable value; one bare value stands for a list of `listLength` of them, as in PyTorch's `int[2]`.
extension Array: SchemaArgument where Element: SchemaElement {
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    switch frame.kind(i) {
    case .absent, .none: return frame.isMissing(i, parameter)
    case .table where Element.isObject && frame.objects(i).map { $0.allSatisfy(Element.isElement) } ?? false: return true
    case .table, .object:
      guard let value = try? frame.value(i) else { return false }
      if case .list(let items) = value { return items.allSatisfy { Element.element(from: $0) != nil } }
      return parameter.listLength != nil && Element.element(from: value) != nil
    default:
      guard parameter.listLength != nil, let value = try? frame.value(i) else { return false }
      return Element.element(from: value) != nil
    }
  }
  @inlinable
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> [Element] {
    if frame.isMissing(i, parameter) {
      switch parameter.defaultValue {
      case .list(let items)?: return items.compactMap { Element.element(from: .integer(Int($0))) ?? Element.element(from: .number($0)) }
      case .integer(let value)?: return Element.element(from: .integer(value)).map { Array(repeating: $0, count: parameter.listLength ?? 1) } ?? []
      default: throw frame.wrongType(i, parameter)
      }
    }
    if Element.isObject, let objects = frame.objects(i), objects.allSatisfy(Element.isElement) {
      // All are of this class.
      return unsafeBitCast(objects, to: [Element].self)
    }
    if parameter.listLength != nil, let number = frame.integer(i), let element = Element.element(from: .integer(number)) {
      return Array(repeating: element, count: parameter.listLength ?? 1)
    }
    let value = try frame.value(i)
    if case .list(let items) = value {
      return try items.map { item in
        guard let element = Element.element(from: item) else { throw frame.wrongType(i, parameter) }
        return element
      }
    }
    guard let element = Element.element(from: value), parameter.listLength != nil || parameter.type != "Tensor[]" else { throw frame.wrongType(i, parameter) }
    return Array(repeating: element, count: parameter.listLength ?? 1)
  }
}

/// A type that can stand inside a list argument.
public protocol SchemaElement {
  /// The value as this type, or nil where it is another.
  static func element(from value: Value) -> Self?
  /// Whether it is a class.
  static var isObject: Bool { get }
  /// Whether an object is of this class.
  static func isElement(_ object: AnyObject) -> Bool
}

extension SchemaElement {
  public static var isObject: Bool { false }
  public static func isElement(_ object: AnyObject) -> Bool { false }
}

extension Int: SchemaElement {
  public static func element(from value: Value) -> Int? {
    if case .integer(let i) = value { i } else { nil }
  }
}

extension Double: SchemaElement {
  public static func element(from value: Value) -> Double? {
    switch value {
    case .integer(let i): Double(i)
    case .number(let d): d
    default: nil
    }
  }
}

extension Bool: SchemaElement {
  public static func element(from value: Value) -> Bool? {
    if case .boolean(let b) = value { b } else { nil }
  }
}

extension String: SchemaElement {
  public static func element(from value: Value) -> String? {
    if case .string(let s) = value { s } else { nil }
  }
}

extension Value: SchemaArgument, SchemaElement {
  public static func element(from value: Value) -> Value? { value }
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    frame.kind(i) != .absent || parameter.defaultValue != nil
  }
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Value {
    if frame.kind(i) == .absent {
      switch parameter.defaultValue {
      case .boolean(let b)?: return .boolean(b)
      case .integer(let v)?: return .integer(v)
      case .real(let v)?: return .number(v)
      case .string(let s)?: return .string(s)
      case .list(let l)?: return .list(l.map { parameter.type == "int[]" ? .integer(Int($0)) : .number($0) })
      case .none?: return .none
      case nil: if parameter.isOptional { return .none } else { throw frame.wrongType(i, parameter) }
      }
    }
    return try frame.value(i)
  }
}
