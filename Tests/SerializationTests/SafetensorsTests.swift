import Glibc
import Interface
import Serialization
import TensorCore
import Testing
import Torch

/// safetensors files, and the formats of PyTorch before 1.6 and before 2017, in Swift; Tests/lua has more of both.
@Suite struct SafetensorsTests {
  private let folder = FixtureFiles.folder

  @Test func writesThePackagesFile() throws {
    let file = try SafetensorsFile(path: folder + "safetensors/types.safetensors")
    #expect(try file.keys().count == 15 && file.offsetKeys()[1] == "int64")
    #expect(try file.metadata()?.map(\.key) == ["note"])
    #expect(try file.describe("matrix").type == "F32" && file.describe("matrix").shape == [3, 4])
    let metadata: Value = .dictionary([(.string("note"), .string("grüße\n\"quoted\""))])
    let bytes = try SafetensorsWriter.data(.object(file.tensors()), metadata: metadata)
    #expect(try bytes == FixtureFiles.bytes("safetensors/types.safetensors"))
    try FixtureFiles.withTemporaryFolder { folder in
      try SafetensorsWriter.save(.object(file.tensors()), to: folder + "/a.safetensors", metadata: metadata)
      #expect(try FixtureFiles.readFile(folder + "/a.safetensors") == bytes)
      #expect(FixtureFiles.names(in: folder) == ["a.safetensors"])
    }
    file.close()
    #expect(throws: TorchError(.safetensorError, "File is closed")) { try file.keys() }
  }

  @Test func tensorsKeepTheFileMapped() throws {
    try FixtureFiles.withTemporaryFolder { folder in
      let path = folder + "/a.safetensors"
      let sevens = try Tensor(uninitialized: [1000], dtype: .int64)
      withExtendedLifetime(sevens) { sevens.elements(Int64.self).update(repeating: 7, count: 1000) }
      try SafetensorsWriter.save(.dictionary([(.string("w"), .object(sevens))]), to: path)
      let tensor = try SafetensorsFile(path: path).tensor("w")
      unlink(path)
      #expect(withExtendedLifetime(tensor) { (0..<1000).allSatisfy { tensor.elements(Int64.self)[$0] == 7 } })
    }
  }

  /// No header, however it is changed, gives more than an error.
  @Test func changedBytes() throws {
    let sound = try FixtureFiles.bytes("safetensors/types.safetensors")
    for i in 0..<sound.count where i < 1100 {
      for bit in [0, 3, 7] {
        var bytes = sound
        bytes[i] ^= 1 << UInt8(bit)
        _ = try? SafetensorsFile(bytes: bytes, name: "changed").tensors()
      }
    }
    for size in stride(from: 0, to: sound.count, by: 3) {
      #expect(throws: TorchError.self) { try SafetensorsFile(bytes: Array(sound[..<size]), name: "cut") }
    }
  }

  private func tensor(_ value: Value, _ key: String) throws -> Tensor {
    guard case .object(let dictionary as OrderedDict) = value, case .object(let tensor as Tensor)? = dictionary[key] else {
      throw TorchError.value("no tensor \(key)")
    }
    return tensor
  }

  @Test func archiveOf2016() throws {
    let value = try Checkpoint.load(from: folder + "legacy/archive.pth")
    let (weight, ids) = (try tensor(value, "weight"), try tensor(value, "ids"))
    #expect(weight.sizes == [2, 2] && withExtendedLifetime(weight) { weight.elements(Float.self)[3] } == 2.5)
    #expect(withExtendedLifetime(ids) { (0..<3).map { ids.elements(Int64.self)[$0 * ids.strides[0]] } } == [3, 4, 5])
    let sound = try FixtureFiles.bytes("legacy/archive.pth")
    for i in stride(from: 0, to: 5000, by: 1) where i < sound.count {
      var bytes = sound
      bytes[i] ^= 0x11
      _ = try? Checkpoint.load(bytes: bytes, name: "changed")
    }
  }

  @Test func locations() throws {
    let path = folder + "legacy/cuda.pth"
    #expect(throws: TorchError.self) { try Checkpoint.load(from: path) }
    #expect(try tensor(Checkpoint.load(from: path, locations: .cpu), "w").sizes == [3, 4])
    let table = try LocationMap(.dictionary([(.string("cuda:0"), .string("cpu"))]))
    #expect(try tensor(Checkpoint.load(from: path, locations: table), "w").sizes == [3, 4])
    #expect(throws: TorchError.self) { try LocationMap(.string("cuda")) }
  }

  @Test func aFullDiskLeavesNothingBehind() throws {
    try FixtureFiles.withTemporaryFolder { folder in
      let path = folder + "/kept.pt"
      try Checkpoint.save(.integer(1), to: path)
      let before = try FixtureFiles.readFile(path)
      #expect(throws: TorchError.self) { try Checkpoint.save(.object(try Tensor(uninitialized: [10], dtype: .float32)), to: "/dev/full") }
      #expect(throws: TorchError.self) { try Checkpoint.saveLegacy(.integer(1), to: folder + "/missing/x.pt") }
      #expect(try FixtureFiles.readFile(path) == before && FixtureFiles.names(in: folder) == ["kept.pt"])
    }
  }
}
