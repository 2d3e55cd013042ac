import Glibc
import LuaVM
import Notebook

/// `%load`, `%save`, `%edit`, `%rerun`, `%recall`.
enum SourceMagics: MagicFamily {
  static func define(in magics: inout MagicCatalog) {
    magics.define(
      "load",
      options: [
        MagicOption("r", value: "LINES", "These lines of it: 5-10, 5:11, 10-20,30,40:"),
        MagicOption("s", value: "NAMES", "The functions and variables of these names, with commas between them."),
        MagicOption("y", "Does not ask before it loads more than 200,000 characters."),
      ],
      operands: "[file | range | name]", completes: .files,
      doc: "Puts code at the next prompt: of a file, a range of the history (see %history), a function, or a text that a variable holds.",
      action: .words { invocation in
        let (session, arguments) = (invocation.session, invocation.arguments)
        var code = try session.code(of: arguments.rest)
        if let names = arguments.string("s") { code = try session.symbols(names.split(separator: ",").map(String.init), in: code) }
        if let lines = arguments.string("r") { code = try session.lines(lines, of: code) }
        if code.count > 200_000, !arguments.has("y") {
          let question = "The text you're trying to load seems pretty big (\(code.count) characters). Continue (y/[N]) ?"
          guard invocation.display.confirm(question) else {
            invocation.display.write("Operation cancelled.\n")
            return .none
          }
        }
        session.offer("-- %load \(arguments.rest) -- noescape\n" + code)
        return .none
      })

    magics.define(
      "save",
      options: [
        MagicOption("f", "Overwrites the file without asking."), MagicOption("a", "Writes at the end of the file."),
        MagicOption("r", "Writes what was typed as it is; otherwise the file is plain Lua, magics in comments."),
      ],
      operands: "file [ranges]", completes: .files,
      doc: "Writes inputs of this session, or ranges of the history, to a file; .lua is added to its name.",
      action: .words { invocation in
        var words = invocation.arguments.words
        guard !words.isEmpty else { throw UsageError("Missing filename.") }
        var path = FilePath.expanded(words.removeFirst())
        if !path.hasSuffix(".lua") { path += ".lua" }
        let exists = FilePath.exists(path)
        if exists, !invocation.arguments.has("f"), !invocation.arguments.has("a") {
          guard invocation.display.confirm("File `\(path)` exists. Overwrite (y/[N])? ") else {
            invocation.display.write("Operation cancelled.\n")
            return .none
          }
        }
        let sources = try invocation.session.history(of: words.joined(separator: " ")).map(\.source)
        let code = invocation.arguments.has("r") ? sources.joined(separator: "\n") : invocation.session.plain(sources)
        let old = exists && invocation.arguments.has("a") ? try FilePath.read(path) : []
        try FilePath.write(old + Array((code.hasSuffix("\n") ? code : code + "\n").utf8), to: path)
        invocation.display.write("The following commands were written to file `\(path)`:\n\(code)\n")
        return .none
      })

    magics.define(
      "edit", aliases: ["ed"],
      options: [
        MagicOption("x", "Does not run the code afterwards."), MagicOption("p", "Edits what was edited last."),
        MagicOption("n", value: "LINE", "Begins at this line."),
      ],
      operands: "[file | range | name]", completes: .files,
      doc: "Opens $VISUAL or $EDITOR (vi) with a file, a range of the history, a function or a text that a variable holds, and runs the code.",
      action: .words { invocation in try edit(invocation) })

    magics.define(
      "rerun",
      options: [
        MagicOption("l", value: "N", "The last N inputs."), MagicOption("g", value: "TEXT", "The last input that has TEXT in it."),
      ],
      operands: "[ranges]", doc: "Runs inputs again: the last one, or ranges of the history (see %history).",
      action: .words { invocation in
        let session = invocation.session
        var found: [HistoryEntry]
        if let text = invocation.arguments.string("g") {
          found = session.history.search("*\(text)*").last { !$0.source.contains("rerun") }.map { [$0] } ?? []
        } else if invocation.arguments.has("l") {
          found = session.recentHistory(try invocation.arguments.integer("l", default: 1, minimum: 1))
        } else if invocation.arguments.rest.isEmpty {
          found = session.recentHistory(1)
        } else {
          found = try session.history(of: invocation.arguments.rest)
        }
        guard !found.isEmpty else {
          invocation.display.write("No lines in history match specification\n")
          return .none
        }
        let code = found.map(\.source).joined(separator: "\n")
        invocation.display.write("=== Executing: ===\n\(code)\n=== Output: ===\n")
        try session.runNested(code: code, name: "=\(invocation.place.name)")
        return .none
      })

    magics.define(
      "recall", aliases: ["rep"], operands: "[ranges | expression | text]",
      doc: "Puts at the next prompt: the last value, inputs, the value of a name, or the last input that has a text in it.",
      action: .words { invocation in
        let (session, text) = (invocation.session, invocation.arguments.rest)
        func shown(_ value: LuaValue) throws -> String { try session.lua.display(value) }
        if text.isEmpty {
          session.offer(try shown(session.lua.rawGet(session.lua.globals(), "_")))
        } else if let entries = try? session.history(of: text), !entries.isEmpty {
          session.offer(entries.map(\.source).joined(separator: "\n"))
        } else if let value = session.value(named: text) {
          session.offer(try shown(value))
        } else if let entry = session.history.search("*\(text)*").last(where: {
          !$0.source.contains("recall") && !$0.source.contains("rep")
        }) {
          session.offer(entry.source)
        } else {
          invocation.display.write("Couldn't evaluate or find in history: \(text)\n")
        }
        return .none
      })
  }

