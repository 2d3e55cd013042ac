/// What stands at an argument's place.
public enum ArgumentKind: Sendable {
  /// Not given.
  case absent
  /// Given as `None` (nil).
  case none
  case boolean, integer, number, string, table, function
  /// An object of ours (tensor, module, dtype, …).
  case object
  /// A foreign object.
  case other
}

/// The arguments of one call and the place for its results, in the order of a schema's parameters.
///
/// The language binding overrides it; nothing below the binding knows whose stack it reads.
open class CallFrame {
  public init() {}

  /// The function being called and whether its first argument came before the colon; for argument errors.
  open var callee: (name: String, isMethod: Bool) { ("", false) }

  /// How many arguments there are (absent ones at the end not counted).
  open var count: Int { 0 }
  /// What argument `i` is.
  open func kind(_ i: Int) -> ArgumentKind { .absent }
  /// Argument `i` as an integer; floats with an exact integer value are not taken.
  open func integer(_ i: Int) -> Int? { nil }
  /// Argument `i` as a number.
  open func number(_ i: Int) -> Double? { nil }
  /// Argument `i` as a boolean.
  open func boolean(_ i: Int) -> Bool? { nil }
  /// Argument `i` as text.
  open func string(_ i: Int) -> String? { nil }
  /// Argument `i` as an object of ours.
  open func object(_ i: Int) -> AnyObject? { nil }
  /// Argument `i` as a list of objects of ours and nothing else; nil for all others.
  open func objects(_ i: Int) -> [AnyObject]? { nil }
  /// Argument `i` whole, as a value.
  open func value(_ i: Int) throws -> Value { .none }
  /// The type's name as Python would say it: `int`, `str`, `Tensor`, `list`.
  open func typeName(_ i: Int) -> String { "None" }

  /// Gives a result that is an object of ours.
  open func give(object: __owned AnyObject) throws -> Int { 0 }
  /// Gives any result.
  open func give(_ value: Value) throws -> Int { 0 }
}

/// A value of any type that passes between the language and the library.
public enum Value {
  case none
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  /// An object of ours.
  case object(AnyObject)
  /// A list or an inner tuple.
  case list([Value])
  /// A dictionary, in order.
  case dictionary([(Value, Value)])
  /// Several results of one call (a tuple of fixed length at the top level).
  case tuple([Value])
  /// Something of the language itself (a function, say), held by the binding.
  case foreign(AnyObject)
}
