import Interface
import Kernels
import TensorCore

extension Tensor {
  /// `value` (a tensor without dimensions) where the mask holds. Mirrors `torch.masked_fill`.
  public func maskedFill(_ mask: Tensor, _ value: Tensor) throws -> Tensor {
    if value.dim > 0 {
      throw TorchError.runtime("masked_fill_ only supports a 0-dimensional value tensor, but got tensor with \(value.dim) dimension(s).")
    }
    if mask.dtype != .bool { throw TorchError.runtime("masked_fill_ only supports boolean masks, but got mask with dtype \(mask.dtype.nativeName)") }
    if value.dtype.isComplex && !dtype.isComplex { try value.scalar(at: 0).checkFits(dtype) }
    let number = value.isWrappedNumber || !value.requiresGrad
    let wide = try Shape.broadcast(sizes, mask.sizes)
    let y = try Tensor(uninitialized: wide, dtype: dtype)
    let filling = try value.detached().converted(to: dtype)
    withExtendedLifetime(filling) {
      Selection.choose(
        mask.operand(broadcastTo: wide), filling.operand(broadcastTo: wide), operand(broadcastTo: wide), into: y.operand, sizes: wide)
    }
    if Tensor.records(self, value) {
      let (mask, own) = (SavedTensor(mask), sizes)
      y.record(number ? "MaskedFillBackward0" : "MaskedFillBackward1", [self, value]) { node, g in
        let mask = try mask.unpack()
        return [
          node.needs(0) ? try g.maskedFill(mask, .number(0)).summed(to: own) : nil,
          node.needs(1) ? try Tensor.where(mask, g, .number(0.0)).sum() : nil,
        ]
      }
    }
    return y
  }

  /// The places where a mask holds, as offsets into a dense tensor of its sizes.
  private func hits() throws -> [Int] {
    let flat = try dense(.bool)
    let p = flat.elements(UInt8.self)
    return withExtendedLifetime(flat) { (0..<count).filter { p[$0] != 0 } }
  }

  /// The elements where the mask holds, in one dimension. Mirrors `torch.masked_select`.
  func maskedSelect(_ mask: Tensor) throws -> Tensor {
    if mask.dtype != .bool { throw TorchError.runtime("masked_select: expected BoolTensor for mask") }
    let wide = try Shape.broadcast(sizes, mask.sizes)
    let (x, m) = (try expand(Array(wide)), try mask.expand(Array(wide)))
    let hits = try m.hits()
    let y = try x.detached().dense().taken(hits, [hits.count])
    if Tensor.records(self) {
      let (own, mask) = (sizes, SavedTensor(mask))
      y.record("MaskedSelectBackward0", [self]) { _, g in
        [try Tensor.zeros(wide, dtype: g.dtype).maskedScatter(mask.unpack(), g).summed(to: own)]
      }
    }
    return y
  }

  /// The elements of `source` in order where the mask holds. Mirrors `torch.masked_scatter`.
  func maskedScatter(_ mask: Tensor, _ source: Tensor) throws -> Tensor {
    if dtype != source.dtype {
      throw TorchError.runtime("masked_scatter: expected self and source to have same dtypes but got\(dtype.capitalized) and \(source.dtype.capitalized)")
    }
    if mask.dtype != .bool { throw TorchError.runtime("masked_scatter_ only supports boolean masks, but got mask with dtype \(mask.dtype.capitalized)") }
    let wide = try Shape.broadcast(sizes, mask.sizes)
    let hits = try mask.expand(Array(wide)).hits()
    if source.count < hits.count { throw TorchError.runtime("Number of elements of source < number of ones in mask") }
    let y = try expand(Array(wide)).denseCopy()
    try GradMode.with(false) { try y.place(source.reshape([-1]), hits) }
    if Tensor.records(self, source) {
      let (mask, own, given) = (SavedTensor(mask), sizes, source.sizes)
      y.record("MaskedScatterBackward0", [self, source]) { node, g in
        let mask = try mask.unpack()
        var part: Tensor?
        if node.needs(1) {
          let picked = try g.maskedSelect(mask.expand(Array(g.sizes)))
          let rest = try Tensor.zeros([given.product - picked.count], dtype: g.dtype)
          part = try Tensor.cat([picked, rest], 0).reshape(Array(given))
        }
        return [node.needs(0) ? try g.maskedFill(mask, .number(0)).summed(to: own) : nil, part]
      }
    }
    return y
  }

