import Interface
import Kernels
import TensorCore

/// One place of an index expression: `t[{0, "1:3", mask}]`.
public enum IndexItem {
  case integer(Int)
  case slice(Int?, Int?, Int)
  case ellipsis
  case newAxis
  case tensor(Tensor)

  /// Reads `1:3`, `::2`, `:`, `...` or `None`.
  /// - Throws: an `IndexError` that names the text.
  public init(parsing text: String) throws {
    if text == "..." { self = .ellipsis; return }
    if text == "None" { self = .newAxis; return }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
    let numbers = parts.map { $0.isEmpty ? nil : Int($0) }
    let wrong = zip(parts, numbers).contains { !$0.isEmpty && $1 == nil }
    guard parts.count >= 2, parts.count <= 3, !wrong else {
      throw TorchError.index("'\(text)' is not an index: write an integer, 'start:end', 'start:end:step', '...' or 'None'")
    }
    let step = parts.count == 3 ? numbers[2] ?? 1 : 1
    if step <= 0 { throw TorchError.value("step must be greater than zero") }
    self = .slice(numbers[0], numbers[1], step)
  }
}

extension Tensor {
  /// Basic indexing as views; tensors among the items are collected per dimension for the gather that follows.
  func basicIndexed(_ items: [IndexItem]) throws -> (Tensor, [Tensor?]) {
    var consumed = 0
    for item in items {
      switch item {
      case .integer, .slice: consumed += 1
      case .tensor(let t): consumed += t.dtype == .bool || t.dtype == .uint8 ? Swift.max(t.dim, 0) : 1
      default: break
      }
    }
    if consumed > dim {
      if dim == 0 {
        throw TorchError.index("invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number")
      }
      throw TorchError.index("too many indices for tensor of dimension \(dim)")
    }
    var result = self
    var d = 0
    // Where the item stands among the tensor's own dimensions, for messages.
    var position = 0
    var gathers: [Tensor?] = []
    for item in items {
      switch item {
      case .integer(let i):
        if result.sizes[d] <= i || i < -result.sizes[d] {
          throw TorchError.index("index \(i) is out of bounds for dimension \(position) with size \(result.sizes[d])")
        }
        result = try result.select(d, i)
        position += 1
      case .slice(let a, let b, let step):
        if a != nil || b != nil || step != 1 { result = try result.slice(d, a, b, step) }
        d += 1
        position += 1
        gathers.append(nil)
      case .ellipsis:
        let skip = dim - consumed
        d += skip
        position += skip
        gathers += Array(repeating: nil, count: skip)
      case .newAxis:
        result = try result.unsqueeze(d)
        d += 1
        gathers.append(nil)
      case .tensor(let t):
        if t.dtype == .bool || t.dtype == .uint8 {
          for k in 0..<t.dim where result.sizes[d + k] != t.sizes[k] {
            throw TorchError.index(
              "The shape of the mask \(t.sizes.text) at index \(k) does not match the shape of the indexed tensor \(result.sizes.text) at index \(d + k)")
          }
          let rows = try t.nonzero()
          for k in 0..<t.dim { gathers.append(try rows.select(1, k)) }
          d += t.dim
          position += t.dim
        } else if t.dtype.isIntegral {
          gathers.append(try t.dense(.int64))
          d += 1
          position += 1
        } else {
          throw TorchError.index("tensors used as indices must be long, int, byte or bool tensors")
        }
      }
    }
    return (result, gathers.contains { $0 != nil } ? gathers : [])
  }

  /// `t[items]`.
  public func indexed(_ items: [IndexItem]) throws -> Tensor {
    let (base, gathers) = try basicIndexed(items)
    return gathers.isEmpty ? base : try base.gathered(gathers)
  }

  /// `t[items] = value`.
  public func assign(_ items: [IndexItem], _ value: Tensor) throws {
    let (base, gathers) = try basicIndexed(items)
    if gathers.isEmpty { _ = try base.copyElements(from: value) } else { try base.scatter(gathers, value, accumulate: false) }
    if base !== self && !gathers.isEmpty && base.requiresGrad { _ = base }
  }

  /// How rows of index tensors address elements: sizes of the result and the flat offsets of each indexed row.
  struct Gather {
    let order: [Int]
    let indexed: Int
    let rowSizes: Dims
    let offsets: [Int]
    let front: Bool
  }

  private func plan(_ gathers: [Tensor?]) throws -> Gather {
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
    let n = rows.product
    var offsets = Array(repeating: 0, count: n)
    for d in dims {
      guard let t = gathers[d] else { continue }
      let wide = try t.expand(Array(rows)).dense()
      let p = wide.elements(Int.self)
      let size = sizes[d]
      for i in 0..<n {
        let index = p[i]
        if index < -size || index >= size {
          throw TorchError.index("index \(index) is out of bounds for dimension \(d) with size \(size)")
        }
        offsets[i] += (index < 0 ? index + size : index) * strides[d]
      }
    }
    // Index tensors side by side keep their place; apart, the result's indexed dimensions go to the front.
    let adjacent = zip(dims, dims.dropFirst()).allSatisfy { $1 == $0 + 1 }
    let rest = (0..<dim).filter { !dims.contains($0) }
    return Gather(order: rest, indexed: adjacent ? dims.first ?? 0 : 0, rowSizes: rows, offsets: offsets, front: !adjacent)
  }

