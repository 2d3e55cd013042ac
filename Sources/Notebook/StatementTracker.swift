/// Follows the blocks and brackets of Lua, token by token, just closely enough to know between
/// which tokens one statement ends and the next begins. It accepts every text.
struct StatementTracker {
  /// What may come next in the innermost block or bracket.
  enum Status: Equatable {
    /// No statement has begun.
    case fresh
    /// An operand, a name or the rest of a header must follow.
    case open
    /// What stands there may end the statement, or be called, indexed or operated on.
    case prefix
    /// What stands there may end the statement or be operated on: a literal, a function, a table.
    case value
  }

  private enum Frame: Equatable {
    case block(Opener)
    case bracket
    /// `function name (` … `)`, before the body.
    case functionHeader(isStatement: Bool)
  }

  private enum Opener: Equatable {
    case chunk, loop, branch, until
    case function(isStatement: Bool)
  }

  private struct Level {
    var frame: Frame
    var status = Status.fresh
    /// The word the current statement begins with; empty for others.
    var leader = ""
    /// What the enclosing level becomes when this bracket closes.
    var result = Status.prefix
  }

  private var levels = [Level(frame: .block(.chunk))]
  private var top: Level {
    get { levels[levels.count - 1] }
    set { levels[levels.count - 1] = newValue }
  }

  /// How many blocks and brackets are open.
  var depth: Int { levels.count - 1 }

  /// What may come next in the innermost block or bracket.
  var status: Status { top.status }

  /// Whether a statement may certainly start here, whatever follows.
  var isFresh: Bool { isInBlock && top.status == .fresh && top.leader != "return" }

  /// Whether the text so far may be followed by a new statement, or by nothing.
  var mayEndStatement: Bool {
    isInBlock && top.leader != "return" && (top.status == .fresh || top.status == .prefix || top.status == .value)
  }

  /// Whether a `local` statement is at hand whose `=` has not come yet.
  var isDeclaring: Bool { top.leader == "local" || top.leader == "local<" }

  private var isInBlock: Bool {
    if case .block = top.frame { return true }
    return false
  }

  /// Whether `token` begins a new statement (or ends the block) rather than going on with the present one.
  func isBoundary(before token: Token) -> Bool {
    guard isInBlock else { return false }
    switch top.status {
    case .fresh: return true
    case .open: return top.leader == "return" && Self.closers.contains(token.text) && token.kind == .keyword
    case .prefix, .value: break
    }
    switch token.kind {
    case .name, .number: return true
    case .string: return top.status == .value
    case .keyword:
      if token.text == "do" { return top.leader != "while" && top.leader != "for" }
      return !["and", "or", "then", "in"].contains(token.text)
    case .symbol:
      if token.text == "(" || token.text == "{" { return top.status == .value }
      return ["#", "::", ";", "...", "!", "@", "$", "?"].contains(token.text)
    }
  }

  private static let closers: Set<String> = ["end", "else", "elseif", "until"]

  /// Ends the statement at hand and counts a magic as one.
  mutating func passMagic() {
    top.status = .fresh
    top.leader = ""
  }

  /// Counts a magic as the value that an assignment waits for.
  mutating func passValue() { top.status = .value }

  /// Moves past `token`.
  mutating func pass(_ token: Token) {
    if isBoundary(before: token) {
      top.status = .fresh
      top.leader = ""
    }
    switch token.kind {
    case .name: passName(token)
    case .number: top.status = .value
    case .string: top.status = top.status == .prefix ? .prefix : .value
    case .symbol: passSymbol(token.text)
    case .keyword: passKeyword(token.text)
    }
  }

  private mutating func passName(_ token: Token) {
    if top.leader == "goto", top.status == .open {
      passMagic()
    } else if top.leader == "::" {
      top.status = .open
    } else {
      top.status = .prefix
    }
  }

  private mutating func passSymbol(_ text: String) {
    switch text {
    case ";" where isInBlock: passMagic()
    case "(", "[", "{":
      var level = Level(frame: .bracket)
      level.result = text == "{" && top.status != .prefix ? .value : .prefix
      levels.append(level)
    case ")", "]", "}": closeBracket()
    case "::":
      if top.leader == "::" {
        passMagic()
      } else {
        top.leader = "::"
        top.status = .open
      }
    case "<" where top.leader == "local":
      top.leader = "local<"
      top.status = .open
    case ">" where top.leader == "local<":
      // The end of an attribute, not a comparison that waits for its operand.
      top.leader = "local"
      top.status = .value
    case "=":
      if top.leader == "local" { top.leader = "local=" }
      top.status = .open
    case "...": top.status = .value
    default: top.status = .open
    }
  }

  private mutating func closeBracket() {
    guard levels.count > 1 else {
      top.status = .prefix
      return
    }
    switch top.frame {
    case .bracket:
      let result = top.result
      levels.removeLast()
      if case .functionHeader(let isStatement) = top.frame {
        levels[levels.count - 1] = Level(frame: .block(.function(isStatement: isStatement)))
      } else {
        top.status = result
      }
    case .functionHeader, .block: top.status = .prefix
    }
  }

  private mutating func passKeyword(_ word: String) {
    switch word {
    case "function":
      let isLocal = top.leader == "local" && top.status == .open
      let isStatement = isInBlock && (top.status == .fresh || isLocal)
      levels.append(Level(frame: .functionHeader(isStatement: isStatement), status: .open))
    case "do":
      let isHeader = top.leader == "while" || top.leader == "for"
      if isHeader { passMagic() }
      levels.append(Level(frame: .block(.loop)))
    case "then":
      passMagic()
      levels.append(Level(frame: .block(.branch)))
    case "else":
      close()
      levels.append(Level(frame: .block(.branch)))
    case "elseif":
      close()
      top.leader = "if"
      top.status = .open
    case "repeat": levels.append(Level(frame: .block(.until)))
    case "until":
      close()
      top.leader = "until"
      top.status = .open
    case "end": close()
    case "nil", "true", "false": top.status = .value
    case "break": passMagic()
    case "local", "if", "while", "for", "return", "goto":
      top.leader = word
      top.status = .open
    default: top.status = .open
    }
  }

  /// Closes the innermost block; the brackets left open within it go with it.
  private mutating func close() {
    var index = levels.count - 1
    while index > 0 {
      if case .block(let opener) = levels[index].frame {
        levels.removeSubrange(index...)
        if opener == .function(isStatement: false) {
          top.status = .value
        } else {
          passMagic()
        }
        return
      }
      index -= 1
    }
    passMagic()
  }
}
