import CKernels
import Interface
import Kernels
import TensorCore

/// How index tensors address elements: the sizes they give together and the offset of each row.
private struct Gather {
  let rest: [Int]
  let rowSizes: Dims
  let offsets: [Int]
  /// How many of the dimensions that are not indexed come before the rows.
  let before: Int

  // Index tensors side by side keep their place; apart, the result's indexed dimensions go to the front.
  init(_ x: Tensor, _ gathers: [Tensor?]) throws {
    let dims = gathers.indices.filter { gathers[$0] != nil }
    var rows = Dims()
    for d in dims {
      guard let t = gathers[d] else { continue }
      do { rows = try Shape.broadcast(rows, t.sizes) } catch {
        throw TorchError.index(
          "shape mismatch: indexing tensors could not be broadcast together with shapes "
            + dims.compactMap { gathers[$0]?.sizes.text }.joined(separator: ", "))
      }
    }
    var offsets = Array(repeating: 0, count: rows.product)
    for d in dims {
      guard let t = gathers[d] else { continue }
      let wide = try t.detached().expand(Array(rows)).dense(.int64)
      let p = wide.elements(Int.self)
      let (size, step) = (x.sizes[d], x.strides[d])
      for i in offsets.indices {
        let index = p[i]
        if index < -size || index >= size {
          throw TorchError.index("index \(index) is out of bounds for dimension \(d) with size \(size)")
        }
        offsets[i] += (index < 0 ? index + size : index) * step
      }
      withExtendedLifetime(wide) {}
    }
    let adjacent = zip(dims, dims.dropFirst()).allSatisfy { $1 == $0 + 1 }
    rest = (0..<x.dim).filter { !dims.contains($0) }
    before = adjacent ? rest.filter { $0 < dims.first ?? 0 }.count : 0
    rowSizes = rows
    self.offsets = offsets
  }

  func restSizes(_ x: Tensor) -> Dims { Dims(rest.map { x.sizes[$0] }) }

  /// The sizes indexing gives.
  func sizes(_ x: Tensor) -> [Int] {
    let all = Array(restSizes(x))
    return Array(all[..<before]) + Array(rowSizes) + Array(all[before...])
  }

  /// The place of every element, row by row.
  func places(_ x: Tensor) -> [Int] {
    let within = Shape.offsets(restSizes(x), Dims(rest.map { x.strides[$0] }))
    if within == [0] { return offsets }
    return offsets.flatMap { row in within.map { row + $0 } }
  }

  /// Turns (rows…, rest…) into the order indexing gives.
  func arranged(_ y: Tensor) throws -> Tensor {
    if before == 0 { return y }
    let r = rowSizes.count
    return try y.permute(Array(r..<(r + before)) + Array(0..<r) + Array((r + before)..<y.dim))
  }

  /// Turns a value in the order indexing gives into (rows…, rest…).
  func unarranged(_ y: Tensor) throws -> Tensor {
    if before == 0 { return y }
    let r = rowSizes.count
    return try y.permute(Array(before..<(before + r)) + Array(0..<before) + Array((before + r)..<y.dim))
  }
}

extension Tensor {
  /// The index tensors of `index_put`, masks turned into indices; nil where a dimension is whole.
  func indexTensors(_ values: [Value]) throws -> [Tensor?] {
    var all: [Tensor?] = []
    for value in values {
      guard case .object(let object) = value, let t = object as? Tensor else {
        if case .none = value { all.append(nil); continue }
        throw TorchError.type("index_put(): argument 'indices' must be tuple of Tensors, not \(value.pythonTypeName)")
      }
      switch t.dtype {
      case .int64, .int32: all.append(t)
      case .bool, .uint8:
        for k in 0..<t.dim where all.count + k < dim && sizes[all.count + k] != t.sizes[k] {
          throw TorchError.index(
            "The shape of the mask \(t.sizes.text) at index \(k) does not match the shape of the indexed tensor \(sizes.text) at index \(all.count + k)")
        }
        let rows = try t.nonzero()
        for k in 0..<t.dim { all.append(try rows.select(1, k)) }
      default: throw TorchError.index("tensors used as indices must be long, int, byte or bool tensors")
      }
    }
    if all.count > dim { throw TorchError.index("too many indices for tensor of dimension \(dim) (got \(all.count))") }
    return all
  }

  /// The indices held inside the dimensions.
  func clamped(_ gathers: [Tensor?]) throws -> [Tensor?] {
    try gathers.enumerated().map { d, t in try t?.clamp(.integer(-sizes[d]), .integer(sizes[d] - 1)) }
  }

  /// The sizes that indexing an empty tensor would give.
  func zeroRows(_ gathers: [Tensor?]) throws -> Dims {
    let one = try Tensor.zeros([], dtype: dtype).expand(Array(repeating: 1, count: dim))
    let whole = try gathers.map { try $0.map { try Tensor.zeros($0.sizes, dtype: .int64) } }
    let plan = try Gather(one, whole)
    let sized = Dims(plan.rest.map { sizes[$0] })
    return Dims(Array(sized[..<plan.before]) + Array(plan.rowSizes) + Array(sized[plan.before...]))
  }

