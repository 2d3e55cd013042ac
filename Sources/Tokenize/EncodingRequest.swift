/// What to make of texts: how they are framed, cut and filled. Mirrors the parameters of `tokenizer(…)`.
public struct EncodingRequest {
  /// Which of two texts is cut.
  public enum Truncation: String, CaseIterable, Sendable {
    case longestFirst = "longest_first"
    case onlyFirst = "only_first"
    case onlySecond = "only_second"
    case none = "do_not_truncate"
  }

  /// How far sequences are filled.
  public enum Padding: String, CaseIterable, Sendable {
    case longest
    case maxLength = "max_length"
    case none = "do_not_pad"
  }

  /// Whether `[CLS]` and `[SEP]` frame the texts.
  public var addsSpecialTokens = true
  /// Which text is cut.
  public var truncation = Truncation.none
  /// How far sequences are filled.
  public var padding = Padding.none
  /// The longest a sequence may be, its frame included.
  public var maxLength: Int?
  /// Sequences are filled to a multiple of it.
  public var multiple: Int?
  /// Whether to fill on the left; as the tokenizer says where nothing is said.
  public var padsLeft: Bool?
  /// Whether to say where tokens lie in the text.
  public var wantsPlaces = false

  /// The defaults of `transformers`.
  public init() {}
}

/// One sequence: the tokens of a text or a pair, framed, cut and filled.
public struct Encoding {
  /// Places in the vocabulary.
  public var ids: [Int32] = []
  /// 0 for the first text and its frame, 1 for the second's.
  public var types: [Int32] = []
  /// 1 for tokens, 0 for filler.
  public var attention: [Int32] = []
  /// 1 for the frame and filler.
  public var special: [Int32] = []
  /// Where tokens begin and end in their text, in characters; 0 for the frame and filler. Empty where nobody asked.
  public var starts: [Int32] = [], ends: [Int32] = []
  /// The number of each token's word, -1 for the frame and filler. Empty where nobody asked.
  public var words: [Int32] = []

  fileprivate mutating func add(special id: Int, type: Int32, hasPlaces: Bool) {
    ids.append(Int32(id))
    types.append(type)
    special.append(1)
    if hasPlaces {
      starts.append(0)
      ends.append(0)
      words.append(-1)
    }
  }

  fileprivate mutating func add(_ tokens: TokenSequence, type: Int32) {
    ids += tokens.ids
    types += repeatElement(type, count: tokens.ids.count)
    special += repeatElement(0, count: tokens.ids.count)
    starts += tokens.starts
    ends += tokens.ends
    words += tokens.words
  }

  fileprivate mutating func pad(to length: Int, with id: Int, onLeft: Bool) {
    let missing = length - ids.count
    guard missing > 0 else { return }
    func fill(_ list: inout [Int32], _ value: Int32) { list.insert(contentsOf: repeatElement(value, count: missing), at: onLeft ? 0 : list.count) }
    if !starts.isEmpty || !words.isEmpty {
      fill(&starts, 0)
      fill(&ends, 0)
      fill(&words, -1)
    }
    fill(&ids, Int32(id))
    fill(&types, 0)
    fill(&attention, 0)
    fill(&special, 1)
  }
}

extension BertTokenizer {
  /// The sequences of texts, each with a second text where there are two.
  /// - Throws: the sentences of tokenizers where a text cannot be cut so.
  public func encode(_ texts: [(first: String, second: String?)], _ request: EncodingRequest) throws(TokenizeError) -> [Encoding] {
    let splitter = splitter(wantsPlaces: request.wantsPlaces)
    var result: [Encoding] = []
    result.reserveCapacity(texts.count)
    for (first, second) in texts {
      var one = tokens(first, splitter)
      var two = second.map { tokens($0, splitter) }
      try truncate(&one, &two, request)
      result.append(frame(one, two, request))
    }
    pad(&result, request)
    return result
  }

