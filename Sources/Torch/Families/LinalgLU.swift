import Interface
import Kernels
import TensorCore

/// An LU factorization: both factors in one matrix, the rows exchanged, and where U has a zero.
struct LUFactors {
  let packed: Tensor
  let pivots: Tensor
  let info: Tensor
}

extension Tensor {
  /// P A = L U, outside autograd.
  func luFactors() throws -> LUFactors {
    try Linalg.checkKernel(self, "lu_cpu", complex: true)
    let packed = try columnMajorCopy()
    let pivots = try Tensor.infos(batchSizes + [Swift.min(rows, columns)])
    let info = try Tensor.infos(batchSizes)
    if packed.count > 0 { Lapack.lu(packed.lapack, pivots: pivots.elements(Int32.self), info: info.elements(Int32.self)) }
    return LUFactors(packed: packed, pivots: pivots, info: info)
  }

  /// The solution of A X = B (Aᵀ X = B where `transposed`) from packed factors, outside autograd; batches broadcast.
  static func luSolved(_ lu: Tensor, _ pivots: Tensor, _ b: Tensor, transposed: Bool) throws -> Tensor {
    let shapes = try Linalg.broadcast(lu, b)
    let x = try b.columnMajorCopy(shapes.b)
    if x.count == 0 { return x }
    let factors = try lu.columnMajorCopy(shapes.a)
    try checkPivots(pivots, lu.rows)
    let rowsExchanged = try GradMode.with(false) { try pivots.expand(Array(shapes.a.dropLast())).denseCopy(.int32) }
    withExtendedLifetime(factors) {
      Lapack.luSolve(factors.lapack, pivots: rowsExchanged.elements(Int32.self), x.lapack, transposed: transposed)
    }
    return x
  }

  /// - Throws: PyTorch's sentences for pivots that no factorization gives, and that a routine would follow out of its matrix.
  private static func checkPivots(_ pivots: Tensor, _ rows: Int) throws {
    let steps = try pivots.denseCopy(.int64)
    let all = UnsafeBufferPointer(start: steps.elements(Int.self), count: steps.count)
    for (wrong, word) in [(all.contains { $0 < 1 }, "greater or equal to 1"), (all.contains { $0 > rows }, "smaller or equal to LU.size(-2)")] where wrong {
      throw TorchError.runtime("Pivots given to lu_solve must all be \(word). Did you properly pass the result of lu_factor?")
    }
    withExtendedLifetime(steps) {}
  }

  /// - Throws: PyTorch's sentence where rows are not to be exchanged: its CPU cannot do that either.
  private static func requirePivoting(_ pivot: Bool) throws {
    if !pivot { throw TorchError.runtime("linalg.lu_factor: LU without pivoting is not implemented on the CPU") }
  }

  /// LU factors with their gradient. Mirrors `torch.linalg.lu_factor_ex`.
  func luFactorEx(pivot: Bool = true, checking name: String? = nil) throws -> LUFactors {
    if dim < 2 { throw TorchError.runtime("torch.lu_factor: Expected tensor with 2 or more dimensions. Got size: \(sizes.text) instead") }
    try Tensor.requirePivoting(pivot)
    let factors = try luFactors()
    if let name { try Linalg.check(factors.info, name) }
    if Tensor.records(self) {
      let (saved, pivots, k) = (SavedTensor(result: factors.packed), factors.pivots, Swift.min(rows, columns))
      factors.packed.record("LinalgLuFactorExBackward0", [self]) { node, g in
        let packed = try saved.unpack(node)
        let (p, l, u) = try Tensor.luUnpack(packed, pivots)
        return [try Tensor.luBackward(g.narrow(-1, 0, k), g.narrow(-2, 0, k), p, l, u)]
      }
    }
    return factors
  }

