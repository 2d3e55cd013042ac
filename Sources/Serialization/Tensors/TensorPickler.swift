import Interface
import TensorCore
import Torch

/// Describes values as the pickle of a checkpoint does, and collects the storages that go beside it.
///
/// What is one object stays one object: a tensor or dictionary that occurs twice is described once, and tensors over one storage share
/// its record. Storages are numbered as they are met.
public struct TensorPickler {
  /// The storages met so far, with their keys.
  public private(set) var storages: [(key: String, storage: Storage)] = []

  private var storageIDs: [ObjectIdentifier: (id: PickledStorage, dtype: DType)] = [:]
  private var known: [ObjectIdentifier: PickleValue] = [:]
  /// What `known` names, kept alive so that no identity is used twice.
  private var retained: [AnyObject] = []
  /// The dictionaries being described, to find one that holds itself.
  private var open: Set<ObjectIdentifier> = []
  private var depth = 0

  /// Deeper values are refused; Python's own limit is of this size.
  static let greatestDepth = 200

  private let isLegacy: Bool

  /// A pickler for one file.
  public init() { self.init(isLegacy: false) }

  /// A pickler for one file, of the format before PyTorch 1.6 where `isLegacy`.
  init(isLegacy: Bool) { self.isLegacy = isLegacy }

  /// The number of elements of the storage with a key.
  func elementCount(of key: String) -> Int? { storageIDs.values.first { $0.id.key == key }?.id.count }

  /// What stands for `value`.
  /// - Throws: a `TypeError` for what cannot be saved, a `ValueError` for values that hold themselves or are nested too deeply.
  public mutating func pickle(_ value: Value) throws -> PickleValue {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.greatestDepth { throw TorchError.value("the value to save is nested too deeply (a table that contains itself?)") }
    switch value {
    case .none: return .none
    case .boolean(let truth): return .boolean(truth)
    case .integer(let number): return .integer(Int64(number))
    case .number(let number): return .float(number)
    case .string(let text): return .string(text)
    case .list(let items): return .list(try items.map { try pickle($0) })
    case .tuple(let items): return .tuple(try items.map { try pickle($0) })
    case .dictionary(let rows):
      let dictionary = PickleDictionary()
      for (key, value) in rows { dictionary.items[try PickleKey(pickle(key))] = try pickle(value) }
      return .dictionary(dictionary)
    case .object(let object): return try pickle(object: object)
    case .foreign: throw Self.refusal("function")
    }
  }

  /// A TorchScript object with the given state, `torch.ScriptObject`.
  public mutating func scriptObject(className: String, state: Value) throws -> PickleValue {
    .object(PickleObject.scriptObject(className: className, state: try pickle(state)))
  }

  private mutating func pickle(object: AnyObject) throws -> PickleValue {
    if let refusal = (object as? SavingRefuser)?.savingRefusal { throw refusal }
    let identity = ObjectIdentifier(object)
    if let done = known[identity] { return done }
    guard open.insert(identity).inserted else { throw TorchError.value("Circular reference detected: a dict to save holds itself") }
    defer { open.remove(identity) }
    let result: PickleValue
    switch object {
    case let tensor as Tensor: result = try pickle(tensor)
    case let dictionary as OrderedDict: result = try pickle(dictionary)
    case let dtype as DTypeObject: return .global("torch", dtype.dtype.name)
    case let object as PickleRepresentable: result = try object.pickled(by: &self)
    default: throw Self.refusal(Value.object(object).pythonTypeName)
    }
    known[identity] = result
    retained.append(object)
    return result
  }

  private static func refusal(_ type: String) -> TorchError {
    .type(
      "cannot save a '\(type)': torch.save writes tensors, modules, state dicts, tables, strings and numbers.")
  }

  // MARK: Tensors

  private mutating func pickle(_ tensor: Tensor) throws -> PickleValue {
    guard tensor.isParameter else { return .object(try describe(tensor, requiresGrad: tensor.requiresGrad).makeObject()) }
    return .object(.parameter(try describe(tensor, requiresGrad: false).makeObject(), requiresGrad: tensor.requiresGrad))
  }

  private mutating func describe(_ tensor: Tensor, requiresGrad: Bool) throws -> PickledTensor {
    let storage = try identify(tensor.storage, tensor.dtype)
    var quantizer: PickledTensor.Quantizer?
    switch tensor.quantizer {
    case nil: break
    case .perTensorAffine(let scale, let zeroPoint): quantizer = .perTensor(scale: scale, zeroPoint: Int64(zeroPoint))
    case .perChannelAffine(let scales, let zeroPoints, let axis):
      let first = try describe(scales, requiresGrad: false)
      quantizer = .perChannel(scales: first, zeroPoints: try describe(zeroPoints, requiresGrad: false), axis: axis)
    }
    return try PickledTensor(
      storage: storage, offset: tensor.storageOffset, shape: Array(tensor.sizes), strides: Array(tensor.strides),
      requiresGrad: requiresGrad, quantizer: quantizer)
  }

  private mutating func identify(_ storage: Storage, _ dtype: DType) throws -> PickledStorage {
    if let (id, before) = storageIDs[ObjectIdentifier(storage)] {
      if before != dtype {
        throw TorchError.runtime(
          "Cannot save multiple tensors or storages that view the same data as different types")
      }
      return id
    }
    let key = String(storages.count)
    var id = PickledStorage(type: dtype.storageClass, key: key, count: storage.byteCount / dtype.itemSize)
    id.isLegacy = isLegacy
    storages.append((key, storage))
    storageIDs[ObjectIdentifier(storage)] = (id, dtype)
    return id
  }

  // MARK: Dictionaries

  private mutating func pickle(_ dictionary: OrderedDict) throws -> PickleValue {
    let entries = try dictionary.entries.map { (key: $0.key, value: try pickle($0.value)) }
    if case .string(OrderedDict.plainClass)? = dictionary.attributes[OrderedDict.classAttribute] {
      let plain = PickleDictionary()
      for (key, value) in entries { plain.items[try PickleKey(pickle(key.asValue))] = value }
      return .dictionary(plain)
    }
    if case .object(let object)? = dictionary.attributes["_metadata"], let metadata = object as? OrderedDict {
      var items: [(key: String, value: PickleValue)] = []
      for (key, value) in entries {
        guard case .string(let name) = key else { throw TorchError.type("the keys of a state dict are strings, not \(key.asValue.pythonTypeName)") }
        items.append((name, value))
      }
      var rows: [(path: String, value: PickleValue)] = []
      for (key, value) in metadata.entries { if case .string(let path) = key { rows.append((path, try pickle(value))) } }
      return .object(try .stateDictionary(items, metadata: rows))
    }
    let result = PickleObject.orderedDictionary([])
    for (key, value) in entries { result.items[try PickleKey(pickle(key.asValue))] = value }
    let attributes = PickleDictionary()
    for (name, value) in dictionary.attributes { attributes[name] = try pickle(value) }
    if !attributes.items.isEmpty { result.state = .dictionary(attributes) }
    return .object(result)
  }
}

extension OrderedDict {
  /// The attribute that tells a dict from an `OrderedDict`; Python has it on every object.
  static let classAttribute = "__class__"
  /// Its value for a dict.
  static let plainClass = "dict"
  /// Whether it was a dict in the file that it comes from.
  public var isPlain: Bool { if case .string(Self.plainClass)? = attributes[Self.classAttribute] { true } else { false } }
}
