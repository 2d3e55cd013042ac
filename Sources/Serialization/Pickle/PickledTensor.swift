/// A tensor as PyTorch's pickles describe it: a storage and how to look at it.
///
/// In a pickle it is a call of `torch._utils._rebuild_tensor_v2`, or `_rebuild_qtensor` for a quantized one. Where one tensor occurs
/// twice, the `PickleObject` is the same; keep a table by its identity to give back one tensor.
public struct PickledTensor {
  /// How integers stand for real numbers.
  public indirect enum Quantizer {
    /// One scale and zero point for all elements (`torch.per_tensor_affine`).
    case perTensor(scale: Double, zeroPoint: Int64)
    /// A scale (float64) and zero point (int64) for each index of dimension `axis` (`torch.per_channel_affine`), or float32 for
    /// both (`torch.per_channel_affine_float_qparams`).
    case perChannel(scales: PickledTensor, zeroPoints: PickledTensor, axis: Int)
  }

  /// Where the elements are.
  public let storage: PickledStorage
  /// The index of the first element in the storage.
  public let offset: Int
  /// The sizes.
  public let shape: [Int]
  /// The distances between neighbours in each dimension, in elements.
  public let strides: [Int]
  /// Whether gradients are recorded.
  public let requiresGrad: Bool
  /// The quantization, for quantized element types.
  public let quantizer: Quantizer?

  /// A tensor over `storage`. Throws where it would reach outside.
  public init(
    storage: PickledStorage, offset: Int = 0, shape: [Int], strides: [Int], requiresGrad: Bool = false, quantizer: Quantizer? = nil
  ) throws(SerializationError) {
    self.storage = storage
    self.offset = offset
    self.shape = shape
    self.strides = strides
    self.requiresGrad = requiresGrad
    self.quantizer = quantizer
    try checkBounds()
    if case .perChannel(let scales, let zeroPoints, let axis) = quantizer {
      guard shape.indices.contains(axis) else {
        throw SerializationError(kind: "ValueError", "_rebuild_qtensor: per_channel axis \(axis) out of range for size \(shape)")
      }
      guard scales.shape == [shape[axis]], zeroPoints.shape == [shape[axis]] else {
        throw SerializationError(
          kind: "ValueError",
          "_rebuild_qtensor: per_channel scales/zero_points length must equal size[axis]=\(shape[axis]), got "
            + "scales=\(scales.shape), zero_points=\(zeroPoints.shape)")
      }
    }
  }

  /// Whether `object` describes a tensor that is no parameter.
  public static func describes(_ object: PickleObject) -> Bool {
    object.callable.module == "torch._utils"
      && ["_rebuild_tensor_v2", "_rebuild_tensor", "_rebuild_qtensor"].contains(object.callable.name)
  }

  /// Understands a call that rebuilds a tensor.
  ///
  /// Throws `UnpicklingError` where it is another call or malformed, `RuntimeError` where the tensor reaches outside its storage.
  public init(_ object: PickleObject) throws(SerializationError) {
    guard Self.describes(object) else { throw .unpickling("a \(object.callable) is no tensor") }
    var arguments = object.arguments.elements
    let malformed = "the arguments of \(object.callable) are malformed"
    guard arguments.count >= 4, let offset = arguments[1].integerValue, let shape = Self.sizes(arguments[2]),
      let strides = Self.sizes(arguments[3])
    else { throw .unpickling(malformed) }
    let storage = try PickledStorage(arguments[0])
    arguments.removeFirst(4)
    var quantizer: Quantizer?
    if object.callable.name == "_rebuild_qtensor" {
      guard !arguments.isEmpty else { throw .unpickling(malformed) }
      quantizer = try Self.quantizer(arguments.removeFirst())
    }
    var requiresGrad = false
    if case .boolean(let truth) = arguments.first { requiresGrad = truth }
    // After it come hooks, which PyTorch saves empty, and flags of lazily conjugated or negated tensors.
    if arguments.count > 2, case .dictionary(let flags) = arguments[2], !flags.items.isEmpty {
      throw .unpickling("tensors with the flags \(flags.items.keys.compactMap(\.value.stringValue)) are not supported")
    }
    try self.init(
      storage: storage, offset: Int(offset), shape: shape, strides: strides, requiresGrad: requiresGrad, quantizer: quantizer)
  }

