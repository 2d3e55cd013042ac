/// A PyTorch function schema, e.g. `hardshrink(Tensor self, Scalar lambd=0.5) -> Tensor`, parsed.
///
/// The one statement from which names, order, defaults, keywords, help and completion of a function follow.
// A class, so that handing one on copies a pointer.
public final class Schema: Sendable {
  /// The name users call, without an overload suffix.
  public let name: String
  /// What follows the dot in `sum.dim_IntList`; empty for the first overload.
  public let overload: String
  /// The parameters in order; keyword-only ones come last.
  public let parameters: [Parameter]
  /// The text after `->`, as written.
  public let returns: String
  /// How many parameters may be given by position.
  public let positionalCount: Int

  /// Parses PyTorch's schema text.
  /// - Throws: a `ValueError` that names the text when it is not a schema.
  public init(parsing text: String) throws {
    guard let open = text.firstIndex(of: "("), let close = text.lastParenthesis(after: open) else {
      throw TorchError.value("'\(text)' is not a function schema")
    }
    let full = text[..<open].trimmed
    let parts = full.split(separator: ".", maxSplits: 1)
    name = parts.isEmpty ? "" : String(parts[0])
    overload = parts.count > 1 ? String(parts[1]) : ""
    var parameters: [Parameter] = []
    var keywordOnly = false
    for piece in Schema.topLevelPieces(text[text.index(after: open)..<close]) {
      let piece = piece.trimmed
      if piece.isEmpty { continue }
      if piece == "*" {
        keywordOnly = true
        continue
      }
      parameters.append(try Parameter(parsing: piece, isKeywordOnly: keywordOnly, of: name))
    }
    self.parameters = parameters
    positionalCount = parameters.firstIndex { $0.isKeywordOnly } ?? parameters.count
    let rest = text[text.index(after: close)...].trimmed
    returns = rest.hasPrefix("->") ? rest.dropFirst(2).trimmed : ""
  }

  /// A schema without parameters, in place of one that could not be parsed.
  public init(named name: String) {
    self.name = name
    overload = ""
    parameters = []
    positionalCount = 0
    returns = ""
  }

  /// Up to how many arguments by position each stands at the place of its parameter, and whether more may be gathered into a list.
  var plainArguments: (most: Int, gathers: Bool) {
    let list = parameters.first?.name == "self" ? 1 : 0
    if list < parameters.count, parameters[list].type == "Module[]" || (parameters[list].listLength != nil && positionalCount == list + 1) {
      return (Swift.min(list + 1, positionalCount), true)
    }
    let last = positionalCount - 1
    let takesRest = last >= 0 && parameters[last].listLength != nil && ["any[]", "Tensor[]"].contains(parameters[last].type)
    return (positionalCount, takesRest)
  }

  /// The position of the parameter with this name.
  public func index(of name: String) -> Int? { parameters.firstIndex { $0.name == name || $0.alias == name } }

  /// The text shown by help: `name(Tensor self, *, Scalar alpha=1) -> Tensor`.
  public var signature: String {
    var pieces: [String] = []
    for (i, parameter) in parameters.enumerated() {
      if i == positionalCount { pieces.append("*") }
      pieces.append(parameter.description)
    }
    return "\(name)(\(pieces.joined(separator: ", ")))" + (returns.isEmpty ? "" : " -> \(returns)")
  }

  /// Splits at commas outside brackets.
  private static func topLevelPieces(_ text: Substring) -> [String] {
    var pieces: [String] = []
    var depth = 0
    var current = ""
    for c in text {
      switch c {
      case "(", "[", "{": depth += 1
      case ")", "]", "}": depth -= 1
      default: break
      }
      if c == ",", depth == 0 {
        pieces.append(current)
        current = ""
      } else {
        current.append(c)
      }
    }
    pieces.append(current)
    return pieces
  }
}

extension StringProtocol {
  /// The text without blanks at its ends.
  var trimmed: String {
    var view = self[...]
    while let c = view.first, c == " " { view = view.dropFirst() }
    while let c = view.last, c == " " { view = view.dropLast() }
    return String(view)
  }

  /// The parenthesis that closes the one at `open`.
  fileprivate func lastParenthesis(after open: Index) -> Index? {
    var depth = 0
    var i = open
    while i < endIndex {
      if self[i] == "(" { depth += 1 }
      if self[i] == ")" {
        depth -= 1
        if depth == 0 { return i }
      }
      i = index(after: i)
    }
    return nil
  }
}
