/// Splits a text into words and those into pieces of the vocabulary, in one pass.
final class WordSplitter {
  let table: CharacterTable
  let trie: WordPieceTrie
  let unknown: Int32
  /// Longer words are unknown as a whole, in characters.
  let greatestLength: Int
  /// Whether to say where tokens lie.
  let wantsPlaces: Bool

  var tokens = TokenSequence()
  /// The characters of the text before the one being read.
  private(set) var character: Int32 = 0
  private(set) var wordCount: Int32 = 0

  /// The bytes of the word being read, for each the character it came from, and the number of its characters.
  private var word: [UInt8] = []
  private var origins: [Int32] = []
  private var length = 0
  /// The combining characters since the last other one, in the order of their classes, where they begin in the word, and the characters
  /// that they came from. Those that one character fell apart into count as one.
  private var run: [(piece: CharacterRules.Piece, isInserted: Bool)] = []
  private var runStart = 0
  private var slots: [Int32] = []

  init(table: CharacterTable, trie: WordPieceTrie, unknown: Int32, greatestLength: Int, wantsPlaces: Bool) {
    self.table = table
    self.trie = trie
    self.unknown = unknown
    self.greatestLength = greatestLength
    self.wantsPlaces = wantsPlaces
    word.reserveCapacity(64)
  }

  /// Begins another text.
  func reset() {
    tokens = TokenSequence()
    character = 0
    wordCount = 0
  }

  /// Adds a token that stands in the text as it is; `characters` of the text are before it, and it has `count`.
  func add(_ token: AddedToken, count: Int32) {
    tokens.ids.append(Int32(token.id))
    if wantsPlaces {
      tokens.starts.append(character)
      tokens.ends.append(character + count)
      tokens.words.append(wordCount)
    }
    character += count
    wordCount += 1
  }

  /// Adds the tokens of a stretch of text, which is valid UTF-8.
  func add(_ text: UnsafeBufferPointer<UInt8>) {
    var i = 0
    let lowered = table.lowered
    while i < text.count {
      let byte = text[i]
      if byte < 0x80 {
        switch table.action(UInt32(byte)) {
        case .keep:
          if !run.isEmpty { run.removeAll(keepingCapacity: true) }
          word.append(lowered[Int(byte)])
          if wantsPlaces { origins.append(character) }
          length += 1
        case .space: endWord()
        case .alone:
          endWord()
          word.append(byte)
          if wantsPlaces { origins.append(character) }
          length += 1
          endWord()
        case .replace: replace(UInt32(byte))
        case .drop, .unknown: break
        }
        i += 1
        character += 1
        continue
      }
      let size = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
      var code = UInt32(byte) & (0x7F >> UInt32(size))
      for k in 1..<size where i + k < text.count { code = code << 6 | UInt32(text[i + k] & 0x3F) }
      switch table.action(code) {
      case .keep:
        if !run.isEmpty { run.removeAll(keepingCapacity: true) }
        append(UnsafeBufferPointer(rebasing: text[i..<min(i + size, text.count)]))
      case .space: endWord()
      case .alone:
        endWord()
        append(UnsafeBufferPointer(rebasing: text[i..<min(i + size, text.count)]))
        endWord()
      case .replace: replace(code)
      case .drop, .unknown: break
      }
      i += size
      character += 1
    }
    endWord()
  }

  private func append(_ bytes: some Collection<UInt8>) {
    word.append(contentsOf: bytes)
    if wantsPlaces { for _ in 0..<bytes.count { origins.append(character) } }
    length += 1
  }

  private func replace(_ code: UInt32) {
    let replacement = table.replacement(code)
    if replacement.isAlone { endWord() }
    for (i, piece) in replacement.pieces.enumerated() {
      if piece.combiningClass != 0 {
        combine(piece, isInserted: i > 0)
        continue
      }
      // Nothing changes places with what has no class.
      run.removeAll(keepingCapacity: true)
      if piece.isRemoved { continue }
      switch piece.kind {
      case .space: endWord()
      case .punctuation:
        endWord()
        append(piece.scalar.utf8)
        endWord()
      case .letter: append(piece.scalar.utf8)
      }
    }
    if replacement.isAlone { endWord() }
  }

  /// Adds a combining character at its place among those before it: by class, of equal ones the earlier first. Where tokens lie follows
  /// the places, not the characters, as in tokenizers.
  private func combine(_ piece: CharacterRules.Piece, isInserted: Bool) {
    if run.isEmpty {
      runStart = word.count
      slots.removeAll(keepingCapacity: true)
    }
    if !isInserted { slots.append(character) }
    var i = run.count
    while i > 0, run[i - 1].piece.combiningClass > piece.combiningClass { i -= 1 }
    run.insert((piece, isInserted), at: i)
    if !piece.isRemoved { length += 1 }
    if run.allSatisfy({ $0.piece.isRemoved }) { return }
    word.removeLast(word.count - runStart)
    if wantsPlaces { origins.removeLast(origins.count - runStart) }
    var slot = 0
    var origin = wantsPlaces ? origins.last ?? character : character
    for (piece, isInserted) in run {
      if !isInserted, slot < slots.count {
        origin = slots[slot]
        slot += 1
      }
      if piece.isRemoved { continue }
      let bytes = piece.scalar.utf8
      word.append(contentsOf: bytes)
      if wantsPlaces { for _ in 0..<bytes.count { origins.append(origin) } }
    }
  }

  private func endWord() {
    if word.isEmpty { return }
    let first = tokens.ids.count
    var isKnown = false
    if length <= greatestLength {
      isKnown = word.withUnsafeBufferPointer { word in
        trie.split(word) { id, start, end in
          tokens.ids.append(id)
          if wantsPlaces {
            tokens.starts.append(origins[start])
            tokens.ends.append(origins[end - 1] + 1)
            tokens.words.append(wordCount)
          }
        }
      }
    }
    if !isKnown {
      tokens.ids.removeLast(tokens.ids.count - first)
      tokens.ids.append(unknown)
      if wantsPlaces {
        tokens.starts.removeLast(tokens.starts.count - first)
        tokens.ends.removeLast(tokens.ends.count - first)
        tokens.words.removeLast(tokens.words.count - first)
        tokens.starts.append(origins[0])
        tokens.ends.append(origins[origins.count - 1] + 1)
        tokens.words.append(wordCount)
      }
    }
    wordCount += 1
    word.removeAll(keepingCapacity: true)
    origins.removeAll(keepingCapacity: true)
    if !run.isEmpty { run.removeAll(keepingCapacity: true) }
    length = 0
  }
}

extension Unicode.Scalar {
  fileprivate var utf8: UTF8.EncodedScalar { UTF8.encode(self) ?? UTF8.encodedReplacementCharacter }
}
