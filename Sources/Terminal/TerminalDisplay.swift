import Glibc
import LuaVM
import Shell

/// A display on a terminal: values after `Out[n]: `, errors in colour.
public final class TerminalDisplay: Display {
  let style: Style
  /// Whether the locale's character set is UTF-8.
  public let isUnicode = Locale.isUnicode
  private let errorStyle: Style
  private let pictures = KittyGraphics()

  /// A display with or without colours. Errors go to standard error, and have colours if that is a terminal too.
  public init(colors: ColorChoice = .auto) {
    style = Style(isOn: colors.usesColors(environment: Environment.value, isTerminal: StandardStream.output.isTerminal))
    errorStyle = Style(isOn: colors.usesColors(environment: Environment.value, isTerminal: StandardStream.error.isTerminal))
  }

  /// The columns of the terminal; 80 where they are not known.
  public var width: Int {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Whether values have colours.
  public var hasColors: Bool { style.isOn }

  /// What the terminal's graphics take.
  public var pictureTypes: [String] { pictures?.types ?? [] }

  /// Writes to standard output.
  public func write(_ text: String) { StandardStream.output.write(text) }

  /// A value of several lines begins on the line after its `Out[n]: `.
  public func show(_ text: String, number: Int?) {
    let prompt = number.map { style.output($0) } ?? ""
    write(prompt + (text.contains("\n") && number != nil ? "\n" : "") + text + "\n")
  }

  /// The picture where the terminal has graphics, else the text.
  public func show(_ presentation: Presentation, number: Int?) {
    guard let escapes = pictures?.escapes(for: presentation) else { return show(presentation.text, number: number) }
    write((number.map { style.output($0) + "\n" } ?? "") + escapes + "\n")
  }

  /// Writes to standard error: the message, the line it is about, the frames.
  public func report(_ report: ErrorReport) {
    var lines = [errorStyle.error(report.message)]
    let plain = ErrorReport(message: "", excerpt: report.excerpt).text.split(separator: "\n")
    for line in plain { lines.append(line.allSatisfy { " |^".contains($0) } ? errorStyle.caret(String(line)) : String(line)) }
    if let hint = report.hint { lines.append(errorStyle.hint(hint)) }
    if !report.traceback.isEmpty {
      lines.append(errorStyle.faint("stack traceback:"))
      lines += report.traceback.map { errorStyle.faint("\t" + $0) }
    }
    StandardStream.error.write(lines.joined(separator: "\n") + "\n")
  }

  /// readline can, unless the input is no terminal.
  public var canEditInput: Bool { isatty(0) == 1 }

  /// Asks on the terminal; nil off it, and at the end of the input.
  public func ask(_ prompt: String) -> String? {
    guard isatty(0) == 1 else { return nil }
    write(prompt)
    return readAnswer()
  }

  /// A line of the terminal, without its end; nil at the end of the input and for Ctrl-C, which is over with it.
  private func readAnswer() -> String? {
    var line: [UInt8] = []
    while true {
      var descriptor = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
      let ready = poll(&descriptor, 1, 100)
      if LuaInterrupt.isRequested {
        LuaInterrupt.clear()
        write("\n")
        return nil
      }
      if ready <= 0 { if ready == 0 || errno == EINTR { continue } else { return nil } }
      var byte: UInt8 = 0
      let count = read(0, &byte, 1)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      if count <= 0 {
        write("\n")
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
      }
      if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
  }

  /// Asks on the terminal; `y` and `yes` are true.
  public func confirm(_ question: String) -> Bool {
    write(question)
    guard let answer = isatty(0) == 1 ? readAnswer() : readLine() else { return false }
    return ["y", "yes"].contains(answer.lowercased().filter { !$0.isWhitespace })
  }
}
