import CKernels
import TensorCore

/// Folding the middle one of three dimensions of dense float elements away. The order of additions depends on the shape
/// alone, not on the number of threads.
public struct Fold {
  /// What many elements become one by.
  public enum Kind {
    case sum, mean, greatest, least
    /// The sum of squares around the mean, divided by the count less `correction`.
    case variance(correction: Double)
    /// The root of the sum of squares.
    case norm
  }

  private let kind: Kind
  private let x: UnsafeRawPointer
  private let isDouble: Bool
  /// The dimensions before, the one that goes, and those after.
  private let outer, n, inner: Int
  /// Elements that are summed in one go.
  private static let chunk = 65536

  /// Folds float32 or float64 elements at `x`.
  public init(_ kind: Kind, _ x: UnsafeRawPointer, _ dtype: DType, outer: Int, n: Int, inner: Int) {
    self.kind = kind
    self.x = x
    isDouble = dtype == .float64
    (self.outer, self.n, self.inner) = (outer, n, inner)
  }

  private func floats(_ at: Int) -> UnsafePointer<Float> { x.assumingMemoryBound(to: Float.self) + at }
  private func doubles(_ at: Int) -> UnsafePointer<Double> { x.assumingMemoryBound(to: Double.self) + at }

  /// Calls `put` with each result and its place, at once from several threads.
  public func run(_ put: (Int, Double) -> Void) {
    if inner == 1 {
      if outer == 1 { return put(0, whole()) }
      Threads.run(outer, grain: max(1, Threads.grain / max(1, n))) { part in
        if let greatest = seeksGreatest, !isDouble && n > 0 {
          for row in part { put(row, Double(qk_extreme_f32(n, floats(row * n), greatest))) }
        } else {
          for row in part { put(row, single(row * n)) }
        }
      }
      return
    }
    let width = 512
    let bands = (inner + width - 1) / width
    Threads.run(outer * bands, grain: max(1, Threads.grain / max(1, n * min(width, inner)))) { part in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * width) { buffer in
        // unreachable: an allocation of fixed size has an address
        let sums = buffer.baseAddress!
        for at in part {
          let (o, first) = (at / bands, at % bands * width)
          let columns = min(width, inner - first)
          fold(o * n * inner + first, columns, sums)
          for j in 0..<columns { put(o * inner + first + j, sums[j]) }
        }
      }
    }
  }

  /// Whether the greatest is sought, or the least; nil where neither is.
  private var seeksGreatest: Bool? {
    switch kind {
    case .greatest: true
    case .least: false
    default: nil
    }
  }

  /// All elements, in chunks that several threads take.
  private func whole() -> Double {
    if n <= Fold.chunk { return single(0) }
    let parts = (n + Fold.chunk - 1) / Fold.chunk
    return withUnsafeTemporaryAllocation(of: (Double, Double).self, capacity: parts) { partial in
      // unreachable: a temporary allocation that is not empty has an address
      let p = partial.baseAddress!
      Threads.run(parts, grain: 1) { for i in $0 { p[i] = moments(i * Fold.chunk, min(Fold.chunk, n - i * Fold.chunk)) } }
      return finish(p, parts)
    }
  }

  /// The `n` elements from `at` on.
  private func single(_ at: Int) -> Double {
    if n <= Fold.chunk {
      var only = moments(at, n)
      return finish(&only, 1)
    }
    let parts = (n + Fold.chunk - 1) / Fold.chunk
    return withUnsafeTemporaryAllocation(of: (Double, Double).self, capacity: parts) { partial in
      // unreachable: as above
      let p = partial.baseAddress!
      for i in 0..<parts { p[i] = moments(at + i * Fold.chunk, min(Fold.chunk, n - i * Fold.chunk)) }
      return finish(p, parts)
    }
  }

  /// Of a chunk: its sum and, for the variance, the squares around its own mean; or its extreme.
  private func moments(_ at: Int, _ count: Int) -> (Double, Double) {
    switch kind {
    case .sum, .mean: return (sum(at, count), 0)
    case .greatest: return (isDouble ? qk_extreme_f64(count, doubles(at), true) : Double(qk_extreme_f32(count, floats(at), true)), 0)
    case .least: return (isDouble ? qk_extreme_f64(count, doubles(at), false) : Double(qk_extreme_f32(count, floats(at), false)), 0)
    case .variance:
      let total = sum(at, count)
      return (total, squares(at, count, total / Double(count)))
    case .norm: return (squares(at, count, 0), 0)
    }
  }

  private func sum(_ at: Int, _ count: Int) -> Double { isDouble ? qk_sum_f64(count, doubles(at)) : qk_sum_f32(count, floats(at)) }
  private func squares(_ at: Int, _ count: Int, _ around: Double) -> Double {
    isDouble ? qk_squares_f64(count, doubles(at), around) : qk_squares_f32(count, floats(at), around)
  }

  private func finish(_ parts: UnsafePointer<(Double, Double)>, _ count: Int) -> Double {
    var total = parts[0].0
    switch kind {
    case .greatest: for i in 1..<max(count, 1) { total = parts[i].0 > total || parts[i].0.isNaN ? parts[i].0 : total }
    case .least: for i in 1..<max(count, 1) { total = parts[i].0 < total || parts[i].0.isNaN ? parts[i].0 : total }
    case .sum, .mean, .norm: for i in 1..<max(count, 1) { total += parts[i].0 }
    case .variance(let correction):
      // Chunks are put together by how far their means lie apart.
      var (seen, mean, squares) = (0.0, 0.0, 0.0)
      for i in 0..<count {
        let size = Double(min(Fold.chunk, n - i * Fold.chunk))
        let apart = parts[i].0 / size - mean
        let both = seen + size
        squares += parts[i].1 + apart * apart * seen * size / both
        mean += apart * size / both
        seen = both
      }
      return squares / max(Double(n) - correction, 0)
    }
    switch kind {
    case .mean: return total / Double(n)
    case .norm: return total.squareRoot()
    default: return total
    }
  }

  /// Columns side by side, `n` elements each, from `at` on.
  private func fold(_ at: Int, _ columns: Int, _ sums: UnsafeMutablePointer<Double>) {
    switch kind {
    case .sum, .mean:
      sums.update(repeating: 0, count: columns)
      if isDouble { qk_sum_columns_f64(n, columns, doubles(at), inner, sums) } else { qk_sum_columns_f32(n, columns, floats(at), inner, sums) }
      if case .mean = kind { for j in 0..<columns { sums[j] /= Double(n) } }
    case .greatest, .least:
      var greatest = false
      if case .greatest = kind { greatest = true }
      if !isDouble {
        let values = UnsafeMutableRawPointer(sums + columns).assumingMemoryBound(to: Float.self)
        qk_extreme_columns_f32(n, columns, floats(at), inner, values, greatest)
        for j in 0..<columns { sums[j] = Double(values[j]) }
        return
      }
      for j in 0..<columns { sums[j] = doubles(at)[j] }
      for i in 1..<max(n, 1) {
        let row = doubles(at + i * inner)
        for j in 0..<columns where (greatest ? row[j] > sums[j] : row[j] < sums[j]) || row[j].isNaN { sums[j] = row[j] }
      }
    case .variance(let correction):
      let means = sums + columns
      means.update(repeating: 0, count: columns)
      if isDouble { qk_sum_columns_f64(n, columns, doubles(at), inner, means) } else { qk_sum_columns_f32(n, columns, floats(at), inner, means) }
      for j in 0..<columns { means[j] /= Double(n) }
      squares(at, columns, sums) { means[$0] }
      for j in 0..<columns { sums[j] /= max(Double(n) - correction, 0) }
    case .norm:
      squares(at, columns, sums) { _ in 0 }
      for j in 0..<columns { sums[j] = sums[j].squareRoot() }
    }
  }

  private func squares(_ at: Int, _ columns: Int, _ sums: UnsafeMutablePointer<Double>, _ around: (Int) -> Double) {
    sums.update(repeating: 0, count: columns)
    for i in 0..<n {
      for j in 0..<columns {
        let apart = (isDouble ? doubles(at + i * inner)[j] : Double(floats(at + i * inner)[j])) - around(j)
        sums[j] += apart * apart
      }
    }
  }
}

extension Fold {
  /// The sum of dense int64 elements, or of bytes.
  public static func integers(_ x: UnsafeRawPointer, wide: Bool, count: Int) -> Int64 {
    wide ? qk_sum_i64(count, x.assumingMemoryBound(to: Int64.self)) : qk_sum_u8(count, x.assumingMemoryBound(to: UInt8.self))
  }

  /// Where the greatest or least element of each row first stands, the first NaN before all.
  public static func extremePlaces(
    _ x: UnsafePointer<Float>, rows: Int, n: Int, greatest: Bool, _ places: UnsafeMutablePointer<Int64>
  ) {
    Threads.run(rows, grain: max(1, Threads.grain / n)) { part in
      for row in part {
        let p = x + row * n
        places[row] = Int64(qk_find_f32(n, p, qk_extreme_f32(n, p, greatest)))
      }
    }
  }
}
