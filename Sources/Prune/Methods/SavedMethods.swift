import Interface
import NN
import OrderedCollections
import Serialization
import Torch

extension PruningMethod: PickleRepresentable {
  /// The object that PyTorch saves: an instance of its class by name, with what it was made of.
  public func pickled(by pickler: inout TensorPickler) throws -> PickleValue {
    let state = PickleDictionary()
    for (name, value) in try savedAttributes() { state[name] = try pickler.pickle(value) }
    let object = PickleObject(PickleGlobal(typeModule, typeName), [], form: .new)
    object.state = .dictionary(state)
    return .object(object)
  }

  /// Takes over what a file keeps.
  /// - Throws: PyTorch's sentences for amounts that no tensor can have, and where it is no state of a method.
  public final func restore(_ state: ObjectState) throws {
    var entries = state.entries
    if case .string(let name)? = entries.removeValue(forKey: "_tensor_name") { tensorName = name }
    if let container = self as? PruningContainer {
      guard case .tuple(let items)? = entries.removeValue(forKey: "_pruning_methods") else {
        throw TorchError.value("the state of a PruningContainer has no methods")
      }
      for item in items { try container.add(item) }
    }
    for (name, value) in entries { attributes[name] = value }
    try checkAttributes()
  }
}

/// What files of pruned models name.
public enum SavedPruning {
  /// Lets files name methods. Called once at the start; more often does no harm.
  public static func register() {
    ObjectClasses.register("torch.nn.utils.prune") { global in
      guard global.module == "torch.nn.utils.prune", let method = pruningMethods.type(global.name)?.instance else { return nil }
      return { state in
        try method.restore(state)
        return .object(method)
      }
    }
  }
}
