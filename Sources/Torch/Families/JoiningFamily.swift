import Interface
import TensorCore

extension Tensor {
  private static func wanting(_ all: [Tensor], _ name: String) throws {
    if all.isEmpty { throw TorchError.runtime("\(name) expects a non-empty TensorList") }
  }

  /// Side by side: along the second dimension, of vectors along the first. Mirrors `torch.hstack`.
  static func hstack(_ all: [Tensor]) throws -> Tensor {
    try wanting(all, "hstack")
    let whole = try all.map { try $0.atLeast(1) }
    return try cat(whole, whole[0].dim == 1 ? 0 : 1)
  }

  /// As the columns of a matrix. Mirrors `torch.column_stack`.
  static func columnStack(_ all: [Tensor]) throws -> Tensor {
    try wanting(all, "column_stack")
    return try hstack(all.map { $0.dim <= 1 ? try $0.reshape([$0.count, 1]) : $0 })
  }

  /// Matrices along the diagonal of one. Mirrors `torch.block_diag`.
  static func blockDiagonal(_ all: [Tensor]) throws -> Tensor {
    let dtype = all.isEmpty ? DType.defaultFloat : ResultType.of(all)
    var blocks: [Tensor] = []
    for (i, t) in all.enumerated() {
      if t.dim > 2 {
        throw TorchError.runtime("torch.block_diag: Input tensors must have 2 or fewer dimensions. Input \(i) has \(t.dim) dimensions")
      }
      blocks.append(try t.atLeast(2).to(dtype))
    }
    let width = blocks.reduce(0) { $0 + $1.sizes[1] }
    if blocks.isEmpty { return try zeros([1, 0], dtype: dtype) }
    var before = 0
    let rows = try blocks.map { block in
      let (r, c) = (block.sizes[0], block.sizes[1])
      defer { before += c }
      return try cat([zeros([r, before], dtype: dtype), block, zeros([r, width - before - c], dtype: dtype)], 1)
    }
    return try cat(rows, 0)
  }

  /// Coordinates of a grid. Mirrors `torch.meshgrid`.
  static func meshgrid(_ all: [Tensor], _ indexing: String) throws -> [Tensor] {
    if all.isEmpty { throw TorchError.runtime("meshgrid expects a non-empty TensorList") }
    if all.contains(where: { $0.dtype != all[0].dtype }) { throw TorchError.runtime("meshgrid expects all tensors to have the same dtype") }
    if indexing != "xy" && indexing != "ij" {
      throw TorchError.runtime("torch.meshgrid: indexing must be one of \"xy\" or \"ij\", but received: \(indexing)")
    }
    let turned = indexing == "xy" && all.count >= 2
    var inputs = all
    if turned { inputs.swapAt(0, 1) }
    let shape = try inputs.map { t in
      if t.dim > 1 { throw TorchError.runtime("torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: \(t.text)") }
      return t.count
    }
    var grids = try inputs.enumerated().map { i, t in
      var own = Array(repeating: 1, count: inputs.count)
      own[i] = t.count
      return try t.view(own).expand(shape)
    }
    if turned { grids.swapAt(0, 1) }
    return grids
  }

  /// All rows with one element of each vector. Mirrors `torch.cartesian_prod`.
  static func cartesianProduct(_ all: [Tensor]) throws -> Tensor {
    for t in all where t.dim != 1 { throw TorchError.runtime("Expect a 1D vector, but got shape \(t.sizes.text)") }
    if all.count == 1 { return all[0] }
    return try stack(meshgrid(all, "ij").map { try $0.flatten() }, 1)
  }

  /// All choices of `r` elements, a row each. Mirrors `torch.combinations`.
  func combinations(_ r: Int, _ withReplacement: Bool) throws -> Tensor {
    if dim != 1 { throw TorchError.runtime("Expect a 1D vector, but got shape \(sizes.text)") }
    if r < 0 { throw TorchError.runtime("Expect a non-negative number, but got \(r)") }
    if r == 0 { return try Tensor(uninitialized: [0], dtype: dtype) }
    var rows: [[Int]] = [[]]
    for _ in 0..<r {
      rows = rows.flatMap { row in ((row.last ?? 0) + (row.isEmpty || withReplacement ? 0 : 1)..<Swift.max(count, (row.last ?? 0) + 1)).filter { $0 < count }.map { row + [$0] } }
    }
    let index = try Tensor.vector(rows.flatMap { $0 })
    return try indexed([.tensor(index)]).view([rows.count, r])
  }

