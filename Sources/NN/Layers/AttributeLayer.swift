import Interface
import OrderedCollections

/// A layer all of whose own state is in its attributes, so that a copy is made by copying those.
public class AttributeLayer: Module {
  /// Made with these attributes.
  public required init(attributes: OrderedDictionary<String, Value>) {
    super.init()
    self.attributes = attributes
  }

  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = Self(attributes: [:])
    try copyContents(to: copy, memo)
    return copy
  }

  /// An attribute as a number; nil where it is something else.
  func number(_ name: String) -> Double? {
    switch attributes[name] {
    case .number(let d)?: d
    case .integer(let i)?: Double(i)
    default: nil
    }
  }

  /// An attribute as an integer; nil where it is something else.
  func integer(_ name: String) -> Int? { if case .integer(let i)? = attributes[name] { i } else { nil } }
  /// Whether an attribute is true.
  func isTrue(_ name: String) -> Bool { if case .boolean(true)? = attributes[name] { true } else { false } }
  /// An attribute as text; empty where it is something else.
  func string(_ name: String) -> String { if case .string(let s)? = attributes[name] { s } else { "" } }
}
