/// What may stand at the cursor.
public struct Completions: Equatable, Sendable {
  /// The byte of the text at which the word to be completed begins.
  public let start: Int
  /// The words that may stand there, sorted, each the whole word.
  public let candidates: [String]
  /// Whether a blank goes after a word that is chosen.
  public let endsWord: Bool

  /// Words that may stand from `start` on.
  public init(start: Int, candidates: [String], endsWord: Bool = false) {
    self.start = start
    self.candidates = candidates
    self.endsWord = endsWord
  }
}
