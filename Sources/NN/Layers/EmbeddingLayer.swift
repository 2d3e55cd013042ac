import Interface
import OrderedCollections
import TensorCore
import Torch

/// A table of vectors, looked up by index. Mirrors `torch.nn.Embedding`.
public final class Embedding: AttributeLayer {
  /// - Throws: PyTorch's sentence for a padding index outside the table.
  public convenience init(
    _ count: Int, _ width: Int, padding: Int? = nil, maxNorm: Double? = nil, normType: Double = 2, byFrequency: Bool = false, weight: Tensor? = nil,
    freeze: Bool = false, dtype: DType = .defaultFloat
  ) throws {
    self.init(attributes: [:])
    let left = try Functional.checkedPadding(padding, count)
    attributes = [
      "num_embeddings": .integer(count), "embedding_dim": .integer(width), "padding_idx": left.map { .integer($0) } ?? Value.none,
      "max_norm": maxNorm.map { .number($0) } ?? Value.none, "norm_type": .number(normType), "scale_grad_by_freq": .boolean(byFrequency),
      "sparse": .boolean(false),
    ]
    if let weight {
      if Array(weight.sizes) != [count, width] {
        throw TorchError(.assertionError, "Shape of weight does not match num_embeddings and embedding_dim")
      }
      parameters["weight"] = try Tensor.parameter(weight, requiresGrad: !freeze)
    } else {
      parameters["weight"] = try Tensor.parameter(Tensor(uninitialized: [count, width], dtype: dtype), requiresGrad: !freeze)
      try resetParameters()
    }
  }

  /// Draws the table anew from the standard normal distribution; the padding row is zero. Mirrors `Embedding.reset_parameters`.
  public func resetParameters() throws { try drawTable() }

  public override var typeModule: String { "torch.nn.modules.sparse" }
  public override func extraRepr() -> String {
    filled("{num_embeddings}, {embedding_dim}, padding_idx={padding_idx?}, max_norm={max_norm?}")
      + (number("norm_type") == 2 ? "" : ", norm_type=\(shown("norm_type"))") + (isTrue("scale_grad_by_freq") ? ", scale_grad_by_freq=True" : "")
  }
  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    return .object(
      try Functional.embedding(
        inputTensor(inputs), tensor("weight"), padding: integer("padding_idx"), maxNorm: number("max_norm"), number("norm_type") ?? 2,
        byFrequency: isTrue("scale_grad_by_freq"), sparse: isTrue("sparse")))
  }

  /// A layer over a table given. Mirrors `Embedding.from_pretrained`.
  static func pretrained(_ table: Tensor, freeze: Bool, padding: Int?, maxNorm: Double?, normType: Double, byFrequency: Bool) throws -> Embedding {
    if table.dim != 2 { throw TorchError(.assertionError, "Embeddings parameter is expected to be 2-dimensional") }
    return try Embedding(
      table.sizes[0], table.sizes[1], padding: padding, maxNorm: maxNorm, normType: normType, byFrequency: byFrequency, weight: table, freeze: freeze)
  }
}

extension Module {
  /// Fills `weight` from the standard normal distribution, with zeros in row `padding_idx`.
  fileprivate func drawTable() throws {
    let weight = try tensor("weight")
    try Initialize.normal(weight, 0, 1)
    if let padding = integer("padding_idx") { try GradMode.with(false) { _ = try weight.select(0, padding).fill(.integer(0)) } }
  }
}

/// Layers that look up vectors.
public let embeddingLayers = LayerFamily(module: "sparse") { layers in
  layers.define(
    "Embedding(int num_embeddings, int embedding_dim, int? padding_idx=None, float? max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False, bool sparse=False, Tensor? _weight=None, bool _freeze=False, Device? device=None, ScalarType? dtype=None)",
    doc: "A table of vectors, looked up by index; row padding_idx stays as it is. Mirrors torch.nn.Embedding.",
    saved: .blank { Embedding(attributes: [:]) }
  ) { (count: Int, width: Int, padding: Int?, norm: Double?, p: Double, frequency: Bool, sparse: Bool, weight: Tensor?, freeze: Bool, _: Device?, dtype: DType?) -> Embedding in
    try Functional.refuseSparse(sparse, "Embedding")
    return try Embedding(
      count, width, padding: padding, maxNorm: norm, normType: p, byFrequency: frequency, weight: weight, freeze: freeze, dtype: dtype ?? .defaultFloat)
  }
  layers.layer(
    "EmbeddingBag(int num_embeddings, int embedding_dim, float? max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False, str mode='mean', bool sparse=False, Tensor? _weight=None, bool include_last_offset=False, int? padding_idx=None, Device? device=None, ScalarType? dtype=None)",
    shows: LayerText { m in
      var text = m.filled("{num_embeddings}, {embedding_dim}, max_norm={max_norm?}")
      if m.number("norm_type") != 2 { text += ", norm_type=\(m.shown("norm_type"))" }
      if m.isTrue("scale_grad_by_freq") { text += ", scale_grad_by_freq=True" }
      text += ", mode='\(m.string("mode"))'"
      if let padding = m.integer("padding_idx") { text += ", padding_idx=\(padding)" }
      return text
    },
    doc: "Sums, means or maxima of vectors of a table, bag by bag. Mirrors torch.nn.EmbeddingBag.",
    forward: "forward(Tensor input, Tensor? offsets=None, Tensor? per_sample_weights=None) -> Tensor",
    setUp: { layer in
      try Functional.refuseSparse(layer.isTrue("sparse"), "EmbeddingBag")
      let (count, width) = (layer.integer("num_embeddings") ?? 0, layer.integer("embedding_dim") ?? 0)
      let padding = try Functional.checkedPadding(layer.integer("padding_idx"), count)
      layer.attributes["padding_idx"] = padding.map { .integer($0) } ?? Value.none
      let given = try layer.optionalTensor("_weight")
      layer.buffers.removeValue(forKey: "_weight")
      if let given {
        if Array(given.sizes) != [count, width] {
          throw TorchError(.assertionError, "Shape of weight does not match num_embeddings and embedding_dim")
        }
        layer.parameters["weight"] = try Tensor.parameter(given)
      } else {
        try layer.addParameter("weight", [count, width])
        try layer.drawTable()
      }
    }
  ) { (layer: FunctionLayer, x: Tensor, offsets: Tensor?, weights: Tensor?) in
    try Functional.embeddingBag(
      x, layer.tensor("weight"), offsets, maxNorm: layer.number("max_norm"), layer.number("norm_type") ?? 2, byFrequency: layer.isTrue("scale_grad_by_freq"),
      mode: layer.string("mode"), sparse: false, weights, includesLast: layer.isTrue("include_last_offset"), padding: layer.integer("padding_idx"))
  }
}

/// What the class `Embedding` itself answers to.
public let embeddingClassMethods = OperationFamily("torch.nn.Embedding") { ops in
  ops.define("from_pretrained(Tensor embeddings, bool freeze=True, int? padding_idx=None, float? max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False, bool sparse=False) -> Module", doc: "A layer over a table given. Mirrors Embedding.from_pretrained.", variants: [.function]) {
    (t: Tensor, f: Bool, p: Int?, n: Double?, q: Double, s: Bool, _: Bool) in
    try Embedding.pretrained(t, freeze: f, padding: p, maxNorm: n, normType: q, byFrequency: s)
  }
}
