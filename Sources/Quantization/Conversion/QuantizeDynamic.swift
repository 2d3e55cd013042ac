import Interface
import NN
import TensorCore
import Torch

/// Putting quantized layers in the place of float ones.
public enum DynamicQuantization {
  /// A float class and the class that takes its place.
  public typealias Mapping = [(float: QConfigSpec.Target, quantized: any QuantizedLayer.Type)]

  /// PyTorch's default mapping, as far as there are such layers.
  public static var defaultMapping: Mapping {
    [
      (.swiftType(Linear.self), DynamicQuantizedLinear.self), (.swiftType(LSTM.self), DynamicQuantizedLSTM.self),
      (.swiftType(Embedding.self), QuantizedEmbedding.self),
    ]
  }

  /// A model whose layers have quantized weights where `spec` asks for it, in evaluation mode. Mirrors `torch.quantization.quantize_dynamic`.
  /// - Parameter inPlace: changes `model` itself instead of a deep copy. The model itself is never replaced, only what it holds.
  /// - Throws: PyTorch's sentences for layers that cannot be quantized as configured.
  public static func quantize(_ model: Module, _ spec: QConfigSpec, mapping: Mapping? = nil, inPlace: Bool = false) throws -> Module {
    let model = inPlace ? model : try model.deepCopy()
    try model.eval()
    var configs: [ObjectIdentifier: QConfig?] = [:]
    propagate(model, spec, "", nil, &configs)
    try convert(model, mapping ?? defaultMapping, configs)
    for module in model.allModules where module.attributes["qconfig"] != nil { module.attributes["qconfig"] = nil }
    return model
  }

  private static func propagate(
    _ module: Module, _ spec: QConfigSpec, _ path: String, _ inherited: QConfig?, _ configs: inout [ObjectIdentifier: QConfig?]
  ) {
    // A module met twice keeps what it got first.
    let config = configs[ObjectIdentifier(module)] ?? spec.config(for: module, at: path, inherited: inherited)
    configs.updateValue(config, forKey: ObjectIdentifier(module))
    for (name, child) in module.namedChildren { propagate(child, spec, path.isEmpty ? name : "\(path).\(name)", config, &configs) }
  }

  private static func convert(_ module: Module, _ mapping: Mapping, _ configs: [ObjectIdentifier: QConfig?]) throws {
    var replaced: [(String, Module)] = []
    for (name, child) in module.namedChildren {
      try convert(child, mapping, configs)
      guard let config = configs[ObjectIdentifier(child)] ?? nil, let type = target(of: child, mapping) else { continue }
      replaced.append((name, try swap(child, type, config)))
    }
    for (name, child) in replaced { module.modules[name] = child }
  }

  private static func target(of module: Module, _ mapping: Mapping) -> (any QuantizedLayer.Type)? {
    mapping.last { row in
      switch row.float {
      case .type(let reference): reference.isExactClass(of: module)
      case .swiftType(let type): Swift.type(of: module) == type
      case .path: false
      }
    }?.quantized
  }

  private static func swap(_ module: Module, _ type: any QuantizedLayer.Type, _ config: QConfig) throws -> Module {
    // A weight that a hook computes is quantized as the next call would have it; then the hook has nothing left to do.
    let keepers = module.forwardPreHooks.values.compactMap { $0.owner as? any AttributeKeeper }
    try GradMode.with(false) { for keeper in keepers { try keeper.keep(module) } }
    let result = try GradMode.with(false) { try type.fromFloat(module, config) }
    for hook in module.forwardPreHooks.values where !(hook.owner is any AttributeKeeper) { result.registerForwardPreHook(hook) }
    for hook in module.forwardHooks.values { result.registerForwardHook(hook) }
    try module.hooksFollow(to: result)
    return result
  }

  /// Reads what a user gave for `mapping`: a dictionary from float classes to quantized ones.
  /// - Throws: a `TypeError` for anything else.
  public static func mapping(_ value: Value) throws -> Mapping? {
    guard case .dictionary(let rows) = value else {
      if case .none = value { return nil }
      throw TorchError.type("mapping must be a dict from layer classes to quantized ones, not \(value.pythonTypeName)")
    }
    return try rows.map { key, value in
      guard case .object(let float as any LayerTypeReference) = key else {
        throw TorchError.type("mapping: a layer class was expected, got \(key.pythonTypeName)")
      }
      guard case .object(let object as any LayerTypeReference) = value, let type = object.layerType as? any QuantizedLayer.Type else {
        throw TorchError.attribute("mapping: '\(float.layerName)' is mapped to something that has no from_float")
      }
      return (.type(float), type)
    }
  }
}
