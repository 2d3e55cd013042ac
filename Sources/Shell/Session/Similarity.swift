/// "Did you mean": the names close to a misspelt one.
public enum Similarity {
  /// The name of `candidates` that `name` most likely was meant to be; nil where none is close.
  public static func closest(to name: String, in candidates: some Sequence<String>) -> String? {
    let wanted = Array(name.utf8)
    var best: (name: String, distance: Int)?
    let limit = max(1, min(3, wanted.count / 3))
    for candidate in candidates where candidate != name {
      let letters = Array(candidate.utf8)
      guard abs(letters.count - wanted.count) <= limit else { continue }
      let found = distance(wanted, letters)
      guard found <= limit, found < max(wanted.count, 2) else { continue }
      if best.map({ (found, candidate) < ($0.distance, $0.name) }) ?? true { best = (candidate, found) }
    }
    return best?.name
  }

  /// How many insertions, deletions, replacements and swaps of neighbours lie between two words, whatever their case.
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    func fold(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        let same = fold(a[i]) == fold(b[j])
        var cost = min(rows[i][j] + (same ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, fold(a[i]) == fold(b[j - 1]), fold(a[i - 1]) == fold(b[j]) { cost = min(cost, rows[i - 1][j - 1] + 1) }
        row.append(cost)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
