import Glibc
import Interface
import Kernels
import TensorCore
import Torch

extension Functional {
  /// How rows of a table are looked up.
  struct Lookup {
    /// A row that gets no gradient.
    var padding: Int?
    /// Rows' gradients are divided by how often the row is asked for.
    var byFrequency = false
  }

  /// Rows of `weight` by index. Mirrors `F.embedding`.
  /// - Parameter padding: a row that gets no gradient; may count from the end.
  /// - Throws: PyTorch's sentences for indices that are no integers or out of range.
  public static func embedding(_ index: Tensor, _ weight: Tensor, padding: Int? = nil) throws -> Tensor {
    try embedding(index, weight, Lookup(padding: checkedPadding(padding, weight.dim > 0 ? weight.sizes[0] : 0)))
  }

  /// - Throws: PyTorch's sentence for a padding row outside the table.
  static func checkedPadding(_ padding: Int?, _ count: Int) throws -> Int? {
    guard let padding else { return nil }
    if padding >= count || padding < -count { throw TorchError(.assertionError, "Padding_idx must be within num_embeddings") }
    return padding < 0 ? padding + count : padding
  }

  static func embedding(_ index: Tensor, _ weight: Tensor, _ how: Lookup) throws -> Tensor {
    if index.dtype != .int64 && index.dtype != .int32 {
      throw TorchError.runtime(
        "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got \(index.dtype.tensorTypeName) instead (while checking arguments for embedding)")
    }
    if weight.dim != 2 { throw TorchError.runtime("'weight' must be 2-D") }
    let indices = try index.detached().denseCopy(.int64)
    let y = try rows(weight, indices)
    let count = weight.sizes[0]
    Tensor.recordNode("EmbeddingBackward0", inputs: [weight], results: [y]) { _, gradients in
      guard let g = gradients[0] else { return [nil] }
      return [try addedRows(g, indices, count: count, how)]
    }
    return y
  }

  /// The rows, outside autograd.
  private static func rows(_ table: Tensor, _ indices: Tensor) throws -> Tensor {
    let (count, width) = (table.sizes[0], table.sizes[1])
    let at = indices.elements(Int.self)
    for i in 0..<indices.count where at[i] < 0 || at[i] >= count { throw TorchError.index("index out of range in self") }
    let source = try table.dense()
    let y = try Tensor(uninitialized: Dims(Array(indices.sizes) + [width]), dtype: table.dtype)
    let bytes = width * table.dtype.itemSize
    Rows.select(source.pointer, bytes: bytes, at, count: indices.count, y.pointer)
    return withExtendedLifetime(source) { y }
  }

  /// A table of `count` rows, each the sum of the rows of `g` that belong to its index: the transposed lookup.
  static func addedRows(_ g: Tensor, _ indices: Tensor, count: Int, _ how: Lookup = Lookup()) throws -> Tensor {
    let width = g.sizes[g.dim - 1]
    let rows = indices.elements(Int.self)
    let wide: DType = g.dtype == .float64 ? .float64 : .float32
    let (source, sum) = (try g.dense(wide), try Tensor.zeros([count, width], dtype: wide))
    var times = [Int](repeating: 0, count: how.byFrequency ? count : 0)
    if how.byFrequency { for i in 0..<indices.count { times[rows[i]] += 1 } }
    func add<T: BinaryFloatingPoint>(_ type: T.Type) {
      let (p, q) = (source.elements(T.self), sum.elements(T.self))
      for i in 0..<indices.count where rows[i] != how.padding {
        let (from, to) = (p + i * width, q + rows[i] * width)
        if how.byFrequency {
          let share = 1 / T(times[rows[i]])
          for j in 0..<width { to[j] += from[j] * share }
        } else {
          for j in 0..<width { to[j] += from[j] }
        }
      }
    }
    if wide == .float64 { add(Double.self) } else { add(Float.self) }
    let result = try sum.converted(to: g.dtype)
    Tensor.recordNode("EmbeddingDenseBackwardBackward0", inputs: [g], results: [result]) { _, gradients in
      guard let gg = gradients[0] else { return [nil] }
      var picked = try embedding(indices, gg)
      if how.byFrequency {
        let shares = try Tensor.vector((0..<indices.count).map { 1 / Double(times[indices.elements(Int.self)[$0]]) }, dtype: gg.dtype)
        picked = try picked * shares.reshape(Array(indices.sizes)).unsqueeze(-1)
      }
      guard let padding = how.padding else { return [picked] }
      return [try picked * indices.ne(.wrapped(.integer(padding))).unsqueeze(-1)]
    }
    return result
  }

