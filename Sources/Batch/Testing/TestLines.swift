import Shell

/// A test's results as lines for people.
public struct TestLines {
  private let isGitHub: Bool

  /// Lines, with annotations for GitHub where `isGitHub`.
  public init(isGitHub: Bool) { self.isGitHub = isGitHub }

  /// The line of a result, and below it why it failed.
  public func text(_ result: CellResult, of path: String) -> String {
    let cell = result.cell
    let head = result.verdict == .passed ? "ok      " : result.verdict == .failed ? "FAILED  " : "not run "
    var text = "\(head)\(path):\(cell?.line ?? 1) \(cell?.name ?? "")"
    if result.verdict != .notRun { text += "  " + TimeFormat.text(Double(result.nanoseconds) / 1e9, isUnicode: Locale.isUnicode) }
    text += "\n"
    guard result.verdict == .failed else { return text }
    text += Self.indented(result.report.isEmpty ? result.message : result.report)
    if !result.printed.isEmpty { text += "        -- printed:\n" + Self.indented(result.printed) }
    if !result.warned.isEmpty { text += "        -- on standard error:\n" + Self.indented(result.warned) }
    return text + (isGitHub ? annotation(result, of: path) : "")
  }

  /// The last line: how many passed and failed; before it, how many did not run.
  public static func summary(_ files: [FileResult], mistakes: Int = 0) -> String {
    let notRun = files.map { $0.count(.notRun) }.reduce(0, +)
    let passed = files.map { $0.count(.passed) }.reduce(0, +)
    let failed = files.map { $0.count(.failed) }.reduce(mistakes, +)
    return (notRun > 0 ? "\(notRun) not run\n" : "") + "\(passed) passed, \(failed) failed\n"
  }

  /// The most lines of what a cell has written that are shown.
  private static let limit = 100

  private static func indented(_ text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    let dropped = lines.count - limit
    if dropped > 0 { lines = ["… \(dropped) lines more above"] + lines.suffix(limit) }
    return lines.map { "        \($0)\n" }.joined()
  }

  /// `::error file=…,line=…,title=…::message`, which GitHub shows beside the line.
  func annotation(_ result: CellResult, of path: String) -> String {
    let title = result.cell?.name ?? path
    return "::error file=\(Self.property(path)),line=\(result.place),title=\(Self.property(title))::\(Self.data(result.message))\n"
  }

  private static func data(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
  }

  private static func property(_ text: String) -> String {
    data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }
}
