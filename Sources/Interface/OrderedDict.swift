import OrderedCollections

/// A dictionary key as Python's `str`, `int`, `float` or `bool`.
public enum Key: Hashable, Sendable {
  case string(String)
  case integer(Int)
  case number(Double)
  case boolean(Bool)

  /// The key as a value.
  public var asValue: Value {
    switch self {
    case .string(let s): .string(s)
    case .integer(let i): .integer(i)
    case .number(let d): .number(d)
    case .boolean(let b): .boolean(b)
    }
  }

  /// The value as a key; nil where it cannot be one.
  public init?(_ value: Value) {
    switch value {
    case .string(let s): self = .string(s)
    case .integer(let i): self = .integer(i)
    case .number(let d): self = .number(d)
    case .boolean(let b): self = .boolean(b)
    default: return nil
    }
  }
}

/// A dictionary that keeps its order and is shared by reference: Python's `OrderedDict`, what `state_dict` gives.
public final class OrderedDict {
  /// The entries, in order.
  public var entries: OrderedDictionary<Key, Value>
  /// What Python sets on the dictionary object itself (`_metadata` of a state dict).
  public var attributes: OrderedDictionary<String, Value> = [:]

  /// A dictionary with these entries.
  public init(_ entries: OrderedDictionary<Key, Value> = [:]) { self.entries = entries }

  /// The value under a text key.
  public subscript(key: String) -> Value? {
    get { entries[.string(key)] }
    set { entries[.string(key)] = newValue }
  }
}

/// Something to be walked once, as a Python iterator: each step gives one or more values, nil at the end.
public final class ValueIterator {
  private let step: () throws -> [Value]?
  /// An iterator that calls `step` for each row.
  public init(_ step: @escaping () throws -> [Value]?) { self.step = step }

  /// An iterator over rows already made.
  public convenience init(rows: [[Value]]) {
    var rest = rows[...]
    self.init { rest.popFirst() }
  }

  /// The next step's values; nil at the end.
  public func next() throws -> [Value]? { try step() }
}

extension OrderedDict: SchemaResult {
  public func give(to frame: CallFrame) throws -> Int { try frame.give(object: self) }
}
extension ValueIterator: SchemaResult {
  public func give(to frame: CallFrame) throws -> Int { try frame.give(object: self) }
}
