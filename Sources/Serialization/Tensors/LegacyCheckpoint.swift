import TensorCore

/// A file of the format that `torch.save` wrote before PyTorch 1.6: pickles in a row, then the storages' bytes.
///
/// In order: a magic number, the protocol's version (1001), facts about the machine, the value, the list of the storages' keys, and for
/// each key the number of elements as int64 and the elements. Source: `torch.serialization._legacy_save` of PyTorch 2.15.
struct LegacyCheckpoint: StorageSource {
  /// The value.
  let pickle: PickleValue

  private let source: ByteSource
  private var places: [ExactString: Range<Int>] = [:]

  static let magicNumber = PickleBigInteger(bytes: [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19])
  static let version: Int64 = 1001

  /// Reads the pickles and finds the storages. Throws `UnpicklingError` and `RuntimeError` for other files.
  init(_ source: ByteSource, allowing: @escaping (PickleGlobal) -> Bool) throws(SerializationError) {
    self.source = source
    var position = 0
    func next() throws(SerializationError) -> PickleValue {
      let rest = UnsafeRawBufferPointer(rebasing: source.bytes[position...])
      let (value, count) = try Unpickler(allowing: allowing).load(prefixOf: rest)
      position += count
      return value
    }
    guard case .bigInteger(let magic) = try next(), magic == Self.magicNumber else {
      throw .unpickling("Invalid magic number; corrupt file?")
    }
    guard let version = try next().integerValue, version == Self.version else { throw .unpickling("Invalid protocol version") }
    if case .dictionary(let machine) = try next(), case .boolean(false)? = machine["little_endian"] {
      throw SerializationError("'\(source.name)' holds numbers in big-endian order; only little-endian checkpoints can be read")
    }
    pickle = try next()
    guard case .list(let keys) = try next() else { throw .unpickling("the list of storages is missing") }
    let storages = try Self.storages(in: pickle)
    for key in keys.elements {
      guard let key = key.stringValue, let storage = storages[ExactString(key)], let elementSize = storage.elementSize else {
        throw .unpickling("a storage is listed that no tensor uses")
      }
      guard let count = source.load(Int64.self, at: position), count == Int64(storage.count),
        case let (size, overflow) = storage.count.multipliedReportingOverflow(by: elementSize), !overflow,
        size <= source.count - position - 8
      else { throw SerializationError("unexpected EOF, expected \(storage.count) more elements. The file might be corrupted.") }
      places[ExactString(key)] = position + 8..<position + 8 + size
      position += 8 + size
    }
  }

  func makeStorage(_ key: String, byteCount: Int) throws -> Storage {
    guard let place = places[ExactString(key)], place.count == byteCount else {
      throw SerializationError("storage \(key) of \(byteCount) bytes is missing (file '\(source.name)')")
    }
    let storage = try Storage(byteCount: byteCount)
    try source.copyBytes(at: place.lowerBound, into: UnsafeMutableRawBufferPointer(start: storage.pointer, count: byteCount))
    return storage
  }

  /// The storages that a value names, by key. Without recursion: the value is as deep as the file wants.
  private static func storages(in value: PickleValue) throws(SerializationError) -> [ExactString: PickledStorage] {
    var found: [ExactString: PickledStorage] = [:]
    var seen = Set<ObjectIdentifier>()
    var pending = value.node.map { [$0] } ?? []
    while let node = pending.popLast() {
      guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
      if let persistent = node as? PicklePersistent {
        let storage = try PickledStorage(.persistent(persistent))
        found[ExactString(storage.key)] = storage
      }
      node.forEachChild { pending.append($0) }
    }
    return found
  }
}