  private func gathered(_ gathers: [Tensor?]) throws -> Tensor {
    let plan = try plan(gathers)
    let restSizes = Dims(plan.order.map { sizes[$0] })
    let restStrides = Dims(plan.order.map { strides[$0] })
    let rest = restSizes.product
    let y = try Tensor(uninitialized: Dims([plan.offsets.count] + Array(restSizes)), dtype: dtype)
    y.quantizer = quantizer
    for (row, offset) in plan.offsets.enumerated() where rest > 0 {
      Cast.copy(
        Operand(pointer + offset * dtype.itemSize, dtype, restStrides),
        to: Operand(y.pointer + row * rest * dtype.itemSize, dtype, Shape.contiguousStrides(restSizes)), sizes: restSizes)
    }
    if Tensor.records(self) {
      let whole = sizes
      y.record("IndexBackward0", [self]) { _, g in
        let result = try Tensor.zeros(whole, dtype: g.dtype)
        try GradMode.with(false) {
          try result.addRows(gathers, g)
        }
        if Tensor.records(g) {
          result.record("IndexPutBackward0", [g]) { _, gg in [try gg.gathered(gathers).reshape(Array(g.sizes))] }
        }
        return [result]
      }
    }
    return try y.arranged(plan, restSizes)
  }

  /// Turns (rows, rest…) into the order indexing gives.
  private func arranged(_ plan: Gather, _ rest: Dims) throws -> Tensor {
    let shaped = try reshape(Array(plan.rowSizes) + Array(rest))
    let before = plan.front ? 0 : plan.order.filter { $0 < plan.indexed }.count
    if before == 0 { return shaped }
    let r = plan.rowSizes.count
    return try shaped.permute(Array(r..<(r + before)) + Array(0..<r) + Array((r + before)..<(r + rest.count)))
  }

  /// A value in the order indexing gives, as (rows, rest…).
  private func unarranged(_ plan: Gather, _ rest: Dims) throws -> Tensor {
    let before = plan.front ? 0 : plan.order.filter { $0 < plan.indexed }.count
    let r = plan.rowSizes.count
    let restSizes = Array(rest)
    let shape = Array(restSizes[..<before]) + Array(plan.rowSizes) + Array(restSizes[before...])
    let wide = try expand(shape)
    let turned = before == 0 ? wide : try wide.permute(Array(before..<(before + r)) + Array(0..<before) + Array((before + r)..<shape.count))
    return try turned.reshape([plan.offsets.count] + restSizes)
  }

  private func addRows(_ gathers: [Tensor?], _ value: Tensor) throws {
    let plan = try plan(gathers)
    let restSizes = Dims(plan.order.map { sizes[$0] })
    let restStrides = Dims(plan.order.map { strides[$0] })
    let rows = value.dim == restSizes.count + 1 && value.sizes.first == plan.offsets.count ? value : try value.unarranged(plan, restSizes)
    for (row, offset) in plan.offsets.enumerated() {
      let target = alias(restSizes, restStrides, storageOffset + offset)
      let sum = try target.add(rows.select(0, row))
      withExtendedLifetime(sum) { Cast.copy(sum.operand, to: target.operand, sizes: restSizes) }
    }
  }

  /// Writes values at indexed rows, or adds them. Mirrors `Tensor.index_put_`.
  func scatter(_ gathers: [Tensor?], _ value: Tensor, accumulate: Bool) throws {
    try refuseInPlace(with: value)
    let value = value.isWrappedNumber ? try value.converted(to: dtype) : value
    if value.dtype != dtype {
      throw TorchError.runtime(
        "Index put requires the source and destination dtypes match, got \(dtype.capitalized) for the destination and \(value.dtype.capitalized) for the source.")
    }
    let plan = try plan(gathers)
    let restSizes = Dims(plan.order.map { sizes[$0] })
    let restStrides = Dims(plan.order.map { strides[$0] })
    let rows = try GradMode.with(false) { try value.unarranged(plan, restSizes) }
    let updated = Tensor.records(self, value) ? try denseCopy() : nil
    for (row, offset) in plan.offsets.enumerated() {
      let target = alias(restSizes, restStrides, storageOffset + offset)
      let source = try GradMode.with(false) { try rows.select(0, row) }
      let put = accumulate ? try GradMode.with(false) { try target.add(source) } : source
      withExtendedLifetime(put) { Cast.copy(put.operand, to: target.operand, sizes: restSizes) }
    }
    bumpVersion()
    if let updated {
      Cast.copy(operand, to: updated.operand, sizes: sizes)
      let sizes = value.sizes
      updated.record("IndexPutBackward0", [self, value]) { node, g in
        var own: Tensor?
        if node.needs(0) {
          own = try g.clone()
          if !accumulate { try GradMode.with(false) { try own?.scatter(gathers, .zeros(Dims(), dtype: g.dtype), accumulate: false) } }
        }
        return [own, node.needs(1) ? try g.gathered(gathers).summed(to: sizes) : nil]
      }
      rebase(onto: updated)
    }
  }

