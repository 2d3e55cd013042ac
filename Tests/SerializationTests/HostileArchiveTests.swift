import Glibc
import Serialization
import Testing

/// Archives that PyTorch never wrote: each gives a sentence that names the file, none is read past its end.
@Suite struct HostileArchiveTests {
  private let bytes: [UInt8]

  init() throws { bytes = try FixtureFiles.bytes("float/temp.p") }

  private func message(_ bytes: [UInt8]) -> String? {
    failure {
      let reader = try CheckpointReader(ByteSource(copying: bytes, name: "hostile.pt"))
      for name in reader.recordNames { _ = try reader.readRecord(name) }
    }?.message
  }

  private func invalid(_ cause: String) -> String {
    "PytorchStreamReader failed reading zip archive: \(cause) (file 'hostile.pt')"
  }

  /// Where `pattern` begins for the `occurrence`th time.
  private func find(_ pattern: [UInt8], _ occurrence: Int = 0) throws -> Int {
    var found = (0...(bytes.count - pattern.count)).filter { bytes[$0] == pattern[0] && Array(bytes[$0..<$0 + pattern.count]) == pattern }
    found.removeFirst(occurrence)
    return try #require(found.first)
  }

  /// The central directory's header of the `index`th entry.
  private func header(_ index: Int) throws -> Int { try find([0x50, 0x4B, 1, 2], index) }

  private func changed(_ offset: Int, _ values: UInt8...) -> [UInt8] {
    var copy = bytes
    copy.replaceSubrange(offset..<offset + values.count, with: values)
    return copy
  }

  @Test func theOriginalIsSound() { #expect(message(bytes) == nil) }

  @Test func everyTruncationIsRefused() {
    for length in 0..<bytes.count { #expect(message(Array(bytes[..<length])) != nil, "the first \(length) bytes") }
    #expect(message(Array(bytes.dropLast(30))) == invalid("failed finding central directory"))
    #expect(message(Array(bytes.prefix(4))) == invalid("not a ZIP archive"))
    #expect(message([]) == invalid("not a ZIP archive"))
  }

  @Test func junkIsNoArchive() {
    #expect(message([UInt8](repeating: 0x50, count: 100_000)) == invalid("failed finding central directory"))
  }

  @Test func everyDataByteIsChecked() throws {
    let reader = try CheckpointReader(path: FixtureFiles.folder + "float/temp.p")
    for (index, name) in reader.recordNames.enumerated() {
      let data = try find([0x50, 0x4B, 7, 8], index) - (try reader.recordSize(name))
      #expect(
        message(changed(data, bytes[data] ^ 0x10))
          == "PytorchStreamReader failed reading file \(name): CRC-32 check failed (file 'hostile.pt')")
    }
  }

  @Test func offsetsAndSizesStayInside() throws {
    let header = try header(1)
    let corrupted = invalid("invalid header or archive is corrupted")
    // A local header past the end, inside the directory, or in the midst of data.
    #expect(message(changed(header + 42, 0xFF, 0xFF, 0xFF, 0x7F)) == corrupted)
    #expect(message(changed(header + 42, 0xFF, 0xFF, 0xFF, 0xFF)) == corrupted)
    #expect(message(changed(header + 42, 0x01, 0x00)) == corrupted)
    // Another entry's local header.
    #expect(message(changed(header + 42, 0x00, 0x00)) == corrupted)
    // A stored entry of two sizes, and one past the end.
    #expect(message(changed(header + 24, 0xFF, 0xFF)) == corrupted)
    #expect(
      message(changed(header + 20, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF, 0, 0))
        == invalid("invalid header or archive is corrupted (entry 'temp/.format_version' reaches past the end of its archive)"))
    // A size that says "see the zip64 field" where there is none.
    #expect(message(changed(header + 20, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)) == corrupted)
    // The name, extra or comment longer than the directory.
    for field in [28, 30, 32] { #expect(message(changed(header + field, 0xFF, 0xFF)) != nil) }
  }

  @Test func entriesShareNoBytes() throws {
    let header = try header(1)
    #expect(
      message(changed(header + 20, 0x40, 0, 0, 0, 0x40, 0, 0, 0))
        == invalid("invalid header or archive is corrupted (entries 'temp/.format_version' and 'temp/.storage_alignment' overlap)"))
  }

  @Test func namesAreUniqueTextInOneFolder() throws {
    // "temp/data/1" becomes a second "temp/data/0", in both places that name it.
    var twice = bytes
    for occurrence in 0..<2 { twice[try find(Array("temp/data/1".utf8), occurrence) + 10] = UInt8(ascii: "0") }
    #expect(message(twice) == invalid("invalid header or archive is corrupted (two entries are named 'temp/data/0')"))
    var elsewhere = bytes
    var broken = bytes
    for occurrence in 0..<2 {
      let name = try find(Array("temp/data/1".utf8), occurrence)
      elsewhere[name] = UInt8(ascii: "x")
      broken[name + 6] = 0xFF
    }
    #expect(message(elsewhere) == invalid("file in archive is not in a subdirectory temp/: xemp/data/1"))
    #expect(message(broken) == invalid("invalid header or archive is corrupted (a name is not UTF-8)"))
    // The directory and the local header disagree.
    #expect(message(changed(try find(Array("temp/data/1".utf8), 1) + 10, UInt8(ascii: "7"))) == invalid("invalid header or archive is corrupted"))
  }

