import Interface
import OrderedCollections
import TensorCore
import Torch

/// The base of all layers and models: parameters, buffers and submodules under names. Mirrors `torch.nn.Module`.
///
/// A subclass overrides `forward`, and where it has them `extraRepr`, `forwardSchema`, `copyForDeepCopy` (for stored
/// properties of its own) and the two state-dict hooks.
open class Module: SchemaArgument, SchemaResult, CustomStringConvertible {
  /// Learnable tensors by name, in order of registration; nil for one registered as None.
  public var parameters: OrderedDictionary<String, Tensor?> = [:] { didSet { revision &+= 1 } }
  /// Tensors that are state but not learned, by name.
  public var buffers: OrderedDictionary<String, Tensor?> = [:] { didSet { revision &+= 1 } }
  /// The buffers that `state_dict` leaves out.
  public var nonPersistentBuffers: Set<String> = []
  /// Submodules by name.
  public var modules: OrderedDictionary<String, Module?> = [:] { didSet { revision &+= 1 } }
  /// Plain attributes a user sees (`in_features`, …), and tensors set by hooks.
  public var attributes: OrderedDictionary<String, Value> = [:] { didSet { revision &+= 1 } }
  /// Whether layers behave as in training (dropout drops).
  public var training = true
  /// Grows whenever one of the dictionaries changes, so that a layer may keep what it read from them.
  public private(set) var revision = 0
  /// Tells layers that tensors they may have read changed without the dictionaries changing.
  final func revise() { revision &+= 1 }
  /// What runs before `forward`, by handle id.
  public var forwardPreHooks: OrderedDictionary<Int, ForwardPreHook> = [:]
  /// What runs after `forward`, by handle id.
  public var forwardHooks: OrderedDictionary<Int, ForwardHook> = [:]
  /// What runs when gradients pass, by handle id.
  public var backwardHooks: OrderedDictionary<Int, BackwardHook> = [:]
  /// What runs before gradients pass, by handle id.
  public var backwardPreHooks: OrderedDictionary<Int, BackwardPreHook> = [:]

  /// The class this one instance has in its class's stead; nil for almost all.
  public var instanceClass: InstanceClass? { didSet { revision &+= 1 } }

  /// What runs when the module's state is saved or loaded, by handle id.
  public var stateHooks: OrderedDictionary<Int, StateHook> = [:]

  /// An empty module in training mode.
  public init() {}

  /// The name of the class; `className` is that of the instance.
  open var typeName: String { "\(type(of: self))" }
  /// The Python module the class belongs to, for sentences that name the type in full.
  open var typeModule: String { "torch.nn.modules.module" }
  /// What stands between the parentheses of `repr`; several lines are set below each other.
  open func extraRepr() -> String { "" }
  /// The schema of `forward`, from which keywords get their positions.
  open class var forwardSchema: String { "forward(Tensor input) -> Tensor" }
  /// The schema of this instance's `forward`.
  open var callSchema: String { Self.forwardSchema }
  /// The module that methods of built-in layers run on: itself, unless a class of another language derives from a built-in layer.
  open var nativeForm: Module { self }
  /// What tells the classes of layers apart: the Swift class, unless one class serves several.
  open var kind: ObjectIdentifier { ObjectIdentifier(type(of: self)) }
  /// The kind of the class it derives from, for lazy layers; `kind` for all others.
  open var baseKind: ObjectIdentifier { kind }
  /// The layer's computation; `.tuple` for several results.
  /// - Throws: PyTorch's `NotImplementedError` where a subclass defines none.
  open func forward(_ inputs: [Value]) throws -> Value {
    throw TorchError.notImplemented("Module [\(typeName)] is missing the required \"forward\" function")
  }
  /// The attribute under this name as a user reads it; nil where there is none.
  /// - Throws: what computing it throws, where it is computed.
  open func attribute(_ name: String) throws -> Value? { try storedAttribute(name) ?? instanceClass?.properties[name]?.get(self) }
  /// Sets an attribute as a user does: parameters, modules and buffers go to their places.
  /// - Throws: PyTorch's `TypeError` where something else takes a registered place.
  open func setAttribute(_ name: String, _ value: Value) throws { try storeAttribute(name, value) }
  /// Whether the name already means something (an attribute or a method), so that nothing can be registered under it.
  open func hasAttribute(_ name: String) -> Bool {
    if instanceClass?.properties[name] != nil || Module.methodNames.contains(name) { return true }
    return ((try? attribute(name)) ?? nil) != nil
  }
  /// Whether `forward` does nothing but call other modules and operations, so that a tracer sees all there is to it.
  open var isFollowed: Bool { false }
  /// Calls a method that a class of another language has; nil where it has none of this name.
  open func callMethod(_ name: String, _ arguments: [Value]) throws -> Value? { nil }

