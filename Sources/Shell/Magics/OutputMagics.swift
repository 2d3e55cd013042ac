import LuaVM

/// `%%capture`, `%%writefile`.
enum OutputMagics: MagicFamily {
  static func define(in magics: inout MagicCatalog) {
    magics.define(
      "capture", .cell,
      options: [
        MagicOption("no-stdout", "Leaves standard output alone."), MagicOption("no-stderr", "Leaves standard error alone."),
        MagicOption("no-display", "Shows the value of the cell as usual."),
      ],
      operands: "[name]", completes: .variables,
      doc: """
        Runs the cell and shows nothing of what it writes.

        With a name, the variable of this name holds it: stdout, stderr, outputs (the values of the cell); calling it, or its show(), writes it.
        """,
      action: .bracket(isProtected: { _ in false }) { invocation in
        let (session, arguments) = (invocation.session, invocation.arguments)
        guard arguments.words.count < 2 else { throw UsageError("%%capture takes one name, not '\(arguments.rest)'") }
        let before = session.display
        let output = arguments.has("no-stdout") ? nil : OutputCapture(.output)
        let errors = arguments.has("no-stderr") ? nil : OutputCapture(.error)
        if output != nil { session.display = AsideDisplay(before) }
        return { values in
          let (stdout, stderr) = (output?.finish() ?? "", errors?.finish() ?? "")
          session.display = before
          guard let values else {
            // Of a cell that fails, nothing stays hidden.
            before.write(stdout)
            StandardStream.error.write(stderr)
            return false
          }
          let keepsValue = !arguments.has("no-display")
          if let name = arguments.words.first {
            let shown = keepsValue ? values : []
            let outputs = try session.lua.newTable(array: shown.count)
            for (index, value) in shown.enumerated() { try session.lua.rawSet(outputs, .integer(Int64(index + 1)), value) }
            let texts = [LuaValue.string(stdout), .string(stderr), .reference(outputs)]
            try session.setVariable(name, session.machinery.call("captured", texts).first ?? .nil)
          }
          return keepsValue
        }
      })

    magics.define(
      "writefile", .cell, options: [MagicOption("a", "Writes at the end of the file.")], operands: "file", completes: .files,
      doc: "Writes the cell to a file. In a file, the cell's lines are comments, which are written without their comment signs.",
      action: .words { invocation in
        guard let name = invocation.arguments.words.first else { throw UsageError("%%writefile needs the name of a file") }
        let path = FilePath.expanded(name)
        let appends = invocation.arguments.has("a")
        let exists = FilePath.exists(path)
        var text = Array((invocation.body ?? "").utf8)
        if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
        let verb = exists ? appends ? "Appending to" : "Overwriting" : "Writing"
        let old = exists && appends ? try FilePath.read(path) : []
        try FilePath.write(old + text, to: path)
        invocation.display.write("\(verb) \(name)\n")
        return .none
      })
  }
}
