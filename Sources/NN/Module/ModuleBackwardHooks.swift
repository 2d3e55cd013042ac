import Interface
import Torch

/// Something that runs when gradients pass a module. Mirrors what `register_full_backward_hook` takes.
public struct BackwardHook {
  /// The object the hook belongs to, for those who look for their own hooks.
  public let owner: AnyObject?
  /// Gets the module and the gradients of its inputs and results; gives gradients of the inputs to use in their place, or nil.
  public let body: (Module, [Value], [Value]) throws -> [Value]?
  /// A hook that belongs to `owner`, if to anything.
  public init(owner: AnyObject? = nil, _ body: @escaping (Module, [Value], [Value]) throws -> [Value]?) {
    self.owner = owner
    self.body = body
  }
}

/// Something that runs before gradients pass a module. Mirrors what `register_full_backward_pre_hook` takes.
public struct BackwardPreHook {
  /// The object the hook belongs to, for those who look for their own hooks.
  public let owner: AnyObject?
  /// Gets the module and the gradients of its results; gives gradients to use in their place, or nil.
  public let body: (Module, [Value]) throws -> [Value]?
  /// A hook that belongs to `owner`, if to anything.
  public init(owner: AnyObject? = nil, _ body: @escaping (Module, [Value]) throws -> [Value]?) {
    self.owner = owner
    self.body = body
  }
}

/// One call of a module whose gradients are watched: identities around it that see them pass.
final class BackwardWatch {
  private let module: Module
  private let hooks: [BackwardHook]
  private let preHooks: [BackwardPreHook]
  private var resultGradients: [Value] = []
  private var watchesInputs = false
  private var inputCount = 0

  /// Nil where there is nothing to watch for.
  init?(_ module: Module) {
    self.module = module
    hooks = GlobalModuleHooks.backward.values.elements + module.backwardHooks.values
    preHooks = GlobalModuleHooks.backwardPre.values.elements + module.backwardPreHooks.values
    if hooks.isEmpty && preHooks.isEmpty { return nil }
  }

  private func values(_ gradients: [Tensor?]) -> [Value] { gradients.map { $0.map { .object($0) } ?? .none } }

  /// The tensors among `values` seen through one node.
  private func seen(_ values: [Value], _ backward: @escaping (Node, [Tensor?]) throws -> [Tensor?]) -> [Value]? {
    let tensors = values.compactMap { Tensor.element(from: $0) }
    guard GradMode.isEnabled, tensors.contains(where: \.requiresGrad) else { return nil }
    let fresh = tensors.map { $0.detached() }
    Tensor.recordNode("BackwardHookFunctionBackward", inputs: tensors, results: fresh, backward)
    var next = fresh.makeIterator()
    return values.map { value in Tensor.element(from: value) == nil ? value : next.next().map { .object($0) } ?? value }
  }

  func inputs(_ inputs: [Value]) -> [Value] {
    inputCount = inputs.filter { Tensor.element(from: $0) != nil }.count
    if hooks.isEmpty { return inputs }
    guard let seen = seen(inputs, { [self] _, gradients in
      var gradients = gradients
      for hook in hooks {
        if let changed = try hook.body(module, values(gradients), resultGradients) { gradients = changed.map { Tensor.element(from: $0) } }
      }
      return gradients
    }) else { return inputs }
    watchesInputs = true
    return seen
  }

  func result(_ result: Value) -> Value {
    let parts: [Value] = if case .tuple(let items) = result { items } else { [result] }
    guard let seen = seen(parts, { [self] _, gradients in
      var gradients = gradients
      for hook in preHooks {
        if let changed = try hook.body(module, values(gradients)) { gradients = changed.map { Tensor.element(from: $0) } }
      }
      resultGradients = values(gradients)
      if !watchesInputs {
        for hook in hooks { _ = try hook.body(module, Array(repeating: .none, count: inputCount), resultGradients) }
      }
      return gradients
    }) else { return result }
    return parts.count == 1 ? seen[0] : .tuple(seen)
  }
}

extension Module {
  /// Adds a hook that sees gradients pass; gives the id that removes it. Mirrors `Module.register_full_backward_hook`.
  /// - Parameter first: whether it runs before the hooks that are there.
  @discardableResult
  public func registerBackwardHook(_ hook: BackwardHook, first: Bool = false) -> Int { backwardHooks.addHook(hook, first: first) }

  /// Adds a hook before gradients pass; gives the id that removes it. Mirrors `Module.register_full_backward_pre_hook`.
  /// - Parameter first: whether it runs before the hooks that are there.
  @discardableResult
  public func registerBackwardPreHook(_ hook: BackwardPreHook, first: Bool = false) -> Int { backwardPreHooks.addHook(hook, first: first) }

  /// Whether anything runs besides `forward`, or watches it.
  public final var hasHooks: Bool {
    GlobalModuleHooks.exist || ModuleWatch.isOn || !(forwardPreHooks.isEmpty && forwardHooks.isEmpty && backwardHooks.isEmpty && backwardPreHooks.isEmpty)
  }
}
