import Interface
import Kernels
import TensorCore

extension Tensor {
  private func scanned(_ rule: Scan.Rule, _ d: Int) throws -> Tensor {
    if dtype.isComplex {
      if case .product = rule { return try complexRunningProduct(d) }
      return try GradMode.with(false) { try inParts { try $0.scanned(rule, d) } }
    }
    let x = try wideDense()
    let y = try Tensor(uninitialized: sizes, dtype: x.dtype)
    Scan.run(rule, x.pointer, y.pointer, x.dtype, Lines(sizes, along: d))
    return withExtendedLifetime(x) { y }.dtype == dtype ? y : try y.converted(to: dtype)
  }

  /// In the dtype in which sums and products are kept: integers in int64.
  func forSums(_ wanted: DType?) throws -> Tensor { try to(wanted ?? (dtype.isInexact ? dtype : .int64)) }

  /// The running sum along a dimension. Mirrors `torch.cumsum`.
  public func cumsum(_ d: Int, dtype wanted: DType? = nil) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    let x = try forSums(wanted)
    let y = try x.cumulatedDense(d) ?? x.scanned(.sum, d)
    if Tensor.records(x) { y.record("CumsumBackward0", [x]) { _, g in [try g.reverseCumsum(d)] } }
    return y
  }

  private func reverseCumsum(_ d: Int) throws -> Tensor { dim == 0 ? self : try flip([d]).cumsum(d).flip([d]) }

  /// The running product along a dimension. Mirrors `torch.cumprod`.
  public func cumprod(_ d: Int, dtype wanted: DType? = nil) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    let x = try forSums(wanted)
    let y = try x.scanned(.product, d)
    if Tensor.records(x) {
      let (saved, result) = (SavedTensor(x), SavedTensor(result: y))
      y.record("CumprodBackward0", [x]) { node, g in [try saved.unpack().cumprodGradient(g, result.unpack(node), d)] }
    }
    return y
  }

  private func cumprodGradient(_ g: Tensor, _ y: Tensor, _ d: Int) throws -> Tensor {
    if dim == 0 || count == 0 || sizes[d] == 1 { return g }
    let zeros = try eq(.number(0)).any().item()
    if zeros.integerValue == 0 { return try g.mul(y).reverseCumsum(d).div(self) }
    // Division is no help beside a zero: each slope is the product of all others up to there.
    let n = sizes[d]
    let parts = try (0..<n).map { k -> Tensor in
      let before = k == 0 ? try Tensor.ones(sizes(with: 1, at: d), dtype: dtype) : try cut(d, 0, k).prod(dims: [d], keepdim: true)
      let after = k == n - 1 ? before : try Tensor.cat([before, before.mul(cut(d, k + 1, nil).cumprod(d))], d)
      return try g.cut(d, k, nil).mul(after).sum(dims: [d])
    }
    return try Tensor.stack(parts, d)
  }

  /// log of the running sum of exponentials along a dimension. Mirrors `torch.logcumsumexp`.
  public func logcumsumexp(_ d: Int) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    if !dtype.isFloatingPoint { throw TorchError.notImplemented("logcumsumexp_out_cpu", for: dtype) }
    let y = try scanned(.logSumExp, d)
    if Tensor.records(self) {
      let (x, result) = (SavedTensor(self), SavedTensor(result: y))
      y.record("LogcumsumexpBackward0", [self]) { node, g in
        if g.dim == 0 || g.count == 0 { return [g] }
        let (x, y) = (try x.unpack(), try result.unpack(node))
        let logs = try g.abs().log()
        let least = try Tensor.number(-Double(g.dtype == .float64 ? Double.greatestFiniteMagnitude : g.dtype == .float16 ? 65504 : Double(Float.greatestFiniteMagnitude)))
        func part(_ side: Tensor) throws -> Tensor {
          let masked = try Tensor.where(side, logs, least)
          return try masked.sub(y).flip([d]).logcumsumexp(d).flip([d]).add(x).exp()
        }
        return [try part(g.gt(.number(0))).sub(part(g.lt(.number(0))))]
      }
    }
    return y
  }

  /// The running extreme along a dimension and where it stood last. Mirrors `torch.cummax` and `torch.cummin`.
  func runningExtreme(_ d: Int, greatest: Bool) throws -> (Tensor, Tensor) {
    let d = try Shape.wrap(d, dim)
    let x = try wideDense()
    let values = try Tensor(uninitialized: sizes, dtype: x.dtype)
    let indices = try Tensor(uninitialized: sizes, dtype: .int64)
    Scan.extreme(x.pointer, values.pointer, indices.elements(Int.self), x.dtype, Lines(sizes, along: d), greatest: greatest)
    let y = try withExtendedLifetime(x) { try values.converted(to: dtype) }
    if Tensor.records(self) {
      let whole = sizes
      y.record(greatest ? "CummaxBackward0" : "CumminBackward0", [self]) { _, g in
        [g.count == 0 ? g : try Tensor.zeros(whole, dtype: g.dtype).scatterAdd(d, indices, g)]
      }
    }
    return (y, indices)
  }

  /// The n-th difference along a dimension. Mirrors `torch.diff`.
  func diff(_ n: Int, _ d: Int, _ prepend: Tensor?, _ append: Tensor?) throws -> Tensor {
    if dim < 1 { throw TorchError.runtime("diff expects input to be at least one-dimensional") }
    if n < 0 { throw TorchError.runtime("order must be non-negative but got \(n)") }
    let d = try Shape.wrap(d, dim)
    for end in [prepend, append].compactMap({ $0 }) {
      if end.dim != dim { throw TorchError.runtime("diff expects prepend or append to be the same dimension as input") }
      for k in 0..<dim where k != d && end.sizes[k] != sizes[k] {
        throw TorchError.runtime(
          "diff expects the shape of tensor to prepend or append to match that of input except along the differencing dimension; input.size(\(k)) = \(sizes[k]), but got tensor.size(\(k)) = \(end.sizes[k])")
      }
    }
    if n == 0 { return try clone() }
    var y = self
    if prepend != nil || append != nil { y = try Tensor.cat([prepend, self, append].compactMap { $0 }, d) }
    for _ in 0..<Swift.min(n, y.sizes[d]) {
      let (after, before) = (try y.cut(d, 1, nil), try y.cut(d, 0, Swift.max(y.sizes[d] - 1, 0)))
      y = dtype == .bool ? try after.ne(before) : try after.sub(before)
    }
    return y
  }
}

