import CKernels
import Glibc
import TensorCore

/// Softmax and its logarithm along the rows of a dense matrix.
public enum Softmax {
  /// y = softmax(x) of each row, or its logarithm; all sums in the type itself.
  public static func float(rows: Int, columns: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, log: Bool) {
    guard columns > 0 else { return }
    if log { qk_log_softmax_f32(rows, columns, x, y) } else { qk_softmax_f32(rows, columns, x, y) }
  }

  /// The same in float64.
  public static func double(rows: Int, columns: Int, _ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>, log: Bool) {
    guard columns > 0 else { return }
    for r in 0..<rows {
      let (x, y) = (x + r * columns, y + r * columns)
      var top = -Double.infinity
      for j in 0..<columns { top = x[j] > top || x[j].isNaN ? x[j] : top }
      var sum = 0.0
      for j in 0..<columns {
        y[j] = log ? x[j] - top : exp(x[j] - top)
        sum += log ? exp(y[j]) : y[j]
      }
      let shift = Glibc.log(sum)
      for j in 0..<columns { y[j] = log ? y[j] - shift : y[j] / sum }
    }
  }

  /// The gradient of the input from the result y and its gradient g, row by row.
  public static func backward(
    rows: Int, columns: Int, _ y: UnsafePointer<Float>, _ g: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, log: Bool
  ) {
    guard columns > 0 else { return }
    if log { qk_log_softmax_backward_f32(rows, columns, y, g, out) } else { qk_softmax_backward_f32(rows, columns, y, g, out) }
  }
}
