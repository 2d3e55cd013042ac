import Interface
import Torch

/// Terms as values that a checkpoint holds: a list of a letter and what belongs to it.
enum TermRecord {
  static func value(of term: Term) -> Value {
    switch term {
    case .absent: .list([.string("n")])
    case .slot(let i): .list([.string("s"), .integer(i)])
    case .attribute(let path): .list([.string("a"), .string(path)])
    case .constant(let value): constant(value)
    case .list(let items): .list([.string("l")] + items.map(value))
    case .tuple(let items): .list([.string("t")] + items.map(value))
    case .dictionary(let rows): .list([.string("d")] + rows.flatMap { [$0.key, value(of: $0.term)] })
    }
  }

  private static func constant(_ value: Value) -> Value {
    switch value {
    case .list(let items): .list([.string("l")] + items.map(constant))
    case .tuple(let items): .list([.string("t")] + items.map(constant))
    case .dictionary(let rows): .list([.string("d")] + rows.flatMap { [$0.0, constant($0.1)] })
    default: .list([.string("c"), value])
    }
  }

  /// - Throws: a sentence where it is none.
  static func term(of value: Value) throws -> Term {
    guard case .list(let items) = value, case .string(let letter)? = items.first else { throw ArchiveError.malformed("an argument") }
    let rest = items.dropFirst()
    switch (letter, items.count) {
    case ("n", 1): return .absent
    case ("s", 2): if case .integer(let i) = items[1], i >= 0 { return .slot(i) }
    case ("a", 2): if case .string(let path) = items[1] { return .attribute(path) }
    case ("c", 2):
      switch items[1] {
      case .none, .boolean, .integer, .number, .string: return .constant(items[1])
      case .object(let object) where object is Tensor || object is DTypeObject: return .constant(items[1])
      default: break
      }
    case ("l", _): return try folded(rest.map(term), { .list($0) }, { .list($0) })
    case ("t", _): return try folded(rest.map(term), { .tuple($0) }, { .tuple($0) })
    case ("d", _):
      var rows: [(Value, Term)] = []
      var left = rest
      while let key = left.popFirst() {
        guard Key(key) != nil, let item = left.popFirst() else { throw ArchiveError.malformed("a dictionary") }
        rows.append((key, try term(of: item)))
      }
      return .dictionary(rows)
    default: break
    }
    throw ArchiveError.malformed("an argument")
  }

  private static func folded(_ terms: [Term], _ whole: ([Value]) -> Value, _ parts: ([Term]) -> Term) -> Term {
    let values = terms.compactMap(\.value)
    return values.count == terms.count && !values.contains { if case .object(is Tensor) = $0 { true } else { false } } ? .constant(whole(values)) : parts(terms)
  }
}

/// What is wrong with a file.
struct ArchiveError: Error {
  let cause: String
  static func malformed(_ what: String) -> ArchiveError { ArchiveError(cause: "\(what) of its graph is malformed") }
}
