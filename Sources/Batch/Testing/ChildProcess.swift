import Glibc
import Shell

/// This program once more, in a process group of its own, with a pipe to read from.
final class ChildProcess {
  /// The read end of the pipe, whose write end the child has as descriptor 3.
  let pipe: Int32
  private let id: pid_t

  /// Starts this program with `arguments`. Its standard input is empty; `output` and `error` take what it writes, or it
  /// writes where this one does.
  init(_ arguments: [String], output: Int32?, error: Int32?) throws(CommandMistake) {
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { throw Self.failure("make a pipe") }
    pipe = ends[0]
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    if let output { posix_spawn_file_actions_adddup2(&actions, output, 1) }
    if let error { posix_spawn_file_actions_adddup2(&actions, error, 2) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 3)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    let words = ([CommandLine.arguments[0]] + arguments).map { (word: String) -> UnsafeMutablePointer<CChar>? in strdup(word) }
    defer { words.forEach { free($0) } }
    var child = pid_t()
    let status = posix_spawn(&child, "/proc/self/exe", &actions, &attributes, words + [nil], environ)
    guard status == 0 else {
      close(pipe)
      errno = status
      throw Self.failure("start the program again")
    }
    id = child
  }

  deinit { close(pipe) }

  private static func failure(_ what: String) -> CommandMistake {
    CommandMistake("cannot \(what): \(String(cString: strerror(errno)))")
  }

  /// Sends a signal to the child and all that it has started.
  func signal(_ number: Int32) { kill(-id, number) }

  /// Waits for the end: the status it gave, or the signal that ended it.
  func wait() -> (status: Int32?, signal: Int32?) {
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? ((status >> 8) & 0xFF, nil) : (nil, signal)
  }
}

/// What a process writes, kept in a file without a name.
final class Capture {
  /// The descriptor to write to.
  let descriptor: Int32

  init() throws(CommandMistake) {
    descriptor = NamelessFile.open()
    guard descriptor >= 0 else { throw CommandMistake("cannot write to \(NamelessFile.folder): \(String(cString: strerror(errno)))") }
    _ = fcntl(descriptor, F_SETFL, O_APPEND)
  }

  deinit { close(descriptor) }

  /// The bytes that standard output and standard error hold, where they are files.
  static func lengths() -> (printed: Int, warned: Int) {
    fflush(nil)
    func length(_ descriptor: Int32) -> Int {
      var status = stat()
      return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }
    return (length(1), length(2))
  }

  /// The bytes from `start` to `end`, or to the end.
  func bytes(from start: Int = 0, to end: Int? = nil) -> [UInt8] {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return [] }
    let count = min(end ?? Int.max, Int(status.st_size)) - start
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      while done < count {
        let got = pread(descriptor, buffer.baseAddress?.advanced(by: done), count - done, start + done)
        guard got > 0 else { return }
        done += got
      }
    }
  }
}
