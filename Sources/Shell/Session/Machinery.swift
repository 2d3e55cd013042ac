import LuaVM

/// The Swift side of `machineryLua`: its functions, called safely.
final class Machinery {
  private let lua: LuaState
  private let table: LuaReference

  /// Loads the machinery into `lua`; `host` is the table of functions it calls.
  init(_ lua: LuaState, host: LuaReference) throws(LuaError) {
    self.lua = lua
    let chunk = try lua.load(machineryLua, chunkName: "=" + Traceback.machineryName)
    guard let table = try lua.call(chunk, [.reference(host)], results: 1).first?.table else {
      throw LuaError(message: "the shell's own Lua returned no table")
    }
    self.table = table
    for part in [machineryObjectsLua, machineryValuesLua] {
      try lua.call(lua.load(part, chunkName: "=" + Traceback.machineryName), [.reference(table), .reference(host)])
    }
  }

  /// Calls one of the machinery's functions.
  @discardableResult
  func call(_ name: String, _ arguments: [LuaValue] = []) throws(LuaError) -> [LuaValue] {
    try lua.call(lua.rawGet(table, .string(name)), arguments)
  }

  /// The names a path may begin with, of those that begin with `stem`, sorted.
  func names(beginning stem: String = "") -> [String] { list("names", [.string(stem)]).map { String($0.dropFirst()) } }

  /// The strings of a function that joins them with NUL.
  func list(_ name: String, _ arguments: [LuaValue] = []) -> [String] {
    guard let text = (try? call(name, arguments))?.first?.text, !text.isEmpty else { return [] }
    return text.split(separator: "\0", omittingEmptySubsequences: true).map(String.init)
  }
}
