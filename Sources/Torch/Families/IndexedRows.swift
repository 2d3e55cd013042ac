import Interface
import Kernels
import TensorCore

extension Tensor {
  private static func line(_ index: Tensor) throws -> Tensor { index.dim == 0 ? try index.reshape([1]) : index }

  /// The named indices of a dimension. Mirrors `torch.index_select`.
  public func indexSelect(_ d: Int, _ index: Tensor) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    if index.dim > 1 { throw TorchError.index("index_select(): Index is supposed to be a vector") }
    if dim == 0 && index.count != 1 {
      throw TorchError.runtime("index_select(): Index to scalar can have only 1 value, got \(index.count) value(s)")
    }
    if index.dtype != .int64 && index.dtype != .int32 {
      throw TorchError.runtime("index_select(): Expected dtype int32 or int64 for index")
    }
    let y = try GradMode.with(false) { try rows(d, index.dense(.int64)) }
    if Tensor.records(self) {
      let (whole, index) = (sizes, SavedTensor(index))
      y.record("IndexSelectBackward0", [self]) { _, g in [try Tensor.zeros(whole, dtype: g.dtype).indexAdd(d, index.unpack(), g, alpha: .integer(1))] }
    }
    return y
  }

  private func rows(_ d: Int, _ index: Tensor) throws -> Tensor {
    let p = index.elements(Int.self)
    let n = index.count
    let size = dim == 0 ? 1 : sizes[d]
    for i in 0..<n where p[i] < 0 || p[i] >= size { throw TorchError.index("index out of range in self") }
    let x = try dense()
    let y = try Tensor(uninitialized: sizes(with: n, at: d), dtype: dtype)
    y.quantizer = quantizer
    let inner = dim == 0 ? 1 : sizes[(d + 1)...].reduce(1, *)
    let outer = dim == 0 ? 1 : sizes[..<d].reduce(1, *)
    let bytes = inner * dtype.itemSize
    if bytes > 0 && outer == 1 {
      Rows.select(x.pointer, bytes: bytes, p, count: n, y.pointer)
    } else if bytes > 0 {
      for o in 0..<outer {
        for i in 0..<n { (y.pointer + (o * n + i) * bytes).copyMemory(from: x.pointer + (o * size + p[i]) * bytes, byteCount: bytes) }
      }
    }
    return withExtendedLifetime((x, index)) { y }
  }

  /// - Throws: PyTorch's sentences for an index or source that does not fit.
  private func checkIndexed(_ name: String, _ d: Int, _ index: Tensor, _ source: Tensor) throws {
    if index.dtype != .int64 && index.dtype != .int32 {
      throw TorchError.runtime("\(name): Expected dtype int32/int64 for index but got: \(index.dtype.capitalized)")
    }
    if dtype != source.dtype {
      throw TorchError.runtime("\(name): self (\(dtype.capitalized)) and source (\(source.dtype.capitalized)) must have the same scalar type")
    }
    if index.dim > 1 {
      throw TorchError.index("\(name): Index is supposed to be a vector, but got dim: \(index.dim) with type: \(index.dtype.capitalized) and size: \(index.sizes.text)")
    }
    if source.dim == 0 && dim > 0 && index.dim > 0 { throw TorchError.index("Dimension specified as \(d) but tensor has no dimensions") }
    if dim > 0 && source.dim > 0 && (source.dim != dim || (0..<dim).contains { $0 != d && sizes[$0] != source.sizes[$0] }) {
      throw TorchError.runtime(
        "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = \(sizes.text) source.shape = \(source.sizes.text)")
    }
    let length = source.dim == 0 ? 1 : source.sizes[d]
    if index.count != length {
      throw TorchError.runtime("\(name): Number of indices (\(index.count)) should be equal to source.size(dim): (\(length)), for dim: \(d)")
    }
  }

  /// The places of a source whose rows go where `index` says.
  private func rowPlaces(_ d: Int, _ index: Tensor, _ source: Tensor, _ outside: (Int) -> TorchError) throws -> [Int] {
    try places(along: d, index.detached().laid(along: d, of: dim == 0 ? Dims() : source.dim == 0 ? sizes(with: 1, at: d) : source.sizes), outside)
  }

  private func outside(_ d: Int) -> (Int) -> TorchError {
    let size = dim == 0 ? 1 : sizes[d]
    return { .runtime("index \($0) is out of bounds for dimension \(d) with size \(size)") }
  }

  /// A copy with alpha times the rows of `source` added where `index` says. Mirrors `torch.index_add`.
  public func indexAdd(_ d: Int, _ index: Tensor, _ source: Tensor, alpha: Scalar) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    try checkIndexed("index_add_()", d, index, source)
    let y = try denseCopy()
    try GradMode.with(false) {
      let scaled = alpha == .integer(1) ? source : try source.mul(Tensor.wrapped(alpha).to(dtype))
      let places = try y.rowPlaces(d, index, source, outside(d))
      try y.place(scaled.reshape([places.count]), places, .add)
    }
    if Tensor.records(self, source) {
      let (index, given) = (SavedTensor(index), Array(source.sizes))
      y.record("IndexAddBackward0", [self, source]) { node, g in
        let part = node.needs(1) ? try g.indexSelect(d, Tensor.line(index.unpack())).reshape(given) : nil
        return [g, alpha == .integer(1) ? part : try part?.mul(.wrapped(alpha))]
      }
    }
    return y
  }

  /// A copy with the rows of `source` folded in where `index` says. Mirrors `torch.index_reduce`.
  func indexReduce(_ d: Int, _ index: Tensor, _ source: Tensor, _ name: String, includeSelf: Bool) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    guard name != "sum", let folding = PlacedFolding(rawValue: name) else {
      throw TorchError.runtime("index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got \(name).")
    }
    try checkIndexed("index_reduce_()", d, index, source)
    let wide = try Tensor.line(index).laid(along: d, of: source.dim == 0 ? Dims() : source.sizes)
    let p = try Tensor.line(index).dense(.int64)
    for i in 0..<p.count where p.elements(Int.self)[i] < 0 || p.elements(Int.self)[i] >= (dim == 0 ? 1 : sizes[d]) {
      throw TorchError.index("index out of range in self")
    }
    let y = try GradMode.with(false) { try foldedAlong(d, wide, source, folding, includeSelf) }
    if Tensor.records(self, source) {
      let (index, given) = (try Tensor.line(index), Array(source.sizes))
      let placing = Placing(
        take: { try $0.indexSelect(d, index).reshape(given) }, add: { try $0.indexAdd(d, index, $1, alpha: .integer(1)) },
        clear: { try $0.indexFill(d, index, .number(0)) }, fold: { try $0.indexReduce(d, index, $1, name, includeSelf: includeSelf) })
      record(folding, y, source, placing, includeSelf, "IndexReduceBackward0")
    }
    return y
  }

  /// A copy with the rows of `source` where `index` says. Mirrors `torch.index_copy`.
  func indexCopy(_ d: Int, _ index: Tensor, _ source: Tensor) throws -> Tensor {
    let name = "index_copy_()"
    let d = try Shape.wrap(d, dim)
    if index.dim > 1 { throw TorchError.index("\(name): Index should have dimension 1 or 0 (got \(index.dim))") }
    if source.dim == 0 && index.count != 1 {
      throw TorchError.index("\(name): When source is scalar, index should have one element (got \(index.count))")
    }
    if source.dim != dim && source.dim != 0 && dim != 0 {
      throw TorchError.index(
        "\(name): When source and destination are not scalars, their dimensionality must match. Source dimensionality (\(source.dim)), destination dimensionality (\(dim))")
    }
    if index.dtype != .int64 { throw TorchError.runtime("\(name): Expected a long tensor for index, but got \(index.dtype.capitalized)") }
    if dtype != source.dtype {
      throw TorchError.runtime("\(name): self and source expected to have the same dtype, but got (self) \(dtype.capitalized) and (source) \(source.dtype.capitalized)")
    }
    if dim > 0 && source.dim > 0 {
      let (own, other) = (Array(sizes.enumerated().filter { $0.offset != d }.map(\.element)), Array(source.sizes.enumerated().filter { $0.offset != d }.map(\.element)))
      if own != other {
        throw TorchError.runtime(
          "\(name): Source/destination tensor must have same slice shapes. Destination slice shape: \(own.map(String.init).joined(separator: " ")) at dimension \(d) and source slice shape: \(other.map(String.init).joined(separator: " ")) at dimension 0.")
      }
    }
    if index.count != (source.dim == 0 ? 1 : source.sizes[d]) {
      throw TorchError.index("\(name): Number of indices (\(index.count)) should be equal to source.size(dim) (\(source.dim == 0 ? 1 : source.sizes[d]))")
    }
    let y = try denseCopy()
    try GradMode.with(false) {
      let size = dim == 0 ? 1 : sizes[d]
      let places = try y.rowPlaces(d, index, source) { .index("\(name): index \($0) is out of bounds for dimension \(d) with size \(size)") }
      try y.place(source.dim == 0 ? source : source.reshape([places.count]), places)
    }
    if Tensor.records(self, source) {
      let (index, given) = (SavedTensor(index), Array(source.sizes))
      y.record("IndexCopyBackward0", [self, source]) { node, g in
        let index = try Tensor.line(index.unpack())
        return [node.needs(0) ? try g.indexFill(d, index, .number(0)) : nil, node.needs(1) ? try g.indexSelect(d, index).reshape(given) : nil]
      }
    }
    return y
  }

  /// A copy with one value in the rows that `index` names. Mirrors `torch.index_fill`.
  func indexFill(_ d: Int, _ index: Tensor, _ value: Tensor) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    if value.dim != 0 {
      throw TorchError.runtime("index_fill_ only supports a 0-dimensional value tensor, but got tensor with \(value.dim) dimension(s).")
    }
    if index.dtype != .int64 { throw TorchError.index("index_fill_(): Expected dtype int64 for index.") }
    if index.dim > 1 { throw TorchError.runtime("Index has to be a vector/scalar") }
    let y = try denseCopy()
    try GradMode.with(false) {
      let size = dim == 0 ? 1 : sizes[d]
      let p = try index.dense()
      let turned = try Tensor.vector((0..<p.count).map { p.elements(Int.self)[$0] }.map { i in
        if i < -size || i >= size { throw TorchError.index("index \(i) is out of bounds for dimension \(d) with size \(size)") }
        return i < 0 ? i + size : i
      })
      if dim == 0 {
        if p.count > 0 { try y.place(value, [0]) }
      } else {
        try y.place(value, y.places(along: d, turned.laid(along: d, of: sizes), outside(d)))
      }
    }
    if Tensor.records(self, value) {
      let index = SavedTensor(index)
      y.record(value.isWrappedNumber ? "IndexFillBackward0" : "IndexFillBackward1", [self, value]) { node, g in
        let index = try Tensor.line(index.unpack())
        return [node.needs(0) ? try g.indexFill(d, index, .number(0)) : nil, node.needs(1) ? try g.indexSelect(d, index.sortedUnique()).sum() : nil]
      }
    }
    return y
  }
}

