import Glibc

/// A file without a name, which is gone when its descriptor is closed.
public enum NamelessFile {
  /// Where such files are: `TMPDIR`, else `/tmp`.
  public static var folder: String { Environment.value("TMPDIR") ?? "/tmp" }

  /// The descriptor of a new one, empty and closed in programs that this one starts; negative, with `errno` set, where none can be made.
  public static func open() -> Int32 {
    var path = Array((folder + "/qrepl.XXXXXX").utf8CString)
    let file = mkstemp(&path)
    guard file >= 0 else { return file }
    unlink(path)
    _ = fcntl(file, F_SETFD, FD_CLOEXEC)
    return file
  }
}
