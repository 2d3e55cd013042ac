import Interface
import Kernels
import TensorCore

extension Tensor {
  /// - Throws: PyTorch's sentence where a dimension that must have elements has none.
  func refuseEmpty(_ name: String, _ d: Int) throws {
    if dim > 0 && sizes[d] == 0 { throw TorchError.index("\(name)(): Expected reduction dim \(d) to have non-zero size.") }
  }

  /// The elements that `index` (of the result's sizes, ones kept) names along a dimension, and the index, without that dimension unless kept.
  /// Gradients go back to the named elements alone.
  func selected(_ name: String, _ d: Int, _ index: Tensor, keepdim: Bool = true) throws -> (Tensor, Tensor) {
    let picked = try GradMode.with(false) { dim == 0 ? try denseCopy() : try gatherAlong(d, index) }
    let drops = !keepdim && dim > 0
    let (values, shown) = try GradMode.with(false) { drops ? (try picked.squeeze([d]), try index.squeeze([d])) : (picked, index) }
    if Tensor.records(self) {
      let (whole, index) = (sizes, SavedTensor(index))
      values.record(name, [self]) { _, g in
        [try Tensor.zeros(whole, dtype: g.dtype).scatterAdd(d, index.unpack(), drops ? g.unsqueeze(d) : g)]
      }
    }
    return (values, shown)
  }

  /// `n` indices per line, which `choose` finds among the line's ranked elements.
  private func ranksPerLine(
    _ d: Int, count n: Int = 1, descending: Bool = false, _ choose: (_ ranked: UnsafeMutablePointer<Ranked>, _ put: (Int, Int) -> Void) -> Void
  ) throws -> Tensor {
    let x = try wideDense()
    let result = try Tensor(uninitialized: sizes(with: n, at: d), dtype: .int64)
    let (targets, out) = (Lines(result.sizes, along: d), result.elements(Int.self))
    Ranking.forEachLine(x.pointer, x.dtype, Lines(sizes, along: d), descending: descending) { line, ranked in
      let start = targets.start(line)
      choose(ranked) { rank, place in out[start + rank * targets.step] = place }
    }
    return withExtendedLifetime(x) { result }
  }

  /// As `ranksPerLine`, among each line's keys in ascending order and their places, equal ones as they stood.
  private func orderedPerLine(
    _ d: Int, count n: Int, descending: Bool = false,
    _ choose: (_ keys: UnsafeMutablePointer<UInt64>, _ order: UnsafeMutablePointer<Int>, _ put: (Int, Int) -> Void) -> Void
  ) throws -> Tensor {
    let x = try wideDense()
    let result = try Tensor(uninitialized: sizes(with: n, at: d), dtype: .int64)
    let (targets, out) = (Lines(result.sizes, along: d), result.elements(Int.self))
    Ordering.forEachLine(x.pointer, x.dtype, Lines(sizes, along: d), descending: descending) { line, keys, order in
      let start = targets.start(line)
      choose(keys, order) { rank, place in out[start + rank * targets.step] = place }
    }
    return withExtendedLifetime(x) { result }
  }