  /// The number `state_dict` keeps as this class's `version`.
  open var stateVersion: Int { 1 }
  /// Puts this module's own parameters and persistent buffers into `destination`, without submodules.
  open func saveToStateDict(_ destination: OrderedDict, prefix: String, keepVars: Bool) throws {
    saveOwnTensors(to: destination, prefix: prefix, keepVars: keepVars)
  }
  /// Takes this module's own parameters and buffers from a state dict, without submodules; notes what is wrong in `load`.
  open func loadFromStateDict(_ load: StateDictLoad, prefix: String) throws { try loadOwnTensors(load, prefix: prefix) }

  /// The weights and biases of a layer that keeps them in another form than parameters, by PyTorch's names; empty for all others.
  open func packedWeights() throws -> [(name: String, tensor: Tensor)] { [] }

  /// The Python module and the name of the class, by which files know it.
  open var pythonClass: (module: String, name: String) { typeName == "Module" ? ("torch.nn.modules.module", "Module") : (typeModule, typeName) }
  /// What a file keeps beside parameters, buffers, submodules and hooks. Mirrors the rest of Python's `__dict__`.
  open func savedAttributes() throws -> OrderedDictionary<String, Value> { attributes }
  /// Takes over what a file keeps.
  /// - Throws: where it is no state of this class.
  open func restore(_ state: ModuleState) throws {
    try Module.checkNumbers(state)
    try takeState(state)
  }

  /// A copy that shares nothing. A subclass makes an instance of its own type, calls `copyContents` on it and copies its
  /// stored properties.
  open func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = Module()
    try copyContents(to: copy, memo)
    return copy
  }

  /// PyTorch's `repr`.
  open var description: String { text }

  /// Runs the forward pre-hooks, `forward` and the forward hooks. Mirrors `module(…)`.
  public final func call(_ inputs: [Value]) throws -> Value {
    if !hasHooks { return try forward(inputs) }
    return try callWithHooks(inputs)
  }

  /// `forward` as one calls it from elsewhere: a watcher sees it.
  public final func run(_ inputs: [Value]) throws -> Value {
    if let watcher = ModuleWatch.current { return try watcher.run(self, inputs) }
    return try forward(inputs)
  }

  /// The tensor under this name as a layer reads it: a plain attribute before a parameter before a buffer, so that
  /// hooks that put a changed weight in the attribute's place take part. Nil where it is None.
  /// - Throws: PyTorch's `AttributeError` where there is none.
  @inline(__always)
  public final func optionalTensor(_ name: String) throws -> Tensor? {
    if let value = attributes[name] { return try plainTensor(name, value) }
    if let tensor = parameters[name] { return tensor }
    if let tensor = buffers[name] { return tensor }
    if let property = instanceClass?.properties[name] { return try plainTensor(name, property.get(self)) }
    throw TorchError.attribute("'\(className)' object has no attribute '\(name)'")
  }

  /// The tensor under this name, which must not be None.
  /// - Throws: PyTorch's `AttributeError` where there is none, a `TypeError` where it is None.
  @inline(__always)
  public final func tensor(_ name: String) throws -> Tensor {
    guard let tensor = try optionalTensor(name) else {
      throw TorchError.type("argument '\(name)' must be Tensor, not NoneType")
    }
    return tensor
  }

  // SchemaArgument and SchemaResult
  public static func matches(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) -> Bool {
    frame.kind(i) == .object && (frame.object(i) as? Module)?.nativeForm is Self
  }
  public static func decode(_ frame: CallFrame, _ i: Int, _ parameter: Parameter) throws -> Self {
    let given = frame.object(i) as? Module
    // A function of any module gets the one it was given, with its class.
    guard let module = (Self.self == Module.self ? given : given?.nativeForm) as? Self else { throw frame.wrongType(i, parameter) }
    return module
  }
  public func give(to frame: CallFrame) throws -> Int { try frame.give(object: self) }
}

extension Module: Callable {}

extension Module: SchemaElement, ValueConvertible {
  public static func element(from value: Value) -> Self? {
    if case .object(let object) = value { object as? Self } else { nil }
  }
  public var asValue: Value { .object(self) }
}
