import Interface
import LuaVM
import TensorCore
import Tokenize
import Torch

extension Binding {
  /// Tokenizers, on which `stdlib/transformers` is built.
  func registerTokenizers() throws {
    func tokenizer(_ frame: LuaFrame) throws -> BertTokenizer {
      guard let tokenizer = frame.object(0) as? BertTokenizer else { throw TorchError.type("a tokenizer was expected, got \(frame.typeName(0))") }
      return tokenizer
    }
    func named(_ list: [(String, (BertTokenizer, LuaFrame) throws -> Value)]) -> [(String, (LuaFrame) throws -> Int)] {
      list.map { name, body in
        (name, { frame in
          let tokenizer = try tokenizer(frame)
          do { return try frame.give(body(tokenizer, frame)) } catch let error as TokenizeError { throw TorchError(error) }
        })
      }
    }
    try register(BertTokenizer.self, name: "tokenizer") { meta in
      try methods(meta, named([
        ("encode", { tokenizer, frame in
          let request = TokenizerFields(try frame.value(3))
          return try request.fields(of: tokenizer.encode(TokenizerTexts.pairs(frame.value(1), frame.value(2)), request.request()))
        }),
        ("encode_ids", { tokenizer, frame in
          let request = TokenizerFields(try frame.value(3))
          let second: [Int]? = if case .none = try frame.value(2) { nil } else { try TokenizerTexts.ids(frame.value(2)) }
          return try request.fields(of: [tokenizer.encode(ids: TokenizerTexts.ids(frame.value(1)), second: second, request.request())])
        }),
        ("tokenize", { tokenizer, frame in .list(tokenizer.tokenize(frame.string(1) ?? "").map { .string($0) }) }),
        ("decode", { tokenizer, frame in
          .string(try tokenizer.decode(TokenizerTexts.ids(frame.value(1)), skipsSpecial: frame.boolean(2) ?? false, cleansUp: frame.boolean(3) ?? false))
        }),
        ("join", { tokenizer, frame in
          guard case .list(let items) = try frame.value(1) else { throw TorchError.type("a list of tokens was expected") }
          return .string(tokenizer.join(items.compactMap { if case .string(let token) = $0 { token } else { nil } }))
        }),
        ("id", { tokenizer, frame in frame.string(1).flatMap { tokenizer.vocabulary.id(of: $0) }.map { .integer($0) } ?? .none }),
        ("token", { tokenizer, frame in frame.integer(1).flatMap { tokenizer.vocabulary.token($0) }.map { .string($0) } ?? .none }),
        ("count", { tokenizer, _ in .integer(tokenizer.vocabulary.count) }),
        ("vocabulary", { tokenizer, _ in
          .dictionary(tokenizer.vocabulary.tokens.enumerated().compactMap { id, token in token.map { (.string($0), .integer(id)) } })
        }),
        ("is_special", { tokenizer, frame in .boolean(frame.integer(1).map(tokenizer.isSpecial) ?? false) }),
        ("special_tokens", { tokenizer, _ in .list(tokenizer.specialTokens.map { .list([.string($0.token), .integer($0.id)]) }) }),
        ("added_tokens", { tokenizer, _ in
          .list(tokenizer.addedTokens.sorted { $0.id < $1.id }.map { token in
            .list([
              .integer(token.id), .string(token.content), .boolean(token.stripsRight), .boolean(token.stripsLeft), .boolean(token.isSingleWord),
              .boolean(token.isSpecial),
            ])
          })
        }),
        ("options", { tokenizer, _ in
          let options = tokenizer.options
          func text(_ text: String?) -> Value { text.map { .string($0) } ?? .none }
          func truth(_ truth: Bool?) -> Value { truth.map { .boolean($0) } ?? .none }
          return .dictionary([
            (.string("do_lower_case"), truth(options.doLowerCase)), (.string("strip_accents"), truth(options.stripAccents)),
            (.string("tokenize_chinese_chars"), truth(options.tokenizeChineseChars)), (.string("unk_token"), text(options.unkToken)),
            (.string("cls_token"), text(options.clsToken)), (.string("sep_token"), text(options.sepToken)), (.string("pad_token"), text(options.padToken)),
            (.string("mask_token"), text(options.maskToken)), (.string("model_max_length"), options.modelMaxLength.map { .integer($0) } ?? .none),
            (.string("padding_side"), .string(options.padsLeft ?? false ? "left" : "right")),
            (.string("truncation_side"), .string(options.truncatesLeft ?? false ? "left" : "right")),
          ])
        }),
        ("set_sides", { tokenizer, frame in
          tokenizer.setSides(padsLeft: frame.boolean(1), truncatesLeft: frame.boolean(2))
          return .none
        }),
      ]))
    }
    try set("torch._tokenizers", "open", function: NativeFunction(self) { frame in
      guard let path = frame.string(0) else { throw TorchError.type("a path was expected, got \(frame.typeName(0))") }
      do { return try frame.give(object: BertTokenizer(path: path, asked: TokenizerFields(frame.value(1)).options())) } catch let error as TokenizeError {
        throw TorchError(error)
      }
    })
  }
}