  /// The order of elements along a dimension; NaN is the greatest. Mirrors `torch.argsort`.
  public func argsort(_ d: Int, descending: Bool = false, stable: Bool = false) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    let n = dim == 0 ? 1 : sizes[d]
    if let (_, places) = try sortedDense(d, descending, stable: stable) { return places }
    // Long vectors of integers PyTorch orders by their digits, which is stable.
    let byDigits = dim == 1 && n >= 32768 && dtype.isIntegral
    if !stable && n > 16 && !byDigits {
      return try ranksPerLine(d, count: n, descending: descending) { ranked, put in
        Ranking(ranked).sort(count: n)
        for i in 0..<n { put(i, ranked[i].place) }
      }
    }
    return try orderedPerLine(d, count: n, descending: descending) { _, order, put in
      for i in 0..<n { put(i, order[i]) }
    }
  }

  /// Elements in order along a dimension, and where they stood. Mirrors `torch.sort`.
  public func sort(_ d: Int, descending: Bool = false, stable: Bool = false) throws -> (Tensor, Tensor) {
    let d = try Shape.wrap(d, dim)
    if let (values, places) = try sortedDense(d, descending, stable: stable) { return recorded("SortBackward0", d, values, places) }
    return try selected("SortBackward0", d, argsort(d, descending: descending, stable: stable))
  }

  /// The k greatest or least elements along a dimension. Mirrors `torch.topk`.
  public func topk(_ k: Int, _ d: Int, largest: Bool, sorted: Bool = true) throws -> (Tensor, Tensor) {
    let d = try Shape.wrap(d, dim)
    let n = dim == 0 ? 1 : sizes[d]
    if k < 0 || k > n { throw TorchError.runtime("selected index k out of range") }
    if dtype == .bool { throw TorchError.notImplemented("topk does not support bool dtypes on CPU") }
    if dim == 0 { return try selected("TopkBackward0", d, .zeros([], dtype: .int64)) }
    if let (values, places) = try topDense(k, d, largest) { return recorded("TopkBackward0", d, values, places) }
    let index = try ranksPerLine(d, count: k, descending: largest) { ranked, put in
      let ranking = Ranking(ranked)
      if k * 64 <= n {
        ranking.sort(first: k, of: n)
      } else {
        ranking.select(k - 1, count: n)
        if sorted { ranking.sort(count: k - 1) }
      }
      for i in 0..<k { put(i, ranked[i].place) }
    }
    return try selected("TopkBackward0", d, index)
  }

  /// The k-th least element along a dimension, counted from 1. Mirrors `torch.kthvalue`.
  func kthvalue(_ k: Int, _ d: Int, keepdim: Bool) throws -> (Tensor, Tensor) {
    let d = try Shape.wrap(d, dim)
    let n = dim == 0 ? 1 : sizes[d]
    try refuseEmpty("kthvalue", d)
    if k < 1 || k > n { throw TorchError.runtime("kthvalue(): selected number k out of range for dimension \(d)") }
    if dtype == .bool { throw TorchError.notImplemented("kthvalue_cpu", for: .bool) }
    let index = try ranksPerLine(d) { ranked, put in
      Ranking(ranked).quickSelect(k - 1, count: n)
      put(0, ranked[k - 1].place)
    }
    return try selected("KthvalueBackward0", d, index, keepdim: keepdim)
  }

  /// The most frequent element along a dimension, the least of several. Mirrors `torch.mode`.
  func mode(_ d: Int, keepdim: Bool) throws -> (Tensor, Tensor) {
    let d = try Shape.wrap(d, dim)
    try refuseEmpty("mode", d)
    let n = dim == 0 ? 1 : sizes[d]
    let isFloat = dtype.isFloatingPoint
    let index = try ranksPerLine(d) { ranked, put in
      Ranking(ranked).sort(count: n)
      var (best, at, run) = (0, 0, 0)
      for i in 0..<n {
        run += 1
        // NaN, the greatest key, equals nothing.
        if i + 1 == n || ranked[i].key != ranked[i + 1].key || (isFloat && ranked[i].key == .max) {
          if run > best { (best, at) = (run, ranked[i].place) }
          run = 0
        }
      }
      put(0, at)
    }
    return try selected("ModeBackward0", d, index, keepdim: keepdim)
  }

  private func refuseMedian() throws {
    if dtype == .bool { throw TorchError.notImplemented("median_cpu", for: .bool) }
  }

  /// The middle element along a dimension, the lower of two; NaN comes first, or not at all. Mirrors `torch.median` and `torch.nanmedian`.
  func median(_ d: Int, keepdim: Bool, ignoringNaN: Bool) throws -> (Tensor, Tensor) {
    let d = try Shape.wrap(d, dim)
    try refuseEmpty("median", d)
    try refuseMedian()
    let n = dim == 0 ? 1 : sizes[d]
    let isFloat = dtype.isFloatingPoint
    let index = try orderedPerLine(d, count: 1) { keys, order, put in
      let m = isFloat ? n - (0..<n).count(where: { keys[$0] == .max }) : n
      put(0, order[m < n && !ignoringNaN ? m : Swift.max(m - 1, 0) / 2])
    }
    return try selected(ignoringNaN ? "NanmedianBackward1" : "MedianBackward1", d, index, keepdim: keepdim)
  }

  /// The middle one of all elements. Mirrors `torch.median` and `torch.nanmedian`.
  func median(ignoringNaN: Bool) throws -> Tensor {
    try refuseMedian()
    if count == 0 { return try .scalar(dtype.isFloatingPoint ? .double(.nan) : .integer(.min), dtype: dtype) }
    let y = try GradMode.with(false) { try reshape([-1]).median(0, keepdim: false, ignoringNaN: ignoringNaN).0 }
    recordShared(y, ignoringNaN ? "NanmedianBackward0" : "MedianBackward0")
    return y
  }

  /// Records `y`, one value picked from all elements: those equal to it share its gradient. Mirrors `evenly_distribute_backward`.
  func recordShared(_ y: Tensor, _ name: String) {
    guard Tensor.records(self) else { return }
    let (x, value) = (SavedTensor(self), SavedTensor(result: y))
    y.record(name, [self]) { _, g in
      let (x, value) = (try x.unpack(), try value.unpack())
      let isNaN = try value.ne(value).item().integerValue != 0
      let mask = (isNaN ? try x.ne(x) : try x.eq(value)).detached()
      return [try mask.to(g.dtype).mul(g.div(mask.sum().to(g.dtype)))]
    }
  }
}

