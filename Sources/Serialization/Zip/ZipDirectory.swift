/// One stored file of a zip archive, its place checked against the archive's bytes.
struct ZipEntry {
  /// The full name, `archive/data/0`.
  let name: String
  /// 0 for stored, 8 for deflated.
  let method: UInt16
  /// The checksum of the data as the central directory states it.
  let crc: UInt32
  /// Where the local header begins.
  let headerOffset: Int
  /// Where the data begins.
  let dataOffset: Int
  /// The number of bytes in the archive.
  let storedSize: Int
  /// The number of bytes once decompressed, as the archive states it; equal to `storedSize` for stored entries.
  let size: Int
}

/// The central directory of a zip archive, read with every offset and size checked.
///
/// Nothing is trusted: an entry that reaches past the directory, shares bytes with another, has a name twice or differs from its
/// local header is refused. Memory is bounded by the size of the directory itself, whatever counts it claims.
/// Source: PKWARE APPNOTE.TXT 6.3, sections 4.3 and 4.5.3 (zip64).
struct ZipDirectory {
  /// The entries in the order of the directory.
  let entries: [ZipEntry]

  private static let corrupted = "invalid header or archive is corrupted"
  private static let endSize = 22
  private static let locatorSize = 20
  private static let end64Size = 56
  private static let headerSize = 46
  private static let localHeaderSize = 30

  /// Where the directory lies and how many entries it claims.
  private struct Extent {
    var count: UInt64
    var size: UInt64
    var offset: UInt64
    /// Where the directory must have ended: the first byte of the end records.
    var limit: Int
  }

  /// Reads the directory of `source`. Throws PyTorch's sentence ("PytorchStreamReader failed reading zip archive: …").
  init(_ source: ByteSource) throws(SerializationError) {
    guard source.bytes.count >= Self.endSize else { throw source.invalidArchive("not a ZIP archive") }
    let extent = try Self.findExtent(source)
    guard let start = Int(exactly: extent.offset), let size = Int(exactly: extent.size),
      start <= extent.limit, size <= extent.limit - start, extent.count <= UInt64(size / Self.headerSize)
    else { throw source.invalidArchive(Self.corrupted) }
    var entries: [ZipEntry] = []
    entries.reserveCapacity(Int(extent.count))
    var names = Set<ExactString>(minimumCapacity: Int(extent.count))
    var cursor = start
    for _ in 0..<extent.count {
      let entry = try Self.readEntry(source, &cursor, end: start + size, dataLimit: start)
      guard names.insert(ExactString(entry.name)).inserted else {
        throw source.invalidArchive("\(Self.corrupted) (two entries are named '\(entry.name)')")
      }
      entries.append(entry)
    }
    try Self.refuseOverlaps(entries, source)
    self.entries = entries
  }

  /// Finds the end record, searching backwards over a possible comment, and its zip64 twin.
  private static func findExtent(_ source: ByteSource) throws(SerializationError) -> Extent {
    let last = source.bytes.count - endSize
    var end = last
    while source.load(UInt32.self, at: end) != 0x0605_4b50 {
      guard end > 0, last - end < 0xFFFF else { throw source.invalidArchive("failed finding central directory") }
      end -= 1
    }
    guard let disk = source.load(UInt16.self, at: end + 4), let startDisk = source.load(UInt16.self, at: end + 6),
      let countHere = source.load(UInt16.self, at: end + 8), let count = source.load(UInt16.self, at: end + 10),
      let size = source.load(UInt32.self, at: end + 12), let offset = source.load(UInt32.self, at: end + 16),
      let comment = source.load(UInt16.self, at: end + 20), Int(comment) <= last - end
    else { throw source.invalidArchive("failed finding central directory") }
    let locator = end - locatorSize
    if source.load(UInt32.self, at: locator) == 0x0706_4b50 {
      guard let stated = source.load(UInt64.self, at: locator + 8), let end64 = Int(exactly: stated),
        end64 <= locator - end64Size, source.load(UInt32.self, at: end64) == 0x0606_4b50,
        let disk = source.load(UInt32.self, at: end64 + 16), let startDisk = source.load(UInt32.self, at: end64 + 20),
        let countHere = source.load(UInt64.self, at: end64 + 24), let count = source.load(UInt64.self, at: end64 + 32),
        let size = source.load(UInt64.self, at: end64 + 40), let offset = source.load(UInt64.self, at: end64 + 48)
      else { throw source.invalidArchive(corrupted) }
      guard disk == 0, startDisk == 0, countHere == count else { throw source.invalidArchive("unsupported multidisk archive") }
      return Extent(count: count, size: size, offset: offset, limit: end64)
    }
    guard disk == 0, startDisk == 0, countHere == count else { throw source.invalidArchive("unsupported multidisk archive") }
    return Extent(count: UInt64(count), size: UInt64(size), offset: UInt64(offset), limit: end)
  }

