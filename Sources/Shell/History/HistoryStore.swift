/// A line of history.
public struct HistoryEntry: Equatable, Sendable {
  /// The session it was typed in, from 1.
  public let session: Int
  /// Its number in that session, from 1.
  public let number: Int
  /// What was typed.
  public let source: String
  /// The text of its value, if it had one.
  public let output: String?

  /// A line of history.
  public init(session: Int, number: Int, source: String, output: String?) {
    self.session = session
    self.number = number
    self.source = source
    self.output = output
  }
}

/// Where the cells of all sessions are kept.
public protocol HistoryStore: AnyObject {
  /// The number of this session, from 1.
  var session: Int { get }
  /// Keeps a cell; a failure is not the session's concern.
  func append(number: Int, source: String)
  /// Keeps the text of a cell's value.
  func setOutput(number: Int, output: String)
  /// The last `limit` entries of all sessions, oldest first.
  func tail(_ limit: Int, includesCurrent: Bool) -> [HistoryEntry]
  /// The entries whose source matches the glob `pattern`, oldest first.
  func search(_ pattern: String) -> [HistoryEntry]
  /// The entries of `session`, oldest first.
  func entries(ofSession session: Int) -> [HistoryEntry]
}

/// A history that ends with the process.
public final class TransientHistory: HistoryStore {
  /// The number of this session: 1.
  public let session = 1
  private var kept: [HistoryEntry] = []

  /// An empty history.
  public init() {}

  /// Keeps a cell.
  public func append(number: Int, source: String) {
    kept.append(HistoryEntry(session: 1, number: number, source: source, output: nil))
  }

  /// Keeps the text of a cell's value.
  public func setOutput(number: Int, output: String) {
    guard let index = kept.lastIndex(where: { $0.number == number }) else { return }
    kept[index] = HistoryEntry(session: 1, number: number, source: kept[index].source, output: output)
  }

  /// The last `limit` entries, none without `includesCurrent`; oldest first.
  public func tail(_ limit: Int, includesCurrent: Bool) -> [HistoryEntry] {
    includesCurrent ? kept.suffix(limit) : []
  }

  /// The entries whose source matches the glob `pattern`, oldest first.
  public func search(_ pattern: String) -> [HistoryEntry] {
    let glob = Glob(pattern)
    return kept.filter { glob.matches($0.source) }
  }

  /// The entries of session 1; no other has any.
  public func entries(ofSession session: Int) -> [HistoryEntry] {
    session == 1 ? kept : []
  }
}

/// A pattern in which `*` stands for any characters and `?` for one.
public struct Glob: Sendable {
  private let pattern: [Character]

  /// The pattern `pattern`.
  public init(_ pattern: String) { self.pattern = Array(pattern) }

  /// Whether all of `text` matches.
  public func matches(_ text: String) -> Bool {
    let text = Array(text)
    var (p, t) = (0, 0)
    var star: (p: Int, t: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == "*" {
        star = (p, t)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
        p += 1
        t += 1
      } else if let mark = star {
        star = (mark.p, mark.t + 1)
        (p, t) = (mark.p + 1, mark.t + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}
