import Glibc
import Interface

/// What Lua's own `os` lacks and the modules in `stdlib` need.
let operatingSystem = OperationFamily("torch._os") { ops in
  ops.define("time() -> float", doc: "Seconds since 1970, with fractions. Mirrors Python's time.time.", variants: [.function]) { () -> Double in seconds(CLOCK_REALTIME) }
  ops.define("perf_counter() -> float", doc: "Seconds of a clock that only goes forward. Mirrors Python's time.perf_counter.", variants: [.function]) { () -> Double in seconds(CLOCK_MONOTONIC) }
  ops.define("process_time() -> float", doc: "Seconds of processor time of all threads. Mirrors Python's time.process_time.", variants: [.function]) { () -> Double in seconds(CLOCK_PROCESS_CPUTIME_ID) }
  ops.define("isatty(int fd) -> bool", doc: "Whether a file descriptor is a terminal. Mirrors Python's os.isatty.", variants: [.function]) { (fd: Int) -> Bool in
    Int32(exactly: fd).map { isatty($0) == 1 } ?? false
  }
  ops.define("makedirs(str name) -> ()", doc: "Makes a folder and those above it, where they are not there. Mirrors Python's os.makedirs(name, exist_ok=True).", variants: [.function]) { (name: String) -> Nothing in
    var made = name.hasPrefix("/") ? "/" : ""
    for part in name.split(separator: "/") {
      made += part + "/"
      var status = stat()
      if stat(made, &status) == 0 { continue }
      if mkdir(made, 0o777) != 0 { throw TorchError(.osError, "[Errno \(errno)] \(String(cString: strerror(errno))): '\(name)'") }
    }
    return Nothing()
  }
  ops.define("terminal_columns(int fd) -> int", doc: "The columns of a terminal, 0 where there is none. Mirrors Python's os.get_terminal_size.", variants: [.function]) { (fd: Int) -> Int in
    var size = winsize()
    return Int32(exactly: fd).map { ioctl($0, UInt(TIOCGWINSZ), &size) } == 0 ? Int(size.ws_col) : 0
  }
}

private func seconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