  @Test func whatIsNotStoredPlainlyIsRefused() throws {
    var deflated = bytes
    deflated[try header(4) + 10] = 8
    deflated[try find([0x50, 0x4B, 3, 4], 4) + 8] = 8
    #expect(
      message(deflated)
        == "PytorchStreamReader failed reading file data/0: unsupported method (the record is compressed; PyTorch stores tensors "
        + "uncompressed) (file 'hostile.pt')")
    #expect(message(changed(try header(0) + 8, 0x09)) == invalid("unsupported encryption"))
    #expect(message(changed(try header(0) + 34, 1)) == invalid("unsupported multidisk archive"))
  }

  @Test func endRecordsAreChecked() throws {
    let end64 = try find([0x50, 0x4B, 6, 6])
    let corrupted = invalid("invalid header or archive is corrupted")
    // 2⁶⁴ - 1 entries, a directory of as many bytes, one that begins there; nothing is reserved for them.
    for field in [24, 32, 40, 48] {
      var hostile = bytes
      hostile.replaceSubrange(end64 + field..<end64 + field + 8, with: [UInt8](repeating: 0xFF, count: 8))
      if field == 24 { hostile.replaceSubrange(end64 + 32..<end64 + 40, with: [UInt8](repeating: 0xFF, count: 8)) }
      #expect(message(hostile) == (field == 32 ? invalid("unsupported multidisk archive") : corrupted))
    }
    #expect(message(changed(end64, 0)) == corrupted)
    #expect(message(changed(try find([0x50, 0x4B, 6, 7]) + 8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)) == corrupted)
    let none = [UInt8](repeating: 0, count: 16)
    var empty = bytes
    empty.replaceSubrange(end64 + 24..<end64 + 40, with: none)
    #expect(message(empty) == invalid("archive does not contain any files"))
  }

  @Test func zip64FieldsAreUnderstood() throws {
    // The third entry with its sizes and place in 64 bits, as in files of more than 4 GiB; `spoilt` changes the field.
    func widened(spoilt: Int? = nil) throws -> [UInt8] {
      let header = try header(2)
      let end64 = try find([0x50, 0x4B, 6, 6])
      var wide = bytes
      var field: [UInt8] = [1, 0, 24, 0]
      for place in [24, 20, 42] {
        field += bytes[header + place..<header + place + 4] + [0, 0, 0, 0]
        wide.replaceSubrange(header + place..<header + place + 4, with: [0xFF, 0xFF, 0xFF, 0xFF])
      }
      if let spoilt { field[spoilt] = 0xFF }
      wide[header + 30] = UInt8(field.count)
      // The directory's size and the place of what follows it grow by the field.
      for place in [end64 + 40, end64 + 56 + 8] {
        let value = Int(wide[place]) + Int(wide[place + 1]) << 8 + field.count
        wide[place] = UInt8(truncatingIfNeeded: value)
        wide[place + 1] = UInt8(truncatingIfNeeded: value >> 8)
      }
      let name = Int(bytes[header + 28])
      wide.insert(contentsOf: field, at: header + 46 + name)
      return wide
    }
    #expect(message(try widened()) == nil)
    let reader = try CheckpointReader(ByteSource(copying: try widened(), name: "wide.pt"))
    #expect(try reader.readRecord(".storage_alignment") == Array("64".utf8))
    for index in 0..<28 { #expect(message(try widened(spoilt: index)) != nil, "byte \(index)") }
  }

  @Test func versionAndByteOrderAreUnderstood() throws {
    func rewritten(_ name: String, _ content: [UInt8]) throws -> String? {
      try FixtureFiles.withTemporaryFolder { folder in
        let path = folder + "/x.pt"
        // The writer's own records make room for a foreign one in front of them.
        var writer = try CheckpointWriter(path: path)
        try writer.writeRecord(name, content)
        try writer.finish()
        return message(try FixtureFiles.readFile(path))
      }
    }
    #expect(
      try rewritten("byteorder", Array("big".utf8))
        == "'hostile.pt' holds numbers in big-endian order; only little-endian checkpoints can be read")
    #expect(
      try rewritten(".data/version", Array("11".utf8))
        == "Attempted to read a PyTorch file with version 11, but the maximum supported version for reading is 10. (file 'hostile.pt')")
    #expect(
      try rewritten(".data/version", Array("0".utf8))
        == "Attempted to read a PyTorch file with version 0, but the minimum supported version for reading is 1. (file 'hostile.pt')")
    #expect(try rewritten(".data/version", Array("x".utf8)) == "Couldn't parse the version x as Long Long. (file 'hostile.pt')")
    #expect(try rewritten("byteorder", [UInt8](repeating: 0, count: 1000))?.contains("it is not a short text") == true)
    #expect(try rewritten("data.pkl", []) == nil)
  }

  @Test func aSparseFileOfAFewTerabytesCostsNothing() throws {
    try FixtureFiles.withTemporaryFolder { folder in
      let path = folder + "/vast.pt"
      let file = open(path, O_CREAT | O_WRONLY, 0o600)
      defer { close(file) }
      guard ftruncate(file, 1 << 42) == 0 else { return }
      #expect(failure { _ = try CheckpointReader(path: path) }?.message.contains("failed finding central directory") == true)
    }
  }
}
