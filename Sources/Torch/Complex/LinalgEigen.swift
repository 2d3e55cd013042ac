import Interface
import Kernels
import TensorCore

extension Tensor {
  /// Eigenvalues and, where asked for, eigenvectors of norm one, outside autograd; both complex.
  private func eigenpairs(vectors: Bool, _ name: String) throws -> (Tensor, Tensor?) {
    try Linalg.checkMatrix(self, name)
    try Linalg.checkSquare(self, name)
    try Linalg.checkFloating(self, name, halves: false)
    if try asked({ !$0.isFinite }, integer: false).any().scalar(at: 0) == .boolean(true) {
      throw TorchError.runtime("torch.\(name): input tensor should not contain infs or NaNs.")
    }
    let values = try Tensor(uninitialized: Dims(sizes.dropLast()), dtype: dtype.complex)
    let v = vectors ? try Tensor.columnMajor(Array(sizes), dtype: dtype.complex) : nil
    let info = try Tensor.infos(batchSizes)
    if count > 0 {
      let a = try columnMajorCopy()
      withExtendedLifetime(a) { Lapack.eigen(a.lapack, values: values.pointer, vectors: v?.pointer, info: info.elements(Int32.self)) }
      try Linalg.check(info, name)
    }
    return (values, v)
  }

  /// Eigenvalues and eigenvectors of a square matrix. Mirrors `torch.linalg.eig`.
  func eig() throws -> (Tensor, Tensor) {
    let (values, found) = try GradMode.with(false) { try eigenpairs(vectors: true, "linalg.eig") }
    let vectors = found ?? values
    if Tensor.records(self) {
      let (sl, sv) = (SavedTensor(result: values), SavedTensor(result: vectors))
      Tensor.recordPlainNode("LinalgEigBackward0", inputs: [self], results: [values, vectors]) { node, g in
        [try Tensor.eigBackward(g[0], g[1], sl.unpack(node, 0), sv.unpack(node, 1))]
      }
    }
    return (values, vectors)
  }

  /// Eigenvalues of a square matrix. Mirrors `torch.linalg.eigvals`.
  func eigvals() throws -> Tensor {
    if Tensor.records(self) { return try eig().0 }
    return try GradMode.with(false) { try eigenpairs(vectors: false, "linalg.eigvals").0 }
  }

  /// The gradient of A = V L V⁻¹. Mirrors `linalg_eig_backward`.
  private static func eigBackward(_ gl: Tensor?, _ gv: Tensor?, _ l: Tensor, _ v: Tensor) throws -> Tensor? {
    let vh = try v.mT.conj()
    guard let gv else {
      guard let gl else { return nil }
      return try vh.solveEx(gl.unsqueeze(-1).mul(vh)).0
    }
    let product = try vh.matmul(gv)
    let diagonal = try product.matrixDiagonal()
    let turn = try GradMode.with(false) { try diagonal.imaginary().abs() }
    if turn.count > 0, try !turn.le(.wrapped(.double(0.01))).all().item().isTrue {
      throw TorchError.runtime(
        "linalg_eig_backward: The eigenvectors in the complex case are specified up to multiplication by e^{i phi}. The specified loss function depends on this quantity, so it is ill-defined.")
    }
    var inner = try product.sub(vh.matmul(v).mul(diagonal.real().unsqueeze(-2)))
    let lc = try l.conj()
    let gaps = try lc.unsqueeze(-2).sub(lc.unsqueeze(-1)).add(identity(v.rows, dtype: v.dtype))
    inner = try inner.div(gaps)
    if let gl { inner = try inner.sub(inner.matrixDiagonal().diagonalMatrix()).add(gl.diagonalMatrix()) }
    return try vh.solveEx(inner.matmul(vh)).0
  }
}

extension Scalar {
  /// Whether it is true.
  fileprivate var isTrue: Bool { self == .boolean(true) }
}
