import LuaVM
import Notebook

/// A name and the fields and literal indices after it: what can be looked up without running anything.
struct ValuePath: Equatable {
  /// One step after the first name.
  enum Step: Equatable {
    case field(String)
    case index(Int)
  }

  var root: String
  var steps: [Step]

  init(root: String, steps: [Step] = []) {
    self.root = root
    self.steps = steps
  }

  /// The path that `text` ends in: `torch.nn` of `x = torch.nn`; nil if it ends in none.
  init?(endingIn text: some StringProtocol) {
    var lexer = Lexer(Array(text.utf8))
    let bytes = lexer.bytes
    var tokens: [Token] = []
    reading: while true {
      switch lexer.next() {
      case .token(let token): tokens.append(token)
      case .comment: tokens = []
      case .end: break reading
      }
    }
    guard let last = tokens.last, last.range.upperBound == bytes.count else { return nil }
    var steps: [Step] = []
    while let token = tokens.popLast() {
      if token.kind == .name {
        guard let before = tokens.last, before.spells(".") || before.spells(":") else {
          self.init(root: token.text, steps: steps.reversed())
          return
        }
        tokens.removeLast()
        steps.append(.field(token.text))
      } else if token.spells("]"), let key = tokens.popLast(), tokens.popLast()?.spells("[") == true {
        let spelling = String(decoding: bytes[key.range], as: UTF8.self)
        switch key.kind {
        case .number:
          guard let index = Int(spelling) else { return nil }
          steps.append(.index(index))
        case .string(true) where !spelling.contains("\\") && !spelling.hasPrefix("["):
          steps.append(.field(String(spelling.dropFirst().dropLast())))
        default: return nil
        }
      } else {
        return nil
      }
    }
    return nil
  }

  /// The path as arguments of the machinery's functions.
  var arguments: [LuaValue] {
    var values: [LuaValue] = [.string(root)]
    for step in steps {
      switch step {
      case .field(let name): values += ["s", .string(name)]
      case .index(let index): values += ["i", .string(String(index))]
      }
    }
    return values
  }
}

/// A field or method that a value has.
struct Member: Equatable {
  let name: String
  let isFunction: Bool
  /// Whether only its name is known.
  let isUnknown: Bool

  init(_ marked: String) {
    name = String(marked.dropFirst())
    isFunction = marked.hasPrefix("f")
    isUnknown = marked.hasPrefix("u")
  }
}

extension Session {
  /// The members of the value at `path` whose names begin with `stem`, sorted. Runs no code of the user's.
  func members(of path: ValuePath, beginning stem: String = "") -> [Member] {
    machinery.list("members", [.string(stem)] + path.arguments).map(Member.init)
  }
}
