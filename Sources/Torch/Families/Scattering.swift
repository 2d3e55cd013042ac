import Interface
import Kernels
import TensorCore

extension Tensor {
  /// - Throws: PyTorch's sentences for index and source tensors that do not fit.
  private func checkScatter(_ name: String, _ d: Int, _ index: Tensor, _ source: Tensor?) throws {
    if index.count > 0 && index.dtype != .int64 && index.dtype != .int32 { throw TorchError.runtime("\(name)(): Expected dtype int32/int64 for index") }
    if let source, source.dtype != dtype { throw TorchError.runtime("\(name)(): Expected self.dtype to be equal to src.dtype") }
    if index.count == 0 { return }
    let own = name == "gather" ? "input" : "self"
    if Swift.max(index.dim, 1) != Swift.max(dim, 1) {
      throw TorchError.runtime("Index tensor must have the same number of dimensions as \(own) tensor")
    }
    if let source, Swift.max(index.dim, 1) != Swift.max(source.dim, 1) {
      throw TorchError.runtime("Index tensor must have the same number of dimensions as src tensor")
    }
    let whole = dim == 0 ? Dims([1]) : sizes
    let named = index.dim == 0 ? Dims([1]) : index.sizes
    let given = source.map { $0.dim == 0 ? Dims([1]) : $0.sizes }
    if name == "gather" {
      for k in 0..<named.count where k != d && named[k] > whole[k] {
        throw TorchError.runtime(
          "Size does not match at dimension \(k) expected index \(index.sizes.text) to be no larger than self \(sizes.text) apart from dimension \(d)")
      }
      return
    }
    let fits = named.indices.allSatisfy { k in (k == d || named[k] <= whole[k]) && (given.map { named[k] <= $0[k] } ?? true) }
    if !fits {
      throw TorchError.runtime(
        "Expected index \(index.sizes.text) to be no larger than self \(sizes.text) apart from dimension \(d)"
          + (source.map { " and to be no larger size than src \($0.sizes.text)" } ?? ""))
    }
  }

  private func outside(_ d: Int) -> (Int) -> TorchError {
    let size = dim == 0 ? 1 : sizes[d]
    return { .runtime("index \($0) is out of bounds for dimension \(d) with size \(size)") }
  }

