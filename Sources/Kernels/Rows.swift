import CKernels
import Glibc
import TensorCore

/// Picking elements by index from dense memory.
public enum Rows {
  /// Copies the rows of `x` (each of `bytes`) that `index` names, one after the other, to `y`; all names are in range.
  public static func select(_ x: UnsafeRawPointer, bytes: Int, _ index: UnsafePointer<Int>, count: Int, _ y: UnsafeMutableRawPointer) {
    Threads.run(count, grain: max(1, Threads.grain * 4 / max(bytes, 1))) { part in
      for i in part { memcpy(y + i * bytes, x + index[i] * bytes, bytes) }
    }
  }

  /// The running sums of each row.
  public static func cumulate(_ x: UnsafePointer<Float>, rows: Int, n: Int, _ y: UnsafeMutablePointer<Float>) {
    Threads.run(rows, grain: max(1, Threads.grain / n)) { for row in $0 { qk_cumulative_sum_f32(n, x + row * n, y + row * n) } }
  }

  /// y[o, i, k] = x[o, index[o, i, k], k] for dense x of sizes (outer, n, inner) and index of sizes (outer, picks, inner).
  /// Gives the place of an index that is out of range, or nil.
  public static func gather(
    _ x: UnsafeRawPointer, size: Int, outer: Int, n: Int, inner: Int, _ index: UnsafePointer<Int>, picks: Int, _ y: UnsafeMutableRawPointer
  ) -> Int? {
    let count = outer * picks * inner
    var wrong = 0
    // Negative where an index is, or where it is n or more; without a branch this is quick.
    for i in 0..<count { wrong |= index[i] | (n - 1 &- index[i]) }
    if wrong < 0 { return (0..<count).first { UInt(bitPattern: index[$0]) >= UInt(bitPattern: n) } }
    func run<T>(_ type: T.Type) {
      let (p, q) = (x.assumingMemoryBound(to: T.self), y.assumingMemoryBound(to: T.self))
      Threads.run(outer, grain: max(1, Threads.grain / max(picks * inner, 1))) { part in
        for o in part {
          let (base, first) = (p + o * n * inner, o * picks * inner)
          if inner == 1 {
            for at in first..<(first + picks) { q[at] = base[index[at]] }
            continue
          }
          for at in stride(from: first, to: first + picks * inner, by: inner) {
            for k in 0..<inner { q[at + k] = base[index[at + k] * inner + k] }
          }
        }
      }
    }
    switch size {
    case 1: run(UInt8.self)
    case 2: run(UInt16.self)
    case 4: run(UInt32.self)
    default: run(UInt64.self)
    }
    return nil
  }
}
