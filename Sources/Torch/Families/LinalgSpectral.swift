import Interface
import Kernels
import TensorCore

extension Tensor {
  /// A = U S Vᵀ; `full` asks for square U and V. Mirrors `torch.linalg.svd`.
  func svd(full: Bool) throws -> (Tensor, Tensor, Tensor) {
    let (u, s, vh) = try singular(full: full, vectors: true)
    return (u ?? s, s, vh ?? s)
  }

  /// Singular values, largest first. Mirrors `torch.linalg.svdvals`.
  func svdvals() throws -> Tensor { try singular(full: false, vectors: Tensor.records(self)).1 }

  /// A = U S Vᵀ, or S alone.
  func singular(full: Bool, vectors: Bool) throws -> (Tensor?, Tensor, Tensor?) {
    try Linalg.checkMatrix(self, "linalg.svd")
    try Linalg.checkFloating(self, "linalg.svd")
    try Linalg.checkKernel(self, "linalg_svd_cpu")
    let (m, n) = (rows, columns)
    let k = Swift.min(m, n)
    let s = try Tensor(uninitialized: Dims(batchSizes + [k]), dtype: dtype)
    let info = try Tensor.infos(batchSizes)
    var (u, vh): (Tensor?, Tensor?)
    if vectors {
      u = try .columnMajor(batchSizes + [m, full ? m : k], dtype: dtype)
      vh = try .columnMajor(batchSizes + [full ? n : k, n], dtype: dtype)
    }
    if count > 0 {
      let a = try columnMajorCopy()
      withExtendedLifetime(a) { Lapack.svd(a.lapack, values: s.pointer, u: u?.lapack, vt: vh?.lapack, info: info.elements(Int32.self)) }
      try Linalg.check(info, "linalg.svd")
    } else {
      for square in [u, vh] {
        guard let square else { continue }
        square.fillElements(.integer(0))
        if square.rows == square.columns { try GradMode.with(false) { square.detached() }.matrixDiagonal().fillElements(.integer(1)) }
      }
    }
    if Tensor.records(self), let u, let vh {
      let (su, ss, sv) = (SavedTensor(result: u), SavedTensor(result: s), SavedTensor(result: vh))
      Tensor.recordNode("LinalgSvdBackward0", inputs: [self], results: [u, s, vh]) { node, g in
        let (u, s, vh) = (try su.unpack(node, 0), try ss.unpack(node, 1), try sv.unpack(node, 2))
        return [
          try Tensor.svdBackward(
            g[0]?.narrow(-1, 0, k), g[1], g[2]?.narrow(-2, 0, k), u.narrow(-1, 0, k), s, vh.narrow(-2, 0, k))
        ]
      }
    }
    return (u, s, vh)
  }

  /// The gradient of A = U S Vᵀ from those of its factors.
  private static func svdBackward(
    _ gu: Tensor?, _ gs: Tensor?, _ gvh: Tensor?, _ u: Tensor, _ s: Tensor, _ vh: Tensor
  ) throws -> Tensor? {
    if gu == nil && gs == nil && gvh == nil { return nil }
    let (m, n) = (u.rows, vh.columns)
    let (row, column) = (try s.unsqueeze(-2), try s.unsqueeze(-1))
    if gu == nil && gvh == nil, let gs {
      return m >= n ? try u.matmul(gs.unsqueeze(-1).mul(vh)) : try u.mul(gs.unsqueeze(-2)).matmul(vh)
    }
    func skew(_ x: Tensor) throws -> Tensor { try x.sub(x.mT) }
    let squares = try s.mul(s)
    let gaps = try squares.unsqueeze(-2).sub(squares.unsqueeze(-1)).add(identity(s.sizes[s.dim - 1], dtype: s.dtype))
    var inner: Tensor
    switch (gu, gvh) {
    case (let gu?, let gvh?):
      inner = try skew(u.mT.matmul(gu)).mul(row).add(column.mul(skew(vh.matmul(gvh.mT)))).div(gaps)
    case (let gu?, nil): inner = try skew(u.mT.matmul(gu)).div(gaps).mul(row)
    default: inner = try column.mul(skew(vh.matmul((gvh ?? vh).mT)).div(gaps))
    }
    if let gs { inner = try inner.add(gs.diagonalMatrix()) }
    if m > n, let gu {
      let scaled = try gu.div(row)
      return try u.matmul(inner).add(scaled).sub(u.matmul(u.mT.matmul(scaled))).matmul(vh)
    }
    if m < n, let gvh {
      let scaled = try gvh.div(column)
      return try u.matmul(inner.matmul(vh).add(scaled).sub(scaled.matmul(vh.mT).matmul(vh)))
    }
    return m >= n ? try u.matmul(inner.matmul(vh)) : try u.matmul(inner).matmul(vh)
  }

