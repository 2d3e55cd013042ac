import LuaVM

extension Session {
  /// The report of an error that ended a cell or a script.
  func report(_ error: LuaError) -> ErrorReport {
    let isInterrupt = error.isInterrupt || LuaInterrupt.isRequested
    if !isInterrupt, !error.message.hasPrefix("UsageError: ") { lastError = error }
    var report = ErrorReport(message: error.message, isInterrupt: isInterrupt)
    LuaInterrupt.clear()
    if error.isInterrupt { return report }
    if tracebackMode == .minimal { return report }
    if error.message.hasPrefix("UsageError: ") {
      // At the prompt it is plain where the mistake is; in a file the frames tell.
      report.traceback = Traceback.frames(of: error.traceback ?? "").filter { !$0.hasPrefix("In[") }
      return report
    }
    if tracebackMode == .context { report.excerpt = excerpt(for: error.message) }
    report.hint = hint(for: error.message)
    if let traceback = error.traceback { report.traceback = Traceback.frames(of: traceback) }
    return report
  }

  /// The line that a message is about.
  private func excerpt(for message: String) -> ErrorReport.Excerpt? {
    guard let (name, line, rest) = Traceback.position(of: message), let source = sources[name] else { return nil }
    let lines = source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.indices.contains(line - 1) else { return nil }
    var text = String(decoding: lines[line - 1], as: UTF8.self).replacing("\t", with: " ")
    if text.last == "\r\n" || text.last == "\r" { text.removeLast() }
    var columns: Range<Int>?
    if let (_, subject) = Traceback.subject(of: rest), !subject.isEmpty, let found = text.firstRange(of: subject) {
      let start = text.distance(from: text.startIndex, to: found.lowerBound)
      columns = start..<start + subject.count
    }
    return ErrorReport.Excerpt(line: line, text: text, columns: columns)
  }

  /// What a misspelt name most likely was meant to be.
  private func hint(for message: String) -> String? {
    guard message.contains("nil value"), let (kind, name) = Traceback.subject(of: message) else { return nil }
    let candidates: [String]
    switch kind {
    case "global": candidates = machinery.list("names").map { String($0.dropFirst()) }
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
