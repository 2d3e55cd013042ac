import Interface
import TensorCore

/// The tensors of an argument that may be one tensor, a list in which nil stands for none, or nil.
private func optionalTensors(_ value: Value, _ name: String) throws -> [Tensor?] {
  switch value {
  case .none: return []
  case .object(let object):
    guard let x = object as? Tensor else { break }
    return [x]
  case .list(let items):
    return try items.map { item in
      switch item {
      case .none: return nil
      case .object(let x as Tensor): return x
      default: throw TorchError.type("gradients can be either Tensors or None, but got \(item.pythonTypeName)")
      }
    }
  default: break
  }
  throw TorchError.type("\(name): a tensor or a list of tensors was expected, got \(value.pythonTypeName)")
}

extension Tensor {
  /// Cuts this tensor off from its history. Mirrors `Tensor.detach_`.
  /// - Throws: PyTorch's sentence for views.
  func detachInPlace() throws {
    if base != nil {
      throw TorchError.runtime(
        "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution."
      )
    }
    autograd?.node = nil
    autograd?.outputIndex = 0
    autograd?.requiresGrad = false
  }

  /// How often it was changed in place, for users. Mirrors `Tensor._version`.
  /// - Throws: PyTorch's sentence for tensors of inference mode.
  public func countedVersion() throws -> Int {
    if isInference { throw TorchError.runtime("Inference tensors do not track version counter.") }
    return version
  }
}

/// Gradients and their graph.
public let gradients = OperationFamily("torch") { ops in
  ops.define("backward(Tensor self, Tensor? gradient=None, bool? retain_graph=None, bool create_graph=False, Tensor[1]? inputs=None) -> ()", doc: "Accumulates the gradients of self into the leaves it was made of, or into inputs alone. Mirrors Tensor.backward.", variants: [.method]) {
    (x: Tensor, g: Tensor?, retain: Bool?, create: Bool, inputs: [Tensor]?) -> Nothing in
    try Backward.run([x], gradients: g.map { [$0] } ?? [], retainGraph: retain ?? create, createGraph: create, inputs: inputs)
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
    try x.detachInPlace()
    return x
  }
  ops.define("is_grad_enabled() -> bool", doc: "Whether operations are recorded. Mirrors torch.is_grad_enabled.", variants: [.function]) { () -> Bool in GradMode.isEnabled }
  ops.define("is_inference_mode_enabled() -> bool", doc: "Whether tensors are made that no gradient will ask for. Mirrors torch.is_inference_mode_enabled.", variants: [.function]) { () -> Bool in InferenceMode.isEnabled }
  ops.define("is_anomaly_enabled() -> bool", doc: "Whether the backward pass looks for what went wrong. Mirrors torch.is_anomaly_enabled.", variants: [.function]) { () -> Bool in AnomalyMode.isEnabled }
  ops.define("is_anomaly_check_nan_enabled() -> bool", doc: "Whether it looks for NaN. Mirrors torch.is_anomaly_check_nan_enabled.", variants: [.function]) { () -> Bool in AnomalyMode.checksNaN }
  ops.define("is_inference(Tensor self) -> bool", doc: "Whether it was made in inference mode. Mirrors torch.is_inference.") { (x: Tensor) -> Bool in x.isInference }
  ops.define("_is_view(Tensor self) -> bool", doc: "Whether it is a differentiable view of another. Mirrors Tensor._is_view.", variants: [.method]) { (x: Tensor) -> Bool in x.base != nil }
}

/// `torch.autograd`.
public let autogradFunctions = OperationFamily("torch.autograd") { ops in
  ops.define("backward(any tensors, any grad_tensors=None, bool? retain_graph=None, bool create_graph=False, Tensor[1]? inputs=None) -> ()", doc: "Accumulates gradients into the leaves, or into inputs alone. Mirrors torch.autograd.backward.", variants: [.function]) {
    (roots: Value, g: Value, retain: Bool?, create: Bool, inputs: [Tensor]?) -> Nothing in
    let roots = try optionalTensors(roots, "tensors").compactMap { $0 }
    try Backward.run(roots, gradients: optionalTensors(g, "grad_tensors"), retainGraph: retain ?? create, createGraph: create, inputs: inputs)
    return Nothing()
  }
  ops.define("grad(any outputs, any inputs, any grad_outputs=None, bool? retain_graph=None, bool create_graph=False, bool only_inputs=True, bool? allow_unused=None, bool is_grads_batched=False, bool materialize_grads=False) -> Tensor[]", doc: "The gradients of the outputs' sum with respect to the inputs, a table. Mirrors torch.autograd.grad.", variants: [.function]) {
    (roots: Value, inputs: Value, g: Value, retain: Bool?, create: Bool, _: Bool, unused: Bool?, batched: Bool, materialize: Bool) -> Value in
    if materialize && unused == false {
      throw TorchError.value("Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.")
    }
    let roots = try optionalTensors(roots, "outputs").compactMap { $0 }
    let inputs = try optionalTensors(inputs, "inputs").compactMap { $0 }
    let seeds = try optionalTensors(g, "grad_outputs")
    let keep = retain ?? create
    let allows = unused ?? materialize
    func gradients(_ seeds: [Tensor?], keep: Bool) throws -> [Tensor?] {
      let found = try Backward.gradients(of: roots, seeds, inputs: inputs, retainGraph: keep, createGraph: create, allowUnused: allows)
      return materialize ? try zip(found, inputs).map { try $0 ?? .zeros($1.sizes, dtype: $1.dtype) } : found
    }
    if !batched { return .list(try gradients(seeds, keep: keep).map { $0.map { .object($0) } ?? .none }) }
    // One pass for each row of the batch.
    let count = try seeds.compactMap { $0 }.map { x -> Int in
      if x.dim == 0 { throw TorchError.runtime("If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch dimension. The sizes of the remaining dimensions are expected to match the shape of corresponding output, but a mismatch was detected: a grad_output has no dimension.") }
      return x.sizes[0]
    }.min() ?? 0
    let rows = try (0..<count).map { i in try gradients(seeds.map { try $0?.select(0, i) }, keep: keep || i < count - 1) }
    return .list(
      try inputs.indices.map { k in
        let parts = rows.compactMap { $0[k] }
        return parts.count == rows.count && count > 0 ? .object(try Tensor.stack(parts, 0)) : .none
      })
  }
}
