/// One parameter of a schema.
// A class, so that handing one to a decoder copies a pointer.
public final class Parameter: Sendable, CustomStringConvertible {
  /// The name users give as a keyword.
  public let name: String
  /// Python's other accepted keyword for it (`dim` and `axis`, `keepdim` and `keepdims`, `self` and `input`).
  public let alias: String?
  /// The type without `?`, as PyTorch writes it: `Tensor`, `Scalar`, `int`, `int[]`, `float`, `bool`, `str`, `ScalarType`, …
  public let type: String
  /// For `int[2]`: 2, so that one number stands for that many.
  public let listLength: Int?
  /// Whether `None` (nil) is a value.
  public let isOptional: Bool
  /// Whether it can be given by keyword alone.
  public let isKeywordOnly: Bool
  /// The value when it is not given; nil when it must be given.
  public let defaultValue: DefaultValue?
  /// Whether nothing stands in where it is not given.
  public let defaultsToNone: Bool
  /// The name of the operation that it is a parameter of.
  public let operation: String

  /// Parses `Scalar lambd=0.5` or `int[2]? size=None`.
  init(parsing text: String, isKeywordOnly: Bool, of operation: String = "") throws {
    self.operation = operation
    let halves = text.split(separator: "=", maxSplits: 1).map { $0.trimmed }
    guard let space = halves.first?.lastIndex(of: " ") else {
      throw TorchError.value("'\(text)' is not a parameter of a schema")
    }
    var type = halves[0][..<space].trimmed
    name = halves[0][halves[0].index(after: space)...].trimmed
    isOptional = type.hasSuffix("?")
    if isOptional { type.removeLast() }
    type.removeAliasAnnotation()
    if type.hasSuffix("]"), let open = type.lastIndex(of: "[") {
      listLength = Int(type[type.index(after: open)...].dropLast())
      type = String(type[..<open]) + "[]"
    } else {
      listLength = nil
    }
    self.type = type.replacingSymInt
    self.isKeywordOnly = isKeywordOnly
    defaultValue = halves.count > 1 ? try DefaultValue(parsing: halves[1]) : nil
    switch defaultValue {
    case nil, DefaultValue.none?: defaultsToNone = true
    default: defaultsToNone = false
    }
    switch name {
    case "self": alias = "input"
    case "dim": alias = "axis"
    case "keepdim": alias = "keepdims"
    default: alias = nil
    }
  }

  /// `Type name=default`.
  public var description: String {
    var shown = type
    if let listLength { shown = shown.dropLast(2) + "[\(listLength)]" }
    return "\(shown)\(isOptional ? "?" : "") \(name)" + (defaultValue.map { "=\($0)" } ?? "")
  }
}

/// The default a schema writes after `=`.
public enum DefaultValue: Sendable, CustomStringConvertible {
  case none
  case boolean(Bool)
  case integer(Int)
  case real(Double)
  case string(String)
  case list([Double])

  init(parsing text: String) throws {
    switch text {
    case "None": self = .none
    case "True": self = .boolean(true)
    case "False": self = .boolean(false)
    default:
      if let i = Int(text) {
        self = .integer(i)
      } else if let d = Double(text) {
        self = .real(d)
      } else if text.hasPrefix("["), text.hasSuffix("]") {
        self = .list(text.dropFirst().dropLast().split(separator: ",").compactMap { Double($0.trimmed) })
      } else if text.count >= 2, let quote = text.first, quote == "'" || quote == "\"", text.last == quote {
        self = .string(String(text.dropFirst().dropLast()))
      } else {
        self = .string(text)
      }
    }
  }

  /// As PyTorch writes it.
  public var description: String {
    switch self {
    case .none: "None"
    case .boolean(let b): b ? "True" : "False"
    case .integer(let i): "\(i)"
    case .real(let d): "\(d)"
    case .string(let s): "'\(s)'"
    case .list(let l): "[" + l.map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" }.joined(separator: ",") + "]"
    }
  }
}

extension String {
  /// Drops `(a!)` from `Tensor(a!)`.
  fileprivate mutating func removeAliasAnnotation() {
    guard !hasPrefix("("), let open = firstIndex(of: "("), let close = firstIndex(of: ")") else { return }
    removeSubrange(open...close)
  }

  /// `SymInt` is `int` to a user.
  fileprivate var replacingSymInt: String {
    hasPrefix("SymInt") ? "int" + dropFirst(6) : self
  }
}
