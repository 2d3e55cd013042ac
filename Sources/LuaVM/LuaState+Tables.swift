import CLua
import CLuaShim

extension LuaState {
  /// Runs `body` on the current stack, which is put back to its height afterwards.
  func onStack<Result>(_ body: (OpaquePointer) throws(LuaError) -> Result) throws(LuaError) -> Result {
    let L = current
    let top = lua_gettop(L)
    defer { lua_settop(L, top) }
    return try body(L)
  }

  private func push(_ values: LuaValue..., on L: OpaquePointer) throws(LuaError) {
    for value in values { try Stack.push(value, on: L, anchor: anchor) }
  }

  private func top(_ L: OpaquePointer) throws(LuaError) -> LuaValue {
    try Stack.value(at: -1, of: L, anchor: anchor)
  }

  /// The table of globals.
  public func globals() throws(LuaError) -> LuaReference {
    try onStack { (L) throws(LuaError) in
      try Stack.reserve(1, L)
      lua_rawgeti(L, qlua_registryindex(), lua_Integer(LUA_RIDX_GLOBALS))
      return try Stack.reference(at: -1, of: L, type: .table, anchor: anchor)
    }
  }

  /// The registry, where Lua code does not look.
  public func registry() throws(LuaError) -> LuaReference {
    try onStack { (L) throws(LuaError) in
      try Stack.reference(at: qlua_registryindex(), of: L, type: .table, anchor: anchor)
    }
  }

  /// A new table with room for the given counts.
  public func newTable(array: Int = 0, record: Int = 0) throws(LuaError) -> LuaReference {
    try onStack { (L) throws(LuaError) in
      try Stack.check(qlua_pcreatetable(L, Int32(clamping: array), Int32(clamping: record)), L, anchor)
      return try Stack.reference(at: -1, of: L, type: .table, anchor: anchor)
    }
  }

  /// The global `name`; may run `__index` of the globals.
  public func global(_ name: String) throws(LuaError) -> LuaValue {
    try get(.reference(globals()), .string(name))
  }

  /// Sets the global `name`; may run `__newindex` of the globals.
  public func setGlobal(_ name: String, _ value: LuaValue) throws(LuaError) {
    try set(.reference(globals()), .string(name), value)
  }

  /// `object[key]`; may run `__index`.
  public func get(_ object: LuaValue, _ key: LuaValue) throws(LuaError) -> LuaValue {
    try onStack { (L) throws(LuaError) in
      try push(object, key, on: L)
      try Stack.check(qlua_pgettable(L, -2), L, anchor)
      return try top(L)
    }
  }

  /// `object[key] = value`; may run `__newindex`.
  public func set(_ object: LuaValue, _ key: LuaValue, _ value: LuaValue) throws(LuaError) {
    try onStack { (L) throws(LuaError) in
      try push(object, key, value, on: L)
      try Stack.check(qlua_psettable(L, -3), L, anchor)
    }
  }

  /// `rawget(table, key)`.
  public func rawGet(_ table: LuaReference, _ key: LuaValue) throws(LuaError) -> LuaValue {
    try onStack { (L) throws(LuaError) in
      try push(.reference(table), key, on: L)
      try Stack.check(qlua_prawget(L, -2), L, anchor)
      return try top(L)
    }
  }

  /// `rawset(table, key, value)`.
  public func rawSet(_ table: LuaReference, _ key: LuaValue, _ value: LuaValue) throws(LuaError) {
    try onStack { (L) throws(LuaError) in
      try push(.reference(table), key, value, on: L)
      try Stack.check(qlua_prawset(L, -3), L, anchor)
    }
  }

  /// `rawlen(value)` of a table, string or userdata; 0 for other types.
  public func rawLength(_ value: LuaValue) throws(LuaError) -> Int {
    try onStack { (L) throws(LuaError) in
      try push(value, on: L)
      return Int(clamping: lua_rawlen(L, -1))
    }
  }

  /// `#value`; may run `__len`.
  public func length(_ value: LuaValue) throws(LuaError) -> LuaValue {
    try onStack { (L) throws(LuaError) in
      try push(value, on: L)
      try Stack.check(qlua_plen(L, -1), L, anchor)
      return try top(L)
    }
  }

  /// The first `limit` pairs of a table, without metamethods, in Lua's own order.
  public func rawPairs(
    _ table: LuaReference, limit: Int = .max
  ) throws(LuaError) -> [(key: LuaValue, value: LuaValue)] {
    var pairs: [(key: LuaValue, value: LuaValue)] = []
    try walk(table) { (L) throws(LuaError) in
      guard pairs.count < limit else { return false }
      let key = try Stack.value(at: -2, of: L, anchor: anchor)
      pairs.append((key, try top(L)))
      return true
    }
    return pairs
  }

  /// The keys of a table that are strings, without metamethods, in Lua's own order. Costs no references.
  public func rawStringKeys(_ table: LuaReference) throws(LuaError) -> [String] {
    var keys: [String] = []
    try walk(table) { (L) throws(LuaError) in
      if lua_type(L, -2) == LUA_TSTRING { keys.append(Stack.text(at: -2, of: L)) }
      return true
    }
    return keys
  }

  /// Calls `body` with each key and value on top of the stack until it returns false.
  private func walk(
    _ table: LuaReference, _ body: (OpaquePointer) throws(LuaError) -> Bool
  ) throws(LuaError) {
    try onStack { (L) throws(LuaError) in
      try push(.reference(table), .nil, on: L)
      let index = lua_gettop(L) - 1
      var more = false
      while true {
        try Stack.check(qlua_pnext(L, index, &more), L, anchor)
        guard more, try body(L) else { return }
        lua_settop(L, index + 1)
      }
    }
  }

  /// The metatable of a value without regard to `__metatable`; nil if it has none.
  public func metatable(of value: LuaValue) throws(LuaError) -> LuaReference? {
    try onStack { (L) throws(LuaError) in
      try push(value, on: L)
      try Stack.reserve(1, L)
      guard lua_getmetatable(L, -1) != 0 else { return nil }
      return try Stack.reference(at: -1, of: L, type: .table, anchor: anchor)
    }
  }

  /// Sets the metatable of a table or userdata; nil takes it away.
  public func setMetatable(of value: LuaReference, to metatable: LuaReference?) throws(LuaError) {
    guard value.type == .table || value.type == .userdata, metatable == nil || metatable?.type == .table else {
      throw LuaError(message: "a metatable must be a table, and its owner a table or userdata")
    }
    try onStack { (L) throws(LuaError) in
      try push(.reference(value), metatable.map { .reference($0) } ?? .nil, on: L)
      lua_setmetatable(L, -2)
    }
  }
}