  /// Reads the header at `cursor` and steps over it. `dataLimit` is where the entries' data must have ended.
  private static func readEntry(_ source: ByteSource, _ cursor: inout Int, end: Int, dataLimit: Int)
    throws(SerializationError) -> ZipEntry
  {
    guard end - cursor >= headerSize, source.load(UInt32.self, at: cursor) == 0x0201_4b50,
      let flags = source.load(UInt16.self, at: cursor + 8), let method = source.load(UInt16.self, at: cursor + 10),
      let crc = source.load(UInt32.self, at: cursor + 16), let stored32 = source.load(UInt32.self, at: cursor + 20),
      let size32 = source.load(UInt32.self, at: cursor + 24), let nameLength = source.load(UInt16.self, at: cursor + 28),
      let extraLength = source.load(UInt16.self, at: cursor + 30), let commentLength = source.load(UInt16.self, at: cursor + 32),
      let disk = source.load(UInt16.self, at: cursor + 34), let offset32 = source.load(UInt32.self, at: cursor + 42)
    else { throw source.invalidArchive(corrupted) }
    let length = headerSize + Int(nameLength) + Int(extraLength) + Int(commentLength)
    guard length <= end - cursor, let rawName = source.slice(at: cursor + headerSize, count: Int(nameLength)),
      let extra = source.slice(at: cursor + headerSize + Int(nameLength), count: Int(extraLength))
    else { throw source.invalidArchive(corrupted) }
    guard flags & 0x2041 == 0 else { throw source.invalidArchive("unsupported encryption") }
    guard disk == 0 || disk == 0xFFFF else { throw source.invalidArchive("unsupported multidisk archive") }
    guard let name = String(validating: rawName, as: UTF8.self) else {
      throw source.invalidArchive("\(Self.corrupted) (a name is not UTF-8)")
    }
    var wide = Zip64Field(extra)
    guard let size = wide.widen(size32), let stored = wide.widen(stored32), let offset = wide.widen(offset32),
      method != 0 || stored == size
    else { throw source.invalidArchive(corrupted) }
    // Offsets are checked in an order in which no sum can overflow: everything compared is at most dataLimit.
    guard offset <= dataLimit - localHeaderSize, source.load(UInt32.self, at: offset) == 0x0403_4b50,
      source.load(UInt16.self, at: offset + 8) == method,
      let localName = source.load(UInt16.self, at: offset + 26), let localExtra = source.load(UInt16.self, at: offset + 28),
      localName == nameLength, let localRaw = source.slice(at: offset + localHeaderSize, count: Int(localName)),
      localRaw.elementsEqual(rawName)
    else { throw source.invalidArchive(corrupted) }
    let data = offset + localHeaderSize + Int(localName) + Int(localExtra)
    guard data <= dataLimit, stored <= dataLimit - data else {
      throw source.invalidArchive("\(Self.corrupted) (entry '\(name)' reaches past the end of its archive)")
    }
    cursor += length
    return ZipEntry(name: name, method: method, crc: crc, headerOffset: offset, dataOffset: data, storedSize: stored, size: size)
  }

  /// Refuses archives in which two entries use the same bytes, the trick of small files that unpack to huge ones.
  private static func refuseOverlaps(_ entries: [ZipEntry], _ source: ByteSource) throws(SerializationError) {
    let sorted = entries.sorted { $0.headerOffset < $1.headerOffset }
    for (entry, next) in zip(sorted, sorted.dropFirst())
    where entry.dataOffset + entry.storedSize > next.headerOffset {
      throw source.invalidArchive(
        "\(Self.corrupted) (entries '\(entry.name)' and '\(next.name)' overlap)")
    }
  }
}

/// The zip64 extra field of a directory entry: 64-bit values for the 32-bit fields that hold 0xFFFFFFFF, in their order.
private struct Zip64Field {
  private var values: UnsafeRawBufferPointer

  /// Finds field 1 among `extra`; without it the values are none.
  init(_ extra: UnsafeRawBufferPointer) {
    values = UnsafeRawBufferPointer(start: nil, count: 0)
    var rest = extra
    while rest.count >= 4 {
      let kind = UInt16(littleEndian: rest.loadUnaligned(as: UInt16.self))
      let length = Int(UInt16(littleEndian: rest.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(4))
      guard length <= rest.count else { return }
      if kind == 1 {
        values = UnsafeRawBufferPointer(rebasing: rest.prefix(length))
        return
      }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(length))
    }
  }

  /// `narrow`, or the next 64-bit value where it stands for one; nil when that is missing or no possible size.
  mutating func widen(_ narrow: UInt32) -> Int? {
    guard narrow == .max else { return Int(narrow) }
    guard values.count >= 8 else { return nil }
    let wide = UInt64(littleEndian: values.loadUnaligned(as: UInt64.self))
    values = UnsafeRawBufferPointer(rebasing: values.dropFirst(8))
    return Int(exactly: wide)
  }
}

extension ByteSource {
  /// PyTorch's sentence for an archive that cannot be read at all, naming it.
  func invalidArchive(_ cause: String) -> SerializationError {
    SerializationError("PytorchStreamReader failed reading zip archive: \(cause) (file '\(name)')")
  }
}
