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
      try run(script: source, name: path == "-" ? "=stdin" : "@" + path, arguments: arguments, keepsLocals: keepsLocals)
    }
  }

  /// Runs text as a script, `name` its chunk name, as `-e` does.
  @discardableResult
  public func run(code: String, name: String = "=(command line)", arguments: [String] = [], keepsLocals: Bool = false)
    -> RunStatus
  {
    status { () throws(LuaError) in
      try run(script: Array(code.utf8), name: name, arguments: arguments, keepsLocals: keepsLocals)
    }
  }

  /// `require(module)` into a global of its name, as `-l` does.
  @discardableResult
  public func load(module: String) -> RunStatus {
    status { () throws(LuaError) in
      guard let value = try lua.call(lua.global("require"), [.string(module)], results: 1).first else { return }
      try lua.setGlobal(module, value)
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

  /// Runs a file from within a cell: a failure is the cell's.
  func runNested(file path: String, arguments: [String], seesLocals: Bool) throws(LuaError) {
    let before = try lua.rawGet(lua.globals(), "arg")
    try setArguments(script: path, arguments)
    defer { try? setArgumentTable(before) }
    try run(script: FilePath.read(path), name: "@" + path, arguments: arguments, keepsLocals: true, seesLocals: seesLocals)
  }

  private func run(script source: [UInt8], name: String, arguments: [String], keepsLocals: Bool, seesLocals: Bool = false)
    throws(LuaError)
  {
    let outline = outline(source, isFile: true)
    // Magics look at a script's locals, too.
    let captures = self.keepsLocals && (keepsLocals || !outline.magics.isEmpty)
    let chunk = try compile(outline, name: name, purpose: .init(echoes: false, keepsLocals: captures), seesLocals: seesLocals)
    _ = try execute(chunk, arguments: arguments.map { .string($0) })
  }

  /// Runs what standard input holds, cell by cell as it comes in complete lines, and stops at the first failure.
  /// Values are shown, without prompts.
  public func runStandardInput() -> RunStatus {
    var text = ""
    var line = 0
    var first = 1
    func flush() -> RunStatus {
      defer { text = "" }
      if text.allSatisfy(\.isWhitespace) { return .success }
      if text.last?.isNewline == true { text.removeLast() }
      guard case .failure(let report) = run(cell: text, name: "=stdin", line: first) else { return .success }
      return report.isInterrupt ? .interrupted : .failure
    }
    while let next = readLine(strippingNewline: false) {
      line += 1
      if text.isEmpty { first = line }
      text += next
      if isIncomplete(text) { continue }
      let status = flush()
      if status != .success { return status }
    }
    return flush()
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
