import CSQLite
import Glibc

/// The history in a SQLite file which all sessions share. Whatever goes wrong with the file, the session goes on.
public final class SQLiteHistory: HistoryStore {
  private let database: OpaquePointer
  private var ownSession: Int?
  /// The cells that the file has refused so far; they are tried again with each further one.
  private var pending: [(number: Int, source: String)] = []
  private var hasComplained = false
  /// Is told, once, when a cell cannot be written.
  public var onFailure: ((_ reason: String) -> Void)?

  /// The number of this session in the file; before its first cell, the number that it would get now.
  public var session: Int { ownSession ?? largestSession() + 1 }

  /// Opens or makes the file at `path`, and its folders. Nil where that cannot be done.
  public init?(path: String) {
    Self.makeFolders(of: path)
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    guard sqlite3_open_v2(path, &handle, flags, nil) == SQLITE_OK, let handle else {
      sqlite3_close(handle)
      return nil
    }
    database = handle
    sqlite3_busy_timeout(handle, 2000)
    let schema = """
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS sessions (session INTEGER PRIMARY KEY AUTOINCREMENT, start TEXT);
      CREATE TABLE IF NOT EXISTS history (session INTEGER, line INTEGER, source TEXT, output TEXT, PRIMARY KEY (session, line));
      """
    // Sessions that begin at once may each want to change the journal, for which SQLite does not wait.
    var attempts = 0
    var status = sqlite3_exec(handle, schema, nil, nil, nil)
    while status == SQLITE_BUSY || status == SQLITE_LOCKED, attempts < 100 {
      attempts += 1
      usleep(20_000)
      status = sqlite3_exec(handle, schema, nil, nil, nil)
    }
    guard status == SQLITE_OK else {
      sqlite3_close(handle)
      return nil
    }
    chmod(path, 0o600)
  }

  deinit {
    writePending()
    sqlite3_close(database)
  }

  /// The history at the usual place. Where there can be none, says so on standard error and gives one that ends with the process.
  public static func openDefault() -> any HistoryStore {
    func without(_ reason: String) -> TransientHistory {
      StandardStream.error.write("qrepl: history is not kept: \(reason)\n")
      return TransientHistory()
    }
    guard let path = defaultPath else { return without("HOME is not set") }
    guard let history = SQLiteHistory(path: path) else {
      let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      if file < 0 { return without(FilePath.failure("open", path).message) }
      close(file)
      return without("\(path) is not a SQLite database, or is in use")
    }
    history.onFailure = { StandardStream.error.write("qrepl: history is not written for now: \($0)\n") }
    return history
  }

  /// `$XDG_STATE_HOME/qrepl/history.sqlite`, or under `~/.local/state`; nil without a home.
  public static var defaultPath: String? {
    StandardFolder.path("XDG_STATE_HOME", fallback: ".local/state").map { $0 + "/qrepl/history.sqlite" }
  }

  /// The number that this session's cells are kept under, taken when the first is: a session without cells leaves no trace.
  private func takeSession() -> Int? {
    if let ownSession { return ownSession }
    guard sqlite3_exec(database, "INSERT INTO sessions (start) VALUES (datetime('now'))", nil, nil, nil) == SQLITE_OK else {
      return nil
    }
    ownSession = Int(sqlite3_last_insert_rowid(database))
    return ownSession
  }

  private func largestSession() -> Int {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(database, "SELECT max(session) FROM sessions", -1, &statement, nil) == SQLITE_OK, let statement
    else { return 0 }
    defer { sqlite3_finalize(statement) }
    return sqlite3_step(statement) == SQLITE_ROW ? Int(sqlite3_column_int64(statement, 0)) : 0
  }

  /// Keeps a cell. What the file refuses is kept until it takes it.
  public func append(number: Int, source: String) {
    pending.append((number, source))
    writePending()
  }

