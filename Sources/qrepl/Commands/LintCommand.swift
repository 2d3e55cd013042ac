import ArgumentParser
import Batch
import LuaVM
import Shell

/// `qrepl lint FILE…`.
struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint", _superCommandName: "qrepl", abstract: "Find what breaks in percent files, without running them.",
    discussion: """
      Looks for Lua that does not compile, magics that there are not, `%` where it can be taken for a magic, `-- %%` that only some \
      programs take for a cell, commands of the prompt, and headers that cannot be read. Each finding is FILE:LINE:COLUMN: message. \
      Ends with 1 if there is any.
      """)

  @Argument(help: ArgumentHelp("Percent files.", valueName: "file"), completion: .file(extensions: ["lua"]))
  var files: [String]

  func run() throws {
    var isClean = true
    // The library is not needed to read magics and Lua.
    let session = try Session(lua: LuaState(), display: StreamDisplay())
    let lint = FileLint(session: session)
    for file in files {
      do {
        for finding in try lint.findings(in: file) {
          StandardStream.output.write("\(file):\(finding.line):\(finding.column): \(finding.message)\n")
          isClean = false
        }
      } catch {
        StandardStream.error.write("qrepl: \(error)\n")
        isClean = false
      }
    }
    if !isClean { throw ExitCode(RunStatus.failure.rawValue) }
  }
}
