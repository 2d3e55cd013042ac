import Interface
import TensorCore

extension Tensor {
  /// The dimensions a fold names, all where it names none.
  private func folded(_ dims: [Int]?) throws -> Folding { try Folding(self, dims.flatMap { $0.isEmpty ? nil : $0 }) }

  /// The variance over dimensions (all where none is named), `correction` taken off the count. Mirrors `torch.var`.
  func moment(dims: [Int]?, correction: Double, keepdim: Bool, name: String = "VarBackward0") throws -> Tensor {
    let y = try GradMode.with(false) { try variance(dims: dims.flatMap { $0.isEmpty ? nil : $0 }, correction: correction, keepdim: keepdim) }
    if Tensor.records(self) {
      let (folding, x) = (try folded(dims), SavedTensor(self))
      y.record(name, [self]) { _, g in [try x.unpack().varianceGradient(g, folding, correction)] }
    }
    return y
  }

  private func varianceGradient(_ g: Tensor, _ folding: Folding, _ correction: Double) throws -> Tensor {
    let slope = try sub(mean(dims: Array(folding.folded), keepdim: true)).mul(.number(2 / (Double(folding.inner.product) - correction)))
    return try g.unfolded(folding, sizes).mul(slope)
  }

  /// The standard deviation over dimensions. Its slope is zero where all elements are equal. Mirrors `torch.std`.
  func deviation(dims: [Int]?, correction: Double, keepdim: Bool) throws -> Tensor {
    let y = try GradMode.with(false) {
      if dtype == .float64 || dtype.isComplex { return try moment(dims: dims, correction: correction, keepdim: keepdim).sqrt() }
      // One rounding at the end.
      if !dtype.isFloatingPoint { return try moment(dims: dims, correction: correction, keepdim: keepdim) }
      return try to(.float64).moment(dims: dims, correction: correction, keepdim: keepdim).sqrt().to(dtype)
    }
    if Tensor.records(self) {
      let (folding, x, root) = (try folded(dims), SavedTensor(self), SavedTensor(result: y))
      y.record("StdBackward0", [self]) { node, g in
        let root = try root.unpack(node)
        let inner = try g.div(root.mul(.number(2))).maskedFill(root.eq(.number(0)), .number(0))
        return [try x.unpack().varianceGradient(inner, folding, correction)]
      }
    }
    return y
  }

  /// The variance or standard deviation and the mean, results of one operation. Mirrors `torch.var_mean` and `torch.std_mean`.
  func spreadAndMean(dims: [Int]?, correction: Double, keepdim: Bool, root: Bool) throws -> (Tensor, Tensor) {
    if dtype.isComplex {
      let spread = root ? try deviation(dims: dims, correction: correction, keepdim: keepdim) : try moment(dims: dims, correction: correction, keepdim: keepdim)
      return (spread, try self.mean(dims: dims.flatMap { $0.isEmpty ? nil : $0 }, keepdim: keepdim))
    }
    let (spread, mean) = try GradMode.with(false) {
      (
        root ? try deviation(dims: dims, correction: correction, keepdim: keepdim) : try moment(dims: dims, correction: correction, keepdim: keepdim),
        try self.mean(dims: dims.flatMap { $0.isEmpty ? nil : $0 }, keepdim: keepdim)
      )
    }
    if Tensor.records(self) {
      let (folding, x, value) = (try folded(dims), SavedTensor(self), SavedTensor(result: spread))
      Tensor.recordNode(root ? "StdMeanBackward0" : "VarMeanBackward0", inputs: [self], results: [spread, mean]) { node, gradients in
        let x = try x.unpack()
        var parts: [Tensor] = []
        if var g = gradients[0] {
          if root {
            let value = try value.unpack(node)
            g = try g.div(value.mul(.number(2))).maskedFill(value.eq(.number(0)), .number(0))
          }
          parts.append(try x.varianceGradient(g, folding, correction))
        }
        if let g = gradients[1] { parts.append(try g.unfolded(folding, x.sizes).div(.number(folding.inner.product))) }
        guard let first = parts.first else { return [nil] }
        return [parts.count == 2 ? try first.add(parts[1]) : first]
      }
    }
    return (spread, mean)
  }

