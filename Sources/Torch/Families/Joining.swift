import Interface
import Kernels
import TensorCore

extension Tensor {
  /// Dense tensors of one type one behind the other, where nothing is recorded; nil for others.
  private static func joinedDense(_ all: [Tensor], _ d: Int) throws -> Tensor? {
    guard let first = all.first, first.dim > 0, d == 0 || d == -first.dim, !first.dtype.isQuantized else { return nil }
    let n = first.dim
    var length = 0
    for t in all {
      guard t.dtype == first.dtype, t.dim == n, t.isContiguous, !records(t) else { return nil }
      for k in 1..<Swift.max(n, 1) where t.sizes[k] != first.sizes[k] { return nil }
      length += t.sizes[0]
    }
    var sizes = first.sizes
    sizes[0] = length
    let result = try Tensor(uninitialized: sizes, dtype: first.dtype)
    var target = result.pointer
    for t in all {
      let count = t.count
      Cast.dense(t.pointer, t.dtype, to: target, t.dtype, count: count)
      target += count * t.dtype.itemSize
    }
    return result
  }

  /// Tensors joined along a dimension. Mirrors `torch.cat`.
  public static func cat(_ all: [Tensor], _ d: Int) throws -> Tensor {
    if let y = try joinedDense(all, d) { return y }
    guard let model = all.first(where: { $0.dim != 1 || $0.count != 0 }) ?? all.first else {
      throw TorchError.value("torch.cat(): expected a non-empty list of Tensors")
    }
    if all.contains(where: { $0.dim == 0 }) {
      throw TorchError.runtime("zero-dimensional tensor (at position \(all.firstIndex { $0.dim == 0 } ?? 0)) cannot be concatenated")
    }
    let d = try Shape.wrap(d, model.dim)
    var sizes = model.sizes
    sizes[d] = 0
    // PyTorch lets empty vectors pass in any company.
    let parts = model.dim == 1 ? all : all.filter { !($0.dim == 1 && $0.count == 0) }
    for (i, t) in parts.enumerated() {
      if t.dim != model.dim {
        throw TorchError.runtime("Tensors must have same number of dimensions: got \(model.dim) and \(t.dim)")
      }
      for k in 0..<t.dim where k != d && t.sizes[k] != model.sizes[k] {
        throw TorchError.runtime(
          "Sizes of tensors must match except in dimension \(d). Expected size \(model.sizes[k]) but got size \(t.sizes[k]) for tensor number \(i) in the list.")
      }
      sizes[d] += t.sizes[d]
    }
    let result = try Tensor(uninitialized: sizes, dtype: ResultType.of(all))
    var start = 0
    for t in parts {
      let at = result.pointer + start * result.strides[d] * result.dtype.itemSize
      if d == 0 && t.isContiguous {
        Cast.dense(t.pointer, t.dtype, to: at, result.dtype, count: t.count)
      } else {
        Cast.copy(t.operand, to: Operand(at, result.dtype, result.strides), sizes: t.sizes)
      }
      start += t.sizes[d]
    }
    if records(parts) {
      let lengths = parts.map { $0.sizes[d] }
      let types = parts.map(\.dtype)
      result.record("CatBackward0", parts) { _, g in try zip(g.split(lengths, d), types).map { try $0.to($1) } }
    }
    return result
  }

  /// Tensors of one size joined along a new dimension. Mirrors `torch.stack`.
  public static func stack(_ all: [Tensor], _ d: Int) throws -> Tensor {
    guard let first = all.first else { throw TorchError.runtime("stack expects a non-empty TensorList") }
    for (i, t) in all.enumerated() where t.sizes != first.sizes {
      throw TorchError.runtime(
        "stack expects each tensor to be equal size, but got \(first.sizes.text) at entry 0 and \(t.sizes.text) at entry \(i)")
    }
    let d = try Shape.wrap(d, first.dim + 1)
    let result = try GradMode.with(false) { try cat(all.map { try $0.unsqueeze(d) }, d) }
    if records(all) {
      let n = all.count
      result.record("StackBackward0", all) { _, g in try (0..<n).map { try g.select(d, $0) } }
    }
    return result
  }

  /// Copies laid side by side. Mirrors `Tensor.repeat`.
  public func tiled(_ repeats: [Int]) throws -> Tensor {
    if repeats.count < dim {
      throw TorchError.runtime(
        "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor")
    }
    if repeats.contains(where: { $0 < 0 }) {
      let lead = repeats.count - dim
      let shape = Dims(repeats.indices.map { repeats[$0] * ($0 < lead ? 1 : sizes[$0 - lead]) })
      let wrong = shape.first { $0 < 0 } ?? repeats.min() ?? 0
      throw TorchError.runtime("Trying to create tensor with negative dimension \(wrong): \(shape.text)")
    }
    let padded = try reshape(Array(repeating: 1, count: repeats.count - dim) + Array(sizes))
    var between: [Int] = []
    var wide: [Int] = []
    for (n, size) in zip(repeats, padded.sizes) {
      between += [1, size]
      wide += [n, size]
    }
    return try padded.reshape(between).expand(wide).reshape(zip(repeats, padded.sizes).map { $0 * $1 })
  }

  /// A copy with the order along some dimensions turned. Mirrors `torch.flip`.
  public func flip(_ dims: [Int]) throws -> Tensor {
    let dims = try dims.map { try Shape.wrap($0, dim) }
    for (i, d) in dims.enumerated() where dims[..<i].contains(d) {
      throw TorchError.runtime("dim \(d) appears multiple times in the list of dims")
    }
    let result = try Tensor(uninitialized: sizes, dtype: dtype)
    var target = result.operand
    for d in Set(dims) where dim > 0 && sizes[d] > 0 {
      target.pointer += (sizes[d] - 1) * target.strides[d] * dtype.itemSize
      target.strides[d] = -target.strides[d]
    }
    if count > 0 { Cast.copy(operand, to: target, sizes: sizes) }
    if Tensor.records(self) { result.record("FlipBackward0", [self]) { _, g in [try g.flip(dims)] } }
    return result
  }
}