  private static func edit(_ invocation: Invocation) throws -> Magic.Outcome {
    let (session, arguments) = (invocation.session, invocation.arguments)
    let target = arguments.rest
    var path = FilePath.expanded(MagicArguments.unquoted(target))
    if !FilePath.exists(path), FilePath.exists(path + ".lua") { path += ".lua" }
    var isTemporary = false
    if arguments.has("p") {
      guard let last = session.editedFile else { throw UsageError("%edit has not edited a file yet") }
      path = last
    } else if target.isEmpty || !FilePath.exists(path) {
      let code = target.isEmpty ? "" : try? session.code(of: target)
      // A name that stands for nothing is that of a file to be made.
      if let code {
        path = try temporaryFile(code)
        isTemporary = true
        invocation.display.write("qrepl will make a temporary file named: \(path)\n")
      } else if !path.contains(".") {
        path += ".lua"
      }
    }
    session.editedFile = path
    let editor = Environment.value("VISUAL") ?? Environment.value("EDITOR") ?? "vi"
    let line = try arguments.integer("n", default: 0)
    invocation.display.write("Editing... ")
    let quoted = "'" + path.replacing("'", with: "'\\''") + "'"
    let status = try ShellCommand.run("\(editor) \(line > 0 ? "+\(line) " : "")\(quoted)")
    guard status == 0 else { throw LuaError(message: "'\(editor)' \(ShellCommand.failure(status))") }
    if arguments.has("x") {
      invocation.display.write("\n")
    } else {
      invocation.display.write("done. Executing edited code...\n")
      if FilePath.exists(path) { try session.runNested(file: path, arguments: [], seesLocals: true) }
    }
    guard isTemporary else { return .none }
    return .value(.string(String(decoding: try FilePath.read(path), as: UTF8.self)))
  }

  private static func temporaryFile(_ code: String) throws(LuaError) -> String {
    let folder = NamelessFile.folder
    var path = Array((folder + "/qrepl_edit_XXXXXX.lua").utf8CString)
    let file = mkstemps(&path, 4)
    guard file >= 0 else { throw FilePath.failure("write", folder) }
    close(file)
    let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try FilePath.write(Array((code.isEmpty || code.hasSuffix("\n") ? code : code + "\n").utf8), to: name)
    return name
  }
}
