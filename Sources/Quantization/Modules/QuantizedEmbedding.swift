import Interface
import NN
import OrderedCollections
import TensorCore
import Torch

/// A table of vectors whose elements have 8 bits, with a scale and a fractional zero point for each row. Mirrors
/// `torch.ao.nn.quantized.Embedding`.
public final class QuantizedEmbedding: Module, QuantizedLayer {
  /// A layer over a table.
  /// - Parameter weight: `[count, width]`, quint8, quantized per row with float zero points.
  /// - Throws: PyTorch's sentence for other tables.
  public init(_ weight: Tensor) throws {
    super.init()
    modules["_packed_params"] = try EmbeddingPackedParams(weight)
    attributes = [
      "num_embeddings": .integer(weight.sizes[0]), "embedding_dim": .integer(weight.sizes[1]), "dtype": DType.quint8.asValue,
    ]
  }

  /// A layer over a table of zeros. Mirrors the constructor, whose table holds what memory held.
  public convenience init(count: Int, width: Int) throws {
    let zeros = try Tensor.zeros([count, width], dtype: .float32)
    let ones = try Tensor.full([count], .double(1), dtype: .float32)
    try self.init(zeros.quantizedPerChannel(scales: ones, zeroPoints: Tensor.zeros([count], dtype: .float32), axis: 0, dtype: .quint8))
  }

  private override init() { super.init() }

  private var packed: EmbeddingPackedParams {
    get throws {
      guard let holder = modules["_packed_params"] as? EmbeddingPackedParams else {
        throw TorchError.attribute("'Embedding' object has no attribute '_packed_params'")
      }
      return holder
    }
  }

  /// The table, quint8. Mirrors `weight()`.
  public func weight() throws -> Tensor { try packed.weight }
  /// Takes another table. Mirrors `set_weight`.
  /// - Throws: PyTorch's sentence for tables that are not quantized per row with float zero points.
  public func setWeight(_ weight: Tensor) throws { try packed.setWeight(weight) }

  public override var typeName: String { "QuantizedEmbedding" }
  public override var typeModule: String { "torch.ao.nn.quantized.modules.embedding_ops" }
  public override var stateVersion: Int { 1 }
  public override var description: String { "\(typeName)(\(extraRepr()))" }
  public override func extraRepr() -> String {
    guard let count = try? integerAttribute("num_embeddings"), let width = try? integerAttribute("embedding_dim"), let weight = try? weight() else { return "" }
    return "num_embeddings=\(count), embedding_dim=\(width), dtype=torch.quint8, qscheme=\(weight.quantizer?.schemeName ?? "None")"
  }

  public override func packedWeights() throws -> [(name: String, tensor: Tensor)] { [("weight", try weight())] }

  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    return .object(try packed.rows(inputTensor(inputs, 0, "indices")))
  }

  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = QuantizedEmbedding()
    try copyContents(to: copy, memo)
    return copy
  }

  static var savedForm: SavedForm { .blank { QuantizedEmbedding() } }
  public override var pythonClass: (module: String, name: String) { (typeModule, "Embedding") }
  public override func restore(_ state: ModuleState) throws {
    guard state.modules["_packed_params"] is EmbeddingPackedParams else { throw TorchError.value("the state of a quantized Embedding lacks its table") }
    try super.restore(state)
  }

  public static func fromFloat(_ module: Module, _ config: QConfig?) throws -> QuantizedEmbedding {
    guard type(of: module) == Embedding.self else { throw TorchError(.assertionError, "nnq.Embedding.from_float only works for Embedding") }
    let observer = try (config ?? .embeddingWeightOnly).weight.make()
    guard let observer = observer as? PerChannelMinMaxObserver, observer.scheme === QScheme.perChannelAffineFloatQParams else {
      throw TorchError(.assertionError, "Embedding quantization is only supported with float_qparams_weight_only_qconfig.")
    }
    if observer.dtype != .quint8 {
      throw TorchError(.assertionError, "The only supported dtype for nnq.Embedding is torch.quint8 and torch.quint4x2, got torch.\(observer.dtype.name)")
    }
    return try QuantizedEmbedding(observer.quantizedWeight(module.tensor("weight")))
  }
}

/// Holds the table and keeps it in state dicts. Mirrors `torch.ao.nn.quantized.modules.embedding_ops.EmbeddingPackedParams`.
public final class EmbeddingPackedParams: Module {
  /// The table, quint8 `[count, width]`.
  public private(set) var weight: Tensor
  /// What an integer of 0 stands for, row by row.
  private var offsets: Tensor

  init(_ weight: Tensor) throws {
    (self.weight, offsets) = (weight, try EmbeddingPackedParams.offsets(of: weight))
    super.init()
    attributes["dtype"] = DType.quint8.asValue
  }

