import ArgumentParser
import Glibc
import LuaTorch
import LuaVM
import Shell
import Terminal

/// The program: reads the command line, opens the library, and hands over to a script, standard input or the prompt.
@main
struct QRepl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "qrepl", abstract: "Prune, constrain and quantize neural networks from Lua, without Python.",
    discussion: "Without a file, qrepl reads cells at a prompt, or runs what standard input holds.", version: version)

  static let version = "0.1.0"

  @Option(name: .customShort("e"), help: ArgumentHelp("Run a piece of Lua.", valueName: "code"))
  var code: [String] = []
  @Option(name: .customShort("l"), help: ArgumentHelp("Require a module into a global of its name.", valueName: "module"))
  var modules: [String] = []
  @Flag(name: .customShort("i"), help: "Go on at the prompt after the file or the code.")
  var interactive = false
  @Flag(name: .customShort("v"), help: "Show the version first.")
  var showsVersion = false
  @Flag(name: .customShort("W"), help: "Turn warnings on.")
  var warns = false
  @Option(help: "Colours: auto, always or never.")
  var color: ColorChoice = .auto
  @Flag(help: "Stock Lua: no magics, and locals end with their cell.")
  var plain = false
  @Flag(name: .customLong("no-history"), help: "Keep no history file.")
  var withoutHistory = false
  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("A script (- is standard input) and its arguments.", valueName: "file"))
  var script: [String] = []

  func validate() throws {
    // What begins with a dash and is no option was taken for the script.
    switch script.first {
    case "--help"?, "-h"?: throw CleanExit.helpRequest(self)
    case "--version"?: throw CleanExit.message("qrepl \(Self.version)")
    case let first? where first.hasPrefix("-") && first != "-": throw ValidationError("Unknown option '\(first)'")
    default: break
    }
  }

  func run() throws {
    if showsVersion { StandardStream.output.write("qrepl \(Self.version)\n") }
    let status: RunStatus
    do { status = try start() } catch {
      StandardStream.error.write("qrepl: \(error)\n")
      throw ExitCode(RunStatus.failure.rawValue)
    }
    fflush(nil)
    if status != .success { throw ExitCode(status.rawValue) }
  }

  private func start() throws -> RunStatus {
    let lua = try LuaState()
    if warns { _ = try lua.run("warn('@on')") }
    try Installation.addStandardLibrary(to: lua)
    let library = try TorchLibrary.open(in: lua, version: Self.version)
    defer { withExtendedLifetime(library) {} }
    let hasWork = !code.isEmpty || !script.isEmpty || !modules.isEmpty
    let prompts = interactive || (!hasWork && isatty(0) == 1 && isatty(1) == 1)
    let display = TerminalDisplay(colors: color)
    let history: any HistoryStore =
      prompts && !withoutHistory ? SQLiteHistory.defaultPath.flatMap { SQLiteHistory(path: $0) } ?? TransientHistory() : TransientHistory()
    let session = try Session(lua: lua, display: prompts ? display : StreamDisplay(prefix: "qrepl: ", pictures: KittyGraphics()), history: history)
    session.readsMagics = !plain
    session.keepsLocals = !plain
    InterruptSignal.install(onlyOnce: !prompts)
    if prompts { session.runInitFile() }
    try session.setArguments(script: script.first, Array(script.dropFirst()), before: ["qrepl"])
    for module in modules {
      let status = session.load(module: module)
      if status != .success { return status }
    }
    for piece in code {
      let status = session.run(code: piece, arguments: script, keepsLocals: prompts)
      if status != .success { return status }
    }
    if let file = script.first {
      let status = session.run(file: file, arguments: Array(script.dropFirst()), keepsLocals: prompts)
      if status != .success && !prompts { return status }
    }
    if prompts { return Prompt(session: session, display: display).run() }
    return hasWork || showsVersion ? .success : session.runStandardInput()
  }
}

extension ColorChoice: ExpressibleByArgument {}
