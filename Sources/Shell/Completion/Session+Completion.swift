import Notebook

extension Session {
  /// What may stand at the end of `text`, a cell up to the cursor. Runs no code of the user's.
  public func completions(of text: String) -> Completions {
    let bytes = Array(text.utf8)
    let lineStart = (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
    let line = String(decoding: bytes[lineStart...], as: UTF8.self)
    if let found = magicCompletions(line, offset: lineStart) { return found }
    return luaCompletions(bytes)
  }

  // MARK: Magics

  private func magicCompletions(_ line: String, offset: Int) -> Completions? {
    var body = line[...]
    body = body.drop(while: \.isWhitespace)
    while body.hasPrefix("--") { body = body.dropFirst(2).drop { $0 == " " } }
    if body.hasPrefix("!") { return fileCompletions(lastWord(of: body.dropFirst()), end: offset + line.utf8.count) }
    let level = body.prefix { $0 == "%" }.count
    guard (1...2).contains(level) else { return nil }
    let rest = body.dropFirst(level)
    let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    let end = offset + line.utf8.count
    if name.endIndex == rest.endIndex {
      let names =
        level == 1
        ? catalog.names(cell: false).map { "%" + $0 } + catalog.names(cell: true).map { "%%" + $0 }
        : catalog.names(cell: true).map { "%%" + $0 }
      let typed = String(repeating: "%", count: level) + name
      return Completions(start: end - typed.utf8.count, candidates: names.filter { $0.hasPrefix(typed) }, endsWord: true)
    }
    guard let magic = catalog.magic(String(name), cell: level == 2) else { return nil }
    let word = lastWord(of: rest[name.endIndex...])
    if word.hasPrefix("-") {
      let options = magic.options.map(\.spelling).filter { $0.hasPrefix(word) }.sorted()
      return Completions(start: end - word.utf8.count, candidates: options, endsWord: true)
    }
    if let values = optionValues(magic, rest[name.endIndex...]) {
      return Completions(start: end - word.utf8.count, candidates: values.filter { $0.hasPrefix(word) }, endsWord: true)
    }
    return operandCompletions(magic, word, end)
  }

  private func operandCompletions(_ magic: Magic, _ word: Substring, _ end: Int) -> Completions? {
    func among(_ names: [String]) -> Completions {
      Completions(start: end - word.utf8.count, candidates: names.filter { $0.hasPrefix(word) }.sorted(), endsWord: true)
    }
    switch magic.completion {
    case .lua: return nil
    case .nothing: return among([])
    case .files: return fileCompletions(word, end: end)
    case .folders: return fileCompletions(word, end: end, foldersOnly: true)
    case .variables: return among(variableNames)
    case .magics: return among(catalog.names(cell: false))
    case .environment: return among(Environment.all.map(\.name))
    }
  }

  /// The values of the option that the word before the last one is.
  private func optionValues(_ magic: Magic, _ text: Substring) -> [String]? {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count >= 2, let option = magic.options.first(where: { $0.spelling == words[words.count - 2] }),
      !option.choices.isEmpty
    else {
      return nil
    }
    return option.choices
  }

  private func lastWord(of text: Substring) -> Substring {
    text.lastIndex(where: \.isWhitespace).map { text[text.index(after: $0)...] } ?? text
  }

  // MARK: Files

  private func fileCompletions(_ path: Substring, end: Int, foldersOnly: Bool = false) -> Completions {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { String(path[...$0]) } ?? ""
    let stem = slash.map { path[path.index(after: $0)...] } ?? path
    let names = FilePath.names(in: FilePath.expanded(folder)).filter { name in
      name.hasPrefix(stem) && (!name.hasPrefix(".") || stem.hasPrefix(".")) && (!foldersOnly || name.hasSuffix("/"))
    }
    return Completions(start: end - stem.utf8.count, candidates: names)
  }

  // MARK: Lua

  private func luaCompletions(_ bytes: [UInt8]) -> Completions {
    var lexer = Lexer(bytes)
    var tokens: [Token] = []
    reading: while true {
      switch lexer.next() {
      case .token(let token): tokens.append(token)
      case .comment(let comment):
        // Nothing is completed in prose.
        if comment.range.upperBound == bytes.count, !comment.isLong || !comment.isFinished {
          return Completions(start: bytes.count, candidates: [])
        }
      case .end: break reading
      }
    }
    if let last = tokens.last, case .string(false) = last.kind { return stringCompletions(bytes, tokens, last) }
    var stem = ""
    if let last = tokens.last, last.kind == .name || last.kind == .keyword, last.range.upperBound == bytes.count {
      stem = last.text
      tokens.removeLast()
    }
    let start = bytes.count - stem.utf8.count
    if let sign = tokens.last, sign.spells(".") || sign.spells(":") {
      let before = String(decoding: bytes[..<sign.range.lowerBound], as: UTF8.self)
      guard let path = ValuePath(endingIn: before) else { return Completions(start: start, candidates: []) }
      let found = members(of: path, beginning: stem).filter {
        isName($0.name) && (sign.text == "." || $0.isFunction || $0.isUnknown)
      }
      // A name that begins with an underscore shows when it is asked for.
      let shown = found.filter { stem.hasPrefix("_") || !$0.name.hasPrefix("_") }
      return Completions(start: start, candidates: (shown.isEmpty ? found : shown).map(\.name))
    }
    var names = Set(machinery.names(beginning: stem).filter(isName))
    names.formUnion(luaKeywords.filter { $0.hasPrefix(stem) })
    names.formUnion(tokens.filter { $0.kind == .name && $0.text.hasPrefix(stem) }.map(\.text))
    var candidates = names.filter { stem.hasPrefix("_") || !$0.hasPrefix("_") }.sorted()
    candidates = keywordCompletions(bytes, tokens).filter { $0.hasPrefix(stem) } + candidates
    return Completions(start: start, candidates: candidates)
  }

  private func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, first == UInt8(ascii: "_") || (first | 0x20 >= 0x61 && first | 0x20 <= 0x7A) else {
      return false
    }
    return text.utf8.allSatisfy {
      $0 == UInt8(ascii: "_") || ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A)
    }
  }

  /// In a string that has not ended: keys of a table after `t["`, file names elsewhere.
  private func stringCompletions(_ bytes: [UInt8], _ tokens: [Token], _ string: Token) -> Completions {
    let opening = bytes[string.range.lowerBound] == UInt8(ascii: "[") ? 2 : 1
    let stem = String(decoding: bytes[min(string.range.lowerBound + opening, bytes.count)...], as: UTF8.self)
    if tokens.count >= 2, tokens[tokens.count - 2].spells("["), opening == 1 {
      let before = String(decoding: bytes[..<tokens[tokens.count - 2].range.lowerBound], as: UTF8.self)
      if let path = ValuePath(endingIn: before) {
        let keys = members(of: path, beginning: stem).map(\.name)
        return Completions(start: bytes.count - stem.utf8.count, candidates: keys)
      }
    }
    return fileCompletions(stem[...], end: bytes.count)
  }

  /// The keywords of the function in whose table of arguments the text ends, each with ` = `.
  private func keywordCompletions(_ bytes: [UInt8], _ tokens: [Token]) -> [String] {
    guard let sign = tokens.last, sign.spells("{") || sign.spells(",") else { return [] }
    var depth = 0
    guard
      let open = tokens.lastIndex(where: { token in
        if ["}", ")", "]"].contains(token.text), token.kind == .symbol { depth += 1 }
        if ["{", "(", "["].contains(token.text), token.kind == .symbol { depth -= 1 }
        return depth < 0
      }), tokens[open].spells("{"), open > 0
    else { return [] }
    // `f{`, or the last argument of `f(a, {`.
    var callee = tokens[open - 1]
    var index = open
    if callee.spells("(") || callee.spells(",") {
      depth = 0
      guard
        let paren = tokens[..<open].lastIndex(where: { token in
          if ["}", ")", "]"].contains(token.text), token.kind == .symbol { depth += 1 }
          if ["{", "(", "["].contains(token.text), token.kind == .symbol { depth -= 1 }
          return depth < 0
        }), tokens[paren].spells("("), paren > 0
      else { return [] }
      callee = tokens[paren - 1]
      index = paren
    }
    guard callee.kind == .name else { return [] }
    let text = String(decoding: bytes[..<tokens[index].range.lowerBound], as: UTF8.self).replacing(":", with: ".")
    guard let path = ValuePath(endingIn: text), let values = try? machinery.call("inspect", path.arguments), values.count > 2,
      let signature = values[2].text
    else { return [] }
    return Self.parameters(of: signature).map { $0 + " = " }
  }

  /// The names of the parameters in a signature: `conv(Tensor self, int stride=1) -> Tensor`, `conv(x, stride=1)`.
  static func parameters(of signature: String) -> [String] {
    guard let open = signature.firstIndex(of: "(") else { return [] }
    var parts: [String] = [""]
    var depth = 0
    for character in signature[signature.index(after: open)...] {
      if character == ")", depth == 0 { break }
      if "([{".contains(character) { depth += 1 }
      if ")]}".contains(character) { depth -= 1 }
      if character == ",", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    return parts.compactMap { part in
      let declaration = part.split(separator: "=", maxSplits: 1)[safe: 0] ?? ""
      let name = declaration.split(separator: ":", maxSplits: 1)[safe: 0]?.split(separator: " ").last ?? ""
      return name.isEmpty || name == "self" || name == "*" || name == "..." ? nil : String(name)
    }
  }
}

extension Array {
  /// The element at `index`, nil beyond the ends.
  fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