  private static func offsets(of weight: Tensor) throws -> Tensor {
    guard weight.dim == 2, weight.dtype == .quint8, case .perChannelAffine(let scales, let zeros, 0)? = weight.quantizer, zeros.dtype == .float32 else {
      throw TorchError.runtime("Expect embedding_bag weights to be quantized using kPerChannelAffineFloatQParams")
    }
    return try GradMode.with(false) { try zeros.mul(scales).neg() }
  }

  /// Takes another table.
  func setWeight(_ weight: Tensor) throws { (self.weight, offsets) = (weight, try EmbeddingPackedParams.offsets(of: weight)) }

  /// Rows as float32 vectors, `[…indices, width]`.
  /// - Throws: PyTorch's sentences for indices that are no integers or out of range.
  func rows(_ index: Tensor) throws -> Tensor {
    if index.dtype != .int64 && index.dtype != .int32 {
      throw TorchError.runtime("Expect 32 or 64 bit indices, but found \(index.dtype.capitalized) instead.")
    }
    let (indices, table) = (try index.denseCopy(.int64), try weight.dense())
    let (count, width) = (weight.sizes[0], weight.sizes[1])
    guard case .perChannelAffine(let scales, _, _)? = weight.quantizer else { return index }
    let at = indices.elements(Int.self)
    for i in 0..<indices.count where at[i] < 0 || at[i] >= count {
      throw TorchError.runtime("Index \(i) is out of bounds: \(at[i]), range 0 to \(count)")
    }
    let result = try Tensor(uninitialized: Dims(Array(index.sizes) + [width]), dtype: .float32)
    let (from, to) = (table.elements(UInt8.self), result.elements(Float.self))
    for i in 0..<indices.count {
      let (scale, offset) = (scales.elements(Float.self)[at[i]], offsets.elements(Float.self)[at[i]])
      let (q, y) = (from + at[i] * width, to + i * width)
      for j in 0..<width { y[j] = Float(q[j]) * scale + offset }
    }
    return withExtendedLifetime((indices, table, scales, offsets)) { result }
  }

  public override var typeName: String { "EmbeddingPackedParams" }
  public override var typeModule: String { "torch.ao.nn.quantized.modules.embedding_ops" }
  public override var stateVersion: Int { 1 }
  public override var description: String { weight.text }

  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    return .object(try inputTensor(inputs, 0, "x"))
  }

  public override func saveToStateDict(_ destination: OrderedDict, prefix: String, keepVars: Bool) throws {
    try super.saveToStateDict(destination, prefix: prefix, keepVars: keepVars)
    destination[prefix + "dtype"] = DType.quint8.asValue
    destination[prefix + "_packed_weight"] = .object(weight)
  }

  public override func loadFromStateDict(_ load: StateDictLoad, prefix: String) throws {
    _ = try load.state.required(prefix + "dtype")
    guard case .object(let object) = try load.state.required(prefix + "_packed_weight"), let table = object as? Tensor else {
      throw TorchError.type("\(prefix)_packed_weight: a quantized tensor was expected")
    }
    try setWeight(table)
  }

  /// With the table.
  public override func savedAttributes() throws -> OrderedDictionary<String, Value> {
    var saved = attributes
    saved["_packed_weight"] = .object(PackedTable(weight))
    return saved
  }

  static var savedForm: SavedForm {
    SavedForm(("torch.ao.nn.quantized.modules.embedding_ops", "EmbeddingPackedParams")) { state in
      var state = state
      guard case .object(let table as PackedTable)? = state.attributes.removeValue(forKey: "_packed_weight") else {
        throw TorchError.value("the state of an EmbeddingPackedParams lacks its table")
      }
      let holder = try EmbeddingPackedParams(table.weight)
      try holder.restore(state)
      return holder
    }
  }

  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    // The table never changes, so that copies may share it.
    let copy = try EmbeddingPackedParams(weight)
    try copyContents(to: copy, memo)
    return copy
  }
}

/// Tables of 8 bits. Mirrors `torch.ao.nn.quantized`.
public let quantizedEmbeddings = LayerFamily("torch.ao.nn.quantized") { layers in
  layers.saves(EmbeddingPackedParams.savedForm)
  layers.define(
    "Embedding(int num_embeddings, int embedding_dim, int? padding_idx=None, float? max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False, bool sparse=False, Tensor? _weight=None, ScalarType? dtype=None)",
    doc: "A table of vectors of 8 bits, looked up by index. Mirrors torch.ao.nn.quantized.Embedding.", saved: QuantizedEmbedding.savedForm
  ) { (count: Int, width: Int, _: Int?, _: Double?, _: Double, _: Bool, _: Bool, weight: Tensor?, _: DType?) -> QuantizedEmbedding in
    guard let weight else { return try QuantizedEmbedding(count: count, width: width) }
    if Array(weight.sizes) != [count, width] {
      throw TorchError(
        .assertionError,
        "Shape of weight does not match num_embeddings and embedding_dim: expected [\(count), \(width)], got [\(weight.sizes.map(String.init).joined(separator: ", "))]")
    }
    return try QuantizedEmbedding(weight)
  }
}
