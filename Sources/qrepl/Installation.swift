import Drawing
import Glibc
import LuaVM

/// Where the program finds what is installed with it.
enum Installation {
  /// The folder with `stdlib/` and `tutorials/`: `QREPL_HOME`, else `share/qrepl` beside the program's `bin`.
  static var home: String? {
    if let value = getenv("QREPL_HOME") { return String(cString: value) }
    guard let program = realpath("/proc/self/exe", nil) else { return nil }
    defer { free(program) }
    let parts = String(cString: program).split(separator: "/")
    return "/" + (parts.dropLast(2) + ["share", "qrepl"]).joined(separator: "/")
  }

  /// Lets `require` find the Lua library that comes with the program: after what `LUA_PATH` names and before where Lua looks
  /// anyway, or with `last` after everything else.
  static func addStandardLibrary(to lua: LuaState, last: Bool = false) throws {
    try DrawingLibrary.open(in: lua)
    guard let home else { return }
    let package = try lua.global("package")
    let path = try lua.get(package, "path").text ?? ""
    let own = "\(home)/stdlib/?.lua;\(home)/stdlib/?/init.lua"
    guard !last, let usual = path.firstRange(of: LuaState.defaultPath) else {
      return try lua.set(package, "path", .string("\(path);\(own)"))
    }
    try lua.set(package, "path", .string("\(path[..<usual.lowerBound])\(own);\(path[usual.lowerBound...])"))
  }
}
