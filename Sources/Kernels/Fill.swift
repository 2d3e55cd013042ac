import Glibc

/// Writing one value to dense elements.
public enum Fill {
  /// `count` elements at `target` become `value`.
  public static func dense<T: BitwiseCopyable>(_ target: UnsafeMutableRawPointer, _ count: Int, _ value: T) {
    let size = MemoryLayout<T>.size
    let isZero = withUnsafeBytes(of: value) { $0.allSatisfy { $0 == 0 } }
    Threads.run(count) { part in
      let (p, n) = (target + part.lowerBound * size, part.count * size)
      if isZero {
        memset(p, 0, n)
        return
      }
      // A page by doubling what is there, then page after page.
      p.storeBytes(of: value, as: T.self)
      var done = size
      while done < n {
        let step = min(done, n - done, 4096 / size * size)
        memcpy(p + done, p, step)
        done += step
      }
    }
  }
}