  /// Each tensor cut into chunks along a dimension, padded with zeros, and the chunks of all joined. Mirrors `torch._chunk_cat`.
  static func chunkCat(_ all: [Tensor], _ d: Int, _ chunks: Int) throws -> Tensor {
    if chunks < 1 { throw TorchError.runtime("_chunk_cat expects positive num_chunks") }
    guard let first = all.first else { throw TorchError.runtime("_chunk_cat expects a non-empty input tensor list") }
    if d < 0 && all.contains(where: { $0.dim != first.dim }) {
      throw TorchError.runtime("_chunk_cat expects non-negative dim when input tensors have different ndims")
    }
    let d = try Shape.wrap(d, first.dim)
    for t in all {
      if t.count == 0 { throw TorchError.runtime("_chunk_cat expects non-empty tensor") }
      if t.dim == 0 { throw TorchError.runtime("_chunk_cat expects at least a 1-dimensional tensor") }
      if t.dtype != first.dtype { throw TorchError.runtime("_chunk_cat expects all input tensors with the same dtype") }
      if t.dim <= d { throw TorchError.runtime("_chunk_cat expects dim < ndim for all input tensors") }
      if Array(t.sizes.prefix(d)) != Array(first.sizes.prefix(d)) { throw TorchError.runtime("_chunk_cat expects same sizes of 0,...,dim-1 dimensions for all tensors") }
    }
    let parts = try all.map { t in
      let missing = (chunks - t.sizes[d] % chunks) % chunks
      var gap = t.sizes
      gap[d] = missing
      let padded = missing == 0 ? t : try cat([t, zeros(gap, dtype: t.dtype)], d)
      let lead = Array(t.sizes.prefix(d))
      return try padded.reshape(lead + [chunks, padded.count == 0 ? 0 : padded.count / (lead.reduce(chunks, *))])
    }
    return try cat(parts, d + 1)
  }

  /// Tensors stretched to their common sizes. Mirrors `torch.broadcast_tensors`.
  static func broadcast(_ all: [Tensor]) throws -> [Tensor] {
    let sizes = try all.reduce(Dims()) { try Shape.broadcast($0, $1.sizes) }
    return try all.map { try $0.expand(Array(sizes)) }
  }

  /// The sizes that all broadcast to, with the sentences of `torch.broadcast_shapes`.
  public static func broadcastSizes(_ shapes: [Value]) throws -> Dims {
    let all = try shapes.map { shape -> [Int] in
      let items: [Value] = if case .list(let items) = shape { items } else { [shape] }
      return try items.map { item in
        guard case .integer(let n) = item else { throw TorchError.runtime("Input shapes should be of type ints, a tuple of ints, or a list of ints, got \(item.pythonTypeName)") }
        if n < 0 { throw TorchError.value("Attempting to broadcast a dimension with negative length!") }
        return n
      }
    }
    var result = Array(repeating: 1, count: all.map(\.count).max() ?? 0)
    for (i, shape) in all.enumerated() {
      for back in 1...Swift.max(shape.count, 1) where back <= shape.count {
        let (n, at) = (shape[shape.count - back], result.count - back)
        if n == 1 || n == result[at] { continue }
        if result[at] != 1 {
          let own = shape.count == 1 ? "(\(shape[0]),)" : "(\(shape.map(String.init).joined(separator: ", ")))"
          throw TorchError.runtime(
            "Attempting to broadcast a dimension of length \(n) at \(-back)! Mismatching argument at index \(i) had \(own); but expected shape should be broadcastable to \(Dims(result).text)")
        }
        result[at] = n
      }
    }
    return Dims(result)
  }
}

