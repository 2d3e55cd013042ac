/// Markdown as HTML: headings, paragraphs, lists, quotes, tables, code and rules, as CommonMark and GitHub have them.
/// HTML within the text is shown and not obeyed.
public struct MarkdownBlocks {
  /// Makes HTML of code in a language, where one is known.
  private let highlight: (_ code: String, _ language: String) -> String
  private var html = ""

  /// The HTML of `text`.
  /// - Parameter highlight: makes HTML of a fenced block's code; what it is given is not escaped.
  public static func html(_ text: String, highlight: @escaping (_ code: String, _ language: String) -> String) -> String {
    var blocks = MarkdownBlocks(highlight: highlight)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> Substring in
      guard line.contains("\t") else { return line }
      return Substring(line.replacing("\t", with: "    "))
    }
    blocks.render(lines[...], isTight: false, depth: 0)
    return blocks.html
  }

  private init(highlight: @escaping (String, String) -> String) { self.highlight = highlight }

  /// Blocks within blocks beyond this depth are text.
  private static let greatestDepth = 20

  /// Renders lines; the paragraphs of a tight list's items have no tags of their own.
  private mutating func render(_ lines: ArraySlice<Substring>, isTight: Bool, depth: Int) {
    var rest = lines
    while let line = rest.first {
      let indent = Self.indent(of: line)
      if indent == line.count {
        rest.removeFirst()
      } else if indent >= 4 {
        takeIndentedCode(&rest)
      } else if let fence = Self.fence(line) {
        takeFencedCode(&rest, fence)
      } else if let heading = Self.heading(line) {
        rest.removeFirst()
        let anchor = Self.anchor(heading.text)
        html += "<h\(heading.level)\(anchor.isEmpty ? "" : " id=\"\(anchor)\"")>\(MarkdownInline.html(heading.text))</h\(heading.level)>\n"
      } else if Self.isRule(line) {
        rest.removeFirst()
        html += "<hr>\n"
      } else if line.dropFirst(indent).first == ">", depth < Self.greatestDepth {
        takeQuote(&rest, depth)
      } else if let item = Self.item(line), depth < Self.greatestDepth {
        takeList(&rest, item, depth)
      } else if rest.count > 1, let columns = Self.columns(rest[rest.startIndex + 1]), line.contains("|") {
        takeTable(&rest, columns)
      } else {
        takeParagraph(&rest, isTight: isTight)
      }
    }
  }

  // MARK: Lines

  private static func indent(of line: Substring) -> Int { line.prefix { $0 == " " }.count }

  private static func heading(_ line: Substring) -> (level: Int, text: String)? {
    let text = line.drop { $0 == " " }
    let level = text.prefix { $0 == "#" }.count
    guard (1...6).contains(level), text.dropFirst(level).first.map({ $0 == " " }) ?? true else { return nil }
    var words = text.dropFirst(level).drop { $0 == " " }
    while words.last == "#" || words.last == " " { words.removeLast() }
    return (level, String(words))
  }

  /// What a link to a heading names, as GitHub makes it.
  private static func anchor(_ text: String) -> String {
    String(text.lowercased().compactMap { $0 == " " ? "-" : $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? $0 : nil })
  }

  private static func fence(_ line: Substring) -> (mark: Character, length: Int, language: String)? {
    let text = line.drop { $0 == " " }
    guard let mark = text.first, mark == "`" || mark == "~" else { return nil }
    let length = text.prefix { $0 == mark }.count
    let info = text.dropFirst(length)
    guard length >= 3, mark == "~" || !info.contains("`") else { return nil }
    return (mark, length, info.split(separator: " ").first.map(String.init) ?? "")
  }

  private static func isRule(_ line: Substring) -> Bool {
    let marks = line.filter { $0 != " " }
    guard marks.count >= 3, let first = marks.first, "-_*".contains(first) else { return false }
    return marks.allSatisfy { $0 == first }
  }

  /// The mark of a list's item: the number of an ordered one, and how far in its text begins.
  private static func item(_ line: Substring) -> (number: Int?, mark: Character, width: Int)? {
    let indent = indent(of: line)
    let text = line.dropFirst(indent)
    guard let first = text.first, !isRule(line) else { return nil }
    var length = 1
    var number: Int?
    var mark = first
    if first.isASCII, first.isNumber {
      let digits = text.prefix { $0.isASCII && $0.isNumber }
      guard digits.count <= 9, let end = text.dropFirst(digits.count).first, end == "." || end == ")" else { return nil }
      (length, number, mark) = (digits.count + 1, Int(digits), end)
    } else if !"-*+".contains(first) {
      return nil
    }
    let blanks = text.dropFirst(length).prefix { $0 == " " }.count
    if text.count == length { return (number, mark, indent + length + 1) }
    guard blanks > 0 else { return nil }
    return (number, mark, indent + length + (blanks > 4 ? 1 : blanks))
  }

  /// How the columns below a table's head are set; nil for a line that is none.
  private static func columns(_ line: Substring) -> [String]? {
    guard line.contains("-"), line.allSatisfy({ " |:-".contains($0) }), line.contains("|") else { return nil }
    let cells = row(line)
    guard cells.allSatisfy({ $0.contains("-") }) else { return nil }
    return cells.map { cell in
      let (left, right) = (cell.hasPrefix(":"), cell.hasSuffix(":"))
      return left && right ? "center" : right ? "right" : ""
    }
  }

  private static func row(_ line: Substring) -> [String] {
    var cells: [String] = [""]
    var isEscaped = false
    for character in line {
      if character == "|", !isEscaped { cells.append("") } else { cells[cells.count - 1].append(character) }
      isEscaped = character == "\\" && !isEscaped
    }
    cells = cells.map { cell in
      String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()).replacing("\\|", with: "|")
    }
    if cells.first?.isEmpty == true { cells.removeFirst() }
    if cells.last?.isEmpty == true { cells.removeLast() }
    return cells
  }

  // MARK: Blocks

  private mutating func takeIndentedCode(_ rest: inout ArraySlice<Substring>) {
    var code: [Substring] = []
    while let line = rest.first, Self.indent(of: line) >= 4 || Self.indent(of: line) == line.count {
      code.append(line.dropFirst(4))
      rest.removeFirst()
    }
    while code.last?.isEmpty == true { code.removeLast() }
    html += "<pre><code>\(HTMLText.escaped(code.joined(separator: "\n")))</code></pre>\n"
  }

  private mutating func takeFencedCode(_ rest: inout ArraySlice<Substring>, _ fence: (mark: Character, length: Int, language: String)) {
    let indent = rest.first.map(Self.indent) ?? 0
    rest.removeFirst()
    var code: [Substring] = []
    while let line = rest.popFirst() {
      let text = line.drop { $0 == " " }
      if text.count >= fence.length, text.allSatisfy({ $0 == fence.mark }) { break }
      code.append(line.dropFirst(min(indent, Self.indent(of: line))))
    }
    html += "<pre><code>\(highlight(code.joined(separator: "\n"), fence.language))</code></pre>\n"
  }

  private mutating func takeQuote(_ rest: inout ArraySlice<Substring>, _ depth: Int) {
    var inside: [Substring] = []
    while let line = rest.first, Self.indent(of: line) < line.count {
      let text = line.drop { $0 == " " }
      if text.first == ">" {
        inside.append(text.dropFirst().first == " " ? text.dropFirst(2) : text.dropFirst())
      } else if inside.last?.isEmpty == false, !startsBlock(line) {
        inside.append(line)
      } else {
        break
      }
      rest.removeFirst()
    }
    html += "<blockquote>\n"
    render(inside[...], isTight: false, depth: depth + 1)
    html += "</blockquote>\n"
  }

  private mutating func takeList(_ rest: inout ArraySlice<Substring>, _ first: (number: Int?, mark: Character, width: Int), _ depth: Int) {
    var items: [[Substring]] = []
    var isLoose = false
    var isAfterEmptyLine = false
    var width = first.width
    while let line = rest.first {
      let indent = Self.indent(of: line)
      if indent == line.count {
        isAfterEmptyLine = true
        rest.removeFirst()
        items[items.count - 1].append("")
        continue
      }
      if indent < width || items.isEmpty, let item = Self.item(line), item.mark == first.mark, indent < 4 || indent < width {
        if isAfterEmptyLine { isLoose = true }
        width = item.width
        items.append([line.dropFirst(min(item.width, line.count))])
      } else if indent >= width {
        if isAfterEmptyLine { isLoose = true }
        items[items.count - 1].append(line.dropFirst(width))
      } else if !isAfterEmptyLine, !startsBlock(line) {
        items[items.count - 1].append(line.dropFirst(indent))
      } else {
        break
      }
      isAfterEmptyLine = false
      rest.removeFirst()
    }
    let tag = first.number == nil ? "ul" : "ol"
    html += "<\(tag)\(first.number.map { $0 == 1 ? "" : " start=\"\($0)\"" } ?? "")>\n"
    for item in items {
      html += "<li>"
      render(item[...], isTight: !isLoose, depth: depth + 1)
      html += "</li>\n"
    }
    html += "</\(tag)>\n"
  }

  private mutating func takeTable(_ rest: inout ArraySlice<Substring>, _ columns: [String]) {
    func cells(_ line: Substring, _ tag: String) -> String {
      let texts = Self.row(line)
      return columns.indices.map { index in
        let style = columns[index].isEmpty ? "" : " style=\"text-align: \(columns[index])\""
        return "<\(tag)\(style)>\(MarkdownInline.html(index < texts.count ? texts[index] : ""))</\(tag)>"
      }.joined()
    }
    html += "<table>\n<thead><tr>\(rest.popFirst().map { cells($0, "th") } ?? "")</tr></thead>\n<tbody>\n"
    rest.removeFirst()
    while let line = rest.first, line.contains("|") {
      html += "<tr>\(cells(line, "td"))</tr>\n"
      rest.removeFirst()
    }
    html += "</tbody>\n</table>\n"
  }

  private mutating func takeParagraph(_ rest: inout ArraySlice<Substring>, isTight: Bool) {
    var lines: [Substring] = []
    while let line = rest.first, Self.indent(of: line) < line.count, lines.isEmpty || !startsBlock(line) {
      lines.append(line.drop { $0 == " " })
      rest.removeFirst()
    }
    let text = MarkdownInline.html(lines.joined(separator: "\n"))
    html += isTight ? text + "\n" : "<p>\(text)</p>\n"
  }

  /// Whether a line ends a paragraph above it.
  private func startsBlock(_ line: Substring) -> Bool {
    guard Self.indent(of: line) < 4 else { return false }
    if Self.fence(line) != nil || Self.heading(line) != nil || Self.isRule(line) { return true }
    if line.drop(while: { $0 == " " }).first == ">" { return true }
    // A line of a paragraph may begin with a number.
    return Self.item(line).map { $0.number == nil || $0.number == 1 } ?? false
  }
}

/// Text within HTML.
enum HTMLText {
  /// `text` with its signs of markup escaped.
  static func escaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): bytes += "&amp;".utf8
      case UInt8(ascii: "<"): bytes += "&lt;".utf8
      case UInt8(ascii: ">"): bytes += "&gt;".utf8
      case UInt8(ascii: "\""): bytes += "&quot;".utf8
      case 0..<0x09, 0x0B, 0x0C, 0x0E..<0x20: bytes += "\u{FFFD}".utf8
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
