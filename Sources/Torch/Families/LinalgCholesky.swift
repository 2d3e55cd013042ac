import Interface
import Kernels
import TensorCore

extension Tensor {
  /// A = L Lᵀ (or Uᵀ U) and what the factorization reports. Mirrors `torch.linalg.cholesky_ex`.
  func choleskyEx(upper: Bool, checking name: String? = nil) throws -> (Tensor, Tensor) {
    try Linalg.checkSquare(self, "linalg.cholesky")
    try Linalg.checkFloating(self, "linalg.cholesky")
    try Linalg.checkKernel(self, "cholesky_cpu")
    let factor = try columnMajorCopy()
    let info = try Tensor.infos(batchSizes)
    if factor.count > 0 { Lapack.cholesky(factor.lapack, upper ? .upper : .lower, info: info.elements(Int32.self)) }
    factor.clearTriangle(keepingUpper: upper)
    if let name { try Linalg.check(info, name) }
    if Tensor.records(self) {
      let saved = SavedTensor(result: factor)
      factor.record("LinalgCholeskyExBackward0", [self]) { node, g in
        let own = try saved.unpack(node)
        let (l, g) = upper ? (try own.mT, try g.mT) : (own, g)
        let phi = try l.mT.matmul(g)
        let symmetric = try phi.triangle(upper: false).add(phi.triangle(upper: false, -1).mT).mul(.wrapped(.double(0.5)))
        return [try l.solveTriangular(l.mT.solveTriangular(symmetric, upper: true), upper: false, left: false)]
      }
    }
    return (factor, info)
  }

  /// The solution of A X = self from A's Cholesky factor. Mirrors `torch.cholesky_solve`.
  func choleskySolve(_ factor: Tensor, upper: Bool) throws -> Tensor {
    if dim < 2 { throw TorchError.runtime("b should have at least 2 dimensions, but has \(dim) dimensions instead") }
    if factor.dim < 2 { throw TorchError.runtime("u should have at least 2 dimensions, but has \(factor.dim) dimensions instead") }
    try Linalg.checkPlainEquation(self, factor, "cholesky_solve")
    try Linalg.checkKernel(self, "cholesky_solve_cpu")
    let shapes = try Linalg.broadcast(self, factor)
    let x = try columnMajorCopy(shapes.a)
    if x.count > 0 {
      let l = try factor.columnMajorCopy(shapes.b)
      withExtendedLifetime(l) { Lapack.choleskySolve(l.lapack, x.lapack, upper ? .upper : .lower) }
    }
    if Tensor.records(self, factor) {
      let (sl, sx, own, other) = (SavedTensor(factor), SavedTensor(result: x), sizes, factor.sizes)
      x.record("CholeskySolveBackward0", [self, factor]) { node, g in
        let l = try sl.unpack()
        let gb = try g.choleskySolve(l, upper: upper)
        var gl: Tensor?
        if node.needs(1) {
          let half = try gb.matmul(sx.unpack(node).mT)
          let both = try half.add(half.mT)
          gl = try (upper ? l.matmul(both) : both.matmul(l)).neg().summed(to: other)
        }
        return [node.needs(0) ? try gb.summed(to: own) : nil, gl]
      }
    }
    return x
  }

  /// The inverse of A from its Cholesky factor. Mirrors `torch.cholesky_inverse`.
  func choleskyInverse(upper: Bool) throws -> Tensor {
    try Linalg.checkSquare(self, "cholesky_inverse")
    try Linalg.checkKernel(self, "cholesky_inverse_out_cpu")
    let y = try columnMajorCopy()
    let info = try Tensor.infos(batchSizes)
    if y.count > 0 { Lapack.choleskyInverse(y.lapack, upper ? .upper : .lower, info: info.elements(Int32.self)) }
    try Linalg.check(info, "cholesky_inverse")
    // The routine made one triangle; the other mirrors it.
    try GradMode.with(false) {
      y.clearTriangle(keepingUpper: upper)
      let other = try y.triangle(upper: upper, upper ? 1 : -1).mT
      let whole = try y.add(other)
      withExtendedLifetime(whole) { Cast.copy(whole.operand, to: y.operand, sizes: y.sizes) }
    }
    if Tensor.records(self) {
      let (sl, sy) = (SavedTensor(self), SavedTensor(result: y))
      y.record("CholeskyInverseBackward0", [self]) { node, g in
        let (l, inverse) = (try sl.unpack(), try sy.unpack(node))
        let both = try inverse.matmul(g.add(g.mT).matmul(inverse))
        return [try (upper ? l.matmul(both) : both.matmul(l)).neg()]
      }
    }
    return y
  }

