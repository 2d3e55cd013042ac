import Glibc

/// A program on a pseudo-terminal of its own, which a test types into and reads from.
final class PseudoTerminal {
  /// What went wrong with the terminal itself.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let master: Int32
  private let process: pid_t
  /// All that the program has written, escapes taken out.
  private(set) var screen = ""
  private var raw: [UInt8] = []
  private var seen = 0

  /// Starts `program` with `arguments` and `environment` (beside a minimal one).
  init(_ program: String, _ arguments: [String] = [], environment: [String] = []) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    // TIOCSPTLCK and TIOCGPTN, which are macros with a type in them.
    var unlock: Int32 = 0
    var number: UInt32 = 0
    guard master >= 0, ioctl(master, 0x4004_5431, &unlock) == 0, ioctl(master, 0x8004_5430, &number) == 0 else {
      throw Failure(description: "no pseudo-terminal")
    }
    let slave = "/dev/pts/\(number)"
    var size = winsize(ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The first terminal that a session leader opens becomes its own.
    posix_spawn_file_actions_addopen(&actions, 0, slave, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // What the tests' own runner blocks or ignores is not the program's affair.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for signal in [SIGINT, SIGQUIT, SIGPIPE, SIGHUP, SIGTERM] { sigaddset(&signals, signal) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    let newSession: Int16 = 0x80
    posix_spawnattr_setflags(&attributes, newSession | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    let words = ([program] + arguments).map { (word: String) -> UnsafeMutablePointer<CChar>? in strdup(word) }
    // The program reads the first of several of one name; here the last is meant.
    let variables = (["TERM=xterm-256color", "LANG=C.UTF-8", "PATH=/usr/bin:/bin", "INPUTRC=/dev/null"] + environment).reversed()
      .map { (word: String) -> UnsafeMutablePointer<CChar>? in strdup(word) }
    defer { (words + variables).forEach { free($0) } }
    var child = pid_t()
    let status = posix_spawn(&child, program, &actions, &attributes, words + [nil], variables + [nil])
    guard status == 0 else { throw Failure(description: "cannot start \(program): \(String(cString: strerror(status)))") }
    process = child
  }

  deinit {
    kill(process, SIGKILL)
    var status: Int32 = 0
    waitpid(process, &status, 0)
    close(master)
  }

  /// Whether anything was coloured.
  var hasColors: Bool { String(decoding: raw, as: UTF8.self).contains("\u{1B}[0;3") }

  /// Types `text`.
  func type(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  /// Reads until what is new on the screen holds `text`, and gives what came before it; throws after `seconds`.
  @discardableResult
  func expect(_ text: String, within seconds: Double = 20) throws -> String {
    let end = ContinuousClock.now + .milliseconds(Int64(seconds * 1000))
    while true {
      let new = String(decoding: Array(screen.utf8).dropFirst(seen), as: UTF8.self)
      if let found = new.firstRange(of: text) {
        let before = String(new[..<found.lowerBound])
        seen += before.utf8.count + text.utf8.count
        return before
      }
      guard ContinuousClock.now < end, readMore() else {
        throw Failure(description: "expected \(text.debugDescription), got \(new.debugDescription)")
      }
    }
  }

  /// Waits for the program to end and gives its exit status.
  func exitStatus(within seconds: Double = 10) throws -> Int32 {
    let end = ContinuousClock.now + .milliseconds(Int64(seconds * 1000))
    var status: Int32 = 0
    while waitpid(process, &status, WNOHANG) == 0 {
      guard ContinuousClock.now < end else {
        throw Failure(description: "it did not end: \(screen.suffix(200).debugDescription)")
      }
      _ = readMore()
    }
    while readMore() {}
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
  }

  /// Reads what there is, waiting a little; false when the program's side is closed.
  private func readMore() -> Bool {
    var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&descriptor, 1, 100) > 0 else { return true }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(master, &buffer, buffer.count)
    guard count > 0 else { return false }
    raw += buffer[..<count]
    screen = Self.plain(raw)
    return true
  }

  /// The text without escapes, carriage returns and bells.
  private static func plain(_ bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    var at = 0
    while at < bytes.count {
      if bytes[at] == 0x1B {
        at += 1
        guard at < bytes.count else { break }
        if bytes[at] == UInt8(ascii: "[") || bytes[at] == UInt8(ascii: "?") {
          at += 1
          while at < bytes.count, !(0x40...0x7E).contains(bytes[at]) { at += 1 }
        }
      } else if bytes[at] != 0x0D, bytes[at] != 0x07 {
        result.append(bytes[at])
      }
      at += 1
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// The program under test: `QREPL_BINARY`, or `qrepl` beside the tests.
func programPath() throws -> String {
  if let path = getenv("QREPL_BINARY") { return String(cString: path) }
  var buffer = [CChar](repeating: 0, count: 4096)
  let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
  var folders: [String] = []
  if count > 0 { folders.append(String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)) }
  folders += CommandLine.arguments
  for file in folders {
    guard let slash = file.lastIndex(of: "/") else { continue }
    let path = file[..<slash] + "/qrepl"
    if access(String(path), X_OK) == 0 { return String(path) }
  }
  throw PseudoTerminal.Failure(description: "no qrepl beside \(folders); set QREPL_BINARY")
}

/// A new folder; its path.
func temporaryFolder() throws -> String {
  var template = Array("/tmp/qrepl-test-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw PseudoTerminal.Failure(description: "no temporary folder") }
  return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
