import Interface
import TensorCore

/// An operation of `torch.masked`: elements outside the mask count as if they were not there.
private struct Masked {
  let x: Tensor
  let mask: Tensor?
  let name: String

  /// `fill` where the mask does not hold.
  func filled(_ fill: Scalar?) throws -> Tensor {
    guard let mask = try broadcastMask() else { return x }
    guard let fill else { throw TorchError.notImplemented("identity of \(name) on torch.\(x.dtype.name) input") }
    return try Tensor.where(mask, x, .full([], fill, dtype: x.dtype))
  }

  func broadcastMask() throws -> Tensor? {
    guard let mask else { return nil }
    if mask.dim > x.dim {
      throw TorchError.index("_input_mask expected broadcastable mask (got mask dimensionality higher than of the input)")
    }
    return try mask.detached().expand(Array(x.sizes)).to(.bool)
  }

  /// What the greatest and the least element cannot be.
  func bound(greatest: Bool) -> Scalar? {
    if x.dtype.isFloatingPoint { return .double(greatest ? -.infinity : .infinity) }
    if !x.dtype.isIntegral { return nil }
    return .integer(greatest ? x.dtype.integerRange.lowerBound : x.dtype.integerRange.upperBound)
  }

  /// The dimensions named, all where none is.
  func axes(_ dims: [Int]?) throws -> [Int] {
    guard let dims, !dims.isEmpty else { return Array(0..<x.dim) }
    let n = Swift.max(x.dim, 1)
    var found: [Int] = []
    for d in dims {
      if found.contains(d) { throw TorchError.runtime("dim=\(d) appears multiple times in the list of dims") }
      found.append(try Shape.wrap(d, n))
    }
    return found.sorted()
  }

  var sumType: DType { x.dtype.isInexact ? x.dtype : .int64 }

  func sum(_ dims: [Int]?, _ keepdim: Bool, _ dtype: DType?) throws -> Tensor {
    try filled(.integer(0)).total(dims: axes(dims), keepdim: keepdim, dtype: dtype ?? sumType)
  }

  func prod(_ dims: [Int]?, _ keepdim: Bool, _ dtype: DType?) throws -> Tensor {
    var y = try filled(.integer(1)).to(dtype ?? sumType)
    for d in try axes(dims).reversed() { y = try y.prod(dims: [d], keepdim: keepdim, dtype: y.dtype == .bool ? .int64 : y.dtype) }
    return y
  }

  func mean(_ dims: [Int]?, _ keepdim: Bool, _ dtype: DType?) throws -> Tensor {
    let wanted = dtype ?? x.dtype
    if !wanted.isInexact {
      throw TorchError.value(
        "mean(): Could not infer output dtype. \(dtype == nil ? "Input" : "Optional") dtype must be either a floating point or complex dtype. Got: torch.\(wanted.name)")
    }
    return try sum(dims, keepdim, wanted).div(counts(dims, keepdim))
  }

  func counts(_ dims: [Int]?, _ keepdim: Bool) throws -> Tensor {
    try (broadcastMask() ?? .ones(x.sizes, dtype: .int64)).sum(dims: dims.flatMap { $0.isEmpty ? nil : $0 }, keepdim: keepdim)
  }

  func variance(_ dims: [Int]?, unbiased: Bool?, _ correction: Scalar?, _ keepdim: Bool, _ dtype: DType?, root: Bool) throws -> Tensor {
    if unbiased != nil && correction != nil { throw TorchError(.assertionError, "Only one of unbiased and correction may be given") }
    if x.dtype.isComplex {
      let parts = try [x.real(), x.imaginary()].map {
        try Masked(x: $0, mask: mask, name: name).variance(dims, unbiased: unbiased, correction, keepdim, dtype?.parts, root: false)
      }
      let y = try parts[0].add(parts[1])
      return try (root ? y.sqrt() : y).to(dtype ?? x.dtype)
    }
    let less = correction?.doubleValue ?? (unbiased ?? true ? 1 : 0)
    let wanted = dtype ?? (x.dtype.isFloatingPoint ? x.dtype : .float32)
    let computing: DType = wanted.isFloatingPoint ? wanted : .float32
    var n = try counts(dims, true)
    let centered = try x.sub(sum(dims, true, wanted).div(n))
    let total = try Masked(x: centered.mul(centered), mask: mask, name: name).sum(dims, keepdim, computing)
    if !keepdim { n = try n.reshape(Array(total.sizes)) }
    if less != 0 { n = try n.to(computing).sub(.number(less)).clamp(.integer(0), nil) }
    let y = try total.div(n).to(wanted)
    return root ? try y.sqrt() : y
  }

