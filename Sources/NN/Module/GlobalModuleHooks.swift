import Interface
import OrderedCollections

/// Hooks on all modules. Mirrors the functions of `torch.nn.modules.module`.
// Used by the one thread that runs Lua.
public enum GlobalModuleHooks {
  /// What is registered with a module.
  public enum Registration: String, CaseIterable, Sendable {
    /// A parameter, a buffer, a submodule.
    case parameter, buffer, module
  }
  /// Gets the module, the name and what is to be registered; gives what to register in its place, or nil.
  public typealias RegistrationHook = (Module, String, Value) throws -> Value?

  /// What runs before any module's `forward`, by handle id.
  nonisolated(unsafe) public private(set) static var forwardPre: OrderedDictionary<Int, ForwardPreHook> = [:]
  /// What runs after any module's `forward`.
  nonisolated(unsafe) public private(set) static var forward: OrderedDictionary<Int, ForwardHook> = [:]
  /// What runs when gradients pass any module.
  nonisolated(unsafe) public private(set) static var backward: OrderedDictionary<Int, BackwardHook> = [:]
  /// What runs before gradients pass any module.
  nonisolated(unsafe) public private(set) static var backwardPre: OrderedDictionary<Int, BackwardPreHook> = [:]
  nonisolated(unsafe) private static var registrations: OrderedDictionary<Int, (kind: Registration, body: RegistrationHook)> = [:]
  /// Whether any of them runs around calls; asked at every call, so a plain flag.
  nonisolated(unsafe) static var exist = false
  nonisolated(unsafe) private static var watchesRegistrations = false

  /// Adds a hook before `forward`; gives the id that removes it.
  public static func add(_ hook: ForwardPreHook) -> Int { added(forwardPre.addHook(hook, first: false)) }
  /// Adds a hook after `forward`; gives the id that removes it.
  public static func add(_ hook: ForwardHook) -> Int { added(forward.addHook(hook, first: false)) }
  /// Adds a hook that sees gradients pass; gives the id that removes it.
  public static func add(_ hook: BackwardHook) -> Int { added(backward.addHook(hook, first: false)) }
  /// Adds a hook before gradients pass; gives the id that removes it.
  public static func add(_ hook: BackwardPreHook) -> Int { added(backwardPre.addHook(hook, first: false)) }
  /// Adds a hook that sees what is registered; gives the id that removes it.
  public static func add(_ kind: Registration, _ hook: @escaping RegistrationHook) -> Int {
    watchesRegistrations = true
    return registrations.addHook((kind, hook), first: false)
  }

  private static func added(_ id: Int) -> Int {
    exist = true
    return id
  }

  /// Takes a hook away; one that is gone stays gone.
  public static func remove(_ id: Int) {
    forwardPre[id] = nil
    forward[id] = nil
    backward[id] = nil
    backwardPre[id] = nil
    registrations[id] = nil
    exist = !(forwardPre.isEmpty && forward.isEmpty && backward.isEmpty && backwardPre.isEmpty)
    watchesRegistrations = !registrations.isEmpty
  }

  /// What is to be registered once the hooks have seen it.
  static func seen<T: AnyObject>(_ kind: Registration, _ module: Module, _ name: String, _ object: T?) throws -> T? {
    if !watchesRegistrations { return object }
    var object = object
    for hook in registrations.values where hook.kind == kind {
      if case .object(let changed as T)? = try hook.body(module, name, object.map { .object($0) } ?? .none) { object = changed }
    }
    return object
  }
}