extension TorchError {
  /// The same exception; kinds that this type does not know become a `RuntimeError`.
  fileprivate init(_ error: TokenizeError) { self.init(Kind(rawValue: error.kind) ?? .runtimeError, error.message) }
}

/// Texts and ids as users give them.
private enum TokenizerTexts {
  /// A list of texts, and none or a list of as many.
  static func pairs(_ first: Value, _ second: Value) throws -> [(first: String, second: String?)] {
    func texts(_ value: Value) throws -> [String] {
      guard case .list(let items) = value else { throw wrongType }
      return try items.map { item in
        guard case .string(let text) = item else { throw wrongType }
        return text
      }
    }
    let firsts = try texts(first)
    if case .none = second { return firsts.map { ($0, nil) } }
    let seconds = try texts(second)
    guard firsts.count == seconds.count else {
      throw TorchError.value("batch length of `text`: \(firsts.count) does not match batch length of `text_pair`: \(seconds.count).")
    }
    return zip(firsts, seconds).map { ($0, $1) }
  }

  private static let wrongType = TorchError.type("TextEncodeInput must be Union[TextInputSequence, Tuple[InputSequence, InputSequence]]")

  /// A list of ids, a tensor of them, or one.
  static func ids(_ value: Value) throws -> [Int] {
    switch value {
    case .integer(let id): return [id]
    case .list(let items):
      return try items.map { item in
        guard case .integer(let id) = item else { throw TorchError.type("argument 'ids': '\(item.pythonTypeName)' object cannot be interpreted as an integer") }
        return id
      }
    case .object(let tensor as Tensor):
      guard tensor.dim <= 1, !tensor.dtype.isFloatingPoint, !tensor.dtype.isComplex else { throw TorchError.type("ids are integers in one dimension") }
      let flat = try tensor.to(.int64).contiguous()
      return withExtendedLifetime(flat) { (0..<flat.count).map { Int(flat.elements(Int64.self)[$0]) } }
    default: throw TorchError.type("argument 'ids': '\(value.pythonTypeName)' object cannot be cast as 'list'")
    }
  }
}

/// What `stdlib/transformers` asks for, by name.
private struct TokenizerFields {
  private var values: [String: Value] = [:]

  init(_ value: Value) {
    guard case .dictionary(let rows) = value else { return }
    for case (.string(let name), let value) in rows { values[name] = value }
  }

  private func truth(_ name: String) -> Bool? { if case .boolean(let truth)? = values[name] { truth } else { nil } }
  private func text(_ name: String) -> String? { if case .string(let text)? = values[name] { text } else { nil } }
  private func integer(_ name: String) -> Int? { if case .integer(let number)? = values[name] { number } else { nil } }

