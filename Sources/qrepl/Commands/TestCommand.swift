import ArgumentParser
import Batch
import Glibc
import LuaVM
import Shell
import Terminal

/// `qrepl test FILE…`.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", _superCommandName: "qrepl", abstract: "Run percent files cell by cell and report each cell.",
    discussion: """
      A cell fails by an error; %expect raises one where a value is not what it should be. Each file runs in a process of its own. \
      Cells tagged raises-exception must fail, cells tagged skip-execution do not run. \
      Ends with 0 if all passed, 1 if one failed, 64 for a mistake on the command line.
      """)

  @Option(name: .customLong("junit"), help: ArgumentHelp("Write a JUnit report, too.", valueName: "xml"), completion: .file(extensions: ["xml"]))
  var junit: String?
  @Option(help: ArgumentHelp("The seconds that a cell may take.", valueName: "seconds"))
  var timeout: Double?
  @Option(
    name: .customLong("only"),
    help: ArgumentHelp("Report this cell alone, known by number, title or tag; those above it run first, for what they define.", valueName: "cell"))
  var only: [String] = []
  @Option(
    name: [.customShort("p"), .customLong("parameter")],
    help: ArgumentHelp("Set a variable of the cell tagged parameters.", valueName: "name=value"))
  var parameters: [String] = []
  @Flag(name: [.customShort("k"), .customLong("keep-going")], help: "Go on after a cell that fails.")
  var goesOn = false
  @Flag(name: .customLong("update"), help: "Write what cells give into the file where %expect and %%expect expect something else.")
  var updates = false
  @Flag(name: [.customShort("s"), .customLong("show-output")], help: "Show what the cells write as they write it.")
  var showsOutput = false
  @Option(
    name: .customLong("transcript"), help: ArgumentHelp("Write what the cells print to a file.", valueName: "file"), completion: .file())
  var transcript: String?
  @Option(name: .customLong("events"), help: .private)
  var events: Int32?
  @Flag(name: .customLong("outputs"), help: .private)
  var tellsOutputs = false
  @Argument(help: ArgumentHelp("Percent files.", valueName: "file"), completion: .file(extensions: ["lua"]))
  var files: [String]

  func validate() throws {
    if let timeout, !(timeout > 0) { throw ValidationError("--timeout must be more than 0 seconds") }
    if let wrong = parameters.first(where: { Parameter($0) == nil }) {
      throw ValidationError("-p takes name=value, not '\(wrong)'")
    }
    if showsOutput, transcript != nil { throw ValidationError("--transcript needs the output that --show-output shows") }
  }

  func run() throws {
    if let events { return try runCells(telling: events) }
    InterruptSignal.install(onlyOnce: false)
    var options = CellOptions()
    options.only = only
    options.parameters = parameters
    options.timeout = timeout
    options.goesOn = goesOn
    options.showsOutput = showsOutput
    options.updates = updates
    let tests: [FileTest]
    do { tests = try files.map { try FileTest($0, options) } } catch let mistake as CommandMistake {
      throw ValidationError(mistake.description)
    } catch {
      StandardStream.error.write("qrepl: \(error)\n")
      throw ExitCode(RunStatus.failure.rawValue)
    }
    let lines = TestLines(isGitHub: Environment.value("GITHUB_ACTIONS") == "true")
    var results: [FileResult] = []
    do {
      for (path, test) in zip(files, tests) {
        let result = try test.run(isInterrupted: { LuaInterrupt.isRequested }) {
          StandardStream.output.write(lines.text($0, of: path))
        }
        results.append(result)
        if result.isInterrupted || (result.count(.failed) > 0 && !goesOn) { break }
      }
      if let junit { try FilePath.write(Array(JUnitReport.text(results).utf8), to: junit) }
      if let transcript { try FilePath.write(results.flatMap(\.printed), to: transcript) }
    } catch {
      StandardStream.error.write("qrepl: \(error)\n")
      throw ExitCode(RunStatus.failure.rawValue)
    }
    StandardStream.output.write(TestLines.summary(results))
    if results.contains(where: \.isInterrupted) { throw ExitCode(RunStatus.interrupted.rawValue) }
    if results.contains(where: { $0.count(.failed) > 0 }) { throw ExitCode(RunStatus.failure.rawValue) }
  }

  /// The half of a test that runs the cells, in the process made for it.
  private func runCells(telling events: Int32) throws {
    let workspace = try Workspace(display: StreamDisplay())
    workspace.session.updatesExpectations = updates
    let worker = CellWorker(session: workspace.session, events: events, echoes: tellsOutputs)
    try worker.run(
      file: files[0], only: CellChoice(only), parameters: parameters.compactMap { Parameter($0) }, goesOn: goesOn)
    fflush(nil)
  }
}
