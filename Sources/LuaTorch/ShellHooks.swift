import CKernels
import CLua
import CLuaShim
import COneDNN
import Glibc
import Interface
import Kernels
import LuaVM
import TensorCore
import Torch

extension Binding {
  /// What a shell asks of the library without knowing a tensor: functions in the table `qrepl.native` of the registry.
  func bindShell(version: String) throws {
    let L = state.pointer
    let functions: [(String, (LuaFrame) throws -> Int)] = [
      // Bytes that tensors hold, the most they have held, and how many storages were ever made.
      ("memory", { frame in
        try frame.give(.tuple([.integer(Storage.liveBytes.pointee), .integer(Storage.peakBytes), .integer(Storage.allocations)]))
      }),
      ("set_peak", { frame in
        Storage.peakBytes = frame.integer(0) ?? Storage.liveBytes.pointee
        return 0
      }),
      ("seed", { frame in
        if let seed = frame.integer(0) { Generator.default.manualSeed(UInt64(bitPattern: Int64(seed))) }
        return try frame.give(.integer(Int(truncatingIfNeeded: Generator.default.initialSeed)))
      }),
      ("threads", { frame in
        if let count = frame.integer(0) { Threads.count = max(1, count) }
        return try frame.give(.integer(Threads.count))
      }),
      ("precision", { frame in
        Tensor.printOptions.precision = frame.integer(0) ?? PrintOptions().precision
        return 0
      }),
      ("begin_profile", { _ in
        OperationProfile.begin()
        return 0
      }),
      // Five values of each operation: its name with shapes, calls, those not inside another of the same, nanoseconds.
      ("end_profile", { frame in
        try frame.give(.tuple(OperationProfile.end().flatMap { row -> [Value] in
          [.string(row.name), .integer(row.calls), .integer(row.primitiveCalls), .integer(row.ownTime), .integer(row.totalTime)]
        }))
      }),
      ("stamp", { frame in
        let rows = [
          ("qrepl", version), ("oneDNN", oneDNNVersion), ("processor", processorName),
          ("features", features.joined(separator: " ")), ("kernels", String(cString: qk_isa_name(qk_isa_active()))),
          ("threads", "\(Threads.count)"), ("seed", "\(Int(truncatingIfNeeded: Generator.default.initialSeed))"),
        ]
        return try frame.give(.tuple(rows.flatMap { [.string($0.0), .string($0.1)] }))
      }),
    ]
    try check(qlua_pcreatetable(L, 0, Int32(functions.count)), L)
    for (name, body) in functions {
      try push(function: NativeFunction(self, body), on: L)
      try check(qlua_prawsetfield(L, -2, name), L)
    }
    try check(qlua_prawsetfield(L, qlua_registryindex(), "qrepl.native"), L)
  }
}

private var oneDNNVersion: String {
  guard let version = dnnl_version() else { return "unknown" }
  return "\(version.pointee.major).\(version.pointee.minor).\(version.pointee.patch)"
}

/// A line of the system's description of the first processor.
private func processorLine(_ name: String) -> String? {
  guard let file = fopen("/proc/cpuinfo", "r") else { return nil }
  defer { fclose(file) }
  var line: UnsafeMutablePointer<CChar>?
  var capacity = 0
  defer { free(line) }
  while getline(&line, &capacity, file) > 0, let bytes = line {
    let text = String(cString: bytes)
    guard text.hasPrefix(name), let colon = text.firstIndex(of: ":") else { continue }
    return text[text.index(after: colon)...].split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
  return nil
}

private var processorName: String { processorLine("model name") ?? "unknown" }

/// The processor's features that kernels ask for.
private var features: [String] {
  let all = Set((processorLine("flags") ?? "").split(separator: " "))
  return ["sse4_2", "avx", "fma", "f16c", "avx2", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16"]
    .filter { all.contains(Substring($0)) }
}
