import CKernels
import Glibc
import TensorCore

/// Softmax and its logarithm along the rows of a dense matrix.
public enum Softmax {
  /// y = softmax(x) of each row, or its logarithm; all sums in the type itself.
  public static func float(rows: Int, columns: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, log: Bool) {
    guard columns > 0 else { return }
    for r in 0..<rows {
      let (x, y) = (x + r * columns, y + r * columns)
      var top = -Float.infinity
      for j in 0..<columns { top = x[j] > top || x[j].isNaN ? x[j] : top }
      for j in 0..<columns { y[j] = x[j] - top }
      if log {
        // The exponentials only serve the sum; a block of them at a time.
        var sum: Float = 0
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 256) { block in
          guard let p = block.baseAddress else { return }
          for start in stride(from: 0, to: columns, by: 256) {
            let n = min(256, columns - start)
            qk_exp_f32(n, y + start, p)
            for j in 0..<n { sum += p[j] }
          }
        }
        let shift = logf(sum)
        for j in 0..<columns { y[j] -= shift }
      } else {
        qk_exp_f32(columns, y, y)
        var sum: Float = 0
        for j in 0..<columns { sum += y[j] }
        for j in 0..<columns { y[j] /= sum }
      }
    }
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
}
