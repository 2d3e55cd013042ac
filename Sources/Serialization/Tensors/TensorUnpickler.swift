import Interface
import OrderedCollections
import TensorCore
import Torch

/// Makes values of what the pickle of a checkpoint describes.
///
/// Memory is bounded by the file: every storage is made once, lists that occur many times are one array, and tensors are views that
/// take no memory of their own, whatever shape they claim.
final class TensorUnpickler {
  private let source: any StorageSource
  private let locations: LocationMap
  /// The classes of whole objects that may be made; nil where only weights are wanted.
  private let classes: ObjectClasses?
  /// Values of modules, in which tuples stay tuples.
  private var attributes: [ObjectIdentifier: Value] = [:]
  private var storages: [ExactString: (storage: Storage, isBoolean: Bool)] = [:]
  private var known: [ObjectIdentifier: (value: Value, weight: Int)] = [:]
  private var depth = 0

  /// How many values a list may hold, shared ones counted each time: a small file can describe a list of 2⁶⁰.
  private static let greatestWeight = 1 << 24
  /// Offsets and strides beyond it are of no tensor in memory, and smaller ones cannot overflow a byte offset.
  private static let greatestStep = 1 << 52

  init(_ source: any StorageSource, locations: LocationMap, classes: ObjectClasses? = nil) {
    self.classes = classes
    self.source = source
    self.locations = locations
  }

  /// The value that `pickle` describes.
  func value(_ pickle: PickleValue) throws -> Value { try convert(pickle).value }

  private func convert(_ pickle: PickleValue) throws -> (value: Value, weight: Int) {
    guard let node = pickle.node else { return (try convertScalar(pickle), 1) }
    if let done = known[ObjectIdentifier(node)] { return done }
    depth += 1
    defer { depth -= 1 }
    if depth > TensorPickler.greatestDepth { throw SerializationError.unpickling("the pickle's values are nested too deeply") }
    let result: (value: Value, weight: Int)
    switch pickle {
    case .list(let list): result = try convert(list.elements)
    case .tuple(let tuple): result = try convert(tuple.elements)
    case .set(let set): result = try convert(set.members.map(\.value))
    case .dictionary(let dictionary): result = try convert(dictionary)
    case .object(let object): result = (try convert(object), 1)
    case .persistent(let persistent):
      guard let described = source.tensor(persistent.id) else { throw SerializationError.unpickling("bare storages are not supported; save tensors") }
      result = (.object(try tensor(described)), 1)
    default: throw SerializationError.unpickling("a \(pickle.typeName) is not supported")
    }
    known[ObjectIdentifier(node)] = result
    return result
  }

  private func convertScalar(_ pickle: PickleValue) throws -> Value {
    switch pickle {
    case .none: return .none
    case .boolean(let truth): return .boolean(truth)
    case .integer(let number): return .integer(Int(number))
    case .bigInteger(let number): throw SerializationError("the integer \(number) does not fit 64 bits")
    case .float(let number): return .number(number)
    case .bytes(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw SerializationError("bytes that are no UTF-8 text are not supported")
      }
      return .string(text)
    case .global(let global):
      if classes != nil, let function = ObjectClasses.function(global) { return .object(function) }
      if let dtype = DType(global: global) { return .object(DTypeObject.of(dtype)) }
      guard let value = PickleRegistry.global(global) else { throw SerializationError("\(global) is not supported as a value") }
      return value
    default:
      guard let text = pickle.stringValue else { throw SerializationError.unpickling("a \(pickle.typeName) is not supported") }
      return .string(text)
    }
  }

  // MARK: Containers

  private func convert(_ elements: [PickleValue]) throws -> (value: Value, weight: Int) {
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    var weight = 1
    for element in elements {
      let (value, part) = try convert(element)
      weight += part
      if weight > Self.greatestWeight { throw SerializationError.unpickling("a list of the pickle holds more than \(Self.greatestWeight) values") }
      values.append(value)
    }
    return (.list(values), weight)
  }

