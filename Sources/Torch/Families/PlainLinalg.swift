import Interface
import TensorCore

/// Linear algebra under `torch` and as methods: the names older than `torch.linalg`.
public let plainLinalg = OperationFamily("torch") { ops in
  let inferred: [(String, String, (Tensor) throws -> Tensor)] = [
    ("inverse", "The inverse.", { try $0.inverse() }),
    ("det", "The determinant.", { try $0.det() }),
    ("logdet", "The logarithm of the determinant.", { try $0.logdet() }),
    ("matrix_exp", "e to the power of each matrix.", { try $0.matrixExp() }),
  ]
  for (name, doc, f) in inferred {
    ops.define("\(name)(Tensor self) -> Tensor", doc: "\(doc) Mirrors torch.\(name).") { (x: Tensor) in try f(x) }
  }
  ops.define("slogdet(Tensor self) -> (Tensor sign, Tensor logabsdet)", doc: "The determinant's sign and the logarithm of its magnitude. Mirrors torch.slogdet.") { (x: Tensor) -> Value in
    let (s, l) = try x.slogdet()
    return .tensors(s, l)
  }
  ops.define("matrix_power(Tensor self, int n) -> Tensor", doc: "The matrices multiplied by themselves. Mirrors torch.matrix_power.") { (x: Tensor, n: Int) in try x.matrixPower(n) }
  ops.define("pinverse(Tensor self, float rcond=1e-15) -> Tensor", doc: "The Moore-Penrose inverse. Mirrors torch.pinverse.") { (x: Tensor, r: Double) in
    try x.pinv(atol: .scalar(.double(0)), rtol: .scalar(.double(r), dtype: .float64))
  }
  ops.define("svd(Tensor self, bool some=True, bool compute_uv=True) -> (Tensor U, Tensor S, Tensor V)", doc: "A = U diag(S) Vᵀ. Mirrors torch.svd.") {
    (x: Tensor, some: Bool, vectors: Bool) -> Value in
    try Linalg.checkMatrix(x, "linalg.svd")
    if vectors {
      let (u, s, vh) = try x.svd(full: !some)
      return .tensors(u, s, try vh.mT)
    }
    let u = try Tensor.zeros(Dims(x.batchSizes + [x.rows, x.rows]), dtype: x.dtype)
    return .tensors(u, try x.svdvals(), try Tensor.zeros(Dims(x.batchSizes + [x.columns, x.columns]), dtype: x.dtype).mT)
  }
  ops.define("cholesky_solve(Tensor self, Tensor input2, bool upper=False) -> Tensor", doc: "The solution of AX = self from A's Cholesky factor. Mirrors torch.cholesky_solve.") { (b: Tensor, l: Tensor, u: Bool) in try b.choleskySolve(l, upper: u) }
  ops.define("cholesky_inverse(Tensor self, bool upper=False) -> Tensor", doc: "The inverse of A from its Cholesky factor. Mirrors torch.cholesky_inverse.") { (l: Tensor, u: Bool) in try l.choleskyInverse(upper: u) }
  ops.define("geqrf(Tensor self) -> (Tensor a, Tensor tau)", doc: "A = QR with Q as Householder reflectors. Mirrors torch.geqrf.") { (x: Tensor) -> Value in
    if x.dim < 2 { throw TorchError.runtime("torch.geqrf: input must have at least 2 dimensions.") }
    let (a, t) = try x.reflectors()
    return .tensors(a, t)
  }
  ops.define("orgqr(Tensor self, Tensor input2) -> Tensor", doc: "The first columns of a product of Householder matrices. Mirrors torch.orgqr.") { (x: Tensor, t: Tensor) in try x.householderProduct(t) }
  ops.define("ormqr(Tensor self, Tensor input2, Tensor input3, bool left=True, bool transpose=False) -> Tensor", doc: "A product with the Q of Householder reflectors. Mirrors torch.ormqr.") {
    (a: Tensor, t: Tensor, c: Tensor, l: Bool, tr: Bool) in try Tensor.ormqr(a, t, c, left: l, transpose: tr)
  }
  ops.define("lu(Tensor self, bool pivot=True, bool get_infos=False) -> (Tensor LU, Tensor pivots)", doc: "A = PLU, packed; with get_infos also where U has a zero. Mirrors torch.lu.") {
    (x: Tensor, p: Bool, infos: Bool) -> Value in
    let f = try x.luFactorEx(pivot: p)
    return infos ? .tensors(f.packed, f.pivots, f.info) : .tensors(f.packed, f.pivots)
  }
  ops.define("lu_solve(Tensor self, Tensor LU_data, Tensor LU_pivots) -> Tensor", doc: "The solution of AX = self from lu's result. Mirrors torch.lu_solve.") { (b: Tensor, lu: Tensor, p: Tensor) in try Tensor.luSolve(lu, p, b) }
  ops.define("lu_unpack(Tensor LU_data, Tensor LU_pivots, bool unpack_data=True, bool unpack_pivots=True) -> (Tensor P, Tensor L, Tensor U)", doc: "The factors of lu's result. Mirrors torch.lu_unpack.") {
    (lu: Tensor, p: Tensor, data: Bool, pivots: Bool) -> Value in
    if lu.dim < 2 { throw TorchError.runtime("torch.lu_unpack: Expected tensor with 2 or more dimensions. Got size: \(lu.sizes.text) instead") }
    if pivots && p.dtype != .int32 {
      throw TorchError.runtime("torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\nNote: this function is intended to be used with the output produced by torch.linalg.lu_factor")
    }
    let none = try Tensor(uninitialized: [0], dtype: lu.dtype)
    if !pivots {
      if !data { return .tensors(none, none, none) }
      let (l, u) = try Tensor.luTriangles(lu)
      return .tensors(none, l, u)
    }
    let order = try Tensor.permutation(p, lu.rows, dtype: lu.dtype)
    if !data { return .tensors(order, none, none) }
    let (l, u) = try Tensor.luTriangles(lu)
    return .tensors(order, l, u)
  }
  ops.define("triangular_solve(Tensor self, Tensor A, bool upper=True, bool transpose=False, bool unitriangular=False) -> (Tensor solution, Tensor cloned_coefficient)", doc: "The solution of AX = self for triangular A. Mirrors torch.triangular_solve.") {
    (b: Tensor, a: Tensor, u: Bool, t: Bool, un: Bool) -> Value in
    let (x, copy) = try b.triangularSolve(a, upper: u, transpose: t, unit: un)
    return .tensors(x, copy)
  }
  ops.define("vander(Tensor x, int? N=None, bool increasing=False) -> Tensor", doc: "Powers of a vector as columns. Mirrors torch.vander.", variants: [.function]) { (x: Tensor, n: Int?, up: Bool) in try x.plainVander(n, increasing: up) }
  ops.define("norm(Tensor self, any p='fro', int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor", doc: "The norm of the elements; p is a number, 'fro' or 'nuc'. Mirrors torch.norm.") {
    (x: Tensor, p: Value, d: [Int]?, k: Bool, t: DType?) in try x.norm(NormOrder(p), dims: d, keepdim: k, dtype: t)
  }
  ops.define("nuclear_norm(Tensor self, int[2]? dim=None, bool keepdim=False) -> Tensor", doc: "The sum of singular values. Mirrors torch.nuclear_norm.", variants: [.function]) {
    (x: Tensor, d: [Int]?, k: Bool) in try x.matrixNorm(.name("nuc"), dims: d ?? [-2, -1], keepdim: k)
  }
  ops.define("frobenius_norm(Tensor self, int[1] dim, bool keepdim=False) -> Tensor", doc: "The root of the sum of squares. Mirrors torch.frobenius_norm.", variants: [.function]) {
    (x: Tensor, d: [Int], k: Bool) in try x.vectorNorm(.integer(2), dims: d, keepdim: k)
  }
  ops.define("svd_lowrank(Tensor A, int? q=6, int? niter=2, Tensor? M=None) -> (Tensor U, Tensor S, Tensor V)", doc: "The largest singular values and their vectors, by random projection. Mirrors torch.svd_lowrank.") {
    (a: Tensor, q: Int?, n: Int?, m: Tensor?) -> Value in
    let (u, s, v) = try a.svdLowRank(q ?? 6, n ?? 2, m)
    return .tensors(u, s, v)
  }
  ops.define("pca_lowrank(Tensor A, int? q=None, bool center=True, int niter=2) -> (Tensor U, Tensor S, Tensor V)", doc: "Principal components, by random projection. Mirrors torch.pca_lowrank.") {
    (a: Tensor, q: Int?, center: Bool, n: Int) -> Value in
    let least = min(a.rows, a.columns)
    if let q, q < 0 || q > least {
      throw TorchError.value("q(=\(q)) must be non-negative integer and not greater than min(m, n)=\(least)")
    }
    if n < 0 { throw TorchError.value("niter(=\(n)) must be non-negative integer") }
    let (u, s, v) = try (center ? a.sub(a.mean(dims: [-2], keepdim: true)) : a).svdLowRank(q ?? min(6, least), n, nil)
    return .tensors(u, s, v)
  }
  for (name, sentence) in removed {
    ops.define("\(name)(Tensor input, any[1]? args=None) -> Tensor", doc: "Removed from PyTorch; the error says what stands in its place. Mirrors torch.\(name).", variants: [.function]) { (_: Tensor, _: [Value]?) -> Tensor in
      throw TorchError.runtime(sentence)
    }
  }
}

