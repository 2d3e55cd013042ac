import Interface
import Kernels

/// Settings of the whole process.
public let settings = OperationFamily("torch") { ops in
  ops.define("set_num_threads(int num) -> ()", doc: "How many threads kernels may use. Mirrors torch.set_num_threads.", variants: [.function]) { (n: Int) -> Nothing in
    if n <= 0 { throw TorchError.runtime("set_num_threads expects a positive integer") }
    Threads.count = n
    return Nothing()
  }
  ops.define("get_num_threads() -> int", doc: "How many threads kernels may use. Mirrors torch.get_num_threads.", variants: [.function]) { () -> Int in Threads.count }
}
