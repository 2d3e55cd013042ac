import Interface
import NN
import OrderedCollections
import Synchronization
import Torch

/// What a file says of an object whose class it names: Python's `__dict__`.
public struct ObjectState {
  /// The attributes in order; tuples are tuples, and dicts `OrderedDict`s whose attribute `__class__` is "dict".
  public let entries: OrderedDictionary<String, Value>
}

/// Where classes are found that a user wrote: what Python looks up in the module `__main__`.
public protocol MainClasses: AnyObject {
  /// An object of a class; nil where there is none of this name.
  func makeObject(of name: String, _ state: ObjectState) throws -> Value?
  /// Takes care of everything that a file held, before its reader lets go of it.
  func adopt(_ value: Value) throws
}

/// The classes of whole objects that a file may name: those of the library, and those of the user.
///
/// A class is known or it is not: nothing that a file names is looked up elsewhere, and nothing of a file is executed.
public struct ObjectClasses {
  /// Makes an object of what a file says of it.
  public typealias Rebuild = (ObjectState) throws -> Value
  /// Gives what makes objects of a class; nil for classes that it does not know.
  public typealias Finder = @Sendable (PickleGlobal) -> Rebuild?

  private static let finders = Mutex<[String: Finder]>([:])
  /// The Python module of users' classes.
  static let main = "__main__"
  /// Functions that modules of Python keep.
  private static let functions: Set<PickleGlobal> = [
    PickleGlobal("torch.nn.functional", "relu"), PickleGlobal("torch.nn.functional", "gelu"), PickleGlobal("torch._C._nn", "gelu"),
  ]

  /// Lets files name classes; a second finder under one name takes the place of the first.
  public static func register(_ name: String, _ finder: @escaping Finder) { finders.withLock { $0[name] = finder } }

  static func rebuild(_ global: PickleGlobal) -> Rebuild? {
    let all = finders.withLock { Array($0.values) }
    for finder in all { if let found = finder(global) { return found } }
    return nil
  }

  static func function(_ global: PickleGlobal) -> NamedFunction? { functions.contains(global) ? NamedFunction(global.module, global.name) : nil }

  private let users: (any MainClasses)?

  /// All classes of the library, and those of a user.
  public init(users: (any MainClasses)? = nil) { self.users = users }

  /// Whether a file may name it.
  func admits(_ global: PickleGlobal) -> Bool {
    global.isSafe || global.module == Self.main || Self.functions.contains(global) || Self.rebuild(global) != nil
  }

  /// Whether a file may name it here though not where only weights are wanted.
  static func isWhole(_ global: PickleGlobal) -> Bool { global.module == main || functions.contains(global) || rebuild(global) != nil }

  /// An object of a class; nil where the class is none of these.
  func makeObject(_ global: PickleGlobal, _ state: () throws -> ObjectState) throws -> Value? {
    guard global.module == Self.main else { return try Self.rebuild(global).map { try $0(state()) } }
    if let object = try users?.makeObject(of: global.name, state()) { return object }
    throw TorchError.attribute("Can't get attribute '\(global.name)' on <module '__main__' (built-in)>")
  }

  func adopt(_ value: Value) throws { try users?.adopt(value) }
}

extension ModuleState {
  /// What a file says of a module.
  /// - Throws: a `ValueError` where it is no module's `__dict__`.
  public init(_ object: ObjectState) throws {
    self.init()
    func malformed(_ name: String) -> TorchError { .value("the state of a module has no sound '\(name)'") }
    func rows(_ name: String) throws -> [(String, Value)] {
      guard let value = object.entries[name] else { return [] }
      guard case .object(let dict as OrderedDict) = value else { throw malformed(name) }
      return try dict.entries.map { key, value in
        guard case .string(let key) = key else { throw malformed(name) }
        return (key, value)
      }
    }
    func none(_ value: Value) -> Bool { if case .none = value { true } else { false } }
    if case .boolean(let flag)? = object.entries["training"] { training = flag }
    for (name, value) in try rows("_parameters") {
      let tensor = Tensor.element(from: value)
      guard tensor?.isParameter ?? none(value) else { throw malformed("_parameters") }
      parameters.updateValue(tensor, forKey: name)
    }
    for (name, value) in try rows("_buffers") {
      let tensor = Tensor.element(from: value)
      guard tensor != nil || none(value) else { throw malformed("_buffers") }
      buffers.updateValue(tensor, forKey: name)
    }
    for (name, value) in try rows("_modules") {
      let module = Module.element(from: value)
      guard module != nil || none(value) else { throw malformed("_modules") }
      modules.updateValue(module, forKey: name)
    }
    if case .list(let names)? = object.entries["_non_persistent_buffers_set"] {
      for case .string(let name) in names { nonPersistentBuffers.insert(name) }
    }
    for name in Self.hookNames {
      guard case .object(let hooks as OrderedDict)? = object.entries[name] else { continue }
      for hook in hooks.entries.values {
        if case .object(is ImpliedHook) = hook { continue }
        guard name == "_forward_pre_hooks", case .object(let keeper as any AttributeKeeper) = hook else {
          throw TorchError.value("a hook among '\(name)' of a module is none that can be loaded")
        }
        keepers.append(keeper)
      }
    }
    attributes = object.entries.filter { !Self.ownNames.contains($0.key) }
  }

  static let hookNames = [
    "_backward_pre_hooks", "_backward_hooks", "_forward_hooks", "_forward_hooks_with_kwargs", "_forward_hooks_always_called",
    "_forward_pre_hooks", "_forward_pre_hooks_with_kwargs", "_state_dict_hooks", "_state_dict_pre_hooks", "_load_state_dict_pre_hooks",
    "_load_state_dict_post_hooks",
  ]
  private static let ownNames = Set(hookNames).union([
    "training", "_parameters", "_buffers", "_modules", "_non_persistent_buffers_set", "_is_full_backward_hook",
  ])
}
