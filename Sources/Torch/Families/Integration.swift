import Interface
import TensorCore

extension Tensor {
  private func refuseBool(_ name: String, _ what: String) throws {
    if dtype == .bool { throw TorchError.runtime("\(name): received a bool input for \(what), but bool is not supported") }
  }

  /// The distances of the sample points `x` along dimension `d` of this tensor.
  private func spacings(_ name: String, _ x: Tensor, _ d: Int) throws -> Tensor {
    if dtype == .bool || x.dtype == .bool { try Tensor.zeros([], dtype: .bool).refuseBool(name, "`x` or `y`") }
    if x.dim == 1 {
      if x.sizes[0] != sizes[d] { throw TorchError.runtime("\(name): There must be one `x` value for each sample point") }
      var shape = Array(repeating: 1, count: dim)
      shape[d] = -1
      let wide = try x.reshape(shape)
      return try wide.cut(d, 1, nil).sub(wide.cut(d, 0, -1))
    }
    let wide = x.dim < dim ? try x.reshape(Array(repeating: 1, count: dim - x.dim) + Array(x.sizes)) : x
    return try wide.cut(d, 1, nil).sub(wide.cut(d, 0, -1))
  }

  /// The area under samples, by the trapezoidal rule. Mirrors `torch.trapezoid`.
  func trapezoid(x: Tensor?, dx: Scalar, _ d: Int) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    if dim > 0 && sizes[d] == 0 {
      var kept = sizes
      kept.remove(at: d)
      return try .zeros(kept, dtype: dtype)
    }
    if let x {
      let steps = try spacings("trapezoid", x, d)
      return try cut(d, 0, -1).add(cut(d, 1, nil)).mul(steps).sum(dims: [d]).div(.number(2.0))
    }
    try refuseBool("trapezoid", "`y`")
    return try sum(dims: [d]).sub(select(d, 0).add(select(d, -1)).mul(.number(0.5))).mul(.wrapped(.double(dx.doubleValue)))
  }

  /// The area under samples up to each. Mirrors `torch.cumulative_trapezoid`.
  func cumulativeTrapezoid(x: Tensor?, dx: Scalar, _ d: Int) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    if let x {
      let steps = try spacings("cumulative_trapezoid", x, d)
      return try cut(d, 0, -1).add(cut(d, 1, nil)).mul(steps).cumsum(d).div(.number(2.0))
    }
    try refuseBool("cumulative_trapezoid", "`y`")
    return try cut(d, 0, -1).add(cut(d, 1, nil)).mul(.number(dx.doubleValue / 2)).cumsum(d)
  }

  /// The slope along dimensions by finite differences. Mirrors `torch.gradient`.
  func gradient(_ spacing: GradientSpacing, dims: [Int]?, edgeOrder: Int) throws -> [Tensor] {
    if dtype == .uint8 { throw TorchError.runtime("torch.gradient does not support uint8 input.") }
    let axes = dims ?? Array(0..<dim)
    if let n = spacing.count {
      if dims == nil && n != dim {
        throw TorchError.runtime(
          "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to 'self.dim() = \(dim)', since dim argument was not given, but got a list of length \(n).")
      }
      if let dims, n != dims.count {
        throw TorchError.runtime(
          "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same length, but got a spacing argument of length \(n) and a dim argument of length \(dims.count).")
      }
    }
    if edgeOrder != 1 && edgeOrder != 2 { throw TorchError.runtime("torch.gradient only supports edge_order=1 and edge_order=2.") }
    _ = try Folding(self, axes)
    for d in axes where sizes[try Shape.wrap(d, dim)] < edgeOrder + 1 {
      throw TorchError.runtime("torch.gradient expected each dimension size to be at least edge_order+1")
    }
    return try axes.enumerated().map { i, d in
      let d = try Shape.wrap(d, dim)
      switch spacing {
      case .numbers(let steps): return try slope(d, step: .wrapped(steps.count == 1 ? steps[0] : steps[i]), edgeOrder)
      case .one(let step): return try slope(d, step: .wrapped(step), edgeOrder)
      case .points(let points): return try slope(d, points: points[i], edgeOrder)
      }
    }
  }

  private func slope(_ d: Int, step: Tensor, _ order: Int) throws -> Tensor {
    let inner = try cut(d, 2, nil).sub(cut(d, 0, -2)).div(step).div(.number(2))
    let (first, last): (Tensor, Tensor)
    if order == 1 {
      first = try cut(d, 1, 2).sub(cut(d, 0, 1)).div(step)
      last = try cut(d, -1, nil).sub(cut(d, -2, -1)).div(step)
    } else {
      first = try weighted([(.number(-1.5), 0, 1), (.number(2), 1, 2), (.number(-0.5), 2, 3)], d).div(step)
      last = try weighted([(.number(0.5), -3, -2), (.number(-2), -2, -1), (.number(1.5), -1, nil)], d).div(step)
    }
    return try Tensor.cat([first, inner, last], d)
  }

  private func slope(_ d: Int, points: Tensor, _ order: Int) throws -> Tensor {
    if points.dim != 1 {
      throw TorchError.runtime("torch.gradient expected each element of spacing to have one dimension, but got an element with \(points.dim) dimensions!")
    }
    var shape = Array(repeating: 1, count: dim)
    shape[d] = -1
    let steps = try points.diff(1, 0, nil, nil)
    let (p, q) = (try steps.cut(0, 0, -1), try steps.cut(0, 1, nil))
    let inner = try weighted(
      [
        (q.neg().div(p.mul(p.add(q))).reshape(shape), 0, -2), (q.sub(p).div(p.mul(q)).reshape(shape), 1, -1),
        (p.div(q.mul(p.add(q))).reshape(shape), 2, nil),
      ], d)
    let (first, last): (Tensor, Tensor)
    if order == 1 {
      first = try cut(d, 1, 2).sub(cut(d, 0, 1)).div(steps.select(0, 0))
      last = try cut(d, -1, nil).sub(cut(d, -2, -1)).div(steps.select(0, -1))
    } else {
      let (a, b) = (try steps.select(0, 0), try steps.select(0, 1))
      first = try weighted(
        [(a.mul(.number(2.0)).add(b).neg().div(a.mul(a.add(b))), 0, 1), (a.add(b).div(a.mul(b)), 1, 2), (a.neg().div(b.mul(a.add(b))), 2, 3)], d)
      let (y, z) = (try steps.select(0, -2), try steps.select(0, -1))
      last = try weighted(
        [(z.div(y.mul(z.add(y))), -3, -2), (z.add(y).neg().div(z.mul(y)), -2, -1), (z.mul(.number(2.0)).add(y).div(z.mul(z.add(y))), -1, nil)], d)
    }
    return try Tensor.cat([first, inner, last], d)
  }

  /// The sum of slices of dimension `d`, each times its weight.
  private func weighted(_ terms: [(Tensor, Int?, Int?)], _ d: Int) throws -> Tensor {
    let parts = try terms.map { weight, start, end in try weight.mul(cut(d, start, end)) }
    return try parts.dropFirst().reduce(parts[0]) { try $0.add($1) }
  }
}

