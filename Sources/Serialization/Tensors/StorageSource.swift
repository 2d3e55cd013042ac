import TensorCore

/// Where the bytes of a checkpoint's storages come from.
protocol StorageSource {
  /// The storage with the given key, once in a load.
  /// - Throws: where the file has none of this size; nothing is allocated before that is known.
  func makeStorage(_ key: String, byteCount: Int) throws -> Storage
  /// The tensor that a persistent id stands for; nil where it is a storage's.
  func tensor(_ id: PickleValue) -> PickledTensor?
}

extension StorageSource {
  func tensor(_ id: PickleValue) -> PickledTensor? { nil }
}

/// The records `data/0`, `data/1` … of a zip archive.
struct ArchiveStorages: StorageSource {
  private let reader: CheckpointReader
  private let isMapped: Bool

  /// - Parameter isMapped: whether storages look at the mapped file, which was mapped writable, rather than at a copy.
  init(_ reader: CheckpointReader, isMapped: Bool) {
    self.reader = reader
    self.isMapped = isMapped
  }

  func makeStorage(_ key: String, byteCount: Int) throws -> Storage {
    let name = "data/" + key
    let size = try reader.recordSize(name)
    guard size == byteCount else {
      throw SerializationError("record size \(size) mismatch with dst size \(byteCount) (record \(name))")
    }
    if isMapped, let (bytes, owner) = try reader.mappedRecord(name, alignment: 16) {
      return Storage(borrowing: bytes, byteCount: byteCount, owner: owner)
    }
    let storage = try Storage(byteCount: byteCount)
    try reader.readRecord(name, into: UnsafeMutableRawBufferPointer(start: storage.pointer, count: byteCount))
    return storage
  }
}
