import Interface

/// Writes the format that `torch.save` wrote before PyTorch 1.6, which `LegacyCheckpoint` reads.
enum LegacyWriter {
  /// Writes `value` to `path`. The file appears whole or not at all.
  static func save(_ value: Value, to path: String) throws {
    try TorchError.translating {
      var pickler = TensorPickler(isLegacy: true)
      let described = try pickler.pickle(value)
      let machine: PickleValue = .dictionary([
        "protocol_version": .integer(LegacyCheckpoint.version), "little_endian": .boolean(true),
        "type_sizes": .dictionary(["short": .integer(2), "int": .integer(4), "long": .integer(4)]),
      ])
      // In the order of the keys as texts.
      let storages = pickler.storages.sorted { $0.key < $1.key }
      let keys: PickleValue = .list(storages.map { .string($0.key) })
      let file = try AtomicFile(path: path)
      for part in [.bigInteger(LegacyCheckpoint.magicNumber), .integer(LegacyCheckpoint.version), machine, described, keys] {
        try Pickler.dump(part).withUnsafeBytes { try file.write($0) }
      }
      for (key, storage) in storages {
        let count = pickler.elementCount(of: key) ?? storage.byteCount
        try withUnsafeBytes(of: Int64(count).littleEndian) { try file.write($0) }
        try file.write(UnsafeRawBufferPointer(start: storage.pointer, count: storage.byteCount))
      }
      try file.commit()
    }
  }
}