  /// Elements picked along one dimension by an index tensor of the result's sizes. Mirrors `torch.gather`.
  public func gatherAlong(_ d: Int, _ index: Tensor) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    if index.dtype != .int64 { throw TorchError.runtime("gather(): Expected dtype int32/int64 for index") }
    if index.dim != Swift.max(dim, 1) && dim != 0 {
      throw TorchError.runtime("Index tensor must have the same number of dimensions as input tensor")
    }
    let wide = try index.dense()
    let y = try Tensor(uninitialized: index.sizes, dtype: dtype)
    let source = try (0..<index.count).map { flat -> Int in
      var rest = flat
      var offset = 0
      for k in stride(from: index.dim - 1, through: 0, by: -1) {
        let i = rest % index.sizes[k]
        rest /= index.sizes[k]
        if k != d { offset += i * strides[k] }
      }
      let i = wide.elements(Int.self)[flat]
      let size = dim == 0 ? 1 : sizes[d]
      if i < 0 || i >= size { throw TorchError.runtime("index \(i) is out of bounds for dimension \(d) with size \(size)") }
      return offset + (dim == 0 ? 0 : i * strides[d])
    }
    let bytes = dtype.itemSize
    for (flat, offset) in source.enumerated() { (y.pointer + flat * bytes).copyMemory(from: pointer + offset * bytes, byteCount: bytes) }
    if Tensor.records(self) {
      let whole = sizes
      y.record("GatherBackward0", [self]) { _, g in
        let result = try Tensor.zeros(whole, dtype: .float64)
        let wideGradient = try g.denseCopy(.float64)
        let steps = Shape.contiguousStrides(whole)
        for flat in 0..<wide.count {
          var rest = flat
          var offset = 0
          for k in stride(from: wide.dim - 1, through: 0, by: -1) {
            let i = rest % wide.sizes[k]
            rest /= wide.sizes[k]
            if k != d { offset += i * steps[k] }
          }
          if whole.count > 0 { offset += wide.elements(Int.self)[flat] * steps[d] }
          result.elements(Double.self)[offset] += wideGradient.elements(Double.self)[flat]
        }
        let narrow = try result.denseCopy(g.dtype)
        if Tensor.records(g) { narrow.record("ScatterAddBackward0", [g]) { _, gg in [try gg.gatherAlong(d, wide)] } }
        return [narrow]
      }
    }
    return y
  }
}

/// Picking and placing elements.
public let indexing = OperationFamily("torch") { ops in
  ops.define("index_select(Tensor self, int dim, Tensor index) -> Tensor", doc: "The named indices of a dimension. Mirrors torch.index_select.") {
    (x: Tensor, d: Int, i: Tensor) -> Tensor in
    let d = try Shape.wrap(d, x.dim)
    return try x.indexed(Array(repeating: .slice(nil, nil, 1), count: d) + [.tensor(i.dim == 0 ? i.reshape([1]) : i)])
  }
  ops.define("masked_select(Tensor self, Tensor mask) -> Tensor", doc: "The elements where the mask holds, in one dimension. Mirrors torch.masked_select.") {
    (x: Tensor, m: Tensor) -> Tensor in
    let sizes = try Shape.broadcast(x.sizes, m.sizes)
    return try x.expand(Array(sizes)).indexed([.tensor(m.expand(Array(sizes)))])
  }
  ops.tensorOp("masked_fill(Tensor self, Tensor mask, Tensor value) -> Tensor", doc: "value where the mask holds. Mirrors torch.masked_fill.") {
    (x: Tensor, m: Tensor, v: TensorOrNumber) in try Tensor.where(m, v.tensor.converted(to: x.dtype), x)
  }
  ops.define("gather(Tensor self, int dim, Tensor index) -> Tensor", doc: "Elements picked along a dimension. Mirrors torch.gather.") { (x: Tensor, d: Int, i: Tensor) in try x.gatherAlong(d, i) }
  ops.define("copy_(Tensor self, Tensor src) -> Tensor", doc: "Copies elements into self. Mirrors Tensor.copy_.", variants: [.method]) { (x: Tensor, y: TensorOrNumber) in try x.copyElements(from: y.tensor) }
}
