import Glibc

/// A failure to make a temporary file.
struct NoTemporaryFile: Error {}

/// A new file in a temporary folder that holds `bytes`; its path.
func temporaryFile(_ bytes: [UInt8]) throws -> String {
  let path = try temporaryFolder() + "/file.lua"
  guard let file = fopen(path, "w") else { throw NoTemporaryFile() }
  defer { fclose(file) }
  guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw NoTemporaryFile() }
  return path
}

/// A new file in a temporary folder that holds `text`; its path.
func temporaryFile(_ text: String) throws -> String { try temporaryFile(Array(text.utf8)) }

/// A new folder; its path.
func temporaryFolder() throws -> String {
  var template = Array("/tmp/qrepl-test-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw NoTemporaryFile() }
  return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
