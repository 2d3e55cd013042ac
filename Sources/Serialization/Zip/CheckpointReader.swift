/// Reads the records of a checkpoint in PyTorch's zip format.
///
/// The file is mapped, not read: opening costs the directory alone. Records are stored uncompressed, as PyTorch writes them; a
/// compressed one is refused when it is asked for. Every record's checksum is verified before its bytes are handed out.
/// Source: `PyTorchStreamReader` of PyTorch 2.15, whose record names and sentences these are.
public final class CheckpointReader {
  /// The folder inside the archive that holds all records, `archive` or the stem of the file's first name.
  public let archiveName: String
  /// The format version the file states (PyTorch 2.15 writes 3).
  public let version: Int
  /// `little`; the name of the byte order of the stored numbers (files before PyTorch 2.1 state none and are little-endian).
  public let byteOrder: String
  /// Names of all records without the folder (`data.pkl`, `data/0` …), in the archive's order.
  public let recordNames: [String]

  let source: ByteSource
  private let entries: [ExactString: ZipEntry]

  private static let supportedVersions = 1...10

  /// Maps and checks the file at `path`.
  ///
  /// Throws `FileNotFoundError` and the like where there is no such file, and `RuntimeError` where it is no sound archive.
  public convenience init(path: String) throws(SerializationError) {
    try self.init(ByteSource(path: path))
  }

  /// Checks an archive that is already in memory.
  public init(_ source: ByteSource) throws(SerializationError) {
    let directory = try ZipDirectory(source)
    guard let first = directory.entries.first else {
      throw source.invalidArchive("archive does not contain any files")
    }
    guard let slash = first.name.utf8.firstIndex(of: UInt8(ascii: "/")) else {
      throw source.invalidArchive("file in archive is not in a subdirectory: \(first.name)")
    }
    let folder = String(first.name[..<slash])
    var names: [String] = []
    names.reserveCapacity(directory.entries.count)
    var entries = [ExactString: ZipEntry](minimumCapacity: directory.entries.count)
    for entry in directory.entries {
      guard entry.name.utf8.starts(with: folder.utf8), entry.name.utf8.dropFirst(folder.utf8.count).first == UInt8(ascii: "/"),
        let name = String(entry.name.utf8.dropFirst(folder.utf8.count + 1))
      else { throw source.invalidArchive("file in archive is not in a subdirectory \(folder)/: \(entry.name)") }
      names.append(name)
      entries[ExactString(name)] = entry
    }
    archiveName = folder
    recordNames = names
    self.source = source
    self.entries = entries
    let versionName = entries[ExactString(".data/version")] == nil ? "version" : ".data/version"
    version = try Self.parseVersion(Self.smallText(versionName, entries, source), source)
    byteOrder = entries[ExactString("byteorder")] == nil ? "little" : try Self.smallText("byteorder", entries, source)
    guard byteOrder == "little" else {
      throw SerializationError("'\(source.name)' holds numbers in \(byteOrder)-endian order; only little-endian checkpoints can be read")
    }
  }

  /// Whether the first bytes are those of a zip archive, as `torch.load` decides between its formats.
  public static func isZip(_ source: ByteSource) -> Bool { source.load(UInt32.self, at: 0) == 0x0403_4b50 }

  /// Whether there is a record `name`.
  public func hasRecord(_ name: String) -> Bool { entries[ExactString(name)] != nil }

  /// The number of bytes of record `name`. Throws where there is none.
  public func recordSize(_ name: String) throws(SerializationError) -> Int { try entry(name).size }

  /// A copy of record `name`, its checksum verified. At most as large as the file.
  public func readRecord(_ name: String) throws(SerializationError) -> [UInt8] {
    let bytes = try Self.stored(try entry(name), name, source)
    var failure: SerializationError?
    let copy = [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
      do throws(SerializationError) {
        try copyChecked(name, bytes, into: UnsafeMutableRawBufferPointer(buffer))
        count = bytes.count
      } catch { failure = error }
    }
    if let failure { throw failure }
    return copy
  }

