import Glibc
import Interface

/// The bytes that one or more tensors look at.
public final class Storage {
  /// The first byte; valid for `byteCount` bytes.
  public private(set) var pointer: UnsafeMutableRawPointer
  /// The size in bytes.
  public private(set) var byteCount: Int
  /// Counts changes in place, so that what was made of the bytes is known to be out of date.
  public var version = 0
  /// How many of the changes autograd is not to see: those by way of `Tensor.data`.
  public var unwatchedChanges = 0
  /// The size of the block the bytes lie in, where it came from `SmallBlocks` or `LargeBlocks`; 0 elsewhere.
  private var blockSize = 0
  /// Keeps what owns the bytes alive (a mapped file), nil where the storage owns them.
  private let owner: AnyObject?

  /// Bytes held by all storages now; the language's collector is stepped as it grows.
  nonisolated(unsafe) public static let liveBytes: UnsafeMutablePointer<Int> = {
    let p = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    p.initialize(to: 0)
    return p
  }()
  /// The most that `liveBytes` has been.
  nonisolated(unsafe) public static var peakBytes = 0
  /// How many storages have been made with bytes of their own.
  nonisolated(unsafe) public static var allocations = 0

  /// Uninitialized bytes.
  /// - Throws: PyTorch's sentence when the system has not that much memory.
  @inline(__always)
  public init(byteCount: Int) throws {
    var p: UnsafeMutableRawPointer?
    if byteCount < 1024 {
      p = malloc(byteCount == 0 ? 1 : byteCount)
    } else if byteCount < LargeBlocks.least {
      p = SmallBlocks.take(byteCount, &blockSize)
    } else {
      p = LargeBlocks.take(byteCount, &blockSize)
    }
    guard let p else { throw Storage.exhausted(byteCount) }
    pointer = p
    self.byteCount = byteCount
    owner = nil
    Storage.allocations &+= 1
    Storage.account(byteCount)
  }

  /// Bytes that `owner` keeps valid and writable.
  public init(borrowing pointer: UnsafeMutableRawPointer, byteCount: Int, owner: AnyObject) {
    self.pointer = pointer
    self.byteCount = byteCount
    self.owner = owner
  }

  /// Gives it another size: bytes up to the smaller of both stay, what comes anew is uninitialized.
  /// - Throws: PyTorch's sentences for bytes that another owns, and where memory runs out.
  public func resize(byteCount wanted: Int) throws {
    if wanted == byteCount { return }
    if owner != nil { throw TorchError.runtime("Trying to resize storage that is not resizable") }
    var p: UnsafeMutableRawPointer?
    if posix_memalign(&p, 64, Swift.max(wanted, 1)) != 0 { p = nil }
    guard let p else { throw Storage.exhausted(wanted) }
    memcpy(p, pointer, Swift.min(wanted, byteCount))
    release()
    blockSize = 0
    Storage.account(wanted - byteCount)
    pointer = p
    byteCount = wanted
  }

  private static func exhausted(_ byteCount: Int) -> TorchError {
    .runtime(
      "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate \(byteCount) bytes. Error code 12 (Cannot allocate memory)")
  }

  deinit {
    if owner == nil {
      Storage.liveBytes.pointee -= byteCount
      release()
    }
  }

  @inline(__always)
  private func release() {
    if blockSize == 0 {
      free(pointer)
    } else if blockSize < LargeBlocks.least {
      SmallBlocks.give(pointer, blockSize)
    } else {
      LargeBlocks.give(pointer, blockSize)
    }
  }

  @inline(__always) private static func account(_ bytes: Int) {
    liveBytes.pointee += bytes
    if liveBytes.pointee > peakBytes { peakBytes = liveBytes.pointee }
  }
}
