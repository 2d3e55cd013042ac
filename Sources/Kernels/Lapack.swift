import CLapack
import COpenBLAS
import TensorCore

/// A batch of matrices as LAPACK stores them: one after another, columns dense. Elements are float32, float64 or, where a routine says so, complex.
public struct ColumnMajor {
  /// The first element of the first matrix.
  public let pointer: UnsafeMutableRawPointer
  /// Whether elements, or the parts of complex ones, are float64.
  public let isDouble: Bool
  /// Whether elements are complex.
  public let isComplex: Bool
  /// How many matrices there are.
  public let count: Int
  /// The rows of each matrix.
  public let rows: Int
  /// The columns of each matrix.
  public let columns: Int

  /// Matrices that begin at `pointer`.
  public init(_ pointer: UnsafeMutableRawPointer, isDouble: Bool, isComplex: Bool = false, count: Int, rows: Int, columns: Int) {
    self.isComplex = isComplex
    self.pointer = pointer
    self.isDouble = isDouble
    self.count = count
    self.rows = rows
    self.columns = columns
  }

  /// The address of matrix `i`.
  func matrix(_ i: Int) -> UnsafeMutableRawPointer { pointer + i * rows * columns * itemSize }
  /// Bytes per element.
  var itemSize: Int { (isDouble ? 8 : 4) * (isComplex ? 2 : 1) }
  /// The leading dimension.
  var leading: Int32 { Int32(max(rows, 1)) }
}

/// Which triangle of a matrix is read or made.
public enum Triangle: String, Sendable {
  case upper = "U"
  case lower = "L"
}

/// Factorizations and solutions for batches of matrices through the LAPACK of OpenBLAS. Matrices are changed in place.
public enum Lapack {
  /// Memory for a routine, as large as the routine itself asks for: the first call asks, the second works.
  static func withWork(isDouble: Bool, parts: Int = 1, _ routine: (_ work: UnsafeMutableRawPointer, _ length: Int32) -> Void) {
    var query = (0.0, 0.0)
    withUnsafeMutableBytes(of: &query) { if let p = $0.baseAddress { routine(p, -1) } }
    let wanted = withUnsafeBytes(of: &query) { isDouble ? $0.load(as: Double.self) : Double($0.load(as: Float.self)) }
    // A float cannot hold every length; the next one up is never too small.
    let length = max(Int(wanted.nextUp.rounded(.up)), 1)
    withScratch(bytes: length * parts * (isDouble ? 8 : 4)) { routine($0, Int32(length)) }
  }

