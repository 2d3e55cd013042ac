import LuaVM
import Notebook
import Shell
import Testing

/// Keeps what a session shows.
final class RecordingDisplay: Display {
  let isUnicode = true
  let width = 80
  /// What magics wrote.
  var written = ""
  /// The values shown, by cell.
  var shown: [Int: String] = [:]
  /// The reports, in order.
  var reports: [ErrorReport] = []
  /// The answers to give, first to last.
  var answers: [Bool] = []
  /// The questions asked.
  var questions: [String] = []

  /// The lines to answer questions with, first to last.
  var lines: [String] = []
  let canEditInput = true

  func ask(_ prompt: String) -> String? {
    written += prompt
    return lines.isEmpty ? nil : lines.removeFirst()
  }
  func write(_ text: String) { written += text }
  func show(_ text: String, number: Int?) { shown[number ?? 0] = text }
  func report(_ report: ErrorReport) { reports.append(report) }
  func confirm(_ question: String) -> Bool {
    questions.append(question)
    return answers.isEmpty ? false : answers.removeFirst()
  }
}

/// A session and what it shows.
struct Bench {
  let display = RecordingDisplay()
  let session: Session

  init(history: any HistoryStore = TransientHistory()) throws {
    session = try Session(lua: LuaState(), display: display, history: history)
  }

  /// Runs a cell and gives the text of its value, or of what went wrong; nil without either.
  @discardableResult
  func run(_ cell: String) -> String? {
    let number = session.number
    if case .failure(let report) = session.run(cell: cell) { return report.text }
    return display.shown[number]
  }

  /// Runs a cell and gives what its magics wrote.
  func output(_ cell: String) -> String {
    display.written = ""
    let failure = session.run(cell: cell)
    if case .failure(let report) = failure { Issue.record("\(cell): \(report.text)") }
    return display.written
  }

  /// Runs a script and gives its status.
  func script(_ text: String, arguments: [String] = []) -> RunStatus {
    session.run(code: text, name: "@script.lua", arguments: arguments)
  }

  /// The value of a Lua expression.
  func value(_ expression: String) throws -> LuaValue {
    try session.lua.run("return \(expression)").first ?? .nil
  }

  /// The help that `name?` or `name??` shows.
  func help(_ text: String) throws -> String {
    session.help(for: try #require(PromptText.helpRequest(in: text)))
  }
}
