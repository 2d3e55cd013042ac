/// The pass behind `Outline`.
struct OutlineBuilder {
  private(set) var statements: [Statement] = []
  private(set) var magics: [MagicCall] = []
  private(set) var cells: [CellSpan] = []
  private(set) var names: Set<String> = []
  private(set) var isOpen = false

  private let options: Outline.Options
  private var lexer: Lexer
  private var tracker = StatementTracker()
  /// Commented magics that count if the next token begins a statement.
  private var pending: [MagicCall] = []
  private var previous: Token?
  /// Whether a statement or a magic has been met since the cell began.
  private var hasContent = false
  /// The cell magic whose Lua body is being read.
  private var openBody: Int?

  init(_ source: [UInt8], options: Outline.Options) {
    self.options = options
    lexer = Lexer(source, isFile: options.hasMarkers)
    cells = [CellSpan(header: nil, marker: 0..<0, body: 0..<source.count, line: 1)]
  }

  mutating func run() {
    while true {
      lexer.skipBlanks()
      if lexer.position < lexer.bytes.count, isCodeCell, options.readsMagics {
        if lexer.isAtLineStart ? takeBareMagic() : takeAssignedMagic() { continue }
      }
      switch lexer.next() {
      case .token(let token): take(token)
      case .comment(let comment): take(comment)
      case .end:
        finish()
        return
      }
    }
  }

  /// Whether any line is a marker.
  private lazy var isPercentFile = lexer.bytes.split(separator: UInt8(ascii: "\n")).contains { CellHeader($0) != nil }

  private var isCodeCell: Bool { cells.last?.header?.kind ?? .code == .code }

  // MARK: Magics

  /// Takes a `%name`, `!command` or `?name` line at the lexer's position where a statement may start.
  private mutating func takeBareMagic() -> Bool {
    let first = lexer.bytes[lexer.position]
    let range = lexer.position..<lexer.lineEnd(from: lexer.position)
    if first == UInt8(ascii: "%"), let line = MagicLine(lexer.bytes[range]) {
      // Where an expression could go on, `%c` is the remainder operator, unless it can only be meant as a magic.
      guard tracker.isFresh || (tracker.mayEndStatement && readsAsMagic(line)) else { return false }
      settlePending(accept: true)
      accept(call(line, range, on: lexer.line))
      return true
    }
    guard options.isPrompt, tracker.mayEndStatement else { return false }
    if first == UInt8(ascii: "!"), let line = MagicLine(Array("%sh ".utf8) + lexer.bytes[range].dropFirst()) {
      settlePending(accept: true)
      accept(call(line, range, on: lexer.line))
      return true
    }
    return false
  }

  /// Takes the magic of `x = %name …`, which no Lua could be.
  private mutating func takeAssignedMagic() -> Bool {
    guard previous?.spells("=") == true, tracker.status == .open, lexer.bytes[lexer.position] == UInt8(ascii: "%") else {
      return false
    }
    let range = lexer.position..<lexer.lineEnd(from: lexer.position)
    guard let line = MagicLine(lexer.bytes[range]), line.level == 1, let form = options.syntax.line(line.name) else {
      return false
    }
    magics.append(
      MagicCall(
        line: line, form: form, range: range, lineNumber: lexer.line, body: nil, isAtTop: tracker.depth == 0, isAssigned: true))
    addNames(of: line, form)
    if let last = statements.indices.last { statements[last].range = statements[last].range.lowerBound..<range.upperBound }
    tracker.passValue()
    previous = nil
    lexer.move(to: range.upperBound)
    return true
  }

  private func readsAsMagic(_ line: MagicLine) -> Bool {
    guard line.level == 2 || options.syntax.line(line.name) != nil else { return false }
    let operators = [
      "+", "*", "/", "^", "..", "==", "~=", "<", ">", "&", "|", "~", "%", "(", "[", ".", ":", ",", "=", ")", "}", "]",
    ]
    return !operators.contains { line.argument.hasPrefix($0) }
  }

  private func call(_ line: MagicLine, _ range: Range<Int>, on number: Int) -> MagicCall {
    // A cell magic heads its cell; anywhere else it is the line magic of a name that no magic has.
    let isCell = line.level == 2 && !hasContent && pending.isEmpty
    let form = line.level == 1 ? options.syntax.line(line.name) : isCell ? options.syntax.cell(line.name) : nil
    return MagicCall(
      line: line, form: form, range: range, lineNumber: number,
      body: isCell ? range.upperBound..<range.upperBound : nil, isAtTop: tracker.depth == 0, isAssigned: false)
  }

  private mutating func accept(_ call: MagicCall) {
    record(call)
    lexer.move(to: call.range.upperBound)
    guard call.body != nil else { return }
    if call.form == .lua {
      openBody = magics.count - 1
    } else {
      skipRawBody(call.range.upperBound)
    }
  }

  private mutating func record(_ call: MagicCall) {
    hasContent = true
    tracker.passMagic()
    magics.append(call)
    addNames(of: call.line, call.form)
  }

  /// Adds the identifiers in a magic's Lua. Before it stand options, which Lua would take for a comment: every word counts.
  private mutating func addNames(of line: MagicLine, _ form: MagicSyntax.Form?) {
    guard form == .lua else { return }
    for word in line.argument.utf8.split(whereSeparator: { !Byte.isNamePart($0) }) {
      if let name = String(word), word.first.map(Byte.isNameStart) == true { names.insert(name) }
    }
  }