  /// The sum of elements that are not NaN. Mirrors `torch.nansum`.
  func nansum(dims: [Int]?, keepdim: Bool, dtype wanted: DType?) throws -> Tensor {
    if !dtype.isFloatingPoint { return try total(dims: dims, keepdim: keepdim, dtype: wanted) }
    let y = try GradMode.with(false) { try maskedFill(ne(self), .number(0)).total(dims: dims, keepdim: keepdim, dtype: wanted) }
    if Tensor.records(self) && y.dtype.isFloatingPoint {
      let (folding, x) = (try folded(dims), SavedTensor(self))
      y.record("NansumBackward0", [self]) { _, g in
        let x = try x.unpack()
        return [try g.unfolded(folding, x.sizes).to(x.dtype).mul(x.eq(x))]
      }
    }
    return y
  }

  /// The sum with the elements in another dtype first where one is asked for.
  func total(dims: [Int]?, keepdim: Bool, dtype wanted: DType?) throws -> Tensor {
    if let wanted, !wanted.isFloatingPoint, wanted != dtype { return try to(wanted).sum(dims: dims, keepdim: keepdim, dtype: wanted) }
    return try sum(dims: dims, keepdim: keepdim, dtype: wanted)
  }

  /// The covariance of variables, one a row. Mirrors `torch.cov`.
  func cov(correction: Int, fweights: Tensor?, aweights: Tensor?) throws -> Tensor {
    if dim > 2 { throw TorchError.runtime("cov(): expected input to have two or fewer dimensions but got an input with \(dim) dimensions") }
    if dtype == .bool { throw TorchError.notImplemented("cov(): bool dtype is not supported for input") }
    var rows = dim < 2 ? try reshape([1, count]) : self
    let n = rows.sizes[1]
    func check(_ w: Tensor, _ name: String, _ kind: String, _ fits: Bool) throws {
      if w.dim > 1 { throw TorchError.runtime("cov(): expected \(name) to have one or fewer dimensions but got \(name) with \(w.dim) dimensions") }
      if !fits { throw TorchError.runtime("cov(): expected \(name) to have \(kind) dtype but got \(name) with \(w.dtype.capitalized) dtype") }
      if w.count != n { throw TorchError.runtime("cov(): expected \(name) to have the same numel as there are observations in the input but got \(w.count) != \(n)") }
      if n > 0, try w.extremeValue(nil, keepdim: false, greatest: false, name: "").scalar(at: 0).doubleValue < 0 {
        throw TorchError.runtime("cov(): \(name) cannot be negative")
      }
    }
    if let fweights { try check(fweights, "fweights", "integral", fweights.dtype.isIntegral) }
    if let aweights { try check(aweights, "aweights", "floating point", aweights.dtype.isFloatingPoint) }
    let weights = try fweights.map { f in try aweights.map { try $0.mul(f) } ?? f } ?? aweights
    let sum = try weights?.sum() ?? .number(n)
    if weights != nil && sum.scalar(at: 0).doubleValue == 0 { throw TorchError.runtime("cov(): weights sum to zero, can't be normalized") }
    let mean = try (weights.map { try rows.mul($0) } ?? rows).sum(dims: [1]).div(sum)
    var factor = try sum.sub(.number(correction))
    if let weights, let aweights, correction != 0 {
      factor = try sum.sub(weights.mul(aweights).sum().div(sum).mul(.number(correction)))
    }
    if factor.scalar(at: 0).doubleValue <= 0 { factor = try .zeros([], dtype: factor.dtype) }
    rows = try rows.sub(mean.unsqueeze(1))
    let products = try rows.matmul((weights.map { try rows.mul($0) } ?? rows).t())
    return try products.div(factor).squeeze()
  }

  /// Pearson's correlation of variables, one a row. Mirrors `torch.corrcoef`.
  func corrcoef() throws -> Tensor {
    if dim > 2 { throw TorchError.runtime("corrcoef(): expected input to have two or fewer dimensions but got an input with \(dim) dimensions") }
    let c = try cov(correction: 1, fweights: nil, aweights: nil)
    if c.dim == 0 { return try c.div(c) }
    let root = try c.diagonal().sqrt()
    return try c.div(root.unsqueeze(1)).div(root.unsqueeze(0)).clamp(.integer(-1), .integer(1))
  }
}

