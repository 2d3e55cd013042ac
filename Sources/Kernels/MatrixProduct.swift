import CKernels
import COneDNN
import COpenBLAS
import Interface
import TensorCore

/// Dense matrix products through oneDNN (float32) and OpenBLAS (float64).
public enum MatrixProduct {
  /// C[m,n] = alpha · A[m,k] · B[k,n] (+ beta · C where beta is not zero), row-major; `aT`, `bT` read the operand as its transpose.
  /// Leading dimensions are in elements.
  /// - Throws: a `RuntimeError` when the library refuses.
  public static func float(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, lda: Int, aT: Bool, _ b: UnsafePointer<Float>, ldb: Int, bT: Bool,
    _ c: UnsafeMutablePointer<Float>, ldc: Int, alpha: Float = 1, beta: Float = 0
  ) throws {
    if bT && !aT && alpha == 1 && beta == 0 && LinearProduct.suits(m: m, n: n, k: k, bias: false) {
      return try LinearProduct.float(m: m, n: n, k: k, a, ldx: lda, b, ldw: ldb, bias: nil, c, ldy: ldc)
    }
    try inPieces(m: m, work: n * k) { rows in
      let (a, m) = (a + rows.lowerBound * (aT ? 1 : lda), rows.count)
      let status = Threads.alone(m * n * k < 1 << 23) {
        dnnl_sgemm(
          aT ? 84 : 78, bT ? 84 : 78, Int64(m), Int64(n), Int64(k), alpha, a, Int64(lda), b, Int64(ldb), beta, c + rows.lowerBound * ldc, Int64(ldc))
      }
      if status != dnnl_success { throw TorchError.runtime("oneDNN's sgemm failed with status \(status.rawValue)") }
    }
  }

  /// A product that takes more than a moment goes a piece of its rows at a time, so that it can be interrupted.
  @inline(__always)
  private static func inPieces(m: Int, work: Int, _ body: (Range<Int>) throws -> Void) rethrows {
    guard m * work > 1 << 34, m >= 128 else { return try body(0..<m) }
    let piece = max(64, (1 << 33) / work)
    for start in stride(from: 0, to: m, by: piece) where !qk_is_interrupted() { try body(start..<min(m, start + piece)) }
  }

  /// The same; C is added to the product where `accumulate`.
  /// - Throws: a `RuntimeError` when the library refuses.
  public static func float(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, lda: Int, aT: Bool, _ b: UnsafePointer<Float>, ldb: Int, bT: Bool,
    _ c: UnsafeMutablePointer<Float>, ldc: Int, accumulate: Bool
  ) throws {
    try float(m: m, n: n, k: k, a, lda: lda, aT: aT, b, ldb: ldb, bT: bT, c, ldc: ldc, beta: accumulate ? 1 : 0)
  }

  /// The same in float64.
  public static func double(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<Double>, lda: Int, aT: Bool, _ b: UnsafePointer<Double>, ldb: Int, bT: Bool,
    _ c: UnsafeMutablePointer<Double>, ldc: Int, alpha: Double = 1, beta: Double = 0
  ) {
    inPieces(m: m, work: n * k) { rows in
      cblas_dgemm(
        CblasRowMajor, aT ? CblasTrans : CblasNoTrans, bT ? CblasTrans : CblasNoTrans, Int32(rows.count), Int32(n), Int32(k), alpha,
        a + rows.lowerBound * (aT ? 1 : lda), Int32(lda), b, Int32(ldb), beta, c + rows.lowerBound * ldc, Int32(ldc))
    }
  }

  /// The same in int64, wrapping around; plain loops.
  public static func integer(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<Int64>, lda: Int, aT: Bool, _ b: UnsafePointer<Int64>, ldb: Int, bT: Bool,
    _ c: UnsafeMutablePointer<Int64>, ldc: Int, alpha: Int64 = 1, beta: Int64 = 0
  ) {
    for i in 0..<m {
      if i & 15 == 15, n * k > 1 << 16, qk_is_interrupted() { return }
      let row = c + i * ldc
      if beta == 0 { for j in 0..<n { row[j] = 0 } } else if beta != 1 { for j in 0..<n { row[j] = row[j] &* beta } }
      if bT {
        for j in 0..<n {
          var sum: Int64 = 0
          for p in 0..<k { sum &+= (aT ? a[p * lda + i] : a[i * lda + p]) &* b[j * ldb + p] }
          row[j] &+= alpha &* sum
        }
      } else {
        // Row by row of B, so that memory is read in order.
        for p in 0..<k {
          let factor = alpha &* (aT ? a[p * lda + i] : a[i * lda + p])
          let line = b + p * ldb
          for j in 0..<n { row[j] &+= factor &* line[j] }
        }
      }
    }
  }

