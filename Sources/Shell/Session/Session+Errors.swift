import LuaVM

extension Session {
  /// The report of an error that ended a cell or a script.
  func report(_ error: LuaError) -> ErrorReport {
    let isInterrupt = error.isInterrupt || LuaInterrupt.isRequested
    if !isInterrupt, !error.message.hasPrefix("UsageError: ") { lastError = error }
    var report = ErrorReport(message: LinePlace.absolute(error.message), isInterrupt: isInterrupt)
    LuaInterrupt.clear()
    if error.isInterrupt { return report }
    if tracebackMode == .minimal { return report }
    if !readsMagics {
      report.traceback = plainTraceback(of: error)
      return report
    }
    if error.message.hasPrefix("UsageError: ") {
      // At the prompt it is plain where the mistake is; in a file the frames tell.
      report.traceback = Traceback.frames(of: error.traceback ?? "").filter { !$0.hasPrefix("In[") }
      return report
    }
    if let traceback = error.traceback { report.traceback = Traceback.frames(of: traceback).map(LinePlace.absolute) }
    if tracebackMode == .context { report.excerpt = excerpt(for: error.message, raisedBy: report.traceback.first) }
    report.hint = hint(for: error.message)
    return report
  }

  /// The frames as `lua` shows them: all, down to itself; none for an object that has a text of its own.
  private func plainTraceback(of error: LuaError) -> [String] {
    if case .reference = error.value, !error.message.hasPrefix("(error object is a") { return [] }
    guard let traceback = error.traceback else { return [] }
    return traceback.split(separator: "\n").dropFirst().map { String($0.drop { $0 == "\t" }) } + ["[C]: in ?"]
  }

  /// The line that a message is about. Where it names nothing in it, the function that raised it may stand there.
  private func excerpt(for message: String, raisedBy frame: String? = nil) -> ErrorReport.Excerpt? {
    guard let (name, line, rest) = Traceback.position(of: message), let source = sources[name] else { return nil }
    let lines = source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.indices.contains(line - 1) else { return nil }
    // What stands further along a very long line is not looked for.
    var text = Self.shown(lines[line - 1].prefix(4096))
    let named = Traceback.subject(of: rest).flatMap { Self.columns(of: $0.name, in: text, before: Self.marks(after: rest)) }
    var columns = named ?? frame.flatMap(Traceback.nativeFunction).flatMap { Self.columns(of: $0, in: text, before: "({\"'[") }
    // Of a very long line, what is around the place.
    if text.count > 200 {
      let start = max(0, (columns?.lowerBound ?? 0) - 60)
      text = (start > 0 ? "…" : "") + text.dropFirst(start).prefix(160) + "…"
      columns = columns.map { $0.lowerBound - start + (start > 0 ? 1 : 0)..<$0.upperBound - start + (start > 0 ? 1 : 0) }
    }
    return ErrorReport.Excerpt(line: line + LinePlace.linesBefore(name), text: text, columns: columns)
  }

  /// A line of source as a terminal can show it.
  private static func shown(_ line: some Sequence<UInt8>) -> String {
    var text = String(decoding: line.map { $0 == 0x09 ? 0x20 : $0 }, as: UTF8.self)
    if text.unicodeScalars.last == "\r" { text.unicodeScalars.removeLast() }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) ? "\u{FFFD}" : $0 }))
  }

  /// What stands after the name in the source where the message says what was tried with it.
  private static func marks(after message: String) -> String {
    message.hasPrefix("attempt to call") ? "({\"'[" : message.hasPrefix("attempt to index") ? ".:[" : ""
  }

  /// Where the name `subject` stands in `text`, preferably as a word of its own with one of `marks` after it.
  private static func columns(of subject: String, in text: String, before marks: String) -> Range<Int>? {
    guard !subject.isEmpty, subject.utf8.count <= 200 else { return nil }
    func isPart(_ character: Character?) -> Bool { character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false }
    func weight(_ range: Range<String.Index>) -> Int {
      let after = text[range.upperBound...].first
      let isWord = !(isPart(subject.first) && isPart(text[..<range.lowerBound].last)) && !(isPart(subject.last) && isPart(after))
      let follows = text[range.upperBound...].first { $0 != " " }.map { marks.contains($0) } ?? false
      return (isWord ? 2 : 0) + (follows ? 1 : 0)
    }
    var best = text.firstRange(of: subject)
    var next = best
    // Among many places the first is as good as any.
    for _ in 0..<50 {
      guard let range = next else { break }
      if let found = best, weight(range) > weight(found) { best = range }
      next = text[range.upperBound...].firstRange(of: subject)
    }
    guard let best else { return nil }
    let start = text.distance(from: text.startIndex, to: best.lowerBound)
    return start..<start + subject.count
  }

  /// What a misspelt name most likely was meant to be.
  private func hint(for message: String) -> String? {
    guard message.contains("nil value"), let (kind, name) = Traceback.subject(of: message) else { return nil }
    let candidates: [String]
    switch kind {
    case "global": candidates = machinery.names()
    case "field", "method": candidates = owners(of: name, in: message).flatMap { path in members(of: path).map(\.name) }
    default: return nil
    }
    return Similarity.closest(to: name, in: candidates).map { "Did you mean '\($0)'?" }
  }

  /// The paths in the line of the message whose member `name` is asked for.
  private func owners(of name: String, in message: String) -> [ValuePath] {
    guard let excerpt = excerpt(for: message) else { return [] }
    var owners: [ValuePath] = []
    var rest = excerpt.text[...]
    while let found = rest.firstRange(of: name) {
      let before = excerpt.text[..<found.lowerBound]
      if let last = before.last, last == "." || last == ":", let path = ValuePath(endingIn: before.dropLast()) {
        owners.append(path)
      }
      rest = excerpt.text[found.upperBound...]
    }
    return owners
  }
}
