/// Lua and magics as HTML with spans for colours.
public struct Highlighter {
  private let syntax: MagicSyntax

  /// A highlighter that knows the magics of `syntax`.
  public init(syntax: MagicSyntax) { self.syntax = syntax }

  /// The HTML of a cell. The classes are `k` for keywords, `s` strings, `n` numbers, `c` comments, `f` what is called, `m` magics.
  public func html(_ source: String) -> String {
    let bytes = Array(source.utf8)
    let outline = Outline(bytes, options: .init(hasMarkers: false, isPrompt: true, syntax: syntax))
    var html = ""
    var at = 0
    for magic in outline.magics where magic.range.lowerBound >= at {
      html += lua(bytes[at..<magic.range.lowerBound])
      let text = String(decoding: bytes[magic.range], as: UTF8.self)
      let mark = text.prefix { "-% !".contains($0) }
      let name = text.hasPrefix("!") ? "" : text.dropFirst(mark.count).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      html += Self.span("m", String(mark + name))
      let rest = text.dropFirst(mark.count + name.count)
      html += magic.form == .lua ? lua(Array(rest.utf8)[...]) : HTMLText.escaped(String(rest))
      at = magic.range.upperBound
      guard let body = magic.body, magic.form != .lua, body.upperBound > at else { continue }
      html += HTMLText.escaped(String(decoding: bytes[at..<body.upperBound], as: UTF8.self))
      at = body.upperBound
    }
    return html + lua(bytes[at...])
  }

  private func lua(_ slice: ArraySlice<UInt8>) -> String {
    let bytes = Array(slice)
    var html = ""
    var at = 0
    var lexer = Lexer(bytes)
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    while true {
      let element = lexer.next()
      let range: Range<Int>
      var style: String?
      switch element {
      case .end: return html + HTMLText.escaped(text(at..<bytes.count))
      case .comment(let comment): (range, style) = (comment.range, "c")
      case .token(let token):
        range = token.range
        switch token.kind {
        case .keyword: style = "k"
        case .number: style = "n"
        case .string: style = "s"
        case .symbol: style = nil
        case .name:
          var ahead = lexer
          if case .token(let next) = ahead.next(), next.spells("(") || next.spells("{") || Self.isString(next) { style = "f" }
        }
      }
      html += HTMLText.escaped(text(at..<range.lowerBound))
      html += style.map { Self.span($0, text(range)) } ?? HTMLText.escaped(text(range))
      at = range.upperBound
    }
  }

  private static func isString(_ token: Token) -> Bool {
    if case .string = token.kind { return true }
    return false
  }

  private static func span(_ style: String, _ text: String) -> String {
    "<span class=\"\(style)\">\(HTMLText.escaped(text))</span>"
  }
}
