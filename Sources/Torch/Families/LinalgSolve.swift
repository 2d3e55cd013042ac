import Interface
import Kernels
import TensorCore

extension Tensor {
  /// The solution of A X = B or X A = B and what the factorization reports. Mirrors `torch.linalg.solve_ex`.
  public func solveEx(_ b: Tensor, left: Bool = true, checking name: String? = nil) throws -> (Tensor, Tensor) {
    try Linalg.checkFloating(self, "linalg.solve")
    if dtype != b.dtype {
      throw TorchError.runtime("linalg.solve: Expected A and B to have the same dtype, but found A of type \(dtype.capitalized) and B of type \(b.dtype.capitalized) instead")
    }
    try Linalg.checkMatrix(self, "linalg.solve")
    let isVector = Linalg.isVector(self, b)
    let shaped = isVector ? try GradMode.with(false) { try b.unsqueeze(-1) } : b
    try Linalg.checkEquation(self, shaped, left: left, "linalg.solve")
    if isVector && !left {
      throw TorchError.runtime("linalg.solve: Vector broadcasting of the left hand side is not supported for left=False. In this case linalg.solve is equivalent to B / A.squeeze(-1)")
    }
    let factors = try luFactors()
    if let name { try Linalg.check(factors.info, name) }
    let x = try GradMode.with(false) { () -> Tensor in
      left ? try Tensor.luSolved(factors.packed, factors.pivots, shaped, transposed: false)
        : try Tensor.luSolved(factors.packed, factors.pivots, shaped.mT, transposed: true).mT
    }
    let result = isVector ? try x.asVectors() : x
    if Tensor.records(self, b) {
      let (sa, sx, own, other) = (SavedTensor(self), SavedTensor(result: result), sizes, b.sizes)
      result.record("LinalgSolveExBackward0", [self, b]) { node, g in
        let x = try sx.unpack(node)
        let (g, x2) = isVector ? (try g.unsqueeze(-1), try x.unsqueeze(-1)) : (g, x)
        let gb: Tensor
        if GradMode.isEnabled {
          gb = try sa.unpack().mT.solveEx(g, left: left).0
        } else {
          gb = left ? try Tensor.luSolved(factors.packed, factors.pivots, g, transposed: true)
            : try Tensor.luSolved(factors.packed, factors.pivots, g.mT, transposed: false).mT
        }
        let ga = node.needs(0) ? try (left ? gb.matmul(x2.mT) : x2.mT.matmul(gb)).neg().summed(to: own) : nil
        return [ga, node.needs(1) ? try (isVector ? gb.squeeze([-1]) : gb).summed(to: other) : nil]
      }
    }
    return (result, factors.info)
  }

  /// Matrices of one column as vectors, laid out as PyTorch lays them out: dense by columns.
  func asVectors() throws -> Tensor {
    let y = dim > 2 ? try Tensor.columnMajor(Array(sizes.dropLast()), dtype: dtype) : try Tensor(uninitialized: [rows], dtype: dtype)
    Cast.copy(Operand(pointer, dtype, Dims(strides.dropLast())), to: y.operand, sizes: y.sizes)
    return y
  }

  /// The inverse and what the factorization reports. Mirrors `torch.linalg.inv_ex`.
  func invEx(_ name: String, checking: Bool) throws -> (Tensor, Tensor) {
    try Linalg.checkSquare(self, name)
    try Linalg.checkFloating(self, name, halves: false)
    let factors = try luFactors()
    if checking { try Linalg.check(factors.info, name) }
    let unit = try Tensor.identity(rows, dtype: dtype)
    let y = try Tensor.luSolved(factors.packed, factors.pivots, unit, transposed: false)
    if Tensor.records(self) {
      let saved = SavedTensor(result: y)
      y.record("LinalgInvExBackward0", [self]) { node, g in
        let adjoint = try saved.unpack(node).mT
        return [try adjoint.matmul(g.matmul(adjoint)).neg()]
      }
    }
    return (y, factors.info)
  }