/// How far apart samples are: one distance for all dimensions, one for each, or the samples' coordinates.
enum GradientSpacing {
  case one(Scalar)
  case numbers([Scalar])
  case points([Tensor])

  /// The length of a list.
  var count: Int? {
    switch self {
    case .one: nil
    case .numbers(let all): all.count
    case .points(let all): all.count
    }
  }

  /// What a user gave for `spacing`.
  init(_ value: Value) throws {
    switch value {
    case .none: self = .one(.integer(1))
    case .integer(let i): self = .one(.integer(i))
    case .number(let d): self = .one(.double(d))
    case .object(let t as Tensor): self = t.dim == 0 ? .one(t.scalar(at: 0)) : .points([t])
    case .list(let items):
      let tensors = items.compactMap { Tensor.element(from: $0) }
      if tensors.count == items.count && !items.isEmpty { self = .points(tensors); return }
      self = .numbers(try items.map { item in
        switch item {
        case .integer(let i): .integer(i)
        case .number(let d): .double(d)
        case .object(let t as Tensor) where t.count == 1: t.scalar(at: 0)
        default: throw TorchError.type("gradient(): argument 'spacing' must be a number, a list of numbers or a list of Tensors, not \(item.pythonTypeName)")
        }
      })
    default: throw TorchError.type("gradient(): argument 'spacing' must be a number, a list of numbers or a list of Tensors, not \(value.pythonTypeName)")
    }
  }
}

/// Areas under samples and slopes between them.
public let integration = OperationFamily("torch") { ops in
  for name in ["trapezoid", "trapz"] {
    ops.define("\(name).x(Tensor y, Tensor x, *, int dim=-1) -> Tensor", doc: "The area under y sampled at x, by the trapezoidal rule. Mirrors torch.\(name).", variants: [.function]) {
      (y: Tensor, x: Tensor, d: Int) in try y.trapezoid(x: x, dx: .integer(1), d)
    }
    ops.define("\(name).dx(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor", doc: "The area under y sampled every dx, by the trapezoidal rule. Mirrors torch.\(name).", variants: [.function]) {
      (y: Tensor, dx: Scalar, d: Int) in try y.trapezoid(x: nil, dx: dx, d)
    }
  }
  ops.define("cumulative_trapezoid.x(Tensor y, Tensor x, *, int dim=-1) -> Tensor", doc: "The area under y up to each sample at x. Mirrors torch.cumulative_trapezoid.", variants: [.function]) {
    (y: Tensor, x: Tensor, d: Int) in try y.cumulativeTrapezoid(x: x, dx: .integer(1), d)
  }
  ops.define("cumulative_trapezoid.dx(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor", doc: "The area under y up to each sample, dx apart. Mirrors torch.cumulative_trapezoid.", variants: [.function]) {
    (y: Tensor, dx: Scalar, d: Int) in try y.cumulativeTrapezoid(x: nil, dx: dx, d)
  }
  ops.define("gradient(Tensor self, *, any? spacing=None, int[1]? dim=None, int edge_order=1) -> Tensor[]", doc: "The slopes along dim (all dimensions) by finite differences, a table. Mirrors torch.gradient.", variants: [.function]) {
    (x: Tensor, s: Value, d: [Int]?, e: Int) in try x.gradient(GradientSpacing(s), dims: d, edgeOrder: e)
  }
}
