/// The regular files of a tar archive, each header's checksum and size checked. Source: POSIX.1-1988 `ustar`.
struct TarDirectory {
  /// The bytes of each file by name.
  let files: [String: Range<Int>]

  private static let block = 512

  /// Nil where the first header is none of a tar archive's.
  /// - Throws: where a later one is broken or a file reaches past the end.
  init?(_ source: ByteSource) throws(SerializationError) {
    guard Self.header(source, at: 0) != nil else { return nil }
    var files: [String: Range<Int>] = [:]
    var position = 0
    while position + Self.block <= source.count {
      guard let (name, size, isFile) = Self.header(source, at: position) else {
        // Two empty blocks end the archive.
        if source.slice(at: position, count: Self.block)?.allSatisfy({ $0 == 0 }) ?? false { break }
        throw SerializationError("a header of the tar archive '\(source.name)' is damaged")
      }
      let start = position + Self.block
      guard size <= source.count - start else { throw SerializationError("unexpected end of data in the tar archive '\(source.name)'") }
      if isFile { files[name] = start..<start + size }
      position = start + (size + Self.block - 1) / Self.block * Self.block
    }
    self.files = files
  }

  private static func header(_ source: ByteSource, at position: Int) -> (name: String, size: Int, isFile: Bool)? {
    guard let bytes = source.slice(at: position, count: block), let stated = octal(bytes[148..<156]), let size = octal(bytes[124..<136]) else { return nil }
    // The sum counts its own field as spaces.
    let sum = bytes.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(bytes[$1])) }
    guard sum == stated, sum > 256 else { return nil }
    let name = String(decoding: bytes[0..<100].prefix { $0 != 0 }, as: UTF8.self)
    return (name.hasPrefix("./") ? String(name.dropFirst(2)) : name, size, bytes[156] == 0 || bytes[156] == UInt8(ascii: "0"))
  }

  private static func octal(_ field: Slice<UnsafeRawBufferPointer>) -> Int? {
    var number = 0
    var hasDigit = false
    for byte in field {
      switch byte {
      case 0x20, 0: if hasDigit { return number }
      case UInt8(ascii: "0")...UInt8(ascii: "7"):
        hasDigit = true
        number = number << 3 | Int(byte - UInt8(ascii: "0"))
      default: return nil
      }
    }
    return hasDigit ? number : nil
  }
}
