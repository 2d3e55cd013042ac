import CKernels
import Glibc
import TensorCore

/// Softmax and its logarithm along the rows of a dense matrix.
public enum Softmax {
  /// y = softmax(x) of each row, or its logarithm; all sums in the type itself.
  public static func float(rows: Int, columns: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, log: Bool) {
    guard columns > 0 else { return }
    share(rows, columns) { first, count in
      let (x, y) = (x + first * columns, y + first * columns)
      if log { qk_log_softmax_f32(count, columns, x, y) } else { qk_softmax_f32(count, columns, x, y) }
    }
  }

  /// The same in float64.
  public static func double(rows: Int, columns: Int, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, log: Bool) {
    guard columns > 0 else { return }
    let exp = qk_unary(QK_EXP, QK_F64)
    share(rows, columns) { first, count in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: log ? columns : 1) { buffer in
        for r in first..<(first + count) {
          let (x, y) = (x + r * columns, y + r * columns)
          let top = qk_extreme_f64(columns, x, true)
          for j in 0..<columns { y[j] = x[j] - top }
          // An allocation that is not empty has an address, and exp of doubles a loop.
          let powers = log ? buffer.baseAddress ?? y : y
          exp?(columns, y, powers)
          let sum = qk_sum_f64(columns, powers)
          let shift = Glibc.log(sum)
          if log { for j in 0..<columns { y[j] -= shift } } else { for j in 0..<columns { y[j] /= sum } }
        }
      }
    }
  }

  /// Shares rows out among threads: calls `body` with the first of some and how many they are.
  public static func share(_ rows: Int, _ columns: Int, _ body: (Int, Int) -> Void) {
    Threads.run(rows, grain: max(1, Threads.grain / 8 / max(columns, 1))) { body($0.lowerBound, $0.count) }
  }

  /// The gradient of the input from the result y and its gradient g, row by row.
  public static func backward(
    rows: Int, columns: Int, _ y: UnsafePointer<Float>, _ g: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, log: Bool
  ) {
    guard columns > 0 else { return }
    share(rows, columns) { first, count in
      let at = first * columns
      if log { qk_log_softmax_backward_f32(count, columns, y + at, g + at, out + at) } else { qk_softmax_backward_f32(count, columns, y + at, g + at, out + at) }
    }
  }
}
