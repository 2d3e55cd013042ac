import Interface
import TensorCore
import Torch

extension Functional {
  /// Rows of `weight` by index. Mirrors `F.embedding`.
  /// - Parameter padding: a row that gets no gradient; may count from the end.
  /// - Throws: PyTorch's sentences for indices that are no integers or out of range.
  public static func embedding(_ index: Tensor, _ weight: Tensor, padding: Int? = nil) throws -> Tensor {
    if index.dtype != .int64 && index.dtype != .int32 {
      throw TorchError.runtime(
        "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got \(index.dtype.tensorTypeName) instead (while checking arguments for embedding)")
    }
    if weight.dim != 2 { throw TorchError.runtime("'weight' must be 2-D") }
    let (count, width) = (weight.sizes[0], weight.sizes[1])
    if let padding, padding >= count || padding < -count {
      throw TorchError(.assertionError, "Padding_idx must be within num_embeddings")
    }
    let indices = try index.detached().denseCopy(.int64)
    let rows = indices.elements(Int.self)
    for i in 0..<indices.count where rows[i] < 0 || rows[i] >= count { throw TorchError.index("index out of range in self") }
    let source = try weight.dense()
    let y = try Tensor(uninitialized: Dims(Array(index.sizes) + [width]), dtype: weight.dtype)
    let bytes = width * weight.dtype.itemSize
    for i in 0..<indices.count { (y.pointer + i * bytes).copyMemory(from: source.pointer + rows[i] * bytes, byteCount: bytes) }
    let left = padding.map { $0 < 0 ? $0 + count : $0 }
    Tensor.recordNode("EmbeddingBackward0", inputs: [weight], results: [y]) { _, gradients in
      guard let g = gradients[0] else { return [nil] }
      return [try embeddingGradient(g, indices, count: count, padding: left)]
    }
    return y
  }

  /// Sums the rows of `g` that belong to each index.
  private static func embeddingGradient(_ g: Tensor, _ indices: Tensor, count: Int, padding: Int?) throws -> Tensor {
    let width = g.sizes[g.dim - 1]
    let rows = indices.elements(Int.self)
    let wide: DType = g.dtype == .float64 ? .float64 : .float32
    let (source, sum) = (try g.dense(wide), try Tensor.zeros([count, width], dtype: wide))
    func add<T: FloatingPoint>(_ type: T.Type) {
      let (p, q) = (source.elements(T.self), sum.elements(T.self))
      for i in 0..<indices.count where rows[i] != padding {
        let (from, to) = (p + i * width, q + rows[i] * width)
        for j in 0..<width { to[j] += from[j] }
      }
    }
    if wide == .float64 { add(Double.self) } else { add(Float.self) }
    let result = try sum.converted(to: g.dtype)
    Tensor.recordNode("EmbeddingDenseBackwardBackward0", inputs: [g], results: [result]) { _, gradients in
      guard let gg = gradients[0] else { return [nil] }
      let rows = try embedding(indices, gg)
      guard let padding else { return [rows] }
      let kept = try indices.ne(.wrapped(.integer(padding))).unsqueeze(-1)
      return [try rows.mul(kept)]
    }
    return result
  }
}
