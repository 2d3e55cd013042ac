import Interface
import TensorCore

/// The order of a matrix norm: a number or a name.
public enum NormOrder {
  case number(Scalar)
  case name(String)

  /// As PyTorch's sentences write it.
  var text: String {
    switch self {
    case .number(.integer(let i)): "\(i)"
    case .number(let s): s.doubleValue == s.doubleValue.rounded() && s.doubleValue.isFinite ? "\(Int(s.doubleValue))" : s.doubleValue.isInfinite ? (s.doubleValue < 0 ? "-inf" : "inf") : "\(s.doubleValue)"
    case .name(let name): name
    }
  }

  /// Of an argument; nil where there is none.
  /// - Throws: a `TypeError` for what is neither number nor name.
  init?(_ value: Value) throws {
    switch value {
    case .none: return nil
    case .string(let name): self = .name(name)
    case .integer(let i): self = .number(.integer(i))
    case .number(let d): self = .number(.double(d))
    case .boolean(let b): self = .number(.boolean(b))
    default: throw TorchError.type("norm(): argument 'ord' must be Number or str, not \(value.pythonTypeName)")
    }
  }
}

extension Tensor {
  private func checkNormType(_ result: DType?, _ name: String) throws {
    try Linalg.checkFloating(self, name)
    guard let result else { return }
    if !result.isInexact { throw TorchError.runtime("\(name): dtype should be floating point or complex, but got \(result.capitalized)") }
    if result.promoted(with: dtype) != result {
      throw TorchError.runtime(
        "\(name): the dtype of the input (\(dtype.capitalized)) should be convertible without narrowing to the specified dtype (\(result.capitalized))")
    }
  }

  /// The sum of powers of magnitudes, in the type of arithmetic.
  private static func powerSum(_ x: Tensor, _ p: Double, _ dims: [Int]?, _ keepdim: Bool) throws -> Tensor {
    switch p {
    case 0: return try x.ne(.wrapped(.integer(0))).to(x.dtype).sum(dims: dims, keepdim: keepdim)
    case 1: return try x.abs().sum(dims: dims, keepdim: keepdim)
    case 2: return try x.mul(x).sum(dims: dims, keepdim: keepdim)
    default: return try x.abs().pow(.wrapped(.double(p))).sum(dims: dims, keepdim: keepdim)
    }
  }

  /// The p-norm of the elements over dimensions. Mirrors `torch.linalg.vector_norm`.
  public func vectorNorm(_ order: Scalar, dims: [Int]? = nil, keepdim: Bool = false, dtype result: DType? = nil, node: String = "LinalgVectorNormBackward0") throws -> Tensor {
    let name = "linalg.vector_norm"
    try checkNormType(result, name)
    if dtype.isComplex { return try abs().vectorNorm(order, dims: dims, keepdim: keepdim, dtype: result?.parts, node: node) }
    let p = order.doubleValue
    let dims = dims?.isEmpty ?? true ? nil : dims
    if count == 0 && (p < 0 || p == .infinity) {
      let text = NormOrder.number(order).text
      guard let dims else {
        throw TorchError.runtime("\(name) cannot compute the \(text) norm on an empty tensor because the operation does not have an identity")
      }
      for d in dims where try size(d) == 0 {
        throw TorchError.runtime("\(name) cannot compute the \(text) norm on the dimension \(d)because this dimension is empty and the operation does not have an identity")
      }
    }
    let x = try result.map { try to($0) } ?? self
    let y = try GradMode.with(false) { () -> Tensor in
      if p == 2, let y = try x.folded(.norm, dims: dims, keepdim: keepdim, result: x.dtype) { return y }
      let wide = try x.to(x.dtype.wide)
      let folding = try Folding(x, dims)
      // The norm of one number is its magnitude, exactly.
      if p != 0 && folding.inner.product == 1 { return try x.abs().reshape(Array(folding.sizes(x, keepdim: keepdim))) }
      switch p {
      case .infinity, -.infinity:
        return try wide.abs().extremeValue(dims, keepdim: keepdim, greatest: p > 0, name: "").to(x.dtype)
      case 0, 1: return try Tensor.powerSum(wide, p, dims, keepdim).to(x.dtype)
      case 2: return try Tensor.powerSum(wide, p, dims, keepdim).sqrt().to(x.dtype)
      default: return try Tensor.powerSum(wide, p, dims, keepdim).pow(.wrapped(.double(1 / p))).to(x.dtype)
      }
    }
    if Tensor.records(x) {
      let (sx, sy, folding) = (SavedTensor(x), SavedTensor(result: y), try Folding(x, dims))
      y.record(node, [x]) { node, g in
        let x = try sx.unpack()
        let ones = (0..<x.dim).map { folding.folded.contains($0) ? 1 : x.sizes[$0] }
        return [try x.normBackward(p, g.reshape(ones), sy.unpack(node).reshape(ones), Array(folding.folded))]
      }
    }
    return y
  }

