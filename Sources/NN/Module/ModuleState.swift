import Interface
import OrderedCollections
import Torch

/// What a file keeps of a module beside its class: the `__dict__` that Python writes, in our words.
public struct ModuleState {
  /// Whether it trains.
  public var training = true
  /// Learnable tensors by name.
  public var parameters: OrderedDictionary<String, Tensor?> = [:]
  /// Tensors that are state but not learned, by name.
  public var buffers: OrderedDictionary<String, Tensor?> = [:]
  /// The buffers that `state_dict` leaves out.
  public var nonPersistentBuffers: Set<String> = []
  /// Submodules by name.
  public var modules: OrderedDictionary<String, Module?> = [:]
  /// The owners of hooks before `forward`.
  public var keepers: [any AttributeKeeper] = []
  /// Everything else.
  public var attributes: OrderedDictionary<String, Value> = [:]

  /// Of an empty module.
  public init() {}
}

/// How files know a class of modules.
public struct SavedForm {
  /// The Python module and the name of the class there.
  public let name: () -> (module: String, name: String)
  /// Makes a layer of what a file holds.
  /// - Throws: where that is no layer of this class.
  public let restore: (ModuleState) throws -> Module

  /// A class by name, with the function that makes its layers.
  public init(_ name: @autoclosure @escaping () -> (module: String, name: String), restore: @escaping (ModuleState) throws -> Module) {
    self.name = name
    self.restore = restore
  }

  /// A class whose layers are filled after they were made without anything in them.
  public static func blank(_ make: @escaping () -> Module) -> SavedForm {
    SavedForm(make().pythonClass) { state in
      let layer = make()
      try layer.restore(state)
      return layer
    }
  }
}

/// A hook of a file that another object of the file brings along.
public final class ImpliedHook {
  /// One of them.
  public init() {}
}

/// A function that Python's files name where a module keeps one: `torch.nn.functional.relu`.
public final class NamedFunction {
  /// The Python module and the function's name there.
  public let module, name: String

  /// A function by name.
  public init(_ module: String, _ name: String) {
    self.module = module
    self.name = name
  }
}

/// What files keep of a declared layer in other words than the layer itself.
struct SavedAttributes {
  /// From the layer's attributes to what Python writes.
  var writing: (FunctionLayer, inout OrderedDictionary<String, Value>) throws -> Void = { _, _ in }
  /// From what Python wrote to the layer's attributes; checks that the layer can stand.
  var reading: (inout ModuleState) throws -> Void = { _ in }
}

extension Module {
  /// Takes over everything that a file keeps.
  public final func takeState(_ state: ModuleState) throws {
    training = state.training
    parameters = state.parameters
    buffers = state.buffers
    nonPersistentBuffers = state.nonPersistentBuffers
    modules = state.modules
    attributes = state.attributes
    for keeper in state.keepers {
      registerForwardPreHook(keeper.hook)
      try keeper.settle(in: self)
    }
  }

  /// Refuses the state of a built-in layer whose numbers no layer has, so that sums and products of them stay in range.
  public static func checkNumbers(_ state: ModuleState) throws {
    func check(_ value: Value) throws {
      switch value {
      case .integer(let i): if Int32(exactly: i) == nil { throw TorchError.value("\(i) is out of range for a layer's attribute") }
      case .list(let items), .tuple(let items): for item in items { try check(item) }
      default: break
      }
    }
    for value in state.attributes.values { try check(value) }
  }
}
