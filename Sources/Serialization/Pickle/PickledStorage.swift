/// The id by which PyTorch's pickles name a storage: the tuple ("storage", class, key, location, number of elements).
///
/// The elements are the record `data/<key>` of the checkpoint. One `PickledStorage` stands for one storage: tensors that share the
/// storage share it, as copies, so that its key is written once.
public struct PickledStorage {
  /// The storage's class, `torch.FloatStorage`, which tells the element type; `torch.storage.UntypedStorage` counts bytes.
  public let type: PickleGlobal
  /// The record's name after `data/`, "0", "1" … in the order in which storages are met.
  public let key: String
  /// The device, "cpu".
  public let location: String
  /// The number of elements.
  public let count: Int
  private let keyObject: PickleString
  /// Whether its id has the sixth part of files from before PyTorch 1.6, which says that it is no view.
  var isLegacy = false

  /// The storage with the given class, key and number of elements.
  public init(type: PickleGlobal, key: String, location: String = "cpu", count: Int) {
    self.type = type
    self.key = key
    self.location = location
    self.count = count
    keyObject = PickleString(key)
  }

  /// Understands a persistent id. Throws `UnpicklingError` for what is no storage's.
  public init(_ value: PickleValue) throws(SerializationError) {
    guard case .persistent(let persistent) = value, case .tuple(let tuple) = persistent.id else {
      throw .unpickling("a tensor's storage is a \(value.typeName), not a persistent id")
    }
    let parts = tuple.elements
    guard parts.first?.stringValue == "storage" else { throw .unpickling("Only persistent_load of storage is allowed") }
    // Files from before PyTorch 1.6 have a sixth part, a view of another storage, which is always None since PyTorch 0.4.
    var hasView = false
    if parts.count == 6 { if case .none = parts[5] {} else { hasView = true } }
    guard parts.count == 5 || parts.count == 6, !hasView, case .global(let type) = parts[1], let key = parts[2].stringValue,
      let location = parts[3].stringValue, let count = parts[4].integerValue.flatMap({ Int(exactly: $0) }), count >= 0
    else { throw .unpickling("a storage's persistent id is malformed") }
    self.init(type: type, key: key, location: location, count: count)
  }

  /// The persistent id.
  public var value: PickleValue {
    let parts: [PickleValue] = [.string("storage"), .global(type), .distinctString(keyObject), .string(location), .integer(Int64(count))]
    return .persistent(PicklePersistent(id: .tuple(isLegacy ? parts + [.none] : parts)))
  }

  /// The bytes of one element, nil for a class that is no storage.
  public var elementSize: Int? {
    switch (type.module, type.name) {
    case ("torch.storage", "UntypedStorage"), ("torch", "UntypedStorage"): 1
    case ("torch", "ComplexDoubleStorage"): 16
    case ("torch", "DoubleStorage"), ("torch", "LongStorage"), ("torch", "ComplexFloatStorage"): 8
    case ("torch", "FloatStorage"), ("torch", "IntStorage"), ("torch", "QInt32Storage"): 4
    case ("torch", "HalfStorage"), ("torch", "BFloat16Storage"), ("torch", "ShortStorage"): 2
    case ("torch", "CharStorage"), ("torch", "ByteStorage"), ("torch", "BoolStorage"), ("torch", "QInt8Storage"),
      ("torch", "QUInt8Storage"): 1
    default: nil
    }
  }

  /// The bytes of the whole storage, which is the size its record must have. Throws for unknown classes and impossible counts.
  public var byteCount: Int {
    get throws(SerializationError) {
      guard let elementSize else { throw .unpickling("storages of class \(type) are not supported") }
      let (bytes, overflow) = count.multipliedReportingOverflow(by: elementSize)
      guard !overflow else { throw .unpickling("a storage of \(count) elements is too large") }
      return bytes
    }
  }
}
