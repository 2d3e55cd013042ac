import CSQLite
import Glibc

/// The history in a SQLite file which all sessions share. Whatever goes wrong with the file, the session goes on.
public final class SQLiteHistory: HistoryStore {
  private let database: OpaquePointer
  private var ownSession: Int?

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
    guard sqlite3_exec(handle, schema, nil, nil, nil) == SQLITE_OK else {
      sqlite3_close(handle)
      return nil
    }
    chmod(path, 0o600)
  }

  deinit { sqlite3_close(database) }

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

  /// Keeps a cell; what the file refuses is lost.
  public func append(number: Int, source: String) {
    guard let session = takeSession() else { return }
    _ = rows(
      "INSERT OR REPLACE INTO history (session, line, source) VALUES (?, ?, ?)",
      [.integer(session), .integer(number), .text(source)])
  }

  /// Keeps the text of a cell's value.
  public func setOutput(number: Int, output: String) {
    _ = rows(
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

  private func rows(_ query: String, _ parameters: [Parameter]) -> [HistoryEntry] {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(database, query, -1, &statement, nil) == SQLITE_OK, let statement else { return [] }
    defer { sqlite3_finalize(statement) }
    for (index, parameter) in parameters.enumerated() {
      switch parameter {
      case .integer(let value): sqlite3_bind_int64(statement, Int32(index + 1), Int64(value))
      case .text(let value): qsqlite_bind_text(statement, Int32(index + 1), value, Int32(clamping: value.utf8.count))
      }
    }
    var entries: [HistoryEntry] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      entries.append(
        HistoryEntry(
          session: Int(sqlite3_column_int64(statement, 0)), number: Int(sqlite3_column_int64(statement, 1)),
          source: Self.text(statement, 2) ?? "", output: Self.text(statement, 3)))
    }
    return entries
  }

  private static func text(_ statement: OpaquePointer, _ column: Int32) -> String? {
    sqlite3_column_text(statement, column).map { String(cString: $0) }
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

/// The process's environment.
public enum Environment {
  /// The value of the variable `name`; nil where it is unset or empty.
  public static func value(_ name: String) -> String? {
    guard let value = getenv(name), value[0] != 0 else { return nil }
    return String(cString: value)
  }

  /// All variables, sorted by name.
  public static var all: [(name: String, value: String)] {
    var result: [(name: String, value: String)] = []
    var entry = environ
    while let text = entry.pointee {
      let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      result.append((String(parts[0]), parts.count > 1 ? String(parts[1]) : ""))
      entry += 1
    }
    return result.sorted { $0.name < $1.name }
  }
}
