import CLua
import CLuaShim
import Interface
import LuaVM
import NN
import TensorCore
import Torch

/// A Lua value that only Lua understands (a function, a coroutine, a foreign userdata), held for the time of a call.
final class LuaHandle: Callable {
  fileprivate let reference: Int32
  // A module or a tensor that holds this may go after the state.
  private weak var state: LuaState?
  private unowned let binding: Binding

  init(_ binding: Binding, _ L: OpaquePointer, _ index: Int32) throws {
    self.binding = binding
    lua_pushvalue(L, index)
    var slot: Int32 = 0
    try binding.check(qlua_pref(L, &slot), L)
    reference = slot
    state = binding.state
  }

  /// Pushes the value. Stack: -0 +1.
  func push(on L: OpaquePointer) { qlua_getref(L, reference) }

  func call(_ arguments: [Value]) throws -> Value {
    let L = binding.current
    if !qlua_checkstack(L, 16) { throw TorchError.runtime("stack overflow") }
    let top = lua_gettop(L)
    defer { lua_settop(L, top) }
    push(on: L)
    return try binding.callTop(L, arguments)
  }

  deinit {
    if let state, !state.isClosed { qlua_unref(state.pointer, reference) }
  }
}

extension Binding {
  /// The Lua value at an index as a value of the library. Tables with only the keys 1…n are lists, others dictionaries.
  func value(_ L: OpaquePointer, _ index: Int32, depth: Int = 0) throws -> Value {
    switch lua_type(L, index) {
    case LUA_TNIL, LUA_TNONE: return .none
    case LUA_TBOOLEAN: return .boolean(lua_toboolean(L, index) != 0)
    case LUA_TNUMBER:
      return lua_isinteger(L, index) != 0 ? .integer(Int(lua_tointegerx(L, index, nil))) : .number(lua_tonumberx(L, index, nil))
    case LUA_TSTRING: return .string(text(L, index) ?? "")
    case LUA_TTABLE:
      if depth > 200 { throw TorchError.value("tables are nested too deeply (a table that contains itself?)") }
      return try table(L, lua_absindex(L, index), depth)
    case LUA_TUSERDATA:
      guard let object = object(L, index) else { return .foreign(try LuaHandle(self, L, index)) }
      if let size = object as? TorchSize { return .list(size.dims.map { .integer($0) }) }
      return .object(object)
    default: return .foreign(try LuaHandle(self, L, index))
    }
  }

  private func table(_ L: OpaquePointer, _ index: Int32, _ depth: Int) throws -> Value {
    if !qlua_checkstack(L, 8) { throw TorchError.runtime("stack overflow") }
    let n = Int(lua_rawlen(L, index))
    var pairs = 0
    var last = n
    var hasOther = false
    lua_pushnil(L)
    while lua_next(L, index) != 0 {
      qlua_pop(L, 1)
      pairs += 1
      if lua_isinteger(L, -1) == 0 { hasOther = true } else { last = max(last, Int(lua_tointegerx(L, -1, nil))) }
    }
    if !hasOther && (pairs == n || n > 0) {
      return .list(
        // Behind nil in the middle there may be more, as in {2, nil, 3}.
        try (0..<(last - n <= 8 ? last : n)).map { i in
          lua_rawgeti(L, index, Int64(i + 1))
          defer { qlua_pop(L, 1) }
          return try value(L, -1, depth: depth + 1)
        })
    }
    var entries: [(Value, Value)] = []
    lua_pushnil(L)
    while lua_next(L, index) != 0 {
      defer { qlua_pop(L, 1) }
      entries.append((try value(L, -2, depth: depth + 1), try value(L, -1, depth: depth + 1)))
    }
    return .dictionary(entries)
  }

  /// Pushes a value of the library. Stack: -0 +1.
  func push(_ value: Value, on L: OpaquePointer) throws {
    if !qlua_checkstack(L, 8) { throw TorchError.runtime("stack overflow") }
    switch value {
    case .none: lua_pushnil(L)
    case .boolean(let b): lua_pushboolean(L, b ? 1 : 0)
    case .integer(let i): lua_pushinteger(L, Int64(i))
    case .number(let d): lua_pushnumber(L, d)
    case .string(let s): try push(text: s, on: L)
    case .object(let object): try push(object: object, on: L)
    case .list(let items), .tuple(let items):
      try check(qlua_pcreatetable(L, Int32(clamping: items.count), 0), L)
      for (i, item) in items.enumerated() {
        try push(item, on: L)
        try check(qlua_prawseti(L, -2, Int64(i + 1)), L)
      }
    case .dictionary(let entries):
      try check(qlua_pcreatetable(L, 0, Int32(clamping: entries.count)), L)
      for (key, item) in entries {
        try push(key, on: L)
        try push(item, on: L)
        try check(qlua_prawset(L, -3), L)
      }
    case .foreign(let handle):
      if let handle = handle as? LuaHandle { handle.push(on: L) } else { lua_pushnil(L) }
    }
  }

  /// Pushes a string. Stack: -0 +1.
  func push(text: String, on L: OpaquePointer) throws {
    var text = text
    try check(text.withUTF8 { qlua_ppushlstring(L, $0.baseAddress, $0.count) }, L)
  }

  /// Calls the Lua function under `arguments.count` values with them. Stack: -1 +0.
  /// Gives its results: one value, or a tuple of several.
  func callTop(_ L: OpaquePointer, _ arguments: [Value]) throws -> Value {
    let function = lua_gettop(L)
    for argument in arguments { try push(argument, on: L) }
    try check(qlua_pcall_quiet(L, Int32(arguments.count), -1), L)
    let count = lua_gettop(L) - function + 1
    defer { lua_settop(L, function - 1) }
    if count == 0 { return .none }
    if count == 1 { return try value(L, function) }
    return .tuple(try (0..<count).map { try value(L, function + $0) })
  }
}
