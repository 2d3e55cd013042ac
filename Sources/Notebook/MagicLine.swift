/// A line that has the form of a magic: `%name …`, `%%name …`, or one of them in a comment.
/// Whether it stands where a statement may start is for `Outline` to say.
public struct MagicLine: Equatable, Sendable {
  /// How many `%` stand before the name: 1 for a line magic, 2 for a cell magic, 3 for neither.
  public let level: Int
  /// The name, without its `%`.
  public let name: String
  /// What follows the name, without the blanks around it.
  public let argument: String
  /// Whether the line is a Lua comment.
  public let isCommented: Bool

  /// Reads `line`, which holds no line feed; nil unless it matches `^\s*(-- |--)*(%|%%|%%%)[a-zA-Z]`
  /// and does not end in `-- noescape`.
  public init?(_ line: some Collection<UInt8>) {
    let bytes = Array(line)
    var at = 0
    while at < bytes.count, Byte.isBlank(bytes[at]) { at += 1 }
    let start = at
    let dash = UInt8(ascii: "-")
    while at + 1 < bytes.count, bytes[at] == dash, bytes[at + 1] == dash {
      at += 2
      if at < bytes.count, bytes[at] == 0x20 { at += 1 }
    }
    isCommented = at > start
    let percents = bytes[at...].prefix { $0 == UInt8(ascii: "%") }.count
    at += percents
    guard (1...3).contains(percents), at < bytes.count, Byte.isLetter(bytes[at]) else { return nil }
    level = percents
    let nameEnd = bytes[at...].firstIndex { !Byte.isNamePart($0) } ?? bytes.count
    name = String(decoding: bytes[at..<nameEnd], as: UTF8.self)
    let rest = Self.trimmed(bytes[nameEnd...])
    if Self.endsInNoEscape(rest) { return nil }
    argument = String(decoding: rest, as: UTF8.self)
  }

  /// Reads `line` as `init(_:)` over bytes does.
  public init?(_ line: String) {
    self.init(Array(line.utf8))
  }

  static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes
    while let first = bytes.first, Byte.isBlank(first) { bytes.removeFirst() }
    while let last = bytes.last, Byte.isBlank(last) { bytes.removeLast() }
    return bytes
  }

  private static func endsInNoEscape(_ rest: ArraySlice<UInt8>) -> Bool {
    let mark = Array("noescape".utf8)
    guard rest.count >= mark.count + 2, rest.suffix(mark.count).elementsEqual(mark) else { return false }
    let before = trimmed(rest.dropLast(mark.count))
    return before.suffix(2).elementsEqual(Array("--".utf8))
  }
}
