import LuaVM
import Notebook

extension CellLowering {
  /// A magic that judges the value of the statement above it: an expression, a call, or what an assignment has set.
  mutating func lowerExpectation(_ call: MagicCall, _ number: Int, _ arguments: MagicArguments) {
    guard call.isAtTop, let actual = valueAbove(call) else {
      error = error ?? LuaError(message: "UsageError: %\(call.line.name) stands below the statement whose value it checks")
      return
    }
    let (value, tolerance) = expectation(arguments.rest)
    let codes = [value] + (tolerance.map { [$0] } ?? [])
    for code in codes { check(MagicCode(code), call, wants: .value) }
    let texts = codes.map { MagicCode($0).text }.filter { !$0.isEmpty }
    replace(call, with: "\(Self.machine).run(\(number), \(([actual] + texts).joined(separator: ", ")))", isValue: false)
  }

  /// What is expected and how far the value may be from it: two expressions with a blank or a comma between them.
  private func expectation(_ text: String) -> (value: String, tolerance: String?) {
    func isValue(_ code: some StringProtocol) -> Bool {
      !code.allSatisfy(\.isWhitespace) && judge(Array(MagicCode(String(code)).returning("return ", "").utf8)).isValid
    }
    if isValue(text) { return (text, nil) }
    for index in text.indices.reversed() where text[index] == " " || text[index] == "," {
      let (head, tail) = (text[..<index], text[text.index(after: index)...])
      if isValue(head), isValue(tail) { return (String(head), String(tail)) }
    }
    return (text, nil)
  }

  /// The Lua that gives the value of the statement above the magic; nil where there is none.
  private mutating func valueAbove(_ call: MagicCall) -> String? {
    let above = outline.statements.last { $0.range.upperBound <= call.range.lowerBound }
    let start = outline.cells.last { $0.body.lowerBound <= call.range.lowerBound }?.body.lowerBound ?? 0
    guard let statement = above, statement.range.lowerBound >= start else {
      // Alone in a cell of the prompt it is the last value that counts.
      return purpose.echoes ? "_" : nil
    }
    switch statement.kind {
    case .local(let names): return names.first?.name
    case .localFunction(let name): return name
    case .returnStatement: return nil
    case .other: return target(of: statement)
    case .expression:
      if held.insert(statement.range.lowerBound).inserted {
        let (start, end) = (statement.range.lowerBound, statement.range.upperBound)
        edits.append(Edit(range: start..<start, text: "\(Self.machine).hold(", rank: 1))
        edits.append(Edit(range: end..<end, text: ")", rank: -2))
      }
      return "\(Self.machine).held"
    }
  }

  /// What an assignment sets first; nil for another statement.
  private func target(of statement: Statement) -> String? {
    var lexer = Lexer(Array(outline.source[statement.range]))
    var depth = 0
    var end: Int?
    reading: while case .token(let token) = lexer.next() {
      if token.kind == .keyword, depth == 0 { return nil }
      switch token.text {
      case "(", "[", "{": depth += 1
      case ")", "]", "}": depth -= 1
      case "=", ",":
        if depth == 0, token.kind == .symbol {
          end = token.range.lowerBound
          break reading
        }
      default: break
      }
    }
    return end.map { outline.text(statement.range.lowerBound..<statement.range.lowerBound + $0) }
  }
}
