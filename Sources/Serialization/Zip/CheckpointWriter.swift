/// Writes a checkpoint in PyTorch's zip format, byte for byte as PyTorch 2.15 lays it out.
///
/// Records are stored uncompressed, their data aligned to 64 bytes by an extra field "FB" filled with `Z`s; sizes and checksum
/// follow the data in a descriptor; the directory always has zip64 end records. The file appears whole when `finish` returns, and
/// not at all when the writer is dropped before. Source: files that PyTorch 2.15 writes (`PyTorchStreamWriter`).
///
///     var writer = try CheckpointWriter(path: "temp.p")
///     try writer.writePickle(bytes)
///     try writer.writeStorage("0", storage)
///     try writer.finish()
public struct CheckpointWriter: ~Copyable {
  /// The folder inside the archive that holds all records.
  public let archiveName: String

  private let file: AtomicFile
  private var position: UInt64 = 0
  private var directory: [UInt8] = []
  private var count: UInt64 = 0
  private var names = Set<ExactString>()
  private var id = SerializationID()

  /// The alignment of every record's data in bytes, PyTorch's default.
  private static let alignment: UInt64 = 64
  private static let localHeaderSize: UInt64 = 30

  /// Opens a temporary beside `path`; nothing is at `path` itself before `finish`.
  ///
  /// The records' folder is the name without its last extension, and `archive` where the path is not ASCII, as in PyTorch.
  /// Throws `RuntimeError` for a missing folder or an impossible name, else the system's error.
  public init(path: String) throws(SerializationError) {
    let folder = try Self.archiveName(for: path)
    file = try AtomicFile(path: path)
    archiveName = folder
  }

  /// The folder name for `path`: "models/temp.p" gives "temp". Throws where nothing is left of the name.
  public static func archiveName(for path: String) throws(SerializationError) -> String {
    guard path.utf8.allSatisfy({ $0 < 0x80 }) else { return "archive" }
    let bytes = Array(path.utf8)
    let separators: [UInt8] = [UInt8(ascii: "/"), UInt8(ascii: "\\")]
    let name = bytes[(bytes.lastIndex(where: separators.contains).map { $0 + 1 } ?? 0)...]
    let stem = name.lastIndex(of: UInt8(ascii: ".")).map { name[..<$0] } ?? name
    guard !stem.isEmpty else { throw SerializationError("invalid file name: \(path)") }
    return String(decoding: stem, as: UTF8.self)
  }

