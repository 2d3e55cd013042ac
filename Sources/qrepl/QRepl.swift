import ArgumentParser
import Glibc
import LuaTorch
import LuaVM
import Shell
import Terminal

/// The program: reads the command line, opens the library, and hands over to a script, standard input or the prompt.
struct QRepl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "qrepl", abstract: "Prune, constrain and quantize neural networks from Lua, without Python.",
    discussion: "Without a file, qrepl reads cells at a prompt, or runs what standard input holds.", version: version)

  static let version = "0.1.0"

  // `LuaCommandLine` reads these two and the script, in their order; here they are declared for the help.
  @Option(name: .customShort("e", allowingJoined: true), help: ArgumentHelp("Run a piece of Lua.", valueName: "code"))
  var code: [String] = []
  @Option(
    name: .customShort("l", allowingJoined: true),
    help: ArgumentHelp("Require a module into a global of its name, or with name=module into that of another.", valueName: "module"))
  var modules: [String] = []
  @Flag(name: .customShort("i"), help: "Go on at the prompt after the file or the code.")
  var interactive = false
  @Flag(name: .customShort("v"), help: "Show the version first.")
  var showsVersion = false
  @Flag(name: .customShort("E"), help: "Ignore LUA_INIT, LUA_PATH and LUA_CPATH.")
  var ignoresEnvironment = false
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
    case let first?: throw ValidationError("Unknown option '\(first)'")
    case nil: break
    }
  }

  static func main() { main(Array(CommandLine.arguments.dropFirst())) }

  static func main(_ words: [String]) {
    let line = LuaCommandLine(words)
    do {
      var command = try parseAsRoot(line.options)
      if let command = command as? QRepl { try command.run(line) } else { try command.run() }
    } catch { exit(withError: error) }
  }

  /// Does what the options and `line` ask for.
  private func run(_ line: LuaCommandLine) throws {
    StandardStream.openMissing()
    if showsVersion { StandardStream.output.write("qrepl \(Self.version) (\(LuaState.copyright))\n") }
    let status: RunStatus
    do {
      let lua = try LuaState(ignoresEnvironment: ignoresEnvironment)
      status = try start(line, in: lua)
      // As `lua` does: what has a finalizer expects it to run.
      lua.close()
    } catch {
      StandardStream.error.write("qrepl: \(error)\n")
      throw ExitCode(RunStatus.failure.rawValue)
    }
    StandardStream.flush()
    if status == .success, let failure = StandardStream.failure {
      StandardStream.error.write("qrepl: cannot write to standard output: \(failure)\n")
      throw ExitCode(RunStatus.failure.rawValue)
    }
    if status != .success { throw ExitCode(status.rawValue) }
  }

  private func start(_ line: LuaCommandLine, in lua: LuaState) throws -> RunStatus {
    lua.onWarning(enabled: false) { StandardStream.error.write("Lua warning: \($0)\n") }
    try Installation.addStandardLibrary(to: lua, last: plain)
    if !plain { try lua.interruptWithCommands() }
    let library = try TorchLibrary.open(in: lua, version: Self.version)
    defer { withExtendedLifetime(library) {} }
    let hasWork = line.script != nil || showsVersion || line.steps.contains { if case .code = $0 { true } else { false } }
    let prompts = (interactive || !hasWork) && isatty(0) == 1 && isatty(1) == 1
    let display = TerminalDisplay(colors: color)
    let history = prompts && !withoutHistory ? SQLiteHistory.openDefault() : TransientHistory()
    let session = try Session(lua: lua, display: prompts ? display : StreamDisplay(prefix: "qrepl: ", pictures: KittyGraphics()), history: history)
    session.readsMagics = !plain
    session.keepsLocals = !plain
    session.keepsFrames = prompts && !plain
    InterruptSignal.install(onlyOnce: !prompts)
    if prompts { session.runInitFile() }
    // Without a script the program takes its place, as in `lua`.
    let words = CommandLine.arguments
    let place = line.script == nil ? 0 : line.wordsBefore + 1
    try session.setArguments(script: words[place], Array(words[(place + 1)...]), before: Array(words[..<place]))
    if !ignoresEnvironment {
      let status = session.runEnvironmentInit()
      if status != .success { return status }
    }
    for step in line.steps {
      let status = run(step, in: session, keepsLocals: prompts)
      if status != .success { return status }
    }
    if let file = line.script {
      let status = session.run(script: file, keepsLocals: prompts)
      // The prompt is where to look at what has failed; `lua -i` ends.
      if status != .success && (!prompts || plain) { return status }
    }
    if prompts { return Prompt(session: session, display: display).run() }
    if hasWork && !interactive { return .success }
    return plain ? session.run(file: "-") : session.runStandardInput()
  }

  private func run(_ step: LuaCommandLine.Step, in session: Session, keepsLocals: Bool) -> RunStatus {
    switch step {
    case .code(let code): return session.run(code: code, keepsLocals: keepsLocals)
    case .module(let name): return session.load(module: name)
    case .warnings: return session.run(code: "warn('@on')")
    }
  }
}

extension ColorChoice: ExpressibleByArgument {}
