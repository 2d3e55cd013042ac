import LuaVM

/// The module `drawing` of Lua, on which `stdlib/plot` is built.
public enum DrawingLibrary {
  /// Lets `require "drawing"` find the module: `png(drawing)` gives the bytes of a PNG file.
  public static func open(in lua: LuaState) throws {
    guard let preload = try lua.get(lua.global("package"), "preload").table else { return }
    try lua.register("drawing", in: preload) { context in
      let lua = try context.state
      let module = try lua.newTable()
      try lua.register("png", in: module) { context in
        guard let bytes = try context[1].stringBytes else { throw context.badType(1, "string") }
        var picture = Picture(bytes)
        return try context.results(LuaValue(bytes: picture.png()))
      }
      return try context.results(.reference(module))
    }
  }
}
