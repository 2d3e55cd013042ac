import CKernels

/// When a sparse product is faster than the dense one, as measured by `scripts/bench prune`.
enum SparseCrossover {
  /// Up to which share of the elements, lanes that wait counted in, the sparse product of a 1,024 × 1,024 weight takes less time
  /// than the dense one, by the number of rows that go through at a time.
  static let measured: [(batch: Int, density: Double)] = [
    (1, 0.50), (2, 0.30), (4, 0.25), (8, 0.25), (16, 0.25), (64, 0.2), (256, 0.2),
  ]

  /// The greatest density at which `batch` rows win: that of the next smaller number measured.
  static func density(batch: Int) -> Double { (measured.last { $0.batch <= batch } ?? measured[0]).density }

  /// Why a matrix had better stay dense; nil where it had not.
  static func reason(against matrix: SparseMatrix, batch: Int) -> String? {
    if matrix.rows * matrix.columns == 0 { return "it has no weights" }
    let least = density(batch: batch)
    if matrix.workDensity > least {
      return
        "\(matrix.density.percentage) of its weights are not zero, which takes the work of \(matrix.workDensity.percentage); with \(batch) row\(batch == 1 ? "" : "s") at a time sparse is faster up to \(least.percentage)"
    }
    let dense = matrix.rows * matrix.columns * 4
    if matrix.byteCount >= dense { return "it would take \(matrix.byteCount) bytes in place of \(dense)" }
    return nil
  }
}