  /// A dict, as an `OrderedDict` that remembers its class; a plain list of rows where a key is no string, number or boolean.
  private func convert(_ dictionary: PickleDictionary) throws -> (value: Value, weight: Int) {
    let result = OrderedDict()
    result.attributes[OrderedDict.classAttribute] = .string(OrderedDict.plainClass)
    var rows: [(Value, Value)] = []
    var weight = 1
    for (key, item) in dictionary.items {
      let (key, keyWeight) = try convert(key.value)
      let (value, valueWeight) = try convert(item)
      rows.append((key, value))
      if let key = Key(key) { result.entries[key] = value }
      weight = min(weight + keyWeight + valueWeight, Self.greatestWeight)
    }
    return result.entries.count == rows.count ? (.object(result), 1) : (.dictionary(rows), weight)
  }

  private func orderedDictionary(_ object: PickleObject) throws -> Value {
    let result = OrderedDict()
    func add(_ key: PickleValue, _ item: PickleValue) throws {
      guard let key = Key(try value(key)) else {
        throw SerializationError("an OrderedDict with a \(key.typeName) as key is not supported")
      }
      result.entries[key] = try value(item)
    }
    // Python 2 wrote the items as the argument: a list of pairs.
    for pair in object.arguments.elements.first?.sequenceElements ?? [] {
      guard let parts = pair.sequenceElements, parts.count == 2 else { throw SerializationError.unpickling("an OrderedDict is made from pairs") }
      try add(parts[0], parts[1])
    }
    for (key, item) in object.items { try add(key.value, item) }
    if case .dictionary(let state)? = object.state {
      for (key, item) in state.items {
        // The class of an OrderedDict is its own.
        guard let name = key.value.stringValue, name != OrderedDict.classAttribute else { continue }
        result.attributes[name] = try value(item)
      }
    }
    return .object(result)
  }

  // MARK: Objects

  private func convert(_ object: PickleObject) throws -> Value {
    if PickledTensor.describes(object) { return .object(try tensor(PickledTensor(object))) }
    if let (name, state) = object.scriptObjectParts {
      guard let rebuild = PickleRegistry.scriptClass(name) else { throw SerializationError("objects of the TorchScript class \(name) are not supported") }
      return try rebuild(value(state))
    }
    if let made = try classes?.makeObject(object.callable, { try state(of: object) }) { return made }
    let arguments = object.arguments.elements
    switch (object.callable.module, object.callable.name) {
    case ("collections", "OrderedDict"), ("collections", "Counter"): return try orderedDictionary(object)
    case ("torch._utils", "_rebuild_parameter"), ("torch._utils", "_rebuild_parameter_with_state"):
      guard arguments.count >= 3, case .object(let data) = arguments[0], PickledTensor.describes(data), case .boolean(let wanted) = arguments[1]
      else { throw SerializationError.unpickling("the arguments of \(object.callable) are malformed") }
      return .object(try parameter(of: tensor(PickledTensor(data)), requiresGrad: wanted))
    case ("torch._tensor", "_rebuild_from_type_v2"):
      guard arguments.count == 4, case .global(let function) = arguments[0], case .global(let type) = arguments[1],
        case .tuple(let inner) = arguments[2], case let call = PickleObject(function, inner, form: .call), PickledTensor.describes(call)
      else { throw SerializationError.unpickling("the arguments of \(object.callable) are malformed") }
      let data = try tensor(PickledTensor(call))
      return .object(type.name == "Parameter" ? try parameter(of: data, requiresGrad: data.requiresGrad) : data)
    case _ where PickleRegistry.callable(object.callable) != nil: break
    case ("torch", "Size"): return try value(arguments.first ?? .tuple([]))
    case ("torch", "device"):
      let parts = arguments.compactMap { $0.stringValue ?? $0.integerValue.map(String.init) }
      return .string(parts.joined(separator: ":"))
    default: break
    }
    guard let rebuild = PickleRegistry.callable(object.callable) else {
      throw SerializationError.unpickling("objects made by \(object.callable) are not supported")
    }
    return try rebuild(.list(arguments.map { try value($0) }))
  }

  /// The `__dict__` of an object.
  private func state(of object: PickleObject) throws -> ObjectState {
    guard object.form == .new, object.arguments.elements.isEmpty, case .dictionary(let dictionary)? = object.state else {
      throw SerializationError("an object of \(object.callable) that is not made of its __dict__ is not supported")
    }
    var entries: OrderedDictionary<String, Value> = [:]
    for (key, item) in dictionary.items {
      guard let name = key.value.stringValue else { throw SerializationError("a \(key.value.typeName) is no name of an attribute") }
      entries[name] = try attribute(item)
    }
    return ObjectState(entries: entries)
  }

