import Interface
import Kernels
import TensorCore

extension Tensor {
  /// Which dimensions a reduction folds; none named means all.
  struct Folding {
    let folded: Set<Int>
    let kept: Dims
    let inner: Dims
    let order: [Int]

    init(_ t: Tensor, _ dims: [Int]?) throws {
      let named = try (dims ?? []).map { try Shape.wrap($0, t.dim) }
      if Set(named).count != named.count {
        throw TorchError.runtime("dim \(named.first { d in named.filter { $0 == d }.count > 1 } ?? 0) appears multiple times in the list of dims")
      }
      let folded = named.isEmpty ? Set(0..<t.dim) : Set(named)
      let outer = (0..<t.dim).filter { !folded.contains($0) }
      let inner = (0..<t.dim).filter { folded.contains($0) }
      self.folded = folded
      kept = Dims(outer.map { t.sizes[$0] })
      self.inner = Dims(inner.map { t.sizes[$0] })
      order = outer + inner
    }

    /// The result's sizes, with ones in place of folded dimensions where `keepdim`.
    func sizes(_ t: Tensor, keepdim: Bool) -> Dims {
      keepdim ? Dims((0..<t.dim).map { folded.contains($0) ? 1 : t.sizes[$0] }) : kept
    }
  }

  /// Folds dimensions with an accumulator over doubles.
  func folded(
    _ folding: Folding, keepdim: Bool, result: DType, start: Double, _ step: @escaping (inout Double, Double) -> Void,
    finish: (Double, Int) -> Double = { value, _ in value }
  ) throws -> Tensor {
    try refuseOthers()
    let y = try Tensor(uninitialized: folding.sizes(self, keepdim: keepdim), dtype: .float64)
    let n = folding.inner.product
    let out = y.elements(Double.self)
    let x = Operand(pointer, dtype, Dims(folding.order.map { strides[$0] }))
    Reduction.forEach(x, .float64, outer: folding.kept, inner: folding.inner) { (flat: Int, walk: ((Double) -> Void) -> Void) in
      var total = start
      walk { step(&total, $0) }
      out[flat] = finish(total, n)
    }
    return result == .float64 ? y : try y.denseCopy(result)
  }

  /// Folds dimensions with an accumulator over integers.
  func folded(
    _ folding: Folding, keepdim: Bool, result: DType, startInteger: Int64, _ step: @escaping (inout Int64, Int64) -> Void
  ) throws -> Tensor {
    let y = try Tensor(uninitialized: folding.sizes(self, keepdim: keepdim), dtype: .int64)
    let out = y.elements(Int64.self)
    let x = Operand(pointer, dtype, Dims(folding.order.map { strides[$0] }))
    Reduction.forEach(x, .int64, outer: folding.kept, inner: folding.inner) { (flat: Int, walk: ((Int64) -> Void) -> Void) in
      var total = startInteger
      walk { step(&total, $0) }
      out[flat] = total
    }
    return result == .int64 ? y : try y.denseCopy(result)
  }

  /// A gradient of folded sizes stretched over the sizes before.
  func unfolded(_ folding: Folding, _ whole: Dims) throws -> Tensor {
    let ones = (0..<whole.count).map { folding.folded.contains($0) ? 1 : whole[$0] }
    return try reshape(ones).expand(Array(whole))
  }

  /// The sum over dimensions (all where none is named). Mirrors `torch.sum`.
  public func sum(dims: [Int]? = nil, keepdim: Bool = false, dtype result: DType? = nil) throws -> Tensor {
    let result = result ?? (dtype.isInexact ? dtype : .int64)
    if dtype.isComplex || result.isComplex { return try to(result).complexSum(dims, keepdim) }
    let quick = try folded(.sum, dims: dims, keepdim: keepdim, result: result) ?? summedWhole(dims: dims, keepdim: keepdim, result: result)
    if let quick, !Tensor.records(self) { return quick }
    let folding = try Folding(self, dims)
    let y =
      try quick
      ?? (dtype.isFloatingPoint || result.isFloatingPoint
        ? folded(folding, keepdim: keepdim, result: result, start: 0) { $0 += $1 }
        : folded(folding, keepdim: keepdim, result: result, startInteger: 0) { $0 &+= $1 })
    if Tensor.records(self) {
      let whole = sizes
      y.record(dims == nil ? "SumBackward0" : "SumBackward1", [self]) { _, g in [try g.unfolded(folding, whole)] }
    }
    return y
  }

  /// The mean over dimensions. Mirrors `torch.mean`.
  /// - Throws: PyTorch's sentence for integer tensors.
  public func mean(dims: [Int]? = nil, keepdim: Bool = false, dtype result: DType? = nil) throws -> Tensor {
    let result = result ?? dtype
    if dtype.isComplex || result.isComplex {
      let x = try to(result.isComplex ? result : dtype)
      return try x.sum(dims: dims, keepdim: keepdim).div(.wrapped(.integer(Folding(x, dims).inner.product))).to(result)
    }
    if !result.isFloatingPoint {
      throw TorchError.notImplemented(
        "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: \(dtype.capitalized)")
    }
    let quick = try folded(.mean, dims: dims, keepdim: keepdim, result: result)
    if let quick, !Tensor.records(self) { return quick }
    let folding = try Folding(self, dims)
    let y = try quick ?? folded(folding, keepdim: keepdim, result: result, start: 0, { $0 += $1 }) { $0 / Double($1) }
    if Tensor.records(self) {
      let (whole, n) = (sizes, folding.inner.product)
      y.record(dims == nil ? "MeanBackward0" : "MeanBackward1", [self]) { _, g in
        [try g.unfolded(folding, whole).div(.wrapped(.integer(n)))]
      }
    }
    return y
  }

