import Notebook

/// A line of a long text whose cells are compiled one by one. Lua counts the lines of a chunk from its beginning, and to have it
/// read thousands of line ends before each cell takes time; so a chunk that begins far down is named after a line above it.
/// Messages are put right before they are shown.
struct LinePlace {
  /// The chunk's name for Lua.
  let chunkName: String
  /// The line that the chunk's first line has under that name.
  let line: Int

  /// How many lines share a name.
  private static let span = 1000

  /// The place of `line`, counted from 1, in the text `name`.
  init(_ line: Int, of name: String) {
    let base = (line - 1) / Self.span * Self.span
    chunkName = base == 0 ? "=\(name)" : "=\(name)+\(base)"
    self.line = line - base
  }

  /// How many lines of the text stand before the lines that the chunk `name` (without `=`) counts.
  static func linesBefore(_ name: String) -> Int {
    name.hasPrefix("stdin+") ? Int(name.dropFirst("stdin+".count)) ?? 0 : 0
  }

  /// `text` with `stdin+2000:5:` in it as `stdin:2005:`.
  static func absolute(_ text: String) -> String {
    guard text.contains("stdin+") else { return text }
    var result = ""
    var rest = text[...]
    while let mark = rest.firstRange(of: "stdin+") {
      let base = rest[mark.upperBound...].prefix { $0.isASCII && $0.isNumber }
      let after = rest[base.endIndex...]
      let line = after.dropFirst().prefix { $0.isASCII && $0.isNumber }
      guard after.first == ":", let base = Int(base), let number = Int(line) else {
        result += rest[..<mark.upperBound]
        rest = rest[mark.upperBound...]
        continue
      }
      result += rest[..<mark.lowerBound] + "stdin:\(base + number)"
      rest = rest[line.endIndex...]
    }
    return result + rest
  }
}
