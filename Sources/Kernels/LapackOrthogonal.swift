import CLapack
import TensorCore

// Orthogonal factorizations, singular values, eigenvalues and least squares.
extension Lapack {
  /// A = Q R: R above the diagonal, Q as reflectors below it and in `tau` (min(rows, columns) numbers a matrix).
  public static func qr(_ a: ColumnMajor, tau: UnsafeMutableRawPointer) {
    let routine = a.isDouble ? dgeqrf_ : sgeqrf_
    let k = min(a.rows, a.columns)
    var info: Int32 = 0
    for i in 0..<a.count {
      withWork(isDouble: a.isDouble) { work, length in
        routine([Int32(a.rows)], [Int32(a.columns)], a.matrix(i), [a.leading], tau + i * k * a.itemSize, work, [length], &info)
      }
    }
  }

  /// The first `columns` columns of Q, from `reflectors` reflectors in A.
  public static func orthogonal(_ a: ColumnMajor, tau: UnsafeMutableRawPointer, reflectors k: Int) {
    if a.rows == 0 || a.columns == 0 { return }
    let routine = a.isDouble ? dorgqr_ : sorgqr_
    var info: Int32 = 0
    for i in 0..<a.count {
      withWork(isDouble: a.isDouble) { work, length in
        routine([Int32(a.rows)], [Int32(a.columns)], [Int32(k)], a.matrix(i), [a.leading], tau + i * k * a.itemSize, work, [length], &info)
      }
    }
  }

  /// C becomes Q C, C Q, Qᵀ C or C Qᵀ; Q has `reflectors` reflectors in A.
  public static func orthogonalProduct(
    _ a: ColumnMajor, tau: UnsafeMutableRawPointer, reflectors k: Int, _ c: ColumnMajor, left: Bool, transposed: Bool
  ) {
    if c.rows == 0 || c.columns == 0 { return }
    let routine = a.isDouble ? dormqr_ : sormqr_
    var info: Int32 = 0
    for i in 0..<c.count {
      withWork(isDouble: a.isDouble) { work, length in
        routine(
          left ? "L" : "R", transposed ? "T" : "N", [Int32(c.rows)], [Int32(c.columns)], [Int32(k)], a.matrix(i), [a.leading],
          tau + i * k * a.itemSize, c.matrix(i), [c.leading], work, [length], &info, 1, 1)
      }
    }
  }

  /// A = U S Vᵀ; A is destroyed. Without `u` and `vt` singular values alone. `info` is above zero where it did not converge,
  /// below where A holds NaN.
  public static func svd(
    _ a: ColumnMajor, values: UnsafeMutableRawPointer, u: ColumnMajor?, vt: ColumnMajor?, info: UnsafeMutablePointer<Int32>
  ) {
    let routine = a.isDouble ? dgesdd_ : sgesdd_
    let k = min(a.rows, a.columns)
    let job = u.map { $0.columns == a.rows && (vt?.rows ?? 0) == a.columns ? "A" : "S" } ?? "N"
    withScratch(bytes: 8 * k * 4) { integers in
      for i in 0..<a.count {
        withWork(isDouble: a.isDouble) { work, length in
          routine(
            job, [Int32(a.rows)], [Int32(a.columns)], a.matrix(i), [a.leading], values + i * k * a.itemSize,
            u?.matrix(i) ?? a.matrix(i), [u?.leading ?? 1], vt?.matrix(i) ?? a.matrix(i), [vt?.leading ?? 1], work, [length],
            integers.assumingMemoryBound(to: Int32.self), info + i, 1)
        }
      }
    }
  }

  /// Eigenvalues of symmetric matrices in ascending order; A becomes the eigenvectors where they are wanted.
  public static func eigenSymmetric(
    _ a: ColumnMajor, _ triangle: Triangle, values: UnsafeMutableRawPointer, vectors: Bool, info: UnsafeMutablePointer<Int32>
  ) {
    let routine = a.isDouble ? dsyevd_ : ssyevd_
    let n = a.rows
    let integers = Int32(vectors ? 3 + 5 * n : 1)
    withScratch(bytes: Int(integers) * 4) { memory in
      for i in 0..<a.count {
        withWork(isDouble: a.isDouble) { work, length in
          routine(
            vectors ? "V" : "N", triangle.rawValue, [Int32(n)], a.matrix(i), [a.leading], values + i * n * a.itemSize, work, [length],
            memory.assumingMemoryBound(to: Int32.self), [length == -1 ? -1 : integers], info + i, 1, 1)
        }
      }
    }
  }

  /// The ways to solve least squares.
  public enum LeastSquares: String, Sendable { case gels, gelsy, gelsd, gelss }

  /// B (of max(rows, columns) rows) becomes the solution of min |A X − B|, followed by residuals; A is destroyed.
  /// `rank` has one number and `values` min(rows, columns) singular values for each matrix, where the way gives them.
  public static func leastSquares(
    _ way: LeastSquares, _ a: ColumnMajor, _ b: ColumnMajor, rcond: Double, rank: UnsafeMutablePointer<Int32>,
    values: UnsafeMutableRawPointer, info: UnsafeMutablePointer<Int32>
  ) {
    let (m, n, k) = (Int32(a.rows), Int32(a.columns), min(a.rows, a.columns))
    let nrhs = Int32(b.columns)
    let isDouble = a.isDouble
    var (wide, narrow) = (rcond, Float(rcond))
    // Enough for gelsd's tree of subproblems: at most 32 levels.
    withScratch(bytes: 4 * (3 * k * 32 + 11 * k + Int(n) + 64)) { memory in
      let integers = memory.assumingMemoryBound(to: Int32.self)
      withUnsafeMutableBytes(of: &wide) { wide in
        withUnsafeMutableBytes(of: &narrow) { narrow in
          let rcond = isDouble ? wide.baseAddress : narrow.baseAddress
          for i in 0..<a.count {
            let (pa, pb, pv) = (a.matrix(i), b.matrix(i), values + i * k * a.itemSize)
            withWork(isDouble: isDouble) { work, length in
              switch way {
              case .gels: (isDouble ? dgels_ : sgels_)("N", [m], [n], [nrhs], pa, [a.leading], pb, [b.leading], work, [length], info + i, 1)
              case .gelsy:
                if length == -1 { for j in 0..<Int(n) { integers[j] = 0 } }
                (isDouble ? dgelsy_ : sgelsy_)([m], [n], [nrhs], pa, [a.leading], pb, [b.leading], integers, rcond, rank + i, work, [length], info + i)
              case .gelsd:
                (isDouble ? dgelsd_ : sgelsd_)([m], [n], [nrhs], pa, [a.leading], pb, [b.leading], pv, rcond, rank + i, work, [length], integers, info + i)
              case .gelss:
                (isDouble ? dgelss_ : sgelss_)([m], [n], [nrhs], pa, [a.leading], pb, [b.leading], pv, rcond, rank + i, work, [length], info + i)
              }
            }
          }
        }
      }
    }
  }
}
