import CLua
import CLuaShim
import Interface
import LuaVM
import NN
import OrderedCollections
import Prune
import Serialization
import Torch

/// Objects of classes that `torch.class` made, to files and back.
extension Binding {
  /// Notes a class under its name, as Python's module `__main__` does; the last of a name counts.
  func rememberClass(_ type: AnyObject, _ name: String) throws {
    let L = state.pointer
    if userClasses == LUA_NOREF { userClasses = try reference { try check(qlua_pcreatetable(L, 0, 4), L) } }
    qlua_getref(L, userClasses)
    try push(object: type, on: L)
    try check(qlua_prawsetfield(L, -2, name), L)
    qlua_pop(L, 1)
  }

  /// The class of a name.
  private func userClass(_ name: String) throws -> AnyObject? {
    let L = current
    if userClasses == LUA_NOREF || !qlua_checkstack(L, 8) { return nil }
    let top = lua_gettop(L)
    defer { lua_settop(L, top) }
    qlua_getref(L, userClasses)
    try check(qlua_prawgetfield(L, -1, name), L)
    return object(L, -1)
  }

  /// The fields that Lua has set on an object, in the order of their names.
  func fields(of object: AnyObject) throws -> OrderedDictionary<String, Value> {
    let L = current
    if !qlua_checkstack(L, 8) { throw TorchError.runtime("stack overflow") }
    let top = lua_gettop(L)
    defer { lua_settop(L, top) }
    var fields: [(String, Value)] = []
    guard qlua_pushexisting(L, Unmanaged.passUnretained(object).toOpaque()), lua_getiuservalue(L, -1, 1) == LUA_TTABLE else { return [:] }
    lua_pushnil(L)
    while lua_next(L, top + 2) != 0 {
      if lua_type(L, -2) == LUA_TSTRING, let name = text(L, -2) { fields.append((name, try value(L, -1))) }
      qlua_pop(L, 1)
    }
    return OrderedDictionary(uniqueKeysWithValues: fields.sorted { $0.0 < $1.0 })
  }

  /// Sets fields of the object whose userdata is on top of the stack.
  private func setFields(_ fields: OrderedDictionary<String, Value>, on L: OpaquePointer) throws {
    try pushUserTable(-1, on: L)
    for (name, value) in fields {
      try push(value.asTables, on: L)
      try check(qlua_prawsetfield(L, -2, name), L)
    }
    qlua_pop(L, 1)
  }

  /// An object of the class of a name, without a call of its `__init`. Its userdata stays on the stack until the running call ends:
  /// nothing else in Lua holds it yet.
  fileprivate func makeObject(of name: String, _ state: ObjectState) throws -> Value? {
    let L = current
    if !qlua_checkstack(L, 32) { throw TorchError.runtime("stack overflow") }
    switch try userClass(name) {
    case let type as ModuleClass: return .object(try makeModule(type, ModuleState(state), on: L))
    case let type as ScriptPruningType:
      let method = ScriptPruningMethod()
      method.type = type
      try method.adopt(on: L)
      var entries = state.entries
      if case .string(let name)? = entries.removeValue(forKey: "_tensor_name") { method.tensorName = name }
      // What the Swift class reads stands with it, the rest in Lua.
      let own = type.native?.attributeNames ?? []
      for name in own { if let value = entries.removeValue(forKey: name) { method.attributes[name] = value } }
      try method.checkAttributes()
      try setFields(entries, on: L)
      return .object(method)
    default: return nil
    }
  }

  private func makeModule(_ type: ModuleClass, _ state: ModuleState, on L: OpaquePointer) throws -> Module {
    let module = ScriptModule(self, type)
    try push(object: module, on: L)
    try pushUserTable(-1, on: L)
    try push(object: type, on: L)
    try check(qlua_prawseti(L, -2, UserSlot.type), L)
    qlua_pop(L, 1)
    var state = state
    var fields: OrderedDictionary<String, Value> = [:]
    for (name, value) in state.attributes where value.isField(ofNative: type.nativeBase != nil) {
      fields[name] = value
      state.attributes[name] = nil
    }
    if let base = type.nativeBase {
      guard let native = try savedForm(of: base)?.restore(state) else {
        throw TorchError.type("a '\(type.layerName)' cannot be loaded: its base \(base.layerName) cannot")
      }
      module.native = native
      module.takeState(of: native)
      module.training = state.training
      module.forwardPreHooks = native.forwardPreHooks
      native.forwardPreHooks = [:]
    } else {
      try module.takeState(state)
    }
    try setFields(fields, on: L)
    return module
  }

  private func savedForm(of type: ModuleClass) -> SavedForm? {
    (layerFamilies + pruneLayerFamilies).lazy.flatMap(\.savedForms).first { $0.name().name == type.layerName }
  }

  /// Lets what Lua keeps with the modules of a value live as long as the value.
  fileprivate func adopt(_ value: Value, on L: OpaquePointer) throws {
    switch value {
    case .object(let module as Module):
      for each in module.allModules { try anchorMethods(of: each, on: L) }
      try anchorBelow(module, on: L)
    case .object(let dict as OrderedDict):
      for (i, object) in dict.entries.values.flatMap(\.keepers).enumerated() {
        try adopt(.object(object), on: L)
        if !qlua_checkstack(L, 16) { throw TorchError.runtime("stack overflow") }
        // A dictionary keeps the userdata of its values with its own.
        try push(object: dict, on: L)
        try pushUserTable(-1, on: L)
        try push(object: object, on: L)
        try check(qlua_prawseti(L, -2, Int64(i + 1)), L)
        qlua_pop(L, 2)
      }
    case .list(let items), .tuple(let items): for item in items { try adopt(item, on: L) }
    case .dictionary(let rows): for row in rows { try adopt(row.1, on: L) }
    default: break
    }
  }
}

extension LuaFrame: MainClasses {
  func makeObject(of name: String, _ state: ObjectState) throws -> Value? { try binding.makeObject(of: name, state) }
  func adopt(_ value: Value) throws { try binding.adopt(value, on: L) }
}

extension Value {
  /// The modules and dictionaries that it is or that lists hold.
  fileprivate var keepers: [AnyObject] {
    switch self {
    case .object(let object): object is Module || object is OrderedDict ? [object] : []
    case .list(let items), .tuple(let items): items.flatMap(\.keepers)
    case .dictionary(let rows): rows.flatMap(\.1.keepers)
    default: []
    }
  }

  /// Dicts of a file as tables.
  fileprivate var asTables: Value {
    switch self {
    case .object(let dict as OrderedDict) where dict.isPlain: .dictionary(dict.entries.map { ($0.key.asValue, $0.value.asTables) })
    case .list(let items), .tuple(let items): .list(items.map(\.asTables))
    case .dictionary(let rows): .dictionary(rows.map { ($0.0, $0.1.asTables) })
    default: self
    }
  }

  /// Whether an attribute of a file is a field that Lua has set; with a built-in base, scalars are the base's.
  fileprivate func isField(ofNative: Bool) -> Bool {
    switch self {
    case .list, .dictionary: true
    case .object(let object): object is OrderedDict || (!ofNative && !(object is Tensor) && !(object is Module))
    default: !ofNative
    }
  }
}
