import Interface
import NN
import TensorCore

/// The families of operations on quantized tensors and of quantizing models.
public let quantizationFamilies: [OperationFamily] = [
  quantizedTensors, quantizationFunctions, quantizedModuleMethods, observerFactoryMethods, quantizedLinearMethods,
  quantizedEmbeddingMethods,
]

/// The families of quantized layers and of observers.
public let quantizedLayerFamilies: [LayerFamily] = [quantizedDynamicLayers, quantizedEmbeddings, observerLayers]

/// What PyTorch calls by name in `torch.quantization` and is no function.
// Shared objects that never change.
nonisolated(unsafe) public let quantizationConstants: [(name: String, value: AnyObject)] = NamedConfigurations.all

/// What PyTorch calls by name in `torch` and is no function: the schemes.
nonisolated(unsafe) public let quantizationSchemes: [(name: String, value: AnyObject)] = QScheme.all.map { ($0.name, $0) }

/// Layers with quantized weights. Mirrors `torch.ao.nn.quantized.dynamic`.
public let quantizedDynamicLayers = LayerFamily("torch.ao.nn.quantized.dynamic") { layers in
  layers.define(
    "Linear(int in_features, int out_features, bool bias_=True, ScalarType? dtype=None)",
    doc: "A linear layer with an int8 (torch.qint8, the default) or float16 weight of zeros. Mirrors torch.ao.nn.quantized.dynamic.Linear.",
    saved: DynamicQuantizedLinear.savedForm
  ) { (inputs: Int, outputs: Int, bias: Bool, dtype: DType?) in try DynamicQuantizedLinear(inputs, outputs, bias: bias, dtype: dtype ?? .qint8) }
  layers.saves(LinearPackedParams.savedForm)
  layers.saves(PackedParameter.savedForm)
  layers.define(
    "LSTM(int input_size, int hidden_size, int num_layers=1, bool bias=True, bool batch_first=False, float dropout=0.0, bool bidirectional=False, ScalarType? dtype=None)",
    doc: "An LSTM with int8 (torch.qint8, the default) or float16 random weights. Mirrors torch.ao.nn.quantized.dynamic.LSTM.",
    saved: DynamicQuantizedLSTM.savedForm
  ) { (inputs: Int, hidden: Int, count: Int, _: Bool, first: Bool, dropout: Double, both: Bool, dtype: DType?) in
    try DynamicQuantizedLSTM(
      inputs, hidden, layerCount: count, batchFirst: first, dropout: dropout, isBidirectional: both, dtype: dtype ?? .qint8)
  }
}

/// Observers. Mirrors `torch.ao.quantization.observer`.
public let observerLayers = LayerFamily("torch.quantization") { layers in
  layers.define(
    "MinMaxObserver(ScalarType? dtype=None, QScheme? qscheme=None, bool reduce_range=False, int? quant_min=None, int? quant_max=None, Any? factory_kwargs=None, float eps=1.1920928955078125e-07, bool is_dynamic=False)",
    doc: "Watches the range of all elements; dtype is torch.quint8 and qscheme torch.per_tensor_affine unless given. Mirrors torch.quantization.MinMaxObserver."
  ) { (t: DType?, s: QScheme?, r: Bool, low: Int?, high: Int?, _: Value, eps: Double, d: Bool) in
    try MinMaxObserver(dtype: t ?? .quint8, scheme: s ?? .perTensorAffine, reduceRange: r, quantMin: low, quantMax: high, eps: eps, isDynamic: d)
  }
  layers.define(
    "PerChannelMinMaxObserver(int ch_axis=0, ScalarType? dtype=None, QScheme? qscheme=None, bool reduce_range=False, int? quant_min=None, int? quant_max=None, Any? factory_kwargs=None, float eps=1.1920928955078125e-07, bool is_dynamic=False)",
    doc: "Watches the range of each index of an axis; dtype is torch.quint8 and qscheme torch.per_channel_affine unless given. Mirrors torch.quantization.PerChannelMinMaxObserver."
  ) { (a: Int, t: DType?, s: QScheme?, r: Bool, low: Int?, high: Int?, _: Value, eps: Double, d: Bool) in
    try PerChannelMinMaxObserver(
      axis: a, dtype: t ?? .quint8, scheme: s ?? .perChannelAffine, reduceRange: r, quantMin: low, quantMax: high, eps: eps, isDynamic: d)
  }
  layers.define(
    "PlaceholderObserver(ScalarType? dtype=None, str custom_op_name='', ScalarType? compute_dtype=None, int? quant_min=None, int? quant_max=None, QScheme? qscheme=None, float? eps=None, bool is_dynamic=False)",
    doc: "Carries a dtype (torch.float32 unless given) and watches nothing. Mirrors torch.quantization.PlaceholderObserver."
  ) { (t: DType?, _: String, c: DType?, low: Int?, high: Int?, _: QScheme?, _: Double?, d: Bool) in
    PlaceholderObserver(dtype: t ?? .float32, quantMin: low, quantMax: high, isDynamic: d || c != nil)
  }
  layers.define(
    "NoopObserver(ScalarType? dtype=None, str custom_op_name='')",
    doc: "Carries a dtype (torch.float16 unless given) and watches nothing. Mirrors torch.quantization.NoopObserver."
  ) { (t: DType?, _: String) in NoopObserver(dtype: t ?? .float16) }
}
