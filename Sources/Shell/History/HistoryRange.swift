extension Session {
  /// The entries of ranges with blanks between them: `4`, `4-6` (with the last), `4:6` (without), `4-`, `-6`, each perhaps
  /// after a session, `243/` or `~1/` for the one before this, and `~8/1-~6/5` across sessions. All of this session's
  /// entries for no range at all.
  /// - Throws: `UsageError` where a word is no range.
  func history(of ranges: String) throws(UsageError) -> [HistoryEntry] {
    let words = ranges.split(whereSeparator: \.isWhitespace)
    guard !words.isEmpty else { return ownHistory }
    var found: [HistoryEntry] = []
    for word in words {
      guard let range = HistoryRange(word) else { throw UsageError("'\(word)' is no range of history") }
      let first = number(of: range.firstSession)
      let last = range.lastSession.map { number(of: $0) } ?? first
      guard first <= last else { throw UsageError("'\(word)': start session must be earlier than end session") }
      for session in first...last {
        let (start, end) = (session == first ? range.first : 1, session == last ? range.last : Int.max)
        let entries = session == history.session ? ownHistory : history.entries(ofSession: session)
        found += entries.filter { start <= $0.number && $0.number <= end }
      }
    }
    return found
  }

  private func number(of reference: HistoryRange.SessionReference) -> Int {
    switch reference {
    case .back(let count): return history.session - count
    case .number(let number): return number
    }
  }
}

/// One range of history, as `%history` takes it.
struct HistoryRange {
  /// A session by its number, or by how many it lies before this one.
  enum SessionReference {
    case number(Int)
    case back(Int)

    init?(_ text: Substring) {
      if text.hasPrefix("~") {
        guard let count = HistoryRange.number(text.dropFirst()) else { return nil }
        self = .back(count)
      } else {
        guard let number = HistoryRange.number(text) else { return nil }
        self = number == 0 ? .back(0) : .number(number)
      }
    }
  }

  var firstSession = SessionReference.back(0)
  /// Nil where the range lies in one session.
  var lastSession: SessionReference?
  var first = 1
  /// The last line, which belongs to the range.
  var last = Int.max

  init?(_ word: Substring) {
    guard word.contains(where: \.isNumber) else { return nil }
    var rest = word
    if let slash = rest.firstIndex(of: "/"), !rest[..<slash].contains(where: { $0 == "-" || $0 == ":" }) {
      guard let session = SessionReference(rest[..<slash]) else { return nil }
      firstSession = session
      rest = rest[rest.index(after: slash)...]
    }
    guard let separator = rest.firstIndex(where: { $0 == "-" || $0 == ":" }) else {
      guard !rest.isEmpty else { return }
      guard let line = Self.number(rest) else { return nil }
      (first, last) = (line, line)
      return
    }
    let (start, end) = (rest[..<separator], rest[rest.index(after: separator)...])
    guard start.isEmpty || Self.number(start) != nil else { return nil }
    first = Self.number(start) ?? 1
    var line = end
    if let slash = end.firstIndex(of: "/") {
      guard let session = SessionReference(end[..<slash]) else { return nil }
      lastSession = session
      line = end[end.index(after: slash)...]
    }
    guard line.isEmpty || Self.number(line) != nil else { return nil }
    if let number = Self.number(line) { last = rest[separator] == ":" ? number - 1 : number }
  }

  /// A number of digits alone.
  private static func number(_ text: Substring) -> Int? {
    text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil
  }
}