/// Variances, deviations and correlations.
public let moments = OperationFamily("torch") { ops in
  for (name, root) in [("var", false), ("std", true)] {
    let doc = "The \(root ? "standard deviation" : "variance"), by default with Bessel's correction. Mirrors torch.\(name)."
    func warn(_ x: Tensor, _ d: [Int]?, _ correction: Double, _ name: String) throws {
      guard let d, !d.isEmpty else { return check(x.count, x.count, correction, name) }
      check(try Set(d.map { try Shape.wrap($0, x.dim) }).reduce(1) { $0 * (x.dim == 0 ? 1 : x.sizes[$1]) }, x.count, correction, name)
    }
    func check(_ folded: Int, _ count: Int, _ correction: Double, _ name: String) {
      if count == 0 || Double(folded) > correction { return }
      UserWarning.tell("\(name)(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor (input numel divided by output numel).")
    }
    func run(_ x: Tensor, _ d: [Int]?, _ correction: Double, _ k: Bool) throws -> Tensor {
      try warn(x, d, correction, name)
      return try root ? x.deviation(dims: d, correction: correction, keepdim: k) : x.moment(dims: d, correction: correction, keepdim: k)
    }
    func pair(_ x: Tensor, _ d: [Int]?, _ correction: Double, _ k: Bool) throws -> Value {
      try warn(x, d, correction, "\(name)_mean")
      let (spread, mean) = try x.spreadAndMean(dims: d, correction: correction, keepdim: k, root: root)
      return .tuple([.object(spread), .object(mean)])
    }
    ops.define("\(name)(Tensor self, bool unbiased=True) -> Tensor", doc: doc) { (x: Tensor, u: Bool) in try run(x, nil, u ? 1 : 0, false) }
    ops.define("\(name).correction(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> Tensor", doc: doc) {
      (x: Tensor, d: [Int]?, c: Scalar?, k: Bool) in try run(x, d, c?.doubleValue ?? 1, k)
    }
    ops.define("\(name).dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> Tensor", doc: doc) {
      (x: Tensor, d: [Int]?, u: Bool, k: Bool) in try run(x, d, u ? 1 : 0, k)
    }
    let both = "The \(root ? "standard deviation" : "variance") and the mean. Mirrors torch.\(name)_mean."
    ops.define("\(name)_mean(Tensor self, bool unbiased=True) -> (Tensor, Tensor)", doc: both, variants: [.function]) {
      (x: Tensor, u: Bool) in try pair(x, nil, u ? 1 : 0, false)
    }
    ops.define("\(name)_mean.correction(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> (Tensor, Tensor)", doc: both, variants: [.function]) {
      (x: Tensor, d: [Int]?, c: Scalar?, k: Bool) in try pair(x, d, c?.doubleValue ?? 1, k)
    }
    ops.define("\(name)_mean.dim(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> (Tensor, Tensor)", doc: both, variants: [.function]) {
      (x: Tensor, d: [Int]?, u: Bool, k: Bool) in try pair(x, d, u ? 1 : 0, k)
    }
  }
  ops.define("nansum(Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor", doc: "The sum of elements that are not NaN. Mirrors torch.nansum.") {
    (x: Tensor, d: [Int]?, k: Bool, t: DType?) in try x.nansum(dims: d, keepdim: k, dtype: t)
  }
  ops.define("nanmean(Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor", doc: "The mean of elements that are not NaN. Mirrors torch.nanmean.") {
    (x: Tensor, d: [Int]?, k: Bool, t: DType?) -> Tensor in
    if !x.dtype.isFloatingPoint { throw TorchError.notImplemented("nanmean(): expected input to have floating point or complex dtype but got \(x.dtype.capitalized)") }
    return try x.nansum(dims: d, keepdim: k, dtype: t).div(x.detached().eq(x).sum(dims: d, keepdim: k))
  }
  ops.define("cov(Tensor self, *, int correction=1, Tensor? fweights=None, Tensor? aweights=None) -> Tensor", doc: "The covariance of variables, one a row, with observations weighted by how often (fweights) and how much (aweights) they count. Mirrors torch.cov.") {
    (x: Tensor, c: Int, f: Tensor?, a: Tensor?) in try x.cov(correction: c, fweights: f, aweights: a)
  }
  ops.define("corrcoef(Tensor self) -> Tensor", doc: "Pearson's correlation of variables, one a row. Mirrors torch.corrcoef.") { (x: Tensor) in try x.corrcoef() }
}
