import CLua
import CLuaShim
import Interface
import LuaVM
import NN
import Parametrize

extension Binding {
  /// What of `torch.nn.utils.parametrize` gives contexts and classes.
  func bindParametrize() throws {
    let namespace = "torch.nn.utils.parametrize"
    try set(namespace, "cached", function: modeFunction { _ in { ParametrizationCache.enter() } })
    try set(namespace, "type_before_parametrizations", function: NativeFunction(self) { [unowned self] frame in
      guard let type = moduleClass(of: try module(frame)) else { return try frame.give(.none) }
      return try frame.give(object: type)
    })
  }

  /// Keeps with modules what Lua keeps with those below them, wherever that is anything.
  func anchorBelow(_ module: Module, on L: OpaquePointer) throws {
    if !qlua_checkstack(L, 16) { throw TorchError.runtime("stack overflow") }
    for case (let name, let child?) in module.modules where child !== module && isKnown(child, on: L) {
      try push(object: module, on: L)
      try anchor(child, name, in: -1, on: L)
      qlua_pop(L, 1)
      try anchorBelow(child, on: L)
    }
  }

  /// Whether Lua knows a module or one below it.
  private func isKnown(_ module: Module, on L: OpaquePointer) -> Bool {
    if module is ScriptModule { return true }
    if qlua_pushexisting(L, Unmanaged.passUnretained(module).toOpaque()) {
      qlua_pop(L, 1)
      return true
    }
    return module.modules.values.contains { child in child.map { $0 !== module && isKnown($0, on: L) } ?? false }
  }
}
