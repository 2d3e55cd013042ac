import CLua
import CLuaShim

/// What a profile has found of one function.
public struct LuaProfileRow: Sendable {
  /// How often it was called.
  public let calls: Int
  /// How often it was called while no other call of it was under way.
  public let primitiveCalls: Int
  /// Nanoseconds in the function itself.
  public let ownTime: Int
  /// Nanoseconds in the function and all that it called.
  public let totalTime: Int
  /// What its first caller called it; empty where Lua does not know.
  public let name: String
  /// Whether it is a function of Lua rather than of the host or of C.
  public let isLua: Bool
  /// The function; nil for the code that the profile began in.
  public let function: LuaValue
}

extension LuaState {
  /// Begins to count the calls of functions and the time they take. False when that is done already.
  public func beginProfile() -> Bool { qlua_profile_start(current) }

  /// Ends the profile. The first row is the code that it began in.
  public func endProfile() throws(LuaError) -> [LuaProfileRow] {
    let L = current
    qlua_profile_stop(L)
    defer { qlua_profile_drop(L) }
    return try onStack { (L) throws(LuaError) in
      var rows: [LuaProfileRow] = []
      try Stack.reserve(4, L)
      for index in 0..<qlua_profile_count(L) {
        let row = qlua_profile_at(L, index)
        rows.append(
          LuaProfileRow(
            calls: row.calls, primitiveCalls: row.primitive, ownTime: Int(row.own), totalTime: Int(row.total),
            name: String(cString: row.name), isLua: row.is_lua, function: try Stack.value(at: -1, of: L, anchor: anchor)))
        lua_settop(L, -2)
      }
      return rows
    }
  }

  /// Whether errors that end a call leave the functions they went through to be looked at, with all their variables.
  public func setKeepsFrames(_ keeps: Bool) { qlua_keep_frames(current, keeps) }

  /// The functions that the last such error went through, innermost first: a table each with `name`, `source`, `what`,
  /// `line`, `names` and `values` of variables, and `locals`, how many of them are its own. Nil where there is none.
  public func errorFrames() throws(LuaError) -> LuaReference? {
    try onStack { (L) throws(LuaError) in
      qlua_pushframes(L)
      return try Stack.value(at: -1, of: L, anchor: anchor).table
    }
  }
}
