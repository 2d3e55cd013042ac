import Interface
import NN
import TensorCore
import Torch

/// What the functions of `torch.nn.utils.prune` do.
public enum Pruning {
  /// Prunes a module's tensor by a new method of a class.
  @discardableResult
  static func apply(_ type: String, _ module: Module, _ name: String, _ attributes: [(name: String, value: Value)] = [], importance: Value = .none) throws -> Module {
    guard let method = try pruningMethods.type(type)?.make(CallArguments(keywords: attributes)) else { return module }
    try method.apply(to: module, name, importance: importance.scores())
    return module
  }

  /// Prunes a module's tensor by a mask. Mirrors `torch.nn.utils.prune.custom_from_mask`.
  public static func customFromMask(_ module: Module, _ name: String, _ mask: Tensor) throws {
    try apply("CustomFromMask", module, name, [("mask", .object(mask))])
  }

  /// The method that prunes this tensor of a module, and its hook's id; nil where it is not pruned.
  public static func method(of module: Module, _ name: String) -> (id: Int, method: PruningMethod)? {
    for (id, hook) in module.forwardPreHooks {
      if let method = hook.owner as? PruningMethod, method.tensorName == name { return (id, method) }
    }
    return nil
  }

  /// The names of a module's own pruned tensors.
  public static func prunedNames(of module: Module) -> [String] {
    module.forwardPreHooks.values.compactMap { ($0.owner as? PruningMethod)?.tensorName }
  }

  /// Whether a module or one below it is pruned. Mirrors `torch.nn.utils.prune.is_pruned`.
  public static func isPruned(_ module: Module) -> Bool {
    module.allModules.contains { $0.forwardPreHooks.values.contains { $0.owner is PruningMethod } }
  }

  /// Makes the pruning of a tensor lasting: an ordinary parameter with zeros. Mirrors `torch.nn.utils.prune.remove`.
  /// - Throws: PyTorch's sentence where it is not pruned.
  public static func remove(_ module: Module, _ name: String) throws {
    guard let (id, method) = method(of: module, name) else {
      throw TorchError.value("Parameter '\(name)' of module \(module) has to be pruned before pruning can be removed")
    }
    try method.remove(from: module)
    module.removeHook(id)
  }

  /// Prunes a layer's bias where all that its weight's mask has of a channel is zero. Does nothing for a layer without bias.
  /// - Throws: a `ValueError` where the bias has not one element for each channel.
  static func pruneBias(_ module: Module, like name: String, _ dim: Int) throws {
    let mask = try module.tensor(name + "_mask")
    let key = name.hasSuffix("weight") || name.contains("weight_") ? name.replacing("weight", with: "bias") : "bias"
    guard case .object(let bias as Tensor)? = try module.attribute(key) else { return }
    let at = dim < 0 ? dim + mask.dim : dim
    if bias.sizes != [mask.sizes[at]] {
      throw TorchError.value(
        "prune_bias: '\(key)' has shape \(bias.sizeText), not one element for each of the \(mask.sizes[at]) channels along dim \(dim)")
    }
    let isLeft = try mask.sum(dims: (0..<mask.dim).filter { $0 != at }).ne(.wrapped(.integer(0)))
    try customFromMask(module, key, isLeft)
  }
}

