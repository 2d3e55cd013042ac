import LuaVM

/// The course of one `%timeit`: warm-up, finding the number of loops, the runs.
///
/// The collector rests inside a run. So that a statement that makes garbage stays within bounds, a run that would hold
/// too much is timed in parts, and what is done between them is not counted.
final class Timeit: Measurement {
  /// How many bytes of Lua's a part may leave behind.
  private static let growthLimit = 256 << 20
  /// The seconds from which a trial is long enough.
  private static let enough: Int64 = 200_000_000

  private enum Stage { case warmUp, calibration, runs }

  /// One statement's loops.
  private struct Course {
    var number: Int
    var runs: [Int64] = []
    /// Bytes that a loop leaves, and the largest part that has told so.
    var bytesPerLoop: Double?
    var largestPart = 0
  }

  let usesProcessorTime: Bool
  private let invocation: Invocation
  private let repeats: Int
  private let precision: Int
  private let statistic: TimeitResult.Statistic
  private let limit: Double?

  private var courses: [Course]
  private var stage: Stage
  private var warmUps: Int
  private var current = 0
  /// Of the present run: loops still to go, loops of the part at hand, time so far.
  private var remaining = 0
  private var part = 0
  private var elapsed: Int64 = 0

  init(_ invocation: Invocation) throws(UsageError) {
    let arguments = invocation.arguments
    self.invocation = invocation
    usesProcessorTime = arguments.has("c")
    repeats = try arguments.integer("r", default: 7, minimum: 1)
    precision = try arguments.integer("p", default: 3)
    warmUps = try arguments.integer("w", default: 0)
    statistic = arguments.string("s").flatMap(TimeitResult.Statistic.init) ?? .mean
    limit = try arguments.string("max").map { text throws(UsageError) in try Self.seconds(text) }
    let number = try arguments.integer("n", default: 0)
    courses = Array(repeating: Course(number: number), count: arguments.has("cmp") ? 2 : 1)
    stage = .warmUp
    remaining = warmUps
    if warmUps == 0 { leaveWarmUp() }
  }

  func next() -> (loop: Int, count: Int)? {
    if stage == .runs, courses[courses.count - 1].runs.count == repeats { return nil }
    part = remaining
    if let bytes = courses[current].bytesPerLoop {
      if bytes > 0 { part = min(part, max(1, Int(Double(Self.growthLimit) / bytes))) }
    } else {
      // What a loop leaves behind is not known before one has run.
      part = 1
    }
    return (current, part)
  }

  func record(nanoseconds: Int64, growth: Int) {
    if part >= courses[current].largestPart {
      courses[current].bytesPerLoop = Double(max(0, growth)) / Double(part)
      courses[current].largestPart = part
    }
    elapsed += nanoseconds
    remaining -= part
    if remaining == 0 { endTrial() }
  }

  private func endTrial() {
    let time = elapsed
    elapsed = 0
    switch stage {
    case .warmUp:
      remaining = warmUps
      current += 1
      if current == courses.count { leaveWarmUp() }
    case .calibration:
      if time >= Self.enough || courses[current].number == 1_000_000_000 {
        current += 1
        beginCalibration()
      } else {
        courses[current].number *= 10
        remaining = courses[current].number
      }
    case .runs:
      courses[current].runs.append(time)
      current = (current + 1) % courses.count
      remaining = courses[current].number
    }
  }

  private func leaveWarmUp() {
    stage = .calibration
    current = 0
    beginCalibration()
  }

  /// Finds the number of loops of the course at hand, unless it was given.
  private func beginCalibration() {
    if current < courses.count, courses[current].number == 0 {
      courses[current].number = 1
      remaining = 1
      return
    }
    stage = current < courses.count && courses[current].number == 0 ? .calibration : .runs
    current = 0
    remaining = courses[0].number
  }

  func finish() throws -> Magic.Outcome {
    let results = courses.map { course in TimeitResult(loops: course.number, allRuns: course.runs.map { Double($0) / 1e9 }) }
    let arguments = invocation.arguments
    let isUnicode = invocation.display.isUnicode
    func text(_ result: TimeitResult) -> String { result.text(statistic, precision: precision, isUnicode: isUnicode) }
    if !arguments.has("q") {
      for result in results {
        if let warning = result.spreadWarning { invocation.display.write(warning + "\n") }
        invocation.display.write(text(result) + "\n")
      }
      if let other = results.dropFirst().first { invocation.display.write(comparison(results[0], other) + "\n") }
    }
    if arguments.has("o") || arguments.has("v") {
      let value = try invocation.session.value(of: results[0], text: "<TimeitResult : \(text(results[0]))>")
      if let name = arguments.string("v") { try invocation.session.setVariable(name, value) }
      try checkLimit(results[0])
      return arguments.has("o") ? .value(value) : .none
    }
    try checkLimit(results[0])
    return .none
  }

  /// The ratio of the first to the second by the figure asked for, and the deviation of the ratios of runs that stood
  /// side by side: what slows the machine for a while slows both.
  private func comparison(_ first: TimeitResult, _ second: TimeitResult) -> String {
    let (a, b) = (first.value(of: statistic), second.value(of: statistic))
    let isSlower = a > b
    let pairs = zip(first.timings, second.timings).map { isSlower ? $0 / max($1, 1e-12) : $1 / max($0, 1e-12) }
    let ratio = isSlower ? a / max(b, 1e-12) : b / max(a, 1e-12)
    let mean = pairs.reduce(0, +) / Double(max(1, pairs.count))
    let spread = (pairs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, pairs.count))).squareRoot()
    let sign = invocation.display.isUnicode ? "±" : "+-"
    return TimeFormat.formatted("%.2f ", [ratio]) + sign + TimeFormat.formatted(" %.2f times ", [spread])
      + (isSlower ? "slower" : "faster") + " than \(invocation.arguments.string("cmp") ?? "")"
  }

  private func checkLimit(_ result: TimeitResult) throws(LuaError) {
    let time = result.value(of: statistic)
    guard let limit, time > limit else { return }
    func text(_ seconds: Double) -> String {
      TimeFormat.text(seconds, precision: precision, isUnicode: invocation.display.isUnicode)
    }
    throw LuaError(message: "TimeitError: \(text(time)) per loop is more than \(text(limit))")
  }

  private static func seconds(_ text: String) throws(UsageError) -> Double {
    for (suffix, scale) in [("ns", 1e-9), ("us", 1e-6), ("μs", 1e-6), ("ms", 1e-3), ("s", 1), ("", 1)]
    where text.hasSuffix(suffix) {
      if let number = Double(text.dropLast(suffix.count)), number >= 0 { return number * scale }
    }
    throw UsageError("option --max must be a time such as 5ms, not '\(text)'")
  }
}
