import LuaVM

/// `%prun`.
enum ProfileMagics: MagicFamily {
  static func define(in magics: inout MagicCatalog) {
    magics.define(
      "prun", .lineOrCell,
      options: [
        MagicOption("l", value: "L", "Prints L rows, with a fraction that share of them, with a text those that have it. More than one is possible."),
        MagicOption("s", value: "KEY", "Sorts by KEY: \(ProfileReport.keys.map(\.word).joined(separator: ", ")). Default: time."),
        MagicOption("q", "Prints nothing."), MagicOption("T", value: "FILE", "Writes what is printed to FILE, too."),
        MagicOption("ops", "Counts native operations instead, each by the shapes of its tensors."),
      ],
      operands: "statement", completes: .lua,
      doc: """
        Runs a statement or the cell and prints how often functions were called and what time they took.

        tottime is the time in the function itself, cumtime that with all it called; each percall is one of them by the
        number of calls. Functions that are not Lua stand in braces, such as {torch.matmul}.
        """,
      action: .bracket(isProtected: { _ in false }) { invocation in
        let (session, arguments) = (invocation.session, invocation.arguments)
        if invocation.body != nil, !arguments.rest.isEmpty { throw UsageError("%%prun takes no statement beside its cell") }
        let keys = try (arguments.values["s"] ?? ["time"]).map { try ProfileReport.key($0) }
        let limits = (arguments.values["l"] ?? []).map { ProfileReport.Limit($0) }
        let ops = arguments.has("ops")
        if ops {
          _ = try session.native.demand("begin_profile")
        } else {
          guard session.lua.beginProfile() else { throw UsageError("%prun cannot run inside %prun") }
        }
        return { values in
          let report = ops ? try operations(session) : try functions(invocation)
          guard values != nil else { return false }
          let text = report.text(sortedBy: keys, limits: limits) + "\n"
          if !arguments.has("q") { invocation.display.page(text) }
          if let file = arguments.string("T") {
            try FilePath.write(Array(text.utf8), to: FilePath.expanded(file))
            invocation.display.write("\n*** Profile printout saved to text file '\(file)'.\n")
          }
          return false
        }
      })
  }

  private static func functions(_ invocation: Invocation) throws -> ProfileReport {
    let session = invocation.session
    let found = try session.lua.endProfile()
    let total = Double(found.first?.totalTime ?? 0) / 1e9
    var rows: [ProfileReport.Row] = []
    for (index, entry) in found.enumerated() {
      var row = ProfileReport.Row(
        name: entry.name, calls: entry.calls, primitiveCalls: entry.primitiveCalls, ownTime: Double(entry.ownTime) / 1e9,
        totalTime: Double(entry.totalTime) / 1e9)
      if index == 0 {
        (row.file, row.line, row.name) = (basename(invocation.place.name), invocation.place.line, "main chunk")
      } else {
        let told = try session.machinery.call("whereabouts", [entry.function, .string(entry.name)])
        guard told.count >= 3, let file = told[0].text, let name = told[2].text else { continue }
        (row.file, row.name) = (basename(file), name)
        if case .integer(let line) = told[1] { row.line = Int(line) }
        if told.count > 3, let chunk = told[3].text, row.line > 0, let lines = session.sourceLines(chunk),
          lines.indices.contains(row.line - 1), let defined = definedName(lines[row.line - 1])
        {
          row.name = defined
        }
      }
      rows.append(row)
    }
    return ProfileReport(rows: rows, seconds: total)
  }

  private static func operations(_ session: Session) throws -> ProfileReport {
    // Of each operation: its name with shapes, calls, those not inside another of the same, nanoseconds of its own and in all.
    let figures = try session.native.demand("end_profile")
    func number(_ index: Int) -> Int {
      if case .integer(let number) = figures[index] { return Int(number) }
      return 0
    }
    var rows: [ProfileReport.Row] = []
    for index in stride(from: 0, to: figures.count - 4, by: 5) {
      rows.append(
        ProfileReport.Row(
          name: figures[index].text ?? "", calls: number(index + 1), primitiveCalls: number(index + 2),
          ownTime: Double(number(index + 3)) / 1e9, totalTime: Double(number(index + 4)) / 1e9))
    }
    return ProfileReport(rows: rows, seconds: rows.reduce(0) { $0 + $1.ownTime })
  }

  /// The name of the one function that a line begins: `function a.b()`, `b = function()`. Nil for none, more or no name.
  private static func definedName(_ line: String) -> String? {
    let parts = line.split(separator: "function", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    func isPart(_ character: Character) -> Bool { character.isLetter || character.isNumber || "_.:".contains(character) }
    let after = parts[1].drop { $0 == " " }.prefix(while: isPart)
    if !after.isEmpty { return String(after) }
    var before = parts[0]
    while before.last == " " { before.removeLast() }
    guard before.last == "=" else { return nil }
    before.removeLast()
    while before.last == " " { before.removeLast() }
    let name = String(before.reversed().prefix(while: isPart).reversed())
    return name.isEmpty ? nil : name
  }

  private static func basename(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}