  /// The gradient of A from those of its factors, A = P L U.
  private static func luBackward(_ gl: Tensor?, _ gu: Tensor?, _ p: Tensor, _ l: Tensor, _ u: Tensor) throws -> Tensor {
    let (m, n, k) = (l.rows, u.columns, l.columns)
    let (l1, u1) = (try l.narrow(-2, 0, k), try u.narrow(-1, 0, k))
    var lower = try gl?.narrow(-2, 0, k).matmulAfter(l1.mT)
    var upper = try gu?.narrow(-1, 0, k).matmul(u1.mT)
    if n > k, let gu {
      let rest = try gu.narrow(-1, k, n - k).matmul(u.narrow(-1, k, n - k).mT)
      lower = try lower?.sub(rest) ?? rest.neg()
    }
    if m > k, let gl {
      let rest = try l.narrow(-2, k, m - k).mT.matmul(gl.narrow(-2, k, m - k))
      upper = try upper?.sub(rest) ?? rest.neg()
    }
    var phi = try lower?.triangle(upper: false, -1)
    if let upper { phi = try phi?.add(upper.triangle(upper: true)) ?? upper.triangle(upper: true) }
    guard let phi else { return try .zeros(Dims(l.batchSizes + [m, n]), dtype: l.dtype) }
    var g = try u1.mT.solveTriangular(phi, upper: false, left: false)
    if n > k {
      let rest = try gu?.narrow(-1, k, n - k) ?? .zeros(Dims(l.batchSizes + [k, n - k]), dtype: l.dtype)
      g = try .cat([g, rest], -1)
    }
    g = try l1.mT.solveTriangular(g, upper: true, unit: true)
    if m > k {
      let rest = try gl?.narrow(-2, k, m - k) ?? .zeros(Dims(l.batchSizes + [m - k, k]), dtype: l.dtype)
      g = try .cat([g, u1.mT.solveTriangular(rest, upper: false, left: false)], -2)
    }
    return try p.matmul(g)
  }

  /// other · self, for chains that start from an optional.
  private func matmulAfter(_ other: Tensor) throws -> Tensor { try other.matmul(self) }

  /// The factors apart: P, L and U. Mirrors `torch.lu_unpack`.
  static func luUnpack(_ packed: Tensor, _ pivots: Tensor) throws -> (Tensor, Tensor, Tensor) {
    let (l, u) = try luTriangles(packed)
    return (try permutation(pivots, packed.rows, dtype: packed.dtype), l, u)
  }

  /// L and U from one matrix.
  static func luTriangles(_ packed: Tensor) throws -> (Tensor, Tensor) {
    let (m, n, k) = (packed.rows, packed.columns, Swift.min(packed.rows, packed.columns))
    let (l, u) = try GradMode.with(false) {
      (try packed.narrow(-1, 0, k).triangle(upper: false, -1).add(unitDiagonal(packed, k)), try packed.narrow(-2, 0, k).triangle(upper: true))
    }
    let batch = packed.batchSizes
    recordNode("LuUnpackBackward0", inputs: [packed], results: [l, u]) { _, g in
      var sum: Tensor?
      if let gl = try g[0]?.triangle(upper: false, -1) {
        sum = n > k ? try .cat([gl, .zeros(Dims(batch + [m, n - k]), dtype: gl.dtype)], -1) : gl
      }
      if let gu = try g[1]?.triangle(upper: true) {
        let whole = m > k ? try .cat([gu, .zeros(Dims(batch + [m - k, n]), dtype: gu.dtype)], -2) : gu
        sum = try sum?.add(whole) ?? whole
      }
      return [sum]
    }
    return (l, u)
  }

  /// Ones on the diagonal of rows × k matrices.
  private static func unitDiagonal(_ packed: Tensor, _ k: Int) throws -> Tensor {
    let y = try Tensor.zeros([packed.rows, k], dtype: packed.dtype)
    y.alias([k], [k + 1], 0).fillElements(.integer(1))
    return y
  }

