import CLapack
import TensorCore

extension Lapack {
  /// Eigenvalues and, where asked for, right eigenvectors of norm one of square matrices, which are overwritten. The results
  /// are complex, `vectors` with dense columns. `info` is not zero where the iteration did not end.
  public static func eigen(
    _ a: ColumnMajor, values: UnsafeMutableRawPointer, vectors: UnsafeMutableRawPointer?, info: UnsafeMutablePointer<Int32>
  ) {
    if a.isComplex {
      complexEigen(a, values, vectors, info)
    } else if a.isDouble {
      realEigen(a, values, vectors, info, Double.self, dgeev_)
    } else {
      realEigen(a, values, vectors, info, Float.self, sgeev_)
    }
  }

  private static func complexEigen(
    _ a: ColumnMajor, _ values: UnsafeMutableRawPointer, _ vectors: UnsafeMutableRawPointer?, _ info: UnsafeMutablePointer<Int32>
  ) {
    let routine = a.isDouble ? zgeev_ : cgeev_
    let (n, size) = (a.rows, a.itemSize)
    withScratch(bytes: 2 * n * size) { real in
      for i in 0..<a.count {
        let v = vectors.map { $0 + i * n * n * size }
        withWork(isDouble: a.isDouble, parts: 2) { work, length in
          routine(
            "N", v == nil ? "N" : "V", [Int32(n)], a.matrix(i), [a.leading], values + i * n * size, nil, [1], v, [a.leading], work, [length],
            real, info + i, 1, 1)
        }
      }
    }
  }

  private typealias RealRoutine = (
    UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<Int32>?, UnsafeMutableRawPointer?, UnsafePointer<Int32>?,
    UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafePointer<Int32>?, UnsafeMutableRawPointer?,
    UnsafePointer<Int32>?, UnsafeMutableRawPointer?, UnsafePointer<Int32>?, UnsafeMutablePointer<Int32>?, Int, Int
  ) -> Void

  /// Real matrices have pairs of conjugate eigenvalues; of the vectors of a pair the routine gives the parts of the first.
  private static func realEigen<R: BinaryFloatingPoint>(
    _ a: ColumnMajor, _ values: UnsafeMutableRawPointer, _ vectors: UnsafeMutableRawPointer?, _ info: UnsafeMutablePointer<Int32>,
    _ type: R.Type, _ routine: RealRoutine
  ) {
    let n = a.rows
    withScratch(bytes: (2 * n + n * n) * a.itemSize) { scratch in
      let wr = scratch.assumingMemoryBound(to: R.self)
      let (wi, vr) = (wr + n, wr + 2 * n)
      for i in 0..<a.count {
        withWork(isDouble: a.isDouble) { work, length in
          routine(
            "N", vectors == nil ? "N" : "V", [Int32(n)], a.matrix(i), [a.leading], wr, wi, nil, [1], vr, [a.leading], work, [length], info + i, 1, 1)
        }
        let w = values.assumingMemoryBound(to: Complex<R>.self) + i * n
        for k in 0..<n { w[k] = Complex(wr[k], wi[k]) }
        guard let v = vectors?.assumingMemoryBound(to: Complex<R>.self) else { continue }
        let out = v + i * n * n
        var k = 0
        while k < n {
          let column = vr + k * n
          if wi[k] == 0 || k + 1 == n {
            for j in 0..<n { out[k * n + j] = Complex(column[j], 0) }
            k += 1
          } else {
            for j in 0..<n {
              out[k * n + j] = Complex(column[j], column[n + j])
              out[(k + 1) * n + j] = Complex(column[j], -column[n + j])
            }
            k += 2
          }
        }
      }
    }
  }
}
