import Interface
import Kernels
import TensorCore

extension Tensor {
  /// The first `count` columns of each matrix in wider or narrower ones that are dense by columns, zero where there are none.
  private func widened(to count: Int) throws -> Tensor {
    let y = try Tensor.columnMajor(batchSizes + [rows, count], dtype: dtype)
    if count > columns { y.fillElements(.integer(0)) }
    let shared = Swift.min(count, columns)
    var part = sizes
    part[dim - 1] = shared
    Cast.copy(operand, to: y.operand, sizes: part)
    return y
  }

  /// Q R with Q as reflectors: the packed matrix and their factors. Mirrors `torch.geqrf`.
  public func reflectors() throws -> (Tensor, Tensor) {
    try Linalg.checkKernel(self, "geqrf_cpu")
    let packed = try columnMajorCopy()
    let tau = try Tensor.zeros(Dims(batchSizes + [Swift.min(rows, columns)]), dtype: dtype)
    if packed.count > 0 { Lapack.qr(packed.lapack, tau: tau.pointer) }
    return (packed, tau)
  }

  /// A = Q R; `mode` is reduced, complete or r. Mirrors `torch.linalg.qr`.
  func qr(_ mode: String = "reduced") throws -> (Tensor, Tensor) {
    try Linalg.checkMatrix(self, "linalg.qr")
    try Linalg.checkFloating(self, "linalg.qr")
    if !["reduced", "complete", "r"].contains(mode) {
      throw TorchError.runtime("qr received unrecognized mode '\(mode)' but expected one of 'reduced' (default), 'r', or 'complete'")
    }
    let (m, n) = (rows, columns)
    let k = Swift.min(m, n)
    let (packed, tau) = try reflectors()
    let r = try Tensor.columnMajor(batchSizes + [mode == "complete" ? m : k, n], dtype: dtype)
    Cast.copy(packed.operand, to: r.operand, sizes: r.sizes)
    r.clearTriangle(keepingUpper: true)
    let q = mode == "r" ? try Tensor(uninitialized: [0], dtype: dtype) : try packed.widened(to: mode == "complete" ? m : k)
    if mode != "r" && q.count > 0 { Lapack.orthogonal(q.lapack, tau: tau.pointer, reflectors: k) }
    withExtendedLifetime(tau) {}
    let (sq, sr) = (SavedTensor(result: q), SavedTensor(result: r))
    Tensor.recordNode("LinalgQrBackward0", inputs: [self], results: mode == "r" ? [r] : [q, r]) { node, g in
      if mode == "r" {
        throw TorchError.runtime("The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr.")
      }
      if mode == "complete" && m > n {
        throw TorchError.runtime("The QR decomposition is not differentiable when mode='complete' and nrows > ncols.")
      }
      return [try Tensor.qrBackward(g[0], g[1], sq.unpack(node, 0), sr.unpack(node, 1))]
    }
    return (q, r)
  }

  /// The gradient of A = Q R from those of its factors.
  private static func qrBackward(_ gq: Tensor?, _ gr: Tensor?, _ q: Tensor, _ r: Tensor) throws -> Tensor? {
    if gq == nil && gr == nil { return nil }
    let (m, n) = (q.rows, r.columns)
    var x: Tensor
    switch (gq, gr) {
    case (let gq?, let gr?): x = try gr.matmul(r.mT).sub(q.mT.matmul(gq))
    case (let gq?, nil): x = try q.mT.matmul(gq).neg()
    default: x = try (gr ?? r).matmul(r.mT)
    }
    if m >= n {
      let upper = try x.triangle(upper: true)
      // The sum with the transpose counts the diagonal twice.
      let both = try upper.add(upper.mT).sub(upper.matrixDiagonal().diagonalMatrix())
      var g = try q.matmul(both)
      if let gq { g = try g.add(gq) }
      return try r.mT.solveTriangular(g, upper: false, left: false)
    }
    x = try x.neg()
    let skew = try x.sub(x.mT).triangle(upper: false)
    let first = try r.narrow(-1, 0, m).mT.solveTriangular(q.matmul(skew), upper: false, left: false)
    var g = try Tensor.cat([first, .zeros(Dims(r.batchSizes + [m, n - m]), dtype: r.dtype)], -1)
    if let gr { g = try g.add(q.matmul(gr)) }
    return g
  }

  /// Q's first columns from reflectors. Mirrors `torch.linalg.householder_product`.
  public func householderProduct(_ tau: Tensor) throws -> Tensor {
    let name = "torch.linalg.householder_product"
    if dim < 2 { throw TorchError.runtime("\(name): input must have at least 2 dimensions.") }
    if rows < columns { throw TorchError.runtime("\(name): input.shape[-2] must be greater than or equal to input.shape[-1]") }
    if columns < (try tau.size(-1)) { throw TorchError.runtime("\(name): input.shape[-1] must be greater than or equal to tau.shape[-1]") }
    if dim - tau.dim != 1 {
      throw TorchError.runtime("\(name): Expected tau to have one dimension less than input, but got tau.ndim equal to \(tau.dim) and input.ndim is equal to \(dim)")
    }
    if dim > 2 && Array(tau.sizes.dropLast()) != batchSizes {
      throw TorchError.runtime("\(name): Expected batch dimensions of tau to be equal to input.shape[:-2], but got \(Dims(tau.sizes.dropLast()).text)")
    }
    if tau.dtype != dtype {
      throw TorchError.runtime("\(name): tau dtype \(tau.dtype.capitalized) does not match input dtype \(dtype.capitalized)")
    }
    if count == 0 { return try columnMajorCopy().withoutSlope("LinalgHouseholderProductBackward0", [self, tau]) }
    try Linalg.checkKernel(self, "orgqr_cpu")
    let y = try columnMajorCopy()
    let factors = try tau.dense()
    withExtendedLifetime(factors) { Lapack.orthogonal(y.lapack, tau: factors.pointer, reflectors: tau.columns1) }
    if Tensor.records(self, tau) {
      let (sa, st) = (SavedTensor(self), SavedTensor(tau))
      y.record("LinalgHouseholderProductBackward0", [self, tau]) { node, g in
        try Tensor.replayed([sa.unpack(), st.unpack()], g) { try Tensor.reflected($0[0], $0[1]).narrow(-1, 0, $0[0].columns) }
      }
    }
    return y
  }