  /// Elements picked along one dimension by an index tensor of the result's sizes. Mirrors `torch.gather`.
  public func gatherAlong(_ d: Int, _ index: Tensor) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    try checkScatter("gather", d, index, nil)
    let y = try gatheredDense(d, index) ?? taken(places(along: d, index, outside(d)), index.sizes)
    if Tensor.records(self) {
      let (whole, index) = (sizes, SavedTensor(index))
      y.record("GatherBackward0", [self]) { _, g in [try Tensor.zeros(whole, dtype: g.dtype).scatterAdd(d, index.unpack(), g)] }
    }
    return y
  }

  /// A dense copy with elements put or combined along a dimension; outside autograd.
  private func scattered(_ d: Int, _ index: Tensor, _ source: Tensor, _ rule: Placement.Rule? = nil) throws -> Tensor {
    let y = try denseCopy()
    if index.count == 0 { return y }
    let places = try y.places(along: d, index, outside(d))
    try y.place(source.dim == 0 ? source : source.detached().window(index.sizes), places, rule)
    return y
  }

  /// The gradient for a source of which only a window was used.
  private func unwindowed(_ whole: Dims) throws -> Tensor {
    let part = sizes
    return part == whole ? self : try Tensor.embedded(self, in: whole) { try $0.window(part) }
  }

  /// A copy with `source` written where `index` says along a dimension. Mirrors `torch.scatter`.
  public func scatter(_ d: Int, _ index: Tensor, _ source: Tensor) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    let isNumber = source.isWrappedNumber
    try checkScatter("scatter", d, index, isNumber ? nil : source)
    let y = try scattered(d, index, source)
    if Tensor.records(self, source) {
      let (index, given) = (SavedTensor(index), source.sizes)
      y.record(isNumber ? "ScatterBackward1" : "ScatterBackward0", [self, source]) { node, g in
        let index = try index.unpack()
        return [
          node.needs(0) ? try g.scatter(d, index, .number(0)) : nil,
          node.needs(1) ? try g.gatherAlong(d, index).unwindowed(given) : nil,
        ]
      }
    }
    return y
  }

  /// A copy with `source` added where `index` says along a dimension. Mirrors `torch.scatter_add`.
  public func scatterAdd(_ d: Int, _ index: Tensor, _ source: Tensor) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    try checkScatter("scatter", d, index, source)
    let y = try scattered(d, index, source, .add)
    if Tensor.records(self, source) {
      let (index, given) = (SavedTensor(index), source.sizes)
      y.record("ScatterAddBackward0", [self, source]) { node, g in
        [g, node.needs(1) ? try g.gatherAlong(d, index.unpack()).unwindowed(given) : nil]
      }
    }
    return y
  }

  /// `scatter` with its old `reduce` option, which has no gradient. Mirrors `torch.scatter(reduce=)`.
  fileprivate func scatter(_ d: Int, _ index: Tensor, _ source: Tensor, reducing name: String) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    guard name == "add" || name == "multiply" else { throw TorchError.runtime("reduce argument must be either add or multiply.") }
    try checkScatter("scatter", d, index, source.isWrappedNumber ? nil : source)
    return try scattered(d, index, source, name == "add" ? .add : .multiply)
  }

  /// A copy with `source` folded in where `index` says along a dimension. Mirrors `torch.scatter_reduce`.
  func scatterReduce(_ d: Int, _ index: Tensor, _ source: Tensor, _ name: String, includeSelf: Bool) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    guard let folding = PlacedFolding(rawValue: name) else {
      throw TorchError.runtime("reduce argument must be either sum, prod, mean, amax or amin, got \(name)")
    }
    try checkScatter("scatter", d, index, source)
    if index.count == 0 { return try clone() }
    let y = try GradMode.with(false) { try foldedAlong(d, index, source, folding, includeSelf) }
    if Tensor.records(self, source) {
      let index = index
      let placing = Placing(
        take: { try $0.gatherAlong(d, index) }, add: { try $0.scatterAdd(d, index, $1) }, clear: { try $0.scatter(d, index, .number(0)) },
        fold: { try $0.scatterReduce(d, index, $1, name, includeSelf: includeSelf) })
      record(folding, y, source, placing, includeSelf, "ScatterReduceBackward0")
    }
    return y
  }

  /// The value of `scatter_reduce`, outside autograd.
  func foldedAlong(_ d: Int, _ index: Tensor, _ source: Tensor, _ folding: PlacedFolding, _ includeSelf: Bool) throws -> Tensor {
    let start = includeSelf ? self : try scattered(d, index, .wrapped(folding.identity(dtype)))
    let y = try start.scattered(d, index, source, folding.rule)
    if folding != .mean { return y }
    let counts = try (includeSelf ? Tensor.ones(sizes, dtype: dtype) : Tensor.zeros(sizes, dtype: dtype))
      .scattered(d, index, .ones(source.sizes, dtype: dtype), .add)
    let divisor = try counts.maskedFill(counts.eq(.number(0)), .number(1))
    return try y.div(divisor, rounding: dtype.isFloatingPoint ? nil : "floor")
  }

  /// Records `y` as the result of folding `source` into this tensor. Mirrors `scatter_reduce_backward` and `index_reduce_backward`.
  func record(_ folding: PlacedFolding, _ y: Tensor, _ source: Tensor, _ placing: Placing, _ includeSelf: Bool, _ name: String) {
    let (saved, savedSource, result) = (SavedTensor(self), SavedTensor(source), SavedTensor(result: y))
    y.record(name, [self, source]) { node, g in
      let (x, s, y) = (try saved.unpack(), try savedSource.unpack(), try result.unpack(node))
      var (own, other): (Tensor, Tensor)
      switch folding {
      case .sum: (own, other) = (g, try placing.take(g))
      case .mean:
        var n = try placing.add(includeSelf ? .ones(x.sizes, dtype: g.dtype) : .zeros(x.sizes, dtype: g.dtype), .ones(s.sizes, dtype: g.dtype))
        n = try n.maskedFill(n.eq(.number(0)), .number(1))
        (own, other) = (try g.div(n), try placing.take(g).div(placing.take(n)))
      case .prod:
        let one = try Tensor.number(1)
        let filled = try x.maskedFill(x.eq(.number(0)), one)
        own = try g.mul(placing.fold(filled, s)).div(filled)
        let zero = try s.eq(.number(0))
        let zeros = try placing.take(placing.add(.zeros(x.sizes, dtype: x.dtype), zero.to(x.dtype)))
        let single = try zero.logicalAnd(zeros.eq(one))
        let others = try placing.fold(x, s.maskedFill(single, one))
        other = try Tensor.where(single, placing.take(g.mul(others)), placing.take(g.mul(y)).div(s.maskedFill(zero, one)))
      case .amax, .amin:
        let (isOwn, isOther) = (try x.eq(y).to(g.dtype), try s.eq(placing.take(y)).to(g.dtype))
        let share = try g.div(placing.add(isOwn, isOther))
        (own, other) = (try isOwn.mul(share), try isOther.mul(placing.take(share)))
      }
      return [node.needs(0) ? (includeSelf ? own : try placing.clear(own)) : nil, node.needs(1) ? other : nil]
    }
  }
}

/// How a fold over named places moves tensors there and back.
struct Placing {
  let take: (Tensor) throws -> Tensor
  let add: (Tensor, Tensor) throws -> Tensor
  let clear: (Tensor) throws -> Tensor
  let fold: (Tensor, Tensor) throws -> Tensor
}

