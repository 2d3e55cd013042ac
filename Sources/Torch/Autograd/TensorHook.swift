import Interface
import TensorCore

/// What is done with a gradient on its way: it sees the gradient and may give another.
struct TensorHook {
  let id: Int
  let body: (Tensor) throws -> Tensor?

  /// The gradient that goes on.
  /// - Throws: PyTorch's sentences where the hook gives one of other sizes or another dtype.
  func callAsFunction(_ g: Tensor) throws -> Tensor {
    guard let changed = try body(g) else { return g }
    if changed.dtype != g.dtype {
      throw TorchError.runtime("hook has changed the type of value (was \(g.dtype.tensorTypeName) got \(changed.dtype.tensorTypeName))")
    }
    if changed.sizes != g.sizes { throw TorchError.runtime("hook has changed the size of value") }
    return changed
  }
}

/// What is asked of a recorded operation beyond its gradient.
final class NodeAttention {
  /// Hooks on results of the operation, by result.
  var resultHooks: [(index: Int, hook: TensorHook)] = []
  /// Tensors (by result) that keep their gradient; those that are gone need none.
  var retaining: [(index: Int, record: () -> AutogradRecord?)] = []
  /// Called with the gradients of the results before the operation's turn; what they give takes their place.
  var before: [(id: Int, body: ([Tensor?]) throws -> [Tensor?]?)] = []
  /// Called with the gradients of inputs and results after it.
  var after: [(id: Int, body: ([Tensor?], [Tensor?]) throws -> [Tensor?]?)] = []
}

/// Takes a hook off again.
public final class HookRemoval {
  private let remove: () -> Void
  init(_ remove: @escaping () -> Void) { self.remove = remove }
  /// Takes it off.
  public func callAsFunction() { remove() }
}

extension Node {
  nonisolated(unsafe) private static var hookCount = 0

  static func nextHookID() -> Int {
    hookCount += 1
    return hookCount
  }

  fileprivate func attended() -> NodeAttention {
    if let attention { return attention }
    let fresh = NodeAttention()
    attention = fresh
    return fresh
  }

  /// Calls `body` with the gradients of the results before the operation's turn. Mirrors `Node.register_prehook`.
  public func registerHook(before body: @escaping ([Tensor?]) throws -> [Tensor?]?) -> HookRemoval {
    let id = Node.nextHookID()
    attended().before.append((id, body))
    return HookRemoval { [weak self] in self?.attention?.before.removeAll { $0.id == id } }
  }

  /// Calls `body` with the gradients of inputs and results after the operation's turn. Mirrors `Node.register_hook`.
  public func registerHook(after body: @escaping ([Tensor?], [Tensor?]) throws -> [Tensor?]?) -> HookRemoval {
    let id = Node.nextHookID()
    attended().after.append((id, body))
    return HookRemoval { [weak self] in self?.attention?.after.removeAll { $0.id == id } }
  }
}

extension Tensor {
  /// Keeps the gradient of a tensor that is no leaf. Mirrors `Tensor.retain_grad`.
  /// - Throws: PyTorch's sentence for a tensor without gradient.
  public func retainGrad() throws {
    guard requiresGrad else { throw TorchError.runtime("can't retain_grad on Tensor that has requires_grad=False") }
    guard let node = gradFn, let record = autograd, !record.retainsGrad else { return }
    record.retainsGrad = true
    keepGradient(of: node, record)
  }

  func keepGradient(of node: Node, _ record: AutogradRecord) {
    node.attended().retaining.append((record.outputIndex, { [weak record] in record }))
  }

  /// Calls `body` with this tensor's gradient when it comes; what it gives takes the gradient's place. Mirrors `Tensor.register_hook`.
  /// - Throws: PyTorch's sentence for a tensor without gradient.
  @discardableResult
  public func registerHook(_ body: @escaping (Tensor) throws -> Tensor?) throws -> HookRemoval {
    guard requiresGrad else { throw TorchError.runtime("cannot register a hook on a tensor that doesn't require gradient") }
    let hook = TensorHook(id: Node.nextHookID(), body: body)
    if let node = gradFn {
      node.attended().resultHooks.append((autograd?.outputIndex ?? 0, hook))
      return HookRemoval { [weak node] in node?.attention?.resultHooks.removeAll { $0.hook.id == hook.id } }
    }
    let record = recordForWriting()
    record.hooks.append(hook)
    return HookRemoval { [weak record] in record?.hooks.removeAll { $0.id == hook.id } }
  }

  /// Calls `body` after a gradient was accumulated for this leaf. Mirrors `Tensor.register_post_accumulate_grad_hook`.
  /// - Throws: PyTorch's sentences for tensors without gradient and such that are no leaves.
  @discardableResult
  public func registerAccumulatedHook(_ body: @escaping (Tensor) throws -> Void) throws -> HookRemoval {
    guard requiresGrad else { throw TorchError.runtime("cannot register a hook on a tensor that doesn't require gradient") }
    guard isLeaf else { throw TorchError.runtime("post accumulate grad hooks cannot be registered on non-leaf tensors") }
    let record = recordForWriting()
    let id = Node.nextHookID()
    record.accumulatedHooks.append((id, body))
    return HookRemoval { [weak record] in record?.accumulatedHooks.removeAll { $0.id == id } }
  }
}
