/// Something in a file that breaks in one of its uses: run by qrepl or by Lua, opened as a notebook.
public struct LintFinding: Equatable, Sendable {
  /// The line, from 1.
  public let line: Int
  /// The column in characters, from 1.
  public let column: Int
  /// What is wrong and what to write.
  public let message: String

  /// A finding.
  public init(line: Int, column: Int, message: String) {
    self.line = line
    self.column = column
    self.message = message
  }
}

/// Looks through the text of a percent file for what breaks.
public struct Lint {
  private let source: [UInt8]
  private let outline: Outline
  private var findings: [LintFinding] = []

  /// What is found in `source`, whose magics are those of `syntax`, in the order of the file.
  public static func findings(in source: [UInt8], syntax: MagicSyntax) -> [LintFinding] {
    var lint = Lint(source, syntax)
    lint.lookAtTokens()
    lint.lookAtCells()
    return lint.findings.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
  }

  private init(_ source: [UInt8], _ syntax: MagicSyntax) {
    self.source = source
    outline = Outline(source, options: .init(hasMarkers: true, isPrompt: false, syntax: syntax))
  }

  private mutating func add(_ offset: Int, _ line: Int, _ message: String) {
    let start = source[..<offset].lastIndex(of: Byte.newline).map { $0 + 1 } ?? 0
    let column = String(decoding: source[start..<offset], as: UTF8.self).count + 1
    findings.append(LintFinding(line: line, column: column, message: message))
  }

  // MARK: Tokens

  private mutating func lookAtTokens() {
    var lexer = Lexer(source, isFile: true)
    var magics = outline.magics[...]
    var markers = outline.cells.compactMap { $0.header == nil ? nil : $0.marker.lowerBound }[...]
    while true {
      lexer.skipBlanks()
      // Magics are no Lua, nor are the bodies of some.
      if let magic = magics.first, magic.range.lowerBound <= lexer.position {
        magics.removeFirst()
        guard !magic.line.isCommented, magic.range.lowerBound == lexer.position else { continue }
        if !magic.isAssigned {
          add(magic.range.lowerBound, magic.lineNumber, "a magic outside a comment is no Lua: write -- \(String(repeating: "%", count: magic.line.level))\(magic.line.name)")
        }
        lexer.move(to: magic.range.upperBound)
        if let body = magic.body, magic.form != .lua { while lexer.position < body.upperBound { lexer.skipLine() } }
        continue
      }
      switch lexer.next() {
      case .end: return
      case .comment(let comment):
        if comment.isLong { lookInside(comment.range, comment.line, "a long comment") }
        guard !comment.isLong, comment.startsLine, CellHeader(source[comment.range]) != nil else { continue }
        while let first = markers.first, first < lexer.lineStart { markers.removeFirst() }
        if markers.first != lexer.lineStart {
          add(comment.range.lowerBound, comment.line, "`-- %%` within a block, a bracket or a statement: only editors and Jupytext begin a cell here")
        }
      case .token(let token): look(at: token, lexer)
      }
    }
  }

  private mutating func look(at token: Token, _ lexer: Lexer) {
    if case .string = token.kind, source[token.range].contains(Byte.newline) {
      lookInside(token.range, token.line, "a long string")
      return
    }
    let isFirst = source[lexer.lineStart..<token.range.lowerBound].allSatisfy(Byte.isBlank)
    if isFirst, token.spells("%") {
      add(token.range.lowerBound, token.line, "`%` at the beginning of a line looks like a magic: put the operator at the end of the line above")
    } else if isFirst, token.spells("!") {
      let command = String(decoding: source[token.range.upperBound..<lexer.lineEnd(from: token.range.upperBound)], as: UTF8.self)
      add(token.range.lowerBound, token.line, "`!` is for the prompt: write -- %sh \(command)")
    } else if token.spells("?") {
      let line = source[lexer.lineStart..<lexer.lineEnd(from: token.range.upperBound)]
      let name = MagicLine.trimmed(line.filter { $0 != UInt8(ascii: "?") }[...])
      add(token.range.lowerBound, token.line, "`?` is for the prompt: write -- %pinfo \(String(decoding: name, as: UTF8.self))")
    }
  }

  /// Lines within a string or a comment that other programs take for cells and magics: they know no Lua.
  private mutating func lookInside(_ range: Range<Int>, _ first: Int, _ place: String) {
    var start = range.lowerBound
    var line = first
    for text in source[range].split(separator: Byte.newline, omittingEmptySubsequences: false) {
      if line > first {
        let blanks = text.prefix { Byte.isBlank($0) }.count
        if CellHeader(text) != nil {
          add(start + blanks, line, "`-- %%` within \(place): editors and Jupytext begin a cell here")
        } else if let magic = MagicLine(text) {
          add(start + blanks, line, "a line within \(place) looks like the magic %\(magic.name): Jupytext changes it")
        }
      }
      start += text.count + 1
      line += 1
    }
  }

  // MARK: Cells

  private mutating func lookAtCells() {
    var hasParameters = false
    for cell in outline.cells {
      guard let header = cell.header else { continue }
      let line = cell.line - 1
      let start = cell.marker.lowerBound
      lookAtHeader(header, start, line)
      if header.tags.contains("parameters") {
        if hasParameters { add(start, line, "a second cell tagged \"parameters\": -p sets variables of the first alone") }
        hasParameters = true
      }
      if header.kind != .code { lookAtProse(cell) }
    }
  }

  private mutating func lookAtHeader(_ header: CellHeader, _ start: Int, _ line: Int) {
    if let tags = header.metadata.last(where: { $0.key == "tags" }), tags.value.elements?.allSatisfy({ $0.stringValue != nil }) != true {
      add(start, line, "tags must be a list of strings, such as tags=[\"parameters\"], not \(tags.text)")
    }
    let title = header.title
    for (open, close) in [("[", "]"), ("{", "}")] where title.contains(open) || title.contains(close) {
      let isKind = open == "[" && !title.contains("=")
      let message = isKind ? "a cell's kind is [markdown] or [raw], or is left out" : "a cell's metadata is key=JSON"
      return add(start, line, "\(message): \(title)")
    }
    if let equals = title.firstIndex(of: "="), equals > title.startIndex, title[title.index(before: equals)] != " " {
      add(start, line, "a cell's metadata is key=JSON: \(title)")
    } else if title.filter({ $0 == "\"" }).count % 2 == 1 {
      add(start, line, "a quote is left open in a cell's header: \(title)")
    }
  }

  private mutating func lookAtProse(_ cell: CellSpan) {
    var start = cell.body.lowerBound
    var line = cell.line
    for text in source[cell.body].split(separator: Byte.newline, omittingEmptySubsequences: false) {
      let words = MagicLine.trimmed(text)
      if !words.isEmpty, !words.starts(with: Array("--".utf8)) {
        return add(start, line, "prose outside a comment: a line of a \(cell.header?.kind.rawValue ?? "") cell begins with --")
      }
      start += text.count + 1
      line += 1
    }
  }
}
