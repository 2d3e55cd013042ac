import LuaVM
import Notebook

/// `%expect` and `%%expect`.
enum ExpectationMagics: MagicFamily {
  static func define(in magics: inout MagicCatalog) {
    magics.define(
      "expect", .lineOrCell,
      options: [MagicOption("update", "Writes what there is into the file, in place of what is expected, and takes this option away.")],
      operands: "value [tolerance]", completes: .lua,
      doc: """
        Fails where something is not as expected; silent where it is.

        On a line, the value of the statement above: of an expression, a call, or an assignment. Tensors and tables are
        compared element by element, a text with what the value shows itself as; numbers may differ by the tolerance.
        Over a cell, all that the cell writes and the value that it ends in: the text expected is the comment that the cell
        begins with. Blanks at the ends of lines do not count.
        """,
      action: .either(
        line: .expectation { try judge($0, $1) },
        cell: .bracket(isProtected: { _ in false }) { try watch($0) }))
  }

  private static func judge(_ invocation: Invocation, _ values: [LuaValue]) throws -> Magic.Outcome {
    let (session, place) = (invocation.session, invocation.place)
    let expected = values.count > 1 ? values[1] : .nil
    guard !invocation.arguments.rest.isEmpty else { throw UsageError("%expect needs a value") }
    let told = try session.machinery.call("differs", [values.first ?? .nil, expected, values.count > 2 ? values[2] : .nil])
    guard let message = told.first?.text else { return .none }
    if invocation.arguments.has("update") || session.updatesExpectations {
      guard let literal = try session.machinery.call("literal", [values.first ?? .nil]).first?.text else {
        throw LuaError(message: "\(place.name):\(place.line): a value of this type cannot be written into a file")
      }
      let tolerance = values.count > 2 ? try " " + session.lua.display(values[2]) : ""
      try session.rewrite(invocation, expected: [], with: [], line: "%expect \(literal)\(tolerance)")
      return .none
    }
    guard told.count == 3, let wanted = told[1].text, let got = told[2].text else {
      throw LuaError(message: "\(place.name):\(place.line): ExpectError: \(message)")
    }
    throw failure(place, wanted.lines, got.lines)
  }

  private static func watch(_ invocation: Invocation) throws -> Magic.Leave {
    let session = invocation.session
    guard invocation.arguments.rest.isEmpty else { throw UsageError("%%expect takes its text from the comment below it") }
    // A magic in a comment is no text.
    let comment = (invocation.body ?? "").lines.prefix { line in
      guard line.hasPrefix("--"), let magic = MagicLine(line) else { return line.hasPrefix("--") }
      return session.catalog.magic(magic.name, cell: magic.level == 2) == nil
    }.map { String($0.hasPrefix("-- ") ? $0.dropFirst(3) : $0.dropFirst(2)) }
    let before = session.display
    guard let output = OutputCapture(.output) else { throw LuaError(message: "there is no room for the output of the cell") }
    session.display = AsideDisplay(before)
    return { values in
      var text = output.finish()
      session.display = before
      guard let values else {
        before.write(text)
        return false
      }
      if let shown = try session.machinery.call("display", values).first?.text { text += shown + "\n" }
      let (expected, actual) = (trimmed(Array(comment)), trimmed(text.lines))
      guard expected != actual else { return true }
      guard invocation.arguments.has("update") || session.updatesExpectations else {
        throw failure(invocation.place, expected, actual)
      }
      let lines = actual.map { $0.isEmpty ? "--" : "-- " + $0 }
      try session.rewrite(invocation, expected: Array(comment), with: lines, line: "%%expect")
      return true
    }
  }

  private static func failure(_ place: (name: String, line: Int), _ expected: [String], _ actual: [String]) -> LuaError {
    LuaError(
      message: "\(place.name):\(place.line): ExpectError: the output is not what is expected (-), but (+):\n"
        + TextDifference.text(expected: expected, actual: actual))
  }

  private static func trimmed(_ lines: [String]) -> [String] {
    var lines = lines.map { line in
      var line = line[...]
      while line.last?.isWhitespace == true { line.removeLast() }
      return String(line)
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }
}

extension String {
  /// The lines.
  fileprivate var lines: [String] {
    split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
  }
}

extension Session {
  /// Writes a magic's line and the comment below it anew in the file that it stands in.
  /// - Throws: where it stands in no file, or the file has changed since it was read.
  fileprivate func rewrite(_ invocation: Invocation, expected: [String], with comment: [String], line: String) throws {
    let name = invocation.chunkName
    guard name.hasPrefix("@") else { throw UsageError("--update needs a file") }
    let path = String(name.dropFirst())
    var lines = String(decoding: try FilePath.read(path), as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // What was written above has moved it.
    let moved = rewrites[path, default: []].filter { $0.line < invocation.line }.reduce(0) { $0 + $1.growth }
    let index = invocation.line - 1 + moved
    let below = index + 1 + expected.count
    guard lines.indices.contains(index), lines[index].contains("expect"), below <= lines.count,
      lines[(index + 1)..<below].allSatisfy({ $0.hasPrefix("--") })
    else { throw LuaError(message: "\(path):\(invocation.line): the file has changed since it was read") }
    lines.replaceSubrange((index + 1)..<below, with: comment)
    let head = lines[index].prefix { $0 != "%" }
    lines[index] = head + line
    try FilePath.write(Array(lines.joined(separator: "\n").utf8), to: path)
    rewrites[path, default: []].append((invocation.line, comment.count - expected.count))
  }
}
