import LuaVM

/// What a profile has found, as Python's pstats prints it.
struct ProfileReport {
  /// One function.
  struct Row {
    /// The file's name without its folder; empty for a native function.
    var file = ""
    /// The line that the function begins on.
    var line = 0
    /// Its name; a native function's in braces.
    var name: String
    var calls: Int
    var primitiveCalls: Int
    /// Seconds in the function itself, and with all that it called.
    var ownTime: Double
    var totalTime: Double

    var label: String { file.isEmpty ? name : "\(file):\(line)(\(name))" }
  }

  /// What rows may be sorted by: a word of pstats, what it says of it, and whether one row comes before another, nil where
  /// both are equal.
  struct Key: Sendable {
    let word: String
    let title: String
    let comesFirst: @Sendable (Row, Row) -> Bool?
  }

  static let keys: [Key] = {
    func greatest(_ figure: @escaping @Sendable (Row) -> Double) -> @Sendable (Row, Row) -> Bool? {
      { figure($0) == figure($1) ? nil : figure($0) > figure($1) }
    }
    func least(_ text: @escaping @Sendable (Row) -> String) -> @Sendable (Row, Row) -> Bool? {
      { text($0) == text($1) ? nil : text($0) < text($1) }
    }
    return [
      Key(word: "calls", title: "call count", comesFirst: greatest { Double($0.calls) }),
      Key(word: "ncalls", title: "call count", comesFirst: greatest { Double($0.calls) }),
      Key(word: "cumtime", title: "cumulative time", comesFirst: greatest { $0.totalTime }),
      Key(word: "cumulative", title: "cumulative time", comesFirst: greatest { $0.totalTime }),
      Key(word: "filename", title: "file name", comesFirst: least { $0.file }),
      Key(word: "line", title: "line number", comesFirst: { $0.line == $1.line ? nil : $0.line < $1.line }),
      Key(word: "module", title: "file name", comesFirst: least { $0.file }),
      Key(word: "name", title: "function name", comesFirst: least { $0.name }),
      Key(word: "nfl", title: "name/file/line", comesFirst: { a, b in
        a.name != b.name ? a.name < b.name : a.file != b.file ? a.file < b.file : a.line != b.line ? a.line < b.line : nil
      }),
      Key(word: "pcalls", title: "primitive call count", comesFirst: greatest { Double($0.primitiveCalls) }),
      Key(word: "stdname", title: "standard name", comesFirst: least { $0.label }),
      Key(word: "time", title: "internal time", comesFirst: greatest { $0.ownTime }),
      Key(word: "tottime", title: "internal time", comesFirst: greatest { $0.ownTime }),
    ]
  }()

  /// The key that a word names or begins no other than.
  static func key(_ word: String) throws(UsageError) -> Key {
    if let exact = keys.first(where: { $0.word == word }) { return exact }
    let found = word.isEmpty ? [] : keys.filter { $0.word.hasPrefix(word) }
    guard let first = found.first, found.allSatisfy({ $0.title == first.title }) else {
      throw UsageError("option -s must be \(keys.map(\.word).joined(separator: ", ")), not '\(word)'")
    }
    return first
  }

  /// What restricts the rows printed: the first so many, a share of them, or those whose label has a text in it.
  enum Limit {
    case count(Int)
    case share(Double)
    case text(String)

    init(_ word: String) {
      if let count = Int(word) { self = .count(count) } else if let share = Double(word) { self = .share(share) } else { self = .text(word) }
    }

    var shown: String {
      switch self {
      case .count(let count): return "\(count)"
      case .share(let share): return "\(share)"
      case .text(let text): return "'\(text)'"
      }
    }

    func applied(to rows: [Row]) -> [Row] {
      switch self {
      case .count(let count): return count >= 0 && count < rows.count ? Array(rows.prefix(count)) : rows
      case .share(let share): return share >= 0 && share < 1 ? Array(rows.prefix(Int(Double(rows.count) * share + 0.5))) : rows
      case .text(let text): return rows.filter { $0.label.contains(text) }
      }
    }
  }

  let rows: [Row]
  let seconds: Double

  /// The table, its last line without a line end.
  func text(sortedBy keys: [Key], limits: [Limit]) -> String {
    let calls = rows.reduce(0) { $0 + $1.calls }
    let primitive = rows.reduce(0) { $0 + $1.primitiveCalls }
    var text = "         \(calls) function call\(calls == 1 ? "" : "s") "
    if calls != primitive { text += "(\(primitive) primitive calls) " }
    text += TimeFormat.formatted("in %.3f seconds\n\n", [seconds])
    text += "   Ordered by: \(keys.map(\.title).joined(separator: ", "))\n"
    var shown = rows.sorted { a, b in
      for key in keys { if let order = key.comesFirst(a, b) { return order } }
      return a.label < b.label
    }
    for limit in limits {
      let kept = limit.applied(to: shown)
      if kept.count != shown.count {
        text += "   List reduced from \(shown.count) to \(kept.count) due to restriction <\(limit.shown)>\n"
      }
      shown = kept
    }
    guard !shown.isEmpty else { return text }
    text += "\n   ncalls  tottime  percall  cumtime  percall filename:lineno(function)"
    for row in shown { text += "\n" + line(row) }
    return text
  }

  private func line(_ row: Row) -> String {
    let count = row.calls == row.primitiveCalls ? "\(row.calls)" : "\(row.calls)/\(row.primitiveCalls)"
    func seconds(_ value: Double) -> String { TimeFormat.formatted("%8.3f ", [value]) }
    let each = [row.ownTime, row.ownTime / Double(max(1, row.calls)), row.totalTime, row.totalTime / Double(max(1, row.primitiveCalls))]
    return String(repeating: " ", count: max(0, 9 - count.count)) + count + " " + each.map(seconds).joined() + row.label
  }
}