  /// The inverse. Mirrors `torch.linalg.inv`.
  func inverse(_ name: String = "linalg.inv") throws -> Tensor { try invEx(name, checking: true).0 }

  /// The determinant. Mirrors `torch.linalg.det`.
  func det() throws -> Tensor {
    try Linalg.checkSquare(self, "linalg.det")
    try Linalg.checkFloating(self, "linalg.det")
    let factors = try luFactors()
    let y = try GradMode.with(false) {
      try factors.packed.matrixDiagonal().prod(dims: [-1], keepdim: false).mul(Tensor.exchangeSign(factors.pivots, dtype))
    }
    if Tensor.records(self) {
      let (sa, sy) = (SavedTensor(self), SavedTensor(result: y))
      y.record("LinalgDetBackward0", [self]) { node, g in
        let (a, d) = (try sa.unpack(), try sy.unpack(node))
        if a.count == 0 { return [try .zeros(a.sizes, dtype: a.dtype)] }
        let epsilon = a.dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
        let diagonal = try g.mul(d).unsqueeze(-1).expand(Array(a.sizes.dropLast())).diagonalMatrix()
        if !GradMode.isEnabled {
          // The determinant is smooth: where U has a zero, a small number stands in for it.
          let u = try factors.packed.matrixDiagonal()
          let filled = try Tensor.where(u.eq(.wrapped(.integer(0))), .wrapped(.double(epsilon)), .wrapped(.double(0))).to(a.dtype)
          return [try Tensor.luSolved(factors.packed.add(filled.diagonalMatrix()), factors.pivots, diagonal, transposed: true)]
        }
        return [try Tensor.detBackward(g, d, a, diagonal, epsilon)]
      }
    }
    return y
  }

  /// The determinant's gradient, differentiable at singular matrices too: there by way of the adjugate.
  private static func detBackward(_ g: Tensor, _ d: Tensor, _ a: Tensor, _ diagonal: Tensor, _ epsilon: Double) throws -> Tensor {
    let singular = try d.detached().abs().lt(.wrapped(.double(100 * epsilon)))
    if try singular.any().scalar(at: 0) == .boolean(false) { return try a.mT.solveEx(diagonal).0 }
    let mask = try singular.unsqueeze(-1).unsqueeze(-1)
    // Matrices of the other kind are replaced by one that harms neither value nor slope.
    let other = try Tensor.vector((1...a.rows).map(Double.init), dtype: a.dtype).diagonalMatrix()
    let (u, s, vh) = try Tensor.where(mask, a, other).svd(full: false)
    let alpha = try u.det().mul(vh.det()).mul(g)
    let others = try (0..<a.rows).map { i in
      let rest = (0..<a.rows).filter { $0 != i }
      return try rest.reduce(alpha) { try $0.mul(s.select(-1, $1)) }
    }
    let adjugate = try u.mul(Tensor.stack(others, -1).unsqueeze(-2)).matmul(vh)
    if try singular.all().scalar(at: 0) == .boolean(true) { return adjugate }
    return try Tensor.where(mask, adjugate, Tensor.where(mask, other, a).mT.solveEx(diagonal).0)
  }

  /// 1 or −1 by the parity of the row exchanges.
  private static func exchangeSign(_ pivots: Tensor, _ dtype: DType) throws -> Tensor {
    let k = pivots.sizes[pivots.dim - 1]
    let order = try Tensor.vector((0..<k).map { $0 + 1 })
    let exchanged = try pivots.ne(order).sum(dims: [-1])
    return try exchanged.remainder(.wrapped(.integer(2))).mul(.wrapped(.integer(-2))).add(.wrapped(.integer(1))).converted(to: dtype)
  }

