import COneDNN
import COpenBLAS
import Interface
import TensorCore

/// Dense matrix products through oneDNN (float32) and OpenBLAS (float64).
public enum MatrixProduct {
  /// C[m,n] = A[m,k] · B[k,n] (+ C where `accumulate`), row-major; `aT`, `bT` read the operand as its transpose.
  /// Leading dimensions are in elements.
  /// - Throws: a `RuntimeError` when the library refuses.
  public static func float(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, lda: Int, aT: Bool, _ b: UnsafePointer<Float>, ldb: Int, bT: Bool,
    _ c: UnsafeMutablePointer<Float>, ldc: Int, accumulate: Bool
  ) throws {
    let status = dnnl_sgemm(
      aT ? 84 : 78, bT ? 84 : 78, Int64(m), Int64(n), Int64(k), 1, a, Int64(lda), b, Int64(ldb), accumulate ? 1 : 0, c, Int64(ldc))
    if status != dnnl_success { throw TorchError.runtime("oneDNN's sgemm failed with status \(status.rawValue)") }
  }

  /// The same in float64.
  public static func double(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<Double>, lda: Int, aT: Bool, _ b: UnsafePointer<Double>, ldb: Int, bT: Bool,
    _ c: UnsafeMutablePointer<Double>, ldc: Int, accumulate: Bool
  ) {
    cblas_dgemm(
      CblasRowMajor, aT ? CblasTrans : CblasNoTrans, bT ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a,
      Int32(lda), b, Int32(ldb), accumulate ? 1 : 0, c, Int32(ldc))
  }

  /// The same in int64, wrapping around; plain loops.
  public static func integer(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<Int64>, lda: Int, aT: Bool, _ b: UnsafePointer<Int64>, ldb: Int, bT: Bool,
    _ c: UnsafeMutablePointer<Int64>, ldc: Int
  ) {
    for i in 0..<m {
      for j in 0..<n {
        var sum: Int64 = 0
        for p in 0..<k { sum &+= (aT ? a[p * lda + i] : a[i * lda + p]) &* (bT ? b[j * ldb + p] : b[p * ldb + j]) }
        c[i * ldc + j] = sum
      }
    }
  }
}
