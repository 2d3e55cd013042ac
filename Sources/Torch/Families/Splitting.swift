import Interface
import TensorCore

extension Tensor {
  /// Windows of the given lengths side by side along a dimension.
  private func windows(_ lengths: [Int], _ d: Int) -> [(sizes: Dims, strides: Dims, offset: Int)] {
    var at = 0
    return lengths.map { length in
      defer { at += length }
      var s = sizes
      s[d] = length
      return (s, strides, storageOffset + at * strides[d])
    }
  }

  /// Pieces of the given lengths along a dimension. Mirrors `torch.split_with_sizes`.
  /// - Throws: PyTorch's sentences for lengths that do not sum to the dimension's size.
  public func split(_ lengths: [Int], _ d: Int, name: String = "SplitWithSizesBackward0") throws -> [Tensor] {
    if dim == 0 { throw TorchError.runtime("split expects at least a 1-dimensional tensor") }
    let d = try Shape.wrap(d, dim)
    if lengths.contains(where: { $0 < 0 }) {
      throw TorchError.runtime("split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=\(Dims(lengths).text)")
    }
    if lengths.reduce(0, +) != sizes[d] {
      throw TorchError.runtime(
        "split_with_sizes expects split_sizes to sum exactly to \(sizes[d]) (input tensor's size at dimension \(d)), but got split_sizes=\(Dims(lengths).text)")
    }
    let (parts, dtype) = (windows(lengths, d), dtype)
    return jointViews(name, parts) { gradients in
      try .cat(zip(gradients, parts).map { try $0 ?? .zeros($1.sizes, dtype: dtype) }, d)
    }
  }

  /// Pieces of one length along a dimension; the last may be shorter. Mirrors `torch.split`.
  /// - Throws: PyTorch's sentences for lengths that cannot be.
  public func split(_ length: Int, _ d: Int, name: String = "SplitBackward0") throws -> [Tensor] {
    if dim == 0 { throw TorchError.runtime("split expects at least a 1-dimensional tensor") }
    if length < 0 { throw TorchError.runtime("split expects split_size be non-negative, but got split_size=\(length)") }
    let size = try self.size(d)
    if length == 0 && size != 0 {
      throw TorchError.runtime("split_size can only be 0 if dimension size is 0, but got dimension size of \(size)")
    }
    return try split(size == 0 ? [0] : stride(from: 0, to: size, by: length).map { Swift.min(length, size - $0) }, d, name: name)
  }

  /// At most `count` pieces along a dimension. Mirrors `torch.chunk`.
  /// - Throws: PyTorch's sentences for counts below one.
  public func chunk(_ count: Int, _ d: Int, name: String = "SplitBackward0") throws -> [Tensor] {
    if dim == 0 { throw TorchError.runtime("chunk expects at least a 1-dimensional tensor") }
    if count <= 0 { throw TorchError.runtime("chunk expects `chunks` to be greater than 0, got: \(count)") }
    let size = try self.size(d)
    if size == 0 { return try split(Array(repeating: 0, count: count), d, name: name) }
    return try split((size + count - 1) / count, d, name: name)
  }

  /// All indices of a dimension, one by one. Mirrors `torch.unbind`.
  public func unbind(_ d: Int = 0) throws -> [Tensor] {
    let n = try size(d)
    let d = try Shape.wrap(d, dim)
    var (one, t) = (sizes, strides)
    one.remove(at: d)
    t.remove(at: d)
    let (size, dtype) = (one, dtype)
    let parts = (0..<n).map { (sizes: one, strides: t, offset: storageOffset + $0 * strides[d]) }
    return jointViews("UnbindBackward0", parts) { gradients in
      try .stack(gradients.map { try $0 ?? .zeros(size, dtype: dtype) }, d)
    }
  }

  /// `sections` pieces whose sizes differ by at most one. Mirrors `torch.tensor_split`.
  func tensorSplit(sections: Int, _ d: Int) throws -> [Tensor] {
    let d = try splittable(d)
    if sections <= 0 { throw TorchError.runtime("number of sections must be larger than 0, got \(sections)") }
    let (length, longer) = (sizes[d] / sections, sizes[d] % sections)
    var start = 0
    return try (0..<sections).map { i in
      let end = start + length + (i < longer ? 1 : 0)
      defer { start = end }
      return try slice(d, start, end)
    }
  }

  /// Pieces that end where each of `indices` says. Mirrors `torch.tensor_split`.
  func tensorSplit(indices: [Int], _ d: Int) throws -> [Tensor] {
    let d = try splittable(d)
    var start = 0
    return try (indices.map { Optional($0) } + [nil]).map { end in
      defer { start = end ?? start }
      return try slice(d, start, end)
    }
  }

  private func splittable(_ d: Int) throws -> Int {
    if dim == 0 { throw TorchError.runtime("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims") }
    return try Shape.wrap(d, dim)
  }
}

/// Where `hsplit`, `vsplit` and `dsplit` cut.
private struct DirectedSplit {
  let name: String
  let least: Int
  /// The dimension that is cut in a tensor of so many dimensions.
  let dimension: (Int) -> Int

  func check(_ x: Tensor) throws {
    if x.dim < least {
      throw TorchError.runtime("torch.\(name) requires a tensor with at least \(least) dimension, but got a tensor with \(x.dim) dimensions!")
    }
  }

