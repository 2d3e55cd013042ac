import CLua
import CLuaShim
import Interface
import NN
import OrderedCollections
import Torch

/// A module whose class is written in Lua.
///
/// What Lua keeps with it (fields, its class) lies in the user value of its one userdata, never in a reference held here.
final class ScriptModule: Module {
  unowned let binding: Binding
  let moduleClass: ModuleClass
  /// The built-in layer whose class this one's derives from, once its constructor ran.
  var native: Module?

  init(_ binding: Binding, _ type: ModuleClass) {
    self.binding = binding
    moduleClass = type
    super.init()
  }

  override var typeName: String { moduleClass.layerName }
  /// What a class derived from a built-in layer does without a `forward` of its own is that layer's.
  override var isFollowed: Bool { native == nil || (try? hasMethod("forward")) ?? true }
  override var pythonClass: (module: String, name: String) { ("__main__", typeName) }

  /// With the fields that Lua has set.
  override func savedAttributes() throws -> OrderedDictionary<String, Value> {
    var saved = try native == nil ? attributes : nativeForm.savedAttributes()
    for (name, value) in try binding.fields(of: self) { saved[name] = value }
    return saved
  }

  override func forward(_ inputs: [Value]) throws -> Value {
    if let native, try !hasMethod("forward") { return try nativeForward(native, inputs) }
    return try callMethod("forward", inputs) {
      TorchError.notImplemented("Module [\(self.typeName)] is missing the required \"forward\" function")
    } ?? .none
  }

  /// The built-in layer with this module's state.
  override var nativeForm: Module {
    guard let native else { return self }
    native.parameters = parameters
    native.buffers = buffers
    native.modules = modules
    native.attributes = attributes
    native.training = training
    native.instanceClass = instanceClass
    return native
  }

  /// The computation of the built-in layer on this module's state.
  func nativeForward(_ native: Module, _ inputs: [Value]) throws -> Value {
    let result = try nativeForm.run(inputs)
    takeState(of: native)
    return result
  }

  /// Takes over what a built-in layer holds.
  func takeState(of layer: Module) {
    parameters = layer.parameters
    buffers = layer.buffers
    nonPersistentBuffers = layer.nonPersistentBuffers
    modules = layer.modules
    attributes = layer.attributes
  }

  private func hasMethod(_ name: String) throws -> Bool {
    let L = binding.current
    if !qlua_checkstack(L, 8) { throw TorchError.runtime("stack overflow") }
    let top = lua_gettop(L)
    defer { lua_settop(L, top) }
    try binding.push(text: name, on: L)
    return try binding.pushMember(moduleClass, key: -1, on: L)
  }

  /// With what a class written in Lua says of itself by `get_extra_state`.
  override func saveToStateDict(_ destination: OrderedDict, prefix: String, keepVars: Bool) throws {
    try super.saveToStateDict(destination, prefix: prefix, keepVars: keepVars)
    if let state = try callMethod("get_extra_state", [], missing: nil) { destination[prefix + "_extra_state"] = state }
  }

  override func loadFromStateDict(_ load: StateDictLoad, prefix: String) throws {
    try super.loadFromStateDict(load, prefix: prefix)
    guard try hasMethod("set_extra_state") else { return }
    let key = prefix + "_extra_state"
    load.unexpectedKeys.removeAll { $0 == key }
    if let state = load.state[key] { _ = try callMethod("set_extra_state", [state], missing: nil) } else { load.missingKeys.append(key) }
  }

  override func extraRepr() -> String {
    if native != nil, (try? hasMethod("extra_repr")) == false { return nativeForm.extraRepr() }
    guard let result = try? callMethod("extra_repr", [], missing: nil), case .string(let text) = result else { return "" }
    return text
  }

  override func callMethod(_ name: String, _ arguments: [Value]) throws -> Value? { try callMethod(name, arguments, missing: nil) }

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
    copy.native = try native.map { _ in try nativeForm.copyForDeepCopy(DeepCopyMemo()) }
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
    let known = try copies(memo, L)
    if lua_type(L, index) == LUA_TTABLE {
      // What was copied before is that copy, so that shared tables stay shared and circles close.
      known.push(on: L)
      lua_pushvalue(L, index)
      if lua_rawget(L, -2) != LUA_TNIL {
        lua_rotate(L, -2, 1)
        return qlua_pop(L, 1)
      }
      qlua_pop(L, 1)
      try check(qlua_pcreatetable(L, 0, 0), L)
      lua_pushvalue(L, index)
      lua_pushvalue(L, -2)
      try check(qlua_prawset(L, -4), L)
      lua_rotate(L, -2, 1)
      qlua_pop(L, 1)
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
    if let module = object(L, index) as? Module {
      let top = lua_gettop(L)
      let copy = try memo.copy(module)
      for (_, new) in memo.modules { try anchorMethods(of: new, on: L) }
      try anchorBelow(copy, on: L)
      // A module written in Lua leaves its userdata on the stack; the table of copies keeps it from here on.
      try push(object: copy, on: L)
      known.push(on: L)
      lua_pushvalue(L, index)
      lua_pushvalue(L, -3)
      try check(qlua_prawset(L, -3), L)
      qlua_pop(L, 1)
      lua_rotate(L, top + 1, 1)
      return lua_settop(L, top + 1)
    }
    if let tensor = object(L, index) as? Tensor { return try push(object: memo.copy(tensor), on: L) }
    lua_pushvalue(L, index)
  }

  /// The Lua table of what one deep copy has copied.
  private func copies(_ memo: DeepCopyMemo, _ L: OpaquePointer) throws -> LuaHandle {
    if let known = memo.foreign as? LuaHandle { return known }
    try check(qlua_pcreatetable(L, 0, 0), L)
    defer { qlua_pop(L, 1) }
    let fresh = try LuaHandle(self, L, lua_gettop(L))
    memo.foreign = fresh
    return fresh
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
