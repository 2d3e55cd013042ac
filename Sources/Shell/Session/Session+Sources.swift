import LuaVM
import Notebook

extension Session {
  /// Puts a text at the next prompt; where nobody can go on editing it, shows it.
  func offer(_ text: String) {
    var text = text
    while text.last?.isNewline == true { text.removeLast() }
    if display.canEditInput { nextInput = text } else { display.write(text + "\n") }
  }

  /// The value of a path such as `a.b[1]`; nil where there is none. Runs no code of the user's.
  func value(named text: String) -> LuaValue? {
    keepRunning()
    guard text.allSatisfy({ $0.isLetter || $0.isNumber || "_.:[]\"'".contains($0) }), let path = ValuePath(endingIn: text),
      let value = try? machinery.call("resolve", path.arguments).first else {
      return nil
    }
    if case .nil = value { return nil }
    return value
  }

  /// The code that a magic's operand speaks of: of a range of the history, a file, a function, or a text in a variable; all
  /// inputs of this session for an empty operand.
  /// - Throws: `UsageError` where it is none of these.
  func code(of target: String) throws -> String {
    if let entries = try? history(of: target) { return entries.map(\.source).joined(separator: "\n") }
    let path = FilePath.expanded(MagicArguments.unquoted(target))
    for path in [path, path + ".lua"] where FilePath.exists(path) && !FilePath.isFolder(path) {
      return String(decoding: try FilePath.read(path), as: UTF8.self)
    }
    if let value = value(named: target) {
      if let text = value.text { return text }
      if let path = ValuePath(endingIn: target), let told = try? machinery.call("inspect", path.arguments), told.count == 9,
        let source = sourceText(told[5].text ?? "", told[6], told[7])
      {
        return source
      }
    }
    throw UsageError("'\(target)' was not found in history, as a file, nor in the user namespace.")
  }

  /// The statements of `code` that define one of `names`.
  func symbols(_ names: [String], in code: String) throws(UsageError) -> String {
    let outline = outline(Array(code.utf8), isFile: true)
    var found: [String] = []
    for name in names {
      let statements = outline.statements.filter { statement in
        if statement.declaredNames.contains(where: { $0.name == name }) { return true }
        let text = outline.text(statement.range)
        let head = text.hasPrefix("function ") ? String(text.dropFirst(9)) : text
        let rest = head.hasPrefix(name) ? head.dropFirst(name.count).drop(while: \.isWhitespace) : ""
        return text.hasPrefix("function ") ? rest.hasPrefix("(") : rest.hasPrefix("=") && !rest.hasPrefix("==")
      }
      guard !statements.isEmpty else { throw UsageError("The symbol `\(name)` was not found") }
      found += statements.map { outline.text($0.range) }
    }
    return found.joined(separator: "\n")
  }

  /// The lines of `code` that ranges with commas between them name.
  func lines(_ ranges: String, of code: String) throws(UsageError) -> String {
    let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
    var found: [Substring] = []
    for word in ranges.split(separator: ",") {
      guard let range = HistoryRange(word), !word.contains("/") else { throw UsageError("'\(word)' is no range of lines") }
      let (first, last) = (max(1, range.first), min(lines.count, range.last))
      if first <= last { found += lines[(first - 1)..<last] }
    }
    // What all of them are indented by goes.
    let margin = found.filter { !$0.allSatisfy(\.isWhitespace) }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return found.map { $0.dropFirst(margin) }.joined(separator: "\n")
  }

  /// Inputs as a file of plain Lua: magics, commands and requests for help in comments, cell magics in cells of their own.
  func plain(_ sources: [String]) -> String {
    var text = ""
    var needsMarker = false
    for source in sources {
      if let request = PromptText.helpRequest(in: source) {
        text += "-- %pinfo\(request.wantsSource ? "2" : "") \(request.subject)\n"
        continue
      }
      let outline = outline(Array(source.utf8), isFile: false)
      let hasBody = outline.magics.contains { $0.body != nil }
      if hasBody || needsMarker { text += "-- %%\n" }
      needsMarker = hasBody
      text += String(decoding: commented(outline), as: UTF8.self)
      if !text.hasSuffix("\n") { text += "\n" }
    }
    while text.last?.isNewline == true { text.removeLast() }
    return text
  }

  private func commented(_ outline: Outline) -> [UInt8] {
    var result: [UInt8] = []
    var at = 0
    for call in outline.magics where !call.isAssigned && !call.line.isCommented {
      result += outline.source[at..<call.range.lowerBound]
      let line = outline.source[call.range]
      let isCommand = line.first == UInt8(ascii: "!")
      result += Array("-- ".utf8) + (isCommand ? Array("%sh ".utf8) + line.dropFirst() : Array(line))
      at = call.range.upperBound
      guard let body = call.body, !body.isEmpty, call.form != .lua else { continue }
      result.append(UInt8(ascii: "\n"))
      var bodyText = outline.text(body)
      if bodyText.hasSuffix("\n") { bodyText.removeLast() }
      let lines = bodyText.split(separator: "\n", omittingEmptySubsequences: false)
      result += Array(lines.map { $0.isEmpty ? "--" : "-- " + $0 }.joined(separator: "\n").utf8)
      at = body.upperBound
    }
    return result + outline.source[at...]
  }
}