  /// The variance. `correction` is taken off the count. Mirrors `torch.var`.
  public func variance(dims: [Int]?, correction: Double, keepdim: Bool) throws -> Tensor {
    if dtype.isComplex {
      return try real().variance(dims: dims, correction: correction, keepdim: keepdim).add(imaginary().variance(dims: dims, correction: correction, keepdim: keepdim))
    }
    if !dtype.isFloatingPoint { throw TorchError.notImplemented("std and var only support floating point and complex dtypes") }
    if !Tensor.records(self), let y = try folded(.variance(correction: correction), dims: dims, keepdim: keepdim, result: dtype) { return y }
    let folding = try Folding(self, dims)
    let wide = try to(.float64)
    let centered = try wide.sub(wide.mean(dims: Array(folding.folded), keepdim: true))
    let n = Double(folding.inner.product) - correction
    return try centered.mul(centered).sum(dims: Array(folding.folded), keepdim: keepdim).div(.wrapped(.double(Swift.max(n, 0)))).to(dtype)
  }

  /// Whether all elements are not zero. Mirrors `torch.all`.
  public func all(dims: [Int]? = nil, keepdim: Bool = false) throws -> Tensor {
    if dtype.isComplex { return try to(.bool).all(dims: dims, keepdim: keepdim) }
    return try folded(Folding(self, dims), keepdim: keepdim, result: .bool, start: 1) { if $1 == 0 { $0 = 0 } }
  }

  /// Whether any element is not zero. Mirrors `torch.any`.
  public func any(dims: [Int]? = nil, keepdim: Bool = false) throws -> Tensor {
    if dtype.isComplex { return try to(.bool).any(dims: dims, keepdim: keepdim) }
    return try folded(Folding(self, dims), keepdim: keepdim, result: .bool, start: 0) { if $1 != 0 { $0 = 1 } }
  }

  /// The first index of the extreme value along one dimension; NaN counts as extreme.
  public func extremeIndex(_ d: Int, keepdim: Bool, greatest: Bool) throws -> Tensor {
    if let y = try extremeIndexDense(d, keepdim: keepdim, greatest: greatest) { return y }
    let folding = try Folding(self, [d])
    let y = try Tensor(uninitialized: folding.sizes(self, keepdim: keepdim), dtype: .int64)
    let out = y.elements(Int64.self)
    func run<W: WideElement>(_ type: W.Type, _ wide: DType) {
      Reduction.forEach(Operand(pointer, dtype, Dims(folding.order.map { strides[$0] })), wide, outer: folding.kept, inner: folding.inner) {
        (flat: Int, walk: ((W) -> Void) -> Void) in
        var best: W?
        var (at, i): (Int64, Int64) = (0, 0)
        walk { value in
          if let b = best {
            let isNaN = value != value
            if b == b && (isNaN || (greatest ? value > b : value < b)) { (best, at) = (value, i) }
          } else {
            (best, at) = (value, i)
          }
          i += 1
        }
        out[flat] = at
      }
    }
    if dtype.isFloatingPoint { run(Double.self, .float64) } else { run(Int64.self, .int64) }
    return y
  }

  /// The extreme of all elements or of some dimensions. Mirrors `torch.amax`; gradients are shared among ties.
  public func extremeValue(_ dims: [Int]?, keepdim: Bool, greatest: Bool, name: String) throws -> Tensor {
    if count > 0, !Tensor.records(self), let y = try folded(greatest ? .greatest : .least, dims: dims, keepdim: keepdim, result: dtype) { return y }
    let folding = try Folding(self, dims)
    if folding.inner.product == 0 {
      throw TorchError.runtime(
        "\(greatest ? "max" : "min")(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.")
    }
    let y: Tensor
    if dtype.isFloatingPoint {
      let start = greatest ? -Double.infinity : Double.infinity
      y = try folded(folding, keepdim: keepdim, result: dtype, start: start) {
        if $1.isNaN || (greatest ? $1 > $0 : $1 < $0) { $0 = $1 }
      }
    } else {
      y = try folded(folding, keepdim: keepdim, result: dtype, startInteger: greatest ? .min : .max) {
        $0 = greatest ? Swift.max($0, $1) : Swift.min($0, $1)
      }
    }
    if Tensor.records(self) {
      let (x, whole, saved) = (SavedTensor(self), sizes, SavedTensor(result: y))
      y.record(name, [self]) { node, g in
        let mask = try x.unpack().eq(saved.unpack(node).unfolded(folding, whole)).to(g.dtype)
        let ties = try mask.sum(dims: Array(folding.folded), keepdim: true)
        return [try g.unfolded(folding, whole).mul(mask.div(ties))]
      }
    }
    return y
  }
}
