/// Reads Lua's tracebacks and messages.
enum Traceback {
  /// The chunk name of the machinery's own Lua.
  static let machineryName = "(qrepl)"

  /// The frames of `text` that are the user's: without the heading, the machinery's frames and the calls that
  /// began it all.
  static func frames(of text: String) -> [String] {
    var frames: [String] = []
    var hasPassedMachinery = false
    for line in text.split(separator: "\n") where line.hasPrefix("\t") {
      let frame = String(line.dropFirst())
      if frame.hasPrefix(machineryName) {
        // What the machinery calls in C stands above it, and is its own too.
        while let last = frames.last, last.hasPrefix("[C]:") { frames.removeLast() }
        hasPassedMachinery = true
        continue
      }
      if frame == "[C]: in ?", frames.isEmpty { continue }
      if hasPassedMachinery, let last = frames.last, let inner = position(of: last), let outer = position(of: frame) {
        // A magic's Lua is a function within its line; a file that a magic runs is a chunk of its own.
        if inner.name != outer.name { endChunk(&frames) } else if inner.line == outer.line { frames.removeLast() }
      }
      hasPassedMachinery = false
      frames.append(frame)
    }
    while let last = frames.last, last == "[C]: in ?" || last.hasPrefix("(...tail calls...)") { frames.removeLast() }
    endChunk(&frames)
    return frames
  }

  /// Names the last frame for what it is: a cell is a function only because the machinery made it one.
  private static func endChunk(_ frames: inout [String]) {
    guard let last = frames.last, let mark = last.firstRange(of: ": in function <"), last.hasSuffix(":1>") else { return }
    frames[frames.count - 1] = last[..<mark.lowerBound] + ": in main chunk"
  }

  /// The name that Lua shows for a chunk name, shortened as Lua does.
  static func shortName(of chunkName: String) -> String {
    let name = Array(chunkName.utf8.dropFirst())
    guard name.count > 59 else { return String(decoding: name, as: UTF8.self) }
    if chunkName.hasPrefix("=") { return String(decoding: name.prefix(59), as: UTF8.self) }
    return "..." + String(decoding: name.suffix(56), as: UTF8.self)
  }

  /// `name:line:` at the beginning of a message, and what follows it.
  static func position(of message: String) -> (name: String, line: Int, rest: String)? {
    var at = message.startIndex
    while let colon = message[at...].firstIndex(of: ":") {
      let after = message.index(after: colon)
      let digits = message[after...].prefix { $0.isASCII && $0.isNumber }
      if let line = Int(digits), digits.endIndex < message.endIndex, message[digits.endIndex] == ":" {
        let rest = message[message.index(after: digits.endIndex)...].drop { $0 == " " }
        return (String(message[..<colon]), line, String(rest))
      }
      if message[colon...].hasPrefix(":\n") { return nil }
      at = after
    }
    return nil
  }

  /// The name of the function of a frame such as `[C]: in function 'string.rep'`, without what it is a field of; nil for a function
  /// written in Lua.
  static func nativeFunction(_ frame: String) -> String? {
    guard frame.hasPrefix("[C]: in "), let open = frame.firstIndex(of: "'"), frame.last == "'" else { return nil }
    let name = frame[frame.index(after: open)...].dropLast()
    return name.split { ".:".contains($0) }.last.map(String.init)
  }

  /// The name a message speaks of: `global 'x'`, `field 'x'`, `near 'x'`.
  static func subject(of message: String) -> (kind: String, name: String)? {
    for kind in ["global", "field", "method", "local", "upvalue", "const variable", "near"] {
      guard let start = message.firstRange(of: "\(kind) '")?.upperBound, let end = message[start...].firstIndex(of: "'") else {
        continue
      }
      return (kind, String(message[start..<end]))
    }
    return nil
  }
}
