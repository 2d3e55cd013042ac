import Interface
import OrderedCollections
import TensorCore
import Torch

extension Module {
  /// A plain attribute as Python's `str` would show it.
  func shown(_ name: String) -> String { attributes[name].map(Module.shown) ?? "None" }

  /// A value as Python's `str` would show it.
  static func shown(_ value: Value) -> String {
    switch value {
    case .none: "None"
    case .boolean(let b): b ? "True" : "False"
    case .integer(let i): "\(i)"
    case .number(let d): "\(d)"
    case .string(let s): s
    case .list(let items): "[" + items.map(shown).joined(separator: ", ") + "]"
    case .tuple(let items): "(" + items.map(shown).joined(separator: ", ") + (items.count == 1 ? ",)" : ")")
    default: value.pythonTypeName
    }
  }
}
