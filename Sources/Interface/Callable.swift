/// A function of the language, as the library may call it.
public protocol Callable: AnyObject {
  /// Calls it; gives one value, or a tuple of several.
  func call(_ arguments: [Value]) throws -> Value
}

extension Value {
  /// Calls the function or callable object that this is.
  /// - Throws: Python's `TypeError` for what cannot be called.
  public func call(_ arguments: [Value]) throws -> Value {
    switch self {
    case .foreign(let object as any Callable), .object(let object as any Callable): return try object.call(arguments)
    case .none: throw TorchError.type("'NoneType' object is not callable")
    default: throw TorchError.type("object is not callable")
    }
  }
}