  /// Copies record `name` into `destination`, verifying the checksum of what was copied in the same pass.
  ///
  /// Throws where the sizes differ or the checksum is wrong; `destination`'s contents are then of no meaning.
  public func readRecord(_ name: String, into destination: UnsafeMutableRawBufferPointer) throws(SerializationError) {
    let bytes = try Self.stored(try entry(name), name, source)
    guard bytes.count == destination.count else {
      throw SerializationError(
        "record size \(bytes.count) mismatch with dst size \(destination.count) (record \(name) of file '\(source.name)')")
    }
    try copyChecked(name, bytes, into: destination)
  }

  /// The bytes of record `name` in the source, their checksum not verified.
  func storedBytes(_ name: String) throws(SerializationError) -> UnsafeRawBufferPointer {
    try Self.stored(try entry(name), name, source)
  }

  private func entry(_ name: String) throws(SerializationError) -> ZipEntry {
    guard let entry = entries[ExactString(name)] else {
      throw SerializationError("PytorchStreamReader failed locating file \(name): file not found (file '\(source.name)')")
    }
    return entry
  }

  private func copyChecked(_ name: String, _ bytes: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer)
    throws(SerializationError)
  {
    // Blocks that stay in the cache between the copy and the checksum.
    let block = 1 << 17
    let place = source.bytes.baseAddress.map { start in bytes.baseAddress.map { $0 - start } ?? 0 } ?? 0
    var crc = CRC32()
    for start in stride(from: 0, to: bytes.count, by: block) {
      let range = start..<min(start + block, bytes.count)
      let part = UnsafeMutableRawBufferPointer(rebasing: destination[range])
      try source.copyBytes(at: place + start, into: part)
      crc.update(UnsafeRawBufferPointer(part))
    }
    guard try crc.value == entry(name).crc else { throw Self.unreadable(name, "CRC-32 check failed", source) }
  }

  /// The bytes of a stored entry; throws for compressed ones.
  private static func stored(_ entry: ZipEntry, _ name: String, _ source: ByteSource)
    throws(SerializationError) -> UnsafeRawBufferPointer
  {
    guard entry.method == 0 else {
      throw unreadable(name, "unsupported method (the record is compressed; PyTorch stores tensors uncompressed)", source)
    }
    guard let bytes = source.slice(at: entry.dataOffset, count: entry.storedSize) else {
      throw unreadable(name, "invalid header or archive is corrupted", source)
    }
    return bytes
  }

  private static func unreadable(_ name: String, _ cause: String, _ source: ByteSource) -> SerializationError {
    SerializationError("PytorchStreamReader failed reading file \(name): \(cause) (file '\(source.name)')")
  }

  /// The text of a record of at most 64 bytes, its checksum verified.
  private static func smallText(_ name: String, _ entries: [ExactString: ZipEntry], _ source: ByteSource)
    throws(SerializationError) -> String
  {
    guard let entry = entries[ExactString(name)] else {
      throw SerializationError("PytorchStreamReader failed locating file \(name): file not found (file '\(source.name)')")
    }
    let bytes = try stored(entry, name, source)
    guard CRC32.checksum(bytes) == entry.crc else { throw unreadable(name, "CRC-32 check failed", source) }
    guard bytes.count <= 64, let text = String(validating: bytes, as: UTF8.self) else {
      throw unreadable(name, "it is not a short text", source)
    }
    return text
  }

  private static func parseVersion(_ text: String, _ source: ByteSource) throws(SerializationError) -> Int {
    let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let version = Int(Substring(digits)) else {
      throw SerializationError("Couldn't parse the version \(text) as Long Long. (file '\(source.name)')")
    }
    guard version >= supportedVersions.lowerBound else {
      throw SerializationError(
        "Attempted to read a PyTorch file with version \(version), but the minimum supported version for reading is "
          + "\(supportedVersions.lowerBound). (file '\(source.name)')")
    }
    guard version <= supportedVersions.upperBound else {
      throw SerializationError(
        "Attempted to read a PyTorch file with version \(version), but the maximum supported version for reading is "
          + "\(supportedVersions.upperBound). (file '\(source.name)')")
    }
    return version
  }
}
