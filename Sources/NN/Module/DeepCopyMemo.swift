import Interface
import OrderedCollections
import TensorCore
import Torch

/// What one deep copy has copied so far, so that what was shared stays shared. Mirrors the memo of Python's `copy.deepcopy`.
public final class DeepCopyMemo {
  /// The modules copied, in order.
  public private(set) var modules: [(old: Module, new: Module)] = []
  private var moduleCopies: [ObjectIdentifier: Module] = [:]
  private var tensorCopies: [ObjectIdentifier: (old: Tensor, new: Tensor)] = [:]
  private var storageCopies: [ObjectIdentifier: (old: Storage, new: Storage)] = [:]
  private var dictionaryCopies: [ObjectIdentifier: (old: OrderedDict, new: OrderedDict)] = [:]

  /// What a language binding notes about its own values.
  public var foreign: AnyObject?

  /// Whether tensors and packed weights stay themselves: a copy of the modules alone.
  public let sharesTensors: Bool

  /// A memo of nothing yet.
  public init(sharesTensors: Bool = false) { self.sharesTensors = sharesTensors }

  /// Notes that `new` is the copy of `old`; to be done before anything inside is copied.
  public func note(_ old: Module, _ new: Module) {
    if moduleCopies.updateValue(new, forKey: ObjectIdentifier(old)) == nil { modules.append((old, new)) }
  }

  /// The copy of a module, made where there is none yet.
  public func copy(_ module: Module) throws -> Module {
    if let known = moduleCopies[ObjectIdentifier(module)] { return known }
    let copy = try module.copyForDeepCopy(self)
    note(module, copy)
    return copy
  }

  /// The copy of a tensor, made where there is none yet. Tensors that share bytes share them in the copy.
  /// - Throws: PyTorch's `RuntimeError` for a tensor that is no leaf.
  public func copy(_ tensor: Tensor) throws -> Tensor {
    if sharesTensors { return tensor }
    if let known = tensorCopies[ObjectIdentifier(tensor)] { return known.new }
    if !tensor.isLeaf {
      throw TorchError.runtime(
        "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  If you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001")
    }
    let copy = tensor.detached()
    try copy.setData(
      Tensor(storage: copyStorage(tensor.storage), sizes: tensor.sizes, strides: tensor.strides, storageOffset: tensor.storageOffset, dtype: tensor.dtype),
      quantizer: tensor.quantizer)
    if let record = tensor.autograd {
      let fresh = copy.recordForWriting()
      fresh.requiresGrad = record.requiresGrad
      fresh.isParameter = record.isParameter
      fresh.buffer = record.buffer
      fresh.isUninitialized = record.isUninitialized
      fresh.pruningMask = try record.pruningMask.map { try self.copy($0) }
      fresh.grad = try record.grad.map { try self.copy($0.isLeaf ? $0 : $0.detached()) }
    }
    tensorCopies[ObjectIdentifier(tensor)] = (tensor, copy)
    return copy
  }

  private func copyStorage(_ storage: Storage) throws -> Storage {
    if let known = storageCopies[ObjectIdentifier(storage)] { return known.new }
    let copy = try Storage(byteCount: storage.byteCount)
    copy.pointer.copyMemory(from: storage.pointer, byteCount: storage.byteCount)
    storageCopies[ObjectIdentifier(storage)] = (storage, copy)
    return copy
  }

  /// The copy of any value; what is no tensor, module or container stays itself.
  public func copy(_ value: Value) throws -> Value {
    switch value {
    case .object(let object as Tensor): return .object(try copy(object))
    case .object(let object as Module): return .object(try copy(object))
    case .object(let object as OrderedDict):
      if let known = dictionaryCopies[ObjectIdentifier(object)] { return .object(known.new) }
      let fresh = OrderedDict()
      dictionaryCopies[ObjectIdentifier(object)] = (object, fresh)
      for (key, value) in object.entries { fresh.entries[key] = try copy(value) }
      for (key, value) in object.attributes { fresh.attributes[key] = try copy(value) }
      return .object(fresh)
    case .list(let items): return .list(try items.map(copy))
    case .tuple(let items): return .tuple(try items.map(copy))
    case .dictionary(let rows): return .dictionary(try rows.map { (try copy($0.0), try copy($0.1)) })
    default: return value
    }
  }
}

extension Module {
  /// A copy that shares nothing with this module. Mirrors `copy.deepcopy`.
  public func deepCopy(_ memo: DeepCopyMemo = DeepCopyMemo()) throws -> Module { try memo.copy(self) }

  /// Notes `copy` as this module's copy and fills it: parameters, buffers, submodules, attributes, mode and hooks.
  public func copyContents(to copy: Module, _ memo: DeepCopyMemo) throws {
    memo.note(self, copy)
    copy.training = training
    copy.nonPersistentBuffers = nonPersistentBuffers
    copy.parameters = OrderedDictionary(uniqueKeysWithValues: try parameters.map { ($0.key, try $0.value.map { try memo.copy($0) }) })
    copy.buffers = OrderedDictionary(uniqueKeysWithValues: try buffers.map { ($0.key, try $0.value.map { try memo.copy($0) }) })
    let keepers = forwardPreHooks.values.compactMap { $0.owner as? any AttributeKeeper }
    let kept = Set(keepers.flatMap(\.keptAttributes))
    copy.attributes = OrderedDictionary(uniqueKeysWithValues: try attributes.map { ($0.key, kept.contains($0.key) ? $0.value : try memo.copy($0.value)) })
    copy.modules = OrderedDictionary(uniqueKeysWithValues: try modules.map { ($0.key, try $0.value.map { try memo.copy($0) }) })
    copy.forwardPreHooks = OrderedDictionary(
      uniqueKeysWithValues: try forwardPreHooks.map { ($0.key, try ($0.value.owner as? any AttributeKeeper)?.hookForCopy(memo) ?? $0.value) })
    copy.forwardHooks = forwardHooks
    copy.backwardHooks = backwardHooks
    copy.backwardPreHooks = backwardPreHooks
    copy.stateHooks = stateHooks
    copy.instanceClass = instanceClass
    try hooksFollow(to: copy)
    for case let keeper as any AttributeKeeper in copy.forwardPreHooks.values.map(\.owner) {
      let flows = keeper.keptAttributes.contains { if case .object(let tensor as Tensor)? = attributes[$0] { tensor.requiresGrad } else { false } }
      try GradMode.with(flows) { try keeper.keep(copy) }
    }
  }
}
