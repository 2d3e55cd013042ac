import Interface
import OrderedCollections
import TensorCore
import Torch

/// The output projection of attention, which dynamic quantization leaves as it is. Mirrors PyTorch's class of this name.
final class NonDynamicallyQuantizableLinear: Linear {
  override var typeName: String { "NonDynamicallyQuantizableLinear" }
  override func blank() -> Linear { NonDynamicallyQuantizableLinear() }
}

/// Attention of several heads, as a layer's pieces.
enum AttentionParts {
  /// Weights as `nn.MultiheadAttention` makes and draws them.
  static func setUp(_ layer: FunctionLayer) throws {
    let (width, heads) = (layer.integer("embed_dim") ?? 0, layer.integer("num_heads") ?? 0)
    if width <= 0 || heads <= 0 {
      throw TorchError.value("embed_dim and num_heads must be greater than 0, got embed_dim=\(width) and num_heads=\(heads) instead")
    }
    let (keys, values) = (layer.integer("kdim") ?? width, layer.integer("vdim") ?? width)
    if width % heads != 0 { throw TorchError(.assertionError, "embed_dim must be divisible by num_heads") }
    let (bias, extra) = (layer.isTrue("bias"), layer.isTrue("add_bias_kv"))
    layer.attributes["kdim"] = .integer(keys)
    layer.attributes["vdim"] = .integer(values)
    layer.attributes["head_dim"] = .integer(width / heads)
    for name in ["bias", "add_bias_kv"] { layer.attributes[name] = nil }
    let same = keys == width && values == width
    if same {
      try layer.addParameter("in_proj_weight", [3 * width, width])
      for name in ["q", "k", "v"] { try layer.addParameter("\(name)_proj_weight", [], isWanted: false) }
    } else {
      for (name, size) in [("q", width), ("k", keys), ("v", values)] { try layer.addParameter("\(name)_proj_weight", [width, size]) }
      try layer.addParameter("in_proj_weight", [], isWanted: false)
    }
    try layer.addParameter("in_proj_bias", [3 * width], isWanted: bias)
    layer.modules["out_proj"] = try NonDynamicallyQuantizableLinear(width, width, bias: bias, dtype: layer.dtype)
    for name in ["bias_k", "bias_v"] {
      if extra { try layer.addParameter(name, [1, 1, width]) } else { layer.attributes[name] = Value.none }
    }
  }

  static func draw(_ layer: FunctionLayer) throws {
    for name in ["in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight"] {
      if let weight = try layer.optionalTensor(name) { try Initialize.xavierUniform(weight) }
    }
    if let bias = try layer.optionalTensor("in_proj_bias") {
      try Initialize.constant(bias, .integer(0))
      try Initialize.constant(layer.submodule("out_proj").tensor("bias"), .integer(0))
    }
    for name in ["bias_k", "bias_v"] { if let bias = try layer.optionalTensor(name) { try Initialize.xavierNormal(bias) } }
  }

  static func run(
    _ layer: FunctionLayer, _ q: Tensor, _ k: Tensor, _ v: Tensor, padding: Tensor?, needsWeights: Bool, mask: Tensor?, averages: Bool, causal: Bool
  ) throws -> (Tensor, Tensor?) {
    let turned = layer.isTrue("batch_first") && q.dim == 3
    func turn(_ x: Tensor) throws -> Tensor { turned ? try x.transpose(0, 1) : x }
    let query = try turn(q)
    let key = k === q ? query : try turn(k)
    let value = v === k ? key : try turn(v)
    let out = try layer.submodule("out_proj")
    let inWeight = try layer.optionalTensor("in_proj_weight")
    let heads = HeadedAttention(
      width: layer.integer("embed_dim") ?? 0, heads: layer.integer("num_heads") ?? 1, inWeight: inWeight, inBias: try layer.optionalTensor("in_proj_bias"),
      biasK: try layer.optionalTensor("bias_k"), biasV: try layer.optionalTensor("bias_v"), addsZero: layer.isTrue("add_zero_attn"),
      dropout: layer.training ? layer.number("dropout") ?? 0 : 0, outWeight: try out.tensor("weight"), outBias: try out.optionalTensor("bias"),
      separate: inWeight == nil ? try ["q", "k", "v"].map { try layer.optionalTensor("\($0)_proj_weight") } : nil)
    let (y, weights) = try heads.run(
      query, key, value, keyPadding: padding, needsWeights: needsWeights, mask: HeadedAttention.additive(mask, "attn_mask", q.dtype), averages: averages,
      causal: causal)
    return (try turn(y), weights)
  }
}

/// Attention as a layer.
public let attentionLayers = LayerFamily(module: "activation") { layers in
  layers.layer(
    "MultiheadAttention(int embed_dim, int num_heads, float dropout=0.0, bool bias=True, bool add_bias_kv=False, bool add_zero_attn=False, int? kdim=None, int? vdim=None, bool batch_first=False, Device? device=None, ScalarType? dtype=None)",
    doc: "Attention of several heads between projections; gives the output and the heads' weights. Mirrors torch.nn.MultiheadAttention.",
    forward: "forward(Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask=None, bool need_weights=True, Tensor? attn_mask=None, bool average_attn_weights=True, bool is_causal=False) -> (Tensor, Tensor)",
    setUp: AttentionParts.setUp, reset: AttentionParts.draw, saves: AttentionParts.saves
  ) { (layer: FunctionLayer, q: Tensor, k: Tensor, v: Tensor, padding: Tensor?, weights: Bool, mask: Tensor?, averages: Bool, causal: Bool) -> Value in
    let (y, a) = try AttentionParts.run(layer, q, k, v, padding: padding, needsWeights: weights, mask: mask, averages: averages, causal: causal)
    return .tuple([.object(y), a.map { .object($0) } ?? Value.none])
  }
}