  /// The determinant's sign and the logarithm of its magnitude. Mirrors `torch.linalg.slogdet`.
  func slogdet(_ name: String = "linalg.slogdet") throws -> (Tensor, Tensor) {
    try Linalg.checkSquare(self, name)
    try Linalg.checkFloating(self, name, halves: false)
    let factors = try luFactors()
    let (sign, magnitude) = try GradMode.with(false) { () -> (Tensor, Tensor) in
      let u = try factors.packed.matrixDiagonal()
      let sign = try (dtype.isComplex ? u.complexSign() : u.sign()).prod(dims: [-1], keepdim: false).mul(Tensor.exchangeSign(factors.pivots, dtype))
      return (sign, try u.abs().log().sum(dims: [-1]))
    }
    let saved = SavedTensor(self)
    if dtype.isComplex {
      let turned = SavedTensor(result: sign)
      Tensor.recordPlainNode("LinalgSlogdetBackward0", inputs: [self], results: [sign, magnitude]) { node, g in
        let (a, sign) = (try saved.unpack(), try turned.unpack(node, 0))
        var slope = try g[1]?.to(a.dtype)
        if let gs = g[0] {
          let turn = try gs.conj().mul(sign).imaginary().mul(.wrapped(.complex(0, -1)))
          slope = try slope?.add(turn) ?? turn
        }
        guard let slope, a.count > 0 else { return [try a.zeros()] }
        return [try a.mT.conj().solveEx(slope.unsqueeze(-1).expand(Array(a.sizes.dropLast())).diagonalMatrix()).0]
      }
      return (sign, magnitude)
    }
    Tensor.recordNode("LinalgSlogdetBackward0", inputs: [self], results: [sign, magnitude]) { _, g in
      guard let g = g[1] else { return [nil] }
      let a = try saved.unpack()
      if a.count == 0 { return [try .zeros(a.sizes, dtype: a.dtype)] }
      let diagonal = try g.unsqueeze(-1).expand(Array(a.sizes.dropLast())).diagonalMatrix()
      if GradMode.isEnabled { return [try a.mT.solveEx(diagonal).0] }
      return [try Tensor.luSolved(factors.packed, factors.pivots, diagonal, transposed: true)]
    }
    return (sign, magnitude)
  }

  /// The logarithm of the determinant; NaN where it is negative. Mirrors `torch.logdet`.
  func logdet() throws -> Tensor {
    try Linalg.checkSquare(self, "logdet")
    try Linalg.checkFloating(self, "logdet", halves: false)
    let (sign, magnitude) = try slogdet()
    if dtype.isComplex { return try sign.log().add(magnitude) }
    return try Tensor.where(sign.eq(.wrapped(.integer(-1))), .wrapped(.double(.nan)), magnitude)
  }

  /// The solution of A X = B (or X A = B) for triangular A; batches broadcast. Mirrors `torch.linalg.solve_triangular`.
  func solveTriangular(_ b: Tensor, upper: Bool, left: Bool = true, unit: Bool = false) throws -> Tensor {
    try Linalg.checkEquation(self, b, left: left, "linalg.solve_triangular")
    try Linalg.checkKernel(self, "triangular_solve_cpu", complex: true)
    let b = try b.to(dtype)
    let shapes = try Linalg.broadcast(self, b)
    let x = try b.columnMajorCopy(shapes.b)
    if x.count > 0 {
      let a = try columnMajorCopy(shapes.a)
      withExtendedLifetime(a) { Lapack.triangularSolve(a.lapack, x.lapack, upper: upper, left: left, transposed: false, unit: unit) }
    }
    if Tensor.records(self, b) {
      let (sa, sx, own, other) = (SavedTensor(self), SavedTensor(result: x), sizes, b.sizes)
      x.record("LinalgSolveTriangularBackward0", [self, b]) { node, g in
        let gb = try sa.unpack().mT.solveTriangular(g, upper: !upper, left: left, unit: unit)
        var ga: Tensor?
        if node.needs(0) {
          let x = try sx.unpack(node)
          let whole = try (left ? gb.matmul(x.mT) : x.mT.matmul(gb)).neg()
          ga = try whole.triangle(upper: upper, unit ? (upper ? 1 : -1) : 0).summed(to: own)
        }
        return [ga, node.needs(1) ? try gb.summed(to: other) : nil]
      }
    }
    return x
  }
}
