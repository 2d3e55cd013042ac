import Notebook
import Shell

/// The run of one file for a document with what its cells give.
public struct FileRun {
  /// What became of the run.
  public struct Result {
    /// The document, with the outputs up to the cell that failed.
    public var document: NotebookDocument
    /// What went wrong first, with its place; nil if nothing did.
    public var failure: String?
    /// Whether Ctrl-C ended it.
    public var isInterrupted: Bool
  }

  private let path: String
  private let options: CellOptions
  private let notebook: Notebook
  private let syntax: MagicSyntax

  /// Reads the file at `path`, whose magics are those of `syntax`; throws what is wrong with it or with the options.
  public init(_ path: String, _ options: CellOptions, syntax: MagicSyntax) throws {
    self.path = path
    self.options = options
    self.syntax = syntax
    var notebook = try Notebook(FilePath.read(path))
    try notebook.set(options.parameters.compactMap { Parameter($0) }, of: path)
    self.notebook = notebook
  }

  /// The document as it is before a run.
  public var document: NotebookDocument { NotebookDocument(notebook, syntax: syntax) }

  /// Runs the cells. Ctrl-C, which makes `isInterrupted` true, ends it.
  public func run(isInterrupted: () -> Bool) throws -> Result {
    let output = try Capture()
    let error = try Capture()
    let child = try ChildProcess(
      options.arguments(path, more: ["--outputs"]), output: output.descriptor, error: error.descriptor)
    let watch = CellWatch(timeout: options.timeout)
    var document = self.document
    var failure: String?
    var count = 0
    var index: Int?
    let cells = notebook.codeCells
    // The text before the first cell may not have become one.
    let shift = notebook.cells.count - document.cells.count
    var (printed, warned) = (0, 0)
    func add(_ item: CellOutput) { if let index { document.cells[index].outputs.append(item) } }
    func addStreams(to end: Int?, _ warnedEnd: Int?) {
      for (name, capture, start, end) in [("stdout", output, printed, end), ("stderr", error, warned, warnedEnd)] {
        let text = String(decoding: capture.bytes(from: start, to: end), as: UTF8.self)
        guard !text.isEmpty else { continue }
        // What follows in the same stream is one output.
        if let index, case .stream(name, let before)? = document.cells[index].outputs.last {
          document.cells[index].outputs.removeLast()
          add(.stream(name: name, text: before + text))
        } else {
          add(.stream(name: name, text: text))
        }
      }
      if let end { printed = max(printed, end) }
      if let warnedEnd { warned = max(warned, warnedEnd) }
    }
    func addError(_ message: String, _ report: String, expected: Bool = false) {
      add(.error(name: "Error", message: message, traceback: report.split(separator: "\n").map(String.init)))
      if failure == nil, !expected { failure = report }
    }
    watch.follow(child, isInterrupted: isInterrupted) { event in
      switch event {
      case .begin(let number):
        count += 1
        index = cells.first { $0.number == number }.map { $0.index - shift }
        if let index { document.cells[index].executionCount = count }
      case .show(let show):
        addStreams(to: show.printed, show.warned)
        let showing = CellOutput.Showing(text: show.presentation.text, pictures: show.presentation.pictures)
        add(show.isValue ? .value(showing) : .display(showing))
      case .end(_, let end):
        addStreams(to: end.printed, end.warned)
        if watch.hasTimedOut, !isInterrupted() {
          addError(watch.complaint, end.failure?.report.replacing("interrupted!", with: watch.complaint) ?? watch.complaint)
        } else if let found = end.failure {
          addError(found.message, found.report)
        } else if let expected = end.expected {
          addError(expected.message, expected.report, expected: true)
        }
        index = nil
      }
    }
    let end = child.wait()
    if index != nil {
      addStreams(to: nil, nil)
      let message = watch.ending ?? CellWatch.ending(end)
      addError(message, "\(path): \(message)")
    } else if end.status != 0 || end.signal != nil, failure == nil, !isInterrupted() {
      failure = "\(path): \(CellWatch.ending(end))"
    }
    return Result(document: document, failure: failure, isInterrupted: isInterrupted())
  }
}