  /// The gradient of a norm; zero where the norm is. `g` and `norm` have ones in place of folded dimensions.
  private func normBackward(_ p: Double, _ g: Tensor, _ norm: Tensor, _ dims: [Int]) throws -> Tensor {
    let zero = try Tensor.scalar(.integer(0), dtype: g.dtype)
    func cleared(_ t: Tensor, where mask: Tensor) throws -> Tensor { try Tensor.where(mask, zero, t) }
    let nothing = try norm.eq(.wrapped(.integer(0)))
    switch p {
    case 0: return try .zeros(sizes, dtype: g.dtype)
    case 1: return try sign().mul(g)
    case 2: return try g.mul(cleared(div(norm), where: nothing))
    case .infinity, -.infinity:
      let size = try abs()
      let mask = try size.eq(norm).logicalOr(size.ne(size)).to(g.dtype)
      return try sign().mul(g.div(mask.sum(dims: dims, keepdim: true)).mul(mask))
    case ..<1:
      let scaled = try cleared(sign().mul(abs().pow(.wrapped(.double(p - 1)))), where: eq(.wrapped(.integer(0))))
      return try scaled.mul(g).mul(norm.pow(.wrapped(.double(1 - p))))
    case ..<2:
      let scaled = try sign().mul(abs().pow(.wrapped(.double(p - 1))))
      return try scaled.mul(cleared(g.div(norm.pow(.wrapped(.double(p - 1)))), where: nothing))
    default:
      let scaled = try mul(abs().pow(.wrapped(.double(p - 2))))
      return try scaled.mul(cleared(g.div(norm.pow(.wrapped(.double(p - 1)))), where: nothing))
    }
  }

  /// The norm of matrices. Mirrors `torch.linalg.matrix_norm`.
  public func matrixNorm(_ order: NormOrder, dims: [Int] = [-2, -1], keepdim: Bool = false, dtype result: DType? = nil) throws -> Tensor {
    let name = "linalg.matrix_norm"
    try Linalg.checkMatrix(self, name)
    if dims.count != 2 { throw TorchError.runtime("\(name): dim must be a 2-tuple. Got \(dims.map(String.init).joined(separator: " "))") }
    let (a, b) = (try Shape.wrap(dims[0], dim), try Shape.wrap(dims[1], dim))
    if a == b { throw TorchError.runtime("\(name): dims must be different. Got (\(a), \(b))") }
    var kind = order
    if case .name(let text) = order {
      if text != "fro" && text != "nuc" { throw TorchError.runtime("\(name): Order \(text) not supported.") }
    } else if case .number(let p) = order, ![1, 2, .infinity].contains(p.doubleValue.magnitude) {
      throw TorchError.runtime("\(name): Order \(order.text) not supported.")
    }
    try checkNormType(result, name)
    if case .number(let p) = order, p.doubleValue.magnitude == 2 { kind = .name(p.doubleValue > 0 ? "largest" : "least") }
    switch kind {
    case .name("fro"): return try vectorNorm(.integer(2), dims: [a, b], keepdim: keepdim, dtype: result)
    case .name(let text):
      try Linalg.checkFloating(self, name, halves: false)
      let x = try result.map { try to($0) } ?? self
      let s = try x.permute((0..<dim).filter { $0 != a && $0 != b } + [a, b]).svdvals()
      let y = text == "nuc" ? try s.sum(dims: [-1]) : try s.extremeOrZero(-1, greatest: text == "largest", keepdim: false)
      if !keepdim { return y }
      return try y.unsqueeze(Swift.min(a, b)).unsqueeze(Swift.max(a, b))
    case .number(let p):
      let (inner, outer) = p.doubleValue.magnitude == 1 ? (a, b) : (b, a)
      let sums = try vectorNorm(.integer(1), dims: [inner], keepdim: keepdim, dtype: result)
      return try sums.extremeOrZero(!keepdim && inner < outer ? outer - 1 : outer, greatest: p.doubleValue > 0, keepdim: keepdim)
    }
  }

  /// The extreme along a dimension; the greatest of nothing is zero.
  private func extremeOrZero(_ d: Int, greatest: Bool, keepdim: Bool) throws -> Tensor {
    let at = try Shape.wrap(d, dim)
    if sizes[at] == 0 {
      if !greatest { throw TorchError.index("amin(): Expected reduction dim \(d) to have non-zero size.") }
      var left = Array(sizes)
      if keepdim { left[at] = 1 } else { left.remove(at: at) }
      return try .zeros(Dims(left), dtype: dtype)
    }
    return try extremeValue([at], keepdim: keepdim, greatest: greatest, name: greatest ? "AmaxBackward0" : "AminBackward0")
  }

