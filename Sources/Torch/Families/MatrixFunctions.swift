import Interface
import TensorCore

extension Tensor {
  /// The matrices multiplied by themselves; negative powers of the inverse. Mirrors `torch.linalg.matrix_power`.
  func matrixPower(_ n: Int) throws -> Tensor {
    try Linalg.checkSquare(self, "linalg.matrix_power")
    if n == 0 { return try Tensor.identity(rows, dtype: dtype).expand(Array(sizes)).clone() }
    if n < 0 { return try inverse().matrixPower(-n) }
    if n == 1 { return try clone() }
    if n == 3 { return try matmul(self).matmul(self) }
    var (rest, square, result): (Int, Tensor?, Tensor?) = (n, nil, nil)
    while rest > 0 {
      let next = try square.map { try $0.matmul($0) } ?? self
      square = next
      if rest & 1 == 1 { result = try result.map { try $0.matmul(next) } ?? next }
      rest >>= 1
    }
    return result ?? self
  }

  /// e to the power of each matrix. Mirrors `torch.linalg.matrix_exp`.
  func matrixExp(_ name: String = "linalg.matrix_exp") throws -> Tensor {
    try Linalg.checkSquare(self, name)
    try Linalg.checkFloating(self, name)
    let y = try GradMode.with(false) { try to(.float64).exponential().to(dtype).contiguous() }
    if Tensor.records(self) {
      let saved = SavedTensor(self)
      y.record("LinalgMatrixExpBackward0", [self]) { _, g in
        // The upper right block of exp [[Aᵀ, G], [0, Aᵀ]] is the gradient.
        let a = try saved.unpack().mT
        let n = a.rows
        let zero = try Tensor.zeros(a.sizes, dtype: a.dtype)
        let whole = try Tensor.cat([.cat([a, g], -1), .cat([zero, a], -1)], -2)
        return [try whole.matrixExp().narrow(-2, 0, n).narrow(-1, n, n)]
      }
    }
    return y
  }

  /// Taylor's polynomial of degree 18 of the matrix scaled down, then squared as often as it was halved.
  private func exponential() throws -> Tensor {
    if count == 0 { return try clone() }
    let norms = try abs().sum(dims: [-2]).extremeValue(nil, keepdim: false, greatest: true, name: "").scalar(at: 0).doubleValue
    if !norms.isFinite { return try .full(sizes, .double(.nan), dtype: dtype) }
    var halvings = 0
    while norms / Double(1 << Swift.min(halvings, 62)) > 1.09 && halvings < 62 { halvings += 1 }
    let a = try mul(.wrapped(.double(1 / Double(1 << halvings))))
    let unit = try Tensor.identity(rows, dtype: dtype)
    // Paterson and Stockmeyer: four groups of five terms, in the fifth power of A.
    var powers = [unit, a]
    for _ in 2...5 { powers.append(try (powers.last ?? a).matmul(a)) }
    var factorials = [1.0]
    for i in 1...18 { factorials.append(factorials[i - 1] * Double(i)) }
    var sum: Tensor?
    for group in stride(from: 15, through: 0, by: -5) {
      var part = try unit.mul(.wrapped(.double(1 / factorials[group])))
      for i in 1..<5 where group + i <= 18 { part = try part.add(powers[i].mul(.wrapped(.double(1 / factorials[group + i])))) }
      sum = try sum.map { try $0.matmul(powers[5]).add(part) } ?? part
    }
    var y = sum ?? unit
    for _ in 0..<halvings { y = try y.matmul(y) }
    return y
  }

  /// The inverse of a tensor as a map between its first and its last dimensions. Mirrors `torch.linalg.tensorinv`.
  func tensorInverse(_ ind: Int) throws -> Tensor {
    if ind <= 0 { throw TorchError.runtime("Expected a strictly positive integer for 'ind', but got \(ind)") }
    let (front, back) = (Array(sizes.prefix(ind)), Array(sizes.dropFirst(ind)))
    let (p, q) = (back.reduce(1, *), front.reduce(1, *))
    if p != q {
      throw TorchError.runtime("Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got \(p) != \(q)")
    }
    return try reshape([q, p]).inverse("inv").reshape(back + front)
  }

