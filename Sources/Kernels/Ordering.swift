import CKernels
import TensorCore

/// The order of elements, by keys whose unsigned order is that of the numbers: NaN after everything, both zeros equal.
public enum Ordering {
  /// Writes the keys of `count` elements that lie `step` apart.
  public static func keys(_ x: UnsafeRawPointer, _ dtype: DType, step: Int, count: Int, into keys: UnsafeMutablePointer<UInt64>, descending: Bool) {
    let flip: UInt64 = descending ? .max : 0
    switch dtype {
    case .float64:
      let x = x.assumingMemoryBound(to: Double.self)
      for i in 0..<count {
        let value = x[i * step]
        let bits = (value + 0.0).bitPattern
        keys[i] = (value.isNaN ? .max : bits >> 63 == 1 ? ~bits : bits | 1 << 63) ^ flip
      }
    default:
      let x = x.assumingMemoryBound(to: Int64.self)
      for i in 0..<count { keys[i] = (UInt64(bitPattern: x[i * step]) ^ 1 << 63) ^ flip }
    }
  }

  /// The stable order of keys: afterwards `keys` ascend and `order[i]` says where the i-th stood.
  public static func sort(_ keys: UnsafeMutablePointer<UInt64>, _ order: UnsafeMutablePointer<Int>, count n: Int) {
    for i in 0..<n { order[i] = i }
    if n < 64 { insert(keys, order, n) } else { distribute(keys, order, n) }
  }

  private static func insert(_ keys: UnsafeMutablePointer<UInt64>, _ order: UnsafeMutablePointer<Int>, _ n: Int) {
    var i = 1
    while i < n {
      let (key, place) = (keys[i], order[i])
      var j = i
      while j > 0 && keys[j - 1] > key {
        keys[j] = keys[j - 1]
        order[j] = order[j - 1]
        j -= 1
      }
      keys[j] = key
      order[j] = place
      i += 1
    }
  }

  // Byte by byte from the lowest; bytes that all keys share need no pass.
  private static func distribute(_ keys: UnsafeMutablePointer<UInt64>, _ order: UnsafeMutablePointer<Int>, _ n: Int) {
    let spareKeys = UnsafeMutablePointer<UInt64>.allocate(capacity: n)
    let spareOrder = UnsafeMutablePointer<Int>.allocate(capacity: n)
    let counts = UnsafeMutablePointer<Int>.allocate(capacity: 8 * 256)
    defer {
      spareKeys.deallocate()
      spareOrder.deallocate()
      counts.deallocate()
    }
    counts.initialize(repeating: 0, count: 8 * 256)
    for i in 0..<n {
      let key = keys[i]
      for byte in 0..<8 { counts[byte * 256 + Int(truncatingIfNeeded: key >> (8 * UInt64(byte))) & 255] += 1 }
    }
    var (from, to, fromOrder, toOrder) = (keys, spareKeys, order, spareOrder)
    for byte in 0..<8 {
      let shift = 8 * UInt64(byte)
      let row = counts + byte * 256
      if row[Int(truncatingIfNeeded: from[0] >> shift) & 255] == n { continue }
      if n > 1 << 20, qk_is_interrupted() { break }
      var total = 0
      for digit in 0..<256 { (row[digit], total) = (total, total + row[digit]) }
      for i in 0..<n {
        let digit = Int(truncatingIfNeeded: from[i] >> shift) & 255
        to[row[digit]] = from[i]
        toOrder[row[digit]] = fromOrder[i]
        row[digit] += 1
      }
      swap(&from, &to)
      swap(&fromOrder, &toOrder)
    }
    if from != keys {
      keys.update(from: from, count: n)
      order.update(from: fromOrder, count: n)
    }
  }

  /// Calls `body` with each line's keys in ascending order and where they stood.
  public static func forEachLine(
    _ x: UnsafeRawPointer, _ dtype: DType, _ lines: Lines, descending: Bool = false,
    _ body: (_ line: Int, _ keys: UnsafeMutablePointer<UInt64>, _ order: UnsafeMutablePointer<Int>) throws -> Void
  ) rethrows {
    let keys = UnsafeMutablePointer<UInt64>.allocate(capacity: max(lines.length, 1))
    let order = UnsafeMutablePointer<Int>.allocate(capacity: max(lines.length, 1))
    defer {
      keys.deallocate()
      order.deallocate()
    }
    for line in 0..<lines.count {
      Ordering.keys(x + lines.start(line) * 8, dtype, step: lines.step, count: lines.length, into: keys, descending: descending)
      sort(keys, order, count: lines.length)
      try body(line, keys, order)
    }
  }
}
