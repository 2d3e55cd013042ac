import Notebook

/// What became of a cell in a test.
public struct CellResult {
  /// How it came out.
  public enum Verdict: Equatable, Sendable {
    case passed, failed, notRun
  }

  /// The cell; nil for what is wrong with the file as a whole.
  public let cell: NamedCell?
  /// How it came out.
  public let verdict: Verdict
  /// How long it took.
  public var nanoseconds = 0
  /// Why it failed, in a line or more.
  public var message = ""
  /// The message with the line of source and the traceback.
  public var report = ""
  /// The line that failed.
  public var line: Int?
  /// What it wrote to standard output.
  public var printed = ""
  /// What it wrote to standard error.
  public var warned = ""

  /// A result of `cell`.
  public init(cell: NamedCell?, verdict: Verdict) {
    self.cell = cell
    self.verdict = verdict
  }

  /// The line that failed, or else the cell's.
  public var place: Int { line ?? cell?.line ?? 1 }
}

/// What became of the cells of a file.
public struct FileResult {
  /// The file.
  public let path: String
  /// The cells that were wanted, in order.
  public internal(set) var cells: [CellResult] = []
  /// All that was written to standard output.
  public internal(set) var printed: [UInt8] = []
  /// Whether Ctrl-C ended it.
  public internal(set) var isInterrupted = false

  /// How many cells came out so.
  public func count(_ verdict: CellResult.Verdict) -> Int { cells.count { $0.verdict == verdict } }
}
