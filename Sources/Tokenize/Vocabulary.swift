import JSON

/// The tokens of a model and their ids.
public struct Vocabulary {
  /// The tokens by id; nil where an id has none.
  public private(set) var tokens: [String?] = []
  private var ids: [String: Int] = [:]

  /// An empty vocabulary.
  public init() {}

  /// A vocabulary of tokens in the order of their ids.
  public init(_ tokens: [String]) { for (id, token) in tokens.enumerated() { add(token, id) } }

  /// The number of ids.
  public var count: Int { tokens.count }

  /// The id of a token; nil where it is not there.
  public func id(of token: String) -> Int? { ids[token] }

  /// The token of an id; nil where it is not there.
  public func token(_ id: Int) -> String? { tokens.indices.contains(id) ? tokens[id] : nil }

  /// Adds a token. Where one stands twice the last id counts.
  mutating func add(_ token: String, _ id: Int) {
    while tokens.count <= id { tokens.append(nil) }
    tokens[id] = token
    ids[token] = id
  }

  /// Reads a `vocab.txt`: one token a line, its id the number of the line from 0.
  /// - Throws: where the file cannot be read, is empty or no UTF-8, with the line.
  public init(file: TextFile) throws(TokenizeError) {
    var line = 0
    var position = 0
    let bytes = file.bytes
    while position < bytes.count {
      let end = bytes[position...].firstIndex(of: 0x0A) ?? bytes.count
      var last = end
      if last > position, bytes[last - 1] == 0x0D { last -= 1 }
      guard let token = String(validating: bytes[position..<last], as: UTF8.self) else {
        throw TokenizeError("\(file.path):\(line + 1): the line is not valid UTF-8")
      }
      add(token, line)
      line += 1
      position = end + 1
    }
    guard line > 0 else { throw TokenizeError("\(file.path): the vocabulary is empty") }
  }

  /// Understands the `model.vocab` of a `tokenizer.json`.
  /// - Throws: where an id is missing, stands twice or is out of range, with the token.
  init(_ rows: [(key: String, value: JSONValue)], path: String) throws(TokenizeError) {
    tokens = Array(repeating: nil, count: rows.count)
    ids.reserveCapacity(rows.count)
    for (token, value) in rows {
      guard let id = value.integerValue, id >= 0, id < max(rows.count * 2, 1 << 16) else {
        throw TokenizeError("\(path): model.vocab: the id of '\(token)' is \(value.kind), not one of 0…\(rows.count - 1)")
      }
      if id < tokens.count, let other = tokens[id], other != token {
        throw TokenizeError("\(path): model.vocab: '\(other)' and '\(token)' have the same id \(id)")
      }
      add(token, id)
    }
    guard !rows.isEmpty else { throw TokenizeError("\(path): model.vocab is empty") }
  }
}
