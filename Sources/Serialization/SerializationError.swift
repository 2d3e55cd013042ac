/// What went wrong while a checkpoint was read or written.
///
/// `kind` is the Python exception PyTorch raises in the same place (`RuntimeError`, `UnpicklingError`, `FileNotFoundError` …),
/// `message` is one sentence for the user, PyTorch's own where it has one.
public struct SerializationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The name of the Python exception that PyTorch raises here.
  public let kind: String
  /// The sentence shown to the user.
  public let message: String
  /// The class or function that a file names and may not.
  public var global: PickleGlobal?

  /// An error of the given Python kind.
  public init(kind: String = "RuntimeError", _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// The message alone.
  public var description: String { message }
}
