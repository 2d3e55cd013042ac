import Interface
import NN
import OrderedCollections
import TensorCore
import Torch

/// Quantizing models. Mirrors `torch.quantization` (`torch.ao.quantization`).
public let quantizationFunctions = OperationFamily("torch.quantization") { ops in
  ops.define(
    "quantize_dynamic(Module model, Spec? qconfig_spec=None, ScalarType? dtype=None, Dict? mapping=None, bool inplace=False) -> Module",
    doc: "A copy of the model whose Linear and LSTM layers have int8 (dtype torch.qint8, the default) or float16 weights, or whose Embedding layers have rows of 8 bits (torch.quint8). qconfig_spec: a table of layer classes and submodule names, or one from those to qconfigs. Mirrors torch.quantization.quantize_dynamic."
  ) { (model: Module, spec: Value, dtype: DType?, mapping: Value, inPlace: Bool) -> Module in
    try DynamicQuantization.quantize(
      model, QConfigSpec(spec, dtype: dtype ?? .qint8), mapping: DynamicQuantization.mapping(mapping), inPlace: inPlace)
  }
  ops.define(
    "QConfig(ObserverFactory activation, ObserverFactory weight) -> QConfig",
    doc: "Which observers a layer's activations and weights get. Mirrors torch.quantization.QConfig."
  ) { (activation: Value, weight: Value) in QConfig(activation: try activation.observerFactory(), weight: try weight.observerFactory()) }
}

/// Methods of observer classes and of what `with_args` gives.
public let observerFactoryMethods = OperationFamily("torch.quantization.ObserverFactory") { ops in
  let parameters = "*, ScalarType? dtype=None, QScheme? qscheme=None, bool? reduce_range=None, int? quant_min=None, int? quant_max=None, float? eps=None, int? ch_axis=None, bool? is_dynamic=None"
  func options(
    _ dtype: DType?, _ scheme: QScheme?, _ reduce: Bool?, _ least: Int?, _ greatest: Int?, _ eps: Double?, _ axis: Int?, _ dynamic: Bool?
  ) -> OrderedDictionary<String, Value> {
    var all: OrderedDictionary<String, Value> = [:]
    if let dtype { all["dtype"] = dtype.asValue }
    if let scheme { all["qscheme"] = scheme.asValue }
    if let reduce { all["reduce_range"] = .boolean(reduce) }
    if let least { all["quant_min"] = .integer(least) }
    if let greatest { all["quant_max"] = .integer(greatest) }
    if let eps { all["eps"] = .number(eps) }
    if let axis { all["ch_axis"] = .integer(axis) }
    if let dynamic { all["is_dynamic"] = .boolean(dynamic) }
    return all
  }
  ops.define("with_args(Observer self, \(parameters)) -> ObserverFactory", doc: "The observer class with options given beforehand, for QConfig. Mirrors MinMaxObserver.with_args.", variants: [.method]) {
    (f: Value, t: DType?, s: QScheme?, r: Bool?, l: Int?, g: Int?, e: Double?, a: Int?, d: Bool?) in
    try f.observerFactory().with(options(t, s, r, l, g, e, a, d))
  }
  ops.define("__call__(Observer self, \(parameters)) -> Observer", doc: "A new observer.", variants: [.method]) {
    (f: Value, t: DType?, s: QScheme?, r: Bool?, l: Int?, g: Int?, e: Double?, a: Int?, d: Bool?) -> Module in
    try f.observerFactory().with(options(t, s, r, l, g, e, a, d)).make()
  }
}

