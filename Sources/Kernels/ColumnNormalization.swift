import CKernels
import TensorCore

/// Normalization of the columns of a dense float32 matrix over its rows, row by row in memory.
public struct ColumnNormalization {
  private let rows, columns: Int

  /// For matrices of this size; there is a row.
  public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  /// Columns that are worth a thread.
  private var columnGrain: Int { max(64, Threads.grain / max(1, rows)) }
  /// Rows that are worth a thread.
  private var rowGrain: Int { max(1, Threads.grain / max(1, columns)) }

  /// Calls `put` with each column's mean and variance (over the count), at once from several threads.
  public func moments(_ x: UnsafePointer<Float>, _ put: (_ column: Int, _ mean: Double, _ variance: Double) -> Void) {
    Threads.run(columns, grain: columnGrain) { part in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * part.count) { buffer in
        buffer.initialize(repeating: 0)
        guard let means = buffer.baseAddress else { return }
        let squares = means + part.count
        qk_sum_columns_f32(rows, part.count, x + part.lowerBound, columns, means)
        for j in 0..<part.count { means[j] /= Double(rows) }
        qk_square_columns_f32(rows, part.count, x + part.lowerBound, columns, means, squares)
        for j in 0..<part.count { put(part.lowerBound + j, means[j], squares[j] / Double(rows)) }
      }
    }
  }

  /// Calls `put` with Σ g and Σ g · (x − shift) of each column, at once from several threads.
  public func dots(
    _ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>, shift: UnsafePointer<Float>, _ put: (_ column: Int, _ sum: Double, _ dot: Double) -> Void
  ) {
    Threads.run(columns, grain: columnGrain) { part in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * part.count) { buffer in
        buffer.initialize(repeating: 0)
        guard let sums = buffer.baseAddress else { return }
        let (first, dots) = (part.lowerBound, sums + part.count)
        qk_dot_columns_f32(rows, part.count, columns, g + first, x + first, shift + first, sums, dots)
        for j in 0..<part.count { put(first + j, sums[j], dots[j]) }
      }
    }
  }

  /// y = a · x + b with a pair of numbers for each column.
  public func affine(_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) {
    Threads.run(rows, grain: rowGrain) { part in
      let at = part.lowerBound * columns
      qk_affine_columns_f32(part.count, columns, columns, x + at, y + at, a, b)
    }
  }

  /// y = a · g + b · x + c with three numbers for each column.
  public func combine(
    _ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafePointer<Float>
  ) {
    Threads.run(rows, grain: rowGrain) { part in
      let at = part.lowerBound * columns
      qk_combine_columns_f32(part.count, columns, columns, g + at, x + at, y + at, a, b, c)
    }
  }
}
