/// A Python value as a pickle describes it: data only, nothing is imported or called.
///
/// Numbers, strings and the like are values; containers are objects shared by reference, as in Python, so that a tensor or a list
/// that occurs twice in a file is one object here and is written once.
public enum PickleValue {
  /// `None`.
  case none
  /// `True` or `False`.
  case boolean(Bool)
  /// An `int` of at most 64 bits.
  case integer(Int64)
  /// An `int` beyond 64 bits.
  case bigInteger(PickleBigInteger)
  /// A `float`.
  case float(Double)
  /// A `str`. When writing, equal strings are one Python object, as literals are: the second is a reference to the first.
  case string(String)
  /// A `str` that is an object of its own, as `prefix + name` makes one: written in full though an equal one was written before, and
  /// as a reference where the same object was. Reading never gives it.
  case distinctString(PickleString)
  /// `bytes`.
  case bytes([UInt8])
  /// A `list`.
  case list(PickleList)
  /// A `tuple`.
  case tuple(PickleTuple)
  /// A `dict`.
  case dictionary(PickleDictionary)
  /// A `set` or `frozenset`.
  case set(PickleSet)
  /// A class or function, by name only. Boxed, so that a value takes 16 bytes.
  indirect case global(PickleGlobal)
  /// What a callable would return for some arguments, with the state and items added to it afterwards.
  case object(PickleObject)
  /// Something kept outside the pickle, known by its id: for PyTorch, a storage.
  case persistent(PicklePersistent)
}

/// A class or function that a pickle names.
public struct PickleGlobal: Hashable, Sendable, CustomStringConvertible {
  /// The module in its Python 3 name, `builtins` rather than `__builtin__`.
  public let module: String
  /// The qualified name inside the module.
  public let name: String

  /// The class or function `name` of `module`.
  public init(_ module: String, _ name: String) {
    self.module = module
    self.name = name
  }

  /// `module.name`.
  public var description: String { "\(module).\(name)" }
}

/// A `str` with an identity: a string that Python computed rather than read from its source.
public final class PickleString: Sendable {
  /// The characters.
  public let text: String

  /// A string equal to others but the same as none.
  public init(_ text: String) { self.text = text }
}

extension PickleValue {
  /// A new list.
  public static func list(_ elements: [PickleValue]) -> PickleValue { .list(PickleList(elements)) }

  /// A new tuple.
  public static func tuple(_ elements: [PickleValue]) -> PickleValue { .tuple(PickleTuple(elements)) }

  /// A new dict with string keys, in the given order; of equal keys the last value counts.
  public static func dictionary(_ items: KeyValuePairs<String, PickleValue>) -> PickleValue {
    let dictionary = PickleDictionary()
    for (key, value) in items { dictionary.items[PickleKey(key)] = value }
    return .dictionary(dictionary)
  }

  /// A class or function.
  public static func global(_ module: String, _ name: String) -> PickleValue { .global(PickleGlobal(module, name)) }

  /// The result of calling `callable`, as `__reduce__` describes it.
  public static func reduce(_ callable: PickleGlobal, _ arguments: [PickleValue]) -> PickleValue {
    .object(PickleObject(callable, arguments))
  }

  /// The text of a string, else nil.
  public var stringValue: String? {
    switch self {
    case .string(let text): text
    case .distinctString(let string): string.text
    default: nil
    }
  }

  /// The number of an integer that fits 64 bits, else nil. A boolean is none.
  public var integerValue: Int64? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The elements of a list or tuple, else nil.
  public var sequenceElements: [PickleValue]? {
    switch self {
    case .list(let list): list.elements
    case .tuple(let tuple): tuple.elements
    default: nil
    }
  }

  /// The Python type's name, for messages.
  public var typeName: String {
    switch self {
    case .none: "NoneType"
    case .boolean: "bool"
    case .integer, .bigInteger: "int"
    case .float: "float"
    case .string, .distinctString: "str"
    case .bytes: "bytes"
    case .list: "list"
    case .tuple: "tuple"
    case .dictionary: "dict"
    case .set(let set): set.isFrozen ? "frozenset" : "set"
    case .global: "type"
    case .object(let object): object.callable.description
    case .persistent: "persistent id"
    }
  }

  /// The container inside, where there is one.
  var node: PickleNode? {
    switch self {
    case .list(let node): node
    case .tuple(let node): node
    case .dictionary(let node): node
    case .set(let node): node
    case .object(let node): node
    case .persistent(let node): node
    case .none, .boolean, .integer, .bigInteger, .float, .string, .distinctString, .bytes, .global: nil
    }
  }
}