  /// The X with which the sum of products over X's dimensions gives B. Mirrors `torch.linalg.tensorsolve`.
  func tensorSolve(_ b: Tensor, dims: [Int]?) throws -> Tensor {
    var a = self
    if let dims {
      let moved = try dims.map { try Shape.wrap($0, dim) }
      a = try permute((0..<dim).filter { !moved.contains($0) } + moved)
    }
    let shape = Array(a.sizes.dropFirst(b.dim))
    let (p, q) = (shape.reduce(1, *), a.sizes.prefix(b.dim).reduce(1, *))
    if p != q {
      throw TorchError.runtime("Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got \(p) != \(q)")
    }
    return try a.reshape([p, p]).solveEx(b.reshape([-1]), checking: "torch.linalg.solve").0.reshape(shape)
  }

  /// Powers of vectors as rows. Mirrors `torch.linalg.vander`.
  func vander(_ n: Int?) throws -> Tensor {
    if dtype.itemSize == 2 && dtype.isFloatingPoint || dtype == .bool {
      throw TorchError.notImplemented("linalg.vander supports floating point, complex, and integer tensors, but got \(dtype.capitalized)")
    }
    let shape = dim == 0 ? [1] : Array(sizes)
    let n = n ?? (shape.last ?? 1)
    if n <= 1 { throw TorchError.runtime("N must be greater than 1.") }
    var powers = [try Tensor.ones(Dims(shape), dtype: dtype.isFloatingPoint ? dtype : .int64)]
    let x = try reshape(shape).to(powers[0].dtype)
    for _ in 1..<n { powers.append(try powers[powers.count - 1].mul(x)) }
    return try Tensor.stack(powers, -1)
  }

  /// Powers of a vector as columns, falling unless `increasing`. Mirrors `torch.vander`.
  func plainVander(_ n: Int?, increasing: Bool) throws -> Tensor {
    if dim != 1 { throw TorchError.runtime("x must be a one-dimensional tensor.") }
    let n = n ?? sizes[0]
    if n < 0 { throw TorchError.runtime("N must be non-negative.") }
    let result: DType = dtype.isFloatingPoint ? dtype : .int64
    if n == 0 { return try Tensor(uninitialized: [sizes[0], 0], dtype: result) }
    var powers = [try Tensor.ones(sizes, dtype: result)]
    let x = try to(result)
    for _ in 1..<Swift.max(n, 1) where n > 1 { powers.append(try powers[powers.count - 1].mul(x)) }
    return try Tensor.stack(increasing ? powers : powers.reversed(), -1)
  }

  /// The column space of A, nearly, by random projection. Mirrors `torch._lowrank.get_approximate_basis`.
  private func approximateBasis(_ q: Int, _ steps: Int, _ mean: Tensor?) throws -> Tensor {
    func image(_ a: Tensor, _ m: Tensor?, _ x: Tensor) throws -> Tensor {
      let y = try a.matmul(x)
      return try m.map { try y.sub($0.matmul(x)) } ?? y
    }
    let start = try Tensor(uninitialized: [columns, q], dtype: dtype).normal(0, 1, nil)
    var basis = try image(self, mean, start).qr().0
    for _ in 0..<steps {
      basis = try image(mT, mean?.mT, basis).qr().0
      basis = try image(self, mean, basis).qr().0
    }
    return basis
  }

  /// The largest singular values and their vectors, by random projection. Mirrors `torch.svd_lowrank`.
  func svdLowRank(_ q: Int, _ steps: Int, _ mean: Tensor?) throws -> (Tensor, Tensor, Tensor) {
    let turned = rows < columns
    var mean = try mean?.expand(Array(sizes))
    if turned { mean = try mean?.mT }
    let a = turned ? try mT : self
    let basis = try a.approximateBasis(q, steps, mean)
    var b = try basis.mT.matmul(a)
    if let mean { b = try b.sub(basis.mT.matmul(mean)) }
    let (u, s, vh) = try b.svd(full: false)
    let left = try basis.matmul(u)
    return turned ? (try vh.mT, s, left) : (left, s, try vh.mT)
  }
}
