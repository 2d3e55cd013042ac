import CLua
import CLuaShim

extension LuaState {
  /// Compiles source text to a function. `chunkName` as Lua's `load` takes it: "@file", "=name", or the text itself.
  /// Throws a syntax error; its `isIncomplete` tells whether more text could mend it. Bytecode is refused.
  public func load(_ source: String, chunkName: String) throws(LuaError) -> LuaReference {
    var source = source
    return try load(chunkName) { (L) in source.withUTF8 { qlua_pload(L, $0.baseAddress, $0.count, chunkName) } }
  }

  /// `load` for text that need not be UTF-8.
  public func load(bytes: [UInt8], chunkName: String) throws(LuaError) -> LuaReference {
    try load(chunkName) { (L) in
      bytes.withUnsafeBytes { qlua_pload(L, $0.baseAddress, $0.count, chunkName) }
    }
  }

  private func load(_ name: String, _ compile: (OpaquePointer) -> Int32) throws(LuaError) -> LuaReference {
    let L = current
    try Stack.check(compile(L), L, anchor)
    defer { lua_settop(L, -2) }
    return try Stack.reference(at: -1, of: L, type: .function, anchor: anchor)
  }

  /// Calls a function (or anything with `__call`). Returns its first `results` values, or all of them when `results` is
  /// nil. What it raises is thrown with the Lua traceback of the place.
  @discardableResult
  public func call(
    _ function: LuaReference, _ arguments: [LuaValue] = [], results: Int? = nil
  ) throws(LuaError) -> [LuaValue] {
    try call(.reference(function), arguments, results: results)
  }

  /// `call` for any value; one that cannot be called is Lua's error.
  @discardableResult
  public func call(
    _ function: LuaValue, _ arguments: [LuaValue] = [], results: Int? = nil
  ) throws(LuaError) -> [LuaValue] {
    let L = current
    let base = lua_gettop(L)
    defer { lua_settop(L, base) }
    try Stack.reserve(arguments.count + 8, L)
    try Stack.push(function, on: L, anchor: anchor)
    for argument in arguments { try Stack.push(argument, on: L, anchor: anchor) }
    if let results { try Stack.reserve(results, L) }
    let wanted = results.map { Int32(clamping: max($0, 0)) } ?? LUA_MULTRET
    let status = qlua_pcall(L, Int32(arguments.count), wanted)
    if status != LUA_OK {
      qlua_pushtraceback(L)
      let traceback = lua_type(L, -1) == LUA_TSTRING ? Stack.text(at: -1, of: L) : nil
      lua_settop(L, -2)
      throw LuaError.take(from: L, status: status, anchor: anchor, traceback: traceback)
    }
    var values: [LuaValue] = []
    let top = lua_gettop(L)
    values.reserveCapacity(Int(top - base))
    var index = base + 1
    while index <= top {
      values.append(try Stack.value(at: index, of: L, anchor: anchor))
      index += 1
    }
    return values
  }

  /// Compiles and calls source text.
  @discardableResult
  public func run(_ source: String, chunkName: String = "=run") throws(LuaError) -> [LuaValue] {
    try call(load(source, chunkName: chunkName))
  }

  /// Lua's traceback of the place where the running code stands, without the functions nearest to it up to `level`.
  public func traceback(level: Int = 0) throws(LuaError) -> String {
    let L = current
    try Stack.check(qlua_ptraceback(L, Int32(clamping: level)), L, anchor)
    defer { lua_settop(L, -2) }
    return Stack.text(at: -1, of: L)
  }
}