  /// A vector's or a matrix's norm, by the dimensions named. Mirrors `torch.linalg.norm`.
  func linalgNorm(_ order: NormOrder?, dims: [Int]?, keepdim: Bool, dtype result: DType?) throws -> Tensor {
    if let dims, dims.count != 1 && dims.count != 2 {
      throw TorchError.runtime("linalg.norm: If dim is specified, it must be of length 1 or 2. Got \(Dims(dims).text)")
    }
    if order != nil && dims == nil && dim != 1 && dim != 2 {
      throw TorchError.runtime("linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got \(dim)D.")
    }
    if let order {
      if case .name = order { return try matrixNorm(order, dims: dims ?? (dim == 2 ? [0, 1] : Array(0..<dim)), keepdim: keepdim, dtype: result) }
      if dims?.count ?? dim == 2 { return try matrixNorm(order, dims: dims ?? [0, 1], keepdim: keepdim, dtype: result) }
      if case .number(let p) = order { return try vectorNorm(p, dims: dims, keepdim: keepdim, dtype: result) }
    }
    return try vectorNorm(.integer(2), dims: dims, keepdim: keepdim, dtype: result)
  }

  /// The norm of elements; `fro` and `nuc` are matrix norms. Mirrors `torch.norm`.
  func norm(_ order: NormOrder?, dims: [Int]?, keepdim: Bool, dtype result: DType?) throws -> Tensor {
    switch order {
    case nil: return try vectorNorm(.integer(2), dims: dims, keepdim: keepdim, dtype: result)
    case .number(let p)?: return try vectorNorm(p, dims: dims, keepdim: keepdim, dtype: result)
    case .name(let name)?:
      if name == "fro" && dims?.count ?? 0 <= 2 { return try vectorNorm(.integer(2), dims: dims, keepdim: keepdim, dtype: result) }
      return try matrixNorm(.name(name), dims: dims ?? Array(0..<dim), keepdim: keepdim, dtype: result)
    }
  }

  /// The condition number. Mirrors `torch.linalg.cond`.
  func cond(_ order: NormOrder?) throws -> Tensor {
    if dim < 2 { throw TorchError.runtime("linalg.cond: The input tensor must have at least 2 dimensions.") }
    if case .number(let p)? = order, ![1, 2, .infinity].contains(p.doubleValue.magnitude) {
      throw TorchError.value("linalg.cond got an invalid norm type: \(NormOrder.number(p).text)")
    }
    if case .name(let name)? = order, name != "fro" && name != "nuc" {
      throw TorchError.value("linalg.cond got an invalid norm type: \(name)")
    }
    var isSpectral = order == nil
    if case .number(let p)? = order, p.doubleValue.magnitude == 2 { isSpectral = true }
    if isSpectral {
      let s = try svdvals()
      if count == 0 { return try .zeros(Dims(batchSizes), dtype: dtype) }
      let (first, last) = (try s.select(-1, 0), try s.select(-1, -1))
      if case .number(let p)? = order, p.doubleValue == -2 { return try last.div(first) }
      return try first.div(last)
    }
    guard let order else { return self }
    if rows != columns { try Linalg.checkSquare(self, "linalg.cond(ord=\(order.text))") }
    if count == 0 { return try .zeros(Dims(batchSizes), dtype: dtype) }
    if case .name("nuc") = order { return try matrixNorm(order).mul(pinv(atol: nil, rtol: nil).matrixNorm(order)) }
    let (inverse, info) = try invEx("linalg.inv_ex", checking: false)
    let y = try matrixNorm(order).mul(inverse.matrixNorm(order))
    let infinite = try GradMode.with(false) { try info.ne(.wrapped(.integer(0))) }
    return try Tensor.where(infinite, .scalar(.double(.infinity), dtype: dtype), y)
  }

  /// Rows along a dimension scaled down to a norm. Mirrors `torch.renorm`.
  func renorm(_ p: Scalar, _ d: Int, _ most: Scalar) throws -> Tensor {
    if p.doubleValue <= 0 { throw TorchError.runtime("renorm: non-positive-norm not supported") }
    if most.doubleValue < 0 {
      throw TorchError.runtime("renorm: expected maxnorm to be >= 0 but got \(NormOrder.number(most).text)")
    }
    if dim < 2 { throw TorchError.runtime("renorm: input needs at least 2 dimensions, got \(dim) dimensions") }
    let at = try Shape.wrap(d, dim)
    func scaled(_ x: Tensor) throws -> Tensor {
      let norm = try x.vectorNorm(p, dims: (0..<dim).filter { $0 != at }, keepdim: true, dtype: dtype.isFloatingPoint ? dtype.wide : nil)
      let scale = try Tensor.wrapped(most).div(norm.add(.wrapped(.double(1e-7))))
      return try x.mul(Tensor.where(norm.gt(.wrapped(most)), scale, .scalar(.integer(1), dtype: norm.dtype)).to(dtype))
    }
    let y = try GradMode.with(false) { try scaled(self) }
    if Tensor.records(self) {
      let saved = SavedTensor(self)
      y.record("RenormBackward0", [self]) { _, g in try Tensor.replayed([saved.unpack()], g) { try scaled($0[0]) } }
    }
    return y
  }
}
