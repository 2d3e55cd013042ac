import Glibc
import Shell

/// The line that greets who has never been at the prompt: once, and nobody who has a history.
enum FirstRun {
  /// What to type.
  static let line = "Welcome! torch.randn? shows help, %quickref what there is; Ctrl-D leaves."

  /// Whether this is the first prompt of this user. A file beside the history remembers that it was; where none can be
  /// written, or no history is kept, there is no greeting.
  static func isNow(_ history: any HistoryStore) -> Bool {
    guard history is SQLiteHistory, let path = SQLiteHistory.defaultPath, let slash = path.lastIndex(of: "/") else { return false }
    let mark = open(path[..<slash] + "/greeted", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard mark >= 0 else { return false }
    close(mark)
    return history.tail(1, includesCurrent: false).isEmpty
  }
}
