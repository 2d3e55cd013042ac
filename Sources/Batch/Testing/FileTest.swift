import Notebook
import Shell

/// What the cells of a file run under.
public struct CellOptions {
  /// The cells to report; those before run for what they define.
  public var only: [String] = []
  /// The values of parameters, `name=value`.
  public var parameters: [String] = []
  /// The seconds that a cell may take.
  public var timeout: Double?
  /// Whether cells after one that fails run too.
  public var goesOn = false
  /// Whether what the cells write is shown as they write it, and not kept.
  public var showsOutput = false
  /// Whether what is expected is written anew.
  public var updates = false

  /// No limits, all cells.
  public init() {}

  /// The arguments with which this program runs the cells of `path`.
  func arguments(_ path: String, more: [String] = []) -> [String] {
    ["test", "--events", "3"] + more + only.flatMap { ["--only", $0] } + parameters.flatMap { ["-p", $0] }
      + (goesOn ? ["-k"] : []) + (updates ? ["--update"] : []) + ["--", path]
  }
}

/// The test of one file: its cells run in a process of their own, so that nothing they do outlives them, and one that
/// cannot be stopped is ended.
public struct FileTest {
  private let path: String
  private let options: CellOptions
  private let cells: [NamedCell]
  private let skipped: [NamedCell]

  /// Reads the file at `path`; throws what is wrong with it or with the options.
  public init(_ path: String, _ options: CellOptions) throws {
    self.path = path
    self.options = options
    var notebook = try Notebook(FilePath.read(path))
    try notebook.set(options.parameters.compactMap { Parameter($0) }, of: path)
    let all = notebook.codeCells
    let choice = CellChoice(options.only)
    if let unknown = choice.unknown(in: all) {
      let names = all.flatMap { [$0.title] + $0.tags }
      let close = Similarity.closest(to: unknown, in: names).map { ". Did you mean '\($0)'?" } ?? ""
      throw CommandMistake("\(path) has no cell '\(unknown)': \(all.count) cells, known by number, title or tag\(close)")
    }
    cells = all.filter { choice.includes($0) && !$0.isSkipped }
    skipped = all.filter { choice.includes($0) && $0.isSkipped }
  }

  /// Runs the cells and hands each result to `tell` as it comes. Ctrl-C, which makes `isInterrupted` true, ends it.
  public func run(isInterrupted: () -> Bool, tell: (CellResult) -> Void) throws -> FileResult {
    let output = options.showsOutput ? nil : try Capture()
    let error = options.showsOutput ? nil : try Capture()
    let child = try ChildProcess(options.arguments(path), output: output?.descriptor, error: error?.descriptor)
    let watch = CellWatch(timeout: options.timeout)
    var result = FileResult(path: path)
    func take(_ cell: NamedCell, _ nanoseconds: Int, _ failure: CellFailure?, printed: Int? = nil, warned: Int? = nil) {
      var found = CellResult(cell: cell, verdict: failure == nil ? .passed : .failed)
      found.nanoseconds = nanoseconds
      found.message = failure?.message ?? ""
      found.report = failure?.report ?? ""
      found.line = failure?.line
      found.printed = String(decoding: output?.bytes(from: watch.printed, to: printed) ?? [], as: UTF8.self)
      found.warned = String(decoding: error?.bytes(from: watch.warned, to: warned) ?? [], as: UTF8.self)
      result.cells.append(found)
      tell(found)
    }
    watch.follow(child, isInterrupted: isInterrupted) { event in
      guard case .end(let number, let end) = event, let cell = cells.first(where: { $0.number == number }) else { return }
      var failure = end.failure
      if watch.hasTimedOut, !isInterrupted() {
        let message = "\(path):\(failure?.line ?? cell.line): \(watch.complaint)"
        failure = CellFailure(
          message: message, report: failure?.report.replacing("interrupted!", with: message) ?? message, line: failure?.line)
      }
      take(cell, end.nanoseconds, failure, printed: end.printed, warned: end.warned)
    }
    let end = child.wait()
    result.isInterrupted = isInterrupted()
    // What it was doing when it ended without saying so.
    if result.cells.count < cells.count, options.goesOn || result.count(.failed) == 0, !result.isInterrupted {
      let message = watch.ending ?? CellWatch.ending(end)
      let unfinished = watch.current.flatMap { number in cells.first { $0.number == number } }
      take(unfinished ?? cells[result.cells.count], watch.elapsed, CellFailure(message: message, report: message))
    }
    let done = result.cells.compactMap { $0.cell?.number }
    for cell in cells + skipped where !done.contains(cell.number) { result.cells.append(CellResult(cell: cell, verdict: .notRun)) }
    result.cells.sort { ($0.cell?.number ?? 0) < ($1.cell?.number ?? 0) }
    result.printed = output?.bytes() ?? []
    return result
  }
}
