/// The words of the command line as `lua5.4` reads them: options, which keep their order, then a script and what is its own.
struct LuaCommandLine {
  /// What an option asks to be done before the script runs.
  enum Step: Equatable {
    /// `-e`: run this.
    case code(String)
    /// `-l`: require this.
    case module(String)
    /// `-W`: turn warnings on.
    case warnings
  }

  /// The steps, in the order of their options.
  private(set) var steps: [Step] = []
  /// The options that are no step, and those that are wrong.
  private(set) var options: [String] = []
  /// The script, `-` for standard input; nil without one.
  private(set) var script: String?
  /// The script's own words.
  private(set) var arguments: [String] = []
  /// How many words stand before the script.
  private(set) var wordsBefore: Int

  /// Reads `words`, the command line without the program's name.
  init(_ words: [String]) {
    var rest = words[...]
    while let word = rest.first, word.hasPrefix("-"), word != "-" {
      rest.removeFirst()
      if word == "--" { break }
      switch word.dropFirst().first {
      case "e"?, "l"?:
        var value = word.dropFirst(2)[...]
        if value.isEmpty {
          // As in `lua`, what begins with a dash is the next option.
          guard let next = rest.first, !next.hasPrefix("-") else {
            options.append(word)
            continue
          }
          value = next[...]
          rest.removeFirst()
        }
        steps.append(word.hasPrefix("-e") ? .code(String(value)) : .module(String(value)))
      default:
        options.append(word)
        if word == "-W" { steps.append(.warnings) }
        if Self.optionsWithValue.contains(word), let value = rest.popFirst() { options.append(value) }
      }
    }
    wordsBefore = words.count - rest.count
    script = rest.popFirst()
    arguments = Array(rest)
  }

  /// The options whose value is the next word.
  private static let optionsWithValue: Set<String> = ["--color"]
}
