import Glibc
import LuaVM

/// The course of one `%memit`.
final class Memit: Measurement {
  let usesProcessorTime = false
  let restsCollector = false
  private let invocation: Invocation
  private let repeats: Int
  private let timeout: Double?
  private let baseline: Int
  private var peaks: [Int] = []
  private var tensorPeak: Int?
  private var tensorsKept = 0
  private var tensors: TensorMemory?
  private var alarm: LuaAlarm?

  init(_ invocation: Invocation) throws {
    self.invocation = invocation
    repeats = try invocation.arguments.integer("r", default: 1, minimum: 1)
    timeout = try invocation.arguments.string("t").map { text throws(UsageError) in
      guard let seconds = Double(text), seconds > 0, seconds.isFinite else {
        throw UsageError("option -t must be a number of seconds above 0, not '\(text)'")
      }
      return seconds
    }
    invocation.session.lua.collect()
    baseline = ResidentMemory.now
  }

  deinit { alarm?.cancel() }

  func next() -> (loop: Int, count: Int)? {
    guard peaks.count < repeats else { return nil }
    tensors = try? TensorMemory.begin(invocation.session)
    ResidentMemory.beginPeak()
    if let timeout { alarm = LuaAlarm(after: timeout, of: invocation.session.lua) }
    return (0, 1)
  }

  func record(nanoseconds: Int64, growth: Int) {
    alarm?.cancel()
    alarm = nil
    peaks.append(ResidentMemory.peak)
    guard let spent = try? tensors?.end() else { return }
    tensorPeak = max(tensorPeak ?? 0, spent.peak)
    tensorsKept += spent.kept
  }

  func finish() throws -> Magic.Outcome {
    let peak = peaks.max() ?? baseline
    let increment = max(0, peak - baseline)
    var text = "peak memory: \(ByteFormat.mebibytes(peak)), increment: \(ByteFormat.mebibytes(increment))"
    if let tensorPeak {
      text += ", tensors: \(ByteFormat.mebibytes(tensorPeak)) peak, \(ByteFormat.mebibytes(tensorsKept)) kept"
    }
    guard invocation.arguments.has("o") else {
      invocation.display.write(text + "\n")
      return .none
    }
    invocation.display.write(text + "\n")
    let session = invocation.session
    func mebibytes(_ count: Int) -> Double { Double(count) / 1_048_576 }
    return .value(
      try session.record(
        "MemitResult", "<MemitResult : \(text)>",
        [
          ("mem_usage", try session.list(peaks.map(mebibytes))), ("baseline", .number(mebibytes(baseline))),
          ("peak", .number(mebibytes(peak))), ("increment", .number(mebibytes(increment))),
          ("repeat", .integer(Int64(repeats))), ("timeout", timeout.map { .number($0) } ?? .nil),
          ("tensor_peak", .integer(Int64(tensorPeak ?? 0))), ("tensor_kept", .integer(Int64(tensorsKept))),
        ]))
  }
}

/// The memory of this process that lies in RAM.
private enum ResidentMemory {
  /// Bytes now.
  static var now: Int { field("VmRSS:") }
  /// The most bytes since `beginPeak`.
  static var peak: Int { field("VmHWM:") }

  /// Lets the peak begin anew. Where the system refuses, it is the peak of the whole run.
  static func beginPeak() {
    let file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, "5", 1)
    close(file)
  }

  private static func field(_ name: String) -> Int {
    guard let bytes = try? FilePath.read("/proc/self/status") else { return 0 }
    let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix(name) }
    return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
  }
}
