import Interface
import NN
import TensorCore
import Torch

/// Which modules get which configuration: by class, by path or both. A path outweighs a class, both outweigh the parent's.
public struct QConfigSpec {
  /// What an entry holds for.
  public enum Target {
    /// All modules of a class.
    case type(any LayerTypeReference)
    /// All modules of a Swift class.
    case swiftType(Module.Type)
    /// The module at a dotted path, and all below it.
    case path(String)
  }

  /// The entries; of two for the same module the later one counts. A nil configuration excludes.
  public var entries: [(target: Target, config: QConfig?)]

  /// A spec of targets and their configurations; nil keeps a target as it is.
  public init(_ entries: [(target: Target, config: QConfig?)]) { self.entries = entries }

  /// Reads what a user gave for `qconfig_spec`.
  /// - Parameters:
  ///   - value: none, a list of classes and paths, or a dictionary from those to configurations.
  ///   - dtype: the dtype of the weights where `value` names no configurations.
  /// - Throws: PyTorch's sentences for dtypes and values that do not serve.
  public init(_ value: Value, dtype: DType) throws {
    switch value {
    case .none:
      switch dtype {
      case .qint8, .float16:
        let config = try dtype == .qint8 ? QConfig.defaultDynamic : .float16Dynamic
        entries = [Linear.self, LSTM.self].map { (.swiftType($0), config) }
      case .quint8: entries = [(.swiftType(Embedding.self), try .embeddingWeightOnly)]
      default:
        throw TorchError.value(
          "Don't know how to quantize with default settings for torch.\(dtype.name). Provide full qconfig please")
      }
    case .list(let items), .tuple(let items):
      let config = try QConfigSpec.defaultConfig(dtype)
      entries = try items.map { (try QConfigSpec.target($0), config) }
    case .dictionary(let rows):
      entries = try rows.map { (try QConfigSpec.target($0.0), try QConfigSpec.config($0.1)) }
    case .object(let object as OrderedDict):
      entries = try object.entries.map { (try QConfigSpec.target($0.key.asValue), try QConfigSpec.config($0.value)) }
    default: throw TorchError.attribute("'\(value.pythonTypeName)' object has no attribute 'get'")
    }
  }

  private static func defaultConfig(_ dtype: DType) throws -> QConfig {
    switch dtype {
    case .qint8: return try .defaultDynamic
    case .float16: return try .float16Dynamic
    case .quint8: return try .embeddingWeightOnly
    default: throw TorchError.runtime("('Unknown dtype specified for quantize_dynamic: ', 'torch.\(dtype.name)')")
    }
  }

  private static func target(_ value: Value) throws -> Target {
    switch value {
    case .string(let path): return .path(path)
    case .object(let object as any LayerTypeReference): return .type(object)
    default: throw TorchError.type("qconfig_spec: a layer class or the name of a submodule was expected, got \(value.pythonTypeName)")
    }
  }

  private static func config(_ value: Value) throws -> QConfig? {
    switch value {
    case .none: return nil
    case .object(let object as QConfig): return object
    default: throw TorchError.attribute("'\(value.pythonTypeName)' object has no attribute '_fields'")
    }
  }

  /// The configuration of a module at a path, given its parent's.
  func config(for module: Module, at path: String, inherited: QConfig?) -> QConfig? {
    var result = inherited
    var byPath: QConfig??
    for (target, config) in entries {
      switch target {
      case .type(let reference): if reference.isExactClass(of: module) { result = config }
      case .swiftType(let type): if Swift.type(of: module) == type { result = config }
      case .path(let wanted): if wanted == path { byPath = .some(config) }
      }
    }
    if let byPath { result = byPath }
    // What a user set on the module itself outweighs all.
    switch module.attributes["qconfig"] {
    case .object(let object as QConfig)?: return object
    case .some(.none): return nil
    default: return result
    }
  }
}
