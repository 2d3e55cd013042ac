import Glibc
import Notebook
import Shell

/// The test of one file: its cells run in a process of their own, so that nothing they do outlives them, and one that
/// cannot be stopped is ended.
public struct FileTest {
  /// What the cells run under.
  public struct Options {
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

    /// No limits, all cells.
    public init() {}
  }

  /// How long an interrupted cell has to end.
  private static let grace = 5.0

  private let path: String
  private let options: Options
  private let cells: [NamedCell]
  private let skipped: [NamedCell]

  /// Reads the file at `path`; throws what is wrong with it or with the options.
  public init(_ path: String, _ options: Options) throws {
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
    let arguments =
      ["test", "--events", "3"] + options.only.flatMap { ["--only", $0] } + options.parameters.flatMap { ["-p", $0] }
      + (options.goesOn ? ["-k"] : []) + ["--", path]
    let child = try ChildProcess(arguments, output: output?.descriptor, error: error?.descriptor)
    let watch = Watch(timeout: options.timeout)
    var result = FileResult(path: path)
    func take(_ cell: CellResult) {
      result.cells.append(cell)
      tell(cell)
    }
    func find(_ number: Int) -> NamedCell? { cells.first { $0.number == number } }
    watch.follow(child, isInterrupted: isInterrupted) { number, end, hasTimedOut in
      guard let cell = find(number) else { return }
      var failure = end.failure
      if hasTimedOut, let limit = options.timeout {
        let message = "\(path):\(failure?.line ?? cell.line): the cell took longer than \(Self.seconds(limit))"
        failure = CellFailure(message: message, report: failure?.report.replacing("interrupted!", with: message) ?? message, line: failure?.line)
      }
      var found = CellResult(cell: cell, verdict: failure == nil ? .passed : .failed)
      found.nanoseconds = end.nanoseconds
      found.message = failure?.message ?? ""
      found.report = failure?.report ?? ""
      found.line = failure?.line
      found.printed = String(decoding: output?.bytes(from: watch.printed, to: end.printed) ?? [], as: UTF8.self)
      found.warned = String(decoding: error?.bytes(from: watch.warned, to: end.warned) ?? [], as: UTF8.self)
      take(found)
    }
    let (status, signal) = child.wait()
    result.isInterrupted = isInterrupted()
    // What it was doing when it ended without saying so.
    let isWanting = result.cells.count < cells.count && (options.goesOn || result.count(.failed) == 0)
    if isWanting, !result.isInterrupted {
      let unfinished = watch.current.flatMap(find)
      var found = CellResult(cell: unfinished ?? cells[result.cells.count], verdict: .failed)
      found.message = watch.ending ?? Self.ending(status, signal)
      found.report = found.message
      found.nanoseconds = watch.elapsed
      found.printed = String(decoding: output?.bytes(from: watch.printed) ?? [], as: UTF8.self)
      found.warned = String(decoding: error?.bytes(from: watch.warned) ?? [], as: UTF8.self)
      take(found)
    }
    let done = result.cells.compactMap { $0.cell?.number }
    for cell in cells + skipped where !done.contains(cell.number) { result.cells.append(CellResult(cell: cell, verdict: .notRun)) }
    result.cells.sort { ($0.cell?.number ?? 0) < ($1.cell?.number ?? 0) }
    result.printed = output?.bytes() ?? []
    return result
  }

  private static func ending(_ status: Int32?, _ signal: Int32?) -> String {
    if let signal { return "the program was ended by signal \(signal) (\(String(cString: strsignal(signal))))" }
    return "the cell ended the program with status \(status ?? 0)"
  }

  private static func seconds(_ count: Double) -> String {
    count == count.rounded() && count < 1e9 ? "\(Int(count)) s" : "\(count) s"
  }

  /// Reads the events of a child, and stops a cell that takes too long: first by an interrupt, which leaves the rest of the
  /// file to run, then by the end of its process.
  private final class Watch {
    let timeout: Double?
    /// The cell that runs.
    var current: Int?
    /// The bytes written before it.
    var printed = 0
    var warned = 0
    /// Why the process was ended.
    var ending: String?
    private var begun = ContinuousClock.now
    private var deadline: ContinuousClock.Instant?
    private var hasTimedOut = false

    init(timeout: Double?) { self.timeout = timeout }

    /// The nanoseconds since the cell began.
    var elapsed: Int { Int((ContinuousClock.now - begun) / .nanoseconds(1)) }

    func follow(
      _ child: ChildProcess, isInterrupted: () -> Bool, _ tell: (_ cell: Int, _ end: CellEnd, _ hasTimedOut: Bool) -> Void
    ) {
      var text: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 1 << 14)
      var hasForwarded = false
      while true {
        if isInterrupted() {
          child.signal(hasForwarded ? SIGKILL : SIGINT)
          if !hasForwarded { deadline = ContinuousClock.now + .seconds(FileTest.grace) }
          hasForwarded = true
        }
        var wait = pollfd(fd: child.pipe, events: Int16(POLLIN), revents: 0)
        let rest = deadline.map { max(0, ($0 - ContinuousClock.now) / .milliseconds(1)) }
        let ready = poll(&wait, 1, hasForwarded ? 200 : rest.map { Int32(min($0 + 1, 1e9)) } ?? -1)
        if let deadline, ContinuousClock.now >= deadline { stop(child) }
        guard ready > 0 else { continue }
        let count = read(child.pipe, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        text += buffer[..<count]
        while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
          take(CellEvent(String(decoding: text[..<end], as: UTF8.self)), tell)
          text.removeSubrange(...end)
        }
      }
    }

    private func stop(_ child: ChildProcess) {
      if hasTimedOut {
        ending = timeout.map { "the cell took longer than \(FileTest.seconds($0)) and could not be stopped" }
        child.signal(SIGKILL)
        deadline = nil
      } else {
        hasTimedOut = true
        child.signal(SIGINT)
        deadline = ContinuousClock.now + .seconds(FileTest.grace)
      }
    }

    private func take(_ event: CellEvent?, _ tell: (Int, CellEnd, Bool) -> Void) {
      switch event {
      case .begin(let cell):
        current = cell
        begun = ContinuousClock.now
        hasTimedOut = false
        deadline = timeout.map { begun + .seconds($0) }
      case .end(let cell, let end):
        tell(cell, end, hasTimedOut)
        current = nil
        deadline = nil
        (printed, warned) = (end.printed, end.warned)
      case nil: break
      }
    }
  }
}
