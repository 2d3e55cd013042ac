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

/// Something that runs after a module's `forward`. Mirrors what `register_forward_hook` takes.
public struct ForwardHook {
  /// The object the hook belongs to, for those who look for their own hooks.
  public let owner: AnyObject?
  /// Gets the module, its inputs and the result; gives a result to use in its place, or nil.
  public let body: (Module, [Value], Value) throws -> Value?
  /// A hook that belongs to `owner`, if to anything.
  public init(owner: AnyObject? = nil, _ body: @escaping (Module, [Value], Value) throws -> Value?) {
    self.owner = owner
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
  @discardableResult
  public func registerForwardPreHook(_ hook: ForwardPreHook) -> Int {
    let id = Module.nextHook()
    forwardPreHooks[id] = hook
    return id
  }

  /// Adds a hook before `forward`; gives the id that removes it.
  @discardableResult
  public func registerForwardPreHook(_ body: @escaping (Module, [Value]) throws -> [Value]?) -> Int {
    registerForwardPreHook(ForwardPreHook(body))
  }

  /// Adds a hook after `forward`; gives the id that removes it. Mirrors `Module.register_forward_hook`.
  @discardableResult
  public func registerForwardHook(_ hook: ForwardHook) -> Int {
    let id = Module.nextHook()
    forwardHooks[id] = hook
    return id
  }

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

  /// `call` where there are hooks. A hook may add or remove hooks; those of this call stay those it began with.
  func callWithHooks(_ inputs: [Value]) throws -> Value {
    var inputs = inputs
    for hook in forwardPreHooks.values {
      if let changed = try hook.body(self, inputs) { inputs = changed }
    }
    let watch = backwardHooks.isEmpty && backwardPreHooks.isEmpty ? nil : BackwardWatch(self)
    if let watch { inputs = watch.inputs(inputs) }
    var result = try forward(inputs)
    for hook in forwardHooks.values {
      if let changed = try hook.body(self, inputs, result) { result = changed }
    }
    return watch?.result(result) ?? result
  }
}
