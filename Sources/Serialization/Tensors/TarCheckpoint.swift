import TensorCore

/// A file of the format that `torch.save` wrote before 2017: a tar archive of `storages`, `tensors` and `pickle`.
///
/// `storages` holds a count, and for each storage its key, location and class as a pickle, then the number of elements as int64 and
/// the elements; then a list of views, each of a storage's part. `tensors` holds a count, and for each tensor its key, its storage's key and
/// its class, then sizes, strides and offset. `pickle` holds the value, which names tensors and storages by their keys.
/// Source: `torch.serialization._legacy_load` of PyTorch 2.15, which refuses such files with weights_only=True; nothing is executed here.
struct TarCheckpoint: StorageSource {
  /// The value.
  let pickle: PickleValue

  private let source: ByteSource
  private var places: [String: (storage: PickledStorage, bytes: Range<Int>)] = [:]
  private var views: [String: (root: String, offset: Int)] = [:]
  private var tensors: [String: PickledTensor] = [:]

  /// Reads the pickles and finds the storages. Throws `UnpicklingError` and `RuntimeError` for what is malformed.
  init(_ source: ByteSource, _ directory: TarDirectory) throws(SerializationError) {
    self.source = source
    let isAllowed: (PickleGlobal) -> Bool = { $0.isSafe || Self.isTensorClass($0) || Self.isStorageClass($0) }
    func part(_ name: String) throws(SerializationError) -> TarPart {
      guard let range = directory.files[name] else { throw SerializationError("\"filename '\(name)' not found\" (file '\(source.name)')") }
      return TarPart(source: source, position: range.lowerBound, end: range.upperBound, isAllowed: isAllowed)
    }
    var storages = try part("storages")
    for _ in 0..<(try storages.count()) {
      guard let parts = try storages.pickle().sequenceElements, parts.count == 3, let key = Self.key(parts[0]), let location = parts[1].stringValue,
        case .global(let type) = parts[2]
      else { throw .unpickling("a storage of the archive is malformed") }
      guard let count = Int(exactly: try storages.integer(Int64.self)), count >= 0 else { throw .unpickling("a storage of the archive is malformed") }
      let storage = PickledStorage(type: PickleGlobal("torch", type.name), key: key, location: location, count: count)
      places[key] = (storage, try storages.take(storage.byteCount))
    }
    for view in try storages.pickle().sequenceElements ?? [] {
      guard let parts = view.sequenceElements, parts.count == 4, let key = Self.key(parts[0]), let root = Self.key(parts[1]), let whole = places[root],
        let offset = parts[2].integerValue, let count = parts[3].integerValue, offset >= 0, count >= 0, offset <= Int64(whole.storage.count),
        count <= Int64(whole.storage.count) - offset
      else { throw .unpickling("a view of a storage is malformed") }
      views[key] = (root, Int(offset))
    }
    var tensors = try part("tensors")
    for _ in 0..<(try tensors.count()) {
      guard let parts = try tensors.pickle().sequenceElements, parts.count == 3, let key = Self.key(parts[0]), let owner = Self.key(parts[1]) else {
        throw .unpickling("a tensor of the archive is malformed")
      }
      let dim = Int(try tensors.integer(Int32.self))
      _ = try tensors.integer(Int32.self)
      guard (0...64).contains(dim) else { throw SerializationError("a tensor of \(dim) dimensions is not supported") }
      var numbers: [Int] = []
      for _ in 0..<2 * dim + 1 { numbers.append(Int(try tensors.integer(Int64.self))) }
      let view = views[owner]
      guard let storage = places[view?.root ?? owner]?.storage else { throw .unpickling("a tensor of the archive has no storage") }
      let (offset, overflow) = numbers[2 * dim].addingReportingOverflow(view?.offset ?? 0)
      guard !overflow else { throw SerializationError("Tensor: invalid storage offset \(numbers[2 * dim])") }
      self.tensors[key] = try PickledTensor(
        storage: storage, offset: offset, shape: Array(numbers[..<dim]), strides: Array(numbers[dim..<2 * dim]))
    }
    var value = try part("pickle")
    pickle = try value.pickle()
  }

  func tensor(_ id: PickleValue) -> PickledTensor? { Self.key(id).flatMap { tensors[$0] } }

  func makeStorage(_ key: String, byteCount: Int) throws -> Storage {
    guard let place = places[key], place.bytes.count == byteCount else {
      throw SerializationError("storage \(key) of \(byteCount) bytes is missing (file '\(source.name)')")
    }
    let storage = try Storage(byteCount: byteCount)
    try source.copyBytes(at: place.bytes.lowerBound, into: UnsafeMutableRawBufferPointer(start: storage.pointer, count: byteCount))
    return storage
  }

  /// Keys are addresses, written as numbers or texts.
  private static func key(_ value: PickleValue) -> String? {
    switch value {
    case .bigInteger(let number): "\(number)"
    default: value.stringValue ?? value.integerValue.map(String.init)
    }
  }

  private static func isTensorClass(_ global: PickleGlobal) -> Bool {
    (global.module == "torch" || global.module == "torch.cuda") && global.name.hasSuffix("Tensor")
  }

  private static func isStorageClass(_ global: PickleGlobal) -> Bool {
    (global.module == "torch" || global.module == "torch.cuda") && global.name.hasSuffix("Storage")
  }
}

/// One file of the archive, read from its beginning on.
private struct TarPart {
  let source: ByteSource
  var position: Int
  let end: Int
  let isAllowed: (PickleGlobal) -> Bool

  mutating func pickle() throws(SerializationError) -> PickleValue {
    guard let rest = source.slice(at: position, count: end - position) else { throw .unpickling("pickle data was truncated") }
    let (value, count) = try Unpickler(allowing: isAllowed).load(prefixOf: rest)
    position += count
    return value
  }

  /// How many things follow: no more than there are bytes.
  mutating func count() throws(SerializationError) -> Int64 {
    guard let count = try pickle().integerValue, count >= 0, count <= Int64(end - position) else { throw .unpickling("a number of the archive is malformed") }
    return count
  }

  mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(SerializationError) -> T {
    guard end - position >= MemoryLayout<T>.size, let value = source.load(T.self, at: position) else {
      throw SerializationError("unexpected EOF. The file '\(source.name)' might be corrupted.")
    }
    position += MemoryLayout<T>.size
    return value
  }

  mutating func take(_ count: Int) throws(SerializationError) -> Range<Int> {
    guard count <= end - position else {
      throw SerializationError("unexpected EOF, expected \(count - (end - position)) more bytes. The file '\(source.name)' might be corrupted.")
    }
    defer { position += count }
    return position..<position + count
  }
}
