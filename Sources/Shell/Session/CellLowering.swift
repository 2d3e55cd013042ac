import LuaVM
import Notebook

/// Turns a cell or a file into the Lua that runs it: magics become calls, the last expression is
/// returned, and locals at the top are captured so that later cells share them. Every line stays on its line.
struct CellLowering {
  /// What is wanted of the Lua.
  struct Purpose {
    /// Whether the last expression is returned.
    var echoes = false
    /// Whether locals at the top are captured.
    var keepsLocals = false
  }

  /// A local at the top whose variable, or for a constant whose value, lies in `slot` once it is declared.
  struct Capture {
    let slot: Int
    let name: String
    let isConstant: Bool
  }

  /// What the compiler says of a text.
  enum Verdict {
    case valid
    case invalid(LuaError)

    var isValid: Bool {
      if case .valid = self { return true }
      return false
    }

    var isIncomplete: Bool {
      if case .invalid(let error) = self { return error.isIncomplete }
      return false
    }
  }

  /// The name by which the Lua reaches the machinery.
  static let machine = "_QREPL"

  private(set) var invocations: [MagicRequest] = []
  private(set) var captures: [Capture] = []
  /// Whether the value of the cell is not to be shown.
  private(set) var isSilenced = false
  /// A mistake in a magic's Lua, found before anything runs.
  var error: LuaError?

  let outline: Outline
  private let catalog: MagicCatalog
  let purpose: Purpose
  let judge: (_ source: [UInt8]) -> Verdict
  private let offset: Int
  var edits: [Edit] = []
  private var slots = 0
  /// The statements whose values magics below them judge, by where they begin.
  var held: Set<Int> = []
  /// The ranges whose locals stay inside: bodies of loops.
  private var closedRanges: [Range<Int>] = []
  private var value = Value.none

  struct Edit {
    let range: Range<Int>
    let text: String
    /// Among edits at one place, the lower comes first.
    var rank = 0
    /// Whether a value that is returned before it makes the edit unreachable.
    var followsValue = false
  }

  /// What the cell's value is.
  private enum Value {
    case none
    /// The last statement, if it turns out to be an expression, after `prefix`.
    case statement(Range<Int>, open: String, close: String)
  }

  /// - Parameter offset: how many magics the session knows already; those of this source are numbered after them.
  init(
    _ outline: Outline, catalog: MagicCatalog, purpose: Purpose, offset: Int, judge: @escaping (_ source: [UInt8]) -> Verdict
  ) {
    self.offset = offset
    self.outline = outline
    self.catalog = catalog
    self.purpose = purpose
    self.judge = judge
    let first = outline.source.prefix { $0 != UInt8(ascii: "\n") }
    if outline.cells.first?.header == nil, purpose.echoes == false, first.first == UInt8(ascii: "#") {
      edits.append(Edit(range: 0..<first.count, text: ""))
    }
    for index in outline.magics.indices { lower(outline.magics[index], isLast: index == outline.magics.count - 1) }
    if purpose.keepsLocals { captureLocals() }
    if purpose.echoes, case .none = value { findValue() }
  }

  // MARK: The text

  /// Whether the Lua needs the machinery at all.
  var needsMachine: Bool { !invocations.isEmpty || !captures.isEmpty || hasValue }

  /// Whether the last statement may be an expression.
  var hasValue: Bool {
    if case .statement = value { return true }
    return false
  }

  /// The Lua, the last statement left as it is.
  var asStatement: [UInt8] { text(edits) }

  /// The Lua with `return` before the last statement, to learn whether it is an expression.
  var asProbe: [UInt8] {
    guard case .statement(let range, _, _) = value else { return asStatement }
    return text(edits + [Edit(range: range.lowerBound..<range.lowerBound, text: "return ", rank: 2)], before: range.upperBound)
  }

  /// The Lua that returns the value of the last statement.
  var asValue: [UInt8] {
    guard case .statement(let range, let open, let close) = value else { return asStatement }
    return text(
      edits.filter { !$0.followsValue } + [
        Edit(range: range.lowerBound..<range.lowerBound, text: open, rank: 2),
        Edit(range: range.upperBound..<range.upperBound, text: close, rank: -1),
      ])
  }

