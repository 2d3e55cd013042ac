import CKernels
import TensorCore

/// Sorting rows of dense elements, with their places.
public struct RowSort {
  private let type: qk_type
  private let size: Int

  /// A sort of elements of a type; nil where there is none.
  public init?(_ dtype: DType) {
    guard let type = dtype.loopType else { return nil }
    self.type = type
    size = dtype.itemSize
  }

  /// Sorts each of `rows` rows of `n` elements; equal ones stay in order, NaN counts as the greatest.
  public func run(
    _ x: UnsafeRawPointer, rows: Int, n: Int, _ values: UnsafeMutableRawPointer, _ places: UnsafeMutablePointer<Int64>, descending: Bool
  ) {
    Threads.run(rows, grain: max(1, Threads.grain / 8 / n)) { part in
      let scratch = UnsafeMutableRawPointer.allocate(byteCount: qk_sort_scratch(n), alignment: 64)
      defer { scratch.deallocate() }
      for row in part { qk_sort(type, n, x + row * n * size, values + row * n * size, places + row * n, descending, scratch) }
    }
  }

  /// Whether neighbours of sorted float rows are equal, or two of them NaN.
  public static func hasEqual(_ values: UnsafeRawPointer, _ dtype: DType, rows: Int, n: Int) -> Bool {
    func any<T: BinaryFloatingPoint>(_ type: T.Type) -> Bool {
      let p = values.assumingMemoryBound(to: T.self)
      for row in 0..<rows {
        for i in (row * n + 1)..<max((row + 1) * n, row * n + 1) where p[i] == p[i - 1] || (p[i] != p[i] && p[i - 1] != p[i - 1]) { return true }
      }
      return false
    }
    return dtype == .float64 ? any(Double.self) : any(Float.self)
  }

  /// The `k` greatest or least of each row of floats, in order.
  public static func top(
    _ x: UnsafePointer<Float>, rows: Int, n: Int, k: Int, _ values: UnsafeMutablePointer<Float>, _ places: UnsafeMutablePointer<Int64>, largest: Bool
  ) {
    Threads.run(rows, grain: max(1, Threads.grain / 4 / n)) { part in
      for row in part { qk_top_f32(n, k, x + row * n, values + row * k, places + row * k, largest) }
    }
  }
}