  func norm(_ p: Scalar, _ dims: [Int]?, _ keepdim: Bool, _ dtype: DType?) throws -> Tensor {
    try filled(p.doubleValue == -.infinity ? .double(.infinity) : .integer(0)).vectorNorm(p, dims: axes(dims), keepdim: keepdim, dtype: dtype ?? x.dtype)
  }

  func median(_ d: Int, _ keepdim: Bool, _ dtype: DType?) throws -> Tensor {
    let isFloat = x.dtype.isFloatingPoint
    let wide = Masked(x: isFloat ? x : try x.to(.float32), mask: mask, name: name)
    let y = try wide.filled(.double(.nan)).median(d, keepdim: keepdim, ignoringNaN: true).0
    if isFloat { return y }
    if try y.ne(y).any().item().integerValue != 0 {
      throw TorchError.value("masked median expects no fully masked out rows if dtype is not floating point")
    }
    return try y.to(dtype ?? x.dtype)
  }

  /// Exponentials divided by their sum, or the logarithm of that.
  func softmax(_ d: Int, _ dtype: DType?, negated: Bool, log: Bool) throws -> Tensor {
    let source = try filled(bound(greatest: !negated)).to(dtype ?? x.dtype)
    if !source.dtype.isFloatingPoint { throw TorchError.notImplemented("\(log ? "log_" : "")softmax_lastdim_kernel_impl", for: source.dtype) }
    let d = try Shape.wrap(d, x.dim)
    let wide = try source.to(source.dtype == .float64 ? .float64 : .float32)
    if wide.count == 0 { return source }
    let signed = negated ? try wide.neg() : wide
    let shifted = try signed.sub(signed.detached().extremeValue([d], keepdim: true, greatest: true, name: ""))
    let e = try shifted.exp()
    let sum = try e.sum(dims: [d], keepdim: true)
    return try (log ? shifted.sub(sum.log()) : e.div(sum)).to(source.dtype)
  }
}