  /// The source with `edits`; with `before`, edits at the end that come from there on are left out.
  private func text(_ edits: [Edit], before end: Int? = nil) -> [UInt8] {
    var result: [UInt8] = []
    var at = 0
    for edit in edits.sorted(by: { ($0.range.lowerBound, $0.rank) < ($1.range.lowerBound, $1.rank) }) {
      if let end, edit.range.lowerBound >= end { break }
      guard edit.range.lowerBound >= at else { continue }
      result += outline.source[at..<edit.range.lowerBound]
      result += Array(edit.text.utf8)
      at = edit.range.upperBound
    }
    return result + outline.source[at...]
  }

  // MARK: Values and locals

  private mutating func findValue() {
    guard let last = outline.statements.last, last.kind == .expression else { return }
    if let magic = outline.magics.last(where: { !$0.isAssigned }), magic.isAtTop, magic.range.lowerBound > last.range.lowerBound {
      return
    }
    if closedRanges.contains(where: { $0.contains(last.range.lowerBound) }) { return }
    isSilenced = last.isSilenced
    value = .statement(last.range, open: "return \(Self.machine).show(", close: ")")
  }

  private mutating func captureLocals() {
    for statement in outline.statements where !closedRanges.contains(where: { $0.contains(statement.range.lowerBound) }) {
      let text = capture(statement.declaredNames)
      let end = statement.range.upperBound
      if !text.isEmpty { edits.append(Edit(range: end..<end, text: text)) }
    }
  }

  /// The Lua that captures `names` where they are in scope; empty where there is nothing to capture.
  private mutating func capture(_ names: [LocalName]) -> String {
    // Of a name declared twice the last is in scope. `_` and its like belong to the results of cells; a variable that is
    // closed has no life after its cell.
    let kept = names.enumerated().filter { index, name in
      !names[(index + 1)...].contains { $0.name == name.name } && !["_", "__", "___", "_ENV"].contains(name.name)
        && name.attribute != "close"
    }.map(\.element)
    let variables = kept.filter { $0.attribute == nil }.map(\.name)
    var text = ""
    if !variables.isEmpty {
      slots += 1
      text += " \(Self.machine)[\(slots)] = function() return \(variables.joined(separator: ", ")) end"
      captures += variables.map { Capture(slot: slots, name: $0, isConstant: false) }
    }
    for constant in kept where constant.attribute == "const" {
      slots += 1
      text += " \(Self.machine)[\(slots)] = {\(constant.name)}"
      captures.append(Capture(slot: slots, name: constant.name, isConstant: true))
    }
    return text
  }

  // MARK: Magics

  private mutating func lower(_ call: MagicCall, isLast: Bool) {
    let request = MagicRequest(call, outline: outline, catalog: catalog)
    invocations.append(request)
    let number = offset + invocations.count
    if call.isAssigned { return lowerAssigned(call, number, request) }
    let endsCell = call.body != nil || (isLast && !outline.statements.contains { $0.range.lowerBound > call.range.lowerBound })
    let isValue = purpose.echoes && call.isAtTop && endsCell
    guard let magic = request.magic, let arguments = request.arguments else {
      return replace(call, with: "\(Self.machine).run(\(number))", isValue: false)
    }
    switch magic.action(cell: call.body != nil) {
    case .either: break
    case .words: replace(call, with: "\(Self.machine).run(\(number))", isValue: isValue)
    case .values:
      let code = MagicCode(arguments.rest)
      check(code, call, wants: .value)
      isSilenced = isValue && code.isSilenced
      replace(call, with: "\(Self.machine).run(\(number)\(code.text.isEmpty ? "" : ", \(code.text)"))", isValue: isValue)
    case .expectation: lowerExpectation(call, number, arguments)
    case .loops(let codes, _): lowerLoops(call, number, codes(arguments), arguments, isValue)
    case .bracket(let isProtected, _):
      if isProtected(arguments) {
        lowerAttempt(call, number, arguments, isValue)
      } else if call.body == nil {
        lowerBracket(call, number, arguments, isValue)
      } else {
        lowerBracketCell(call, number, isValue)
      }
    }
  }

