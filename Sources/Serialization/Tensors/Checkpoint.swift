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
  /// - Throws: a `TypeError` for what cannot be saved (functions), a `RuntimeError` for a missing folder, the system's error.
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

  /// Writes `value` to `path` in the format of PyTorch before 1.6. The file appears whole or not at all.
  /// - Throws: as `save`.
  public static func saveLegacy(_ value: Value, to path: String) throws { try LegacyWriter.save(value, to: path) }

  /// What the file at `path` holds: PyTorch's zip format, and the formats it had before version 1.6 and before 2017 (a tar archive).
  ///
  /// Nothing is executed, and nothing larger than the file is allocated.
  /// - Parameters:
  ///   - locations: where tensors saved on another device go; without it they throw PyTorch's sentence.
  ///   - mappingMemory: whether tensors look at the mapped file, private to this process, instead of a copy whose checksum is
  ///     verified. Only for the zip format.
  ///   - classes: the classes of modules and other objects that the file may hold; nil where it may hold only weights.
  /// - Throws: `FileNotFoundError`, `UnpicklingError` or `RuntimeError` with PyTorch's sentence.
  public static func load(from path: String, locations: LocationMap = .asSaved, mappingMemory: Bool = false, classes: ObjectClasses? = nil) throws -> Value {
    try TorchError.translating(weightsOnly: classes == nil) {
      let source = try ByteSource(path: path, isWritable: mappingMemory)
      return try load(source, locations: locations, mappingMemory: mappingMemory, classes: classes)
    }
  }

  /// What a file already in memory holds.
  /// - Throws: as `load(from:)`.
  public static func load(bytes: [UInt8], name: String, locations: LocationMap = .asSaved) throws -> Value {
    try TorchError.translating {
      try load(ByteSource(copying: bytes, name: name), locations: locations, mappingMemory: false, classes: nil)
    }
  }

  private static func load(_ source: ByteSource, locations: LocationMap, mappingMemory: Bool, classes: ObjectClasses?) throws -> Value {
    guard CheckpointReader.isZip(source) else {
      if mappingMemory {
        throw TorchError.runtime(
          "mmap can only be used with files saved with `torch.save(\(source.name), _use_new_zipfile_serialization=True), please torch.save your checkpoint with this option in order to use mmap."
        )
      }
      if let directory = try TarDirectory(source) {
        let file = try TarCheckpoint(source, directory)
        return try TensorUnpickler(file, locations: locations, classes: classes).value(file.pickle)
      }
      let file = try LegacyCheckpoint(source, allowing: classes?.admits ?? { $0.isSafe })
      return try TensorUnpickler(file, locations: locations, classes: classes).value(file.pickle)
    }
    let reader = try CheckpointReader(source)
    if reader.hasRecord("constants.pkl") {
      throw TorchError.runtime(
        "Cannot use ``weights_only=True`` with TorchScript archives passed to ``torch.load``. '\(source.name)' is a TorchScript archive, whose program cannot be run here."
      )
    }
    let pickle = try Unpickler(allowing: classes?.admits ?? { $0.isSafe }).load(reader.readRecord("data.pkl"))
    return try TensorUnpickler(ArchiveStorages(reader, isMapped: mappingMemory), locations: locations, classes: classes).value(pickle)
  }
}

extension TorchError {
  /// Runs `body` and turns what the byte level throws into PyTorch's exceptions.
  static func translating<R>(weightsOnly: Bool = true, _ body: () throws -> R) throws -> R {
    do { return try body() } catch let error as SerializationError { throw TorchError(error, weightsOnly: weightsOnly) }
  }

  /// The same exception; kinds that this type does not know become a `RuntimeError`.
  init(_ error: SerializationError, weightsOnly: Bool = true) {
    let kind = Kind(rawValue: error.kind) ?? .runtimeError
    self.init(kind, kind == .unpicklingError && weightsOnly ? error.messageOfWeights : error.message)
  }
}

extension SerializationError {
  /// PyTorch's sentences where only weights are wanted and the file holds something else.
  fileprivate var messageOfWeights: String {
    guard let global, ObjectClasses.isWhole(global) else { return "Weights only load failed. " + message }
    return """
      Weights only load failed. This file can still be loaded, to do so you have two options, do those steps only if you trust the source of the checkpoint. 
      \t(1) In PyTorch 2.6, we changed the default value of the `weights_only` argument in `torch.load` from `False` to `True`. Re-running `torch.load` with `weights_only` set to `False` will likely succeed, but it can result in arbitrary code execution. Do it only if you got the file from a trusted source.
      \t(2) Alternatively, to load with `weights_only=True` please check the recommended steps in the following error message.
      \tWeightsUnpickler error: \(message) Please use `torch.serialization.add_safe_globals([\(global)])` or the `torch.serialization.safe_globals([\(global)])` context manager to allowlist this global if you trust this class/function.

      Check the documentation of torch.load to learn more about types accepted by default with weights_only https://pytorch.org/docs/stable/generated/torch.load.html.
      """
  }
}
