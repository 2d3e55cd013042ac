import CLua
import Glibc
import Interface
import NN
import Torch

/// How often operations and layers are called, with tensors of which shapes, and what time they take.
enum OperationProfile {
  /// Whether calls are counted. What calls operations looks at it; layers are watched by hooks.
  nonisolated(unsafe) private(set) static var isOn = false

  private struct Row {
    var calls = 0
    var primitiveCalls = 0
    var ownTime = 0
    var totalTime = 0
    var active = 0
  }

  private struct Call {
    let key: String
    let start: Int
    /// Nanoseconds that calls inside it took.
    var inner = 0
  }

  // Lua has one thread.
  nonisolated(unsafe) private static var rows: [String: Row] = [:]
  nonisolated(unsafe) private static var order: [String] = []
  nonisolated(unsafe) private static var calls: [Call] = []
  nonisolated(unsafe) private static var hooks: [Int] = []

  static func begin() {
    if isOn { _ = end() }
    isOn = true
    hooks = [
      GlobalModuleHooks.add(ForwardPreHook { module, inputs in
        if isOn { enter("nn.\(module.className)", inputs.compactMap { if case .object(let x as Tensor) = $0 { x } else { nil } }) }
        return nil
      }),
      GlobalModuleHooks.add(ForwardHook(alwaysCalled: true) { _, _, _ in
        if isOn { leave() }
        return nil
      }),
    ]
  }

  /// Ends, and gives of each operation its name and shapes, calls, those not inside another of the same, and nanoseconds of
  /// its own and in all.
  static func end() -> [(name: String, calls: Int, primitiveCalls: Int, ownTime: Int, totalTime: Int)] {
    isOn = false
    hooks.forEach(GlobalModuleHooks.remove)
    defer { (rows, order, calls, hooks) = ([:], [], [], []) }
    return order.compactMap { name in rows[name].map { (name, $0.calls, $0.primitiveCalls, $0.ownTime, $0.totalTime) } }
  }

  /// Runs `body` and counts it as `name` with the tensors among the arguments on Lua's stack.
  @inline(never)
  static func counting(_ name: String, _ L: OpaquePointer, _ body: () throws -> Int) rethrows -> Int {
    enter("torch.\(name)", stride(from: Int32(1), through: lua_gettop(L), by: 1).compactMap { Binding.object(L, $0) as? Tensor })
    defer { leave() }
    return try body()
  }

  private static func enter(_ name: String, _ tensors: [Tensor]) {
    let shapes = tensors.map { $0.dim == 0 ? "scalar" : $0.sizes.map(String.init).joined(separator: "x") }
    let key = "{\(name)}" + (shapes.isEmpty ? "" : " [\(shapes.joined(separator: ", "))]")
    if rows[key] == nil { order.append(key) }
    rows[key, default: Row()].active += 1
    calls.append(Call(key: key, start: nanoseconds()))
  }

  private static func leave() {
    guard let call = calls.popLast() else { return }
    let time = nanoseconds() - call.start
    if let outer = calls.indices.last { calls[outer].inner += time }
    var row = rows[call.key] ?? Row()
    row.calls += 1
    row.ownTime += time - call.inner
    row.active -= 1
    if row.active == 0 {
      row.primitiveCalls += 1
      row.totalTime += time
    }
    rows[call.key] = row
  }

  private static func nanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
