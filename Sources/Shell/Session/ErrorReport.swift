/// What went wrong in a cell, ready to be shown.
public struct ErrorReport: Equatable, Sendable {
  /// The message, with `file:line:` where Lua gave one.
  public var message: String
  /// The line of source the message is about, and the column (from 0) of what it names in it.
  public var excerpt: Excerpt?
  /// "Did you mean …?"
  public var hint: String?
  /// The Lua frames, innermost first, without the machinery's.
  public var traceback: [String]
  /// Whether the cell was interrupted.
  public var isInterrupt: Bool

  /// A line of source.
  public struct Excerpt: Equatable, Sendable {
    /// Its number, from 1.
    public let line: Int
    /// The text.
    public let text: String
    /// The columns of what the message names; nil where that is not found.
    public let columns: Range<Int>?
  }

  /// A report of `message`.
  public init(message: String, excerpt: Excerpt? = nil, hint: String? = nil, traceback: [String] = [], isInterrupt: Bool = false)
  {
    self.message = message
    self.excerpt = excerpt
    self.hint = hint
    self.traceback = traceback
    self.isInterrupt = isInterrupt
  }

  /// All of it, in lines.
  public var text: String {
    var lines = [message]
    if let excerpt {
      let number = String(excerpt.line)
      lines.append("  \(number) | \(excerpt.text)")
      if let columns = excerpt.columns {
        let margin = String(repeating: " ", count: number.count + 2) + " | "
        lines.append(
          margin + String(repeating: " ", count: columns.lowerBound) + String(repeating: "^", count: max(1, columns.count)))
      }
    }
    if let hint { lines.append(hint) }
    if !traceback.isEmpty {
      lines.append("stack traceback:")
      lines += traceback.map { "\t" + $0 }
    }
    return lines.joined(separator: "\n")
  }
}