  /// Writes one record. `name` is without the folder and unique; `bytes` may be empty.
  public mutating func writeRecord(_ name: String, _ bytes: UnsafeRawBufferPointer) throws(SerializationError) {
    let fullName = Array((archiveName + "/" + name).utf8)
    guard fullName.count <= 0xFFFF else { throw SerializationError("PytorchStreamWriter failed writing file \(name): invalid filename") }
    guard names.insert(ExactString(name)).inserted else { throw SerializationError("Tried to serialize file twice: \(name)") }
    let size = UInt64(bytes.count)
    let start = position
    let crc = bytes.isEmpty ? nil : CRC32.checksum(bytes)
    let zip64 = Self.zip64Field(size: size, storedSize: size, offset: start)
    let padding = Self.padding(after: start + Self.localHeaderSize + UInt64(fullName.count) + UInt64(zip64.count))
    // Bit 11: the name is UTF-8. Bit 3: sizes and checksum follow the data; an empty record has none to follow.
    let flags: UInt16 = crc == nil ? 0x0800 : 0x0808

    var header: [UInt8] = []
    header.append(0x0403_4b50 as UInt32)
    header.append(0 as UInt16)
    header.append(flags)
    header.append(contentsOf: repeatElement(0, count: 18))
    header.append(UInt16(fullName.count))
    header.append(UInt16(zip64.count + padding.count))
    header += fullName
    // PyTorch writes the local field before it knows the stored size, and leaves that 0; the directory's field is right.
    header += size >= UInt64(UInt32.max) ? Self.zip64Field(size: size, storedSize: 0, offset: start) : zip64
    header += padding
    try put(header)
    try put(bytes)
    if let crc {
      var descriptor: [UInt8] = []
      descriptor.append(0x0807_4b50 as UInt32)
      descriptor.append(crc)
      for _ in 0..<2 {
        if zip64.isEmpty { descriptor.append(UInt32(size)) } else { descriptor.append(size) }
      }
      try put(descriptor)
    }

    directory.append(0x0201_4b50 as UInt32)
    directory.append(contentsOf: repeatElement(0, count: 4))
    directory.append(flags)
    directory.append(contentsOf: repeatElement(0, count: 6))
    directory.append(crc ?? 0)
    directory.append(UInt32(clamping: size))
    directory.append(UInt32(clamping: size))
    directory.append(UInt16(fullName.count))
    directory.append(UInt16(zip64.count))
    directory.append(contentsOf: repeatElement(0, count: 10))
    directory.append(UInt32(clamping: start))
    directory += fullName
    directory += zip64
    count += 1
    if bytes.count >= 8, UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)) == 0x0807_4b50 {
      id.addChecksum(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
    }
    id.add(name: name, crc: crc)
  }

  /// Writes one record. `name` is without the folder and unique; `bytes` may be empty.
  public mutating func writeRecord(_ name: String, _ bytes: [UInt8]) throws(SerializationError) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(SerializationError) in
      try writeRecord(name, UnsafeRawBufferPointer(buffer))
    }
  }

  /// Writes the records that come before the storages: the pickle and the format's own marks, in PyTorch's order.
  ///
  /// Then follow `data/0`, `data/1` … by `writeStorage`, then `finish`.
  public mutating func writePickle(_ pickle: [UInt8]) throws(SerializationError) {
    try writeRecord("data.pkl", pickle)
    try writeRecord(".format_version", Array("1".utf8))
    try writeRecord(".storage_alignment", Array("64".utf8))
    try writeRecord("byteorder", Array("little".utf8))
  }

  /// Writes the bytes of the storage with the given key, the string that its persistent id holds.
  public mutating func writeStorage(_ key: String, _ bytes: UnsafeRawBufferPointer) throws(SerializationError) {
    try writeRecord("data/" + key, bytes)
  }

  /// Writes version, identity and directory, syncs the file and gives it its name.
  public consuming func finish() throws(SerializationError) {
    try writeRecord("version", Array("3\n".utf8))
    try writeRecord(".data/serialization_id", Array(id.digits.utf8))
    let start = position
    let size = UInt64(directory.count)
    let end64 = start + size
    var tail = directory
    tail.append(0x0606_4b50 as UInt32)
    tail.append(44 as UInt64)
    tail.append(0x031e as UInt16)
    tail.append(0x002d as UInt16)
    tail.append(0 as UInt64)
    tail.append(count)
    tail.append(count)
    tail.append(size)
    tail.append(start)
    tail.append(0x0706_4b50 as UInt32)
    tail.append(0 as UInt32)
    tail.append(end64)
    tail.append(1 as UInt32)
    tail.append(0x0605_4b50 as UInt32)
    tail.append(0 as UInt32)
    tail.append(UInt16(clamping: count))
    tail.append(UInt16(clamping: count))
    tail.append(UInt32(clamping: size))
    tail.append(UInt32(clamping: start))
    tail.append(0 as UInt16)
    try put(tail)
    try file.commit()
  }

  private mutating func put(_ bytes: UnsafeRawBufferPointer) throws(SerializationError) {
    try file.write(bytes)
    position += UInt64(bytes.count)
  }

  private mutating func put(_ bytes: [UInt8]) throws(SerializationError) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(SerializationError) in try put(UnsafeRawBufferPointer(buffer)) }
  }

  /// The extra field for an entry whose size or place needs 64 bits, else nothing.
  private static func zip64Field(size: UInt64, storedSize: UInt64, offset: UInt64) -> [UInt8] {
    let limit = UInt64(UInt32.max)
    let values = (size >= limit ? [size, storedSize] : []) + (offset >= limit ? [offset] : [])
    guard !values.isEmpty else { return [] }
    var field: [UInt8] = []
    field.append(1 as UInt16)
    field.append(UInt16(8 * values.count))
    for value in values { field.append(value) }
    return field
  }

  /// The extra field that moves the data, which would begin right after it, to the next aligned offset.
  private static func padding(after start: UInt64) -> [UInt8] {
    let misplaced = (start + 4) % alignment
    let length = misplaced == 0 ? 0 : Int(alignment - misplaced)
    var field: [UInt8] = [UInt8(ascii: "F"), UInt8(ascii: "B")]
    field.append(UInt16(length))
    field.append(contentsOf: repeatElement(UInt8(ascii: "Z"), count: length))
    return field
  }
}

extension [UInt8] {
  /// Appends the bytes of `value`, the lowest first.
  fileprivate mutating func append<T: FixedWidthInteger>(_ value: T) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
