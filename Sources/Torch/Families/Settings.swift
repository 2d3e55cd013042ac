import CKernels
import Glibc
import Interface
import Kernels
import TensorCore

/// What `torch.use_deterministic_algorithms` was told; all algorithms here are deterministic.
private enum Determinism {
  nonisolated(unsafe) static var isWanted = false
  nonisolated(unsafe) static var onlyWarns = false

  /// 0, 1 (warn) or 2 (error), as `torch.get_deterministic_debug_mode` gives.
  static var mode: Int { isWanted ? (onlyWarns ? 1 : 2) : 0 }
}

/// Settings that have no effect here but are remembered.
private enum Remembered {
  nonisolated(unsafe) static var interopThreads: Int?
  nonisolated(unsafe) static var matmulPrecision = "highest"
}

/// Settings of the whole process.
public let settings = OperationFamily("torch") { ops in
  ops.define("set_num_threads(int num) -> ()", doc: "How many threads kernels may use. Mirrors torch.set_num_threads.", variants: [.function]) { (n: Int) -> Nothing in
    if n <= 0 { throw TorchError.runtime("set_num_threads expects a positive integer") }
    Threads.count = n
    return Nothing()
  }
  ops.define("get_num_threads() -> int", doc: "How many threads kernels may use. Mirrors torch.get_num_threads.", variants: [.function]) { () -> Int in Threads.count }
  ops.define("set_num_interop_threads(int num) -> ()", doc: "Remembered; one operation runs at a time. Mirrors torch.set_num_interop_threads.", variants: [.function]) { (n: Int) -> Nothing in
    if n <= 0 { throw TorchError.runtime("set_num_interop_threads expects a positive integer") }
    Remembered.interopThreads = n
    return Nothing()
  }
  ops.define("get_num_interop_threads() -> int", doc: "What set_num_interop_threads was told. Mirrors torch.get_num_interop_threads.", variants: [.function]) { () -> Int in Remembered.interopThreads ?? Threads.count }
  ops.define("use_deterministic_algorithms(bool mode, *, bool warn_only=False) -> ()", doc: "Remembered; all algorithms are deterministic. Mirrors torch.use_deterministic_algorithms.", variants: [.function]) {
    (wanted: Bool, warn: Bool) -> Nothing in
    (Determinism.isWanted, Determinism.onlyWarns) = (wanted, warn)
    return Nothing()
  }
  ops.define("are_deterministic_algorithms_enabled() -> bool", doc: "What use_deterministic_algorithms was told. Mirrors torch.are_deterministic_algorithms_enabled.", variants: [.function]) { () -> Bool in Determinism.isWanted }
  ops.define("is_deterministic_algorithms_warn_only_enabled() -> bool", doc: "Whether use_deterministic_algorithms was told to warn only. Mirrors torch.is_deterministic_algorithms_warn_only_enabled.", variants: [.function]) { () -> Bool in Determinism.onlyWarns }
  ops.define("get_deterministic_debug_mode() -> int", doc: "0, 1 (warn) or 2 (error). Mirrors torch.get_deterministic_debug_mode.", variants: [.function]) { () -> Int in Determinism.mode }
  ops.define("set_deterministic_debug_mode(any debug_mode) -> ()", doc: "0 or 'default', 1 or 'warn', 2 or 'error'. Mirrors torch.set_deterministic_debug_mode.", variants: [.function]) { (v: Value) -> Nothing in
    let modes = ["default", "warn", "error"]
    var mode: Int?
    if case .integer(let i) = v, modes.indices.contains(i) { mode = i }
    if case .string(let s) = v { mode = modes.firstIndex(of: s) }
    guard let mode else { throw TorchError.runtime("invalid value of debug_mode, expected 0, 1, or 2, but got \(v)") }
    (Determinism.isWanted, Determinism.onlyWarns) = (mode > 0, mode == 1)
    return Nothing()
  }
  ops.define("set_float32_matmul_precision(str precision) -> ()", doc: "Remembered; products are computed in full precision. Mirrors torch.set_float32_matmul_precision.", variants: [.function]) { (p: String) -> Nothing in
    if ["highest", "high", "medium"].contains(p) { Remembered.matmulPrecision = p }
    return Nothing()
  }
  ops.define("get_float32_matmul_precision() -> str", doc: "What set_float32_matmul_precision was told. Mirrors torch.get_float32_matmul_precision.", variants: [.function]) { () -> String in Remembered.matmulPrecision }
  ops.define("set_warn_always(bool b) -> ()", doc: "Whether a warning is repeated each time its place is passed. Mirrors torch.set_warn_always.", variants: [.function]) { (b: Bool) -> Nothing in
    UserWarning.isRepeated = b
    return Nothing()
  }
  ops.define("is_warn_always_enabled() -> bool", doc: "What set_warn_always was told. Mirrors torch.is_warn_always_enabled.", variants: [.function]) { () -> Bool in UserWarning.isRepeated }
  ops.define("set_default_device(Device? device) -> ()", doc: "There is only cpu. Mirrors torch.set_default_device.", variants: [.function]) { (_: Device?) in Nothing() }
  ops.define("get_default_device() -> Device", doc: "Always cpu. Mirrors torch.get_default_device.", variants: [.function]) { () -> String in "cpu" }
  ops.define("can_cast(ScalarType from_, ScalarType to) -> bool", doc: "Whether results of one dtype may be stored as another. Mirrors torch.can_cast.", variants: [.function]) { (a: DType, b: DType) in a.canCast(to: b) }
  ops.define("typename(any obj) -> str", doc: "The name of a value's type. Mirrors torch.typename.", variants: [.function]) { (v: Value) -> String in
    if case .object(let x as Tensor) = v { return x.isParameter ? "torch.nn.parameter.Parameter" : x.dtype.tensorTypeName }
    return v.pythonTypeName
  }
}

/// `torch.__config__`.
public let configuration = OperationFamily("torch.__config__") { ops in
  ops.define("show() -> str", doc: "What the library is built with. Mirrors torch.__config__.show.", variants: [.function]) { () -> String in
    "qrepl built with:\n  - Swift, C\n  - oneDNN\n  - OpenBLAS and its LAPACK\n  - CPU capability usage: \(String(cString: qk_isa_name(qk_isa_active())))\n  - Threads: \(Threads.count)\n"
  }
  ops.define("parallel_info() -> str", doc: "How many threads are used, and by what. Mirrors torch.__config__.parallel_info.", variants: [.function]) { () -> String in
    func environment(_ name: String) -> String { "\t\(name) : \(getenv(name).map { String(cString: $0) } ?? "[not set]")" }
    let lines = [
      "ATen/Parallel:", "\tat::get_num_threads() : \(Threads.count)", "\tat::get_num_interop_threads() : \(Remembered.interopThreads ?? Threads.count)",
      "OpenMP (in oneDNN)", "\tomp_get_max_threads() : \(Threads.count)", "OpenBLAS", "\topenblas_get_num_threads() : \(Threads.count)",
      "std::thread::hardware_concurrency() : \(sysconf(Int32(_SC_NPROCESSORS_ONLN)))", "Environment variables:", environment("OMP_NUM_THREADS"),
      "ATen parallel backend: native thread pool",
    ]
    return lines.joined(separator: "\n") + "\n"
  }
}
