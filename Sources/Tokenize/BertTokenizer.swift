/// BERT's tokenizer: words, and those in pieces of a vocabulary. Mirrors `transformers.BertTokenizer`, with whose ids its ids agree.
public final class BertTokenizer {
  /// The tokens and their ids.
  public private(set) var vocabulary: Vocabulary
  /// How it behaves, nothing left open but the longest sequence.
  public private(set) var options: BertOptions
  /// The tokens found in texts as they stand, special ones and others.
  public let addedTokens: [AddedToken]
  /// The ids of the special tokens.
  public let unknown: Int, begin: Int, end: Int, filler: Int, mask: Int?

  let prefix: String
  private let greatestLength: Int
  private let trie: WordPieceTrie
  private let table: CharacterTable
  private let finder: AddedTokenFinder
  private let specialIDs: Set<Int>

  /// Reads a folder in Hugging Face's layout (`tokenizer.json` or `vocab.txt`, `tokenizer_config.json`), or a vocabulary file.
  /// - Parameter asked: what counts more than what the files say.
  /// - Throws: what is wrong with a file, with its line or field.
  public init(path: String, asked: BertOptions = BertOptions()) throws(TokenizeError) {
    let files = try BertFiles(path: path)
    var options = files.options.overridden(by: asked)
    options.doLowerCase = options.doLowerCase ?? true
    options.stripAccents = options.stripAccents ?? options.doLowerCase
    options.tokenizeChineseChars = options.tokenizeChineseChars ?? true
    options.padsLeft = options.padsLeft ?? false
    options.truncatesLeft = options.truncatesLeft ?? false
    let names = [options.unkToken ?? "[UNK]", options.sepToken ?? "[SEP]", options.padToken ?? "[PAD]", options.clsToken ?? "[CLS]", options.maskToken ?? "[MASK]"]
    (options.unkToken, options.sepToken, options.padToken, options.clsToken, options.maskToken) = (names[0], names[1], names[2], names[3], names[4])
    var vocabulary = files.vocabulary
    for token in files.addedTokens where vocabulary.id(of: token.content) != token.id {
      if let other = vocabulary.token(token.id) {
        throw TokenizeError("\(files.source): added_tokens: '\(token.content)' has the id \(token.id) of '\(other)'")
      }
      guard token.id < vocabulary.count + files.addedTokens.count else {
        throw TokenizeError("\(files.source): added_tokens: the id \(token.id) of '\(token.content)' is out of range")
      }
      vocabulary.add(token.content, token.id)
    }
    func id(_ name: String, _ role: String) throws(TokenizeError) -> Int {
      guard let id = vocabulary.id(of: name) else { throw TokenizeError("\(files.source): the vocabulary lacks '\(name)', the \(role)") }
      return id
    }
    unknown = try id(names[0], "unk_token")
    end = try id(names[1], "sep_token")
    filler = try id(names[2], "pad_token")
    begin = try id(names[3], "cls_token")
    mask = vocabulary.id(of: names[4])
    var added = files.addedTokens
    for name in names where !added.contains(where: { $0.content == name }) {
      if let id = vocabulary.id(of: name) { added.append(AddedToken(name, id: id)) }
    }
    addedTokens = added
    finder = AddedTokenFinder(added)
    specialIDs = Set(added.filter(\.isSpecial).map(\.id))
    var trie = WordPieceTrie()
    let mark = Array(files.prefix.utf8)
    for (id, token) in vocabulary.tokens.enumerated() {
      guard let token else { continue }
      trie.insert(token.utf8, id: Int32(id), from: WordPieceTrie.start)
      if token.utf8.starts(with: mark) { trie.insert(token.utf8.dropFirst(mark.count), id: Int32(id), from: WordPieceTrie.continuation) }
    }
    self.trie = trie
    self.vocabulary = vocabulary
    self.options = options
    prefix = files.prefix
    greatestLength = files.greatestLength
    table = try CharacterTable(
      CharacterRules(
        separatesChinese: options.tokenizeChineseChars ?? true, stripsAccents: options.stripAccents ?? true, lowercases: options.doLowerCase ?? true))
  }

  /// Whether an id is a special token's.
  public func isSpecial(_ id: Int) -> Bool { specialIDs.contains(id) }

  /// The special tokens in the order of `transformers`: unknown, separator, filler, beginning, mask.
  public var specialTokens: [(token: String, id: Int)] {
    let names = [options.unkToken, options.sepToken, options.padToken, options.clsToken, options.maskToken].compactMap { $0 }
    var result: [(token: String, id: Int)] = []
    for name in names where !result.contains(where: { $0.token == name }) { if let id = vocabulary.id(of: name) { result.append((name, id)) } }
    return result
  }

  /// How many tokens frame a text or a pair.
  public func frameCount(isPair: Bool) -> Int { isPair ? 3 : 2 }

  /// Sets the sides on which sequences are filled and cut.
  public func setSides(padsLeft: Bool? = nil, truncatesLeft: Bool? = nil) {
    if let padsLeft { options.padsLeft = padsLeft }
    if let truncatesLeft { options.truncatesLeft = truncatesLeft }
  }

  /// A reader of texts.
  func splitter(wantsPlaces: Bool) -> WordSplitter {
    WordSplitter(table: table, trie: trie, unknown: Int32(unknown), greatestLength: greatestLength, wantsPlaces: wantsPlaces)
  }

  /// The tokens of a text.
  func tokens(_ text: String, _ splitter: WordSplitter) -> TokenSequence {
    var text = text
    splitter.reset()
    text.withUTF8 { bytes in
      var position = 0
      while let (token, range) = finder.next(in: bytes, from: position) {
        splitter.add(UnsafeBufferPointer(rebasing: bytes[position..<range.lowerBound]))
        // Bytes that continue a character are none of their own.
        let count = bytes[range].reduce(Int32(0)) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
        splitter.add(token, count: count)
        position = range.upperBound
      }
      splitter.add(UnsafeBufferPointer(rebasing: bytes[position...]))
    }
    return splitter.tokens
  }

  /// The tokens of a text as texts. Mirrors `tokenize`.
  public func tokenize(_ text: String) -> [String] {
    tokens(text, splitter(wantsPlaces: false)).ids.map { vocabulary.token(Int($0)) ?? "" }
  }
}
