/// Where two texts differ, line by line.
enum TextDifference {
  /// The lines of both: those that only `expected` has after `-`, those that only `actual` has after `+`, the others after
  /// a blank; far from any difference, `…` stands for them.
  static func text(expected: [String], actual: [String]) -> String {
    var lines: [(sign: Character, text: String)] = []
    let (before, after) = common(expected, actual)
    for line in expected.prefix(before) { lines.append((" ", line)) }
    lines += middle(Array(expected[before..<expected.count - after]), Array(actual[before..<actual.count - after]))
    for line in expected.suffix(after) { lines.append((" ", line)) }
    var shown: [String] = []
    var isSkipping = false
    for (index, line) in lines.enumerated() {
      let isNear = lines[max(0, index - 2)...min(lines.count - 1, index + 2)].contains { $0.sign != " " }
      if isNear { shown.append(line.text.isEmpty ? String(line.sign) : "\(line.sign) \(line.text)") }
      if !isNear, !isSkipping { shown.append("  …") }
      isSkipping = !isNear
    }
    return shown.joined(separator: "\n")
  }

  /// How many lines both begin with, and how many of the others they end with.
  private static func common(_ a: [String], _ b: [String]) -> (before: Int, after: Int) {
    let before = zip(a, b).prefix { $0 == $1 }.count
    let after = zip(a.dropFirst(before).reversed(), b.dropFirst(before).reversed()).prefix { $0 == $1 }.count
    return (before, after)
  }

  /// By the longest common subsequence; of very long texts, one after the other.
  private static func middle(_ a: [String], _ b: [String]) -> [(sign: Character, text: String)] {
    guard a.count * b.count <= 1_000_000 else { return a.map { ("-", $0) } + b.map { ("+", $0) } }
    var lengths = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in a.indices.reversed() {
      for j in b.indices.reversed() {
        lengths[i][j] = a[i] == b[j] ? lengths[i + 1][j + 1] + 1 : max(lengths[i + 1][j], lengths[i][j + 1])
      }
    }
    var lines: [(sign: Character, text: String)] = []
    var (i, j) = (0, 0)
    while i < a.count || j < b.count {
      if i < a.count, j < b.count, a[i] == b[j] {
        lines.append((" ", a[i]))
        (i, j) = (i + 1, j + 1)
      } else if i < a.count, j == b.count || lengths[i + 1][j] >= lengths[i][j + 1] {
        lines.append(("-", a[i]))
        i += 1
      } else {
        lines.append(("+", b[j]))
        j += 1
      }
    }
    return lines
  }
}