  /// The matrices P of row exchanges.
  static func permutation(_ pivots: Tensor, _ rows: Int, dtype: DType) throws -> Tensor {
    let steps = try pivots.denseCopy(.int64)
    let k = pivots.sizes[pivots.dim - 1]
    let p = try Tensor.zeros(Dims(Array(pivots.sizes.dropLast()) + [rows, rows]), dtype: dtype)
    let one = try Tensor.scalar(.integer(1), dtype: dtype)
    for batch in 0..<pivots.sizes.dropLast().reduce(1, *) {
      var order = Array(0..<rows)
      for i in 0..<k {
        let other = steps.elements(Int.self)[batch * k + i] - 1
        if other < 0 || other >= rows { throw TorchError.runtime("pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive.Did you properly pass the result of lu_factor?") }
        order.swapAt(i, other)
      }
      for (column, row) in order.enumerated() {
        (p.pointer + ((batch * rows + row) * rows + column) * dtype.itemSize).copyMemory(from: one.pointer, byteCount: dtype.itemSize)
      }
    }
    return p
  }

  /// A = P L U. Mirrors `torch.linalg.lu`.
  func lu(pivot: Bool = true) throws -> (Tensor, Tensor, Tensor) {
    if dim < 2 { throw TorchError.runtime("linalg.lu: Expected tensor with 2 or more dimensions. Got size: \(sizes.text) instead") }
    try Tensor.requirePivoting(pivot)
    let (p, l, u) = try GradMode.with(false) { () -> (Tensor, Tensor, Tensor) in
      let factors = try luFactors()
      return try Tensor.luUnpack(factors.packed, factors.pivots)
    }
    let (sl, su) = (SavedTensor(result: l), SavedTensor(result: u))
    Tensor.recordNode("LinalgLuBackward0", inputs: [self], results: [l, u]) { node, g in
      [g[0] == nil && g[1] == nil ? nil : try Tensor.luBackward(g[0], g[1], p, sl.unpack(node, 0), su.unpack(node, 1))]
    }
    return (p, l, u)
  }

  /// The solution of A X = B or X A = B from packed factors. Mirrors `torch.linalg.lu_solve`.
  static func luSolve(_ lu: Tensor, _ pivots: Tensor, _ b: Tensor, left: Bool = true, adjoint: Bool = false) throws -> Tensor {
    try Linalg.checkFloating(lu, "torch.linalg.lu_solve")
    if lu.dtype != b.dtype {
      throw TorchError.runtime("linalg.lu_solve: Expected LU and B to have the same dtype, but found LU of type \(lu.dtype.capitalized) and B of type \(b.dtype.capitalized) instead")
    }
    if pivots.dtype != .int32 { throw TorchError.runtime("linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32") }
    try Linalg.checkSquare(lu, "torch.linalg.lu_solve")
    try Linalg.checkEquation(lu, b, left: left, "linalg.lu_solve")
    if pivots.dim == 0 || lu.columns != pivots.sizes[pivots.dim - 1] {
      throw TorchError.runtime("linalg.lu_solve: Number of pivots per batch should be same as the dimension of the matrix")
    }
    if pivots.sizes != Dims(lu.sizes.dropLast()) {
      throw TorchError.runtime("linalg.lu_solve: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape \(pivots.sizes.text) instead")
    }
    try Linalg.checkKernel(lu, "lu_solve_cpu", complex: true)
    if records(lu) {
      // Through the factors apart: their gradient is that of two triangular solutions.
      let (p, l, u) = try luUnpack(lu, pivots)
      if !left { return try luApart(p, l, u, b.mT, adjoint: !adjoint).mT }
      return try luApart(p, l, u, b, adjoint: adjoint)
    }
    let y = try GradMode.with(false) {
      left ? try luSolved(lu, pivots, b, transposed: adjoint) : try luSolved(lu, pivots, b.mT, transposed: !adjoint).mT
    }
    if records(b) {
      let shape = b.sizes
      y.record("LinalgLuSolveBackward0", [b]) { _, g in [try luSolve(lu, pivots, g, left: left, adjoint: !adjoint).summed(to: shape)] }
    }
    return y
  }

  private static func luApart(_ p: Tensor, _ l: Tensor, _ u: Tensor, _ b: Tensor, adjoint: Bool) throws -> Tensor {
    if adjoint {
      return try p.matmul(l.mT.solveTriangular(u.mT.solveTriangular(b, upper: false), upper: true, unit: true))
    }
    return try u.solveTriangular(l.solveTriangular(p.mT.matmul(b), upper: false, unit: true), upper: true)
  }
}
