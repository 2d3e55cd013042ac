/// What a person types or pastes at the prompt, before it is read as Lua.
public enum PromptText {
  /// A request for help: `name?`, `?name` or, for the source, `name??`, `??name`.
  public struct HelpRequest: Equatable, Sendable {
    /// What help is asked on: an expression, or a magic with its `%`.
    public let subject: String
    /// Whether the source is wanted too.
    public let wantsSource: Bool

    /// A request for help on `subject`.
    public init(subject: String, wantsSource: Bool = false) {
      self.subject = subject
      self.wantsSource = wantsSource
    }
  }

  /// The request in `source`, nil where it is none.
  public static func helpRequest(in source: [UInt8]) -> HelpRequest? {
    var line = source[...]
    while let last = line.last, Byte.isBlank(last) || last == Byte.newline { line.removeLast() }
    line = MagicLine.trimmed(line)
    let mark = UInt8(ascii: "?")
    guard line.first == mark || line.last == mark, !line.contains(Byte.newline) else { return nil }
    return helpRequest(in: String(decoding: line, as: UTF8.self))
  }

  /// The request in `text`, nil where it is none.
  public static func helpRequest(in text: String) -> HelpRequest? {
    let line = String(decoding: MagicLine.trimmed(Array(text.utf8)[...]), as: UTF8.self)
    guard !line.contains("\n") else { return nil }
    let leading = line.prefix { $0 == "?" }.count
    let trailing = line.dropFirst(leading).reversed().prefix { $0 == "?" }.count
    let marks = leading + trailing
    guard marks == 1 || marks == 2, leading == 0 || trailing == 0 else { return nil }
    let subject = String(
      decoding: MagicLine.trimmed(Array(line.dropFirst(leading).dropLast(trailing).utf8)[...]), as: UTF8.self)
    guard isSubject(subject) else { return nil }
    return HelpRequest(subject: subject, wantsSource: marks == 2)
  }

  /// Names, fields, methods and indices by a literal: what can be looked up without running anything.
  private static func isSubject(_ text: String) -> Bool {
    let magic = text.drop { $0 == "%" }
    if magic.count < text.count { return !magic.isEmpty && magic.utf8.allSatisfy(Byte.isNamePart) }
    guard let first = text.utf8.first, Byte.isNameStart(first) else { return text.isEmpty }
    var depth = 0
    for byte in text.utf8 {
      if byte == UInt8(ascii: "[") { depth += 1 }
      if byte == UInt8(ascii: "]") { depth -= 1 }
      let isPath = Byte.isNamePart(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
      guard isPath || depth > 0 || byte == UInt8(ascii: "]") else { return false }
    }
    return depth == 0
  }

  /// Whether the first line of `source` that is not blank begins with a prompt.
  public static func hasPrompts(_ source: [UInt8]) -> Bool {
    let rest = source.drop { Byte.isBlank($0) || $0 == Byte.newline }
    guard let first = rest.first, [UInt8(ascii: "I"), UInt8(ascii: "."), UInt8(ascii: ">")].contains(first) else { return false }
    return prompt(of: Substring(String(decoding: rest.prefix { $0 != Byte.newline }, as: UTF8.self))) != nil
  }

  /// Takes pasted prompts off `text`: `In [3]: `, `   ...: `, `> ` and `>> `, where the first line has one.
  public static func strippingPrompts(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first(where: { !$0.allSatisfy(\.isWhitespace) }), prompt(of: first) != nil else { return text }
    return lines.map { line in prompt(of: line).map { line.dropFirst($0) } ?? line }.joined(separator: "\n")
  }

  /// How many characters of `line` are a prompt.
  private static func prompt(of line: Substring) -> Int? {
    let blanks = line.prefix { $0 == " " }.count
    let rest = line.dropFirst(blanks)
    func length(_ mark: Int) -> Int { blanks + mark + (rest.dropFirst(mark).first == " " ? 1 : 0) }
    if rest.hasPrefix("In ["), let close = rest.firstIndex(of: "]") {
      let number = rest[rest.index(rest.startIndex, offsetBy: 4)..<close]
      guard !number.isEmpty, number.allSatisfy(\.isNumber), rest[rest.index(after: close)...].hasPrefix(":") else { return nil }
      return length(rest.distance(from: rest.startIndex, to: close) + 2)
    }
    if rest.hasPrefix("...:") { return length(4) }
    if rest.hasPrefix(">> ") || rest == ">>" { return length(2) }
    if rest.hasPrefix("> ") || rest == ">" { return length(1) }
    return nil
  }
}
