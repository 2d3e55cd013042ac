extension CheckpointReader {
  /// The bytes of record `name` where they lie, and what keeps them there: for files mapped writable, so that changes stay in memory.
  ///
  /// The checksum is not verified, since that would read the whole record. Nil where the file is not mapped so or the record does not
  /// begin at a multiple of `alignment`.
  func mappedRecord(_ name: String, alignment: Int) throws(SerializationError) -> (UnsafeMutableRawPointer, owner: ByteSource)? {
    let bytes = try storedBytes(name)
    guard source.isWritable, let base = bytes.baseAddress, Int(bitPattern: base).isMultiple(of: alignment) else { return nil }
    return (UnsafeMutableRawPointer(mutating: base), source)
  }
}
