/// `%history`.
enum HistoryMagics: MagicFamily {
  static func define(in magics: inout MagicCatalog) {
    magics.define(
      "history",
      options: [
        MagicOption("n", "Prints the numbers."),
        MagicOption("o", "Prints the values too."),
        MagicOption("p", "Prints `>` before each line of input."),
        MagicOption("f", value: "FILE", "Writes to FILE."),
        MagicOption("y", "Overwrites FILE without asking."),
        MagicOption("g", "Searches the inputs of all sessions for a pattern with * and ?."),
        MagicOption("l", "The last inputs of all sessions: 10, or as many as the number that follows."),
        MagicOption("u", "With -g, prints the same input once."),
      ],
      operands: "[range or pattern]",
      doc: "Prints the inputs of this session, or of ranges: 4, 4-6, 4-, ~1/ (the session before), 243/1-5.",
      action: .words { invocation in
        let session = invocation.session
        let arguments = invocation.arguments
        let entries = try entries(session, arguments)
        let text = entries.map { line($0, session, arguments) }.joined()
        guard let file = arguments.string("f") else {
          invocation.display.write(text)
          return .none
        }
        let path = FilePath.expanded(file)
        if !arguments.has("y"), FilePath.exists(path) {
          guard invocation.display.confirm("File '\(path)' exists. Overwrite? (y/[n])? ") else {
            invocation.display.write("Aborting.\n")
            return .none
          }
          invocation.display.write("Overwriting file.\n")
        }
        try FilePath.write(Array(text.utf8), to: path)
        return .none
      })
  }

  private static func entries(_ session: Session, _ arguments: MagicArguments) throws(UsageError) -> [HistoryEntry] {
    if arguments.has("g") {
      var found = session.history.search(arguments.rest.isEmpty ? "*" : "*\(arguments.rest)*")
      if arguments.has("u") {
        var seen: Set<String> = []
        found = found.reversed().filter { seen.insert($0.source).inserted }.reversed()
      }
      return found
    }
    if arguments.has("l") {
      guard arguments.rest.isEmpty || Int(arguments.rest) != nil else {
        throw UsageError("option -l takes a number, not '\(arguments.rest)'")
      }
      return session.recentHistory(Int(arguments.rest) ?? 10)
    }
    return try session.history(of: arguments.rest)
  }

  private static func line(_ entry: HistoryEntry, _ session: Session, _ arguments: MagicArguments) -> String {
    let source = entry.source.replacing("\t", with: "    ")
    var text = ""
    if arguments.has("n") || arguments.has("g") {
      let number = entry.session == session.history.session ? "\(entry.number)" : "\(entry.session)/\(entry.number)"
      text = String(repeating: " ", count: max(0, 4 - number.count)) + number + ":" + (source.contains("\n") ? "\n" : " ")
    }
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    text +=
      arguments.has("p")
      ? lines.enumerated().map { ($0.offset == 0 ? "> " : ">> ") + $0.element }.joined(separator: "\n") : source
    text += "\n"
    if arguments.has("o"), let output = entry.output { text += output + "\n" }
    return text
  }
}

extension Session {
  /// The last inputs of all sessions, without the one that runs.
  func recentHistory(_ count: Int) -> [HistoryEntry] {
    let entries = history.tail(count + 1, includesCurrent: true)
    let others = entries.filter { $0.session != history.session || $0.number != number - 1 }
    return Array(others.suffix(max(0, count)))
  }

  /// What was run in this session.
  public var ownHistory: [HistoryEntry] {
    let outputs = Dictionary(
      history.entries(ofSession: history.session).compactMap { entry in entry.output.map { (entry.number, $0) } },
      uniquingKeysWith: { $1 })
    return inputs.enumerated().map { index, source in
      HistoryEntry(session: history.session, number: index + 1, source: source, output: outputs[index + 1])
    }
  }
}
