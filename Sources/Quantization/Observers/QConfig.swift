import Interface
import TensorCore
import Torch

/// How a layer's activations and weights are observed. Mirrors `torch.ao.quantization.QConfig`.
public final class QConfig {
  /// Makes the activations' observers.
  public let activation: ObserverFactory
  /// Makes the weights' observers.
  public let weight: ObserverFactory

  /// The observers of activations and of weights.
  public init(activation: ObserverFactory, weight: ObserverFactory) {
    self.activation = activation
    self.weight = weight
  }
}

extension QConfig {
  /// Whether dynamic layers round their inputs to 7 bits, as PyTorch's do. Only an activation observer made by
  /// `default_dynamic_quant_observer.with_args(reduce_range=False)`, which PyTorch has not, says otherwise.
  var reducesRange: Bool {
    if activation.kind == .placeholder, case .boolean(false)? = activation.options["reduce_range"] { false } else { true }
  }
}

extension QConfig: CustomStringConvertible, SchemaResult {
  /// As Python prints it.
  public var description: String { "QConfig(activation=\(activation), weight=\(weight))" }
  public func give(to frame: CallFrame) throws -> Int { try frame.give(object: self) }
}

/// The configurations and observers PyTorch names. They never change after they are made.
enum NamedConfigurations {
  private static func factory(_ kind: ObserverFactory.Kind, _ options: [(String, Value)] = []) -> ObserverFactory? {
    try? ObserverFactory(kind, .init(uniqueKeysWithValues: options))
  }

  /// PyTorch's names and the objects behind them.
  nonisolated(unsafe) static let all: [(name: String, value: AnyObject)] = {
    let symmetric: [(String, Value)] = [("dtype", DType.qint8.asValue), ("qscheme", QScheme.perTensorSymmetric.asValue)]
    let channels: [(String, Value)] = [("dtype", DType.qint8.asValue), ("qscheme", QScheme.perChannelSymmetric.asValue)]
    let dynamic: [(String, Value)] = [
      ("dtype", DType.quint8.asValue), ("quant_min", .integer(0)), ("quant_max", .integer(255)), ("is_dynamic", .boolean(true)),
    ]
    let fractions: [(String, Value)] = [
      ("dtype", DType.quint8.asValue), ("qscheme", QScheme.perChannelAffineFloatQParams.asValue), ("ch_axis", .integer(0)),
    ]
    let half: [(String, Value)] = [("dtype", DType.float16.asValue)]
    // The options above are all known to their classes, so that none is left out here.
    guard let weight = factory(.minMax, symmetric), let channelWeight = factory(.perChannelMinMax, channels),
      let activation = factory(.placeholder, dynamic), let observer = factory(.minMax, [("quant_min", .integer(0)), ("quant_max", .integer(127))]),
      let halfActivation = factory(.placeholder, half + [("is_dynamic", .boolean(true))]), let halfWeight = factory(.placeholder, half),
      let placeholder = factory(.placeholder), let embeddingWeight = factory(.perChannelMinMax, fractions)
    else { return [] }
    return [
      ("default_weight_observer", weight),
      ("default_per_channel_weight_observer", channelWeight),
      ("default_dynamic_quant_observer", activation),
      ("default_observer", observer),
      ("default_placeholder_observer", placeholder),
      ("default_float_qparams_observer", embeddingWeight),
      ("float_qparams_weight_only_qconfig", QConfig(activation: placeholder, weight: embeddingWeight)),
      ("default_dynamic_qconfig", QConfig(activation: activation, weight: weight)),
      ("per_channel_dynamic_qconfig", QConfig(activation: activation, weight: channelWeight)),
      ("float16_dynamic_qconfig", QConfig(activation: halfActivation, weight: halfWeight)),
      ("float16_static_qconfig", QConfig(activation: halfWeight, weight: halfWeight)),
      ("default_qconfig", QConfig(activation: observer, weight: weight)),
      ("default_per_channel_qconfig", QConfig(activation: observer, weight: channelWeight)),
    ]
  }()

  /// - Throws: an `AttributeError` for a name that is none of them.
  static func named(_ name: String) throws -> QConfig {
    if let config = all.first(where: { $0.name == name })?.value as? QConfig { return config }
    throw TorchError.attribute("module 'torch.ao.quantization' has no attribute '\(name)'")
  }
}

extension QConfig {
  /// `torch.quantization.default_dynamic_qconfig`: int8 weights, one scale each.
  public static var defaultDynamic: QConfig { get throws { try NamedConfigurations.named("default_dynamic_qconfig") } }
  /// `torch.quantization.per_channel_dynamic_qconfig`: int8 weights, a scale for each output.
  public static var perChannelDynamic: QConfig { get throws { try NamedConfigurations.named("per_channel_dynamic_qconfig") } }
  /// `torch.quantization.float_qparams_weight_only_qconfig`: rows of 8 bits with fractional zero points, for embeddings.
  public static var embeddingWeightOnly: QConfig { get throws { try NamedConfigurations.named("float_qparams_weight_only_qconfig") } }
  /// `torch.quantization.float16_dynamic_qconfig`: weights in half precision.
  public static var float16Dynamic: QConfig { get throws { try NamedConfigurations.named("float16_dynamic_qconfig") } }
}
