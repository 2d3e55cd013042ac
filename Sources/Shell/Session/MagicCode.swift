import Notebook

/// The Lua of a magic's line, without a comment at its end.
struct MagicCode {
  /// The Lua.
  let text: String
  /// Whether a `;` ends it.
  let isSilenced: Bool
  /// Whether its last statement may be an expression.
  let lastIsExpression: Bool
  /// Whether it has a `return` outside functions.
  let hasReturn: Bool
  /// The names that its `local` statements declare, in order.
  let declared: [LocalName]
  private let lastStart: Int
  private let lastEnd: Int

  init(_ line: String) {
    let bytes = Array(line.utf8)
    let none = MagicSyntax(line: { _ in nil }, cell: { _ in nil })
    let outline = Outline(bytes, options: .init(hasMarkers: false, isPrompt: false, syntax: none))
    let end = outline.statements.last?.range.upperBound ?? 0
    text = String(decoding: bytes[..<end], as: UTF8.self)
    isSilenced = outline.statements.last?.isSilenced ?? false
    lastIsExpression = outline.statements.last?.kind == .expression
    hasReturn = outline.statements.contains { $0.kind == .returnStatement }
    declared = outline.statements.flatMap(\.declaredNames)
    lastStart = outline.statements.last?.range.lowerBound ?? 0
    lastEnd = end
  }

  /// The Lua with `open` and `close` around its last statement.
  func returning(_ open: String, _ close: String) -> String {
    let bytes = Array(text.utf8)
    return String(decoding: bytes[..<lastStart] + Array(open.utf8) + bytes[lastStart...] + Array(close.utf8), as: UTF8.self)
  }
}
