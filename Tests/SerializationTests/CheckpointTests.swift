import Glibc
import Serialization
import Testing

/// Checkpoints that PyTorch wrote, read and written again.
@Suite struct CheckpointTests {
  /// Writes the records of `source` anew to `path`.
  private func copy(_ source: String, to path: String) throws {
    let reader = try CheckpointReader(path: source)
    var writer = try CheckpointWriter(path: path)
    try writer.writePickle(reader.readRecord("data.pkl"))
    for name in reader.recordNames where name.hasPrefix("data/") {
      try reader.readRecord(name).withUnsafeBytes { try writer.writeStorage(String(name.dropFirst(5)), $0) }
    }
    try writer.finish()
  }

  @Test(arguments: FixtureFiles.checkpoints)
  func writesTheFileTorchWrote(name: String) throws {
    try FixtureFiles.withTemporaryFolder { folder in
      let path = folder + "/" + (name.split(separator: "/").last ?? "")
      try copy(FixtureFiles.folder + name, to: path)
      #expect(try FixtureFiles.readFile(path) == FixtureFiles.bytes(name))
    }
  }

  @Test func hasTheRecipesSizes() throws {
    // recipe.py: "bytes on disk 4479 3455"
    #expect(try FixtureFiles.bytes("float/temp.p").count == 4479)
    #expect(try FixtureFiles.bytes("quantized/temp.p").count == 3455)
  }

  @Test func readsTorchsRecords() throws {
    let reader = try CheckpointReader(path: FixtureFiles.folder + "quantized/temp.p")
    #expect(reader.archiveName == "temp")
    #expect(reader.version == 3)
    #expect(reader.byteOrder == "little")
    #expect(
      reader.recordNames == [
        "data.pkl", ".format_version", ".storage_alignment", "byteorder", "data/0", "data/1", "data/2", "data/3", "version",
        ".data/serialization_id",
      ])
    #expect(try reader.recordSize("data/2") == 256)
    #expect(try reader.readRecord("version") == Array("3\n".utf8))
    #expect(reader.hasRecord("data/3") && !reader.hasRecord("data/4"))
    #expect(
      failure { _ = try reader.readRecord("data/4") }?.message
        == "PytorchStreamReader failed locating file data/4: file not found (file '\(FixtureFiles.folder)quantized/temp.p')")
  }

  @Test func copiesIntoGivenMemoryOfTheRightSize() throws {
    let reader = try CheckpointReader(path: FixtureFiles.folder + "float/temp.p")
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 64)
    defer { memory.deallocate() }
    try reader.readRecord("data/0", into: memory)
    // torch.load("temp.p")["lstm.weight_ih_l0"][0, 0] prints 0.1164 (recipe.txt: 1.1641e-01)
    #expect(abs(memory.load(as: Float.self) - 0.11641) < 1e-5)
    #expect(failure { try reader.readRecord("data/2", into: memory) }?.message.hasPrefix("record size 128 mismatch with dst size 1024") == true)
  }

  @Test func namesTheFolderAfterTheFile() throws {
    #expect(try CheckpointWriter.archiveName(for: "temp.p") == "temp")
    #expect(try CheckpointWriter.archiveName(for: "/a.b/model.tar.gz") == "model.tar")
    #expect(try CheckpointWriter.archiveName(for: "a\\plain") == "plain")
    #expect(try CheckpointWriter.archiveName(for: "größe.pt") == "archive")
    for bad in ["", "/", "models/", ".pt"] {
      #expect(failure { _ = try CheckpointWriter.archiveName(for: bad) }?.message == "invalid file name: \(bad)")
    }
  }

  @Test func leavesNoTraceOfAnUnfinishedFile() throws {
    try FixtureFiles.withTemporaryFolder { folder in
      let path = folder + "/model.pt"
      do {
        var writer = try CheckpointWriter(path: path)
        try writer.writePickle([1, 2, 3])
        #expect(FixtureFiles.names(in: folder).count == 1)
        #expect(!FixtureFiles.names(in: folder).contains("model.pt"))
      }
      #expect(FixtureFiles.names(in: folder) == [])
      try copy(FixtureFiles.folder + "float/temp.p", to: path)
      let before = try FixtureFiles.readFile(path)
      do {
        var writer = try CheckpointWriter(path: path)
        try writer.writePickle([])
      }
      #expect(FixtureFiles.names(in: folder) == ["model.pt"])
      #expect(try FixtureFiles.readFile(path) == before)
    }
  }

  @Test func replacesAFileKeepingItsPermissionsAndLinks() throws {
    try FixtureFiles.withTemporaryFolder { folder in
      let path = folder + "/real.pt"
      try copy(FixtureFiles.folder + "float/temp.p", to: path)
      chmod(path, 0o640)
      #expect(symlink("real.pt", folder + "/link.pt") == 0)
      try copy(FixtureFiles.folder + "quantized/temp.p", to: folder + "/link.pt")
      var status = stat()
      #expect(lstat(folder + "/link.pt", &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
      #expect(try CheckpointReader(path: path).archiveName == "link")
    }
  }

  @Test func writesToDevicesDirectly() throws {
    var writer = try CheckpointWriter(path: "/dev/null")
    try writer.writePickle([1])
    try writer.finish()
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test func refusesImpossiblePlaces() throws {
    try FixtureFiles.withTemporaryFolder { folder in
      #expect(failure { _ = try CheckpointWriter(path: folder + "/no/x.pt") }?.message == "Parent directory \(folder)/no does not exist.")
      #expect(failure { _ = try CheckpointWriter(path: folder) }?.kind == "IsADirectoryError")
      #expect(failure { _ = try CheckpointReader(path: folder) }?.message == "[Errno 21] Is a directory: '\(folder)'")
      #expect(failure { _ = try CheckpointReader(path: folder + "/x.pt") }?.message == "[Errno 2] No such file or directory: '\(folder)/x.pt'")
      #expect(failure { _ = try CheckpointReader(path: "/dev/zero") }?.kind == "OSError")
      var writer = try CheckpointWriter(path: folder + "/x.pt")
      try writer.writeStorage("0", UnsafeRawBufferPointer(start: nil, count: 0))
      #expect(throws: SerializationError("Tried to serialize file twice: data/0")) {
        try writer.writeStorage("0", UnsafeRawBufferPointer(start: nil, count: 0))
      }
    }
  }

  @Test func checksumIsCRC32() {
    // >>> zlib.crc32(b"123456789")
    Array("123456789".utf8).withUnsafeBytes { #expect(CRC32.checksum($0) == 0xCBF4_3926) }
    // >>> zlib.crc32(bytes(i * 7 % 256 for i in range(1003)))
    (0..<1003).map { UInt8(truncatingIfNeeded: $0 * 7) }.withUnsafeBytes { #expect(CRC32.checksum($0) == 0xD0C2_8EC4) }
  }
}