  func callAsFunction(_ x: Tensor, sections: Int) throws -> [Tensor] {
    try check(x)
    let d = dimension(x.dim)
    if sections == 0 || x.sizes[d] % sections != 0 {
      throw TorchError.runtime(
        "torch.\(name) attempted to split along dimension \(d), but the size of the dimension \(x.sizes[d]) is not divisible by the split_size \(sections)!")
    }
    return try x.tensorSplit(sections: sections, d)
  }

  func callAsFunction(_ x: Tensor, indices: [Int]) throws -> [Tensor] {
    try check(x)
    return try x.tensorSplit(indices: indices, dimension(x.dim))
  }
}

/// Cutting tensors into pieces that look at the same bytes.
public let splitting = OperationFamily("torch") { ops in
  ops.define("split(Tensor self, int split_size, int dim=0) -> Tensor[]", doc: "Pieces of split_size along dim; the last may be shorter. Mirrors torch.split.") { (x: Tensor, n: Int, d: Int) in try x.split(n, d) }
  for name in ["split.sizes(Tensor self, int[] split_size", "split_with_sizes(Tensor self, int[] split_sizes"] {
    ops.define("\(name), int dim=0) -> Tensor[]", doc: "Pieces of the given sizes along dim. Mirrors torch.\(name.prefix { $0 != "." && $0 != "(" }).") { (x: Tensor, n: [Int], d: Int) in try x.split(n, d) }
  }
  ops.define("chunk(Tensor self, int chunks, int dim=0) -> Tensor[]", doc: "At most chunks pieces along dim. Mirrors torch.chunk.") { (x: Tensor, n: Int, d: Int) in try x.chunk(n, d) }
  ops.define("unsafe_split(Tensor self, int split_size, int dim=0) -> Tensor[]", doc: "As split; the pieces may be changed in place. Mirrors torch.unsafe_split.") { (x: Tensor, n: Int, d: Int) in try x.split(n, d, name: "UnsafeSplitBackward0") }
  ops.define("unsafe_split_with_sizes(Tensor self, int[] split_sizes, int dim=0) -> Tensor[]", doc: "As split_with_sizes; the pieces may be changed in place. Mirrors torch.unsafe_split_with_sizes.") { (x: Tensor, n: [Int], d: Int) in try x.split(n, d, name: "UnsafeSplitWithSizesBackward0") }
  ops.define("unsafe_chunk(Tensor self, int chunks, int dim=0) -> Tensor[]", doc: "As chunk; the pieces may be changed in place. Mirrors torch.unsafe_chunk.") { (x: Tensor, n: Int, d: Int) in try x.chunk(n, d, name: "UnsafeSplitBackward0") }
  ops.define("unbind(Tensor self, int dim=0) -> Tensor[]", doc: "All indices of a dimension, one by one. Mirrors torch.unbind.") { (x: Tensor, d: Int) in try x.unbind(d) }
  ops.define("tensor_split(Tensor self, int sections, int dim=0) -> Tensor[]", doc: "So many pieces of nearly one size. Mirrors torch.tensor_split.") { (x: Tensor, n: Int, d: Int) in try x.tensorSplit(sections: n, d) }
  ops.define("tensor_split.indices(Tensor self, int[] indices, int dim=0) -> Tensor[]", doc: "Pieces that end at the given indices. Mirrors torch.tensor_split.") { (x: Tensor, i: [Int], d: Int) in try x.tensorSplit(indices: i, d) }
  ops.define("tensor_split.tensor_indices_or_sections(Tensor self, Tensor tensor_indices_or_sections, int dim=0) -> Tensor[]", doc: "Cut as a tensor of sections or of indices says. Mirrors torch.tensor_split.") {
    (x: Tensor, cut: Tensor, d: Int) -> [Tensor] in
    if x.dim == 0 { throw TorchError.runtime("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims") }
    if cut.dtype != .int64 { throw TorchError.runtime("tensor_split expected tensor_indices_or_sections to have dtype of long, but got \(cut.dtype.capitalized)") }
    if cut.dim > 1 { throw TorchError.runtime("tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got a tensor with \(cut.dim) dims") }
    let numbers = (0..<cut.count).map { cut.scalar(at: $0).integerValue }
    return cut.dim == 0 ? try x.tensorSplit(sections: numbers[0], d) : try x.tensorSplit(indices: numbers, d)
  }
  let directed = [
    DirectedSplit(name: "hsplit", least: 1) { $0 == 1 ? 0 : 1 }, DirectedSplit(name: "vsplit", least: 2) { _ in 0 },
    DirectedSplit(name: "dsplit", least: 3) { _ in 2 },
  ]
  for split in directed {
    ops.define("\(split.name)(Tensor self, int sections) -> Tensor[]", doc: "So many pieces of one size. Mirrors torch.\(split.name).") { (x: Tensor, n: Int) in try split(x, sections: n) }
    ops.define("\(split.name).array(Tensor self, int[] indices) -> Tensor[]", doc: "Pieces that end at the given indices. Mirrors torch.\(split.name).") { (x: Tensor, i: [Int]) in try split(x, indices: i) }
  }
}
