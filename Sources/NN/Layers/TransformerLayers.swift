import Interface
import OrderedCollections
import TensorCore
import Torch

extension Module {
  /// The result of a submodule, which is one tensor.
  func apply(_ name: String, _ inputs: Tensor...) throws -> Tensor {
    guard let y = try Tensor.element(from: submodule(name).call(inputs.map { .object($0) })) else {
      throw TorchError.type("\(typeName).\(name) must give a Tensor")
    }
    return y
  }

  /// Attention by a submodule, without the heads' weights.
  fileprivate func attend(_ name: String, _ q: Tensor, _ k: Tensor, mask: Tensor?, padding: Tensor?, causal: Bool) throws -> Tensor {
    func value(_ t: Tensor?) -> Value { t.map { .object($0) } ?? Value.none }
    let result = try submodule(name).call([.object(q), .object(k), .object(k), value(padding), .boolean(false), value(mask), .boolean(true), .boolean(causal)])
    if case .tuple(let items) = result, let first = items.first, let y = Tensor.element(from: first) { return y }
    throw TorchError.type("\(typeName).\(name) must give a tuple of Tensors")
  }
}

/// What the transformer's layers share.
enum TransformerParts {
  static let options = "int dim_feedforward=2048, float dropout=0.1, Any activation='relu', float layer_norm_eps=1e-05, bool batch_first=False, bool norm_first=False, bool bias=True, Device? device=None, ScalarType? dtype=None"
  private static func type(_ layer: FunctionLayer) -> Value { .object(DTypeObject.of(layer.dtype)) }

  static func norm(_ layer: FunctionLayer, _ width: Value) throws -> Module {
    try LayerFamily.make("LayerNorm", width, layer.attributes["layer_norm_eps"] ?? .number(1e-5), .boolean(true), .boolean(layer.isTrue("bias")), .none, type(layer))
  }

  /// The submodules of an encoder or decoder layer, in PyTorch's order, which is that of the weights' draws.
  static func setUp(_ layer: FunctionLayer, attentions: [String], norms: Int) throws {
    let (width, inner) = (layer.attributes["d_model"] ?? .none, layer.attributes["dim_feedforward"] ?? .none)
    let (dropout, bias) = (layer.attributes["dropout"] ?? .none, Value.boolean(layer.isTrue("bias")))
    if case .string(let name)? = layer.attributes["activation"], name != "relu" && name != "gelu" {
      throw TorchError.runtime("activation should be relu/gelu, not \(name)")
    }
    for name in attentions {
      layer.modules[name] = try LayerFamily.make(
        "MultiheadAttention", width, layer.attributes["nhead"] ?? .none, dropout, bias, .boolean(false), .boolean(false), .none, .none,
        .boolean(layer.isTrue("batch_first")), .none, type(layer))
    }
    layer.modules["linear1"] = try LayerFamily.make("Linear", width, inner, bias, .none, type(layer))
    layer.modules["dropout"] = try LayerFamily.make("Dropout", dropout)
    layer.modules["linear2"] = try LayerFamily.make("Linear", inner, width, bias, .none, type(layer))
    for i in 1...norms { layer.modules["norm\(i)"] = try norm(layer, width) }
    for i in 1...norms { layer.modules["dropout\(i)"] = try LayerFamily.make("Dropout", dropout) }
    if case .object(let object as Module)? = layer.attributes["activation"] {
      layer.attributes["activation"] = nil
      layer.modules["activation"] = object
    }
    for name in ["d_model", "nhead", "dim_feedforward", "dropout", "layer_norm_eps", "batch_first", "bias"] { layer.attributes[name] = nil }
  }

  static func activated(_ layer: FunctionLayer, _ x: Tensor) throws -> Tensor {
    switch layer.storedAttribute("activation") {
    case .string("relu")?: return try x.relu()
    case .string(let name)?: return try Functional.named(name, .object(x))
    case let function?:
      guard let y = try Tensor.element(from: function.call([.object(x)])) else { throw TorchError.type("activation must give a Tensor") }
      return y
    case nil: return x
    }
  }

  static func feedForward(_ layer: FunctionLayer, _ x: Tensor, dropout: String) throws -> Tensor {
    try layer.apply(dropout, layer.apply("linear2", layer.apply("dropout", activated(layer, layer.apply("linear1", x)))))
  }

  /// Sublayers one after the other, each added to its input, with the norm before or after.
  static func chain(_ layer: FunctionLayer, _ x: Tensor, _ parts: [(Tensor) throws -> Tensor]) throws -> Tensor {
    var x = x
    for (i, part) in parts.enumerated() {
      let norm = "norm\(i + 1)"
      x = layer.isTrue("norm_first") ? try x + part(layer.apply(norm, x)) : try layer.apply(norm, x + part(x))
    }
    return x
  }