  /// Shortens the rows that are asked for to a norm of at most `most`, in place. Mirrors `torch.embedding_renorm_`.
  static func renormRows(_ weight: Tensor, _ index: Tensor, _ most: Double, _ p: Double) throws {
    try GradMode.with(false) {
      let indices = try index.detached().denseCopy(.int64)
      for row in Set((0..<indices.count).map { indices.elements(Int.self)[$0] }).sorted() {
        if row < 0 || row >= weight.sizes[0] { throw TorchError.index("index out of range in self") }
        let line = try weight.select(0, row)
        let norm = try line.vectorNorm(.double(p)).item().doubleValue
        if norm > most { try line.become(line * (most / (norm + 1e-7))) }
      }
    }
  }

  /// `F.embedding` with all its options.
  static func embedding(
    _ index: Tensor, _ weight: Tensor, padding: Int?, maxNorm: Double?, _ p: Double, byFrequency: Bool, sparse: Bool
  ) throws -> Tensor {
    try refuseSparse(sparse, "embedding")
    let left = try checkedPadding(padding, weight.dim > 0 ? weight.sizes[0] : 0)
    if let maxNorm { try renormRows(weight, index, maxNorm, p) }
    return try embedding(index, weight, Lookup(padding: left, byFrequency: byFrequency))
  }

  static func refuseSparse(_ sparse: Bool, _ name: String) throws {
    if sparse { throw TorchError.notImplemented("\(name)(): sparse gradients are not supported; use sparse=False") }
  }

  /// Ones at the places of class indices, along a new last dimension. Mirrors `F.one_hot`.
  /// - Throws: PyTorch's sentences for classes that are negative or too great.
  static func oneHot(_ x: Tensor, classes: Int) throws -> Tensor {
    if x.dtype != .int64 { throw TorchError.runtime("one_hot is only applicable to index tensor of type LongTensor.") }
    let labels = try x.dense()
    let p = labels.elements(Int.self)
    if x.count == 0 {
      if classes <= 0 { throw TorchError.runtime("Can not infer total number of classes from empty tensor.") }
      return try .zeros(Dims(Array(x.sizes) + [classes]), dtype: .int64)
    }
    var top = 0
    for i in 0..<x.count {
      if p[i] < 0 { throw TorchError.runtime("Class values must be non-negative.") }
      top = max(top, p[i])
    }
    if classes == -1 {
    } else {
      if classes < 1 { throw TorchError.runtime("num_classes should be positive") }
      if top >= classes { throw TorchError.runtime("Class values must be smaller than num_classes.") }
    }
    let width = classes == -1 ? top + 1 : classes
    let y = try Tensor.zeros(Dims(Array(x.sizes) + [width]), dtype: .int64)
    for i in 0..<x.count { y.elements(Int.self)[i * width + p[i]] = 1 }
    return y
  }
}

/// Looking up rows of a table.
public let embeddingFunctions = OperationFamily("torch.nn.functional") { ops in
  ops.define("embedding(Tensor input, Tensor weight, int? padding_idx=None, float? max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor", doc: "Rows of weight by index; row padding_idx gets no gradient. Mirrors F.embedding.", variants: [.function]) {
    (x: Tensor, w: Tensor, p: Int?, n: Double?, t: Double, f: Bool, s: Bool) in
    try Functional.embedding(x, w, padding: p, maxNorm: n, t, byFrequency: f, sparse: s)
  }
  ops.define("one_hot(Tensor input, int num_classes=-1) -> Tensor", doc: "Ones at the places of class indices. Mirrors F.one_hot.", variants: [.function]) {
    (x: Tensor, n: Int) in try Functional.oneHot(x, classes: n)
  }
  ops.define("embedding_bag(Tensor input, Tensor weight, Tensor? offsets=None, float? max_norm=None, float norm_type=2, bool scale_grad_by_freq=False, str mode='mean', bool sparse=False, Tensor? per_sample_weights=None, bool include_last_offset=False, int? padding_idx=None) -> Tensor", doc: "Sums, means or maxima of rows of weight, bag by bag. Mirrors F.embedding_bag.", variants: [.function]) {
    (x: Tensor, w: Tensor, o: Tensor?, n: Double?, t: Double, f: Bool, m: String, s: Bool, p: Tensor?, l: Bool, i: Int?) in
    try Functional.embeddingBag(x, w, o, maxNorm: n, t, byFrequency: f, mode: m, sparse: s, p, includesLast: l, padding: i)
  }
}
