import Glibc
import JSON

/// A file of text, read whole.
public struct TextFile {
  /// Where it was.
  public let path: String
  /// What it holds.
  public let bytes: [UInt8]

  /// Reads the file at `path`; nil where there is none.
  /// - Throws: the system's sentence where it cannot be read.
  public init?(path: String) throws(TokenizeError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw Self.failure(path)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure(path) }
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    var content = [UInt8](repeating: 0, count: Int(status.st_size))
    var done = 0
    while done < content.count {
      let rest = content.count - done
      let count = content.withUnsafeMutableBytes { buffer in buffer.baseAddress.map { read(descriptor, $0 + done, rest) } ?? 0 }
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.failure(path)
      }
      if count == 0 { break }
      done += count
    }
    content.removeLast(content.count - done)
    self.path = path
    bytes = content
  }

  private static func failure(_ path: String) -> TokenizeError {
    TokenizeError(kind: errno == EACCES ? "PermissionError" : "OSError", "[Errno \(errno)] \(String(cString: strerror(errno))): '\(path)'")
  }

  /// What the file says as JSON.
  /// - Throws: what is wrong with it, with line and column.
  func json() throws(TokenizeError) -> JSONValue {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw TokenizeError("\(path): the file is not valid UTF-8") }
    do {
      return try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in try JSONReader.read(UnsafeRawBufferPointer(buffer)) }
    } catch { throw TokenizeError("\(path):\(error.line): \(error.message) (column \(error.column))") }
  }
}