  /// The sequence of one text or pair that is tokens already.
  /// - Throws: as `encode`.
  public func encode(ids first: [Int], second: [Int]?, _ request: EncodingRequest) throws(TokenizeError) -> Encoding {
    var one = TokenSequence(ids: first.map { Int32(truncatingIfNeeded: $0) })
    var two = second.map { TokenSequence(ids: $0.map { Int32(truncatingIfNeeded: $0) }) }
    var request = request
    request.wantsPlaces = false
    try truncate(&one, &two, request)
    var result = [frame(one, two, request)]
    pad(&result, request)
    return result[0]
  }

  private func truncate(_ one: inout TokenSequence, _ two: inout TokenSequence?, _ request: EncodingRequest) throws(TokenizeError) {
    guard request.truncation != .none, let limit = request.maxLength ?? options.modelMaxLength else { return }
    let framing = request.addsSpecialTokens ? frameCount(isPair: two != nil) : 0
    let room = limit - framing
    let (n1, n2) = (one.ids.count, two?.ids.count ?? 0)
    // As tokenizers: a limit that the frame alone exceeds is none.
    guard room >= 0, limit > 0, n1 + n2 > room else { return }
    let fromLeft = options.truncatesLeft ?? false
    if room == 0 {
      one.truncate(to: 0, fromLeft: fromLeft)
      two?.truncate(to: 0, fromLeft: fromLeft)
      return
    }
    switch request.truncation {
    case .none: return
    case .longestFirst where two == nil: one.truncate(to: room, fromLeft: fromLeft)
    case .longestFirst:
      var (short, long) = (min(n1, n2), max(n1, n2))
      long = short > room ? short : max(short, room - short)
      if short + long > room {
        short = room / 2
        long = short + room % 2
      }
      one.truncate(to: n1 > n2 ? long : short, fromLeft: fromLeft)
      two?.truncate(to: n1 > n2 ? short : long, fromLeft: fromLeft)
    case .onlyFirst, .onlySecond:
      if request.truncation == .onlySecond, two == nil { throw TokenizeError(kind: "Exception", "Truncation error: Second sequence not provided") }
      let target = request.truncation == .onlyFirst ? n1 : n2
      let kept = target - (n1 + n2 - room)
      guard kept > 0 else {
        throw TokenizeError(kind: "Exception", "Truncation error: Sequence to truncate too short to respect the provided max_length")
      }
      if request.truncation == .onlyFirst { one.truncate(to: kept, fromLeft: fromLeft) } else { two?.truncate(to: kept, fromLeft: fromLeft) }
    }
  }

  private func frame(_ one: TokenSequence, _ two: TokenSequence?, _ request: EncodingRequest) -> Encoding {
    var result = Encoding()
    let hasFrame = request.addsSpecialTokens
    if hasFrame { result.add(special: begin, type: 0, hasPlaces: request.wantsPlaces) }
    result.add(one, type: 0)
    if hasFrame { result.add(special: end, type: 0, hasPlaces: request.wantsPlaces) }
    if let two {
      result.add(two, type: 1)
      if hasFrame { result.add(special: end, type: 1, hasPlaces: request.wantsPlaces) }
    }
    result.attention = Array(repeating: 1, count: result.ids.count)
    return result
  }

  private func pad(_ encodings: inout [Encoding], _ request: EncodingRequest) {
    var length = 0
    switch request.padding {
    case .none: return
    case .longest: length = encodings.reduce(0) { max($0, $1.ids.count) }
    case .maxLength: length = request.maxLength ?? options.modelMaxLength ?? encodings.reduce(0) { max($0, $1.ids.count) }
    }
    if let multiple = request.multiple, multiple > 0 { length = (length + multiple - 1) / multiple * multiple }
    for i in encodings.indices { encodings[i].pad(to: length, with: filler, onLeft: request.padsLeft ?? options.padsLeft ?? false) }
  }
}