  func options() -> BertOptions {
    var options = BertOptions()
    options.doLowerCase = truth("do_lower_case")
    options.stripAccents = truth("strip_accents")
    options.tokenizeChineseChars = truth("tokenize_chinese_chars")
    options.unkToken = text("unk_token")
    options.clsToken = text("cls_token")
    options.sepToken = text("sep_token")
    options.padToken = text("pad_token")
    options.maskToken = text("mask_token")
    options.modelMaxLength = integer("model_max_length")
    options.padsLeft = text("padding_side").map { $0 == "left" }
    options.truncatesLeft = text("truncation_side").map { $0 == "left" }
    return options
  }

  func request() throws -> EncodingRequest {
    var request = EncodingRequest()
    request.addsSpecialTokens = truth("add_special_tokens") ?? true
    if let name = text("truncation") {
      guard let truncation = EncodingRequest.Truncation(rawValue: name) else {
        throw TorchError.value("\(name) is not a valid TruncationStrategy, please select one of ['only_first', 'only_second', 'longest_first', 'do_not_truncate']")
      }
      request.truncation = truncation
    }
    if let name = text("padding") {
      guard let padding = EncodingRequest.Padding(rawValue: name) else {
        throw TorchError.value("\(name) is not a valid PaddingStrategy, please select one of ['longest', 'max_length', 'do_not_pad']")
      }
      request.padding = padding
    }
    request.maxLength = integer("max_length")
    request.multiple = integer("pad_to_multiple_of")
    request.padsLeft = text("padding_side").map { $0 == "left" }
    request.wantsPlaces = truth("places") ?? false
    return request
  }

  /// The fields of encodings: tensors where those are wanted, else lists of lists.
  func fields(of encodings: [Encoding]) throws -> Value {
    let asTensors = truth("tensors") ?? false
    var rows: [(Value, Value)] = []
    func add(_ name: String, _ list: (Encoding) -> [Int32]) throws {
      if asTensors {
        rows.append((.string(name), .object(try tensor(encodings.map(list), name))))
      } else {
        rows.append((.string(name), .list(encodings.map { .list(list($0).map { .integer(Int($0)) }) })))
      }
    }
    try add("input_ids", \.ids)
    if truth("types") ?? true { try add("token_type_ids", \.types) }
    if truth("attention") ?? true { try add("attention_mask", \.attention) }
    if truth("special") ?? false { try add("special_tokens_mask", \.special) }
    if truth("places") ?? false {
      if truth("offsets") ?? false {
        if asTensors {
          let pairs = try tensor(encodings.map { zip($0.starts, $0.ends).flatMap { [$0, $1] } }, "offset_mapping")
          rows.append((.string("offset_mapping"), .object(try pairs.view([encodings.count, -1, 2]))))
        } else {
          rows.append((.string("offset_mapping"), .list(encodings.map { .list(zip($0.starts, $0.ends).map { .list([.integer(Int($0)), .integer(Int($1))]) }) })))
        }
      }
      rows.append((.string("_words"), .list(encodings.map { .list($0.words.map { .integer(Int($0)) }) })))
    }
    return .dictionary(rows)
  }

  private func tensor(_ lists: [[Int32]], _ name: String) throws -> Tensor {
    let width = lists.first?.count ?? 0
    guard lists.allSatisfy({ $0.count == width }) else {
      throw TorchError.value(
        "Unable to create tensor, you should probably activate truncation and/or padding with 'padding=True' 'truncation=True' to have batched tensors with the same length. Perhaps your features (`\(name)` in this case) have excessive nesting (inputs type `list` where type `int` is expected)."
      )
    }
    let result = try Tensor(uninitialized: [lists.count, width], dtype: .int64)
    withExtendedLifetime(result) {
      let elements = result.elements(Int64.self)
      for (i, list) in lists.enumerated() { for (j, value) in list.enumerated() { elements[i * width + j] = Int64(value) } }
    }
    return result
  }
}