/// Tensors put together.
public let joining = OperationFamily("torch") { ops in
  for name in ["cat", "concat", "concatenate"] {
    ops.define("\(name)(Tensor[] tensors, int dim=0, *, Tensor? out=None) -> Tensor", doc: "Tensors joined along a dimension. Mirrors torch.\(name).", variants: [.function]) {
      (t: [Tensor], d: Int, out: Tensor?) -> Tensor in
      guard let out else { return try Tensor.cat(t, d) }
      if out.overlapsItself { throw TorchError.runtime("unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.") }
      if t.contains(where: { $0.storage === out.storage }) {
        throw TorchError.runtime(
          "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.")
      }
      try out.receive(Tensor.cat(t, d), from: name)
      return out
    }
  }
  ops.define("stack(Tensor[] tensors, int dim=0) -> Tensor", doc: "Tensors joined along a new dimension. Mirrors torch.stack.", variants: [.function]) { (t: [Tensor], d: Int) in try Tensor.stack(t, d) }
  ops.define("hstack(Tensor[] tensors) -> Tensor", doc: "Tensors side by side. Mirrors torch.hstack.", variants: [.function]) { (t: [Tensor]) in try Tensor.hstack(t) }
  for name in ["vstack", "row_stack"] {
    ops.define("\(name)(Tensor[] tensors) -> Tensor", doc: "Tensors one below the other. Mirrors torch.\(name).", variants: [.function]) { (t: [Tensor]) -> Tensor in
      if t.isEmpty { throw TorchError.runtime("vstack expects a non-empty TensorList") }
      return try .cat(t.map { try $0.atLeast(2) }, 0)
    }
  }
  ops.define("dstack(Tensor[] tensors) -> Tensor", doc: "Tensors one behind the other. Mirrors torch.dstack.", variants: [.function]) { (t: [Tensor]) -> Tensor in
    if t.isEmpty { throw TorchError.runtime("dstack expects a non-empty TensorList") }
    return try .cat(t.map { try $0.atLeast(3) }, 2)
  }
  ops.define("column_stack(Tensor[] tensors) -> Tensor", doc: "Tensors as the columns of a matrix. Mirrors torch.column_stack.", variants: [.function]) { (t: [Tensor]) in try Tensor.columnStack(t) }
  ops.define("block_diag(Tensor[1] tensors) -> Tensor", doc: "Matrices along the diagonal of one. Mirrors torch.block_diag.", variants: [.function]) { (t: [Tensor]) in try Tensor.blockDiagonal(t) }
  ops.define("meshgrid(Tensor[1] tensors, *, str indexing='ij') -> Tensor[]", doc: "Coordinates of a grid, a tensor for each vector. Mirrors torch.meshgrid.", variants: [.function]) { (t: [Tensor], i: String) in try Tensor.meshgrid(t, i) }
  ops.define("cartesian_prod(Tensor[1] tensors) -> Tensor", doc: "All rows with one element of each vector. Mirrors torch.cartesian_prod.", variants: [.function]) { (t: [Tensor]) in try Tensor.cartesianProduct(t) }
  ops.define("combinations(Tensor self, int r=2, bool with_replacement=False) -> Tensor", doc: "All choices of r elements, a row each. Mirrors torch.combinations.", variants: [.function]) { (x: Tensor, r: Int, w: Bool) in try x.combinations(r, w) }
  ops.define("_chunk_cat(Tensor[] tensors, int dim, int num_chunks) -> Tensor", doc: "Chunks of each tensor, padded with zeros and joined. Mirrors torch._chunk_cat.", variants: [.function]) { (t: [Tensor], d: Int, n: Int) in try Tensor.chunkCat(t, d, n) }
  ops.define("broadcast_tensors(Tensor[1] tensors) -> Tensor[]", doc: "Tensors stretched to their common sizes. Mirrors torch.broadcast_tensors.", variants: [.function]) { (t: [Tensor]) in try Tensor.broadcast(t) }
  ops.define("repeat(Tensor self, int[1] repeats) -> Tensor", doc: "Copies laid side by side along each dimension. Mirrors Tensor.repeat.", variants: [.method]) { (x: Tensor, r: [Int]) in try x.tiled(r) }
  ops.define("flip(Tensor self, int[1] dims) -> Tensor", doc: "A copy with the order along dims turned. Mirrors torch.flip.") { (x: Tensor, d: [Int]) in try x.flip(d) }
}
