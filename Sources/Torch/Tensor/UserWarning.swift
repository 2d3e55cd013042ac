/// What PyTorch warns its users of, and goes on.
public enum UserWarning {
  /// Receives each warning: its category and text; set by the language's binding.
  nonisolated(unsafe) public static var receiver: ((_ category: String, _ text: String) -> Void)?
  /// Whether a place is warned each time it is passed. Mirrors `torch.set_warn_always`.
  nonisolated(unsafe) public static var isRepeated = false

  /// Runs something again that has been warned of.
  public static func silenced<R>(_ body: () throws -> R) rethrows -> R {
    let before = receiver
    receiver = nil
    defer { receiver = before }
    return try body()
  }

  /// Warns of something.
  @inline(never)
  public static func tell(_ text: @autoclosure () -> String, category: String = "UserWarning") { receiver?(category, text()) }
}
