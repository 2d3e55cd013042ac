import JSON

import Notebook
import Shell

/// What the process that runs a file's cells tells the one that reports them, a line each.
enum CellEvent {
  /// The cell of this number runs now.
  case begin(cell: Int)
  /// It shows a value.
  case show(CellShow)
  /// It has ended.
  case end(cell: Int, CellEnd)

  /// The line, with its line end.
  var line: String {
    switch self {
    case .begin(let cell): return "{\"begin\": \(cell)}\n"
    case .show(let show):
      let pictures = show.presentation.pictures.map { "\(JSONText.quoted($0.key)): \"\(Base64.text($0.value))\"" }.joined(separator: ", ")
      return
        "{\"show\": \(JSONText.quoted(show.presentation.text)), \"pictures\": {\(pictures)}, \"value\": \(show.isValue), \"printed\": \(show.printed), \"warned\": \(show.warned)}\n"
    case .end(let cell, let end):
      var text = "{\"end\": \(cell), \"nanoseconds\": \(end.nanoseconds), \"printed\": \(end.printed), \"warned\": \(end.warned)"
      if let failure = end.failure ?? end.expected {
        text += ", \"expected\": \(end.failure == nil)"
        text += ", \"message\": \(JSONText.quoted(failure.message)), \"report\": \(JSONText.quoted(failure.report))"
        text += ", \"interrupt\": \(failure.isInterrupt)"
        if let line = failure.line { text += ", \"line\": \(line)" }
      }
      return text + "}\n"
    }
  }

  /// Reads a line; nil for one that is no event.
  init?(_ line: String) {
    guard let value = try? JSONReader.read(line) else { return nil }
    if let cell = value["begin"]?.integerValue {
      self = .begin(cell: cell)
      return
    }
    if let text = value["show"]?.stringValue {
      var pictures: [String: [UInt8]] = [:]
      for (type, letters) in value["pictures"]?.rows ?? [] { pictures[type] = letters.stringValue.flatMap(Base64.bytes) }
      self = .show(
        CellShow(
          isValue: value["value"]?.booleanValue ?? false, printed: value["printed"]?.integerValue ?? 0,
          warned: value["warned"]?.integerValue ?? 0, presentation: Presentation(text: text, pictures: pictures)))
      return
    }
    guard let cell = value["end"]?.integerValue else { return nil }
    let failure = value["message"]?.stringValue.map {
      CellFailure(
        message: $0, report: value["report"]?.stringValue ?? $0, line: value["line"]?.integerValue,
        isInterrupt: value["interrupt"]?.booleanValue ?? false)
    }
    let isExpected = value["expected"]?.booleanValue ?? false
    self = .end(
      cell: cell,
      CellEnd(
        nanoseconds: value["nanoseconds"]?.integerValue ?? 0, printed: value["printed"]?.integerValue ?? 0,
        warned: value["warned"]?.integerValue ?? 0, failure: isExpected ? nil : failure, expected: isExpected ? failure : nil))
  }
}

/// How a cell ended.
struct CellEnd {
  let nanoseconds: Int
  /// Bytes of standard output by then.
  let printed: Int
  /// Bytes of standard error by then.
  let warned: Int
  let failure: CellFailure?
  /// The error that a cell shows on purpose.
  var expected: CellFailure?
}

/// A value that a cell shows.
struct CellShow {
  /// Whether it is the value of the cell, and not what a magic or a library shows.
  let isValue: Bool
  /// Bytes of standard output by then.
  let printed: Int
  /// Bytes of standard error by then.
  let warned: Int
  let presentation: Presentation
}

/// Why a cell failed.
struct CellFailure {
  /// The message, in a line or more.
  var message: String
  /// All of it, with the line of source and the traceback.
  var report: String
  /// The line of the file that it is about.
  var line: Int?
  /// Whether it is an interrupt's.
  var isInterrupt = false
}
