import Glibc

/// Read-only bytes that stay where they are: a mapped file or a copy in memory.
///
/// A mapped file is not read until its pages are touched. If another process shortens the file in place meanwhile, touching the
/// lost pages ends the program (SIGBUS), as it does in any reader that maps; a file replaced by a rename is safe.
public final class ByteSource {
  /// The bytes; valid as long as this object lives, which the holder of a slice must see to.
  let bytes: UnsafeRawBufferPointer
  /// What error messages call it: the path, or the name it was given.
  public let name: String
  /// The open file, -1 for bytes in memory.
  private let descriptor: Int32
  /// Whether the bytes may be changed; the file keeps its own.
  let isWritable: Bool

  /// Maps the regular file at `path`; `isWritable` for bytes that may be changed in memory, privately to this process.
  ///
  /// Throws `FileNotFoundError`, `IsADirectoryError`, `PermissionError` or `OSError` with Python's sentence.
  public init(path: String, isWritable: Bool = false) throws(SerializationError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw SerializationError.system(errno, path: path) }
    var isOpen = false
    defer { if !isOpen { close(descriptor) } }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SerializationError.system(errno, path: path) }
    if status.st_mode & S_IFMT == S_IFDIR { throw SerializationError.system(EISDIR, path: path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SerializationError(kind: "OSError", "'\(path)' is not a regular file, and a checkpoint is read from one")
    }
    name = path
    self.isWritable = isWritable
    let count = Int(status.st_size)
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      self.descriptor = -1
      return
    }
    // Pages that are never changed need no memory of their own, so none is set aside for them.
    let (protection, flags) = isWritable ? (PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE) : (PROT_READ, MAP_PRIVATE)
    guard let address = mmap(nil, count, protection, flags, descriptor, 0), address != MAP_FAILED else {
      throw SerializationError.system(errno, path: path)
    }
    bytes = UnsafeRawBufferPointer(start: address, count: count)
    self.descriptor = descriptor
    isOpen = true
  }

  /// Copies `contents`; `name` is what error messages call them.
  public init(copying contents: [UInt8], name: String) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: contents.count, alignment: 64)
    copy.copyBytes(from: contents)
    bytes = UnsafeRawBufferPointer(copy)
    self.name = name
    descriptor = -1
    isWritable = false
  }

  deinit {
    guard let base = bytes.baseAddress else { return }
    guard descriptor >= 0 else { return base.deallocate() }
    munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
    close(descriptor)
  }

  /// The number of bytes.
  public var count: Int { bytes.count }

  /// Calls `body` with the bytes, valid during the call.
  public func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    defer { extendLifetime(self) }
    return try body(bytes)
  }

  /// Copies the bytes from `offset` on into `destination`. Those of a file are read, not mapped: that takes no memory but
  /// `destination`'s, and a file that another process shortens meanwhile is an error.
  func copyBytes(at offset: Int, into destination: UnsafeMutableRawBufferPointer) throws(SerializationError) {
    guard let source = slice(at: offset, count: destination.count) else { throw unexpectedEnd }
    guard descriptor >= 0 else { return destination.copyMemory(from: source) }
    var done = 0
    while done < destination.count, let base = destination.baseAddress {
      let count = pread(descriptor, base + done, destination.count - done, offset + done)
      if count < 0 {
        if errno == EINTR { continue }
        throw SerializationError.system(errno, path: name)
      }
      guard count > 0 else { throw unexpectedEnd }
      done += count
    }
  }

  private var unexpectedEnd: SerializationError { SerializationError("unexpected EOF. The file '\(name)' might be corrupted.") }

  /// The little-endian integer at `offset`, or nil where it would not lie wholly inside.
  func load<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) -> T? {
    guard offset >= 0, offset <= bytes.count - MemoryLayout<T>.size else { return nil }
    return T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
  }

  /// The `count` bytes at `offset`, or nil where they would not lie wholly inside.
  func slice(at offset: Int, count: Int) -> UnsafeRawBufferPointer? {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }
}

extension SerializationError {
  /// Python's exception and sentence for a failed system call: `[Errno 2] No such file or directory: 'x'`.
  static func system(_ code: Int32, path: String) -> SerializationError {
    let kind = switch code {
    case ENOENT: "FileNotFoundError"
    case EISDIR: "IsADirectoryError"
    case ENOTDIR: "NotADirectoryError"
    case EACCES, EPERM: "PermissionError"
    default: "OSError"
    }
    return SerializationError(kind: kind, "[Errno \(code)] \(String(cString: strerror(code))): '\(path)'")
  }
}