  /// A = L D Lᵀ packed, its pivots and what the factorization reports. Mirrors `torch.linalg.ldl_factor_ex`.
  func ldlFactor(checking name: String? = nil) throws -> (Tensor, Tensor, Tensor) {
    try Linalg.checkSquare(self, "torch.linalg.ldl_factor_ex")
    try Linalg.checkFloating(self, "torch.linalg.ldl_factor_ex")
    try Linalg.checkKernel(self, "ldl_factor_cpu")
    let packed = try columnMajorCopy()
    let pivots = try Tensor.infos(Array(sizes.dropLast()))
    let info = try Tensor.infos(batchSizes)
    packed.clearTriangle(keepingUpper: false)
    if packed.count > 0 {
      Lapack.ldl(packed.lapack, .lower, pivots: pivots.elements(Int32.self), info: info.elements(Int32.self))
    }
    if let name { try Linalg.check(info, name) }
    return (packed, pivots, info)
  }

  /// The solution of A X = B from packed symmetric factors. Mirrors `torch.linalg.ldl_solve`.
  static func ldlSolve(_ packed: Tensor, _ pivots: Tensor, _ b: Tensor) throws -> Tensor {
    try Linalg.checkSquare(packed, "torch.linalg.ldl_solve")
    try Linalg.checkFloating(packed, "torch.linalg.ldl_solve")
    _ = try b.size(-2)
    try Linalg.checkPlainEquation(b, packed, "torch.linalg.ldl_solve")
    if pivots.sizes != Dims(packed.sizes.dropLast()) {
      throw TorchError.runtime("torch.linalg.ldl_solve: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape \(pivots.sizes.text) instead")
    }
    if !pivots.dtype.isIntegral { throw TorchError.runtime("torch.linalg.ldl_solve: Expected pivots to be integers. Got \(pivots.dtype.capitalized)") }
    try Linalg.checkKernel(b, "ldl_solve_cpu")
    let shapes = try Linalg.broadcast(packed, b)
    let x = try b.columnMajorCopy(shapes.b)
    if x.count > 0 {
      let factors = try packed.columnMajorCopy(shapes.a)
      let order = try GradMode.with(false) { try pivots.expand(Array(shapes.a.dropLast())).denseCopy(.int32) }
      try checkBlocks(order.elements(Int32.self), count: order.count, packed.rows)
      withExtendedLifetime(factors) { Lapack.ldlSolve(factors.lapack, pivots: order.elements(Int32.self), x.lapack, .lower) }
    }
    return x
  }

  /// - Throws: a sentence for pivots that no factorization gives: numbers up to n, or a negative one twice for a block of two.
  private static func checkBlocks(_ pivots: UnsafePointer<Int32>, count: Int, _ n: Int) throws {
    var i = 0
    while i < count {
      let isBlock = pivots[i] < 0
      let paired = !isBlock || (i % n + 1 < n && pivots[i + 1] < 0)
      if pivots[i] == 0 || pivots[i].magnitude > n || !paired || (isBlock && pivots[i + 1].magnitude > n) {
        throw TorchError.runtime("torch.linalg.ldl_solve: pivots must be those that ldl_factor gave")
      }
      i += isBlock ? 2 : 1
    }
  }

  /// The solution of A X = self for triangular A, and A. Mirrors `torch.triangular_solve`.
  func triangularSolve(_ a: Tensor, upper: Bool, transpose: Bool, unit: Bool) throws -> (Tensor, Tensor) {
    if dim < 2 { throw TorchError.runtime("torch.triangular_solve: Expected b to have at least 2 dimensions, but it has \(dim) dimensions instead") }
    if a.dim < 2 { throw TorchError.runtime("torch.triangular_solve: Expected A to have at least 2 dimensions, but it has \(a.dim) dimensions instead") }
    try Linalg.checkPlainEquation(self, a, "triangular_solve")
    let shapes = try Linalg.broadcast(self, a)
    let x = try (transpose ? a.mT : a).solveTriangular(self, upper: upper != transpose, unit: unit)
    let copy = try a.columnMajorCopy(shapes.b)
    if Tensor.records(a) {
      let own = a.sizes
      copy.record("TriangularSolveBackward0", [a]) { _, g in [try g.summed(to: own)] }
    }
    return (x, copy)
  }
}