  /// Copies of one layer, numbered.
  static func stack(_ layer: FunctionLayer, _ name: String) throws {
    guard let first = layer.modules[name] ?? nil else { throw TorchError.type("\(layer.typeName)(): argument '\(name)' must be Module") }
    let norm = layer.modules["norm"] ?? nil
    layer.modules = [:]
    layer.modules["layers"] = ModuleList(try (0..<(layer.integer("num_layers") ?? 0)).map { _ in try first.deepCopy() })
    if let norm { layer.modules["norm"] = norm } else { layer.attributes["norm"] = Value.none }
  }

  /// Moves modules among the constructor's values to their place.
  static func adopt(_ layer: FunctionLayer, _ names: String...) {
    for name in names {
      if case .object(let object as Module)? = layer.attributes[name] {
        layer.attributes[name] = nil
        layer.modules[name] = object
      }
    }
  }

  /// Whether PyTorch's encoder packs sequences, so that places that are padding come out as zeros.
  static func packs(_ layer: FunctionLayer, _ x: Tensor, _ mask: Tensor?, _ padding: Tensor?) throws -> Bool {
    guard layer.isTrue("enable_nested_tensor"), mask == nil, let padding, padding.dtype == .bool, padding.dim == 2, x.dim == 3, !layer.training,
      let first = try layer.submodule("layers").children.first as? FunctionLayer, first.typeName == "TransformerEncoderLayer", !first.training,
      !first.isTrue("norm_first")
    else { return false }
    let attention = try first.submodule("self_attn")
    let known: Bool = if case .string? = first.storedAttribute("activation") { true } else { (try? first.submodule("activation"))?.typeName == "ReLU" }
    guard attention.isTrue("batch_first"), known, (attention.integer("num_heads") ?? 1) % 2 == 0, try attention.optionalTensor("in_proj_bias") != nil,
      try attention.optionalTensor("in_proj_weight") != nil
    else { return false }
    if GradMode.isEnabled && (x.requiresGrad || first.namedParameters().contains { $0.tensor.requiresGrad }) { return false }
    // Packed only where the padding of every sequence is at its end.
    let flags = try padding.dense()
    let (rows, columns) = (padding.sizes[0], padding.sizes[1])
    for r in 0..<rows {
      let row = (0..<columns).map { flags.elements(UInt8.self)[r * columns + $0] != 0 }
      if row != row.sorted(by: { !$0 && $1 }) { return false }
    }
    return true
  }
}

extension Functional {
  /// A function of one tensor by the name users call.
  static func named(_ name: String, _ arguments: Value...) throws -> Tensor {
    for family in nnFamilies + tensorFamilies {
      guard let operation = family.operations.first(where: { $0.schema.name == name && !$0.variants.intersection([.function, .functional]).isEmpty }) else { continue }
      let frame = ValueFrame(name, arguments)
      _ = try operation.invoke(frame)
      if let y = Tensor.element(from: frame.result) { return y }
    }
    throw TorchError.attribute("module 'torch.nn.functional' has no attribute '\(name)'")
  }
}

