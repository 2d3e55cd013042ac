import TensorCore

/// Where the windows along one dimension begin, how many elements they take, and how far apart those lie.
public struct PoolWindows: Sendable {
  let starts, counts: [Int]
  let step: Int

  /// Windows of elements `step` apart.
  public init(starts: [Int], counts: [Int], step: Int = 1) {
    self.starts = starts
    self.counts = counts
    self.step = step
  }

  /// Windows that lie densely.
  public init(_ ranges: [Range<Int>]) { self.init(starts: ranges.map(\.lowerBound), counts: ranges.map(\.count)) }

  /// One window of one element, for dimensions that are not there.
  public static let whole = PoolWindows(starts: [0], counts: [1])
}

/// The greatest element of each window, and copies to and from where they were.
public enum MaxPooling {
  /// Pools planes of dense x [planes, sizes…] (three sizes) into y, whose places in their planes go to `index`. NaN counts as greatest.
  @_specialize(where W == Float)
  @_specialize(where W == Double)
  @_specialize(where W == Int64)
  public static func run<W: WideElement>(
    planes: Int, sizes: [Int], _ windows: [PoolWindows], _ x: UnsafePointer<W>, _ y: UnsafeMutablePointer<W>, _ index: UnsafeMutablePointer<Int>
  ) {
    let (height, width) = (sizes[1], sizes[2])
    let volume = sizes[0] * height * width
    let (deep, high, wide) = (windows[0], windows[1], windows[2])
    var at = 0
    for p in 0..<planes {
      let plane = x + p * volume
      for od in deep.starts.indices {
        for oh in high.starts.indices {
          for ow in wide.starts.indices {
            var best = (deep.starts[od] * height + high.starts[oh]) * width + wide.starts[ow]
            var value: W?
            for kd in 0..<deep.counts[od] {
              for kh in 0..<high.counts[oh] {
                let row = ((deep.starts[od] + kd * deep.step) * height + high.starts[oh] + kh * high.step) * width + wide.starts[ow]
                for kw in 0..<wide.counts[ow] {
                  let place = row + kw * wide.step
                  let candidate = plane[place]
                  if let known = value, !(candidate > known || candidate != candidate) { continue }
                  (value, best) = (candidate, place)
                }
              }
            }
            if let value { y[at] = value }
            index[at] = best
            at += 1
          }
        }
      }
    }
  }

  /// y[plane, index[plane, i]] = x[plane, i], or the sum of all that go to one place.
  @_specialize(where W == Float)
  @_specialize(where W == Double)
  @_specialize(where W == Int64)
  public static func scatter<W: WideElement & AdditiveArithmetic>(
    planes: Int, from: Int, to: Int, _ x: UnsafePointer<W>, _ index: UnsafePointer<Int>, _ y: UnsafeMutablePointer<W>, adding: Bool
  ) {
    for p in 0..<planes {
      let target = y + p * to
      for i in (p * from)..<((p + 1) * from) { target[index[i]] = adding ? target[index[i]] + x[i] : x[i] }
    }
  }

  /// y[plane, i] = x[plane, index[plane, i]].
  @_specialize(where W == Float)
  @_specialize(where W == Double)
  @_specialize(where W == Int64)
  public static func gather<W: WideElement>(
    planes: Int, from: Int, to: Int, _ x: UnsafePointer<W>, _ index: UnsafePointer<Int>, _ y: UnsafeMutablePointer<W>
  ) {
    for p in 0..<planes {
      let source = x + p * from
      for i in (p * to)..<((p + 1) * to) { y[i] = source[index[i]] }
    }
  }
}