/// Methods of observers and quantized layers. Their names mean nothing to other modules.
public let quantizedModuleMethods = OperationFamily("torch.nn.Module") { ops in
  ops.define("calculate_qparams(Observer self) -> (Tensor, Tensor)", doc: "Scales and zero points for what was observed. Mirrors MinMaxObserver.calculate_qparams.", variants: [.method]) { (o: Observer) -> Value in
    let (scales, zeros) = try o.calculateQParams()
    return .tuple([.object(scales), .object(zeros)])
  }
  ops.define("reset_min_max_vals(Observer self) -> ()", doc: "Forgets what was observed. Mirrors MinMaxObserver.reset_min_max_vals.", variants: [.method]) { (o: UniformObserver) -> Nothing in
    try o.reset()
    return Nothing()
  }
  ops.define("_weight_bias(Linear self) -> (Tensor, Tensor)", doc: "The weight and bias as tensors. Mirrors the quantized Linear's _weight_bias.", variants: [.method]) { (m: DynamicQuantizedLinear) -> Value in
    .tuple([.object(try m.weight()), try m.bias().map { .object($0) } ?? .none])
  }
  ops.define("set_weight_bias(Linear self, Tensor w, Tensor? b=None) -> ()", doc: "Packs another weight and bias. Mirrors the quantized Linear's set_weight_bias.", variants: [.method]) { (m: DynamicQuantizedLinear, w: Tensor, b: Tensor?) -> Nothing in
    try m.setWeightBias(w, b)
    return Nothing()
  }
  ops.define("get_weight(LSTM self) -> OrderedDict", doc: "The weights by name as tensors. Mirrors the quantized LSTM's get_weight.", variants: [.method]) { (m: DynamicQuantizedLSTM) in try m.weights() }
  ops.define("get_bias(LSTM self) -> OrderedDict", doc: "The biases by name. Mirrors the quantized LSTM's get_bias.", variants: [.method]) { (m: DynamicQuantizedLSTM) in m.biases() }
}

/// Methods that only the quantized Linear has, whose names are attributes of other modules.
public let quantizedLinearMethods = OperationFamily("torch.nn.Module.DynamicQuantizedLinear") { ops in
  ops.define("weight(Linear self) -> Tensor", doc: "The quantized weight. Mirrors the quantized Linear's weight().", variants: [.method]) { (m: DynamicQuantizedLinear) in try m.weight() }
  ops.define("bias(Linear self) -> Tensor?", doc: "The bias; nil where there is none. Mirrors the quantized Linear's bias().", variants: [.method]) { (m: DynamicQuantizedLinear) in try m.bias() }
}

/// Methods of the quantized Embedding.
public let quantizedEmbeddingMethods = OperationFamily("torch.nn.Module.QuantizedEmbedding") { ops in
  ops.define("weight(Embedding self) -> Tensor", doc: "The quantized table. Mirrors the quantized Embedding's weight().", variants: [.method]) { (m: QuantizedEmbedding) in try m.weight() }
  ops.define("set_weight(Embedding self, Tensor w) -> ()", doc: "Takes another table. Mirrors the quantized Embedding's set_weight.", variants: [.method]) { (m: QuantizedEmbedding, w: Tensor) -> Nothing in
    try m.setWeight(w)
    return Nothing()
  }
}

extension Value {
  /// A factory of observers from one itself or from an observer class.
  /// - Throws: PyTorch's `ValueError` for an observer, a `TypeError` for anything else.
  func observerFactory() throws -> ObserverFactory {
    switch self {
    case .object(let factory as ObserverFactory): return factory
    case .object(let reference as any LayerTypeReference):
      if let kind = ObserverFactory.Kind.allCases.first(where: { $0.layerType == reference.layerType }) { return try ObserverFactory(kind) }
    case .object(is Module):
      throw TorchError.value(
        "QConfig received observer instance, please pass observer class instead. Use MyObserver.with_args(x=1) to override arguments to constructor if needed"
      )
    default: break
    }
    throw TorchError.type("an observer class was expected, got \(pythonTypeName)")
  }
}

extension ObserverFactory.Kind {
  /// The Swift class of the observers.
  var layerType: Module.Type {
    switch self {
    case .minMax: MinMaxObserver.self
    case .perChannelMinMax: PerChannelMinMaxObserver.self
    case .placeholder: PlaceholderObserver.self
    case .noop: NoopObserver.self
    }
  }
}
