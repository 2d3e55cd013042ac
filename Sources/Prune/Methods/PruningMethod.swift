import Interface
import NN
import OrderedCollections
import TensorCore
import Torch

/// A way to prune one tensor of a module, and the hook that keeps it pruned. Mirrors `torch.nn.utils.prune.BasePruningMethod`.
///
/// While it is applied, the module has a parameter `NAME_orig`, a buffer `NAME_mask` and a plain attribute `NAME`, their
/// product, which a forward pre-hook makes anew before each call.
open class PruningMethod: CustomStringConvertible {
  /// The name of the tensor that it prunes; nil before it is applied.
  public var tensorName: String?
  /// What its constructor was given (`amount`, `n`, `dim`, `mask`), read anew at each pruning.
  public var attributes: OrderedDictionary<String, Value> = [:]

  /// A method without attributes.
  public required init() {}

  /// The class's name.
  open var typeName: String { "\(type(of: self))" }
  /// The Python module the class belongs to.
  open var typeModule: String { "torch.nn.utils.prune" }
  /// Its class.
  open var methodType: PruningMethodType? { pruningMethods.type(typeName) }
  /// What further pruning leaves it to choose from: `unstructured` (elements that are left), `structured` (channels that
  /// are left) or `global` (all). Mirrors `PRUNING_TYPE`.
  open var pruningType: String? { nil }
  /// The attribute under this name as a user reads it; nil where there is none.
  open func attribute(_ name: String) -> Value? { attributes[name] }

  /// The mask for a tensor: `defaultMask`, whose sizes it has, with zeros where more is to be pruned.
  /// - Parameter t: the importance of the elements.
  /// - Throws: PyTorch's sentences for amounts and dimensions that do not fit.
  open func computeMask(_ t: Tensor, _ defaultMask: Tensor) throws -> Tensor { throw TorchError.notImplemented("") }

  /// What the Swift class computes, for classes of another language that override `computeMask` and call the one above.
  open func nativeMask(_ t: Tensor, _ defaultMask: Tensor) throws -> Tensor { try computeMask(t, defaultMask) }

  /// The pruned tensor; mask times original unless a class says otherwise.
  open func applyMask(_ module: Module) throws -> Tensor { try maskedTensor(module) }

  /// Mask times original.
  public final func maskedTensor(_ module: Module) throws -> Tensor {
    guard let name = tensorName else { throw TorchError(.assertionError, "Module \(module) has to be pruned") }
    guard let mask = try module.optionalTensor(name + "_mask") else { throw TorchError.attribute("'NoneType' object has no attribute 'to'") }
    let original = try module.tensor(name + "_orig")
    return try (mask.dtype == original.dtype ? mask : mask.to(original.dtype)).mul(original)
  }

  /// What a file keeps of it: its attributes and the name of the tensor.
  open func savedAttributes() throws -> OrderedDictionary<String, Value> {
    var saved = attributes
    saved["_tensor_name"] = tensorName.map { .string($0) }
    return saved
  }

  /// Checks attributes that were just set.
  /// - Throws: PyTorch's sentences for amounts that no tensor can have.
  open func checkAttributes() throws {
    if let amount = attributes["amount"] { _ = try PruningAmount(amount) }
  }

  /// A method of the same kind that shares nothing with it, for the copy of its module.
  open func copied(_ memo: DeepCopyMemo) throws -> PruningMethod {
    let copy = type(of: self).init()
    try copyState(to: copy, memo)
    return copy
  }

  /// Gives a copy its name and its attributes.
  public func copyState(to copy: PruningMethod, _ memo: DeepCopyMemo) throws {
    copy.tensorName = tensorName
    for (name, value) in attributes { copy.attributes[name] = try memo.copy(value) }
  }

  /// `<torch.nn.utils.prune.Identity object at 0x…>`.
  public var description: String {
    let address = String(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()), radix: 16)
    return "<\(typeModule).\(typeName) object at 0x\(address)>"
  }

  // For subclasses.

  /// The amount of `size` units that is to go.
  final func unitsToPrune(of size: Int) throws -> Int { try PruningAmount(attributes["amount"] ?? .none).units(of: size) }

  /// The attribute `dim`.
  final func dimension() throws -> Int {
    switch attribute("dim") {
    case .integer(let dim)?: return dim
    case .boolean(let flag)?: return flag ? 1 : 0
    case let value?: throw TorchError.type("'\(value.pythonTypeName)' object cannot be interpreted as an integer")
    case nil:
      throw TorchError.attribute("Pruning methods of PRUNING_TYPE \"structured\" need to have the attribute `dim` defined.")
    }
  }
}

