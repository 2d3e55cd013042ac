import Glibc
import Shell

/// The interactive front end: prompts, reads cells, runs them.
public final class Prompt {
  private let session: Session
  private let display: TerminalDisplay
  private let editor: LineEditor

  /// A prompt for `session`, which shows things on `display`. Ctrl-C ends what runs, from now on.
  public init(session: Session, display: TerminalDisplay) {
    self.session = session
    self.display = display
    editor = LineEditor { [unowned session] text in session.completions(of: text) }
    for entry in session.history.tail(1000, includesCurrent: false) { editor.remember(entry.source) }
    InterruptSignal.install(onlyOnce: false)
  }

  /// Reads and runs cells until Ctrl-D.
  public func run() -> RunStatus {
    if session.readsMagics, FirstRun.isNow(session.history) { display.write(FirstRun.line + "\n") }
    while let cell = readCell() {
      editor.remember(String(decoding: cell, as: UTF8.self))
      session.run(cell: cell)
    }
    return .success
  }

  /// The next cell; nil at the end.
  private func readCell() -> [UInt8]? {
    var cell = CellAssembly(session: session)
    let number = session.number
    let style = display.style
    while true {
      let prompt = style.forReadline(cell.source.isEmpty ? style.input(number) : style.continuation(number))
      fflush(nil)
      let initial = cell.source.isEmpty ? session.nextInput : nil
      session.nextInput = nil
      switch editor.read(prompt: prompt, initial: initial, prefix: { String(decoding: cell.source, as: UTF8.self) }) {
      case .interrupted: cell = CellAssembly(session: session)
      case .end:
        display.write("\n")
        return nil
      case .text(let line):
        if cell.add(line + [UInt8(ascii: "\n")]) { return cell.take() }
      }
    }
  }
}
