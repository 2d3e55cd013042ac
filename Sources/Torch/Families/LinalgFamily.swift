import Interface
import TensorCore

extension Value {
  /// Several tensors as the results of one call.
  static func tensors(_ all: Tensor...) -> Value { .tuple(all.map { .object($0) }) }
}

/// A tensor where a number or a tensor was given.
private func given(_ x: TensorOrNumber?) -> Tensor? { x?.tensor }

/// `torch.linalg`: equations, inverses and factorizations.
public let linalgFactors = OperationFamily("torch.linalg") { ops in
  ops.define("solve(Tensor A, Tensor B, *, bool left=True) -> Tensor", doc: "The solution of AX = B, or XA = B. Mirrors torch.linalg.solve.") {
    (a: Tensor, b: Tensor, l: Bool) in try a.solveEx(b, left: l, checking: "torch.linalg.solve").0
  }
  ops.define("solve_ex(Tensor A, Tensor B, *, bool left=True, bool check_errors=False) -> (Tensor result, Tensor info)", doc: "The solution of AX = B, and where the matrix is singular. Mirrors torch.linalg.solve_ex.") {
    (a: Tensor, b: Tensor, l: Bool, c: Bool) -> Value in
    let (x, info) = try a.solveEx(b, left: l, checking: c ? "torch.linalg.solve_ex" : nil)
    return .tensors(x, info)
  }
  ops.define("inv(Tensor A) -> Tensor", doc: "The inverse. Mirrors torch.linalg.inv.") { (a: Tensor) in try a.inverse() }
  ops.define("inv_ex(Tensor A, *, bool check_errors=False) -> (Tensor inverse, Tensor info)", doc: "The inverse, and where the matrix is singular. Mirrors torch.linalg.inv_ex.") {
    (a: Tensor, c: Bool) -> Value in
    let (x, info) = try a.invEx("linalg.inv_ex", checking: c)
    return .tensors(x, info)
  }
  ops.define("det(Tensor A) -> Tensor", doc: "The determinant. Mirrors torch.linalg.det.") { (a: Tensor) in try a.det() }
  ops.define("slogdet(Tensor A) -> (Tensor sign, Tensor logabsdet)", doc: "The determinant's sign and the logarithm of its magnitude. Mirrors torch.linalg.slogdet.") { (a: Tensor) -> Value in
    let (s, l) = try a.slogdet()
    return .tensors(s, l)
  }
  ops.define("cholesky(Tensor self, *, bool upper=False) -> Tensor", doc: "The Cholesky factor. Mirrors torch.linalg.cholesky.", variants: [.function]) { (a: Tensor, u: Bool) in try a.choleskyEx(upper: u, checking: "linalg.cholesky").0 }
  ops.define("cholesky_ex(Tensor self, *, bool upper=False, bool check_errors=False) -> (Tensor L, Tensor info)", doc: "The Cholesky factor, and where it failed. Mirrors torch.linalg.cholesky_ex.", variants: [.function]) {
    (a: Tensor, u: Bool, c: Bool) -> Value in
    let (l, info) = try a.choleskyEx(upper: u, checking: c ? "linalg.cholesky_ex" : nil)
    return .tensors(l, info)
  }
  ops.define("qr(Tensor A, str mode='reduced') -> (Tensor Q, Tensor R)", doc: "A = QR; mode is reduced, complete or r. Mirrors torch.linalg.qr.") { (a: Tensor, m: String) -> Value in
    let (q, r) = try a.qr(m)
    return .tensors(q, r)
  }
  ops.define("householder_product(Tensor input, Tensor tau) -> Tensor", doc: "The first columns of a product of Householder matrices. Mirrors torch.linalg.householder_product.") { (a: Tensor, t: Tensor) in try a.householderProduct(t) }
  ops.define("lu(Tensor A, *, bool pivot=True) -> (Tensor P, Tensor L, Tensor U)", doc: "A = PLU. Mirrors torch.linalg.lu.") { (a: Tensor, p: Bool) -> Value in
    let (p, l, u) = try a.lu(pivot: p)
    return .tensors(p, l, u)
  }
  ops.define("lu_factor(Tensor A, *, bool pivot=True) -> (Tensor LU, Tensor pivots)", doc: "A = PLU, packed. Mirrors torch.linalg.lu_factor.") { (a: Tensor, p: Bool) -> Value in
    let f = try a.luFactorEx(pivot: p, checking: "torch.linalg.lu_factor")
    return .tensors(f.packed, f.pivots)
  }
  ops.define("lu_factor_ex(Tensor A, *, bool pivot=True, bool check_errors=False) -> (Tensor LU, Tensor pivots, Tensor info)", doc: "A = PLU, packed, and where U has a zero. Mirrors torch.linalg.lu_factor_ex.") {
    (a: Tensor, p: Bool, c: Bool) -> Value in
    let f = try a.luFactorEx(pivot: p, checking: c ? "torch.linalg.lu_factor_ex" : nil)
    return .tensors(f.packed, f.pivots, f.info)
  }
  ops.define("lu_solve(Tensor LU, Tensor pivots, Tensor B, *, bool left=True, bool adjoint=False) -> Tensor", doc: "The solution of AX = B from lu_factor's result. Mirrors torch.linalg.lu_solve.") {
    (lu: Tensor, p: Tensor, b: Tensor, l: Bool, a: Bool) in try Tensor.luSolve(lu, p, b, left: l, adjoint: a)
  }
  ops.define("ldl_factor(Tensor self, *, bool hermitian=False) -> (Tensor LD, Tensor pivots)", doc: "A = L D Lᵀ, packed. Mirrors torch.linalg.ldl_factor.", variants: [.function]) { (a: Tensor, _: Bool) -> Value in
    let (l, p, _) = try a.ldlFactor(checking: "torch.linalg.ldl_factor")
    return .tensors(l, p)
  }
  ops.define("ldl_factor_ex(Tensor self, *, bool hermitian=False, bool check_errors=False) -> (Tensor LD, Tensor pivots, Tensor info)", doc: "A = L D Lᵀ, packed, and where D has a zero. Mirrors torch.linalg.ldl_factor_ex.", variants: [.function]) {
    (a: Tensor, _: Bool, c: Bool) -> Value in
    let (l, p, info) = try a.ldlFactor(checking: c ? "torch.linalg.ldl_factor_ex" : nil)
    return .tensors(l, p, info)
  }
  ops.define("ldl_solve(Tensor LD, Tensor pivots, Tensor B, *, bool hermitian=False) -> Tensor", doc: "The solution of AX = B from ldl_factor's result. Mirrors torch.linalg.ldl_solve.") {
    (l: Tensor, p: Tensor, b: Tensor, _: Bool) in try Tensor.ldlSolve(l, p, b)
  }
  ops.define("solve_triangular(Tensor self, Tensor B, *, bool upper, bool left=True, bool unitriangular=False) -> Tensor", doc: "The solution of AX = B, or XA = B, for triangular A. Mirrors torch.linalg.solve_triangular.", variants: [.function]) {
    (a: Tensor, b: Tensor, up: Bool, l: Bool, un: Bool) in try a.solveTriangular(b, upper: up, left: l, unit: un)
  }
  ops.define("svd(Tensor A, bool full_matrices=True, *, str? driver=None) -> (Tensor U, Tensor S, Tensor Vh)", doc: "A = U diag(S) Vh. Mirrors torch.linalg.svd.") {
    (a: Tensor, f: Bool, d: String?) -> Value in
    try refuseDriver(d)
    let (u, s, v) = try a.svd(full: f)
    return .tensors(u, s, v)
  }
  ops.define("svdvals(Tensor A, *, str? driver=None) -> Tensor", doc: "The singular values, largest first. Mirrors torch.linalg.svdvals.") { (a: Tensor, d: String?) -> Tensor in
    try refuseDriver(d)
    return try a.svdvals()
  }
  ops.define("eigh(Tensor A, str UPLO='L') -> (Tensor eigenvalues, Tensor eigenvectors)", doc: "Eigenvalues, ascending, and eigenvectors of a symmetric matrix. Mirrors torch.linalg.eigh.") { (a: Tensor, t: String) -> Value in
    let (l, v) = try a.eigh(t)
    return .tensors(l, v)
  }
  ops.define("eigvalsh(Tensor A, str UPLO='L') -> Tensor", doc: "Eigenvalues of a symmetric matrix, ascending. Mirrors torch.linalg.eigvalsh.") { (a: Tensor, t: String) in try a.eigh(t, vectors: false).0 }
  ops.define("eig(Tensor A) -> (Tensor eigenvalues, Tensor eigenvectors)", doc: "Eigenvalues and eigenvectors of a square matrix; both are complex. Mirrors torch.linalg.eig.") { (a: Tensor) -> Value in
    let (l, v) = try a.eig()
    return .tensors(l, v)
  }
  ops.define("eigvals(Tensor A) -> Tensor", doc: "Eigenvalues of a square matrix, complex. Mirrors torch.linalg.eigvals.") { (a: Tensor) in try a.eigvals() }
  ops.define("lstsq(Tensor self, Tensor b, float? rcond=None, *, str? driver=None) -> (Tensor solution, Tensor residuals, Tensor rank, Tensor singular_values)", doc: "The X of least |AX - B|; driver is gels, gelsy, gelsd or gelss. Mirrors torch.linalg.lstsq.", variants: [.function]) {
    (a: Tensor, b: Tensor, r: Double?, d: String?) -> Value in
    let (x, e, k, s) = try a.lstsq(b, rcond: r, driver: d)
    return .tensors(x, e, k, s)
  }
  ops.define("pinv(Tensor A, *, Tensor? atol=None, Tensor? rtol=None, bool hermitian=False) -> Tensor", doc: "The Moore-Penrose inverse. Mirrors torch.linalg.pinv.") {
    (a: Tensor, at: TensorOrNumber?, rt: TensorOrNumber?, h: Bool) in try a.pinv(atol: given(at), rtol: given(rt), hermitian: h)
  }
  ops.define("pinv.rcond(Tensor A, Tensor rcond, bool hermitian=False) -> Tensor", doc: "The Moore-Penrose inverse. Mirrors torch.linalg.pinv.") {
    (a: Tensor, r: TensorOrNumber, h: Bool) in try a.pinv(atol: .scalar(.double(0)), rtol: r.tensor, hermitian: h)
  }
  ops.define("matrix_rank(Tensor input, *, Tensor? atol=None, Tensor? rtol=None, bool hermitian=False) -> Tensor", doc: "How many singular values count. Mirrors torch.linalg.matrix_rank.") {
    (a: Tensor, at: TensorOrNumber?, rt: TensorOrNumber?, h: Bool) in try a.matrixRank(atol: given(at), rtol: given(rt), hermitian: h)
  }
  ops.define("matrix_rank.tol(Tensor input, Tensor tol, bool hermitian=False) -> Tensor", doc: "How many singular values are above tol. Mirrors torch.linalg.matrix_rank.") {
    (a: Tensor, t: TensorOrNumber, h: Bool) in try a.matrixRank(atol: t.tensor, rtol: .scalar(.double(0)), hermitian: h)
  }
  ops.define("polar(Tensor A) -> (Tensor U, Tensor H)", doc: "A = UH: an orthogonal and a positive semidefinite matrix. Mirrors torch.linalg.polar.") { (a: Tensor) -> Value in
    let (u, h) = try a.polar()
    return .tensors(u, h)
  }
  ops.define("matrix_sqrth(Tensor self) -> Tensor", doc: "The square root of a symmetric positive definite matrix. Mirrors torch.linalg.matrix_sqrth.", variants: [.function]) { (a: Tensor) in try a.matrixSquareRoot() }
}