/// Elements in order and by rank.
public let sorting = OperationFamily("torch") { ops in
  func pair(_ found: (Tensor, Tensor)) -> Value { .tuple([.object(found.0), .object(found.1)]) }
  ops.define("sort(Tensor self, int dim=-1, bool descending=False, *, bool? stable=None) -> (Tensor values, Tensor indices)", doc: "The elements in order along dim and where they stood; equal ones keep their order, NaN is the greatest. Mirrors torch.sort.") {
    (x: Tensor, d: Int, down: Bool, s: Bool?) in pair(try x.sort(d, descending: down, stable: s ?? false))
  }
  ops.define("argsort(Tensor self, int dim=-1, bool descending=False, *, bool stable=False) -> Tensor", doc: "Where the elements in order along dim stand. Mirrors torch.argsort.") {
    (x: Tensor, d: Int, down: Bool, s: Bool) in try x.argsort(d, descending: down, stable: s)
  }
  ops.define("msort(Tensor self) -> Tensor", doc: "The elements in order along the first dimension. Mirrors torch.msort.") { (x: Tensor) in try x.sort(0).0 }
  ops.define("topk(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices)", doc: "The k greatest (or least) elements along dim and where they stand. Mirrors torch.topk.") {
    (x: Tensor, k: Int, d: Int, g: Bool, s: Bool) in pair(try x.topk(k, d, largest: g, sorted: s))
  }
  ops.define("kthvalue(Tensor self, int k, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)", doc: "The k-th least element along dim, counted from 1. Mirrors torch.kthvalue.") {
    (x: Tensor, k: Int, d: Int, keep: Bool) in pair(try x.kthvalue(k, d, keepdim: keep))
  }
  ops.define("mode(Tensor self, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)", doc: "The most frequent element along dim, the least of several. Mirrors torch.mode.") {
    (x: Tensor, d: Int, keep: Bool) in pair(try x.mode(d, keepdim: keep))
  }
  for (name, ignoring) in [("median", false), ("nanmedian", true)] {
    let doc = ignoring ? "The middle of the elements that are not NaN" : "The middle element, NaN where there is one"
    ops.define("\(name)(Tensor self) -> Tensor", doc: "\(doc), of all; the lower of two. Mirrors torch.\(name).") { (x: Tensor) in try x.median(ignoringNaN: ignoring) }
    ops.define("\(name).dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)", doc: "\(doc), along dim; the lower of two. Mirrors torch.\(name).") {
      (x: Tensor, d: Int, keep: Bool) in pair(try x.median(d, keepdim: keep, ignoringNaN: ignoring))
    }
  }
}