  /// Puts `text` in the place of the magic's line, and blank lines in the place of a body that is not Lua.
  mutating func replace(_ call: MagicCall, with text: String, isValue: Bool) {
    edits.append(Edit(range: call.range, text: isValue ? "return \(Self.machine).show(\(text));" : text + ";"))
    guard let body = call.body, !body.isEmpty else { return }
    let lines = outline.source[body].filter { $0 == UInt8(ascii: "\n") }.count
    edits.append(Edit(range: body, text: String(repeating: "\n", count: lines)))
  }

  /// `x = %name …`: an expression of one value.
  private mutating func lowerAssigned(_ call: MagicCall, _ number: Int, _ request: MagicRequest) {
    var text = "\(Self.machine).run(\(number))"
    if let magic = request.magic, let arguments = request.arguments {
      let code = MagicCode(arguments.rest)
      switch magic.action(cell: false) {
      case .words, .expectation, .either: break
      case .values:
        check(code, call, wants: .value)
        if !code.text.isEmpty { text = "\(Self.machine).run(\(number), \(code.text))" }
      case .loops(let codes, _):
        let loops = codes(arguments).map { MagicCode($0) }
        for code in loops { check(code, call, wants: .statement) }
        text =
          "\(Self.machine).measure(\(number), \(loops.map { Self.loop(setup: "", body: statement($0)) }.joined(separator: ", ")))"
      case .bracket:
        check(code, call, wants: .statement)
        let isExpression = code.lastIsExpression && judge(Array(code.returning("return ", "").utf8)).isValid
        text =
          "\(Self.machine).attempt(\(number), function() \(isExpression ? code.returning("return ", "") : code.text) end, true)"
      }
    }
    edits.append(Edit(range: call.range, text: "(\(text))"))
  }

  private mutating func lowerLoops(
    _ call: MagicCall, _ number: Int, _ codes: [String], _ arguments: MagicArguments, _ isValue: Bool
  ) {
    let codes = codes.map { MagicCode($0) }
    let open = isValue ? "return \(Self.machine).show(" : ""
    let close = isValue ? ");" : ";"
    guard let body = call.body else {
      var loops: [String] = []
      for code in codes {
        check(code, call, wants: .statement)
        loops.append(Self.loop(setup: "", body: statement(code)))
      }
      isSilenced = isValue && codes.contains(where: \.isSilenced)
      return replace(call, with: "\(Self.machine).measure(\(number), \(loops.joined(separator: ", ")))", isValue: isValue)
    }
    // Of a cell magic the line is the untimed setup, and other codes are loops of their own.
    let setup = MagicCode(arguments.rest)
    check(setup, call, wants: .statement)
    let others = codes.dropFirst().map { ", " + Self.loop(setup: statement(setup), body: statement($0)) }.joined()
    let parts = Self.loopParts(setup: statement(setup))
    edits.append(Edit(range: call.range, text: "\(open)\(Self.machine).measure(\(number), \(parts.open)"))
    closedRanges.append(body)
    if let last = outline.statements.last(where: { body.contains($0.range.lowerBound) }), last.kind == .expression,
      !judge(Array(outline.source[last.range])).isValid
    {
      edits.append(Edit(range: last.range.lowerBound..<last.range.lowerBound, text: "local _ = "))
    }
    let end = Self.needsLineEnd(outline, body) ? "\n" : ""
    edits.append(Edit(range: body.upperBound..<body.upperBound, text: "\(end)\(parts.close)\(others))\(close)"))
  }

  private static func needsLineEnd(_ outline: Outline, _ body: Range<Int>) -> Bool {
    body.isEmpty || outline.source[body.upperBound - 1] != UInt8(ascii: "\n")
  }

  private static func loopParts(setup: String) -> (open: String, close: String) {
    (
      "function(_QREPL_n, _QREPL_clock) \(setup); local _QREPL_t = _QREPL_clock() for _QREPL_i = 1, _QREPL_n do ",
      " end return _QREPL_clock() - _QREPL_t end"
    )
  }

  private static func loop(setup: String, body: String) -> String {
    let parts = loopParts(setup: setup)
    return parts.open + body + parts.close
  }

