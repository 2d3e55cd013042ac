import Glibc

/// Reads the events of a process that runs cells, and stops a cell that takes too long: first by an interrupt, which leaves
/// the rest of the file to run, then by the end of the process.
final class CellWatch {
  /// How long an interrupted cell has to end.
  private static let grace = 5.0

  private let timeout: Double?
  /// The cell that runs.
  private(set) var current: Int?
  /// The bytes written before it.
  private(set) var printed = 0
  private(set) var warned = 0
  /// Why the process was ended.
  private(set) var ending: String?
  /// Whether the cell that runs, or has just ended, took too long.
  private(set) var hasTimedOut = false
  private var begun = ContinuousClock.now
  private var deadline: ContinuousClock.Instant?

  /// A watch over cells that may take `timeout` seconds each.
  init(timeout: Double?) { self.timeout = timeout }

  /// The nanoseconds since the cell began.
  var elapsed: Int { Int((ContinuousClock.now - begun) / .nanoseconds(1)) }

  /// What is said of a cell that took too long.
  var complaint: String {
    let seconds = timeout ?? 0
    return "the cell took longer than \(seconds == seconds.rounded() && seconds < 1e9 ? String(Int(seconds)) : String(seconds)) s"
  }

  /// Hands every event to `take` until the process has no more. An interrupt of this program goes on to the process.
  func follow(_ child: ChildProcess, isInterrupted: () -> Bool, _ take: (CellEvent) -> Void) {
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var hasForwarded = false
    while true {
      if isInterrupted(), !hasForwarded {
        child.signal(SIGINT)
        hasForwarded = true
        hasTimedOut = true
        deadline = ContinuousClock.now + .seconds(Self.grace)
      }
      var wait = pollfd(fd: child.pipe, events: Int16(POLLIN), revents: 0)
      let rest = deadline.map { max(0, ($0 - ContinuousClock.now) / .milliseconds(1)) }
      let ready = poll(&wait, 1, rest.map { Int32(min($0 + 1, 1e9)) } ?? -1)
      if let deadline, ContinuousClock.now >= deadline { stop(child) }
      guard ready > 0 else { continue }
      let count = read(child.pipe, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      text += buffer[..<count]
      var start = 0
      while let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) {
        if let event = CellEvent(String(decoding: text[start..<end], as: UTF8.self)) { pass(event, take) }
        start = end + 1
      }
      text.removeSubrange(..<start)
    }
  }

  private func stop(_ child: ChildProcess) {
    if hasTimedOut {
      ending = complaint + " and could not be stopped"
      child.signal(SIGKILL)
      deadline = nil
    } else {
      hasTimedOut = true
      child.signal(SIGINT)
      deadline = ContinuousClock.now + .seconds(Self.grace)
    }
  }

  private func pass(_ event: CellEvent, _ take: (CellEvent) -> Void) {
    if case .begin(let cell) = event {
      current = cell
      begun = ContinuousClock.now
      hasTimedOut = false
      deadline = timeout.map { begun + .seconds($0) }
    }
    take(event)
    if case .end(_, let end) = event {
      current = nil
      deadline = nil
      (printed, warned) = (end.printed, end.warned)
    }
  }

  /// What to say of a process that ended in the middle of a cell.
  static func ending(_ end: (status: Int32?, signal: Int32?)) -> String {
    if let signal = end.signal { return "the program was ended by signal \(signal) (\(String(cString: strsignal(signal))))" }
    return "the cell ended the program with status \(end.status ?? 0)"
  }
}