  /// A batch of matrices as a library reads it.
  public struct Batch {
    /// The first element of the first matrix.
    public var pointer: UnsafeMutableRawPointer
    /// Steps in elements from matrix to matrix, one for each batch dimension.
    public var steps: Dims
    /// The step in elements from row to row, or from column to column where transposed.
    public var leading: Int
    /// Whether columns, not rows, lie densely.
    public var transposed: Bool

    /// Matrices that begin at `pointer`.
    public init(_ pointer: UnsafeMutableRawPointer, steps: Dims, leading: Int, transposed: Bool) {
      self.pointer = pointer
      self.steps = steps
      self.leading = leading
      self.transposed = transposed
    }
  }

  /// C = alpha · A · B + beta · C for each matrix of a batch; all in `dtype`, which is float32, float64, int64 or complex.
  /// - Throws: a `RuntimeError` when the library refuses.
  public static func batched(
    _ dtype: DType, batch: Dims, m: Int, n: Int, k: Int, _ a: Batch, _ b: Batch, _ c: Batch, alpha: Scalar, beta: Scalar
  ) throws {
    let strips = Strips(sizes: batch, operands: [a.steps, b.steps, c.steps])
    let steps = batch.contains { $0 != 1 } ? strips.steps : InlineArray(repeating: 0)
    let size = dtype.itemSize
    func one(_ at: InlineArray<4, Int>, _ i: Int) throws {
      let pa = a.pointer + (at[0] + i * steps[0]) * size
      let pb = b.pointer + (at[1] + i * steps[1]) * size
      let pc = c.pointer + (at[2] + i * steps[2]) * size
      switch dtype {
      case .float32:
        try float(
          m: m, n: n, k: k, pa.assumingMemoryBound(to: Float.self), lda: a.leading, aT: a.transposed,
          pb.assumingMemoryBound(to: Float.self), ldb: b.leading, bT: b.transposed, pc.assumingMemoryBound(to: Float.self),
          ldc: c.leading, alpha: Float(alpha.doubleValue), beta: Float(beta.doubleValue))
      case .float64:
        double(
          m: m, n: n, k: k, pa.assumingMemoryBound(to: Double.self), lda: a.leading, aT: a.transposed,
          pb.assumingMemoryBound(to: Double.self), ldb: b.leading, bT: b.transposed, pc.assumingMemoryBound(to: Double.self),
          ldc: c.leading, alpha: alpha.doubleValue, beta: beta.doubleValue)
      case .complex64, .complex128:
        let (ta, tb) = (a.transposed ? CblasTrans : CblasNoTrans, b.transposed ? CblasTrans : CblasNoTrans)
        let (m, n, k, lda, ldb, ldc) = (Int32(m), Int32(n), Int32(k), Int32(a.leading), Int32(b.leading), Int32(c.leading))
        if dtype == .complex64 {
          let factors = [Complex(Float(alpha.doubleValue), Float(alpha.imaginary)), Complex(Float(beta.doubleValue), Float(beta.imaginary))]
          factors.withUnsafeBufferPointer { f in
            if let f = f.baseAddress { cblas_cgemm(CblasRowMajor, ta, tb, m, n, k, f, pa, lda, pb, ldb, f + 1, pc, ldc) }
          }
        } else {
          let factors = [Complex(alpha.doubleValue, alpha.imaginary), Complex(beta.doubleValue, beta.imaginary)]
          factors.withUnsafeBufferPointer { f in
            if let f = f.baseAddress { cblas_zgemm(CblasRowMajor, ta, tb, m, n, k, f, pa, lda, pb, ldb, f + 1, pc, ldc) }
          }
        }
      default:
        integer(
          m: m, n: n, k: k, pa.assumingMemoryBound(to: Int64.self), lda: a.leading, aT: a.transposed,
          pb.assumingMemoryBound(to: Int64.self), ldb: b.leading, bT: b.transposed, pc.assumingMemoryBound(to: Int64.self),
          ldc: c.leading, alpha: Int64(alpha.integerValue), beta: Int64(beta.integerValue))
      }
    }
    // Small matrices are shared out whole: a library that shares out each of them would wait for its threads each time.
    let grain = max(1, (1 << 18) / max(1, m * n * k))
    if dtype != .float64 && !dtype.isComplex && strips.outer.isEmpty && strips.length > grain && m * n * k < 1 << 21 && Threads.count > 1 {
      nonisolated(unsafe) var failure: (any Error)?
      Threads.run(strips.length, grain: grain) { part in
        for i in part { do { try one(InlineArray(repeating: 0), i) } catch { failure = error } }
      }
      if let failure { throw failure }
      return
    }
    try strips.forEach { at in for i in 0..<strips.length { try one(at, i) } }
  }
}
