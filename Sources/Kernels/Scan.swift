import Glibc
import TensorCore

/// Running results along the lines of dense tensors. Floats are float64 here, integers int64.
public enum Scan {
  /// What runs along a line.
  public enum Rule: Sendable { case sum, product, logSumExp }

  /// y = the running result of x; dtypes are float64 or int64 for both.
  public static func run(_ rule: Rule, _ x: UnsafeRawPointer, _ y: UnsafeMutableRawPointer, _ dtype: DType, _ lines: Lines) {
    if dtype == .float64 {
      let (x, y) = (x.assumingMemoryBound(to: Double.self), y.assumingMemoryBound(to: Double.self))
      switch rule {
      case .sum: accumulate(x, y, lines, 0.0) { $0 + $1 }
      case .product: accumulate(x, y, lines, 1.0) { $0 * $1 }
      case .logSumExp: accumulate(x, y, lines, -Double.infinity, logAddExp)
      }
    } else {
      let (x, y) = (x.assumingMemoryBound(to: Int64.self), y.assumingMemoryBound(to: Int64.self))
      switch rule {
      case .sum: accumulate(x, y, lines, 0) { $0 &+ $1 }
      default: accumulate(x, y, lines, 1) { $0 &* $1 }
      }
    }
  }

  private static func accumulate<W>(_ x: UnsafePointer<W>, _ y: UnsafeMutablePointer<W>, _ lines: Lines, _ start: W, _ f: (W, W) -> W) {
    for line in 0..<lines.count {
      var at = lines.start(line)
      var total = start
      for _ in 0..<lines.length {
        total = f(total, x[at])
        y[at] = total
        at += lines.step
      }
    }
  }

  private static func logAddExp(_ a: Double, _ b: Double) -> Double {
    if a.isNaN || b.isNaN { return .nan }
    let (low, high) = (min(a, b), max(a, b))
    // Equal infinities would meet as infinity minus infinity.
    if low == high && !high.isFinite { return high }
    return high + log1p(exp(low - high))
  }

  /// The running extreme and the latest index at which it stood; NaN stays once met.
  public static func extreme(
    _ x: UnsafeRawPointer, _ values: UnsafeMutableRawPointer, _ indices: UnsafeMutablePointer<Int>, _ dtype: DType, _ lines: Lines, greatest: Bool
  ) {
    func walk<W: WideElement>(_ type: W.Type) {
      let (x, values) = (x.assumingMemoryBound(to: W.self), values.assumingMemoryBound(to: W.self))
      for line in 0..<lines.count where lines.length > 0 {
        var at = lines.start(line)
        var (best, place) = (x[at], 0)
        for i in 0..<lines.length {
          let value = x[at]
          if value != value || (best == best && (greatest ? value >= best : value <= best)) { (best, place) = (value, i) }
          values[at] = best
          indices[at] = place
          at += lines.step
        }
      }
    }
    if dtype == .float64 { walk(Double.self) } else { walk(Int64.self) }
  }
}
