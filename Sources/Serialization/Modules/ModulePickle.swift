import Interface
import NN
import OrderedCollections
import Torch

extension Module: PickleRepresentable {
  /// The object that PyTorch saves: an instance of a class by name, with its `__dict__`.
  /// - Throws: a `TypeError` for classes that no file can name, and for hooks that are functions.
  public func pickled(by pickler: inout TensorPickler) throws -> PickleValue {
    let names = pythonClass
    let type = PickleGlobal(names.module, names.name)
    guard ObjectClasses.isWhole(type), !parameters.values.contains(where: { $0?.isUninitialized ?? false }) else {
      throw TorchError.type("cannot save a '\(className)' whole: save its state_dict(), and load that with load_state_dict.")
    }
    if !forwardHooks.isEmpty || !backwardHooks.isEmpty || !backwardPreHooks.isEmpty || !stateHooks.values.allSatisfy(\.isImplied) {
      throw TorchError.type("cannot save a '\(className)' whole whose hooks are functions: remove them, or save its state_dict().")
    }
    let state = PickleDictionary()
    state["training"] = .boolean(training)
    func add(_ name: String, _ rows: OrderedDictionary<String, Value>) throws {
      let dictionary = PickleDictionary()
      for (key, value) in rows { dictionary[key] = try pickler.pickle(value) }
      state[name] = .dictionary(dictionary)
    }
    try add("_parameters", parameters.mapValues { $0.map { .object($0) } ?? .none })
    try add("_buffers", buffers.mapValues { $0.map { .object($0) } ?? .none })
    state["_non_persistent_buffers_set"] = .set(PickleSet(OrderedSet(nonPersistentBuffers.sorted().map { PickleKey($0) })))
    for name in ModuleState.hookNames {
      let hooks = PickleObject.orderedDictionary([])
      if name == "_forward_pre_hooks" {
        for (id, hook) in forwardPreHooks {
          guard let owner = hook.owner as? any PickleRepresentable & AttributeKeeper else {
            throw TorchError.type("cannot save a '\(className)' whole whose hooks are functions: remove them, or save its state_dict().")
          }
          hooks.items[try PickleKey(.integer(Int64(id)))] = try pickler.pickle(.object(owner))
        }
      }
      state[name] = .object(hooks)
      if name == "_backward_hooks" { state["_is_full_backward_hook"] = PickleValue.none }
    }
    try add("_modules", modules.mapValues { $0.map { .object($0) } ?? .none })
    for (name, value) in try savedAttributes() { state[name] = try pickler.pickle(value) }
    let object = PickleObject(type, [], form: .new)
    object.state = .dictionary(state)
    return .object(object)
  }
}

extension NamedFunction: PickleRepresentable {
  public func pickled(by pickler: inout TensorPickler) throws -> PickleValue { .global(module, name) }
}

/// The layers that files may name.
public enum SavedLayers {
  /// Lets files name the layers of families.
  public static func register(_ name: String, _ families: [LayerFamily]) {
    let table = LayerTable(families)
    ObjectClasses.register(name) { global in
      guard let form = table.forms[global] else { return nil }
      return { .object(try form.restore(ModuleState($0))) }
    }
  }
}

/// Layers by the names that files give them; made when the first file asks.
// Written once, by the first reader; readers are few and on one thread.
private final class LayerTable: @unchecked Sendable {
  private let families: [LayerFamily]
  init(_ families: [LayerFamily]) { self.families = families }
  private(set) lazy var forms: [PickleGlobal: SavedForm] = {
    var forms: [PickleGlobal: SavedForm] = [:]
    for form in families.flatMap(\.savedForms) {
      let names = form.name()
      forms[PickleGlobal(names.module, names.name)] = form
    }
    return forms
  }()
}
