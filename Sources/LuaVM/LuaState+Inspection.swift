import CLua
import CLuaShim

extension LuaState {
  /// The name of a value's type: `__name` of its metatable if that is a string, else what Lua's `type` gives.
  public func typeName(of value: LuaValue) throws(LuaError) -> String {
    if case .string(let name) = try metafield(value, "__name") { return name }
    return value.type.name
  }

  /// The value as `print` shows it; runs `__tostring`. What is not UTF-8 is repaired.
  public func display(_ value: LuaValue) throws(LuaError) -> String {
    String(decoding: try displayBytes(value), as: UTF8.self)
  }

  /// The bytes that `print` writes for the value; runs `__tostring`.
  public func displayBytes(_ value: LuaValue) throws(LuaError) -> [UInt8] {
    try onStack { (L) throws(LuaError) in
      try Stack.push(value, on: L, anchor: anchor)
      try Stack.check(qlua_ptolstring(L, -1), L, anchor)
      return Array(Stack.bytes(at: -1, of: L))
    }
  }

  /// Field `name` of the value's metatable, nil if there is none. Runs no code.
  public func metafield(_ value: LuaValue, _ name: String) throws(LuaError) -> LuaValue {
    try onStack { (L) throws(LuaError) in
      try Stack.push(value, on: L, anchor: anchor)
      try Stack.check(qlua_pgetmetafield(L, -1, name), L, anchor)
      return try Stack.value(at: -1, of: L, anchor: anchor)
    }
  }

  /// Lua's `==` of two values; may run `__eq`.
  public func isEqual(_ left: LuaValue, _ right: LuaValue) throws(LuaError) -> Bool {
    try onStack { (L) throws(LuaError) in
      try Stack.push(left, on: L, anchor: anchor)
      try Stack.push(right, on: L, anchor: anchor)
      var result = false
      try Stack.check(qlua_pcompare(L, -2, -1, LUA_OPEQ, &result), L, anchor)
      return result
    }
  }
}
