import Glibc
import LuaVM
import Notebook
import Shell

/// Runs the cells of one file and tells of each on a pipe: the process of its own that a file is tested in.
public struct CellWorker {
  private let session: Session
  private let events: Int32
  /// Whether values are shown, and told of.
  private let echoes: Bool

  /// A worker that writes its events to the descriptor `events`, which what the cells start does not inherit.
  /// - Parameter echoes: whether the values of cells are shown, as at the prompt, and told of.
  public init(session: Session, events: Int32, echoes: Bool) {
    self.session = session
    self.events = events
    self.echoes = echoes
    _ = fcntl(events, F_SETFD, FD_CLOEXEC)
    if echoes { session.display = EventDisplay { Self.tell($0, on: events) } }
  }

  /// Runs the code cells of the file up to the last that is wanted; those before it are run for what they define.
  /// Whoever reads the events has read the file with these parameters before.
  public func run(file path: String, only choice: CellChoice, parameters: [Parameter], goesOn: Bool) throws {
    let source = try FilePath.read(path)
    var notebook = Notebook(source)
    try notebook.set(parameters, of: path)
    try session.setArguments(script: path, [], before: ["qrepl"])
    let cells = notebook.codeCells
    guard let last = cells.lastIndex(where: choice.includes) else { return }
    for cell in cells[...last] where !cell.isSkipped {
      let end = run(cell, path, source)
      guard choice.includes(cell) else { continue }
      tell(.end(cell: cell.number, end))
      if end.failure != nil, !goesOn { return }
    }
  }

  private func run(_ cell: NamedCell, _ path: String, _ source: [UInt8]) -> CellEnd {
    tell(.begin(cell: cell.number))
    let start = ContinuousClock.now
    let outcome = session.run(cell.cell, of: path, file: source, echoes: echoes)
    let nanoseconds = Int((ContinuousClock.now - start) / .nanoseconds(1))
    var (failure, expected): (CellFailure?, CellFailure?)
    switch outcome {
    case .failure(let report):
      let found = CellFailure(
        message: report.message, report: report.text, line: report.line(in: path), isInterrupt: report.isInterrupt)
      if cell.mayFail, !report.isInterrupt { expected = found } else { failure = found }
    case .success:
      if cell.mayFail { failure = CellFailure(message: "the cell is tagged \"raises-exception\" and raised none", report: "") }
    }
    let (printed, warned) = Capture.lengths()
    return CellEnd(nanoseconds: nanoseconds, printed: printed, warned: warned, failure: failure, expected: expected)
  }

  private func tell(_ event: CellEvent) { Self.tell(event, on: events) }

  private static func tell(_ event: CellEvent, on events: Int32) {
    var bytes = Array(event.line.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(events, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

extension NamedCell {
  /// Whether notebooks' runners leave the cell out.
  var isSkipped: Bool { tags.contains("skip-execution") }
  /// Whether the cell shows an error on purpose.
  var mayFail: Bool { tags.contains("raises-exception") }
}