/// `torch.masked`: reductions over the elements where a mask holds.
public let maskedReductions = OperationFamily("torch.masked") { ops in
  let rest = "*, bool? keepdim=False, ScalarType? dtype=None, Tensor? mask=None"
  func doc(_ what: String, _ name: String) -> String { "\(what) where mask holds. Mirrors torch.masked.\(name)." }
  let folds: [(String, String, (Masked, [Int]?, Bool, DType?) throws -> Tensor)] = [
    ("sum", "The sum", { try $0.sum($1, $2, $3) }),
    ("prod", "The product", { try $0.prod($1, $2, $3) }),
    ("mean", "The mean", { try $0.mean($1, $2, $3) }),
    ("amax", "The greatest elements", { try $0.filled($0.bound(greatest: true)).extremes($0.axes($1), keepdim: $2, greatest: true).to($3 ?? $0.x.dtype) }),
    ("amin", "The least elements", { try $0.filled($0.bound(greatest: false)).extremes($0.axes($1), keepdim: $2, greatest: false).to($3 ?? $0.x.dtype) }),
    ("logsumexp", "log of the sum of exponentials", { try $0.filled($0.bound(greatest: true)).logsumexp($0.axes($1), keepdim: $2).to($3 ?? $0.x.dtype) }),
  ]
  for (name, what, f) in folds {
    ops.define("\(name)(Tensor self, int[1]? dim=None, \(rest)) -> Tensor", doc: doc("\(what) over dim", name), variants: [.function]) {
      (x: Tensor, d: [Int]?, k: Bool?, t: DType?, m: Tensor?) in try f(Masked(x: x, mask: m, name: name), d, k ?? false, t)
    }
  }
  for (name, greatest) in [("argmax", true), ("argmin", false)] {
    ops.define("\(name)(Tensor self, int? dim=None, \(rest)) -> Tensor", doc: doc("The index of the \(greatest ? "greatest" : "least") element", name), variants: [.function]) {
      (x: Tensor, d: Int?, k: Bool?, t: DType?, m: Tensor?) -> Tensor in
      let masked = Masked(x: x, mask: m, name: name)
      return try masked.filled(masked.bound(greatest: greatest)).extremePlace(d, keepdim: k ?? false, greatest: greatest).to(t ?? x.dtype)
    }
  }
  for (name, root) in [("var", false), ("std", true)] {
    ops.define("\(name)(Tensor self, int[1]? dim=None, bool? unbiased=None, *, Scalar? correction=None, bool? keepdim=False, ScalarType? dtype=None, Tensor? mask=None) -> Tensor", doc: doc("The \(root ? "standard deviation" : "variance") over dim", name), variants: [.function]) {
      (x: Tensor, d: [Int]?, u: Bool?, c: Scalar?, k: Bool?, t: DType?, m: Tensor?) in
      try Masked(x: x, mask: m, name: name).variance(d, unbiased: u, c, k ?? false, t, root: root)
    }
  }
  ops.define("norm(Tensor self, Scalar? ord=2.0, int[1]? dim=None, \(rest)) -> Tensor", doc: doc("The p-norm over dim", "norm"), variants: [.function]) {
    (x: Tensor, p: Scalar?, d: [Int]?, k: Bool?, t: DType?, m: Tensor?) in try Masked(x: x, mask: m, name: "norm").norm(p ?? .double(2), d, k ?? false, t)
  }
  ops.define("median(Tensor self, int dim=-1, \(rest)) -> Tensor", doc: doc("The middle element along dim", "median"), variants: [.function]) {
    (x: Tensor, d: Int, k: Bool?, t: DType?, m: Tensor?) in try Masked(x: x, mask: m, name: "median").median(d, k ?? false, t)
  }
  let line = "int dim, *, ScalarType? dtype=None, Tensor? mask=None"
  for (name, fill, f) in [("cumsum", 0, { try $0.cumsum($1, dtype: $2) } as (Tensor, Int, DType) throws -> Tensor), ("cumprod", 1, { try $0.cumprod($1, dtype: $2) })] {
    ops.define("\(name)(Tensor self, \(line)) -> Tensor", doc: doc("The running \(fill == 0 ? "sum" : "product") along dim", name), variants: [.function]) {
      (x: Tensor, d: Int, t: DType?, m: Tensor?) in try f(Masked(x: x, mask: m, name: name).filled(.integer(fill)), Shape.wrap(d, x.dim), t ?? x.dtype)
    }
  }
  for (name, negated, log) in [("softmax", false, false), ("log_softmax", false, true), ("softmin", true, false)] {
    ops.define("\(name)(Tensor self, \(line)) -> Tensor", doc: doc("\(log ? "The logarithm of exponentials" : "Exponentials") divided by their sum along dim", name), variants: [.function]) {
      (x: Tensor, d: Int, t: DType?, m: Tensor?) in try Masked(x: x, mask: m, name: name).softmax(d, t, negated: negated, log: log)
    }
  }
  ops.define("logaddexp(Tensor self, Tensor other, *, ScalarType? dtype=None, Tensor? input_mask=None, Tensor? other_mask=None) -> Tensor", doc: "log(exp(self) + exp(other)) of the elements where their masks hold. Mirrors torch.masked.logaddexp.", variants: [.function]) {
    (x: Tensor, y: Tensor, t: DType?, m: Tensor?, n: Tensor?) -> Tensor in
    let (a, b) = (Masked(x: x, mask: m, name: "logaddexp"), Masked(x: y, mask: n, name: "logaddexp"))
    return try Tensor.apply(PairFunctions.logaddexp, a.filled(a.bound(greatest: true)), b.filled(b.bound(greatest: true))).to(t ?? x.dtype)
  }
  ops.define("normalize(Tensor self, Scalar ord, int dim, *, float eps=1e-12, ScalarType? dtype=None, Tensor? mask=None) -> Tensor", doc: doc("The elements divided by their p-norm along dim", "normalize"), variants: [.function]) {
    (x: Tensor, p: Scalar, d: Int, e: Double, t: DType?, m: Tensor?) -> Tensor in
    let masked = Masked(x: x, mask: m, name: "normalize")
    let norm = try masked.norm(p, [d], true, t)
    return try masked.filled(.integer(0)).div(norm.maximum(.full([], .double(e), dtype: norm.dtype)))
  }
}
