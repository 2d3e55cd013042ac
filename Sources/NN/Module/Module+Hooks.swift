import Interface
import OrderedCollections

/// Something that runs before a module's `forward`. Mirrors what `register_forward_pre_hook` takes.
public struct ForwardPreHook {
  /// The object the hook belongs to (a pruning method, say), for those who look for their own hooks.
  public let owner: AnyObject?
  /// Gets the module and its inputs; gives inputs to use in their place, or nil.
  public let body: (Module, [Value]) throws -> [Value]?
  /// A hook that belongs to `owner`, if to anything.
  public init(owner: AnyObject? = nil, _ body: @escaping (Module, [Value]) throws -> [Value]?) {
    self.owner = owner
    self.body = body
  }
}

/// The owner of a hook that makes plain attributes of its module anew before each call, from parameters and buffers.
///
/// Such attributes are no leaves, so that they cannot be copied; a deep copy makes its own.
public protocol AttributeKeeper: AnyObject {
  /// The attributes that it makes.
  var keptAttributes: [String] { get }
  /// Makes them, from what the module holds now.
  func keep(_ module: Module) throws
  /// The hook that makes them.
  var hook: ForwardPreHook { get }
  /// Marks what it must in a module that was read from a file and has the hook already.
  func settle(in module: Module) throws
  /// The hook of a deep copy of the module.
  func hookForCopy(_ memo: DeepCopyMemo) throws -> ForwardPreHook
}

/// The owner of a hook whose language keeps more of it with the module than the hook itself.
public protocol FollowingHook: AnyObject {
  /// Lets another module, which has got this one's hooks, have what is kept of them.
  func follow(from old: Module, to new: Module) throws
}

/// Something that runs after a module's `forward`. Mirrors what `register_forward_hook` takes.
public struct ForwardHook {
  /// The object the hook belongs to, for those who look for their own hooks.
  public let owner: AnyObject?
  /// Whether it runs even where something failed before it.
  public let alwaysCalled: Bool
  /// Gets the module, its inputs and the result; gives a result to use in its place, or nil.
  public let body: (Module, [Value], Value) throws -> Value?
  /// A hook that belongs to `owner`, if to anything.
  public init(owner: AnyObject? = nil, alwaysCalled: Bool = false, _ body: @escaping (Module, [Value], Value) throws -> Value?) {
    self.owner = owner
    self.alwaysCalled = alwaysCalled
    self.body = body
  }
}

extension Module {
  nonisolated(unsafe) private static var lastHook = 0
  static func nextHook() -> Int {
    defer { lastHook += 1 }
    return lastHook
  }

  /// Adds a hook before `forward`; gives the id that removes it. Mirrors `Module.register_forward_pre_hook`.
  /// - Parameter first: whether it runs before the hooks that are there.
  @discardableResult
  public func registerForwardPreHook(_ hook: ForwardPreHook, first: Bool = false) -> Int { forwardPreHooks.addHook(hook, first: first) }

  /// Adds a hook before `forward`; gives the id that removes it.
  @discardableResult
  public func registerForwardPreHook(_ body: @escaping (Module, [Value]) throws -> [Value]?) -> Int {
    registerForwardPreHook(ForwardPreHook(body))
  }

  /// Adds a hook after `forward`; gives the id that removes it. Mirrors `Module.register_forward_hook`.
  /// - Parameter first: whether it runs before the hooks that are there.
  @discardableResult
  public func registerForwardHook(_ hook: ForwardHook, first: Bool = false) -> Int { forwardHooks.addHook(hook, first: first) }

  /// Adds a hook after `forward`; gives the id that removes it.
  @discardableResult
  public func registerForwardHook(_ body: @escaping (Module, [Value], Value) throws -> Value?) -> Int {
    registerForwardHook(ForwardHook(body))
  }

  /// Takes a hook of either kind away; one that is gone stays gone.
  public func removeHook(_ id: Int) {
    forwardPreHooks[id] = nil
    forwardHooks[id] = nil
    backwardHooks[id] = nil
    backwardPreHooks[id] = nil
    stateHooks[id] = nil
  }

  /// Lets another module have what a language keeps of the hooks that it has got from this one.
  public func hooksFollow(to new: Module) throws {
    let owners = forwardPreHooks.values.map(\.owner) + forwardHooks.values.map(\.owner) + backwardHooks.values.map(\.owner) + backwardPreHooks.values.map(\.owner)
    for case let hook as any FollowingHook in owners { return try hook.follow(from: self, to: new) }
  }

  /// `call` where there are hooks: those of all modules first. A hook may add or remove hooks; those of this call stay
  /// those it began with.
  func callWithHooks(_ inputs: [Value]) throws -> Value {
    let after = Array(GlobalModuleHooks.forward.elements) + Array(forwardHooks.elements)
    var (inputs, result, called) = (inputs, Value?.none, 0)
    do {
      for hook in GlobalModuleHooks.forwardPre.values.elements + forwardPreHooks.values {
        if let changed = try hook.body(self, inputs) { inputs = changed }
      }
      let watch = BackwardWatch(self)
      if let watch { inputs = watch.inputs(inputs) }
      var output = try run(inputs)
      result = output
      for (_, hook) in after {
        called += 1
        if let changed = try hook.body(self, inputs, output) { output = changed }
        result = output
      }
      return watch?.result(output) ?? output
    } catch {
      for (_, hook) in after.dropFirst(called) where hook.alwaysCalled {
        // What failed first is what the user is to see.
        if let changed = try? hook.body(self, inputs, result ?? .none) { result = changed }
      }
      throw error
    }
  }
}

extension OrderedDictionary where Key == Int {
  /// Adds a hook after or before all others; gives its id.
  mutating func addHook(_ hook: Value, first: Bool) -> Int {
    let id = Module.nextHook()
    if first { updateValue(hook, forKey: id, insertingAt: 0) } else { self[id] = hook }
    return id
  }
}
