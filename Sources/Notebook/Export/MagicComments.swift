/// Between a cell of a file, where magics stand in comments, and one of a notebook, where they do not.
enum MagicComments {
  /// `source` with its magics out of their comments.
  static func uncommented(_ source: [UInt8], _ syntax: MagicSyntax) -> [UInt8] {
    let outline = outline(of: source, syntax, isPrompt: false)
    var edits: [(range: Range<Int>, text: String)] = []
    for magic in outline.magics where magic.line.isCommented {
      edits.append((prefix(of: source, at: magic.range.lowerBound), ""))
      // The text of a magic that takes no Lua is commented with it.
      guard let body = magic.body else { continue }
      var start = body.lowerBound
      let lines = source[body].split(separator: Byte.newline, omittingEmptySubsequences: false)
      guard lines.allSatisfy({ $0.isEmpty || $0.starts(with: Array("--".utf8)) }) else { continue }
      for line in lines {
        if !line.isEmpty { edits.append((prefix(of: source, at: start), "")) }
        start += line.count + 1
      }
    }
    return edited(source, edits)
  }

  /// `source` with its magics in comments, shell commands as `%sh` and questions as `%pinfo`.
  static func commented(_ source: [UInt8], _ syntax: MagicSyntax) -> [UInt8] {
    let outline = outline(of: source, syntax, isPrompt: true)
    var edits: [(range: Range<Int>, text: String)] = []
    for magic in outline.magics where !magic.line.isCommented && !magic.isAssigned {
      let start = magic.range.lowerBound
      if source[start] == UInt8(ascii: "!") {
        edits.append((start..<start + 1, "-- %sh "))
      } else {
        edits.append((start..<start, "-- "))
      }
      guard let body = magic.body, !body.isEmpty, magic.form != .lua else { continue }
      var at = body.lowerBound
      for line in source[body].split(separator: Byte.newline, omittingEmptySubsequences: false) {
        if !line.isEmpty { edits.append((at..<at, "-- ")) }
        at += line.count + 1
      }
    }
    if outline.magics.isEmpty, let request = PromptText.helpRequest(in: String(decoding: source, as: UTF8.self)) {
      return Array("-- %\(request.wantsSource ? "pinfo2" : "pinfo") \(request.subject)".utf8)
    }
    return edited(source, edits)
  }

  private static func outline(of source: [UInt8], _ syntax: MagicSyntax, isPrompt: Bool) -> Outline {
    Outline(source, options: .init(hasMarkers: false, isPrompt: isPrompt, syntax: syntax))
  }

  /// The comment signs at `start`.
  private static func prefix(of source: [UInt8], at start: Int) -> Range<Int> {
    var end = start + 2
    if end < source.count, source[end] == 0x20 { end += 1 }
    return start..<min(end, source.count)
  }

  private static func edited(_ source: [UInt8], _ edits: [(range: Range<Int>, text: String)]) -> [UInt8] {
    var result: [UInt8] = []
    var at = 0
    for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) where edit.range.lowerBound >= at {
      result += source[at..<edit.range.lowerBound]
      result += Array(edit.text.utf8)
      at = edit.range.upperBound
    }
    return result + source[at...]
  }
}
