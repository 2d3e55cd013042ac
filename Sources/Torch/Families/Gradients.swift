import Interface
import TensorCore

extension Tensor {
  /// Keeps the gradient of a tensor that is no leaf. Mirrors `Tensor.retain_grad`.
  func retainGrad() throws {
    guard requiresGrad else { throw TorchError.runtime("can't retain_grad on Tensor that has requires_grad=False") }
    guard let record = autograd, let node = record.node, !record.retainsGrad else { return }
    record.retainsGrad = true
    node.retaining.append((record.outputIndex, record))
  }

  /// Calls `body` with this tensor's gradient when it comes; what it gives takes the gradient's place. Mirrors `Tensor.register_hook`.
  /// - Throws: PyTorch's sentence for a tensor without gradient.
  @discardableResult
  public func registerHook(_ body: @escaping (Tensor) throws -> Tensor?) throws -> Int {
    guard requiresGrad else { throw TorchError.runtime("cannot register a hook on a tensor that doesn't require gradient") }
    let record = recordForWriting()
    record.hookCount += 1
    let id = record.hookCount
    if let node = record.node {
      node.resultHooks.append((record.outputIndex, { [weak record] g in
        guard let hook = record?.hooks.first(where: { $0.id == id }) else { return nil }
        return try hook.body(g)
      }))
    }
    record.hooks.append((id, body))
    return id
  }

  /// Takes a hook off again.
  public func removeHook(_ id: Int) { autograd?.hooks.removeAll { $0.id == id } }
}

/// Gradients and their graph.
public let gradients = OperationFamily("torch") { ops in
  ops.define("backward(Tensor self, Tensor? gradient=None, bool? retain_graph=None, bool create_graph=False) -> ()", doc: "Accumulates the gradients of self into the leaves it was made of. Mirrors Tensor.backward.", variants: [.method]) {
    (x: Tensor, g: Tensor?, retain: Bool?, create: Bool) -> Nothing in
    try Backward.run([x], gradients: [g], retainGraph: retain ?? create, createGraph: create)
    return Nothing()
  }
  ops.define("requires_grad_(Tensor self, bool requires_grad=True) -> Tensor", doc: "Switches gradients on or off for a leaf. Mirrors Tensor.requires_grad_.", variants: [.method]) {
    (x: Tensor, wanted: Bool) -> Tensor in
    try x.setRequiresGrad(wanted)
    return x
  }
  ops.define("retain_grad(Tensor self) -> ()", doc: "Keeps the gradient of a tensor that is no leaf. Mirrors Tensor.retain_grad.", variants: [.method]) { (x: Tensor) -> Nothing in
    try x.retainGrad()
    return Nothing()
  }
  ops.define("detach_(Tensor self) -> Tensor", doc: "Cuts self off from its history. Mirrors Tensor.detach_.", variants: [.method]) { (x: Tensor) -> Tensor in
    if x.autograd?.base != nil { throw TorchError.runtime("Can't detach views in-place. Use detach() instead.") }
    x.autograd?.node = nil
    x.autograd?.requiresGrad = false
    return x
  }
  ops.define("is_grad_enabled() -> bool", doc: "Whether operations are recorded. Mirrors torch.is_grad_enabled.", variants: [.function]) { () -> Bool in GradMode.isEnabled }
}

/// `torch.autograd`.
public let autogradFunctions = OperationFamily("torch.autograd") { ops in
  ops.define("backward(Tensor[1] tensors, Tensor[1]? grad_tensors=None, bool? retain_graph=None, bool create_graph=False) -> ()", doc: "Accumulates gradients into the leaves. Mirrors torch.autograd.backward.", variants: [.function]) {
    (roots: [Tensor], g: [Tensor]?, retain: Bool?, create: Bool) -> Nothing in
    try Backward.run(roots, gradients: g ?? [], retainGraph: retain ?? create, createGraph: create)
    return Nothing()
  }
  ops.define("grad(Tensor[1] outputs, Tensor[1] inputs, Tensor[1]? grad_outputs=None, bool? retain_graph=None, bool create_graph=False, bool allow_unused=False) -> Tensor[]", doc: "The gradients of the outputs' sum with respect to the inputs, a table. Mirrors torch.autograd.grad.", variants: [.function]) {
    (roots: [Tensor], inputs: [Tensor], g: [Tensor]?, retain: Bool?, create: Bool, unused: Bool) -> Value in
    let found = try Backward.gradients(of: roots, g ?? [], inputs: inputs, retainGraph: retain ?? create, createGraph: create, allowUnused: unused)
    return .list(found.map { $0.map { .object($0) } ?? .none })
  }
}
