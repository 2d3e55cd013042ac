import Interface
import OrderedCollections
import TensorCore
import Torch

/// An open safetensors file. Opening reads the header alone; tensors look at the mapped file, whose pages are read when they are
/// touched, and changes in place stay in memory. Mirrors `safetensors.safe_open`.
public final class SafetensorsFile {
  private let header: SafetensorsHeader
  private let places: [ExactString: Int]
  private var source: ByteSource?

  /// Opens the file at `path`.
  /// - Throws: `SafetensorError` where it is none, `FileNotFoundError` and the like where there is no file.
  public convenience init(path: String) throws {
    do { try self.init(ByteSource(path: path, isWritable: true)) } catch {
      throw error.kind == "FileNotFoundError" ? TorchError(.fileNotFoundError, "No such file or directory: \(path)") : TorchError(error)
    }
  }

  /// Reads a file that is already in memory.
  /// - Throws: `SafetensorError` where it is none.
  public convenience init(bytes: [UInt8], name: String) throws {
    do { try self.init(ByteSource(copying: bytes, name: name), doing: "Error while deserializing") } catch { throw TorchError(error) }
  }

  private init(_ source: ByteSource, doing: String = "Error while deserializing header") throws(SerializationError) {
    header = try SafetensorsHeader(source, doing: doing)
    var places = [ExactString: Int](minimumCapacity: header.entries.count)
    for (i, entry) in header.entries.enumerated() { places[ExactString(entry.name)] = i }
    self.places = places
    self.source = source
  }

  /// Lets go of the file; tensors that were made of it keep it mapped.
  public func close() { source = nil }

  /// The tensors' names, sorted.
  /// - Throws: where the file is closed.
  public func keys() throws -> [String] {
    _ = try open()
    return header.entries.map(\.name).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The tensors' names in the order of their bytes.
  /// - Throws: where the file is closed.
  public func offsetKeys() throws -> [String] {
    _ = try open()
    return header.entries.map(\.name)
  }

  /// What the file says about itself, nil where it says nothing.
  /// - Throws: where the file is closed.
  public func metadata() throws -> [(key: String, value: String)]? {
    _ = try open()
    return header.metadata
  }

  /// The element type's name (`F32`) and the sizes of a tensor.
  /// - Throws: where there is none of this name.
  public func describe(_ name: String) throws -> (type: String, shape: [Int]) {
    _ = try open()
    let entry = try entry(name)
    return (entry.type.name, entry.shape)
  }

  /// One tensor.
  /// - Throws: where there is none of this name, or where tensors cannot have its element type.
  public func tensor(_ name: String) throws -> Tensor {
    let source = try open()
    let entry = try entry(name)
    guard let dtype = entry.type.dtype else {
      throw TorchError.type("tensor `\(name)` has the element type \(entry.type.name), which tensors here cannot have (file '\(source.name)')")
    }
    guard entry.shape.count <= 64 else { throw TorchError.runtime("a tensor of \(entry.shape.count) dimensions is not supported") }
    do {
      let storage = try Self.storage(source, entry, dtype)
      if dtype == .bool { storage.normalizeBooleans() }
      let sizes = Dims(entry.shape)
      return Tensor(storage: storage, sizes: sizes, strides: Shape.contiguousStrides(sizes), dtype: dtype)
    } catch let error as SerializationError { throw TorchError(error) }
  }

  /// All tensors by name, as a dict.
  /// - Throws: as `tensor`.
  public func tensors() throws -> OrderedDict {
    let result = OrderedDict()
    result.attributes[OrderedDict.classAttribute] = .string(OrderedDict.plainClass)
    for name in try keys() { result[name] = .object(try tensor(name)) }
    return result
  }

  private func open() throws -> ByteSource {
    guard let source else { throw TorchError(.safetensorError, "File is closed") }
    return source
  }

  private func entry(_ name: String) throws -> SafetensorsHeader.Entry {
    guard let i = places[ExactString(name)] else { throw TorchError(.safetensorError, "File does not contain tensor \(name)") }
    return header.entries[i]
  }

  /// The tensor's bytes where they lie, or a copy where loops could not read them there.
  private static func storage(_ source: ByteSource, _ entry: SafetensorsHeader.Entry, _ dtype: DType) throws -> Storage {
    let count = entry.bytes.count
    if source.isWritable, count > 0, let base = source.bytes.baseAddress.map({ $0 + entry.bytes.lowerBound }),
      Int(bitPattern: base).isMultiple(of: min(dtype.itemSize, 8))
    {
      return Storage(borrowing: UnsafeMutableRawPointer(mutating: base), byteCount: count, owner: source)
    }
    let storage = try Storage(byteCount: count)
    try source.copyBytes(at: entry.bytes.lowerBound, into: UnsafeMutableRawBufferPointer(start: storage.pointer, count: count))
    return storage
  }
}
