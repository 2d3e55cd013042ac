import JSON

/// What a folder says about a tokenizer: `tokenizer.json` or `vocab.txt`, and `tokenizer_config.json`.
struct BertFiles {
  var vocabulary: Vocabulary
  var options = BertOptions()
  var addedTokens: [AddedToken] = []
  var greatestLength = 100
  var prefix = "##"
  /// The file that the vocabulary came from.
  var source: String

  /// Reads a folder in Hugging Face's layout, or a vocabulary file itself.
  /// - Throws: where there is none, and for what is wrong in one, with file and line or field.
  init(path: String) throws(TokenizeError) {
    let folder = path.hasSuffix("/") ? path : path + "/"
    if let file = try TextFile(path: folder + "tokenizer.json") {
      source = file.path
      vocabulary = Vocabulary()
      try read(tokenizer: file.json(), path: file.path)
    } else if let file = try Self.vocabulary(folder, path) {
      source = file.path
      vocabulary = Vocabulary()
      if path.hasSuffix(".json") { try read(tokenizer: file.json(), path: file.path) } else { vocabulary = try Vocabulary(file: file) }
    } else {
      throw TokenizeError(
        kind: "OSError",
        "Can't load tokenizer for '\(path)'. Make sure '\(path)' is the correct path to a directory containing all relevant files for a BertTokenizer tokenizer: tokenizer.json or vocab.txt."
      )
    }
    if let file = try TextFile(path: folder + "tokenizer_config.json") {
      options = options.overridden(by: try BertOptions(config: file.json(), path: file.path))
    }
  }

  private static func vocabulary(_ folder: String, _ path: String) throws(TokenizeError) -> TextFile? {
    if let file = try TextFile(path: folder + "vocab.txt") { return file }
    return try TextFile(path: path)
  }

  private mutating func read(tokenizer: JSONValue, path: String) throws(TokenizeError) {
    guard let model = tokenizer["model"] else { throw TokenizeError("\(path): the field model is missing") }
    let type = model["type"]?.stringValue ?? "WordPiece"
    guard type == "WordPiece" else { throw TokenizeError("\(path): model.type is \"\(type)\"; BertTokenizer reads WordPiece vocabularies") }
    guard let rows = model["vocab"]?.rows else { throw TokenizeError("\(path): the field model.vocab is missing") }
    vocabulary = try Vocabulary(rows, path: path)
    if let text = model["unk_token"]?.stringValue { options.unkToken = text }
    if let text = model["continuing_subword_prefix"]?.stringValue { prefix = text }
    if let length = model["max_input_chars_per_word"]?.integerValue { greatestLength = length }
    if let normalizer = tokenizer["normalizer"], normalizer.rows != nil {
      let type = normalizer["type"]?.stringValue ?? "?"
      guard type == "BertNormalizer" else { throw TokenizeError("\(path): normalizer.type is \"\(type)\"; BertTokenizer knows BertNormalizer") }
      options.doLowerCase = normalizer["lowercase"]?.booleanValue
      options.stripAccents = normalizer["strip_accents"]?.booleanValue
      options.tokenizeChineseChars = normalizer["handle_chinese_chars"]?.booleanValue
    }
    for (i, value) in (tokenizer["added_tokens"]?.elements ?? []).enumerated() {
      guard let content = value["content"]?.stringValue, let id = value["id"]?.integerValue, id >= 0 else {
        throw TokenizeError("\(path): added_tokens[\(i)] has no content or no id")
      }
      func flag(_ name: String) -> Bool { value[name]?.booleanValue ?? false }
      addedTokens.append(
        AddedToken(content, id: id, isSpecial: flag("special"), isSingleWord: flag("single_word"), stripsLeft: flag("lstrip"), stripsRight: flag("rstrip")))
    }
  }
}