/// Functions that prune.
public let pruneFunctions = OperationFamily("torch.nn.utils.prune") { ops in
  let plain: Variants = [.function]
  ops.define("identity(Module module, str name) -> Module", doc: "Gives the tensor a mask of ones; gives the module. Mirrors torch.nn.utils.prune.identity.", variants: plain) {
    (m: Module, n: String) in try Pruning.apply("Identity", m, n)
  }
  ops.define(
    "random_unstructured(Module module, str name, Scalar amount) -> Module",
    doc: "Prunes elements at random: a fraction of those left, or a number; gives the module. Mirrors torch.nn.utils.prune.random_unstructured.", variants: plain
  ) { (m: Module, n: String, a: Value) in try Pruning.apply("RandomUnstructured", m, n, [("amount", a)]) }
  ops.define(
    "l1_unstructured(Module module, str name, Scalar amount, Tensor? importance_scores=None) -> Module",
    doc: "Prunes the elements of least magnitude, or of least score: a fraction of those left, or a number; gives the module. Mirrors torch.nn.utils.prune.l1_unstructured.",
    variants: plain
  ) { (m: Module, n: String, a: Value, s: Value) in try Pruning.apply("L1Unstructured", m, n, [("amount", a)], importance: s) }
  ops.define(
    "random_structured(Module module, str name, Scalar amount, int dim) -> Module",
    doc: "Prunes channels along dim at random: a fraction of those left, or a number; gives the module. Mirrors torch.nn.utils.prune.random_structured.", variants: plain
  ) { (m: Module, n: String, a: Value, d: Value) in try Pruning.apply("RandomStructured", m, n, [("amount", a), ("dim", d)]) }
  ops.define(
    "ln_structured(Module module, str name, Scalar amount, Scalar n, int dim, Tensor? importance_scores=None, *, bool prune_bias=False) -> Module",
    doc: """
      Prunes the channels along dim of least n-norm (a number, math.huge, 'fro' or 'nuc'): a fraction of those left, or a number; \
      gives the module. With prune_bias=true the bias of these channels is pruned too, so that they give zero. Mirrors torch.nn.utils.prune.ln_structured.
      """, variants: plain
  ) { (m: Module, name: String, a: Value, n: Value, d: Value, s: Value, withBias: Bool) -> Module in
    try Pruning.apply("LnStructured", m, name, [("amount", a), ("n", n), ("dim", d)], importance: s)
    if withBias, case .integer(let dim) = d { try Pruning.pruneBias(m, like: name, dim) }
    return m
  }
  ops.define("custom_from_mask(Module module, str name, Tensor mask) -> Module", doc: "Prunes by a mask of ones and zeros; gives the module. Mirrors torch.nn.utils.prune.custom_from_mask.", variants: plain) {
    (m: Module, n: String, mask: Value) in try Pruning.apply("CustomFromMask", m, n, [("mask", mask)])
  }
  ops.define("remove(Module module, str name) -> Module", doc: "Makes pruning lasting: NAME is an ordinary parameter again, with zeros; gives the module. Mirrors torch.nn.utils.prune.remove.", variants: plain) {
    (m: Module, n: String) -> Module in
    try Pruning.remove(m, n)
    return m
  }
  ops.define("_mask(Tensor parameter) -> Tensor?", doc: "The mask of a parameter that is pruned, or whose pruning was made lasting; nil for others.", variants: plain) {
    (p: Tensor) -> Value in p.autograd?.pruningMask.map { .object($0) } ?? .none
  }
  ops.define("is_pruned(Module module) -> bool", doc: "Whether the module or one below it is pruned. Mirrors torch.nn.utils.prune.is_pruned.", variants: plain) {
    (m: Module) in Pruning.isPruned(m)
  }
}

/// Methods of pruning methods.
public let pruningMethodMethods = OperationFamily("torch.nn.utils.prune.BasePruningMethod") { ops in
  func method(_ value: Value) throws -> PruningMethod {
    guard case .object(let method as PruningMethod) = value else { throw TorchError.type("a pruning method was expected, got \(value.pythonTypeName)") }
    return method
  }
  ops.define("compute_mask(any self, Tensor t, Tensor default_mask) -> Tensor", doc: "The mask for a tensor of scores, on top of a mask. Mirrors BasePruningMethod.compute_mask.", variants: [.method]) {
    (m: Value, t: Tensor, mask: Tensor) in try method(m).nativeMask(t, mask)
  }
  ops.define("apply_mask(any self, Module module) -> Tensor", doc: "The pruned tensor of a module: mask times original. Mirrors BasePruningMethod.apply_mask.", variants: [.method]) {
    (m: Value, module: Module) in try method(m).maskedTensor(module)
  }
  ops.define("prune(any self, Tensor t, Tensor? default_mask=None, Tensor? importance_scores=None) -> Tensor", doc: "A pruned version of a tensor. Mirrors BasePruningMethod.prune.", variants: [.method]) {
    (m: Value, t: Tensor, mask: Tensor?, s: Tensor?) in try method(m).prune(t, defaultMask: mask, importance: s)
  }
  ops.define("remove(any self, Module module) -> ()", doc: "Makes pruning lasting; the hook stays. Mirrors BasePruningMethod.remove.", variants: [.method]) {
    (m: Value, module: Module) -> Nothing in
    try method(m).remove(from: module)
    return Nothing()
  }
  ops.define("add_pruning_method(any self, any method) -> ()", doc: "Adds a method to a container. Mirrors PruningContainer.add_pruning_method.", variants: [.method]) {
    (m: Value, other: Value) -> Nothing in
    guard let container = try method(m) as? PruningContainer else {
      throw TorchError.attribute("'\(try method(m).typeName)' object has no attribute 'add_pruning_method'")
    }
    if case .none = other { return Nothing() }
    try container.add(other)
    return Nothing()
  }
}
