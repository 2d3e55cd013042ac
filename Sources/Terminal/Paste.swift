import CReadline
import Glibc
import LuaVM

/// Bracketed paste: what comes between the marks is one text, however long. readline would take it key by key, and show all of it.
enum Paste {
  /// A text longer than this is not put into the line but stands behind a remark there.
  static let longestShown = 1 << 15

  // readline calls on the thread that reads the prompt, which is the only one to touch these.
  nonisolated(unsafe) private static var longTexts: [(remark: String, text: [UInt8])] = []
  /// Keys that came with the end of a paste.
  nonisolated(unsafe) private static var keysAfter: [UInt8] = []

  /// Whether keys have been read that readline has not had yet.
  static var hasKeys: Bool { !keysAfter.isEmpty }

  private static let end = Array("\u{1B}[201~".utf8)

  /// Takes pastes over from readline.
  static func install() {
    rl_bind_keyseq("\\e[200~") { _, _ in
      Paste.take()
      return 0
    }
    qreadline_set_getc { stream in Paste.keysAfter.isEmpty ? rl_getc(stream) : Int32(Paste.keysAfter.removeFirst()) }
  }

  /// Reads to the end mark and puts the text, or a remark in its place, into the line.
  private static func take() {
    var text = keysAfter
    keysAfter = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var searched = 0
    var mark: Int?
    while true {
      mark = position(ofEndIn: text, from: searched)
      if mark != nil { break }
      searched = max(0, text.count - end.count)
      let count = read(0, &buffer, buffer.count)
      if count < 0, errno == EINTR, !LuaInterrupt.isRequested { continue }
      guard count > 0 else { break }
      text += buffer[..<count]
    }
    if let mark {
      keysAfter = Array(text[(mark + end.count)...])
      text.removeSubrange(mark...)
    }
    insert(withLineFeeds(text))
  }

  private static func position(ofEndIn text: [UInt8], from start: Int) -> Int? {
    var at = start
    while let found = text[at...].firstIndex(of: 0x1B) {
      if text[found...].starts(with: end) { return found }
      at = found + 1
    }
    return nil
  }

  /// A terminal sends the return key for a line end.
  private static func withLineFeeds(_ text: [UInt8]) -> [UInt8] {
    guard text.contains(0x0D) else { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    for (index, byte) in text.enumerated() {
      if byte == 0x0D {
        result.append(0x0A)
      } else if byte != 0x0A || index == 0 || text[index - 1] != 0x0D {
        result.append(byte)
      }
    }
    return result
  }

  private static func insert(_ text: [UInt8]) {
    // A line of readline's ends at NUL.
    var shown = text.filter { $0 != 0 }
    if text.count > longestShown {
      let lines = text.lazy.filter { $0 == 0x0A }.count + 1
      let remark = "--[[pasted \(longTexts.count + 1): \(lines) lines, \(text.count) bytes]]"
      longTexts.append((remark, text))
      shown = Array(remark.utf8)
    }
    shown.append(0)
    shown.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { _ = rl_insert_text($0.baseAddress) }
    }
  }

  /// Forgets the long texts of a line that is given up.
  static func forget() { longTexts = [] }

  /// `line` with the long texts in the places of their remarks.
  static func whole(_ line: [UInt8]) -> [UInt8] {
    guard !longTexts.isEmpty else { return line }
    defer { longTexts = [] }
    var line = line
    for (remark, text) in longTexts {
      guard let start = line.firstRange(of: Array(remark.utf8)) else { continue }
      line.replaceSubrange(start, with: text)
    }
    return line
  }
}
