import CReadline
import Glibc
import LuaVM
import Shell

/// Reads lines with readline. There is one in a process, as there is one readline; it belongs to the thread that reads.
final class LineEditor {
  /// What came of reading a line.
  enum Line: Equatable {
    /// A line, which may hold line ends if it was pasted.
    case text([UInt8])
    /// Ctrl-D on an empty line.
    case end
    /// Ctrl-C.
    case interrupted
  }

  /// What readline's functions without a context talk to.
  private struct Reading {
    var complete: (String) -> Completions = { Completions(start: $0.utf8.count, candidates: []) }
    var prefix: () -> String = { "" }
    var completions = Completions(start: 0, candidates: [])
    var breaks: [CChar] = [0]
    var result: Line?
  }

  // readline calls back on the thread that reads the prompt, which is the only one to touch this.
  nonisolated(unsafe) private static var reading = Reading()
  nonisolated(unsafe) private static let name = strdup("qrepl")
  nonisolated(unsafe) private static let breakCharacters = UnsafeMutablePointer<CChar>.allocate(capacity: 2)

  /// Sets readline up; `complete` gives what may stand at the end of a text.
  init(complete: @escaping (String) -> Completions) {
    Self.reading.complete = complete
    qreadline_set_name(Self.name)
    qreadline_use_standard_streams()
    Self.breakCharacters.initialize(repeating: 0, count: 2)
    qreadline_set_completer(
      { _, start, end in LineEditor.matches(start: Int(start), end: Int(end)) },
      { LineEditor.wordBreaks() })
    // An option of ~/.inputrc may still say otherwise.
    rl_variable_bind("blink-matching-paren", "on")
    rl_initialize()
    Paste.install()
    using_history()
    stifle_history(10000)
  }

  /// Puts a line into the history that the arrow keys walk, unless it is too long to be looked at.
  func remember(_ line: String) {
    if line.utf8.count <= Paste.longestShown { add_history(line) }
  }

  /// Reads one line under `prompt`, which begins with `initial`. `prefix` gives what has been typed before it, for completion.
  func read(prompt: String, initial: String? = nil, prefix: @escaping () -> String) -> Line {
    Self.reading.prefix = prefix
    Self.reading.result = nil
    rl_callback_handler_install(prompt) { line in LineEditor.take(line) }
    defer { rl_callback_handler_remove() }
    if let initial {
      rl_insert_text(initial)
      rl_redisplay()
    }
    while true {
      if let result = Self.reading.result { return result }
      var descriptor = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
      // A signal between the last look at its flag and the wait does not end the wait, so the wait is a short one. (Blocking
      // the signal until then would have it delivered to a thread of a library.)
      let ready = Paste.hasKeys ? 1 : poll(&descriptor, 1, 100)
      if ready == 0 || (ready < 0 && errno == EINTR) {
        // Lets readline act on what its own handlers have caught, then ours sees it.
        rl_check_signals()
        if LuaInterrupt.isRequested { return interrupted() }
        continue
      }
      if ready < 0 { return .end }
      rl_callback_read_char()
      if LuaInterrupt.isRequested { return interrupted() }
    }
  }

  private func interrupted() -> Line {
    LuaInterrupt.clear()
    Paste.forget()
    rl_free_line_state()
    rl_callback_sigcleanup()
    StandardStream.output.write("^C\n")
    return .interrupted
  }

  private static func take(_ line: UnsafeMutablePointer<CChar>?) {
    // Without this, readline would show the prompt again at once.
    rl_callback_handler_remove()
    guard let line else {
      reading.result = .end
      return
    }
    reading.result = .text(Paste.whole(UnsafeBufferPointer(start: line, count: strlen(line)).map { UInt8(bitPattern: $0) }))
    free(line)
  }

  // MARK: Completion

  /// Finds the completions and tells readline where the word begins: it looks for the last of the characters given.
  private static func wordBreaks() -> UnsafeMutablePointer<CChar>? {
    let line = UnsafeBufferPointer(start: qreadline_line(), count: Int(qreadline_point())).map { UInt8(bitPattern: $0) }
    let prefix = reading.prefix()
    var found = reading.complete(prefix + String(decoding: line, as: UTF8.self))
    let start = found.start - prefix.utf8.count
    found = Completions(start: start, candidates: found.candidates, endsWord: found.endsWord)
    reading.completions = found
    breakCharacters[0] = start > 0 && start <= line.count ? CChar(bitPattern: line[start - 1]) : 0
    breakCharacters[1] = 0
    return breakCharacters
  }

  private static func matches(start: Int, end: Int) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
    qreadline_end_completion()
    let found = reading.completions
    // Where the word holds the break character itself, readline's word begins later than ours.
    guard !found.candidates.isEmpty, start >= found.start else { return nil }
    let skipped = start - found.start
    let words = found.candidates.map { String(decoding: Array($0.utf8).dropFirst(skipped), as: UTF8.self) }
    let common = Self.commonPrefix(of: words)
    qreadline_set_append_character(found.endsWord && words.count == 1 ? 32 : 0)
    let list = words.count == 1 ? [common] : [common] + words
    let size = MemoryLayout<UnsafeMutablePointer<CChar>?>.stride * (list.count + 1)
    guard let memory = malloc(size) else { return nil }
    let array = memory.bindMemory(to: UnsafeMutablePointer<CChar>?.self, capacity: list.count + 1)
    for (index, word) in list.enumerated() { array[index] = strdup(word) }
    array[list.count] = nil
    return array
  }

  /// The longest text that all `words` begin with; no character of it is cut.
  private static func commonPrefix(of words: [String]) -> String {
    let first = Array(words[0].utf8)
    var count = first.count
    for word in words.dropFirst() { count = zip(first.prefix(count), word.utf8).prefix { $0 == $1 }.count }
    while count > 0, count < first.count, first[count] & 0xC0 == 0x80 { count -= 1 }
    return String(decoding: first.prefix(count), as: UTF8.self)
  }
}
