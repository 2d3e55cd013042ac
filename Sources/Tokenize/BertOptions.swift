import JSON

/// How a tokenizer behaves: what `tokenizer_config.json` and `tokenizer.json` say and what a user asks for. Nil where nothing is said.
public struct BertOptions {
  /// Whether letters become small.
  public var doLowerCase: Bool?
  /// Whether accents go; where nothing is said as letters become small.
  public var stripAccents: Bool?
  /// Whether Chinese characters are words of their own.
  public var tokenizeChineseChars: Bool?
  /// The token for what is not in the vocabulary, and those that begin, end, fill and mask.
  public var unkToken: String?, clsToken: String?, sepToken: String?, padToken: String?, maskToken: String?
  /// The longest sequence that the model takes.
  public var modelMaxLength: Int?
  /// Whether to fill on the left.
  public var padsLeft: Bool?
  /// Whether to cut on the left.
  public var truncatesLeft: Bool?

  /// Nothing said.
  public init() {}

  /// What stands in `other`, and for the rest what stands here.
  func overridden(by other: BertOptions) -> BertOptions {
    var result = self
    result.doLowerCase = other.doLowerCase ?? doLowerCase
    result.stripAccents = other.stripAccents ?? stripAccents
    result.tokenizeChineseChars = other.tokenizeChineseChars ?? tokenizeChineseChars
    result.unkToken = other.unkToken ?? unkToken
    result.clsToken = other.clsToken ?? clsToken
    result.sepToken = other.sepToken ?? sepToken
    result.padToken = other.padToken ?? padToken
    result.maskToken = other.maskToken ?? maskToken
    result.modelMaxLength = other.modelMaxLength ?? modelMaxLength
    result.padsLeft = other.padsLeft ?? padsLeft
    result.truncatesLeft = other.truncatesLeft ?? truncatesLeft
    return result
  }

  /// Understands a `tokenizer_config.json`.
  /// - Throws: where a field has another type than it must have, with its name.
  init(config: JSONValue, path: String) throws(TokenizeError) {
    guard config.rows != nil else { throw TokenizeError("\(path): a map was expected, not a \(config.kind)") }
    func wrong(_ name: String, _ value: JSONValue, _ wanted: String) -> TokenizeError {
      TokenizeError("\(path): \(name) is \(value.kind), not \(wanted)")
    }
    func truth(_ name: String) throws(TokenizeError) -> Bool? {
      guard let value = config[name] else { return nil }
      if case .null = value { return nil }
      guard let truth = value.booleanValue else { throw wrong(name, value, "true or false") }
      return truth
    }
    func token(_ name: String) throws(TokenizeError) -> String? {
      guard let value = config[name] else { return nil }
      if case .null = value { return nil }
      guard let text = value.stringValue ?? value["content"]?.stringValue else { throw wrong(name, value, "a token") }
      return text
    }
    func side(_ name: String) throws(TokenizeError) -> Bool? {
      guard let value = config[name] else { return nil }
      guard let text = value.stringValue, text == "left" || text == "right" else { throw wrong(name, value, "\"left\" or \"right\"") }
      return text == "left"
    }
    doLowerCase = try truth("do_lower_case")
    stripAccents = try truth("strip_accents")
    tokenizeChineseChars = try truth("tokenize_chinese_chars")
    unkToken = try token("unk_token")
    clsToken = try token("cls_token")
    sepToken = try token("sep_token")
    padToken = try token("pad_token")
    maskToken = try token("mask_token")
    padsLeft = try side("padding_side")
    truncatesLeft = try side("truncation_side")
    // Where nothing limits it, files say 1e30.
    switch config["model_max_length"] {
    case .integer(let length)?: modelMaxLength = length
    case .number?, .null?, nil: break
    case let value?: throw wrong("model_max_length", value, "a number")
    }
  }
}
