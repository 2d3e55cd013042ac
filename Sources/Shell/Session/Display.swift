/// Where a session shows things. The session knows no terminal: a front end decides how things look.
public protocol Display: AnyObject {
  /// Whether `μ` and `±` can be shown.
  var isUnicode: Bool { get }
  /// How many columns there are.
  var width: Int { get }
  /// Whether text may hold escapes for colours.
  var hasColors: Bool { get }
  /// The MIME types that it can show beside text.
  var pictureTypes: [String] { get }
  /// Writes text of a magic, in order with what Lua prints.
  func write(_ text: String)
  /// Shows the value of cell `number`; without a number, of a cell nobody counts.
  func show(_ text: String, number: Int?)
  /// Shows a value that has more than a text: of cell `number`, or without a number what a magic or a library shows.
  func show(_ presentation: Presentation, number: Int?)
  /// Shows what went wrong.
  func report(_ report: ErrorReport)
  /// Asks a question that `y` or nothing else answers; false where nobody can answer.
  func confirm(_ question: String) -> Bool
  /// Whether the next input can begin with a text that the user goes on editing.
  var canEditInput: Bool { get }
  /// Asks for a line; nil where nobody can answer or the answers have ended.
  func ask(_ prompt: String) -> String?
  /// Shows a long text, page by page where there are pages.
  func page(_ text: String)
}

extension Display {
  /// It cannot.
  public var canEditInput: Bool { false }
  /// Nobody answers.
  public func ask(_ prompt: String) -> String? { nil }
  /// No colours.
  public var hasColors: Bool { false }
  /// Nothing but text.
  public var pictureTypes: [String] { [] }
  /// Shows the text.
  public func show(_ presentation: Presentation, number: Int?) { show(presentation.text, number: number) }
  /// Writes the text at once.
  public func page(_ text: String) { write(text) }
}

/// A way to put pictures among text, which some terminals have.
public protocol PictureWriter: Sendable {
  /// The MIME types it can show.
  var types: [String] { get }
  /// What to write in place of the text; nil for a presentation without a picture that it can show.
  func escapes(for presentation: Presentation) -> String?
}
