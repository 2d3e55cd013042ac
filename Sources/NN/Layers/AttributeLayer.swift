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
}
