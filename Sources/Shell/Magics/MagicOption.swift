/// One option of a magic. The runner reads it, the completer offers it, the help shows it.
public struct MagicOption: Equatable, Sendable {
  /// The letter of a short option (`n` for `-n`), or the word of a long one (`cmp` for `--cmp`).
  public let name: String
  /// What stands for the option's value in the help; nil for a switch.
  public let value: String?
  /// What it does.
  public let doc: String
  /// The values it may have; empty where any is allowed.
  public let choices: [String]

  /// A switch, or with `value` an option that takes a value.
  public init(_ name: String, value: String? = nil, choices: [String] = [], _ doc: String) {
    self.name = name
    self.value = value
    self.choices = choices
    self.doc = doc
  }

  /// The option as typed: `-n`, `--cmp`.
  public var spelling: String { (name.utf8.count == 1 ? "-" : "--") + name }
}

/// A mistake in the use of a magic. It is shown as `UsageError: message`, without a traceback.
public struct UsageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public let message: String

  /// An error with `message`.
  public init(_ message: String) { self.message = message }

  /// `UsageError: message`
  public var description: String { "UsageError: \(message)" }
}