  /// Eigenvalues, ascending, and eigenvectors of symmetric matrices; without `vectors` the values alone.
  /// Mirrors `torch.linalg.eigh`.
  func eigh(_ triangle: String = "L", vectors: Bool = true) throws -> (Tensor, Tensor) {
    try Linalg.checkSquare(self, "linalg.eigh")
    guard triangle.count == 1, let triangle = Triangle(rawValue: triangle.uppercased()) else {
      throw TorchError.runtime("Expected UPLO argument to be 'L' or 'U', but got \(triangle)")
    }
    try Linalg.checkKernel(self, "linalg_eigh_cpu")
    let v = try columnMajorCopy()
    let values = try Tensor(uninitialized: Dims(sizes.dropLast()), dtype: dtype)
    let info = try Tensor.infos(batchSizes)
    let wanted = vectors || Tensor.records(self)
    if count > 0 {
      if try GradMode.with(false, { try v.asked({ !$0.isFinite }, integer: false).any() }).scalar(at: 0) == .boolean(true) {
        values.fillElements(.double(.nan))
        v.fillElements(.double(.nan))
      } else {
        Lapack.eigenSymmetric(v.lapack, triangle, values: values.pointer, vectors: wanted, info: info.elements(Int32.self))
        try Linalg.check(info, "linalg.eigh")
      }
    }
    if Tensor.records(self) {
      let (sl, sv) = (SavedTensor(result: values), SavedTensor(result: v))
      Tensor.recordNode("LinalgEighBackward0", inputs: [self], results: [values, v]) { node, g in
        if g[0] == nil && g[1] == nil { return [nil] }
        let (l, v) = (try sl.unpack(node, 0), try sv.unpack(node, 1))
        guard let gv = g[1] else { return [try v.mul((g[0] ?? l).unsqueeze(-2)).matmul(v.mT)] }
        let inner = try v.mT.matmul(gv)
        let gaps = try l.unsqueeze(-2).sub(l.unsqueeze(-1)).add(Tensor.identity(v.rows, dtype: v.dtype))
        var turned = try inner.sub(inner.mT).mul(.wrapped(.double(0.5))).div(gaps)
        if let gl = g[0] { turned = try turned.add(gl.diagonalMatrix()) }
        return [try v.matmul(turned.matmul(v.mT))]
      }
    }
    return (values, v)
  }

  /// Which singular values count: those above max(atol, rtol · largest). Mirrors `get_atol_rtol`.
  private func tolerance(_ atol: Tensor?, _ rtol: Tensor?, _ largest: Tensor) throws -> Tensor {
    let epsilon = dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
    let natural = try Tensor.scalar(.double(epsilon * Double(Swift.max(rows, columns))), dtype: .float64)
    let absolute = try (atol ?? .scalar(.double(0), dtype: .float64)).detached().to(.float64)
    let relative = try rtol?.detached().to(.float64)
      ?? (atol == nil ? natural : Tensor.where(absolute.gt(.wrapped(.integer(0))), Tensor.scalar(.double(0), dtype: .float64), natural))
    return try absolute.maximum(relative.mul(largest.to(.float64))).to(largest.dtype)
  }

  /// The Moore-Penrose inverse. Mirrors `torch.linalg.pinv`.
  public func pinv(atol: Tensor?, rtol: Tensor?, hermitian: Bool = false) throws -> Tensor {
    if dim < 2 || (dtype != .float32 && dtype != .float64) {
      throw TorchError.runtime("linalg.pinv(\(dtype.capitalized){\(sizes.text)}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types")
    }
    if count == 0 {
      return try Tensor(uninitialized: Dims(batchSizes + [columns, rows]), dtype: dtype).withoutSlope("LinalgPinvBackward0", [self])
    }
    let y = try GradMode.with(false) { () -> Tensor in
      let zero = try Tensor.scalar(.double(0), dtype: dtype)
      if hermitian {
        let (l, v) = try eigh()
        let size = try l.abs()
        let bound = try tolerance(atol, rtol, size.extremeValue([-1], keepdim: false, greatest: true, name: "")).unsqueeze(-1)
        return try v.mul(Tensor.where(size.gt(bound), l.reciprocal(), zero).unsqueeze(-2)).matmul(v.mT)
      }
      let (u, s, vh) = try svd(full: false)
      let bound = try tolerance(atol, rtol, s.select(-1, 0)).unsqueeze(-1)
      return try vh.mT.mul(Tensor.where(s.gt(bound), s.reciprocal(), zero).unsqueeze(-2)).matmul(u.mT)
    }
    if Tensor.records(self) {
      let (sa, sy) = (SavedTensor(self), SavedTensor(result: y))
      y.record("LinalgPinvBackward0", [self]) { node, g in [try Tensor.pinvBackward(g, sy.unpack(node), sa.unpack())] }
    }
    return y
  }

