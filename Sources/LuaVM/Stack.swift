import CLua
import CLuaShim

/// Moving values between Swift and the stack of a Lua thread.
enum Stack {
  /// Throws the error on top of the stack, popping it, unless the status is LUA_OK.
  @inline(__always)
  static func check(_ status: Int32, _ L: OpaquePointer, _ anchor: StateAnchor) throws(LuaError) {
    if status != LUA_OK { throw LuaError.take(from: L, status: status, anchor: anchor) }
  }

  /// Makes room for `count` more values.
  static func reserve(_ count: Int, _ L: OpaquePointer) throws(LuaError) {
    if count > 1_000_000 || !qlua_checkstack(L, Int32(count)) { throw LuaError(message: "stack overflow") }
  }

  /// Pushes a value. Stack: -0 +1.
  static func push(_ value: LuaValue, on L: OpaquePointer, anchor: StateAnchor) throws(LuaError) {
    try reserve(1, L)
    switch value {
    case .nil: lua_pushnil(L)
    case .boolean(let value): lua_pushboolean(L, value ? 1 : 0)
    case .integer(let value): lua_pushinteger(L, value)
    case .number(let value): lua_pushnumber(L, value)
    case .string(let text): try push(text, on: L, anchor: anchor)
    case .bytes(let bytes):
      let status = bytes.withUnsafeBytes { qlua_ppushlstring(L, $0.baseAddress, $0.count) }
      try check(status, L, anchor)
    case .reference(let reference):
      guard reference.anchor === anchor else {
        throw LuaError(message: "attempt to use a value of another Lua state")
      }
      qlua_getref(L, reference.index)
    }
  }

  /// Pushes a string. Stack: -0 +1.
  static func push(_ text: String, on L: OpaquePointer, anchor: StateAnchor) throws(LuaError) {
    var text = text
    let status = text.withUTF8 { qlua_ppushlstring(L, $0.baseAddress, $0.count) }
    try check(status, L, anchor)
  }

  /// The value at an index; a reference where Lua must keep it. Stack: -0 +0.
  static func value(at index: Int32, of L: OpaquePointer, anchor: StateAnchor) throws(LuaError) -> LuaValue {
    switch lua_type(L, index) {
    case LUA_TBOOLEAN: return .boolean(lua_toboolean(L, index) != 0)
    case LUA_TNUMBER:
      return lua_isinteger(L, index) != 0
        ? .integer(lua_tointegerx(L, index, nil)) : .number(lua_tonumberx(L, index, nil))
    case LUA_TSTRING: return LuaValue(bytes: bytes(at: index, of: L))
    case let type:
      guard let type = LuaType(rawValue: type), type != .nil else { return .nil }
      return .reference(try reference(at: index, of: L, type: type, anchor: anchor))
    }
  }

  /// A reference to the value at an index. Stack: -0 +0.
  static func reference(
    at index: Int32, of L: OpaquePointer, type: LuaType, anchor: StateAnchor
  ) throws(LuaError) -> LuaReference {
    try reserve(1, L)
    let address = lua_topointer(L, index)
    lua_pushvalue(L, index)
    var slot: Int32 = 0
    try check(qlua_pref(L, &slot), L, anchor)
    return LuaReference(anchor: anchor, index: slot, type: type, address: address)
  }

  /// The bytes of the string at an index, good while it stays on the stack; empty for other types.
  static func bytes(at index: Int32, of L: OpaquePointer) -> UnsafeBufferPointer<UInt8> {
    var length = 0
    let start = UnsafeRawPointer(qlua_tobytes(L, index, &length))
    return UnsafeBufferPointer(start: start?.assumingMemoryBound(to: UInt8.self), count: length)
  }

  /// The text of the string at an index, repaired where it is not UTF-8.
  static func text(at index: Int32, of L: OpaquePointer) -> String {
    String(decoding: bytes(at: index, of: L), as: UTF8.self)
  }
}
