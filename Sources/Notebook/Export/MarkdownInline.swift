/// What stands within a paragraph of Markdown, as HTML: code, emphasis, links, pictures.
struct MarkdownInline {
  private let text: [Character]
  private var at = 0
  private var html = ""
  private let depth: Int

  /// The HTML of `text`.
  static func html(_ text: String) -> String { html(Array(text), depth: 0) }

  private static func html(_ text: [Character], depth: Int) -> String {
    var inline = MarkdownInline(text: text, depth: depth)
    inline.render()
    return inline.html
  }

  private init(text: [Character], depth: Int) {
    self.text = text
    self.depth = depth
  }

  private mutating func render() {
    var plain = ""
    func flush(_ inline: inout MarkdownInline) {
      inline.html += HTMLText.escaped(plain)
      plain = ""
    }
    while at < text.count {
      let before = at
      if let piece = takeSpan() {
        flush(&self)
        html += piece
        continue
      }
      at = before
      if text[at] == "\n" {
        let isBroken = plain.hasSuffix("  ")
        while plain.last == " " { plain.removeLast() }
        flush(&self)
        html += isBroken ? "<br>\n" : "\n"
      } else {
        plain.append(text[at])
      }
      at += 1
    }
    flush(&self)
  }

  /// The HTML of a span that begins here, moved past; nil where none does.
  private mutating func takeSpan() -> String? {
    switch text[at] {
    case "\\":
      guard at + 1 < text.count else { return nil }
      at += 2
      if text[at - 1] == "\n" { return "<br>\n" }
      guard "\\`*_{}[]()#+-.!|<>~\"'$&,:;=?@^/%".contains(text[at - 1]) else { return nil }
      return HTMLText.escaped(String(text[at - 1]))
    case "`": return takeCode()
    case "!" where at + 1 < text.count && text[at + 1] == "[":
      at += 1
      guard let (label, target) = takeLink(), let source = Self.safe(target, isPicture: true) else { return nil }
      return "<img src=\"\(source)\" alt=\"\(HTMLText.escaped(String(label)))\">"
    case "[":
      guard let (label, target) = takeLink(), let address = Self.safe(target) else { return nil }
      return "<a href=\"\(address)\">\(inside(label))</a>"
    case "<": return takeAutolink()
    case "h" where at == 0 || !(text[at - 1].isLetter || text[at - 1].isNumber): return takeBareLink()
    case "*", "_", "~": return takeEmphasis()
    case "&": return takeEntity()
    default: return nil
    }
  }

  private func inside(_ text: [Character]) -> String {
    depth < 20 ? Self.html(text, depth: depth + 1) : HTMLText.escaped(String(text))
  }

  private mutating func takeCode() -> String? {
    let length = text[at...].prefix { $0 == "`" }.count
    var end = at + length
    while end < text.count {
      let run = text[end...].prefix { $0 == "`" }.count
      if run == length {
        var code = text[(at + length)..<end].map { $0 == "\n" ? " " : $0 }
        if code.first == " ", code.last == " ", code.contains(where: { $0 != " " }) { code = Array(code.dropFirst().dropLast()) }
        at = end + length
        return "<code>\(HTMLText.escaped(String(code)))</code>"
      }
      end += max(1, run)
    }
    let marks = String(text[at..<at + length])
    at += length
    return marks
  }

  /// `[label](target "title")`.
  private mutating func takeLink() -> (label: [Character], target: String)? {
    guard let close = matching("[", "]", from: at), close + 1 < text.count, text[close + 1] == "(",
      let end = matching("(", ")", from: close + 1)
    else { return nil }
    let label = Array(text[(at + 1)..<close])
    let words = String(text[(close + 2)..<end]).split(whereSeparator: \.isWhitespace)
    at = end + 1
    return (label, words.first.map { $0.hasPrefix("<") && $0.hasSuffix(">") ? String($0.dropFirst().dropLast()) : String($0) } ?? "")
  }