  /// The elements that index tensors name, nil standing for all of a dimension. Mirrors `torch.ops.aten.index`.
  func gathered(_ gathers: [Tensor?]) throws -> Tensor {
    let plan = try Gather(self, gathers)
    let rest = plan.restSizes(self)
    let shape = Dims(Array(plan.rowSizes) + Array(rest))
    let y: Tensor
    let steps = Dims(plan.rest.map { strides[$0] })
    if rest.product > 1 && Shape.isContiguous(rest, steps) {
      y = try Tensor(uninitialized: shape, dtype: dtype)
      let (size, bytes) = (dtype.itemSize, rest.product * dtype.itemSize)
      for (row, offset) in plan.offsets.enumerated() { (y.pointer + row * bytes).copyMemory(from: pointer + offset * size, byteCount: bytes) }
    } else {
      y = try taken(plan.places(self), shape)
    }
    y.quantizer = quantizer
    let result = try plan.arranged(y)
    if Tensor.records(self) {
      let whole = sizes
      result.record("IndexBackward0", [self]) { _, g in [try Tensor.zeros(whole, dtype: g.dtype).indexPut(gathers, g, accumulate: true)] }
    }
    return result
  }

  /// A value as it goes to the places of a plan, in their order.
  private func placed(_ plan: Gather, in x: Tensor) throws -> Tensor {
    let target = plan.sizes(x)
    if (try? Shape.broadcast(sizes, Dims(target))) != Dims(target) {
      throw TorchError.runtime("shape mismatch: value tensor of shape \(sizes.text) cannot be broadcast to indexing result of shape \(Dims(target).text)")
    }
    if dim == 0 { return self }
    let turned = try plan.unarranged(expand(target))
    return try turned.reshape([turned.count])
  }

  /// Writes a value to the places of a plan, or adds it: rows whose elements are neighbours at once.
  private func put(_ value: Tensor, _ plan: Gather, accumulate: Bool) throws {
    let source = try value.placed(plan, in: self)
    let rest = plan.restSizes(self)
    let (length, size) = (rest.product, dtype.itemSize)
    let add = accumulate ? dtype.loopType.flatMap { qk_binary(QK_ADD, $0, QK_BOTH) } : nil
    guard length > 1, Shape.isContiguous(rest, Dims(plan.rest.map { strides[$0] })), !accumulate || add != nil else {
      return try place(source, plan.places(self), accumulate ? .add : nil)
    }
    let step = source.dim == 0 ? 0 : length * size
    let rows = try step == 0 ? source.expand([length]).dense(dtype) : source.dense(dtype)
    withExtendedLifetime(rows) {
      for (i, offset) in plan.offsets.enumerated() {
        let (row, target) = (rows.pointer + i * step, pointer + offset * size)
        if let add { add(length, target, row, target) } else { target.copyMemory(from: row, byteCount: length * size) }
      }
    }
  }

  private func checkPut(_ value: Tensor) throws -> Tensor {
    let value = value.isWrappedNumber ? try value.converted(to: dtype) : value
    if value.dtype != dtype {
      throw TorchError.runtime(
        "Index put requires the source and destination dtypes match, got \(dtype.capitalized) for the destination and \(value.dtype.capitalized) for the source.")
    }
    return value
  }

  /// A copy with values written, or added, at indexed places. Mirrors `torch.index_put`.
  func indexPut(_ gathers: [Tensor?], _ value: Tensor, accumulate: Bool) throws -> Tensor {
    let value = try checkPut(value)
    let y = try denseCopy()
    let plan = try Gather(y, gathers)
    try GradMode.with(false) { try y.put(value, plan, accumulate: accumulate) }
    if Tensor.records(self, value) {
      let given = value.sizes
      y.record("IndexPutBackward0", [self, value]) { node, g in
        var own: Tensor?
        if node.needs(0) { own = accumulate ? g : try g.indexPut(gathers, .zeros(Dims(), dtype: g.dtype), accumulate: false) }
        return [own, node.needs(1) ? try g.gathered(gathers).summed(to: given) : nil]
      }
    }
    return y
  }

  /// Writes values at indexed places, or adds them. Mirrors `Tensor.index_put_`.
  func putRows(_ gathers: [Tensor?], _ value: Tensor, accumulate: Bool) throws {
    try refuseInPlace(with: value)
    if Tensor.records(self, value) {
      try become(indexPut(gathers, value, accumulate: accumulate))
      return
    }
    let value = try checkPut(value)
    let plan = try Gather(self, gathers)
    try GradMode.with(false) {
      let source = try value.storage === storage ? value.denseCopy() : value
      try put(source, plan, accumulate: accumulate)
    }
    bumpVersion()
  }
}