  /// Indices into all elements in row-major order, counted from either end.
  private func flatPlaces(_ name: String, _ index: Tensor) throws -> [Int] {
    if index.dtype != .int64 { throw TorchError.runtime("\(name)(): Expected a long tensor for index, but got \(index.dtype.capitalized)") }
    let wide = try index.dense()
    let p = wide.elements(Int.self)
    return try withExtendedLifetime(wide) {
      try (0..<wide.count).map { i in
        if p[i] < -count || p[i] >= count { throw TorchError.index("out of range: tried to access index \(p[i]) on a tensor of \(count) elements.") }
        return p[i] < 0 ? p[i] + count : p[i]
      }
    }
  }

  /// Elements at indices into all of them. Mirrors `torch.take`.
  func take(_ index: Tensor) throws -> Tensor {
    if index.dtype != .int64 { throw TorchError.runtime("take(): Expected a long tensor for index, but got \(index.dtype.capitalized)") }
    if count == 0 && index.count > 0 { throw TorchError.index("take(): tried to take from an empty tensor") }
    let y = try detached().dense().taken(flatPlaces("take", index), index.sizes)
    if Tensor.records(self) {
      let (own, index) = (sizes, SavedTensor(index))
      y.record("TakeBackward0", [self]) { _, g in [try Tensor.zeros(own, dtype: g.dtype).put(index.unpack(), g, accumulate: true)] }
    }
    return y
  }

  /// A copy with `source` at indices into all elements. Mirrors `torch.put`.
  func put(_ index: Tensor, _ source: Tensor, accumulate: Bool) throws -> Tensor {
    if index.dtype != .int64 { throw TorchError.runtime("put_(): Expected a long tensor for index, but got \(index.dtype.capitalized)") }
    if dtype != source.dtype {
      throw TorchError.runtime("put_(): self and source expected to have the same dtype, but got self.dtype = \(dtype.capitalized) and source.dtype = \(source.dtype.capitalized)")
    }
    if source.count != index.count {
      throw TorchError.index(
        "put_(): Expected source and index to have the same number of elements, but got source.numel() = \(source.count), index.numel() = \(index.count)")
    }
    if count == 0 && index.count > 0 { throw TorchError.index("put_(): Tried to put elements into an empty tensor") }
    let y = try denseCopy()
    try GradMode.with(false) { try y.place(source.reshape([-1]), flatPlaces("put_", index), accumulate ? .add : nil) }
    if Tensor.records(self, source) {
      let (index, given) = (SavedTensor(index), source.sizes)
      y.record("PutBackward0", [self, source]) { node, g in
        let index = try index.unpack()
        let own = accumulate || !node.needs(0) ? g : try g.put(index, .zeros(given, dtype: g.dtype), accumulate: false)
        return [own, node.needs(1) ? try g.take(index).reshape(Array(given)) : nil]
      }
    }
    return y
  }
}

/// Elements picked and placed by masks and by indices into all of them.
public let maskedPlaces = OperationFamily("torch") { ops in
  ops.tensorOp("masked_fill(Tensor self, Tensor mask, Tensor value) -> Tensor", doc: "value where the mask holds. Mirrors torch.masked_fill.") {
    (x: Tensor, m: Tensor, v: TensorOrNumber) in try x.maskedFill(m, v.tensor)
  }
  ops.define("masked_select(Tensor self, Tensor mask) -> Tensor", doc: "The elements where the mask holds, in one dimension. Mirrors torch.masked_select.") {
    (x: Tensor, m: Tensor) in try x.maskedSelect(m)
  }
  ops.tensorOp("masked_scatter(Tensor self, Tensor mask, Tensor source) -> Tensor", doc: "The elements of source in order where the mask holds. Mirrors torch.masked_scatter.") {
    (x: Tensor, m: Tensor, s: Tensor) in try x.maskedScatter(m, s)
  }
  ops.define("take(Tensor self, Tensor index) -> Tensor", doc: "Elements at indices into all of them. Mirrors torch.take.") { (x: Tensor, i: Tensor) in try x.take(i) }
  ops.tensorOp("put(Tensor self, Tensor index, Tensor source, bool accumulate=False) -> Tensor", doc: "A copy with source at (or added at) indices into all elements. Mirrors torch.put.") {
    (x: Tensor, i: Tensor, s: Tensor, a: Bool) in try x.put(i, s, accumulate: a)
  }
}
