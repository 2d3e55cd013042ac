/// A user's mistake, as PyTorch would report it: the kind of Python exception and its sentence.
///
/// Every check of shapes, dtypes, options and files throws one of these; the Lua binding turns it into a Lua error.
public struct TorchError: Error, Equatable, CustomStringConvertible {
  /// The Python exception class that PyTorch raises in the same place.
  public enum Kind: String, Sendable {
    case runtimeError = "RuntimeError"
    case typeError = "TypeError"
    case valueError = "ValueError"
    case indexError = "IndexError"
    case keyError = "KeyError"
    case attributeError = "AttributeError"
    case notImplementedError = "NotImplementedError"
    case fileNotFoundError = "FileNotFoundError"
    case eofError = "EOFError"
    case osError = "OSError"
    case isADirectoryError = "IsADirectoryError"
    case permissionError = "PermissionError"
    case unpicklingError = "UnpicklingError"
    case assertionError = "AssertionError"
    case moduleNotFoundError = "ModuleNotFoundError"
    case linAlgError = "_LinAlgError"
    case safetensorError = "SafetensorError"
  }

  /// The exception class.
  public let kind: Kind
  /// PyTorch's sentence, without the class name.
  public let message: String

  /// Makes an error of the given kind.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// A `RuntimeError` with this sentence.
  public static func runtime(_ message: String) -> TorchError { TorchError(.runtimeError, message) }
  /// A `TypeError` with this sentence.
  public static func type(_ message: String) -> TorchError { TorchError(.typeError, message) }
  /// A `ValueError` with this sentence.
  public static func value(_ message: String) -> TorchError { TorchError(.valueError, message) }
  /// An `IndexError` with this sentence.
  public static func index(_ message: String) -> TorchError { TorchError(.indexError, message) }
  /// A `NotImplementedError` with this sentence.
  public static func notImplemented(_ message: String) -> TorchError { TorchError(.notImplementedError, message) }
  /// An `AttributeError` with this sentence.
  public static func attribute(_ message: String) -> TorchError { TorchError(.attributeError, message) }

  /// `Kind: sentence`, the form of Python's traceback's last line.
  public var description: String { "\(kind.rawValue): \(message)" }
}

/// Something of which parts may refuse to be written to a file.
public protocol SavingRefuser: AnyObject {
  /// Why it cannot be saved whole; nil where nothing speaks against it.
  var savingRefusal: TorchError? { get }
}