/// The folds of `scatter_reduce` and `index_reduce`.
enum PlacedFolding: String {
  case sum, prod, mean, amax, amin

  /// How two elements meet.
  var rule: Placement.Rule {
    switch self {
    case .sum, .mean: .add
    case .prod: .multiply
    case .amax: .greatest
    case .amin: .least
    }
  }

  /// What changes nothing.
  func identity(_ dtype: DType) -> Scalar {
    switch self {
    case .sum, .mean: .integer(0)
    case .prod: .integer(1)
    case .amax: dtype.isFloatingPoint ? .double(-.infinity) : .integer(dtype.integerRange.lowerBound)
    case .amin: dtype.isFloatingPoint ? .double(.infinity) : .integer(dtype.integerRange.upperBound)
    }
  }
}

/// Elements picked and placed along a dimension by an index tensor.
public let scattering = OperationFamily("torch") { ops in
  ops.define("gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor", doc: "Elements picked along dim by index, which has the result's sizes. Mirrors torch.gather.") {
    (x: Tensor, d: Int, i: Tensor, _: Bool) in try x.gatherAlong(d, i)
  }
  ops.tensorOp("scatter.src(Tensor self, int dim, Tensor index, Tensor src) -> Tensor", doc: "A copy with src, a tensor or a number, written where index says along dim. Mirrors torch.scatter.") {
    (x: Tensor, d: Int, i: Tensor, s: TensorOrNumber) in try x.scatter(d, i, s.tensor)
  }
  ops.tensorOp("scatter.value(Tensor self, int dim, Tensor index, Scalar value) -> Tensor", doc: "A copy with value written where index says along dim. Mirrors torch.scatter.") {
    (x: Tensor, d: Int, i: Tensor, v: Scalar) in try x.scatter(d, i, .wrapped(v))
  }
  ops.tensorOp("scatter.reduce(Tensor self, int dim, Tensor index, Tensor src, *, str reduce) -> Tensor", doc: "As scatter, added ('add') or multiplied ('multiply') to what is there. Mirrors torch.scatter.") {
    (x: Tensor, d: Int, i: Tensor, s: TensorOrNumber, r: String) in try x.scatter(d, i, s.tensor, reducing: r)
  }
  ops.tensorOp("scatter.value_reduce(Tensor self, int dim, Tensor index, Scalar value, *, str reduce) -> Tensor", doc: "As scatter with a number, added or multiplied to what is there. Mirrors torch.scatter.") {
    (x: Tensor, d: Int, i: Tensor, v: Scalar, r: String) in try x.scatter(d, i, .wrapped(v), reducing: r)
  }
  ops.tensorOp("scatter_add(Tensor self, int dim, Tensor index, Tensor src) -> Tensor", doc: "A copy with src added where index says along dim. Mirrors torch.scatter_add.") {
    (x: Tensor, d: Int, i: Tensor, s: Tensor) in try x.scatterAdd(d, i, s)
  }
  ops.tensorOp("scatter_reduce.two(Tensor self, int dim, Tensor index, Tensor src, str reduce, *, bool include_self=True) -> Tensor", doc: "A copy with src folded in (sum, prod, mean, amax, amin) where index says along dim. Mirrors torch.scatter_reduce.") {
    (x: Tensor, d: Int, i: Tensor, s: Tensor, r: String, own: Bool) in try x.scatterReduce(d, i, s, r, includeSelf: own)
  }
  ops.define("take_along_dim(Tensor self, Tensor indices, int? dim=None) -> Tensor", doc: "As gather, with sizes that broadcast; without dim from all elements. Mirrors torch.take_along_dim.") {
    (x: Tensor, i: Tensor, d: Int?) -> Tensor in
    if i.dtype != .int64 { throw TorchError.runtime("torch.take_along_dim(): dtype of indices should be Long but got \(i.dtype.capitalized)") }
    guard let d else { return try x.reshape([-1]).gatherAlong(0, i.reshape([-1])) }
    if x.dim != i.dim {
      throw TorchError.runtime(
        "torch.take_along_dim(): input and indices should have the same number of dimensions, but got \(x.dim) dimensions for input, and \(i.dim) dimensions for indices")
    }
    let at = try Shape.wrap(d, x.dim)
    let (own, named) = (x.sizes(with: 1, at: at), i.sizes(with: 1, at: at))
    let both = try Shape.broadcast(own, named)
    var (wideX, wideI) = (both, both)
    if x.dim > 0 { (wideX[at], wideI[at]) = (x.sizes[at], i.sizes[at]) }
    // Here indices may count from the end.
    let turned = try Tensor.where(i.lt(.number(0)), i.add(.number(x.dim == 0 ? 1 : x.sizes[at])), i)
    return try x.expand(Array(wideX)).gatherAlong(at, turned.expand(Array(wideI)))
  }
}