  /// The gradient of A from that of its pseudoinverse P.
  static func pinvBackward(_ g: Tensor, _ p: Tensor, _ a: Tensor) throws -> Tensor {
    let (pt, gt) = (try p.mT, try g.mT)
    if a.rows <= a.columns {
      let k = try gt.matmul(p)
      let kp = try k.matmul(pt)
      return try p.matmul(k).mT.neg().add(kp).sub(a.matmul(p).matmul(kp)).add(pt.matmul(p).matmul(gt.sub(k.matmul(a))))
    }
    let k = try p.matmul(gt)
    let pk = try pt.matmul(k)
    return try k.matmul(p).mT.neg().add(gt.sub(a.matmul(k)).matmul(p).matmul(pt)).add(pk).sub(pk.matmul(p).matmul(a))
  }

  /// How many singular values count. Mirrors `torch.linalg.matrix_rank`.
  func matrixRank(atol: Tensor?, rtol: Tensor?, hermitian: Bool) throws -> Tensor {
    try Linalg.checkMatrix(self, "torch.linalg.matrix_rank", "input")
    if dtype != .float32 && dtype != .float64 { throw TorchError.runtime("This function doesn't handle types other than float and double") }
    if hermitian { try Linalg.checkSquare(self, "linalg.eigh") }
    if count == 0 { return try .zeros(Dims(batchSizes), dtype: .int64) }
    return try GradMode.with(false) {
      let s = hermitian ? try eigh(vectors: false).0.abs() : try svdvals()
      let bound = try tolerance(atol, rtol, s.extremeValue([-1], keepdim: false, greatest: true, name: ""))
      return try s.gt(bound.unsqueeze(-1)).sum(dims: [-1])
    }
  }

  /// A = U H: U with orthonormal columns, H positive semidefinite. Mirrors `torch.linalg.polar`.
  func polar() throws -> (Tensor, Tensor) {
    try Linalg.checkMatrix(self, "linalg.polar")
    try Linalg.checkFloating(self, "linalg.polar")
    if rows < columns {
      throw TorchError.runtime("linalg.polar: input must have at least as many rows as columns, but got \(rows) by \(columns) matrices")
    }
    let (u, h) = try GradMode.with(false) { () -> (Tensor, Tensor) in
      let (u, s, vh) = try svd(full: false)
      return (try u.matmul(vh).contiguous(), try vh.mT.mul(s.unsqueeze(-2)).matmul(vh).contiguous())
    }
    let (su, sh) = (SavedTensor(result: u), SavedTensor(result: h))
    Tensor.recordNode("LinalgPolarBackward0", inputs: [self], results: [u, h]) { node, g in
      if g[0] == nil && g[1] == nil { return [nil] }
      let (u, h) = (try su.unpack(node, 0), try sh.unpack(node, 1))
      let (s, v) = try h.eigh()
      // What U turns by solves H Y + Y H = X for skew X, in the basis of H's eigenvectors.
      var x = try g[0].map { try u.mT.matmul($0) }
      if let gh = g[1] { x = try x?.sub(gh.matmul(h)) ?? gh.matmul(h).neg() }
      guard let x else { return [nil] }
      let inner = try v.mT.matmul(x.sub(x.mT)).matmul(v).div(s.unsqueeze(-1).add(s.unsqueeze(-2)))
      var gradient = try u.matmul(v.matmul(inner).matmul(v.mT))
      if let gu = g[0] {
        let rest = try gu.sub(u.matmul(u.mT.matmul(gu)))
        gradient = try gradient.add(rest.matmul(v.div(s.unsqueeze(-2))).matmul(v.mT))
      }
      if let gh = g[1] { gradient = try gradient.add(u.matmul(gh)) }
      return [gradient]
    }
    return (u, h)
  }

  /// The symmetric square root of a positive definite matrix. Mirrors `torch.linalg.matrix_sqrth`.
  func matrixSquareRoot() throws -> Tensor {
    try Linalg.checkSquare(self, "linalg.matrix_sqrth")
    try Linalg.checkFloating(self, "linalg.matrix_sqrth", halves: false)
    let y = try GradMode.with(false) { () -> Tensor in
      let (l, v) = try eigh()
      return try v.mul(l.clamp(.integer(0), nil).sqrt().unsqueeze(-2)).matmul(v.mT)
    }
    if Tensor.records(self) {
      let saved = SavedTensor(result: y)
      y.record("LinalgMatrixSqrthBackward0", [self]) { node, g in
        // X G + G X = g, in the basis of X's eigenvectors.
        let (s, v) = try saved.unpack(node).eigh()
        let symmetric = try g.add(g.mT).mul(.wrapped(.double(0.5)))
        let inner = try v.mT.matmul(symmetric).matmul(v).div(s.unsqueeze(-1).add(s.unsqueeze(-2)))
        return [try v.matmul(inner).matmul(v.mT)]
      }
    }
    return y
  }
}