/// - Throws: PyTorch's sentence for a driver, which only CUDA has.
private func refuseDriver(_ driver: String?) throws {
  if driver != nil { throw TorchError.runtime("torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend.") }
}

/// `torch.linalg`: norms and functions of matrices.
public let linalgFunctions = OperationFamily("torch.linalg") { ops in
  ops.define("norm(Tensor input, any ord=None, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor", doc: "A vector's or a matrix's norm. Mirrors torch.linalg.norm.") {
    (x: Tensor, o: Value, d: [Int]?, k: Bool, t: DType?) in try x.linalgNorm(NormOrder(o), dims: d, keepdim: k, dtype: t)
  }
  ops.define("vector_norm(Tensor input, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor", doc: "The norm of elements over dimensions. Mirrors torch.linalg.vector_norm.") {
    (x: Tensor, o: Scalar, d: [Int]?, k: Bool, t: DType?) in try x.vectorNorm(o, dims: d, keepdim: k, dtype: t)
  }
  ops.define("matrix_norm(Tensor input, any ord='fro', int[] dim=[-2,-1], bool keepdim=False, *, ScalarType? dtype=None) -> Tensor", doc: "The norm of matrices. Mirrors torch.linalg.matrix_norm.") {
    (x: Tensor, o: Value, d: [Int], k: Bool, t: DType?) in try x.matrixNorm(NormOrder(o) ?? .name("fro"), dims: d, keepdim: k, dtype: t)
  }
  ops.define("_powsum(Tensor input, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor", doc: "The sum of powers of magnitudes. Mirrors torch.linalg._powsum.") {
    (x: Tensor, o: Scalar, d: [Int]?, k: Bool, t: DType?) in try x.to(t ?? x.dtype).abs().pow(.wrapped(o)).sum(dims: d, keepdim: k)
  }
  ops.define("cond(Tensor input, any p=None) -> Tensor", doc: "The condition number. Mirrors torch.linalg.cond.") { (x: Tensor, p: Value) in try x.cond(NormOrder(p)) }
  ops.define("matrix_exp(Tensor input) -> Tensor", doc: "e to the power of each matrix. Mirrors torch.linalg.matrix_exp.") { (x: Tensor) in try x.matrixExp() }
  ops.define("matrix_power(Tensor input, int n) -> Tensor", doc: "The matrices multiplied by themselves. Mirrors torch.linalg.matrix_power.") { (x: Tensor, n: Int) in try x.matrixPower(n) }
  ops.define("tensorinv(Tensor input, int ind=2) -> Tensor", doc: "The inverse as a map between the first ind dimensions and the others. Mirrors torch.linalg.tensorinv.") { (x: Tensor, i: Int) in try x.tensorInverse(i) }
  ops.define("tensorsolve(Tensor input, Tensor other, int[]? dims=None) -> Tensor", doc: "The X with tensordot(A, X) = B. Mirrors torch.linalg.tensorsolve.") { (x: Tensor, b: Tensor, d: [Int]?) in try x.tensorSolve(b, dims: d) }
  ops.define("vander(Tensor x, *, int? N=None) -> Tensor", doc: "Powers of vectors as rows. Mirrors torch.linalg.vander.") { (x: Tensor, n: Int?) in try x.vander(n) }
  ops.define("diagonal(Tensor A, *, int offset=0, int dim1=-2, int dim2=-1) -> Tensor", doc: "The diagonals of matrices, as a view. Mirrors torch.linalg.diagonal.") {
    (x: Tensor, o: Int, d: Int, e: Int) in try x.diagonal(o, d, e)
  }
}