  /// A value in which tuples stay tuples.
  private func attribute(_ pickle: PickleValue) throws -> Value {
    // Bounds what follows.
    let value = try convert(pickle).value
    guard case .tuple(let tuple) = pickle else { return value }
    if let known = attributes[ObjectIdentifier(tuple)] { return known }
    let result = Value.tuple(try tuple.elements.map { try attribute($0) })
    attributes[ObjectIdentifier(tuple)] = result
    return result
  }

  // MARK: Tensors

  private func parameter(of data: Tensor, requiresGrad: Bool) throws -> Tensor {
    let result = Tensor(
      storage: data.storage, sizes: data.sizes, strides: data.strides, storageOffset: data.storageOffset, dtype: data.dtype)
    result.quantizer = data.quantizer
    result.recordForWriting().isParameter = true
    try result.setRequiresGrad(requiresGrad)
    return result
  }

  private func tensor(_ pickled: PickledTensor) throws -> Tensor {
    let dtype = try DType(storageClass: pickled.storage.type)
    guard pickled.shape.count <= 64 else { throw SerializationError("a tensor of \(pickled.shape.count) dimensions is not supported") }
    // A size of 0 lets any other pass the reader's check, though products of the others would still overflow.
    let filled = Dims(pickled.shape.filter { $0 > 0 }).checkedProduct
    guard let filled, filled < Int.max / 16, pickled.offset <= Self.greatestStep, pickled.strides.allSatisfy({ $0 <= Self.greatestStep }) else {
      throw SerializationError("Storage size calculation overflowed with sizes=\(pickled.shape) and strides=\(pickled.strides)")
    }
    let result = Tensor(
      storage: try storage(pickled.storage, dtype), sizes: Dims(pickled.shape), strides: Dims(pickled.strides),
      storageOffset: pickled.offset, dtype: dtype)
    guard dtype.isQuantized == (pickled.quantizer != nil) else {
      throw SerializationError(
        dtype.isQuantized ? "a torch.\(dtype.name) tensor lacks its scale and zero point" : "_rebuild_qtensor: a torch.\(dtype.name) tensor cannot be quantized")
    }
    result.quantizer = try pickled.quantizer.map(quantizer)
    if pickled.requiresGrad { try result.setRequiresGrad(true) }
    return result
  }

  private func quantizer(_ pickled: PickledTensor.Quantizer) throws -> Quantizer {
    switch pickled {
    case .perTensor(let scale, let zeroPoint):
      guard Int32(exactly: zeroPoint) != nil else { throw SerializationError("zero_point \(zeroPoint) is out of range") }
      return .perTensorAffine(scale: scale, zeroPoint: Int(zeroPoint))
    case .perChannel(let scales, let zeroPoints, let axis):
      let (scales, zeroPoints) = (try tensor(scales), try tensor(zeroPoints))
      guard (scales.dtype, zeroPoints.dtype) == (.float64, .int64) || (scales.dtype, zeroPoints.dtype) == (.float32, .float32) else {
        throw SerializationError("the scales of a quantized tensor are float64 and its zero points int64 (or both float32), not \(scales.dtype.name) and \(zeroPoints.dtype.name)")
      }
      return .perChannelAffine(scales: scales, zeroPoints: zeroPoints, axis: axis)
    }
  }

  private func storage(_ id: PickledStorage, _ dtype: DType) throws -> Storage {
    let byteCount = try id.byteCount
    let key = ExactString(id.key)
    let known = storages[key]
    let storage = try known?.storage ?? source.makeStorage(id.key, byteCount: byteCount)
    if known == nil { try locations.check(id.location, storage, type: id.type) }
    // One storage can be named with two sizes; the first has been checked against the file.
    guard storage.byteCount == byteCount else {
      throw SerializationError("storage \(id.key) has \(storage.byteCount) bytes, and the pickle also says \(byteCount)")
    }
    var isBoolean = known?.isBoolean ?? false
    if dtype == .bool, !isBoolean {
      storage.normalizeBooleans()
      isBoolean = true
    }
    storages[key] = (storage, isBoolean)
    return storage
  }
}

extension Storage {
  /// Makes every byte 0 or 1, which loops over booleans rely on. Writes only where another value stands.
  func normalizeBooleans() {
    let bytes = UnsafeMutableRawBufferPointer(start: pointer, count: byteCount)
    for i in bytes.indices where bytes[i] > 1 { bytes[i] = 1 }
  }
}
