import Interface
import TensorCore
import Torch

/// Files of tensors in PyTorch's format: values to bytes and back.
///
/// | value | saved as | loaded as |
/// | --- | --- | --- |
/// | `Tensor` | tensor or `Parameter` | the same |
/// | `OrderedDict` with its attributes (`_metadata`) | `OrderedDict` | the same |
/// | `.dictionary`, and an `OrderedDict` that was loaded from a dict | `dict` | `OrderedDict` whose attribute `__class__` is "dict" |
/// | `.list` | `list` | `.list` |
/// | `.tuple` | `tuple` | `.list`, as every tuple (also `torch.Size`) inside another value |
/// | string, integer, number, boolean, none | `str`, `int`, `float`, `bool`, `None` | the same |
/// | `DTypeObject` | `torch.qint8` and the like | the same |
/// | `PickleRepresentable` | what it says | what `PickleRegistry` says |
public enum Checkpoint {
  /// Writes `value` to `path`, byte for byte as `torch.save` of PyTorch 2.15 does. The file appears whole or not at all.
  /// - Throws: a `TypeError` for what cannot be saved (modules, functions), a `RuntimeError` for a missing folder, the system's error.
  public static func save(_ value: Value, to path: String) throws {
    try TorchError.translating {
      var pickler = TensorPickler()
      let pickle = try Pickler.dump(pickler.pickle(value))
      var writer = try CheckpointWriter(path: path)
      try writer.writePickle(pickle)
      for (key, storage) in pickler.storages {
        try writer.writeStorage(key, UnsafeRawBufferPointer(start: storage.pointer, count: storage.byteCount))
      }
      try writer.finish()
    }
  }

  /// What the file at `path` holds: PyTorch's zip format, and the format it had before version 1.6.
  ///
  /// Nothing is executed, and nothing larger than the file is allocated.
  /// - Parameters:
  ///   - ignoringDevices: whether tensors saved on another device load on the cpu; without it they throw PyTorch's sentence.
  ///   - mappingMemory: whether tensors look at the mapped file, private to this process, instead of a copy whose checksum is
  ///     verified. Only for the zip format.
  /// - Throws: `FileNotFoundError`, `UnpicklingError` or `RuntimeError` with PyTorch's sentence.
  public static func load(from path: String, ignoringDevices: Bool = false, mappingMemory: Bool = false) throws -> Value {
    try TorchError.translating {
      let source = try ByteSource(path: path, isWritable: mappingMemory)
      return try load(source, ignoringDevices: ignoringDevices, mappingMemory: mappingMemory)
    }
  }

  /// What a file already in memory holds.
  /// - Throws: as `load(from:)`.
  public static func load(bytes: [UInt8], name: String, ignoringDevices: Bool = false) throws -> Value {
    try TorchError.translating {
      try load(ByteSource(copying: bytes, name: name), ignoringDevices: ignoringDevices, mappingMemory: false)
    }
  }

  private static func load(_ source: ByteSource, ignoringDevices: Bool, mappingMemory: Bool) throws -> Value {
    guard CheckpointReader.isZip(source) else {
      if mappingMemory {
        throw TorchError.runtime(
          "mmap can only be used with files saved with `torch.save(_use_new_zipfile_serialization=True), please torch.save your checkpoint with this option in order to use mmap."
        )
      }
      let file = try LegacyCheckpoint(source)
      return try TensorUnpickler(file, ignoringDevices: ignoringDevices).value(file.pickle)
    }
    let reader = try CheckpointReader(source)
    if reader.hasRecord("constants.pkl") {
      throw TorchError.runtime(
        "Cannot use ``weights_only=True`` with TorchScript archives passed to ``torch.load``. '\(source.name)' is a TorchScript archive, whose program cannot be run here."
      )
    }
    let pickle = try Unpickler().load(reader.readRecord("data.pkl"))
    return try TensorUnpickler(ArchiveStorages(reader, isMapped: mappingMemory), ignoringDevices: ignoringDevices).value(pickle)
  }
}

extension TorchError {
  /// Runs `body` and turns what the byte level throws into PyTorch's exceptions.
  static func translating<R>(_ body: () throws -> R) throws -> R {
    do { return try body() } catch let error as SerializationError { throw TorchError(error) }
  }

  /// The same exception; kinds that this type does not know become a `RuntimeError`.
  init(_ error: SerializationError) {
    let kind = Kind(rawValue: error.kind) ?? .runtimeError
    self.init(kind, kind == .unpicklingError ? "Weights only load failed. " + error.message : error.message)
  }
}
