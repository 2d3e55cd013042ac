import CLua
import CLuaShim
import Interface
import NN
import Torch

/// A module whose class is written in Lua.
///
/// What Lua keeps with it (fields, its class) lies in the user value of its one userdata, never in a reference held here.
final class ScriptModule: Module {
  unowned let binding: Binding
  let moduleClass: ModuleClass

  init(_ binding: Binding, _ type: ModuleClass) {
    self.binding = binding
    moduleClass = type
    super.init()
  }

  override var typeName: String { moduleClass.layerName }

  override func forward(_ inputs: [Value]) throws -> Value {
    try callMethod("forward", inputs) {
      TorchError.notImplemented("Module [\(self.typeName)] is missing the required \"forward\" function")
    } ?? .none
  }

  override func extraRepr() -> String {
    guard let result = try? callMethod("extra_repr", [], missing: nil), case .string(let text) = result else { return "" }
    return text
  }

  /// Calls a method written in Lua; nil (or what `missing` says) where the class has none.
  private func callMethod(_ name: String, _ inputs: [Value], missing: (() -> TorchError)?) throws -> Value? {
    let L = binding.current
    if !qlua_checkstack(L, 16) { throw TorchError.runtime("stack overflow") }
    let top = lua_gettop(L)
    defer { lua_settop(L, top) }
    try binding.push(text: name, on: L)
    guard try binding.pushMember(moduleClass, key: -1, on: L) else {
      if let missing { throw missing() }
      return nil
    }
    return try binding.callTop(L, [.object(self)] + inputs)
  }

  override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = ScriptModule(binding, moduleClass)
    try copyContents(to: copy, memo)
    let L = binding.current
    if !qlua_checkstack(L, 16) { throw TorchError.runtime("stack overflow") }
    // The copy's userdata stays on the stack until the running call ends: nothing else in Lua holds it yet.
    try binding.push(object: copy, on: L)
    let target = lua_gettop(L)
    try binding.pushUserTable(target, on: L)
    let table = lua_gettop(L)
    if qlua_pushexisting(L, Unmanaged.passUnretained(self).toOpaque()), lua_getiuservalue(L, -1, 1) == LUA_TTABLE {
      let source = lua_gettop(L)
      lua_pushnil(L)
      while lua_next(L, source) != 0 {
        if lua_isinteger(L, -2) != 0 {
          if lua_tointegerx(L, -2, nil) == UserSlot.type {
            lua_pushvalue(L, -1)
            try binding.check(qlua_prawseti(L, table, UserSlot.type), L)
          }
        } else {
          lua_pushvalue(L, -2)
          try binding.pushCopy(of: -2, memo, on: L)
          try binding.check(qlua_prawset(L, table), L)
        }
        qlua_pop(L, 1)
      }
    }
    lua_settop(L, target)
    for (name, child) in copy.modules { if let child { try binding.anchor(child, name, in: target, on: L) } }
    return copy
  }
}

extension Binding {
  /// The Lua thread whose call is running.
  var current: OpaquePointer { qlua_current(state.pointer) }

  /// Pushes a deep copy of the Lua value at an index: tables anew, modules and tensors as the memo says. Stack: -0 +1.
  func pushCopy(of index: Int32, _ memo: DeepCopyMemo, on L: OpaquePointer, depth: Int = 0) throws {
    let index = lua_absindex(L, index)
    if depth > 200 || !qlua_checkstack(L, 8) { throw TorchError.value("tables are nested too deeply to be copied") }
    if lua_type(L, index) == LUA_TTABLE {
      try check(qlua_pcreatetable(L, 0, 0), L)
      let copy = lua_gettop(L)
      if lua_getmetatable(L, index) != 0 { _ = lua_setmetatable(L, copy) }
      lua_pushnil(L)
      while lua_next(L, index) != 0 {
        lua_pushvalue(L, -2)
        try pushCopy(of: -2, memo, on: L, depth: depth + 1)
        try check(qlua_prawset(L, copy), L)
        qlua_pop(L, 1)
      }
      return
    }
    if let module = object(L, index) as? Module, let copy = memo.modules.first(where: { $0.old === module })?.new {
      return try push(object: copy, on: L)
    }
    if let tensor = object(L, index) as? Tensor { return try push(object: memo.copy(tensor), on: L) }
    lua_pushvalue(L, index)
  }

  /// Keeps a child's userdata with its parent's, whose userdata stands at `parent`.
  func anchor(_ child: Module, _ name: String, in parent: Int32, on L: OpaquePointer) throws {
    let parent = lua_absindex(L, parent)
    try pushUserTable(parent, on: L)
    lua_rawgeti(L, -1, UserSlot.children)
    if lua_type(L, -1) != LUA_TTABLE {
      qlua_pop(L, 1)
      try check(qlua_pcreatetable(L, 0, 2), L)
      lua_pushvalue(L, -1)
      try check(qlua_prawseti(L, -3, UserSlot.children), L)
    }
    try push(object: child, on: L)
    try check(qlua_prawsetfield(L, -2, name), L)
    qlua_pop(L, 2)
  }
}
