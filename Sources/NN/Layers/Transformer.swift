import Interface
import OrderedCollections
import TensorCore
import Torch

extension TransformerParts {
  /// `nn.Transformer`: an encoder and a decoder.
  static func defineTransformer(_ layers: LayerFamily) {
    layers.layer(
      "Transformer(int d_model=512, int nhead=8, int num_encoder_layers=6, int num_decoder_layers=6, int dim_feedforward=2048, float dropout=0.1, Any activation='relu', Any custom_encoder=None, Any custom_decoder=None, float layer_norm_eps=1e-05, bool batch_first=False, bool norm_first=False, bool bias=True, Device? device=None, ScalarType? dtype=None)",
      doc: "An encoder of src and a decoder of tgt that attends to what the encoder gives. Mirrors torch.nn.Transformer.",
      forward: "forward(Tensor src, Tensor tgt, Tensor? src_mask=None, Tensor? tgt_mask=None, Tensor? memory_mask=None, Tensor? src_key_padding_mask=None, Tensor? tgt_key_padding_mask=None, Tensor? memory_key_padding_mask=None, bool? src_is_causal=None, bool? tgt_is_causal=None, bool memory_is_causal=False) -> Tensor",
      setUp: build
    ) { (layer: FunctionLayer, src: Tensor, tgt: Tensor, sm: Tensor?, tm: Tensor?, mm: Tensor?, sp: Tensor?, tp: Tensor?, mp: Tensor?, sc: Bool?, tc: Bool?, mc: Bool) -> Tensor in
      let batch = layer.isTrue("batch_first") ? 0 : 1
      if src.dim == 3 && src.sizes[batch] != tgt.sizes[batch] { throw TorchError.runtime("the batch number of src and tgt must be equal") }
      let width = layer.integer("d_model") ?? 0
      if src.sizes[src.dim - 1] != width || tgt.sizes[tgt.dim - 1] != width {
        throw TorchError.runtime("the feature number of src and tgt must be equal to d_model")
      }
      func value(_ t: Tensor?) -> Value { t.map { .object($0) } ?? Value.none }
      func flag(_ b: Bool?) -> Value { b.map { .boolean($0) } ?? Value.none }
      let memory = try layer.submodule("encoder").call([.object(src), value(sm), value(sp), flag(sc)])
      return try layer.submodule("decoder").call([.object(tgt), memory, value(tm), value(mm), value(tp), value(mp), flag(tc), .boolean(mc)]).tensor()
    }
  }

  private static func build(_ layer: FunctionLayer) throws {
    let type = Value.object(DTypeObject.of(layer.dtype))
    let names = ["dim_feedforward", "dropout", "activation", "layer_norm_eps", "batch_first", "norm_first", "bias"]
    let width = layer.attributes["d_model"] ?? .none
    for (side, word) in [("encoder", "Encoder"), ("decoder", "Decoder")] {
      if case .object(let object as Module)? = layer.attributes["custom_\(side)"] {
        layer.modules[side] = object
        continue
      }
      let options = names.map { layer.attributes[$0] ?? .none }
      let single = try LayerFamily.make(
        "Transformer\(word)Layer", arguments: [width, layer.attributes["nhead"] ?? .none] + options + [.none, type])
      let last = try norm(layer, width)
      layer.modules[side] = try LayerFamily.make(
        "Transformer\(word)", .object(single), layer.attributes["num_\(side)_layers"] ?? .none, .object(last))
    }
    for (_, parameter) in layer.namedParameters() where parameter.dim > 1 { try Initialize.xavierUniform(parameter) }
    for name in names + ["custom_encoder", "custom_decoder", "num_encoder_layers", "num_decoder_layers"] where name != "batch_first" {
      layer.attributes[name] = nil
    }
  }
}

/// What the class `Transformer` and its instances answer to.
public let transformerMethods = OperationFamily("torch.nn.Transformer") { ops in
  ops.define("generate_square_subsequent_mask(int sz, Device? device=None, ScalarType? dtype=None) -> Tensor", doc: "A mask of -inf above the diagonal. Mirrors Transformer.generate_square_subsequent_mask.", variants: [.function]) {
    (n: Int, _: Device?, t: DType?) -> Tensor in
    let places = try Tensor.arange(n)
    let type = t ?? .defaultFloat
    return try .choose(places.gt(places.unsqueeze(1)), .scalar(.double(-.infinity), dtype: type), .zeros(Dims(), dtype: type))
  }
}
