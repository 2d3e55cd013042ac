import CLua
import CLuaShim

/// A Swift function that Lua can call. It pushes its results on the context's stack and returns how many they are. What
/// it throws becomes a Lua error: a `LuaError` raises its value as it is, any other error its message with the position
/// of the calling Lua code.
public typealias LuaCallback = (CallContext) throws -> Int

/// A callback with what its context needs. Owned by the Lua function.
private final class CallbackBox {
  let name: String
  let anchor: StateAnchor
  let body: LuaCallback

  init(name: String, anchor: StateAnchor, body: @escaping LuaCallback) {
    self.name = name
    self.anchor = anchor
    self.body = body
  }

  func call(_ L: OpaquePointer) -> Int32 {
    do {
      let context = CallContext(pointer: L, name: name, argumentCount: Int(lua_gettop(L)), anchor: anchor)
      let count = try body(context)
      if (0...Int(lua_gettop(L))).contains(count) || count == Int(QLUA_OBJECT) { return Int32(count) }
      throw LuaError(message: "'\(name)' returned \(count) values but pushed \(lua_gettop(L))")
    } catch {
      return LuaState.leave(error, on: L, anchor: anchor)
    }
  }
}

extension LuaState {
  /// Makes a Lua function of a Swift one. `name` is for argument errors.
  public func newFunction(_ name: String, _ body: @escaping LuaCallback) throws(LuaError) -> LuaReference {
    try onStack { (L) throws(LuaError) in
      let box = CallbackBox(name: name, anchor: anchor, body: body)
      let status = qlua_pushclosure(
        L,
        { L, context in
          guard let L, let context else { return 0 }
          return Unmanaged<CallbackBox>.fromOpaque(context).takeUnretainedValue().call(L)
        }, Unmanaged.passRetained(box).toOpaque(),
        { context in
          if let context { Unmanaged<CallbackBox>.fromOpaque(context).release() }
        })
      try Stack.check(status, L, anchor)
      return try Stack.reference(at: -1, of: L, type: .function, anchor: anchor)
    }
  }

  /// Makes a Lua function of a Swift one and stores it under `name` in a table, or as a global.
  public func register(
    _ name: String, in table: LuaReference? = nil, _ body: @escaping LuaCallback
  ) throws(LuaError) {
    let function = LuaValue.reference(try newFunction(name, body))
    if let table { try rawSet(table, .string(name), function) } else { try setGlobal(name, function) }
  }

  /// Puts a Swift error on top of the stack of a callback and returns the code by which the callback raises it.
  /// For callbacks that talk to `CLuaShim` directly: `catch { return LuaState.leave(error, on: L) }`.
  public static func leave(_ error: any Error, on L: OpaquePointer) -> Int32 {
    leave(error, on: L, anchor: LuaState.of(L)?.anchor)
  }

  static func leave(_ error: any Error, on L: OpaquePointer, anchor: StateAnchor?) -> Int32 {
    lua_settop(L, 0)  // room, whatever the callback has left there
    switch error {
    case let error as LuaError:
      if let anchor, (try? Stack.push(error.value, on: L, anchor: anchor)) != nil { return QLUA_ERROR }
      _ = qlua_ppushstring(L, error.message)
      return QLUA_ERROR
    case let error as any LuaRaisable: return leave(message: error.luaMessage, on: L)
    default: return leave(message: String(describing: error), on: L)
    }
  }

  private static func leave(message: String, on L: OpaquePointer) -> Int32 {
    var message = message
    let status = message.withUTF8 { qlua_ppushlstring(L, $0.baseAddress, $0.count) }
    // Without memory for the message, that is the error.
    return status == LUA_OK ? QLUA_ERROR_AT : QLUA_ERROR
  }
}
