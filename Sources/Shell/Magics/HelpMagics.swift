import LuaVM
import Notebook

/// `%lsmagic`, `%quickref`, `%pinfo`, `%pinfo2`.
enum HelpMagics: MagicFamily {
  static func define(in magics: inout MagicCatalog) {
    magics.define(
      "lsmagic", options: [MagicOption("json", "All that is declared of them: places, options, help.")], doc: "Lists the magics.",
      action: .words { invocation in
        let catalog = invocation.session.catalog
        if invocation.arguments.has("json") {
          invocation.display.write(catalog.json + "\n")
          return .none
        }
        func list(_ cell: Bool) -> String { catalog.names(cell: cell).map { (cell ? "%%" : "%") + $0 }.joined(separator: "  ") }
        invocation.display.write("Available line magics:\n\(list(false))\n\nAvailable cell magics:\n\(list(true))\n")
        return .none
      })
    magics.define(
      "quickref", doc: "A page of what the prompt understands, and every magic in a line.",
      action: .words { invocation in
        invocation.display.page(Session.introduction + "\n\n" + invocation.session.catalog.summary)
        return .none
      })
    for (name, wantsSource) in [("pinfo", false), ("pinfo2", true)] {
      magics.define(
        name, operands: "name", completes: .lua,
        doc: wantsSource ? "Shows the source of a function, as `name??` does." : "Shows help on a name, as `name?` does.",
        action: .words { invocation in
          let text = invocation.arguments.rest + (wantsSource ? "??" : "?")
          guard let request = PromptText.helpRequest(in: text) else { throw UsageError("%\(name) needs a name") }
          invocation.display.page(invocation.session.help(for: request) + "\n")
          return .none
        })
    }
  }
}

extension Session {
  /// The help that a request asks for.
  public func help(for request: PromptText.HelpRequest) -> String {
    let subject = request.subject
    if subject.isEmpty { return Self.introduction }
    if subject.hasPrefix("%") {
      let name = String(subject.drop { $0 == "%" })
      if let magic = catalog[name] { return magic.help }
      let close = Similarity.closest(to: name, in: catalog.names(cell: false) + catalog.names(cell: true))
      return "Object `\(subject)` not found." + (close.map { " Did you mean `%\($0)`?" } ?? "")
    }
    guard let path = ValuePath(endingIn: subject.replacing(":", with: ".")),
      let values = try? machinery.call("inspect", path.arguments),
      values.count == 9
    else { return notFound(subject) }
    let texts = values.map { $0.text ?? "" }
    let (kind, shown, signature, doc, source, chunk, params) = (
      texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[8]
    )
    var lines: [String] = []
    if !signature.isEmpty {
      lines.append("Signature:   \(signature)")
    } else if !params.isEmpty {
      lines.append("Signature:   \(subject)\(params)")
    }
    lines.append("Type:        \(kind)")
    if kind != "function" { lines.append("String form:\(shown.contains("\n") ? "\n" : " ")\(shown)") }
    if !chunk.isEmpty, chunk.first == "@" || chunk.hasPrefix("=In") { lines.append("File:        \(chunk.dropFirst())") }
    if request.wantsSource {
      let text = source.isEmpty ? sourceText(chunk, values[6], values[7]) : source
      lines.append(text.map { "Source:\n\($0)" } ?? "Source:      not Lua")
    }
    if let comment = doc.isEmpty ? leadingComment(chunk, values[6], ofClass: kind == "class") : doc { lines.append("Docstring:\n\(comment)") }
    return lines.joined(separator: "\n")
  }

  private func notFound(_ subject: String) -> String {
    var text = "Object `\(subject)` not found."
    let names = machinery.names()
    if let close = Similarity.closest(to: subject, in: names) { text += " Did you mean `\(close)`?" }
    return text
  }

  /// The lines of a function written in Lua.
  func sourceText(_ chunk: String, _ first: LuaValue, _ last: LuaValue) -> String? {
    guard case .integer(let first) = first, case .integer(let last) = last, first > 0, last >= first,
      let lines = sourceLines(chunk), lines.count >= Int(last)
    else { return nil }
    return lines[Int(first) - 1..<Int(last)].joined(separator: "\n")
  }

  /// The comment right above a definition, which says what Python's docstring would. A class may stand below the comment
  /// that its file begins with.
  private func leadingComment(_ chunk: String, _ first: LuaValue, ofClass: Bool) -> String? {
    guard case .integer(let first) = first, first > 0, let lines = sourceLines(chunk), lines.count >= Int(first) else { return nil }
    func isComment(_ line: String) -> Bool { line.hasPrefix("--") && !line.hasPrefix("-- %") && !line.hasPrefix("--[") }
    let indented = lines.map { String($0.drop { $0 == " " || $0 == "\t" }) }
    var comment = Array(indented[..<(Int(first) - 1)].reversed().prefix { isComment($0) }.reversed())
    if comment.isEmpty, ofClass { comment = Array(indented.prefix { isComment($0) }) }
    let text = comment.map { line in
      let words = line.drop { $0 == "-" }
      return String(words.first == " " ? words.dropFirst() : words)
    }
    return text.isEmpty ? nil : text.joined(separator: "\n")
  }

  func sourceLines(_ chunk: String) -> [String]? {
    let known = sources[Traceback.shortName(of: chunk)]
    guard let bytes = known ?? (chunk.hasPrefix("@") ? try? FilePath.read(String(chunk.dropFirst())) : nil) else { return nil }
    return bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
  }

  static let introduction = """
    qrepl: Lua with PyTorch's tensors.

    name?       help on a name          name??      its source
    %lsmagic    the magics              %name?      help on a magic
    _  __  ___  the last values         _5  Out[5]  the value of cell 5
    In[5]       what cell 5 was         !command    a shell command
    Tab completes, Ctrl-C ends a cell, Ctrl-D leaves.
    """
}
