import Glibc

/// A file that appears whole or not at all.
///
/// Bytes go to a temporary beside the target; `commit` syncs and renames it. Dropped without `commit`, it leaves no trace.
/// A target that exists and is no regular file (`/dev/null`, a pipe) is written to directly: renaming would replace the device.
struct AtomicFile: ~Copyable {
  private let target: String
  private var temporary: String?
  private var descriptor: Int32

  /// Opens a temporary for `path`; a symbolic link is followed, an existing file's permissions are kept.
  ///
  /// Throws PyTorch's sentence for a missing folder, else the system's.
  init(path: String) throws(SerializationError) {
    // Past a limit on the size of files, write is to give an error as on a full disk, not to end the program with half a file.
    signal(SIGXFSZ, SIG_IGN)
    let resolved = Self.resolve(path)
    target = resolved
    temporary = nil
    descriptor = -1
    var status = stat()
    let exists = stat(resolved, &status) == 0
    if exists, status.st_mode & S_IFMT == S_IFDIR { throw SerializationError.system(EISDIR, path: path) }
    if exists, status.st_mode & S_IFMT != S_IFREG {
      descriptor = open(resolved, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw SerializationError.system(errno, path: path) }
      return
    }
    // An unwritable file is not replaced behind its owner's back, though the folder would let us.
    if exists, access(resolved, W_OK) != 0 { throw SerializationError.system(errno, path: path) }
    let (folder, name) = Self.split(resolved)
    var folderStatus = stat()
    guard stat(folder, &folderStatus) == 0, folderStatus.st_mode & S_IFMT == S_IFDIR else {
      throw SerializationError("Parent directory \(folder) does not exist.")
    }
    for attempt in 0..<100 {
      // The name is cut so that a target name of the longest kind still leaves room for the suffix.
      let candidate = "\(folder == "/" ? "" : folder)/.\(name.utf8.count > 200 ? "checkpoint" : name).\(getpid()).\(attempt).tmp"
      descriptor = open(candidate, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, exists ? status.st_mode & 0o777 : 0o666)
      if descriptor >= 0 {
        temporary = candidate
        break
      }
      guard errno == EEXIST else { throw SerializationError.system(errno, path: path) }
    }
    guard descriptor >= 0 else { throw SerializationError.system(EEXIST, path: path) }
    if exists { fchmod(descriptor, status.st_mode & 0o777) }
  }

  /// Appends `bytes`. Throws the system's sentence ("No space left on device").
  func write(_ bytes: UnsafeRawBufferPointer) throws(SerializationError) {
    var rest = bytes
    while !rest.isEmpty {
      // One call moves at most 2 GiB on Linux.
      let written = Glibc.write(descriptor, rest.baseAddress, min(rest.count, 1 << 30))
      if written < 0 {
        if errno == EINTR { continue }
        throw SerializationError.system(errno, path: target)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
    }
  }

  /// Syncs the bytes to the disk and gives the file its name.
  consuming func commit() throws(SerializationError) {
    guard let temporary else { return }
    guard fsync(descriptor) == 0, rename(temporary, target) == 0 else { throw SerializationError.system(errno, path: target) }
    self.temporary = nil
    // The rename itself is durable once the folder is synced; a file system that cannot sync folders loses nothing else.
    let folder = open(Self.split(target).folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  deinit {
    if let temporary { unlink(temporary) }
    if descriptor >= 0 { close(descriptor) }
  }

  /// `path` with symbolic links followed where it exists.
  private static func resolve(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let folder = String(path[..<slash])
    return (folder.isEmpty ? "/" : folder, String(path[path.utf8.index(after: slash)...]))
  }
}