  /// The size of the last dimension of a batch of vectors.
  fileprivate var columns1: Int { sizes[dim - 1] }

  /// Q = (I − τ₁ v₁ v₁ᵀ) (I − τ₂ v₂ v₂ᵀ) …, whole, by differentiable operations.
  fileprivate static func reflected(_ a: Tensor, _ tau: Tensor) throws -> Tensor {
    let m = a.rows
    var q = try identity(m, dtype: a.dtype)
    let below = try a.triangle(upper: false, -1)
    for i in 0..<tau.columns1 {
      let unit = try zeros([m], dtype: a.dtype)
      unit.alias([1], [1], i).fillElements(.integer(1))
      let v = try below.select(-1, i).add(unit).unsqueeze(-1)
      let t = try tau.select(-1, i).unsqueeze(-1).unsqueeze(-1)
      q = try q.sub(q.matmul(v).matmul(v.mT).mul(t))
    }
    return q
  }

  /// Gradients by running a differentiable form of the operation on the same inputs; differentiable again where that is asked.
  static func replayed(_ inputs: [Tensor], _ g: Tensor, _ body: ([Tensor]) throws -> Tensor) throws -> [Tensor?] {
    let again = GradMode.isEnabled
    return try GradMode.with(true) {
      let own = try inputs.map { x -> Tensor in
        if again && x.requiresGrad { return try x.view(Array(x.sizes)) }
        let leaf = x.detached()
        try leaf.setRequiresGrad(true)
        return leaf
      }
      let y = try body(own)
      if !y.requiresGrad { return try inputs.map { try .zeros($0.sizes, dtype: $0.dtype) } }
      return try Backward.gradients(of: [y], [g], inputs: own, retainGraph: again, createGraph: again, allowUnused: true)
    }
  }

  /// A product with the Q of reflectors. Mirrors `torch.ormqr`.
  static func ormqr(_ a: Tensor, _ tau: Tensor, _ other: Tensor, left: Bool, transpose: Bool) throws -> Tensor {
    let name = "torch.ormqr"
    if a.dim < 2 { throw TorchError.runtime("\(name): input must have at least 2 dimensions.") }
    if other.dim < 2 { throw TorchError.runtime("\(name): other must have at least 2 dimensions.") }
    let (d, side) = left ? (other.rows, "-2") : (other.columns, "-1")
    if d < (try tau.size(-1)) { throw TorchError.runtime("\(name): other.shape[\(side)] must be greater than or equal to tau.shape[-1]") }
    if d != a.rows { throw TorchError.runtime("\(name): other.shape[\(side)] must be equal to input.shape[-2]") }
    if a.dim - tau.dim != 1 {
      throw TorchError.runtime("\(name): Expected tau to have one dimension less than input, but got tau.ndim equal to \(tau.dim) and input.ndim is equal to \(a.dim)")
    }
    if a.dim != other.dim {
      throw TorchError.runtime("\(name): Expected other to have the same number of dimensions as input, but got other.ndim equal to \(other.dim) and input.ndim is equal to \(a.dim)")
    }
    if tau.columns1 > a.columns { throw TorchError.runtime("\(name): tau.shape[-1] must be equal to min(other.shape[\(side)], input.shape[-1])") }
    if Array(tau.sizes.dropLast()) != a.batchSizes {
      throw TorchError.runtime("\(name): Expected batch dimensions of tau to be equal to input.shape[:-2], but got \(Dims(tau.sizes.dropLast()).text)")
    }
    if other.batchSizes != a.batchSizes {
      throw TorchError.runtime("\(name): Expected batch dimensions of other to be equal to input.shape[:-2], but got \(Dims(other.batchSizes).text)")
    }
    if tau.dtype != a.dtype {
      throw TorchError.runtime("\(name): Expected input and tau to have the same dtype, but input has dtype\(a.dtype.capitalized) and tau has dtype \(tau.dtype.capitalized)")
    }
    if other.dtype != a.dtype {
      throw TorchError.runtime("\(name): Expected input and other to have the same dtype, but input has dtype\(a.dtype.capitalized) and other has dtype \(other.dtype.capitalized)")
    }
    try Linalg.checkKernel(a, "ormqr_cpu")
    let y = try other.columnMajorCopy()
    let (packed, factors) = (try a.columnMajorCopy(), try tau.dense())
    withExtendedLifetime((packed, factors)) {
      Lapack.orthogonalProduct(packed.lapack, tau: factors.pointer, reflectors: tau.columns1, y.lapack, left: left, transposed: transpose)
    }
    if records([a, tau, other]) {
      let (sa, st, so) = (SavedTensor(a), SavedTensor(tau), SavedTensor(other))
      y.record("OrmqrBackward0", [a, tau, other]) { _, g in
        try replayed([sa.unpack(), st.unpack(), so.unpack()], g) { all in
          let q = try reflected(all[0], all[1])
          return try left ? (transpose ? q.mT : q).matmul(all[2]) : all[2].matmul(transpose ? q.mT : q)
        }
      }
    }
    return y
  }
}