  /// Moves past a body that is not Lua: to the next marker, or to the end.
  private mutating func skipRawBody(_ start: Int) {
    lexer.skipLine()
    let bodyStart = min(start + 1, lexer.bytes.count)
    while lexer.position < lexer.bytes.count {
      let line = lexer.bytes[lexer.position..<lexer.lineEnd(from: lexer.position)]
      if options.hasMarkers, CellHeader(line) != nil { break }
      lexer.skipLine()
    }
    magics[magics.count - 1].body = bodyStart..<max(bodyStart, lexer.position)
  }

  private mutating func settlePending(accept isAccepted: Bool) {
    let calls = pending
    pending = []
    if isAccepted { calls.forEach { record($0) } }
  }

  // MARK: Comments

  private mutating func take(_ comment: Lexer.Comment) {
    if !comment.isFinished { isOpen = true }
    guard comment.startsLine, !comment.isLong else { return }
    let text = lexer.bytes[comment.range]
    if options.hasMarkers, let header = CellHeader(text) {
      if tracker.depth == 0, tracker.status != .open { beginCell(header, comment) }
      return
    }
    guard options.readsMagics, isCodeCell, let line = MagicLine(text) else { return }
    let call = call(line, comment.range, on: comment.line)
    // In a file without cells, a comment that begins with `%d` speaks of a format.
    if options.hasMarkers, call.form == nil, line.name.utf8.count == 1, !isPercentFile { return }
    if call.body != nil, tracker.isFresh {
      accept(call)
    } else {
      pending.append(call)
    }
  }

  private mutating func beginCell(_ header: CellHeader, _ comment: Lexer.Comment) {
    settlePending(accept: tracker.mayEndStatement)
    endCell(at: lexer.lineStart)
    let start = min(comment.range.upperBound + 1, lexer.bytes.count)
    cells.append(
      CellSpan(header: header, marker: lexer.lineStart..<start, body: start..<lexer.bytes.count, line: comment.line + 1))
    hasContent = false
  }

  private mutating func endCell(at end: Int) {
    let start = cells[cells.count - 1].body.lowerBound
    cells[cells.count - 1].body = start..<max(start, end)
    if let index = openBody {
      let bodyStart = min(magics[index].range.upperBound + 1, end)
      magics[index].body = bodyStart..<max(bodyStart, end)
      openBody = nil
    }
    // A statement that the marker interrupts has ended, as it has in a notebook.
    if tracker.mayEndStatement { tracker.passMagic() }
    previous = nil
  }

  // MARK: Tokens

  private mutating func take(_ token: Token) {
    let isBoundary = tracker.isBoundary(before: token)
    if !pending.isEmpty { settlePending(accept: isBoundary && tracker.mayEndStatement) }
    if case .string(false) = token.kind { isOpen = true }
    if token.kind == .name { names.insert(token.text) }
    let isTop = tracker.depth == 0
    if isTop, token.spells(";") {
      if let last = statements.indices.last { statements[last].isSilenced = true }
    } else if isTop, isBoundary {
      statements.append(Statement(kind: Self.kind(of: token), range: token.range))
    } else if let last = statements.indices.last {
      // Taken out and put back: a method of this builder that changes its list in place would copy all of it each time.
      var statement = statements[last]
      statement.range = statement.range.lowerBound..<token.range.upperBound
      if isTop { refine(&statement, with: token) }
      statements[last] = statement
    }
    hasContent = true
    tracker.pass(token)
    previous = token
  }

  private static func kind(of token: Token) -> Statement.Kind {
    switch token.kind {
    case .name, .number, .string: return .expression
    case .symbol: return token.text == "::" ? .other : .expression
    case .keyword:
      if token.text == "local" { return .local([]) }
      if token.text == "return" { return .returnStatement }
      return ["nil", "true", "false", "not", "function"].contains(token.text) ? .expression : .other
    }
  }

  /// Learns from a token outside brackets what the statement is: names it declares, an assignment.
  private func refine(_ statement: inout Statement, with token: Token) {
    switch statement.kind {
    case .local(var declared):
      if token.spells("function") {
        statement.kind = .localFunction("")
      } else if token.kind == .name, tracker.isDeclaring {
        if previous?.spells("<") == true, let last = declared.indices.last {
          declared[last].attribute = token.text
        } else {
          declared.append(LocalName(token.text))
        }
        statement.kind = .local(declared)
      }
    case .expression where token.spells("="): statement.kind = .other
    default: break
    }
  }

  private mutating func finish() {
    settlePending(accept: tracker.mayEndStatement)
    if tracker.depth > 0 { isOpen = true }
    endCell(at: lexer.bytes.count)
    for index in statements.indices {
      var statement = statements[index]
      nameFunction(&statement)
      statements[index] = statement
    }
  }

  /// Completes `local function f`, whose name stands inside the function's header.
  private func nameFunction(_ statement: inout Statement) {
    guard case .localFunction = statement.kind else {
      if statement.kind == .expression { demote(&statement) }
      return
    }
    var words = Lexer(Array(lexer.bytes[statement.range]))
    var name = ""
    for _ in 0..<3 { if case .token(let token) = words.next(), token.kind == .name { name = token.text } }
    statement.kind = name.isEmpty ? .other : .localFunction(name)
  }

  /// `function name` at the beginning of a statement declares; only `function (` is a value.
  private func demote(_ statement: inout Statement) {
    var words = Lexer(Array(lexer.bytes[statement.range]))
    guard case .token(let first) = words.next(), first.spells("function") else { return }
    if case .token(let second) = words.next(), second.kind == .name { statement.kind = .other }
  }
}
