import LuaVM

/// `%who`, `%who_ls`, `%whos`, `%reset`, `%xdel`.
enum VariableMagics: MagicFamily {
  static func define(in magics: inout MagicCatalog) {
    magics.define(
      "who", operands: "[type ...]", completes: .nothing,
      doc: "Prints the names of your variables, or of those of the given types.",
      action: .words { invocation in
        guard let rows = rows(invocation) else { return .none }
        var text = ""
        for (index, row) in rows.enumerated() {
          text += row.name + "\t "
          if index % 9 == 8 { text += "\n" }
        }
        invocation.display.write(text + "\n")
        return .none
      })

    magics.define(
      "who_ls", operands: "[type ...]", doc: "Gives the names of your variables as a table.",
      action: .words { invocation in
        let session = invocation.session
        let names = session.variables(ofTypes: invocation.arguments.words).map { LuaValue.string($0.name) }
        return .value(try session.machinery.call("listing", names).first ?? .nil)
      })

    magics.define(
      "whos", operands: "[type ...]", doc: "Prints your variables with type and value, as a table.",
      action: .words { invocation in
        guard let rows = rows(invocation) else { return .none }
        let nameWidth = max(rows.map { $0.name.count }.max() ?? 0, "Variable".count) + 3
        let typeWidth = max(rows.map { $0.type.count }.max() ?? 0, "Type".count) + 3
        func cell(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
        var lines = [cell("Variable", nameWidth) + cell("Type", typeWidth) + " Data/Info"]
        lines.append(String(repeating: "-", count: nameWidth + typeWidth + "Data/Info".count + 1))
        for row in rows { lines.append(cell(row.name, nameWidth) + cell(row.type, typeWidth) + " " + shortened(row.info)) }
        invocation.display.write(lines.joined(separator: "\n") + "\n")
        return .none
      })

    magics.define(
      "reset", options: [MagicOption("f", "Does not ask.")], doc: "Deletes your variables and the results of cells.",
      action: .words { invocation in
        guard
          invocation.arguments.has("f")
            || invocation.display.confirm("Once deleted, variables cannot be recovered. Proceed (y/[n])? ")
        else {
          invocation.display.write("Nothing done.\n")
          return .none
        }
        try invocation.session.resetVariables()
        return .none
      })

    magics.define(
      "xdel", operands: "name", completes: .variables, doc: "Deletes a variable.",
      action: .words { invocation in
        guard let name = invocation.arguments.words.first else { throw UsageError("%xdel needs the name of a variable") }
        guard invocation.session.variableNames.contains(name) else { throw UsageError("name '\(name)' is not defined") }
        try invocation.session.machinery.call("erase", [.string(name)])
        return .none
      })
  }

  /// The variables asked for; nil, after saying so, where there are none.
  private static func rows(_ invocation: Invocation) -> [Variable]? {
    let types = invocation.arguments.words
    let rows = invocation.session.variables(ofTypes: types)
    if rows.isEmpty {
      invocation.display.write(types.isEmpty ? "Interactive namespace is empty.\n" : "No variables match your requested type.\n")
      return nil
    }
    return rows
  }

  /// A value's text on one line; of a long one the ends.
  private static func shortened(_ text: String) -> String {
    let line = text.replacing("\n", with: "\\n")
    return line.count < 50 ? line : line.prefix(25) + "<...>" + line.suffix(25)
  }
}

/// A variable of the user's.
public struct Variable: Equatable, Sendable {
  /// Its name.
  public let name: String
  /// The name of its type.
  public let type: String
  /// Its value in a few words.
  public let info: String
}

extension Session {
  /// The names of the user's variables, locals that live on among them, sorted.
  public var variableNames: [String] {
    keepRunning()
    return machinery.list("variables")
  }

  /// The user's variables, or with `types` those of one of these types.
  public func variables(ofTypes types: [String] = []) -> [Variable] {
    variableNames.compactMap { name in
      guard let texts = try? machinery.call("describe", [.string(name)]), texts.count == 2 else { return nil }
      let row = Variable(name: name, type: texts[0].text ?? "", info: texts[1].text ?? "")
      let isNumber = row.type == "integer" || row.type == "float"
      return types.isEmpty || types.contains(row.type) || (isNumber && types.contains("number")) ? row : nil
    }
  }

  /// Deletes the user's variables and the results of cells.
  public func resetVariables() throws(LuaError) {
    try machinery.call("reset")
  }
}
