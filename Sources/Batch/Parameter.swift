import Notebook
import Shell

/// A value from the command line for a variable of the cell tagged `parameters`.
public struct Parameter: Equatable, Sendable {
  /// The variable.
  public let name: String
  /// The value, as Lua.
  public let value: String

  /// Reads `name=value`. A value that is a literal of Lua (a number, a quoted string, `true`, `nil`, a table of such) is that;
  /// any other is a string as it stands. Nil unless a name stands before the `=`.
  public init?(_ text: String) {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    name = String(text[..<equals])
    var lexer = Lexer(Array(name.utf8))
    guard case .token(let token) = lexer.next(), token.kind == .name, token.text == name else { return nil }
    let value = String(text[text.index(after: equals)...])
    self.value = Self.isLiteral(value) ? value : Self.quoted(value)
  }

  /// Whether `text` is one literal: nothing in it can run.
  static func isLiteral(_ text: String) -> Bool {
    var tokens: [Token] = []
    var lexer = Lexer(Array(text.utf8))
    reading: while true {
      switch lexer.next() {
      case .token(let token): tokens.append(token)
      case .comment: return false
      case .end: break reading
      }
    }
    var at = 0
    return takesLiteral(tokens, &at, depth: 0) && at == tokens.count
  }

  private static func takesLiteral(_ tokens: [Token], _ at: inout Int, depth: Int) -> Bool {
    guard at < tokens.count, depth < 100 else { return false }
    if tokens[at].spells("-") {
      at += 1
      guard at < tokens.count, tokens[at].kind == .number else { return false }
    }
    let token = tokens[at]
    at += 1
    switch token.kind {
    case .number, .string(isFinished: true): return true
    case .keyword: return ["true", "false", "nil"].contains(token.text)
    case .symbol where token.text == "{": return takesFields(tokens, &at, depth: depth)
    default: return false
    }
  }

  private static func takesFields(_ tokens: [Token], _ at: inout Int, depth: Int) -> Bool {
    while at < tokens.count {
      if tokens[at].spells("}") {
        at += 1
        return true
      }
      if tokens[at].kind == .name, at + 1 < tokens.count, tokens[at + 1].spells("=") {
        at += 2
      } else if tokens[at].spells("[") {
        at += 1
        guard takesLiteral(tokens, &at, depth: depth + 1), at + 1 < tokens.count, tokens[at].spells("]"), tokens[at + 1].spells("=")
        else { return false }
        at += 2
      }
      guard takesLiteral(tokens, &at, depth: depth + 1), at < tokens.count else { return false }
      if tokens[at].spells(",") || tokens[at].spells(";") { at += 1 } else if !tokens[at].spells("}") { return false }
    }
    return false
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += "\\" + String(UnicodeScalar(byte))
      case 0..<0x20, 0x7F...: result += "\\" + String(repeating: "0", count: byte < 10 ? 2 : byte < 100 ? 1 : 0) + String(byte)
      default: result += String(UnicodeScalar(byte))
      }
    }
    return result + "\""
  }
}

/// A mistake in how a command is used.
public struct CommandMistake: Error, CustomStringConvertible {
  /// What is wrong.
  public let description: String

  /// A mistake that `description` tells.
  public init(_ description: String) { self.description = description }
}

extension Notebook {
  /// Gives the variables of the cell tagged `parameters` their values; every line stays on its line.
  /// Throws where there is no such cell, or none of its variables has the name.
  public mutating func set(_ parameters: [Parameter], of path: String) throws(CommandMistake) {
    guard !parameters.isEmpty else { return }
    guard let index = cells.firstIndex(where: { $0.kind == .code && $0.header?.tags.contains("parameters") == true }) else {
      throw CommandMistake("\(path) has no cell tagged \"parameters\", so '\(parameters[0].name)' cannot be set")
    }
    var source = cells[index].source
    for parameter in parameters {
      let assignments = Assignment.all(in: source)
      guard let assignment = assignments.first(where: { $0.names.contains(parameter.name) }),
        let place = assignment.names.firstIndex(of: parameter.name)
      else {
        let names = assignments.flatMap(\.names)
        let close = Similarity.closest(to: parameter.name, in: names).map { ". Did you mean '\($0)'?" }
        let known = names.isEmpty ? "it has none" : "it has \(names.joined(separator: ", "))"
        throw CommandMistake("\(path) has no parameter '\(parameter.name)': \(known)\(close ?? "")")
      }
      if assignment.values.count == assignment.names.count {
        let range = assignment.values[place]
        let lines = source[range].filter { $0 == UInt8(ascii: "\n") }
        source.replaceSubrange(range, with: Array(parameter.value.utf8) + lines)
      } else {
        source.insert(contentsOf: Array("; \(parameter.name) = \(parameter.value)".utf8), at: assignment.end)
      }
    }
    cells[index].source = source
  }
}

/// A statement that gives names values.
private struct Assignment {
  var names: [String] = []
  /// The bytes of each expression.
  var values: [Range<Int>] = []
  /// Where the statement ends.
  let end: Int

  /// The assignments to plain names at the top of `source`, in order.
  static func all(in source: [UInt8]) -> [Assignment] {
    let syntax = MagicSyntax(line: { _ in .words }, cell: { _ in .lua })
    let outline = Outline(source, options: .init(hasMarkers: false, isPrompt: false, syntax: syntax))
    return outline.statements.compactMap { Assignment(source, $0.range) }
  }

  init?(_ source: [UInt8], _ range: Range<Int>) {
    end = range.upperBound
    var tokens: [Token] = []
    var lexer = Lexer(Array(source[range]))
    while true {
      guard case let element = lexer.next(), element != .end else { break }
      if case .token(let token) = element { tokens.append(token) }
    }
    var rest = tokens[...]
    let isLocal = rest.first?.spells("local") == true
    if isLocal { rest.removeFirst() }
    while let token = rest.first, token.kind == .name {
      names.append(token.text)
      rest.removeFirst()
      if rest.first?.spells("<") == true { rest = rest.dropFirst(3) }
      guard rest.first?.spells(",") == true else { break }
      rest.removeFirst()
    }
    guard !names.isEmpty, isLocal ? rest.isEmpty || rest.first?.spells("=") == true : rest.first?.spells("=") == true else { return nil }
    var depth = 0
    var start: Int?
    var last = 0
    for token in rest.dropFirst() {
      if depth == 0, token.spells(","), let begun = start {
        values.append(range.lowerBound + begun..<range.lowerBound + last)
        start = nil
        continue
      }
      if ["(", "[", "{", "function", "if", "do", "repeat"].contains(where: token.spells) { depth += 1 }
      if [")", "]", "}", "end", "until"].contains(where: token.spells) { depth -= 1 }
      start = start ?? token.range.lowerBound
      last = token.range.upperBound
    }
    if let start { values.append(range.lowerBound + start..<range.lowerBound + last) }
  }
}
