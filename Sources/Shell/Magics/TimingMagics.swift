import Glibc
import LuaVM

/// `%timeit` and `%time`.
enum TimingMagics: MagicFamily {
  static func define(in magics: inout MagicCatalog) {
    magics.define(
      "timeit", .lineOrCell,
      options: [
        MagicOption("n", value: "N", "Runs of N loops; without it, as many as take 0.2 s."),
        MagicOption("r", value: "R", "R runs. Default: 7."),
        MagicOption("t", "Times by the wall clock, which is the default."),
        MagicOption("c", "Times by the processor time of this program."),
        MagicOption("p", value: "P", "P significant digits. Default: 3."),
        MagicOption("q", "Prints nothing."),
        MagicOption("o", "Gives the TimeitResult back."),
        MagicOption("v", value: "V", "Stores the TimeitResult in the variable V."),
        MagicOption(
          "s", value: "S", choices: TimeitResult.Statistic.allCases.map(\.rawValue), "The figure shown. Default: mean."),
        MagicOption("w", value: "W", "W loops to warm up, untimed."),
        MagicOption("cmp", value: "EXPR", "Times EXPR too, in turns, and prints the ratio."),
        MagicOption("max", value: "T", "Fails if a loop takes longer than T (seconds, or with ns, us, ms, s)."),
      ],
      operands: "statement", completes: .lua,
      doc: """
        Times a statement or an expression.

        It runs in a compiled loop while the collector rests. Over a cell, the line is setup code
        that is not timed. The spread given is the population deviation of the runs.
        """,
      action: .loops(
        codes: { [$0.rest] + ($0.string("cmp").map { [$0] } ?? []) },
        { try Timeit($0) }))

    magics.define(
      "time", .lineOrCell,
      options: [
        MagicOption("no-raise-error", "Shows an error of the statement and goes on."),
        MagicOption("a", "Shows what the tensors took: how many were made, the most bytes at a time, the bytes that stay."),
      ],
      operands: "statement", completes: .lua,
      doc: "Runs a statement or the cell once and prints the processor time and the wall time it took, then its value.",
      action: .bracket(isProtected: { $0.has("no-raise-error") }) { invocation in
        if invocation.body != nil, !invocation.arguments.rest.isEmpty {
          throw UsageError("Can't use statement directly after '%%time'!")
        }
        let (session, display) = (invocation.session, invocation.display)
        let before = invocation.arguments.has("a") ? try TensorMemory.begin(session) : nil
        let start = ProcessTimes.now()
        return { _ in
          let spent = ProcessTimes.now() - start
          func text(_ seconds: Double) -> String { TimeFormat.text(seconds, isUnicode: display.isUnicode) }
          display.write(
            """
            CPU times: user \(text(spent.user)), sys: \(text(spent.system)), total: \(text(spent.user + spent.system))
            Wall time: \(text(spent.wall))

            """)
          if let spent = try before?.end() {
            func bytes(_ count: Int) -> String { ByteFormat.text(count) }
            display.write("Tensors: \(spent.allocated) allocated, \(bytes(spent.peak)) peak, \(bytes(spent.kept)) kept\n")
          }
          return false
        }
      })
  }
}

/// The times of this process, in seconds.
struct ProcessTimes {
  var user: Double
  var system: Double
  var wall: Double

  static func now() -> ProcessTimes {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return ProcessTimes(user: seconds(usage.ru_utime), system: seconds(usage.ru_stime), wall: Double(wallNanoseconds()) / 1e9)
  }

  /// A clock that only goes forward.
  static func wallNanoseconds() -> Int64 { nanoseconds(CLOCK_MONOTONIC) }

  /// The processor time of the program.
  static func processorNanoseconds() -> Int64 { nanoseconds(CLOCK_PROCESS_CPUTIME_ID) }

  private static func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  static func - (a: ProcessTimes, b: ProcessTimes) -> ProcessTimes {
    ProcessTimes(user: a.user - b.user, system: a.system - b.system, wall: a.wall - b.wall)
  }
}
