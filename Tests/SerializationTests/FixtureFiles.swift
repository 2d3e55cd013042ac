import Glibc
import Serialization

/// The files that make_fixtures.py made with PyTorch, and a place for new ones.
enum FixtureFiles {
  /// The folder Fixtures beside this file.
  static let folder = String(#filePath.dropLast("FixtureFiles.swift".count)) + "Fixtures/"

  /// Fixtures that are checkpoints.
  static let checkpoints = [
    "float/temp.p", "quantized/temp.p", "archives/empty.pt", "archives/noextension", "archives/many.records.pt",
    "archives/größe.pt", "archives/views.pt", "archives/types.pt", "archives/descriptor.pt",
  ]

  /// The bytes of a fixture.
  static func bytes(_ name: String) throws -> [UInt8] { try readFile(folder + name) }

  /// The bytes of any file.
  static func readFile(_ path: String) throws -> [UInt8] { try ByteSource(path: path).withBytes { Array($0) } }

  /// The text of a fixture.
  static func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  /// Runs `body` with the path of a new folder, which is gone afterwards.
  static func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
    var template = Array("/tmp/qrepl-serialization-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SerializationError("no temporary folder") }
    let folder = template.withUnsafeBufferPointer { buffer in buffer.baseAddress.map { String(cString: $0) } ?? "" }
    defer {
      for name in names(in: folder) { unlink(folder + "/" + name) }
      rmdir(folder)
    }
    return try body(folder)
  }

  /// The names in a folder, without the dot entries.
  static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}

/// What `body` throws, nil where it does not.
func failure(_ body: () throws -> Void) -> SerializationError? {
  do {
    try body()
    return nil
  } catch {
    return error as? SerializationError
  }
}