/// Running sums, products and extremes, and differences.
public let scans = OperationFamily("torch") { ops in
  ops.tensorOp("cumsum(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor", doc: "The running sum along dim; integers are summed in int64. Mirrors torch.cumsum.") {
    (x: Tensor, d: Int, t: DType?) in try x.cumsum(d, dtype: t)
  }
  ops.tensorOp("cumprod(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor", doc: "The running product along dim; integers are multiplied in int64. Mirrors torch.cumprod.") {
    (x: Tensor, d: Int, t: DType?) in try x.cumprod(d, dtype: t)
  }
  ops.define("logcumsumexp(Tensor self, int dim) -> Tensor", doc: "log of the running sum of exponentials along dim. Mirrors torch.logcumsumexp.") { (x: Tensor, d: Int) in try x.logcumsumexp(d) }
  for (name, greatest) in [("cummax", true), ("cummin", false)] {
    ops.define("\(name)(Tensor self, int dim) -> (Tensor values, Tensor indices)", doc: "The running \(greatest ? "greatest" : "least") element along dim and its index. Mirrors torch.\(name).") {
      (x: Tensor, d: Int) -> Value in
      let (v, i) = try x.runningExtreme(d, greatest: greatest)
      return .tuple([.object(v), .object(i)])
    }
  }
  ops.define("diff(Tensor self, int n=1, int dim=-1, Tensor? prepend=None, Tensor? append=None) -> Tensor", doc: "The n-th difference along dim. Mirrors torch.diff.") {
    (x: Tensor, n: Int, d: Int, p: Tensor?, a: Tensor?) in try x.diff(n, d, p, a)
  }
}
