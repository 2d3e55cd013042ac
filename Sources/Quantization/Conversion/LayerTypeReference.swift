import NN

/// A class of layers as a language binding hands it over: what `nn.Linear` is to a user.
public protocol LayerTypeReference: AnyObject {
  /// The Swift class of its instances.
  var layerType: Module.Type { get }
  /// The name users know it by.
  var layerName: String { get }
  /// Whether a module is an instance of this very class, not of one derived from it.
  func isExactClass(of module: Module) -> Bool
}

extension LayerTypeReference {
  /// Compares the Swift class and the name, so that classes written in another language, which share a Swift class, are told apart.
  public func isExactClass(of module: Module) -> Bool { type(of: module) == layerType && module.typeName == layerName }
}
