import Interface
import Kernels
import TensorCore

/// Checks, errors and memory that the functions of `torch.linalg` share.
enum Linalg {
  /// - Throws: PyTorch's sentence for integers, and for half types where the function has no form for them.
  static func checkFloating(_ t: Tensor, _ name: String, halves: Bool = true) throws {
    if !t.dtype.isInexact {
      throw TorchError.notImplemented("\(name): Expected a floating point or complex tensor as input. Got \(t.dtype.capitalized)")
    }
    if !halves && t.dtype.itemSize == 2 {
      throw TorchError.notImplemented("\(name): Low precision dtypes not supported. Got \(t.dtype.capitalized)")
    }
  }

  /// - Throws: PyTorch's sentence where its kernel has no form for the type.
  static func checkKernel(_ t: Tensor, _ kernel: String, complex: Bool = false) throws {
    if t.dtype != .float32 && t.dtype != .float64 && !(complex && t.dtype.isComplex) {
      throw TorchError.notImplemented(kernel, for: t.dtype)
    }
  }

  /// - Throws: PyTorch's sentence for fewer than two dimensions.
  static func checkMatrix(_ t: Tensor, _ name: String, _ argument: String = "A") throws {
    if t.dim < 2 { throw TorchError.runtime("\(name): The input tensor \(argument) must have at least 2 dimensions.") }
  }

  /// - Throws: PyTorch's sentences for what are no square matrices.
  static func checkSquare(_ t: Tensor, _ name: String) throws {
    try checkMatrix(t, name)
    if t.rows != t.columns {
      throw TorchError.runtime("\(name): A must be batches of square matrices, but they are \(t.rows) by \(t.columns) matrices")
    }
  }

  /// - Throws: PyTorch's sentences for sides of an equation that do not fit.
  static func checkEquation(_ a: Tensor, _ b: Tensor, left: Bool, _ name: String) throws {
    try checkSquare(a, name)
    try checkMatrix(b, name, "B")
    if left ? a.rows != b.rows : a.columns != b.columns {
      throw TorchError.runtime(
        "\(name): Incompatible shapes of A and B for the equation \(left ? "AX = B" : "XA = B") (\(a.rows)x\(a.columns) and \(b.rows)x\(b.columns))")
    }
  }

  /// - Throws: the older functions' sentences for sides of an equation that do not fit.
  static func checkPlainEquation(_ b: Tensor, _ a: Tensor, _ name: String) throws {
    if b.dtype != a.dtype {
      throw TorchError.runtime("Expected b and A to have the same dtype, but found b of type \(b.dtype.capitalized) and A of type \(a.dtype.capitalized) instead.")
    }
    if a.rows != a.columns {
      throw TorchError.runtime("A must be batches of square matrices, but they are \(a.rows) by \(a.columns) matrices")
    }
    if a.rows != b.rows {
      throw TorchError.runtime(
        "Incompatible matrix sizes for \(name): each A matrix is \(a.rows) by \(a.rows) but each b matrix is \(b.rows) by \(b.columns)")
    }
  }

  /// - Throws: PyTorch's sentence for the first matrix of a batch at which a routine failed.
  static func check(_ info: Tensor, _ name: String) throws {
    let codes = info.elements(Int32.self)
    guard let at = (0..<info.count).first(where: { codes[$0] != 0 }) else { return }
    let code = codes[at]
    let start = info.dim == 0 ? "\(name): " : "\(name): (Batch element \(at)): "
    func has(_ word: String) -> Bool { name.contains(word) }
    if code < 0 && !has("svd") {
      throw TorchError(.linAlgError, "\(start)Argument \(-code) has illegal value. Most certainly there is a bug in the implementation calling the backend library.")
    }
    if has("lu_factor") {
      throw TorchError.runtime(
        "\(start)U[\(code),\(code)] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)")
    }
    let reason: String
    if has("inv") {
      reason = "The diagonal element \(code) is zero, the inversion could not be completed because the input matrix is singular."
    } else if has("solve") {
      reason = "The solver failed because the input matrix is singular."
    } else if has("cholesky") {
      reason = "The factorization could not be completed because the input is not positive-definite (the leading minor of order \(code) is not positive-definite)."
    } else if has("svd") {
      reason = code < 0
        ? "The algorithm failed to converge because the input matrix contained non-finite values."
        : "The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated singular values (error code: \(code))."
    } else if has("eig") {
      reason = "The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated eigenvalues (error code: \(code))."
    } else if has("lstsq") {
      reason = "The least squares solution could not be computed because the input matrix does not have full rank (error code: \(code))."
    } else {
      throw TorchError.runtime("\(start)Unknown error code: \(code).")
    }
    throw TorchError(.linAlgError, start + reason)
  }

  /// The sizes of two matrices with the batch dimensions that both broadcast to.
  static func broadcast(_ a: Tensor, _ b: Tensor) throws -> (a: [Int], b: [Int]) {
    let batch = Array(try Shape.broadcast(Dims(a.sizes.dropLast(2)), Dims(b.sizes.dropLast(2))))
    return (batch + Array(a.sizes.suffix(2)), batch + Array(b.sizes.suffix(2)))
  }

  /// Whether B holds vectors, not matrices. Mirrors `at::native::linalg_solve_is_vector_rhs`.
  static func isVector(_ a: Tensor, _ b: Tensor) -> Bool {
    b.dim == 1 || (a.dim - 1 == b.dim && b.sizes == Dims(a.sizes.dropLast()))
  }
}

extension Tensor {
  /// The size of the last dimension but one.
  var rows: Int { sizes[dim - 2] }
  /// The size of the last dimension.
  var columns: Int { sizes[dim - 1] }
  /// The sizes before those of the matrices.
  var batchSizes: [Int] { Array(sizes.dropLast(2)) }

  /// Uninitialized matrices that are dense by columns.
  static func columnMajor(_ sizes: [Int], dtype: DType) throws -> Tensor {
    let n = sizes.count
    var turned = Dims(sizes)
    turned.swapAt(n - 2, n - 1)
    let t = try Tensor(uninitialized: turned, dtype: dtype)
    var strides = t.strides
    strides.swapAt(n - 2, n - 1)
    return t.alias(Dims(sizes), strides, 0)
  }

  /// A copy of the matrices that is dense by columns, outside autograd; expanded to `sizes` where they are given.
  func columnMajorCopy(_ target: [Int]? = nil) throws -> Tensor {
    let y = try Tensor.columnMajor(target ?? Array(sizes), dtype: dtype)
    Cast.copy(operand(broadcastTo: y.sizes), to: y.operand, sizes: y.sizes)
    return y
  }

  /// Matrices that are dense by columns, as routines see them.
  var lapack: ColumnMajor {
    ColumnMajor(pointer, isDouble: dtype.parts == .float64, isComplex: dtype.isComplex, count: sizes.dropLast(2).reduce(1, *), rows: rows, columns: columns)
  }

  /// Itself as the result of an operation on `inputs` whose gradient is zero, as where there are no elements.
  func withoutSlope(_ name: String, _ inputs: [Tensor]) -> Tensor {
    if Tensor.records(inputs) {
      let (shapes, types) = (inputs.map(\.sizes), inputs.map(\.dtype))
      record(name, inputs) { _, _ in try zip(shapes, types).map { try .zeros($0, dtype: $1) } }
    }
    return self
  }

  /// A fresh int32 tensor for what routines report.
  static func infos(_ sizes: [Int]) throws -> Tensor { try .zeros(Dims(sizes), dtype: .int32) }
}
