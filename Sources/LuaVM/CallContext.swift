import CLua
import CLuaShim
import Glibc

/// What a Swift function that Lua has called sees: its arguments, and the stack its results go to.
public struct CallContext {
  /// The thread that calls: the coroutine's own inside a coroutine.
  public let pointer: OpaquePointer
  /// The name the function was registered by.
  public let name: String
  /// How many arguments were given.
  public let argumentCount: Int
  let anchor: StateAnchor

  /// The state. Use it only as long as the call lasts.
  public var state: LuaState {
    get throws(LuaError) {
      guard let state = LuaState.of(pointer) else { throw LuaError(message: "the Lua state has no host") }
      return state
    }
  }

  /// Argument `index`, from 1; nil beyond the last. Throws only when memory for a reference is short.
  public subscript(index: Int) -> LuaValue {
    get throws(LuaError) {
      guard index >= 1, index <= argumentCount else { return .nil }
      return try Stack.value(at: Int32(index), of: pointer, anchor: anchor)
    }
  }

  /// All arguments.
  public var arguments: [LuaValue] {
    get throws(LuaError) {
      var values: [LuaValue] = []
      for index in 0..<argumentCount { values.append(try self[index + 1]) }
      return values
    }
  }

  /// The type of argument `index`; nil beyond the last.
  public func type(_ index: Int) -> LuaType {
    guard index >= 1, index <= argumentCount else { return .nil }
    return LuaType(rawValue: lua_type(pointer, Int32(index))) ?? .nil
  }

  /// Argument `index` as an integer: an integer or a whole float.
  public func integer(_ index: Int) throws -> Int64 {
    switch try self[index] {
    case .integer(let value): return value
    case .number(let value):
      if let whole = Int64(exactly: value) { return whole }
      throw badArgument(index, "number has no integer representation")
    default: throw badType(index, "number")
    }
  }

  /// Argument `index` as a float.
  public func number(_ index: Int) throws -> Double {
    switch try self[index] {
    case .integer(let value): return Double(value)
    case .number(let value): return value
    default: throw badType(index, "number")
    }
  }

  /// Argument `index` as text; numbers are not converted.
  public func string(_ index: Int) throws -> String {
    guard let text = try self[index].text else { throw badType(index, "string") }
    return text
  }

  /// Argument `index` as a table.
  public func table(_ index: Int) throws -> LuaReference {
    guard let table = try self[index].table else { throw badType(index, "table") }
    return table
  }

  /// Argument `index` as a function.
  public func function(_ index: Int) throws -> LuaReference {
    guard case .reference(let reference) = try self[index], reference.type == .function else {
      throw badType(index, "function")
    }
    return reference
  }

  /// The error Lua's own functions give for an argument of the wrong type.
  public func badType(_ index: Int, _ expected: String) -> any Error {
    guard index <= argumentCount else { return badArgument(index, "\(expected) expected, got no value") }
    let name = (try? state.typeName(of: self[index])) ?? type(index).name
    return badArgument(index, "\(expected) expected, got \(name)")
  }

  /// The error Lua's own functions give for a bad argument.
  public func badArgument(_ index: Int, _ problem: String) -> any Error {
    ArgumentError(luaMessage: "bad argument #\(index) to '\(name)' (\(problem))")
  }

  /// Pushes a value on the stack.
  public func push(_ value: LuaValue) throws(LuaError) {
    try Stack.push(value, on: pointer, anchor: anchor)
  }

  /// Pushes the function's results; `return try context.results(a, b)`.
  public func results(_ values: LuaValue...) throws(LuaError) -> Int { try results(values) }

  /// Pushes the function's results; `return try context.results(values)`.
  public func results(_ values: [LuaValue]) throws(LuaError) -> Int {
    try Stack.reserve(values.count, pointer)
    for value in values { try push(value) }
    return values.count
  }
}

struct ArgumentError: LuaRaisable {
  let luaMessage: String
}
