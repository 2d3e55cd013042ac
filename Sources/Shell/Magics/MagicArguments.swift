/// The options and the rest of a magic's line.
public struct MagicArguments: Equatable, Sendable {
  /// The values given for each option, by name; a switch has an empty value.
  public private(set) var values: [String: [String]] = [:]
  /// What follows the options, as it was typed.
  public private(set) var rest = ""

  /// Reads `line` by `options`, which stand before everything else: `-n 5`, `-n5`, `-qo`, `--cmp x`, `--cmp=x`.
  /// `--` ends them; so does a `-` that no letter follows, which begins an expression.
  /// Throws `UsageError` for an unknown option or a missing value.
  public init(_ line: String, options: [MagicOption]) throws(UsageError) {
    var scanner = WordScanner(line)
    while let word = scanner.peek() {
      if word == "--" {
        scanner.skip()
        break
      }
      if word.hasPrefix("--"), word.count > 2 {
        scanner.skip()
        try readLong(word.dropFirst(2), &scanner, options)
      } else if word.hasPrefix("-"), word.dropFirst().first?.isLetter == true {
        scanner.skip()
        try readShort(word.dropFirst(), &scanner, options)
      } else {
        break
      }
    }
    rest = scanner.rest
  }

  private mutating func readLong(_ word: Substring, _ scanner: inout WordScanner, _ options: [MagicOption]) throws(UsageError) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let option = options.first(where: { $0.name == name && name.utf8.count > 1 }) else {
      throw Self.unknown("--" + name, options)
    }
    guard option.value != nil else {
      if parts.count > 1 { throw UsageError("option --\(name) must not have an argument") }
      return values[name, default: []].append("")
    }
    guard let value = parts.count > 1 ? Self.unquoted(String(parts[1])) : scanner.next().map(Self.unquoted) else {
      throw UsageError("option --\(name) requires argument")
    }
    try append(value, to: option)
  }

  private mutating func readShort(_ word: Substring, _ scanner: inout WordScanner, _ options: [MagicOption]) throws(UsageError) {
    var letters = word
    while let letter = letters.popFirst() {
      let name = String(letter)
      guard let option = options.first(where: { $0.name == name }) else { throw Self.unknown("-" + name, options) }
      guard option.value != nil else {
        values[name, default: []].append("")
        continue
      }
      guard let value = letters.isEmpty ? scanner.next() : String(letters) else {
        throw UsageError("option -\(name) requires argument")
      }
      return try append(Self.unquoted(value), to: option)
    }
  }

  private mutating func append(_ value: String, to option: MagicOption) throws(UsageError) {
    guard option.choices.isEmpty || option.choices.contains(value) else {
      throw UsageError("option \(option.spelling) must be \(option.choices.joined(separator: ", ")), not '\(value)'")
    }
    values[option.name, default: []].append(value)
  }

  private static func unknown(_ spelling: String, _ options: [MagicOption]) -> UsageError {
    let allowed = options.map { $0.spelling + ($0.value.map { " " + $0 } ?? "") }.joined(separator: ", ")
    return UsageError("option \(spelling) not recognized (allowed: \(allowed.isEmpty ? "none" : allowed))")
  }

  static func unquoted(_ word: String) -> String {
    guard word.count >= 2, let quote = word.first, quote == "\"" || quote == "'", word.last == quote else { return word }
    return String(word.dropFirst().dropLast())
  }

  /// Whether the option `name` was given.
  public func has(_ name: String) -> Bool { values[name] != nil }

  /// The last value given for `name`.
  public func string(_ name: String) -> String? { values[name]?.last }

  /// The last value given for `name`, as a whole number not under `minimum`; `fallback` without one.
  public func integer(_ name: String, default fallback: Int, minimum: Int = 0) throws(UsageError) -> Int {
    guard let text = string(name) else { return fallback }
    guard let number = Int(text), number >= minimum else {
      throw UsageError("option -\(name) must be a whole number from \(minimum), not '\(text)'")
    }
    return number
  }

  /// What follows the options, in words; quotes hold a word together and are taken off.
  public var words: [String] {
    var scanner = WordScanner(rest)
    var words: [String] = []
    while let word = scanner.next() { words.append(Self.unquoted(word)) }
    return words
  }
}

/// Takes words off the front of a text; quotes hold a word together.
struct WordScanner {
  private var text: Substring

  init(_ text: String) { self.text = text[...] }

  /// What has not been taken, without the blanks around it.
  var rest: String {
    var rest = text.drop(while: \.isWhitespace)
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }

  /// The next word, which is left there.
  func peek() -> String? {
    var copy = self
    return copy.next()
  }

  /// Takes the next word without looking at it.
  mutating func skip() { _ = next() }

  /// Takes the next word, with its quotes.
  mutating func next() -> String? {
    text = text.drop(while: \.isWhitespace)
    guard !text.isEmpty else { return nil }
    var word = ""
    var quote: Character?
    while let character = text.first {
      if let open = quote {
        if character == open { quote = nil }
      } else if character.isWhitespace {
        break
      } else if character == "\"" || character == "'" {
        quote = character
      }
      word.append(character)
      text.removeFirst()
    }
    return word
  }
}