extension PruningMethod {
  /// A pruned version of a tensor; the mask is not kept. Mirrors `BasePruningMethod.prune`.
  /// - Throws: PyTorch's sentence for scores of other sizes than the tensor's.
  public func prune(_ t: Tensor, defaultMask: Tensor? = nil, importance: Tensor? = nil) throws -> Tensor {
    if let importance, importance.sizes != t.sizes {
      throw TorchError(
        .assertionError, "importance_scores should have the same shape as tensor t, got \(importance.sizeText) vs \(t.sizeText)")
    }
    return try t.mul(maskFor(importance ?? t, defaultMask ?? .ones(t.sizes, dtype: t.dtype)))
  }

  /// `computeMask` without a record of how.
  func maskFor(_ t: Tensor, _ defaultMask: Tensor) throws -> Tensor {
    try GradMode.with(false) { try computeMask(t, defaultMask) }
  }

  /// The hook that keeps the module's tensor pruned.
  public var hook: ForwardPreHook {
    ForwardPreHook(owner: self) { module, _ in
      try self.keep(module)
      return nil
    }
  }

  /// Prunes a module's tensor and keeps it pruned, on top of what pruned it before. Mirrors `BasePruningMethod.apply`.
  ///
  /// If anything fails the module is left as it was.
  /// - Returns: the method that now prunes the tensor: this one, or the container of all.
  @discardableResult
  public func apply(to module: Module, _ name: String, importance: Tensor? = nil) throws -> PruningMethod {
    let before = module.forwardPreHooks.filter { ($0.value.owner as? PruningMethod)?.tensorName == name }
    if before.count > 1 {
      throw TorchError(.assertionError, "Avoid adding multiple pruning hooks to the same tensor \(name) of module \(module). Use a PruningContainer.")
    }
    let old = before.values.first?.owner as? PruningMethod
    guard let found = try module.attribute(name) else { throw TorchError.attribute("'\(module.typeName)' object has no attribute '\(name)'") }
    guard case .object(let orig as Tensor) = found else {
      throw TorchError.type("ones_like(): argument 'input' (position 1) must be Tensor, not \(found.pythonTypeName)")
    }
    if let importance, importance.sizes != orig.sizes {
      throw TorchError(
        .assertionError,
        "importance_scores should have the same shape as parameter \(name) of \(module), got \(importance.sizeText) vs \(orig.sizeText)")
    }
    tensorName = name
    let saved = (module.parameters, module.buffers, module.attributes)
    do {
      let mask: Tensor
      if old == nil {
        try module.registerParameter(name + "_orig", orig)
        if module.parameters.removeValue(forKey: name) == nil { throw TorchError(.keyError, "'\(name)'") }
        mask = try maskFor(importance ?? orig, .ones(orig.sizes, dtype: orig.dtype))
      } else {
        mask = try GradMode.with(false) { try PruningContainer.mask(by: self, importance ?? orig, module.tensor(name + "_mask").detached().denseCopy()) }
      }
      try module.registerBuffer(name + "_mask", mask)
      try module.setAttribute(name, .object(applyMask(module)))
    } catch {
      (module.parameters, module.buffers, module.attributes) = saved
      throw error
    }
    for id in before.keys { module.removeHook(id) }
    var method: PruningMethod = self
    if let old {
      let container = try old as? PruningContainer ?? PruningContainer(old)
      try container.add(self)
      method = container
    }
    module.registerForwardPreHook(method.hook)
    try method.settle(in: module)
    return method
  }

  /// Lets the module's tensor be an ordinary parameter again, zero where it was pruned. The hook stays.
  /// Mirrors `BasePruningMethod.remove`.
  public func remove(from module: Module) throws {
    guard let name = tensorName else {
      throw TorchError(.assertionError, "Module \(module) has to be pruned before pruning can be removed")
    }
    let weight = try GradMode.with(false) { try applyMask(module) }
    guard case let orig?? = module.parameters[name + "_orig"] else { throw TorchError(.keyError, "'\(name)_orig'") }
    if try module.attribute(name) != nil { try module.deleteAttribute(name) }
    try orig.setData(weight)
    module.parameters.removeValue(forKey: name + "_orig")
    module.buffers.removeValue(forKey: name + "_mask")
    module.nonPersistentBuffers.remove(name + "_mask")
    try module.setAttribute(name, .object(orig))
  }
}

extension PruningMethod: AttributeKeeper {
  public var keptAttributes: [String] { tensorName.map { [$0] } ?? [] }

  /// Makes the module's pruned tensor anew.
  public func keep(_ module: Module) throws {
    let tensor = try applyMask(module)
    guard let name = tensorName else { return }
    if module.attributes[name] != nil { module.attributes[name] = .object(tensor) } else { try module.setAttribute(name, .object(tensor)) }
  }

  /// Lets the original know its mask.
  public func settle(in module: Module) throws {
    guard let name = tensorName, case let original?? = module.parameters[name + "_orig"] else { return }
    original.recordForWriting().pruningMask = try module.optionalTensor(name + "_mask")
  }

  public func hookForCopy(_ memo: DeepCopyMemo) throws -> ForwardPreHook { try copied(memo).hook }
}
