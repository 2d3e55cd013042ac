import Interface
import Torch

/// How much is to be pruned: a number of units (elements or channels), or a fraction of those there are.
public enum PruningAmount: Sendable {
  case count(Int)
  case fraction(Double)

  /// The amount a user gave.
  /// - Throws: PyTorch's sentences for what is no number, for fractions outside of [0, 1] and for negative counts.
  public init(_ value: Value) throws {
    switch value {
    case .integer(let count) where count >= 0: self = .count(count)
    case .boolean(let flag): self = .count(flag ? 1 : 0)
    case .number(let fraction) where !(fraction > 1 || fraction < 0): self = .fraction(fraction)
    case .integer, .number:
      throw TorchError.value("amount=\(value.pythonText) should either be a float in the range [0, 1] or a non-negative integer")
    default: throw TorchError.type("Invalid type for amount: \(value.pythonText). Must be int or float.")
    }
  }

  /// How many of `size` units that is; a fraction is rounded to the nearest, halves to the even.
  /// - Throws: PyTorch's sentence where there are not as many.
  public func units(of size: Int) throws -> Int {
    let units: Int
    switch self {
    case .count(let count): units = count
    case .fraction(let fraction):
      if fraction.isNaN { throw TorchError.value("cannot convert float NaN to integer") }
      units = Int((fraction * Double(size)).rounded(.toNearestOrEven))
    }
    if units > size { throw TorchError.value("amount=\(units) should be smaller than the number of parameters to prune=\(size)") }
    return units
  }
}

extension Value {
  /// As Python's `str` writes it.
  var pythonText: String { if case .string(let text) = self { text } else { pythonRepresentation } }

  /// As Python's `repr` writes it.
  private var pythonRepresentation: String {
    switch self {
    case .none: "None"
    case .boolean(let flag): flag ? "True" : "False"
    case .integer(let i): "\(i)"
    case .number(let d): "\(d)"
    case .string(let text): "'\(text)'"
    case .object(let object): (object as? any CustomStringConvertible)?.description ?? "\(object)"
    case .list(let items): "[" + items.map(\.pythonRepresentation).joined(separator: ", ") + "]"
    case .tuple(let items): "(" + items.map(\.pythonRepresentation).joined(separator: ", ") + (items.count == 1 ? ",)" : ")")
    case .dictionary(let rows): "{" + rows.map { "\($0.0.pythonRepresentation): \($0.1.pythonRepresentation)" }.joined(separator: ", ") + "}"
    case .foreign: "<function>"
    }
  }
}

extension Tensor {
  /// The sizes as Python writes them: `torch.Size([2, 3])`.
  var sizeText: String { "torch.Size([\(sizes.map { "\($0)" }.joined(separator: ", "))])" }
}
