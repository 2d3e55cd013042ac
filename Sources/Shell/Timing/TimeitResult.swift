/// What `%timeit` has measured.
public struct TimeitResult: Equatable, Sendable {
  /// Which figure stands for the runs.
  public enum Statistic: String, CaseIterable, Sendable {
    case mean, median, best
  }

  /// How often the statement ran in each run.
  public let loops: Int
  /// The seconds each run took, in order.
  public let allRuns: [Double]
  /// The seconds the compiler took.
  public let compileTime: Double

  /// A result of runs of `loops` loops; `allRuns` are the seconds of each and must not be empty.
  public init(loops: Int, allRuns: [Double], compileTime: Double = 0) {
    self.loops = loops
    self.allRuns = allRuns
    self.compileTime = compileTime
  }

  /// How many runs there were.
  public var repeats: Int { allRuns.count }
  /// Seconds per loop of each run.
  public var timings: [Double] { allRuns.map { $0 / Double(loops) } }
  /// Seconds per loop of the fastest run.
  public var best: Double { (allRuns.min() ?? 0) / Double(loops) }
  /// Seconds per loop of the slowest run.
  public var worst: Double { (allRuns.max() ?? 0) / Double(loops) }

  /// Seconds per loop, the mean of the runs.
  public var average: Double {
    exactSum(timings) / Double(max(1, repeats))
  }

  /// The population deviation of the runs' seconds per loop.
  public var deviation: Double {
    let mean = average
    return (exactSum(timings.map { ($0 - mean) * ($0 - mean) }) / Double(max(1, repeats))).squareRoot()
  }

  /// Seconds per loop, the median of the runs.
  public var median: Double {
    let sorted = timings.sorted()
    guard let middle = sorted.indices.dropFirst(sorted.count / 2).first else { return 0 }
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// Seconds per loop by `statistic`.
  public func value(of statistic: Statistic) -> Double {
    switch statistic {
    case .mean: return average
    case .median: return median
    case .best: return best
    }
  }

  /// The line `%timeit` prints.
  public func text(_ statistic: Statistic = .mean, precision: Int = 3, isUnicode: Bool = true) -> String {
    func time(_ seconds: Double) -> String { TimeFormat.text(seconds, precision: precision, isUnicode: isUnicode) }
    let sign = isUnicode ? "±" : "+-"
    let runs = "\(repeats) run\(repeats == 1 ? "" : "s"), \(TimeFormat.grouped(loops)) loop\(loops == 1 ? "" : "s") each"
    switch statistic {
    case .mean: return "\(time(average)) \(sign) \(time(deviation)) per loop (mean \(sign) std. dev. of \(runs))"
    case .median: return "\(time(median)) \(sign) \(time(deviation)) per loop (median \(sign) std. dev. of \(runs))"
    case .best: return "\(time(best)) per loop (best of \(runs))"
    }
  }

  /// The warning printed before the line when the runs differ widely; nil when they do not.
  public var spreadWarning: String? {
    guard worst > 4 * best, best > 0, worst > 1e-6 else { return nil }
    return TimeFormat.formatted("The slowest run took %0.2f times longer than the fastest.", [worst / best])
      + " This could mean that an intermediate result is being cached."
  }
}

/// The sum of `values`, rounded once (Shewchuk's partial sums), so that figures agree with Python's `math.fsum`.
private func exactSum(_ values: [Double]) -> Double {
  var partials: [Double] = []
  for value in values {
    var x = value
    var kept = 0
    for index in partials.indices {
      var y = partials[index]
      if x.magnitude < y.magnitude { swap(&x, &y) }
      let high = x + y
      let low = y - (high - x)
      if low != 0 {
        partials[kept] = low
        kept += 1
      }
      x = high
    }
    partials.removeSubrange(kept...)
    partials.append(x)
  }
  // From the largest down: the first inexact step decides, with the sign of what is left breaking a tie.
  guard var high = partials.popLast() else { return 0 }
  var low = 0.0
  while let y = partials.popLast() {
    let x = high
    high = x + y
    low = y - (high - x)
    if low != 0 { break }
  }
  if let next = partials.last, (low < 0 && next < 0) || (low > 0 && next > 0) {
    let doubled = low * 2
    let x = high + doubled
    if doubled == x - high { high = x }
  }
  return high
}
