import CLua
import CLuaShim
import Interface
import LuaVM
import Torch

/// A context manager: entered when it is made, left by `<close>` or by the function form's end.
final class ContextGuard {
  private var leave: (() -> Void)?
  /// Enters the context anew and gives what leaves it; nil where that cannot be.
  let enter: (() -> () -> Void)?

  init(entering enter: (() -> () -> Void)? = nil, _ leave: @escaping () -> Void) {
    self.enter = enter
    self.leave = leave
  }

  /// Leaves the context once.
  func close() {
    leave?()
    leave = nil
  }
}

/// `guard(f)`: as Python's decorator, the function f inside the context at every call.
private let decorator = """
  return function(guard, f)
    guard:close()
    return function(...)
      local _ <close> = guard:again()
      return f(...)
    end
  end
  """

extension Binding {
  /// The metatable of context managers.
  func registerContexts() throws {
    func close(_ frame: LuaFrame) -> Int {
      (frame.object(0) as? ContextGuard)?.close()
      return 0
    }
    try register(ContextGuard.self, name: "context") { meta in
      try meta.set("__close", close)
      try methods(meta, [
        ("close", close),
        ("again", { frame in
          guard let enter = (frame.object(0) as? ContextGuard)?.enter else { throw TorchError.type("this context cannot be entered twice") }
          return try frame.give(object: ContextGuard(entering: enter, enter()))
        }),
      ])
      var text = decorator
      try check(text.withUTF8 { bytes in
        bytes.baseAddress.map { qlua_pload(meta.L, $0, bytes.count, "=context") } ?? LUA_OK
      }, meta.L)
      try check(qlua_pcall_quiet(meta.L, 0, 1), meta.L)
      try check(qlua_prawsetfield(meta.L, meta.index, "__call"), meta.L)
    }
  }

  /// A Lua function that enters a context: `f()` gives the guard for `<close>`, `f(function() … end)` runs the function inside.
  /// `enter` gets the frame's first argument that is no function and gives what leaves the context.
  func contextFunction(_ enter: @escaping (LuaFrame) throws -> () -> Void) -> NativeFunction {
    NativeFunction(self) { [unowned self] frame in
      let leave = try enter(frame)
      return try give(guardian: ContextGuard(leave), frame)
    }
  }

  /// As `contextFunction`, for contexts that a guard can enter again: `f()(g)` is the function g inside the context.
  /// `prepare` reads the arguments and gives what enters.
  func modeFunction(_ prepare: @escaping (LuaFrame) throws -> () -> () -> Void) -> NativeFunction {
    NativeFunction(self) { [unowned self] frame in
      let enter = try prepare(frame)
      return try give(guardian: ContextGuard(entering: enter, enter()), frame)
    }
  }

  private func give(guardian: ContextGuard, _ frame: LuaFrame) throws -> Int {
    let L = frame.L
    let last = lua_gettop(L)
    guard last > 0, lua_type(L, last) == LUA_TFUNCTION else { return try frame.give(object: guardian) }
    defer { guardian.close() }
    try check(qlua_pcall_quiet(L, 0, -1), L)
    return Int(lua_gettop(L) - last + 1)
  }

  /// `no_grad`, `enable_grad`, `set_grad_enabled`, `inference_mode`.
  func gradContexts() -> [(String, NativeFunction)] {
    func mode(_ wanted: @escaping (LuaFrame) -> Bool) -> NativeFunction {
      modeFunction { frame in
        let enabled = wanted(frame)
        return {
          let before = GradMode.isEnabled
          GradMode.isEnabled = enabled
          return { GradMode.isEnabled = before }
        }
      }
    }
    let inference = modeFunction { frame in
      let wanted = frame.option("mode", 0) ?? true
      return {
        let before = (GradMode.isEnabled, InferenceMode.isEnabled)
        (GradMode.isEnabled, InferenceMode.isEnabled) = (!wanted, wanted)
        return { (GradMode.isEnabled, InferenceMode.isEnabled) = before }
      }
    }
    return [
      ("no_grad", mode { _ in false }), ("enable_grad", mode { _ in true }),
      ("set_grad_enabled", mode { $0.option("mode", 0) ?? true }), ("inference_mode", inference),
    ]
  }

  /// `detect_anomaly` and `set_detect_anomaly`.
  func anomalyContexts() -> [(String, NativeFunction)] {
    func mode(_ wanted: @escaping (LuaFrame) -> (on: Bool, checksNaN: Bool)) -> NativeFunction {
      contextFunction { frame in
        let before = (AnomalyMode.isEnabled, AnomalyMode.checksNaN)
        (AnomalyMode.isEnabled, AnomalyMode.checksNaN) = wanted(frame)
        return { (AnomalyMode.isEnabled, AnomalyMode.checksNaN) = before }
      }
    }
    return [
      ("detect_anomaly", mode { (true, $0.option("check_nan", 0) ?? true) }),
      ("set_detect_anomaly", mode { ($0.option("mode", 0) ?? true, $0.option("check_nan", 1) ?? true) }),
    ]
  }
}

extension LuaFrame {
  /// A switch given by position or in a last table of keywords.
  fileprivate func option(_ name: String, _ position: Int) -> Bool? {
    if let given = boolean(position) { return given }
    for i in 0...position where kind(i) == .table {
      guard case .dictionary(let entries)? = try? value(i) else { continue }
      for case (.string(name), .boolean(let on)) in entries { return on }
    }
    return nil
  }
}
