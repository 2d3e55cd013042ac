/// Where a session shows things. The session knows no terminal: a front end decides how things look.
public protocol Display: AnyObject {
  /// Whether `μ` and `±` can be shown.
  var isUnicode: Bool { get }
  /// How many columns there are.
  var width: Int { get }
  /// Writes text of a magic, in order with what Lua prints.
  func write(_ text: String)
  /// Shows the value of cell `number`; without a number, of a cell nobody counts.
  func show(_ text: String, number: Int?)
  /// Shows what went wrong.
  func report(_ report: ErrorReport)
  /// Asks a question that `y` or nothing else answers; false where nobody can answer.
  func confirm(_ question: String) -> Bool
  /// Shows a long text, page by page where there are pages.
  func page(_ text: String)
}

extension Display {
  /// Writes the text at once.
  public func page(_ text: String) { write(text) }
}
