import COpenBLAS
import Glibc

/// How many threads the libraries' kernels may use.
public enum Threads {
  nonisolated(unsafe) private static var chosen: Int?

  /// The number of threads; all processors until it is set.
  public static var count: Int {
    get { chosen ?? max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
    set {
      chosen = newValue
      openblas_set_num_threads(Int32(newValue))
      // oneDNN runs on OpenMP, whose library comes with it.
      if let symbol = dlsym(nil, "omp_set_num_threads") {
        unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Void).self)(Int32(newValue))
      }
    }
  }
}
