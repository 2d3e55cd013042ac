import Interface
import Torch

/// What stands at the place of an argument or a result in a graph.
public indirect enum Term {
  /// Not given.
  case absent
  /// An input, or what a step before gave.
  case slot(Int)
  /// A tensor of the traced module, by its path.
  case attribute(String)
  /// What never changes.
  case constant(Value)
  case list([Term])
  case tuple([Term])
  case dictionary([(key: Value, term: Term)])

  /// Calls `body` with each slot in it, in order.
  func forEachSlot(_ body: (Int) throws -> Void) rethrows {
    switch self {
    case .slot(let i): try body(i)
    case .list(let items), .tuple(let items): for item in items { try item.forEachSlot(body) }
    case .dictionary(let rows): for row in rows { try row.term.forEachSlot(body) }
    case .absent, .attribute, .constant: break
    }
  }

  /// The slots in it, in order.
  var slots: [Int] {
    var all: [Int] = []
    forEachSlot { all.append($0) }
    return all
  }

  /// The same with other slots.
  func mapped(_ slot: (Int) -> Int) -> Term {
    switch self {
    case .slot(let i): .slot(slot(i))
    case .list(let items): .list(items.map { $0.mapped(slot) })
    case .tuple(let items): .tuple(items.map { $0.mapped(slot) })
    case .dictionary(let rows): .dictionary(rows.map { ($0.key, $0.term.mapped(slot)) })
    case .absent, .attribute, .constant: self
    }
  }

  /// The value it is where it never changes; nil for all others.
  var value: Value? { if case .constant(let value) = self { value } else { nil } }
}

/// An object that steps hand on as they do tensors.
public protocol GraphObject: AnyObject {}

/// One thing a graph does.
public struct Step {
  /// What it does.
  public enum Action {
    /// An operation of the catalog.
    case operation(GraphOperation)
    /// The `forward` of a layer of this library, by its place among the graph's layers.
    case layer(Int)
    /// The size of a dimension of its argument: an integer. Where one is expected, any other is refused: the program has read the
    /// size, and what it made of it never changes.
    case size(dim: Int, expected: Int?)
    /// The product of its arguments and a factor, and an offset added.
    case scale(factor: Int, offset: Int)
  }

  /// What it does.
  public var action: Action
  /// The arguments, in the order of the parameters.
  public var arguments: [Term]
  /// Where its results go; what is no slot is not kept.
  public var result: Term
  /// `file.lua:12`, empty where it is not known.
  public var place: String
  /// The call of a module that it belongs to.
  public var scope: Int
  /// Whether it changed a tensor that it was given.
  public var changes = false
  /// Whether it drew random numbers.
  public var isRandom = false
}

/// One call of a module below the traced one, or of itself.
public struct Scope {
  /// The call around it; nil for the outermost.
  public let parent: Int?
  /// The module's path.
  public let path: String
}