/// What PyTorch took away, and its sentence about it.
private let removed: [(String, String)] = [
  (
    "lstsq",
    "This function was deprecated since version 1.9 and is now removed. `torch.lstsq` is deprecated in favor of `torch.linalg.lstsq`.\n`torch.linalg.lstsq` has reversed arguments and does not return the QR decomposition in the returned tuple (although it returns other information about the problem).\n\nTo get the QR decomposition consider using `torch.linalg.qr`."
  ),
  (
    "eig",
    "This function was deprecated since version 1.9 and is now removed. `torch.linalg.eig` returns complex tensors of dtype `cfloat` or `cdouble` rather than real tensors mimicking complex tensors.\n\nL, _ = torch.eig(A) should be replaced with:\nL_complex = torch.linalg.eigvals(A)\n\nand\n\nL, V = torch.eig(A, eigenvectors=True) should be replaced with:\nL_complex, V_complex = torch.linalg.eig(A)"
  ),
  (
    "symeig",
    "This function was deprecated since version 1.9 and is now removed. The default behavior has changed from using the upper triangular portion of the matrix by default to using the lower triangular portion.\n\nL, _ = torch.symeig(A, upper=upper) should be replaced with:\nL = torch.linalg.eigvalsh(A, UPLO='U' if upper else 'L')\n\nand\n\nL, V = torch.symeig(A, eigenvectors=True) should be replaced with:\nL, V = torch.linalg.eigh(A, UPLO='U' if upper else 'L')"
  ),
  (
    "cholesky",
    "This function was deprecated since version 1.9 and is now removed. `torch.cholesky` is deprecated in favor of `torch.linalg.cholesky`.\nL = torch.cholesky(A) should be replaced with:\nL = torch.linalg.cholesky(A)\nU = torch.cholesky(A, upper=True) should be replaced with:\nU = torch.linalg.cholesky(A).mH"
  ),
  (
    "qr",
    "This function was deprecated since version 1.9 and is now removed. `torch.qr` is deprecated in favor of `torch.linalg.qr` and the boolean parameter `some` has been replaced with a string parameter `mode`.\n\nQ, R = torch.qr(A) should be replaced with:\nQ, R = torch.linalg.qr(A, mode='reduced')\n\nand\n\nQ, R = torch.qr(A, some=False) should be replaced with:\nQ, R = torch.linalg.qr(A, mode='complete')\n\nSince `some` was set to True, use mode='reduced'."
  ),
  (
    "solve",
    "This function was deprecated since version 1.9 and is now removed. `torch.solve` is deprecated in favor of `torch.linalg.solve`. `torch.linalg.solve` has its arguments reversed and does not return the LU factorization.\n\nTo get the LU factorization see `torch.lu`, which can be used with `torch.lu_solve` or `torch.lu_unpack`.\nX = torch.solve(B, A).solution should be replaced with:\nX = torch.linalg.solve(A, B)"
  ),
  (
    "matrix_rank",
    "This function was deprecated since version 1.9 and is now removed.\nPlease use the `torch.linalg.matrix_rank` function instead. The parameter 'symmetric' was renamed in `torch.linalg.matrix_rank()` to 'hermitian'."
  ),
]
