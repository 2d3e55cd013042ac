import Glibc
import TensorCore

/// A float type with the power function of its own library.
private protocol Powered: BinaryFloatingPoint {
  static func power(_ x: Self, _ p: Self) -> Self
}
extension Float: Powered {
  static func power(_ x: Float, _ p: Float) -> Float { powf(x, p) }
}
extension Double: Powered {
  static func power(_ x: Double, _ p: Double) -> Double { pow(x, p) }
}

/// Distances between rows of dense matrices, float32 or float64.
public enum PairDistances {
  /// The p-norm of x − y over `count` numbers.
  @inline(__always)
  private static func distance<T: Powered>(_ x: UnsafePointer<T>, _ y: UnsafePointer<T>, _ count: Int, _ p: Double) -> T {
    var sum: T = 0
    switch p {
    case 0: for i in 0..<count where x[i] != y[i] { sum += 1 }
    case 1: for i in 0..<count { sum += (x[i] - y[i]).magnitude }
    case 2:
      for i in 0..<count { sum += (x[i] - y[i]) * (x[i] - y[i]) }
      return sum.squareRoot()
    case .infinity:
      for i in 0..<count {
        let d = (x[i] - y[i]).magnitude
        if d > sum || d.isNaN { sum = d }
      }
    default:
      for i in 0..<count { sum += T.power((x[i] - y[i]).magnitude, T(p)) }
      return T.power(sum, T(1 / p))
    }
    return sum
  }

  private static func between<T: Powered>(
    _ x: UnsafePointer<T>, _ y: UnsafePointer<T>, rows: (Int, Int), width: Int, p: Double, into out: UnsafeMutablePointer<T>
  ) {
    for i in 0..<rows.0 {
      for j in 0..<rows.1 { out[i * rows.1 + j] = distance(x + i * width, y + j * width, width, p) }
    }
  }

  private static func within<T: Powered>(_ x: UnsafePointer<T>, rows: Int, width: Int, p: Double, into out: UnsafeMutablePointer<T>) {
    var at = 0
    for i in 0..<rows {
      for j in (i + 1)..<max(rows, i + 1) {
        out[at] = distance(x + i * width, x + j * width, width, p)
        at += 1
      }
    }
  }

  /// out[i, j] = |xᵢ − yⱼ|.
  public static func between(
    isDouble: Bool, _ x: UnsafeMutableRawPointer, _ y: UnsafeMutableRawPointer, rows: (Int, Int), width: Int, p: Double,
    into out: UnsafeMutableRawPointer
  ) {
    if isDouble {
      between(
        x.assumingMemoryBound(to: Double.self), y.assumingMemoryBound(to: Double.self), rows: rows, width: width, p: p,
        into: out.assumingMemoryBound(to: Double.self))
    } else {
      between(
        x.assumingMemoryBound(to: Float.self), y.assumingMemoryBound(to: Float.self), rows: rows, width: width, p: p,
        into: out.assumingMemoryBound(to: Float.self))
    }
  }

  /// |xᵢ − xⱼ| for i < j, row by row.
  public static func within(isDouble: Bool, _ x: UnsafeMutableRawPointer, rows: Int, width: Int, p: Double, into out: UnsafeMutableRawPointer) {
    if isDouble {
      within(x.assumingMemoryBound(to: Double.self), rows: rows, width: width, p: p, into: out.assumingMemoryBound(to: Double.self))
    } else {
      within(x.assumingMemoryBound(to: Float.self), rows: rows, width: width, p: p, into: out.assumingMemoryBound(to: Float.self))
    }
  }
}
