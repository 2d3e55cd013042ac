import LuaVM
import Notebook

/// The status a program ends with.
public enum RunStatus: Int32, Sendable {
  /// All went well.
  case success = 0
  /// A Lua error.
  case failure = 1
  /// A mistake on the command line.
  case usage = 64
  /// Ended by SIGINT.
  case interrupted = 130
}

extension Session {
  /// Runs a file as a script: `-` is standard input. Its locals end with it, unless `keepsLocals`. What goes wrong is
  /// shown on the display.
  @discardableResult
  public func run(file path: String, arguments: [String] = [], keepsLocals: Bool = false) -> RunStatus {
    status { () throws(LuaError) in
      let source = try FilePath.read(path)
      try run(
        script: source, name: path == "-" ? "=stdin" : "@" + path, arguments: arguments.map { .string($0) }, keepsLocals: keepsLocals)
    }
  }

  /// Runs the file at `path` with what the global `arg` holds from 1 on as its arguments, as `lua` runs its script.
  public func run(script path: String, keepsLocals: Bool = false) -> RunStatus {
    status { () throws(LuaError) in
      guard let table = try lua.global("arg").table else { throw LuaError(message: "'arg' is not a table") }
      var arguments: [LuaValue] = []
      while case let value = try lua.rawGet(table, .integer(Int64(arguments.count + 1))), !value.isNil { arguments.append(value) }
      try run(
        script: FilePath.read(path), name: path == "-" ? "=stdin" : "@" + path, arguments: arguments, keepsLocals: keepsLocals)
    }
  }

  /// Runs what `LUA_INIT_5_4`, else `LUA_INIT` holds: a file's name after `@`, or Lua.
  public func runEnvironmentInit() -> RunStatus {
    for name in ["LUA_INIT_5_4", "LUA_INIT"] {
      guard let text = Environment.value(name) else { continue }
      return text.hasPrefix("@") ? run(file: String(text.dropFirst())) : run(code: text, name: "=" + name)
    }
    return .success
  }

  /// Runs text as a script, `name` its chunk name, as `-e` does.
  @discardableResult
  public func run(code: String, name: String = "=(command line)", arguments: [String] = [], keepsLocals: Bool = false)
    -> RunStatus
  {
    status { () throws(LuaError) in
      try run(script: Array(code.utf8), name: name, arguments: arguments.map { .string($0) }, keepsLocals: keepsLocals)
    }
  }

  /// `require(module)` into a global of its name, or for `name=module` into that of `name`, as `-l` does.
  @discardableResult
  public func load(module: String) -> RunStatus {
    let parts = module.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    // The part of a module's name after a hyphen is its version.
    let name = parts.count == 2 ? parts[0] : String(module.prefix { $0 != "-" })
    return status { () throws(LuaError) in
      guard let value = try lua.call(lua.global("require"), [.string(parts[parts.count - 1])], results: 1).first else { return }
      try lua.setGlobal(name, value)
    }
  }

  /// Sets the global `arg`: the script at 0, its arguments from 1, what stands before the script below 0.
  public func setArguments(script: String?, _ arguments: [String], before: [String] = []) throws(LuaError) {
    let table = try lua.newTable()
    if let script { try lua.rawSet(table, .integer(0), .string(script)) }
    for (index, argument) in arguments.enumerated() { try lua.rawSet(table, .integer(Int64(index + 1)), .string(argument)) }
    for (index, word) in before.reversed().enumerated() {
      try lua.rawSet(table, .integer(Int64(-1 - index + (script == nil ? 1 : 0))), .string(word))
    }
    try setArgumentTable(.reference(table))
  }

  /// Sets the global `arg`, which is not the user's own.
  private func setArgumentTable(_ table: LuaValue) throws(LuaError) {
    try lua.rawSet(lua.globals(), "arg", table)
    try machinery.call("hide", ["arg"])
  }

  /// Runs a cell's text from within a cell, which is not counted as one: shows its value; a failure is the outer cell's.
  func runNested(code: String, name: String) throws(LuaError) {
    let chunk = try compile(outline(Array(code.utf8), isFile: false), name: name, purpose: .init(echoes: true, keepsLocals: keepsLocals))
    let values = try execute(chunk)
    guard !chunk.isSilenced, let text = try machinery.call("display", values).first?.text else { return }
    display.show(text, number: nil)
  }

  /// Runs a file from within a cell: a failure is the cell's.
  func runNested(file path: String, arguments: [String], seesLocals: Bool) throws(LuaError) {
    let before = try lua.rawGet(lua.globals(), "arg")
    try setArguments(script: path, arguments)
    defer { try? setArgumentTable(before) }
    let values = arguments.map { LuaValue.string($0) }
    try run(script: FilePath.read(path), name: "@" + path, arguments: values, keepsLocals: true, seesLocals: seesLocals)
  }

  private func run(script source: [UInt8], name: String, arguments: [LuaValue], keepsLocals: Bool, seesLocals: Bool = false)
    throws(LuaError)
  {
    let outline = outline(source, isFile: true)
    // Magics look at a script's locals, too.
    let captures = self.keepsLocals && (keepsLocals || !outline.magics.isEmpty)
    let chunk = try compile(outline, name: name, purpose: .init(echoes: false, keepsLocals: captures), seesLocals: seesLocals)
    _ = try execute(chunk, arguments: arguments)
  }

  /// Runs what standard input holds, cell by cell as it comes in complete lines, and stops at the first failure.
  /// Values are shown, without prompts. What a cell reads from standard input are the lines that follow it.
  public func runStandardInput() -> RunStatus {
    let input = InputLines()
    var cell = CellAssembly(session: self)
    var place = LinePlace(1, of: "stdin")
    // The lines under the place's name.
    var lines: [UInt8] = []
    var number = 0
    while true {
      let line = input.next()
      if line == nil, LuaInterrupt.isRequested {
        LuaInterrupt.clear()
        return .interrupted
      }
      if let line {
        number += 1
        if cell.source.isEmpty {
          let name = place.chunkName
          place = LinePlace(number, of: "stdin")
          if place.chunkName != name { lines = [UInt8](repeating: UInt8(ascii: "\n"), count: place.line - 1) }
        }
        lines += line
        if !cell.add(line) { continue }
      }
      let text = cell.take()
      if !text.isEmpty, case .failure(let report) = run(cell: text, name: place.chunkName, line: place.line, of: lines) {
        return report.isInterrupt ? .interrupted : .failure
      }
      if line == nil { return .success }
    }
  }

  /// Runs `$XDG_CONFIG_HOME/qrepl/init.lua` if there is one. What it makes does not count as the user's own.
  @discardableResult
  public func runInitFile() -> RunStatus {
    guard let folder = StandardFolder.path("XDG_CONFIG_HOME", fallback: ".config") else { return .success }
    let path = folder + "/qrepl/init.lua"
    guard FilePath.exists(path) else { return .success }
    let status = run(file: path, keepsLocals: true)
    try? settle()
    return status
  }

  private func status(_ body: () throws(LuaError) -> Void) -> RunStatus {
    do throws(LuaError) {
      try body()
      return .success
    } catch {
      let report = report(error)
      display.report(report)
      return report.isInterrupt ? .interrupted : .failure
    }
  }
}
