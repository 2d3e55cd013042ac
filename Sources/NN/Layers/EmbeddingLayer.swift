import Interface
import OrderedCollections
import TensorCore
import Torch

/// A table of vectors, looked up by index. Mirrors `torch.nn.Embedding`.
public final class Embedding: AttributeLayer {
  /// - Throws: PyTorch's sentence for a padding index outside the table.
  public convenience init(_ count: Int, _ width: Int, padding: Int? = nil, weight: Tensor? = nil, freeze: Bool = false, dtype: DType = .defaultFloat) throws {
    self.init(attributes: [:])
    if let padding, padding >= count || padding < -count {
      throw TorchError(.assertionError, "Padding_idx must be within num_embeddings")
    }
    let left = padding.map { $0 < 0 ? $0 + count : $0 }
    attributes = [
      "num_embeddings": .integer(count), "embedding_dim": .integer(width), "padding_idx": left.map { .integer($0) } ?? Value.none,
      "max_norm": .none, "norm_type": .number(2), "scale_grad_by_freq": .boolean(false), "sparse": .boolean(false),
    ]
    if let weight {
      if Array(weight.sizes) != [count, width] {
        throw TorchError(.assertionError, "Shape of weight does not match num_embeddings and embedding_dim")
      }
      parameters["weight"] = try Tensor.parameter(weight, requiresGrad: !freeze)
    } else {
      parameters["weight"] = try Tensor.parameter(Tensor(uninitialized: [count, width], dtype: dtype))
      try resetParameters()
    }
  }

  /// Draws the table anew from the standard normal distribution; the padding row is zero. Mirrors `Embedding.reset_parameters`.
  public func resetParameters() throws {
    let weight = try tensor("weight")
    try Initialize.normal(weight, 0, 1)
    if let padding = integer("padding_idx") { try GradMode.with(false) { _ = try weight.select(0, padding).fill(.integer(0)) } }
  }

  public override var typeModule: String { "torch.nn.modules.sparse" }
  public override func extraRepr() -> String {
    "\(shown("num_embeddings")), \(shown("embedding_dim"))" + (integer("padding_idx").map { ", padding_idx=\($0)" } ?? "")
  }
  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    return .object(try Functional.embedding(inputTensor(inputs), tensor("weight"), padding: integer("padding_idx")))
  }
}

/// Layers that look up vectors.
public let embeddingLayers = LayerFamily { layers in
  layers.define(
    "Embedding(int num_embeddings, int embedding_dim, int? padding_idx=None, float? max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False, bool sparse=False, Tensor? _weight=None, bool _freeze=False, Device? device=None, ScalarType? dtype=None)",
    doc: "A table of vectors, looked up by index; row padding_idx stays as it is. Mirrors torch.nn.Embedding."
  ) { (count: Int, width: Int, padding: Int?, norm: Double?, _: Double, frequency: Bool, sparse: Bool, weight: Tensor?, freeze: Bool, _: Device?, dtype: DType?) -> Embedding in
    if norm != nil || frequency || sparse {
      throw TorchError.notImplemented("Embedding: max_norm, scale_grad_by_freq and sparse are not supported")
    }
    return try Embedding(count, width, padding: padding, weight: weight, freeze: freeze, dtype: dtype ?? .defaultFloat)
  }
}
