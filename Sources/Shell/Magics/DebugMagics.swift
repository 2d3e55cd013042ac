import LuaVM

/// `%debug`.
enum DebugMagics: MagicFamily {
  static func define(in magics: inout MagicCatalog) {
    magics.define(
      "debug",
      doc: """
        Looks at the functions that the last error went through and their variables, as they were when it was raised.

        \(Debugger.help)
        """,
      action: .words { invocation in
        guard let frames = invocation.session.failedFrames else {
          throw UsageError("No traceback has been produced, nothing to debug.")
        }
        try Debugger(invocation.session, frames)?.run()
        return .none
      })
  }
}

/// Looks at the calls that an error has ended.
final class Debugger {
  static let help = """
    up, u [n]      to the function that called this one        w, where    all of them
    down, d [n]    to the function that this one called        l, list     the lines around
    locals, a      the function's variables                    q, quit     back to the prompt
    p EXPR, EXPR   the value of an expression, or a statement, among these variables
    """

  private let session: Session
  private let count: Int
  private var current = 1

  /// Nil where none of the calls is the user's.
  init?(_ session: Session, _ frames: LuaReference) throws {
    self.session = session
    guard case .integer(let count)? = try session.machinery.call("look", [.reference(frames)]).first, count > 0 else { return nil }
    self.count = Int(count)
  }

  /// Reads commands and answers them until `q` or the end of the input.
  func run() throws {
    try showFrame()
    var last = ""
    while let line = session.display.ask("qdb> ") {
      let command = line.trimmed.isEmpty ? last : line.trimmed
      last = command
      if ["q", "quit", "exit"].contains(command) { return }
      try answer(command)
      if LuaInterrupt.isRequested { return }
    }
  }

  private func answer(_ command: String) throws {
    let word = command.prefix { !$0.isWhitespace }
    let rest = String(command.dropFirst(word.count)).trimmed
    switch word {
    case "": break
    case "h", "help", "?": write(Self.help)
    case "u", "up": try move(by: Int(rest) ?? 1)
    case "d", "down": try move(by: -(Int(rest) ?? 1))
    case "w", "where", "bt": for index in (1...count).reversed() { write((index == current ? "> " : "  ") + (try place(of: index))) }
    case "l", "list": write(try lines(around: 5) ?? "*** there is no source")
    case "a", "args", "locals":
      guard rest.isEmpty else { return try evaluate(command) }
      let text = try session.machinery.call("variablesof", [.integer(Int64(current))]).first?.text ?? ""
      write(text.isEmpty ? "(no variables)" : text)
    case "p", "pp", "print":
      // `p = 1` and `p(x)` speak of a variable of that name.
      if rest.isEmpty || rest.hasPrefix("=") { try evaluate(command) } else { try evaluate(rest) }
    default: try evaluate(command.hasPrefix("!") ? String(command.dropFirst()) : command)
    }
  }

  private func evaluate(_ text: String) throws {
    let told = try session.machinery.call("evaluate", [.integer(Int64(current)), .string(text)])
    guard told.first == .boolean(true) else { return write("*** \(told.count > 1 ? told[1].text ?? "" : "")") }
    if told.count > 1, let shown = told[1].text { write(shown) }
  }

  private func move(by steps: Int) throws {
    guard (1...count).contains(current + steps) else { return write(steps > 0 ? "*** Oldest frame" : "*** Newest frame") }
    current += steps
    try showFrame()
  }

  private func showFrame() throws {
    write("> " + (try place(of: current)))
    if let lines = try lines(around: 2) { write(lines + "\n") }
  }

  private func frame(_ index: Int) throws -> (chunk: String, line: Int, name: String) {
    let told = try session.machinery.call("frame", [.integer(Int64(index))])
    guard told.count == 4, let chunk = told[0].text, case .integer(let line) = told[1] else { return ("?", 0, "?") }
    let name = told[2].text ?? ""
    return (chunk, Int(line), told[3].text == "main" || name.isEmpty ? "main chunk" : name)
  }

  /// As pdb has it: `file(line)function()`.
  private func place(of index: Int) throws -> String {
    let (chunk, line, name) = try frame(index)
    return "\(Traceback.shortName(of: chunk))(\(line))" + (name == "main chunk" ? "<main chunk>" : "\(name)()")
  }

  /// The lines around the one where the call stands, which has an arrow; nil without a source.
  private func lines(around margin: Int) throws -> String? {
    let (chunk, line, _) = try frame(current)
    guard let source = session.sourceLines(chunk), source.indices.contains(line - 1) else { return nil }
    return (max(1, line - margin)...min(source.count, line + margin)).map { number in
      let digits = String(number)
      if number != line { return String(repeating: " ", count: max(0, 7 - digits.count)) + digits + " " + source[number - 1] }
      return String(repeating: "-", count: max(0, 5 - digits.count)) + "> " + digits + " " + source[number - 1]
    }.joined(separator: "\n")
  }

  private func write(_ text: String) { session.display.write(text + "\n") }
}

extension String {
  /// Without the blanks around it.
  fileprivate var trimmed: String {
    var text = drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