  /// The code as statements: an expression is computed and dropped.
  private func statement(_ code: MagicCode) -> String {
    if code.text.isEmpty || judge(Array(code.text.utf8)).isValid { return code.text }
    return code.returning("local _ = ", "")
  }

  private mutating func lowerBracket(_ call: MagicCall, _ number: Int, _ arguments: MagicArguments, _ isValue: Bool) {
    let code = MagicCode(arguments.rest)
    check(code, call, wants: .statement)
    let enter = "\(Self.machine).enter(\(number)); "
    let isExpression = code.lastIsExpression && judge(Array(code.returning("return ", "").utf8)).isValid
    isSilenced = isValue && code.isSilenced
    guard isExpression else {
      let kept = purpose.keepsLocals && call.isAtTop ? capture(code.declared) : ""
      return edits.append(Edit(range: call.range, text: "\(enter)\(code.text); \(Self.machine).leave(\(number));\(kept);"))
    }
    let leave = "\(Self.machine).leave(\(number), "
    let text = isValue ? code.returning("return \(Self.machine).show(\(leave)", "))") : code.returning(leave, ")")
    edits.append(Edit(range: call.range, text: enter + text + ";"))
  }

  /// A bracket in a function of its own, whose failure does not end the cell.
  private mutating func lowerAttempt(_ call: MagicCall, _ number: Int, _ arguments: MagicArguments, _ isValue: Bool) {
    let open = (isValue ? "return \(Self.machine).show(" : "") + "\(Self.machine).attempt(\(number), function() "
    let close = isValue ? "));" : ");"
    guard let body = call.body else {
      let code = MagicCode(arguments.rest)
      check(code, call, wants: .statement)
      isSilenced = isValue && code.isSilenced
      let isExpression = code.lastIsExpression && judge(Array(code.returning("return ", "").utf8)).isValid
      return edits.append(
        Edit(range: call.range, text: "\(open)\(isExpression ? code.returning("return ", "") : code.text) end\(close)"))
    }
    edits.append(Edit(range: call.range, text: open))
    closedRanges.append(body)
    let end = Self.needsLineEnd(outline, body) ? "\n" : ""
    edits.append(Edit(range: body.upperBound..<body.upperBound, text: "\(end)end\(close)"))
  }

  private mutating func lowerBracketCell(_ call: MagicCall, _ number: Int, _ isValue: Bool) {
    guard let body = call.body else { return }
    let enter = "\(Self.machine).enter(\(number)); "
    edits.append(Edit(range: call.range, text: enter))
    let inside = outline.statements.last { body.contains($0.range.lowerBound) }
    let hasLaterMagic = outline.magics.contains {
      $0.isAtTop && $0.range.lowerBound > inside?.range.lowerBound ?? 0 && body.contains($0.range.lowerBound)
    }
    if let last = inside, last.kind == .expression, purpose.echoes, !hasLaterMagic {
      isSilenced = last.isSilenced
      value = .statement(last.range, open: "return \(Self.machine).show(\(Self.machine).leave(\(number), ", close: "))")
    }
    let end = Self.needsLineEnd(outline, body) ? "\n" : ""
    edits.append(
      Edit(range: body.upperBound..<body.upperBound, text: "\(end)\(Self.machine).leave(\(number));", followsValue: true))
  }

  // MARK: Checks

  enum Want { case statement, value }

  /// Compiles a magic's Lua alone, so that it cannot close the brackets it is put in.
  mutating func check(_ code: MagicCode, _ call: MagicCall, wants: Want) {
    guard error == nil, !code.text.isEmpty else { return }
    let lines = [UInt8](repeating: UInt8(ascii: "\n"), count: call.lineNumber - 1)
    let asStatement = judge(lines + Array(code.text.utf8))
    if wants == .statement, asStatement.isValid, !code.hasReturn { return }
    let asValue = judge(lines + Array(code.returning("return ", "").utf8))
    if asValue.isValid, !code.hasReturn { return }
    if case .invalid(let found) = wants == .statement ? asStatement : asValue {
      error = found
    } else if code.hasReturn {
      error = LuaError(message: "'return' outside function")
    }
  }
}
