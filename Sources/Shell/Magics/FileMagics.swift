import Glibc
import LuaVM

/// `%run`, `%pwd`, `%cd`.
enum FileMagics: MagicFamily {
  static func define(in magics: inout MagicCatalog) {
    magics.define(
      "run",
      options: [
        MagicOption("i", "The file sees the locals of earlier cells."),
        MagicOption("t", "Prints the time it took."),
        MagicOption("N", value: "N", "With -t, runs it N times."),
      ],
      operands: "file [args]", completes: .files,
      doc: "Runs a file; its globals and the locals at its top stay. `arg` holds its arguments.",
      action: .words { invocation in
        var words = invocation.arguments.words
        guard !words.isEmpty else { throw UsageError("you must provide at least a filename.") }
        var path = FilePath.expanded(words.removeFirst())
        if !FilePath.exists(path), FilePath.exists(path + ".lua") { path += ".lua" }
        let count = try invocation.arguments.integer("N", default: 1, minimum: 1)
        let session = invocation.session
        guard invocation.arguments.has("t") else {
          try session.runNested(file: path, arguments: words, seesLocals: invocation.arguments.has("i"))
          return .none
        }
        let start = ProcessTimes.now()
        for _ in 0..<count { try session.runNested(file: path, arguments: words, seesLocals: invocation.arguments.has("i")) }
        invocation.display.write(timing(ProcessTimes.now() - start, count))
        return .none
      })

    magics.define(
      "pwd", doc: "Gives the working folder.",
      action: .words { _ in .value(.string(FilePath.workingFolder)) })

    magics.define(
      "cd", options: [MagicOption("q", "Prints nothing.")], operands: "[folder]", completes: .folders,
      doc: "Changes the working folder: to the home folder without a name, back with -.",
      action: .words { invocation in
        let session = invocation.session
        let here = FilePath.workingFolder
        var target = MagicArguments.unquoted(invocation.arguments.rest)
        if target.isEmpty { target = "~" }
        if target == "-" {
          guard let previous = session.previousFolder else { throw UsageError("%cd -: No previous directory to change to.") }
          target = previous
        }
        let path = FilePath.expanded(target)
        guard chdir(path) == 0 else { throw LuaError(message: "[Errno \(errno)] \(String(cString: strerror(errno))): '\(path)'") }
        session.previousFolder = here
        if !invocation.arguments.has("q") { invocation.display.write(FilePath.workingFolder + "\n") }
        return .none
      })
  }

  private static func timing(_ spent: ProcessTimes, _ count: Int) -> String {
    func line(_ name: String, _ seconds: Double) -> String {
      let total = TimeFormat.formatted("%10.2f s", [seconds])
      let each = count > 1 ? TimeFormat.formatted(", %10.2f s.", [seconds / Double(count)]) : "."
      return "  \(name)\(String(repeating: " ", count: 7 - name.count)): \(total)\(each)\n"
    }
    let repeats = count > 1 ? "Total runs performed: \(count)\n  Times  :      Total       Per run\n" : ""
    return "\nCPU timings (estimated):\n" + repeats + line("User", spent.user) + line("System", spent.system)
      + TimeFormat.formatted("Wall time: %10.2f s.\n", [spent.wall])
  }
}
