import Interface
import TensorCore

/// Between which elements a quantile stands.
enum Interpolation: String {
  case linear, lower, higher, midpoint, nearest
}

extension Tensor {
  /// The q-quantiles along a dimension (of all elements where none is named). Mirrors `torch.quantile` and `torch.nanquantile`.
  func quantile(_ q: Tensor, _ d: Int?, keepdim: Bool, _ name: String, ignoringNaN: Bool) throws -> Tensor {
    if count == 0 { throw TorchError.runtime("quantile() input tensor must be non-empty") }
    if q.dim > 1 { throw TorchError.runtime("quantile() q must be a scalar or 1D tensor") }
    if dtype != .float32 && dtype != .float64 { throw TorchError.runtime("quantile() input tensor must be either float or double dtype") }
    if dtype != q.dtype { throw TorchError.runtime("quantile() q tensor must be same dtype as the input tensor") }
    guard let interpolation = Interpolation(rawValue: name) else {
      throw TorchError.runtime("quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got \(name)")
    }
    for i in 0..<q.count where !(q.scalar(at: i).doubleValue >= 0 && q.scalar(at: i).doubleValue <= 1) {
      throw TorchError.runtime("quantile() q values must be in the range [0, 1]")
    }
    let axis = try d.map { try Shape.wrap($0, dim) }
    let n = axis.map { dim == 0 ? 1 : sizes[$0] } ?? count
    // The dimension goes last, the others keep their order.
    let lines: Tensor
    if let axis, dim > 0 { lines = try permute((0..<dim).filter { $0 != axis } + [axis]) } else { lines = try reshape([-1]) }
    let outer = Array(lines.sizes.dropLast())
    let sorted = try lines.sort(-1).0
    let ranks = try q.reshape([-1]).quantileRanks(sorted.detached(), n, ignoringNaN: ignoringNaN)
    let fixed = ranks.detached()
    var y: Tensor
    switch interpolation {
    case .lower: y = try sorted.gatherAlong(-1, fixed.floor().to(.int64))
    case .higher: y = try sorted.gatherAlong(-1, fixed.ceil().to(.int64))
    case .nearest: y = try sorted.gatherAlong(-1, fixed.round().to(.int64))
    case .linear, .midpoint:
      let (below, above) = (try fixed.floor(), try fixed.ceil())
      let weight = interpolation == .midpoint ? try Tensor.full(ranks.sizes, .double(0.5), dtype: dtype) : try ranks.sub(below)
      let (low, high) = (try sorted.gatherAlong(-1, below.to(.int64)), try sorted.gatherAlong(-1, above.to(.int64)))
      y = try low.add(high.sub(low).mul(weight))
    }
    // One dimension for q goes first, or away.
    y = try y.permute([y.dim - 1] + Array(0..<(y.dim - 1)))
    var shape = outer
    if keepdim { if let axis, dim > 0 { shape.insert(1, at: axis) } else { shape = Array(repeating: 1, count: dim) } }
    return try y.reshape((q.dim == 0 ? [] : [q.count]) + shape)
  }

  /// Where among `n` sorted elements the quantiles stand, the last dimension for q. Rows with NaN point at it, or count only the others.
  private func quantileRanks(_ sorted: Tensor, _ n: Int, ignoringNaN: Bool) throws -> Tensor {
    let shape = Array(sorted.sizes.dropLast()) + [count]
    if ignoringNaN {
      let valid = try sorted.eq(sorted).sum(dims: [-1], keepdim: true).sub(.number(1))
      let ranks = try mul(valid)
      return try ranks.maskedFill(ranks.lt(.number(0)), .number(0))
    }
    let ranks = try mul(.number(n - 1)).expand(shape)
    let last = try sorted.cut(sorted.dim - 1, -1, nil)
    return try ranks.maskedFill(last.ne(last), .number(n - 1))
  }
}

/// Quantiles.
public let quantiles = OperationFamily("torch") { ops in
  for (name, ignoring) in [("quantile", false), ("nanquantile", true)] {
    let doc = "The q-quantiles along dim\(ignoring ? ", NaN left out" : ""); interpolation is linear, lower, higher, midpoint or nearest. Mirrors torch.\(name)."
    let rest = "int? dim=None, bool keepdim=False, *, str interpolation='linear'"
    ops.define("\(name).scalar(Tensor self, float q, \(rest)) -> Tensor", doc: doc) { (x: Tensor, q: Double, d: Int?, k: Bool, i: String) -> Tensor in
      if !(q >= 0 && q <= 1) { throw TorchError.runtime("quantile() q must be in the range [0, 1] but got \(FloatText.brief(q))") }
      return try x.quantile(.scalar(.double(q), dtype: x.dtype), d, keepdim: k, i, ignoringNaN: ignoring)
    }
    ops.define("\(name)(Tensor self, Tensor q, \(rest)) -> Tensor", doc: doc) { (x: Tensor, q: Tensor, d: Int?, k: Bool, i: String) in
      try x.quantile(q, d, keepdim: k, i, ignoringNaN: ignoring)
    }
  }
}
