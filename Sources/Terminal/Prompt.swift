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
    while let cell = readCell() {
      editor.remember(cell)
      session.run(cell: cell)
    }
    return .success
  }

  /// The next cell; nil at the end.
  private func readCell() -> String? {
    var lines: [String] = []
    let number = session.number
    let style = display.style
    while true {
      let prompt = style.forReadline(lines.isEmpty ? style.input(number) : style.continuation(number))
      fflush(nil)
      switch editor.read(prompt: prompt, prefix: lines.map { $0 + "\n" }.joined()) {
      case .interrupted: lines = []
      case .end:
        display.write("\n")
        return nil
      case .text(let text):
        if lines.isEmpty, text.allSatisfy(\.isWhitespace) { continue }
        lines.append(text)
        let cell = lines.joined(separator: "\n")
        if !session.isIncomplete(cell + "\n") { return trimmed(cell) }
      }
    }
  }

  /// A cell without the empty lines at its end.
  private func trimmed(_ cell: String) -> String {
    var cell = cell
    while cell.last?.isWhitespace == true { cell.removeLast() }
    return cell
  }
}