  /// The call that rebuilds the tensor, as a new object.
  public func makeObject() -> PickleObject {
    var arguments: [PickleValue] = [
      storage.value, .integer(Int64(offset)), .tuple(shape.map { .integer(Int64($0)) }),
      .tuple(strides.map { .integer(Int64($0)) }),
    ]
    switch quantizer {
    case nil: break
    case .perTensor(let scale, let zeroPoint):
      arguments.append(.tuple([.global("torch", "per_tensor_affine"), .float(scale), .integer(zeroPoint)]))
    case .perChannel(let scales, let zeroPoints, let axis):
      let scheme = zeroPoints.storage.type.name == "LongStorage" ? "per_channel_affine" : "per_channel_affine_float_qparams"
      arguments.append(
        .tuple([
          .global("torch", scheme), .object(scales.makeObject()), .object(zeroPoints.makeObject()),
          .integer(Int64(axis)),
        ]))
    }
    arguments += [.boolean(requiresGrad), .object(.orderedDictionary([]))]
    let name = quantizer == nil ? "_rebuild_tensor_v2" : "_rebuild_qtensor"
    return PickleObject(PickleGlobal("torch._utils", name), arguments)
  }

  /// Throws PyTorch's sentence where the last element lies past the storage's end, or where numbers make no sense.
  private func checkBounds() throws(SerializationError) {
    guard shape.count == strides.count else {
      throw SerializationError("unequal size length (\(shape.count)) and stride length (\(strides.count))")
    }
    guard offset >= 0 else { throw SerializationError("Tensor: invalid storage offset \(offset)") }
    // Strides of 0 let a small storage pass for any number of elements, which must still be countable in bytes.
    guard !shape.contains(where: { $0 < 0 }), let count = Self.product(shape, limit: Int.max / 16) else {
      throw SerializationError("numel: integer multiplication overflow")
    }
    let overflowed = "Storage size calculation overflowed with sizes=\(shape) and strides=\(strides)"
    guard !strides.contains(where: { $0 < 0 }) else { throw SerializationError(overflowed) }
    let available = try storage.byteCount
    if count == 0 { return }
    var last = offset
    for (size, stride) in zip(shape, strides) {
      let (reach, tooFar) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, tooMuch) = last.addingReportingOverflow(reach)
      guard !tooFar, !tooMuch, sum < Int.max / 16 else { throw SerializationError(overflowed) }
      last = sum
    }
    let elementSize = storage.elementSize ?? 1
    guard last < storage.count else {
      throw SerializationError(
        "setStorage: sizes \(shape), strides \(strides), storage offset \(offset), and itemsize \(elementSize) requiring a storage "
          + "size of \((last + 1) * elementSize) are out of bounds for storage of size \(available)")
    }
  }

  /// The product of numbers that are not negative, nil where it exceeds `limit`. A zero anywhere makes it 0.
  private static func product(_ factors: [Int], limit: Int) -> Int? {
    if factors.contains(0) { return 0 }
    var product = 1
    for factor in factors {
      guard factor <= limit / product else { return nil }
      product *= factor
    }
    return product
  }

  private static func sizes(_ value: PickleValue) -> [Int]? {
    var value = value
    // torch.Size((2, 3)), which some files hold in place of the tuple.
    if case .object(let object) = value, object.callable == PickleGlobal("torch", "Size"), let inner = object.arguments.elements.first {
      value = inner
    }
    guard let elements = value.sequenceElements else { return nil }
    let sizes = elements.compactMap { $0.integerValue.map { Int($0) } }
    return sizes.count == elements.count ? sizes : nil
  }

  private static func quantizer(_ value: PickleValue) throws(SerializationError) -> Quantizer {
    let parts = value.sequenceElements ?? []
    guard case .global(let scheme) = parts.first, scheme.module == "torch" else {
      throw .unpickling("the arguments of _rebuild_qtensor are malformed")
    }
    if scheme.name == "per_tensor_affine", parts.count == 3, case .float(let scale) = parts[1], let zeroPoint = parts[2].integerValue {
      return .perTensor(scale: scale, zeroPoint: zeroPoint)
    }
    if ["per_channel_affine", "per_channel_affine_float_qparams"].contains(scheme.name), parts.count == 4, case .object(let scales) = parts[1],
      case .object(let zeroPoints) = parts[2], let axis = parts[3].integerValue
    {
      // Scales are plain tensors; a quantized one here could nest without end.
      guard scales.callable.name != "_rebuild_qtensor", zeroPoints.callable.name != "_rebuild_qtensor" else {
        throw .unpickling("the scales of a quantized tensor are quantized")
      }
      return .perChannel(scales: try PickledTensor(scales), zeroPoints: try PickledTensor(zeroPoints), axis: Int(axis))
    }
    throw SerializationError("Can't deserialize quantized tensor with qscheme \(scheme)")
  }
}