/// Whole rows of a dimension picked, added, copied and filled.
public let indexedRows = OperationFamily("torch") { ops in
  ops.define("index_select(Tensor self, int dim, Tensor index) -> Tensor", doc: "The named indices of dim. Mirrors torch.index_select.") { (x: Tensor, d: Int, i: Tensor) in try x.indexSelect(d, i) }
  ops.tensorOp("index_add(Tensor self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor", doc: "A copy with alpha times source added in the rows that index names. Mirrors torch.index_add.") {
    (x: Tensor, d: Int, i: Tensor, s: Tensor, a: Scalar) in try x.indexAdd(d, i, s, alpha: a)
  }
  ops.tensorOp("index_copy(Tensor self, int dim, Tensor index, Tensor source) -> Tensor", doc: "A copy with source in the rows that index names. Mirrors torch.index_copy.") {
    (x: Tensor, d: Int, i: Tensor, s: Tensor) in try x.indexCopy(d, i, s)
  }
  ops.tensorOp("index_fill(Tensor self, int dim, Tensor index, Tensor value) -> Tensor", doc: "A copy with value in the rows that index names. Mirrors torch.index_fill.") {
    (x: Tensor, d: Int, i: Tensor, v: TensorOrNumber) in try x.indexFill(d, i, v.tensor)
  }
  ops.tensorOp("index_reduce(Tensor self, int dim, Tensor index, Tensor source, str reduce, *, bool include_self=True) -> Tensor", doc: "A copy with source folded (prod, mean, amax, amin) into the rows that index names. Mirrors torch.index_reduce.") {
    (x: Tensor, d: Int, i: Tensor, s: Tensor, r: String, own: Bool) in try x.indexReduce(d, i, s, r, includeSelf: own)
  }
}