  private func matching(_ open: Character, _ close: Character, from start: Int) -> Int? {
    var depth = 0
    var index = start
    while index < text.count {
      if text[index] == "\\" { index += 1 } else if text[index] == open { depth += 1 } else if text[index] == close {
        depth -= 1
        if depth == 0 { return index }
      }
      index += 1
    }
    return nil
  }

  /// `<https://…>`.
  private mutating func takeAutolink() -> String? {
    guard let end = text[at...].firstIndex(of: ">") else { return nil }
    let address = String(text[(at + 1)..<end])
    guard address.hasPrefix("http://") || address.hasPrefix("https://"), let safe = Self.safe(address) else { return nil }
    at = end + 1
    return "<a href=\"\(safe)\">\(HTMLText.escaped(address))</a>"
  }

  /// An address that stands in the text.
  private mutating func takeBareLink() -> String? {
    var end = at
    while end < text.count, !text[end].isWhitespace, !"<>\"`".contains(text[end]) { end += 1 }
    while end > at, ".,;:!?)'*_".contains(text[end - 1]) { end -= 1 }
    let address = String(text[at..<end])
    guard address.hasPrefix("http://") || address.hasPrefix("https://"), address.count > 8, let safe = Self.safe(address) else { return nil }
    at = end
    return "<a href=\"\(safe)\">\(HTMLText.escaped(address))</a>"
  }

  private mutating func takeEmphasis() -> String? {
    let mark = text[at]
    let run = text[at...].prefix { $0 == mark }.count
    let start = at
    for length in (mark == "~" ? [2] : [3, 2, 1]) where run >= length {
      // An opening mark stands before a word; `_` not within one.
      guard start + length < text.count, !text[start + length].isWhitespace else { return nil }
      if mark == "_", start > 0, text[start - 1].isLetter || text[start - 1].isNumber { return nil }
      guard let end = closing(mark, length, from: start + length) else { continue }
      at = end + length
      let content = inside(Array(text[(start + length)..<end]))
      switch (mark, length) {
      case ("~", _): return "<del>\(content)</del>"
      case (_, 3): return "<strong><em>\(content)</em></strong>"
      case (_, 2): return "<strong>\(content)</strong>"
      default: return "<em>\(content)</em>"
      }
    }
    return nil
  }

  /// Where marks that close an emphasis stand, past code.
  private func closing(_ mark: Character, _ length: Int, from start: Int) -> Int? {
    var index = start
    while index < text.count {
      if text[index] == "\\" {
        index += 2
        continue
      }
      if text[index] == "`" {
        let run = text[index...].prefix { $0 == "`" }.count
        var end = index + run
        while end < text.count, text[end...].prefix(while: { $0 == "`" }).count != run {
          end += max(1, text[end...].prefix { $0 == "`" }.count)
        }
        index = end < text.count ? end + run : index + run
        continue
      }
      let run = text[index...].prefix { $0 == mark }.count
      if run == length || (run > length && length < 3 && run - length >= length), index > start, !text[index - 1].isWhitespace {
        let after = index + run
        if mark != "_" || after >= text.count || !(text[after].isLetter || text[after].isNumber) { return index }
      }
      index += max(1, run)
    }
    return nil
  }

  /// A character by its name.
  private mutating func takeEntity() -> String? {
    guard let end = text[at...].prefix(12).firstIndex(of: ";"), end > at + 1 else { return nil }
    let name = text[(at + 1)..<end]
    guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "#") }) else { return nil }
    at = end + 1
    return "&\(String(name));"
  }

  /// An address that runs nothing, for an attribute.
  private static func safe(_ address: String, isPicture: Bool = false) -> String? {
    let lower = address.lowercased()
    if let colon = lower.firstIndex(of: ":"), !lower[..<colon].contains(where: { "/?#".contains($0) }) {
      let schemes = ["http", "https", "mailto"]
      guard schemes.contains(String(lower[..<colon])) || (isPicture && lower.hasPrefix("data:image/")) else { return nil }
    }
    return HTMLText.escaped(address)
  }
}
