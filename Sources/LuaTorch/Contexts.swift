import CLua
import CLuaShim
import Interface
import LuaVM
import Torch

/// A context manager: entered when it is made, left by `<close>` or by the function form's end.
final class ContextGuard {
  private var leave: (() -> Void)?
  init(_ leave: @escaping () -> Void) { self.leave = leave }
  /// Leaves the context once.
  func close() {
    leave?()
    leave = nil
  }
}

extension Binding {
  /// The metatable of context managers.
  func registerContexts() throws {
    try register(ContextGuard.self, name: "context") { meta in
      try meta.set("__close") { frame in
        (frame.object(0) as? ContextGuard)?.close()
        return 0
      }
      try methods(meta, [("close", { frame in
        (frame.object(0) as? ContextGuard)?.close()
        return 0
      })])
    }
  }

  /// A Lua function that enters a context: `f()` gives the guard for `<close>`, `f(function() … end)` runs the function inside.
  /// `enter` gets the frame's first argument that is no function and gives what leaves the context.
  func contextFunction(_ enter: @escaping (LuaFrame) throws -> () -> Void) -> NativeFunction {
    NativeFunction(self) { [unowned self] frame in
      let L = frame.L
      let last = lua_gettop(L)
      let guardian = ContextGuard(try enter(frame))
      guard last > 0, lua_type(L, last) == LUA_TFUNCTION else { return try frame.give(object: guardian) }
      defer { guardian.close() }
      try check(qlua_pcall_quiet(L, 0, -1), L)
      return Int(lua_gettop(L) - last + 1)
    }
  }

  /// `no_grad`, `enable_grad`, `set_grad_enabled`, `inference_mode`.
  func gradContexts() -> [(String, NativeFunction)] {
    func mode(_ wanted: @escaping (LuaFrame) -> Bool) -> NativeFunction {
      contextFunction { frame in
        let before = GradMode.isEnabled
        GradMode.isEnabled = wanted(frame)
        return { GradMode.isEnabled = before }
      }
    }
    return [
      ("no_grad", mode { _ in false }), ("enable_grad", mode { _ in true }),
      ("set_grad_enabled", mode { $0.boolean(0) ?? true }), ("inference_mode", mode { !($0.boolean(0) ?? true) }),
    ]
  }
}