/// Encoders and decoders of attention.
public let transformerLayers = LayerFamily(module: "transformer") { layers in
  layers.layer(
    "TransformerEncoderLayer(int d_model, int nhead, \(TransformerParts.options))", doc: "Self-attention and two linear layers, each added to its input and normalized. Mirrors torch.nn.TransformerEncoderLayer.",
    forward: "forward(Tensor src, Tensor? src_mask=None, Tensor? src_key_padding_mask=None, bool is_causal=False) -> Tensor",
    setUp: { try TransformerParts.setUp($0, attentions: ["self_attn"], norms: 2) }, saves: TransformerParts.saves
  ) { (layer: FunctionLayer, x: Tensor, mask: Tensor?, padding: Tensor?, causal: Bool) in
    try TransformerParts.chain(
      layer, x,
      [
        { try layer.apply("dropout1", layer.attend("self_attn", $0, $0, mask: mask, padding: padding, causal: causal)) },
        { try TransformerParts.feedForward(layer, $0, dropout: "dropout2") },
      ])
  }
  layers.layer(
    "TransformerDecoderLayer(int d_model, int nhead, \(TransformerParts.options))", doc: "Self-attention, attention to memory and two linear layers, each added to its input and normalized. Mirrors torch.nn.TransformerDecoderLayer.",
    forward: "forward(Tensor tgt, Tensor memory, Tensor? tgt_mask=None, Tensor? memory_mask=None, Tensor? tgt_key_padding_mask=None, Tensor? memory_key_padding_mask=None, bool tgt_is_causal=False, bool memory_is_causal=False) -> Tensor",
    setUp: { try TransformerParts.setUp($0, attentions: ["self_attn", "multihead_attn"], norms: 3) }, saves: TransformerParts.saves
  ) { (layer: FunctionLayer, x: Tensor, memory: Tensor, mask: Tensor?, memoryMask: Tensor?, padding: Tensor?, memoryPadding: Tensor?, causal: Bool, memoryCausal: Bool) in
    try TransformerParts.chain(
      layer, x,
      [
        { try layer.apply("dropout1", layer.attend("self_attn", $0, $0, mask: mask, padding: padding, causal: causal)) },
        { try layer.apply("dropout2", layer.attend("multihead_attn", $0, memory, mask: memoryMask, padding: memoryPadding, causal: memoryCausal)) },
        { try TransformerParts.feedForward(layer, $0, dropout: "dropout3") },
      ])
  }
  layers.layer(
    "TransformerEncoder(Module encoder_layer, int num_layers, Module? norm=None, bool enable_nested_tensor=True, bool mask_check=True)",
    doc: "Copies of an encoder layer in a row. Mirrors torch.nn.TransformerEncoder.",
    forward: "forward(Tensor src, Tensor? mask=None, Tensor? src_key_padding_mask=None, bool? is_causal=None) -> Tensor",
    setUp: { layer in
      TransformerParts.adopt(layer, "encoder_layer", "norm")
      if layer.isTrue("enable_nested_tensor"), let first = layer.modules["encoder_layer"] ?? nil, first.typeName == "TransformerEncoderLayer",
        let attention = first.modules["self_attn"] ?? nil
      {
        let reason =
          first.isTrue("norm_first") ? "encoder_layer.norm_first was True"
          : !attention.isTrue("batch_first") ? "encoder_layer.self_attn.batch_first was not True(use batch_first for better inference performance)"
          : (attention.integer("num_heads") ?? 0) % 2 == 1 ? "encoder_layer.self_attn.num_heads is odd" : nil
        if let reason { UserWarning.tell("enable_nested_tensor is True, but self.use_nested_tensor is False because \(reason)") }
      }
      try TransformerParts.stack(layer, "encoder_layer")
    }
  ) { (layer: FunctionLayer, x: Tensor, mask: Tensor?, padding: Tensor?, causal: Bool?) in
    var y = x
    for item in try layer.submodule("layers").modules.values {
      guard let item else { continue }
      func value(_ t: Tensor?) -> Value { t.map { .object($0) } ?? Value.none }
      y = try item.call([.object(y), value(mask), value(padding), .boolean(causal ?? false)]).tensor()
    }
    if let padding, try TransformerParts.packs(layer, x, mask, padding) {
      y = try .choose(padding.unsqueeze(-1), .zeros(Dims(), dtype: y.dtype), y)
    }
    return layer.modules["norm"] == nil ? y : try layer.apply("norm", y)
  }
  layers.layer(
    "TransformerDecoder(Module decoder_layer, int num_layers, Module? norm=None)", doc: "Copies of a decoder layer in a row. Mirrors torch.nn.TransformerDecoder.",
    forward: "forward(Tensor tgt, Tensor memory, Tensor? tgt_mask=None, Tensor? memory_mask=None, Tensor? tgt_key_padding_mask=None, Tensor? memory_key_padding_mask=None, bool? tgt_is_causal=None, bool memory_is_causal=False) -> Tensor",
    setUp: { layer in
      TransformerParts.adopt(layer, "decoder_layer", "norm")
      try TransformerParts.stack(layer, "decoder_layer")
    }
  ) { (layer: FunctionLayer, x: Tensor, memory: Tensor, mask: Tensor?, memoryMask: Tensor?, padding: Tensor?, memoryPadding: Tensor?, causal: Bool?, memoryCausal: Bool) in
    var y = x
    func value(_ t: Tensor?) -> Value { t.map { .object($0) } ?? Value.none }
    for item in try layer.submodule("layers").modules.values {
      guard let item else { continue }
      y = try item.call([
        .object(y), .object(memory), value(mask), value(memoryMask), value(padding), value(memoryPadding), .boolean(causal ?? false), .boolean(memoryCausal),
      ]).tensor()
    }
    return layer.modules["norm"] == nil ? y : try layer.apply("norm", y)
  }
  TransformerParts.defineTransformer(layers)
}

extension Value {
  /// The tensor that this is.
  /// - Throws: a `TypeError` for anything else.
  func tensor() throws -> Tensor {
    guard let tensor = Tensor.element(from: self) else { throw TorchError.type("expected Tensor, got \(pythonTypeName)") }
    return tensor
  }
}
