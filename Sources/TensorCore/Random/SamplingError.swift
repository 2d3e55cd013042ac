/// A random function was asked for something it cannot draw. `message` is PyTorch's sentence.
public struct SamplingError: Error, Equatable, CustomStringConvertible {
  /// PyTorch's sentence, without a trailing newline.
  public let message: String

  /// An error with PyTorch's sentence.
  public init(_ message: String) { self.message = message }

  /// The sentence.
  public var description: String { message }
}