  /// Memory that lasts for one call.
  static func withScratch(bytes: Int, _ body: (UnsafeMutableRawPointer) -> Void) {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 8), alignment: 64)
    defer { memory.deallocate() }
    body(memory)
  }

  /// A = P L U, complex as well. `pivots` has min(rows, columns) numbers from 1 for each matrix, `info` one number: the first zero of U's diagonal.
  public static func lu(_ a: ColumnMajor, pivots: UnsafeMutablePointer<Int32>, info: UnsafeMutablePointer<Int32>) {
    let routine = a.isComplex ? a.isDouble ? zgetrf_ : cgetrf_ : a.isDouble ? dgetrf_ : sgetrf_
    let k = min(a.rows, a.columns)
    for i in 0..<a.count { routine([Int32(a.rows)], [Int32(a.columns)], a.matrix(i), [a.leading], pivots + i * k, info + i) }
  }

  /// B becomes the solution of A X = B, or of Aᵀ X = B, from A's factors; complex as well.
  public static func luSolve(_ lu: ColumnMajor, pivots: UnsafeMutablePointer<Int32>, _ b: ColumnMajor, transposed: Bool) {
    let routine = lu.isComplex ? lu.isDouble ? zgetrs_ : cgetrs_ : lu.isDouble ? dgetrs_ : sgetrs_
    var info: Int32 = 0
    for i in 0..<lu.count {
      routine(
        transposed ? "T" : "N", [Int32(lu.rows)], [Int32(b.columns)], lu.matrix(i), [lu.leading], pivots + i * lu.rows, b.matrix(i),
        [b.leading], &info, 1)
    }
  }

  /// A = L Lᵀ or Uᵀ U in one triangle of A. `info` is the order of the first minor that is not positive.
  public static func cholesky(_ a: ColumnMajor, _ triangle: Triangle, info: UnsafeMutablePointer<Int32>) {
    let routine = a.isDouble ? dpotrf_ : spotrf_
    for i in 0..<a.count { routine(triangle.rawValue, [Int32(a.rows)], a.matrix(i), [a.leading], info + i, 1) }
  }

  /// B becomes the solution of A X = B from A's Cholesky factor.
  public static func choleskySolve(_ factor: ColumnMajor, _ b: ColumnMajor, _ triangle: Triangle) {
    let routine = factor.isDouble ? dpotrs_ : spotrs_
    var info: Int32 = 0
    for i in 0..<factor.count {
      routine(triangle.rawValue, [Int32(factor.rows)], [Int32(b.columns)], factor.matrix(i), [factor.leading], b.matrix(i), [b.leading], &info, 1)
    }
  }

  /// A Cholesky factor becomes one triangle of the inverse. `info` is the first zero of its diagonal.
  public static func choleskyInverse(_ factor: ColumnMajor, _ triangle: Triangle, info: UnsafeMutablePointer<Int32>) {
    let routine = factor.isDouble ? dpotri_ : spotri_
    for i in 0..<factor.count { routine(triangle.rawValue, [Int32(factor.rows)], factor.matrix(i), [factor.leading], info + i, 1) }
  }

  /// B becomes the solution of A X = B, or X A = B where not `left`, for a triangular A. Zeros on the diagonal give infinities.
  public static func triangularSolve(_ a: ColumnMajor, _ b: ColumnMajor, upper: Bool, left: Bool, transposed: Bool, unit: Bool) {
    let (m, n) = (Int32(b.rows), Int32(b.columns))
    if m == 0 || n == 0 { return }
    let side = left ? CblasLeft : CblasRight
    let uplo = upper ? CblasUpper : CblasLower
    let trans = transposed ? CblasTrans : CblasNoTrans
    let diagonal = unit ? CblasUnit : CblasNonUnit
    for i in 0..<b.count {
      if a.isComplex {
        if a.isDouble {
          let one = Complex(1.0, 0)
          withUnsafePointer(to: one) { cblas_ztrsm(CblasColMajor, side, uplo, trans, diagonal, m, n, $0, a.matrix(i), a.leading, b.matrix(i), b.leading) }
        } else {
          let one = Complex(Float(1), 0)
          withUnsafePointer(to: one) { cblas_ctrsm(CblasColMajor, side, uplo, trans, diagonal, m, n, $0, a.matrix(i), a.leading, b.matrix(i), b.leading) }
        }
      } else if a.isDouble {
        cblas_dtrsm(
          CblasColMajor, side, uplo, trans, diagonal, m, n, 1, a.matrix(i).assumingMemoryBound(to: Double.self), a.leading,
          b.matrix(i).assumingMemoryBound(to: Double.self), b.leading)
      } else {
        cblas_strsm(
          CblasColMajor, side, uplo, trans, diagonal, m, n, 1, a.matrix(i).assumingMemoryBound(to: Float.self), a.leading,
          b.matrix(i).assumingMemoryBound(to: Float.self), b.leading)
      }
    }
  }

  /// A = L D Lᵀ or U D Uᵀ for symmetric A (Bunch and Kaufman). `info` is the first zero of D's diagonal.
  public static func ldl(_ a: ColumnMajor, _ triangle: Triangle, pivots: UnsafeMutablePointer<Int32>, info: UnsafeMutablePointer<Int32>) {
    let routine = a.isDouble ? dsytrf_ : ssytrf_
    for i in 0..<a.count {
      withWork(isDouble: a.isDouble) { work, length in
        routine(triangle.rawValue, [Int32(a.rows)], a.matrix(i), [a.leading], pivots + i * a.rows, work, [length], info + i, 1)
      }
    }
  }

  /// B becomes the solution of A X = B from A's symmetric factors.
  public static func ldlSolve(_ a: ColumnMajor, pivots: UnsafeMutablePointer<Int32>, _ b: ColumnMajor, _ triangle: Triangle) {
    let routine = a.isDouble ? dsytrs_ : ssytrs_
    var info: Int32 = 0
    for i in 0..<a.count {
      routine(
        triangle.rawValue, [Int32(a.rows)], [Int32(b.columns)], a.matrix(i), [a.leading], pivots + i * a.rows, b.matrix(i), [b.leading],
        &info, 1)
    }
  }
}
