import Interface
import OrderedCollections
import TensorCore
import Torch

/// Makes observers with given options. Mirrors `MinMaxObserver.with_args(…)`, a partial application of the class.
public final class ObserverFactory {
  /// The class of the observers made.
  public enum Kind: String, Sendable, CaseIterable {
    case minMax = "MinMaxObserver"
    case perChannelMinMax = "PerChannelMinMaxObserver"
    case placeholder = "PlaceholderObserver"
    case noop = "NoopObserver"

    /// The keywords its constructor takes.
    var keywords: [String] {
      switch self {
      case .minMax: ["dtype", "qscheme", "reduce_range", "quant_min", "quant_max", "eps", "is_dynamic"]
      case .perChannelMinMax: ["ch_axis", "dtype", "qscheme", "reduce_range", "quant_min", "quant_max", "eps", "is_dynamic"]
      // `reduce_range` is an addition: false lets dynamic layers use all 8 bits of their inputs.
      case .placeholder: ["dtype", "reduce_range", "quant_min", "quant_max", "qscheme", "eps", "is_dynamic"]
      case .noop: ["dtype"]
      }
    }
  }

  /// The class of the observers made.
  public let kind: Kind
  /// The options by PyTorch's keywords, in the order given.
  public let options: OrderedDictionary<String, Value>

  /// - Throws: Python's `TypeError` for options the class does not have.
  public init(_ kind: Kind, _ options: OrderedDictionary<String, Value> = [:]) throws {
    if let strange = options.keys.first(where: { !kind.keywords.contains($0) }) {
      throw TorchError.type("\(kind.rawValue).__init__() got an unexpected keyword argument '\(strange)'")
    }
    self.kind = kind
    self.options = options
  }

  /// The same with more options; a later one takes an earlier one's place. Mirrors `with_args`.
  /// - Throws: Python's `TypeError` for options the class does not have.
  public func with(_ more: OrderedDictionary<String, Value>) throws -> ObserverFactory {
    try ObserverFactory(kind, options.merging(more) { $1 })
  }

  /// A new observer.
  /// - Throws: PyTorch's sentences for options that do not go together.
  public func make() throws -> Observer {
    switch kind {
    case .minMax:
      try MinMaxObserver(
        dtype: dtype ?? .quint8, scheme: scheme ?? .perTensorAffine, reduceRange: flag("reduce_range"), quantMin: integer("quant_min"),
        quantMax: integer("quant_max"), eps: number("eps") ?? 0x1p-23, isDynamic: flag("is_dynamic"))
    case .perChannelMinMax:
      try PerChannelMinMaxObserver(
        axis: integer("ch_axis") ?? 0, dtype: dtype ?? .quint8, scheme: scheme ?? .perChannelAffine, reduceRange: flag("reduce_range"),
        quantMin: integer("quant_min"), quantMax: integer("quant_max"), eps: number("eps") ?? 0x1p-23, isDynamic: flag("is_dynamic"))
    case .placeholder:
      try PlaceholderObserver(
        dtype: dtype ?? .float32, quantMin: integer("quant_min"), quantMax: integer("quant_max"), isDynamic: flag("is_dynamic"))
    case .noop: try NoopObserver(dtype: dtype ?? .float16)
    }
  }

  private var dtype: DType? { get throws { try object("dtype", DTypeObject.self, "torch.dtype")?.dtype } }
  private var scheme: QScheme? { get throws { try object("qscheme", QScheme.self, "torch.qscheme") } }

  private func object<T>(_ name: String, _ type: T.Type, _ expected: String) throws -> T? {
    switch options[name] {
    case nil, .some(.none): return nil
    case .object(let object as T): return object
    case let value?: throw wrong(name, value, expected)
    }
  }
  private func flag(_ name: String) throws -> Bool {
    switch options[name] {
    case nil, .some(.none): return false
    case .boolean(let b): return b
    case let value?: throw wrong(name, value, "bool")
    }
  }
  private func integer(_ name: String) throws -> Int? {
    switch options[name] {
    case nil, .some(.none): return nil
    case .integer(let i): return i
    case let value?: throw wrong(name, value, "int")
    }
  }
  private func number(_ name: String) throws -> Double? {
    switch options[name] {
    case nil, .some(.none): return nil
    case .number(let d): return d
    case .integer(let i): return Double(i)
    case let value?: throw wrong(name, value, "float")
    }
  }
  private func wrong(_ name: String, _ value: Value, _ expected: String) -> TorchError {
    .type("\(kind.rawValue): argument '\(name)' must be \(expected), not \(value.pythonTypeName)")
  }
}

extension ObserverFactory: CustomStringConvertible, SchemaArgument, SchemaResult {
  /// As Python prints the partial application.
  public var description: String {
    let name = "<class 'torch.ao.quantization.observer.\(kind.rawValue)'>"
    if options.isEmpty { return name }
    return "functools.partial(\(name), " + options.map { "\($0.key)=\(ObserverFactory.text($0.value))" }.joined(separator: ", ") + "){}"
  }

  private static func text(_ value: Value) -> String {
    switch value {
    case .boolean(let b): b ? "True" : "False"
    case .integer(let i): "\(i)"
    case .number(let d): FloatText.shortest(d)
    case .string(let s): "'\(s)'"
    case .object(let object as DTypeObject): "torch.\(object.dtype.name)"
    case .object(let object as QScheme): object.description
    default: "None"
    }
  }

  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    frame.object(i) is ObserverFactory || frame.isMissing(i, parameter)
  }
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Self {
    if let factory = frame.object(i) as? Self { return factory }
    if frame.object(i) is Observer {
      throw TorchError.value(
        "QConfig received observer instance, please pass observer class instead. Use MyObserver.with_args(x=1) to override arguments to constructor if needed"
      )
    }
    throw frame.wrongType(i, parameter)
  }
  public func give(to frame: CallFrame) throws -> Int { try frame.give(object: self) }
}
