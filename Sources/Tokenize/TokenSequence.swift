/// The tokens of one text, without those that frame it.
struct TokenSequence {
  /// Places in the vocabulary.
  var ids: [Int32] = []
  /// Where each begins and ends in the text, in characters; empty where nobody asked.
  var starts: [Int32] = []
  var ends: [Int32] = []
  /// The number of the word each belongs to.
  var words: [Int32] = []

  /// Keeps the first tokens, or the last.
  mutating func truncate(to count: Int, fromLeft: Bool) {
    func cut(_ list: inout [Int32]) {
      guard list.count > count else { return }
      if fromLeft { list.removeFirst(list.count - count) } else { list.removeLast(list.count - count) }
    }
    cut(&ids)
    cut(&starts)
    cut(&ends)
    cut(&words)
  }
}