  private func writePending() {
    while let (number, source) = pending.first {
      guard let session = takeSession(),
        case let status = run(
          "INSERT OR REPLACE INTO history (session, line, source) VALUES (?, ?, ?)",
          [.integer(session), .integer(number), .text(source)]), status == SQLITE_DONE
      else {
        if !hasComplained { onFailure?(String(cString: sqlite3_errmsg(database))) }
        hasComplained = true
        // The prompt does not wait for such a file again and again.
        sqlite3_busy_timeout(database, 100)
        return
      }
      pending.removeFirst()
    }
  }

  /// Keeps the text of a cell's value.
  public func setOutput(number: Int, output: String) {
    _ = run(
      "UPDATE history SET output = ? WHERE session = ? AND line = ?", [.text(output), .integer(session), .integer(number)])
  }

  /// The last `limit` entries of all sessions, of this one only with `includesCurrent`; oldest first.
  public func tail(_ limit: Int, includesCurrent: Bool) -> [HistoryEntry] {
    rows(
      "SELECT session, line, source, output FROM history WHERE session != ? ORDER BY session DESC, line DESC LIMIT ?",
      [.integer(includesCurrent ? 0 : ownSession ?? 0), .integer(limit)]
    ).reversed()
  }

  /// The entries whose source matches the glob `pattern`, oldest first.
  public func search(_ pattern: String) -> [HistoryEntry] {
    rows("SELECT session, line, source, output FROM history WHERE source GLOB ? ORDER BY session, line", [.text(pattern)])
  }

  /// The entries of `session`, oldest first.
  public func entries(ofSession session: Int) -> [HistoryEntry] {
    rows("SELECT session, line, source, output FROM history WHERE session = ? ORDER BY line", [.integer(session)])
  }

  private enum Parameter {
    case integer(Int)
    case text(String)
  }

  /// Runs a query to its first row or its end, and gives SQLite's code.
  private func run(_ query: String, _ parameters: [Parameter]) -> Int32 {
    prepared(query, parameters) { sqlite3_step($0) } ?? SQLITE_ERROR
  }

  private func prepared<Result>(_ query: String, _ parameters: [Parameter], _ body: (OpaquePointer) -> Result) -> Result? {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(database, query, -1, &statement, nil) == SQLITE_OK, let statement else { return nil }
    defer { sqlite3_finalize(statement) }
    for (index, parameter) in parameters.enumerated() {
      switch parameter {
      case .integer(let value): sqlite3_bind_int64(statement, Int32(index + 1), Int64(value))
      case .text(let value): qsqlite_bind_text(statement, Int32(index + 1), value, Int32(clamping: value.utf8.count))
      }
    }
    return body(statement)
  }

  private func rows(_ query: String, _ parameters: [Parameter]) -> [HistoryEntry] {
    prepared(query, parameters) { statement in
      var entries: [HistoryEntry] = []
      while sqlite3_step(statement) == SQLITE_ROW {
        entries.append(
          HistoryEntry(
            session: Int(sqlite3_column_int64(statement, 0)), number: Int(sqlite3_column_int64(statement, 1)),
            source: Self.text(statement, 2) ?? "", output: Self.text(statement, 3)))
      }
      return entries
    } ?? []
  }

  private static func text(_ statement: OpaquePointer, _ column: Int32) -> String? {
    // A text may hold NUL, so its end is not where C would look for it.
    guard let text = sqlite3_column_text(statement, column) else { return nil }
    return String(decoding: UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, column))), as: UTF8.self)
  }

  private static func makeFolders(of path: String) {
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += "/" + part
      mkdir(folder, 0o700)
    }
  }
}

/// The folders of the XDG base directory rules.
public enum StandardFolder {
  /// The folder that the environment variable `name` holds, or `fallback` under the home folder; nil without a home.
  public static func path(_ name: String, fallback: String) -> String? {
    if let value = Environment.value(name), value.hasPrefix("/") { return value }
    return Environment.value("HOME").map { $0 + "/" + fallback }
  }
}
