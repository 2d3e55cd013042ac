/// What is wrong with a vocabulary, a configuration or an option: the Python exception that `transformers` raises, and its sentence.
public struct TokenizeError: Error, Equatable, CustomStringConvertible {
  /// The exception's name, `ValueError`.
  public let kind: String
  /// The sentence for the user.
  public let message: String

  /// An error of a kind.
  public init(kind: String = "ValueError", _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { message }
}
