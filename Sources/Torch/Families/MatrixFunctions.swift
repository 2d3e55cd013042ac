import Interface
import TensorCore

extension Tensor {
  /// The matrices multiplied by themselves; negative powers of the inverse. Mirrors `torch.linalg.matrix_power`.
  func matrixPower(_ n: Int) throws -> Tensor {
    try Linalg.checkSquare(self, "linalg.matrix_power")
    if n == 0 { return try Tensor.identity(rows, dtype: dtype).expand(Array(sizes)).clone().withoutSlope("CopyBackwards", [self]) }
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
    let (p, q) = (shape.reduce(1, *), b.count)
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
    var powers = [try Tensor.ones(Dims(shape), dtype: dtype.isInexact ? dtype : .int64)]
    let x = try reshape(shape).to(powers[0].dtype)
    for _ in 1..<n { powers.append(try powers[powers.count - 1].mul(x)) }
    return try Tensor.stack(powers, -1)
  }

  /// Powers of a vector as columns, falling unless `increasing`. Mirrors `torch.vander`.
  func plainVander(_ n: Int?, increasing: Bool) throws -> Tensor {
    if dim != 1 { throw TorchError.runtime("x must be a one-dimensional tensor.") }
    let n = n ?? sizes[0]
    if n < 0 { throw TorchError.runtime("N must be non-negative.") }
    let result: DType = dtype.isInexact ? dtype : .int64
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
