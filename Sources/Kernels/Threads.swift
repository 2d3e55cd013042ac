import CKernels
import COpenBLAS
import Glibc

/// How many threads kernels may use, and work shared out among them.
public enum Threads {
  nonisolated(unsafe) private static var chosen: Int?
  /// What the environment or the machine says, as OpenMP would.
  private static let natural: Int = {
    if let text = getenv("OMP_NUM_THREADS"), let wanted = Int(String(cString: text).prefix { $0 != "," }), wanted > 0 { return wanted }
    return max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }()

  /// The number of threads; all processors until it is set.
  public static var count: Int {
    get { chosen ?? natural }
    set {
      chosen = newValue
      openblas_set_num_threads(Int32(newValue))
      setOpenMPThreads?(Int32(newValue))
    }
  }

  /// oneDNN runs on OpenMP, whose library comes with it.
  private static let setOpenMPThreads = dlsym(nil, "omp_set_num_threads").map { unsafeBitCast($0, to: (@convention(c) (Int32) -> Void).self) }

  /// Runs a call of oneDNN on one thread where it is too small to be worth a second one, whose start costs more than the work.
  @inline(__always)
  static func alone<R>(_ isSmall: Bool, _ body: () throws -> R) rethrows -> R {
    if !isSmall || count == 1 { return try body() }
    setOpenMPThreads?(1)
    defer { setOpenMPThreads?(Int32(count)) }
    return try body()
  }

  /// So many elements are worth a thread; as in PyTorch.
  public static let grain = 32768

  /// Does `count` items in parts of at least `grain`, each part once and on any thread.
  @inlinable
  public static func run(_ count: Int, grain: Int = Threads.grain, _ body: (Range<Int>) -> Void) {
    if count <= grain || Threads.count == 1 {
      if count > 0 { body(0..<count) }
      return
    }
    share(count, grain, body)
  }

  @usableFromInline
  static func share(_ count: Int, _ grain: Int, _ body: (Range<Int>) -> Void) {
    withoutActuallyEscaping(body) { body in
      var body = body
      withUnsafeMutablePointer(to: &body) { context in
        qk_parallel(
          count, grain, UInt32(Threads.count),
          { context, from, to in context?.assumingMemoryBound(to: ((Range<Int>) -> Void).self).pointee(from..<to) }, context)
      }
    }
  }
}
