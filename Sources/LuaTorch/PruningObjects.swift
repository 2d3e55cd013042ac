import CLua
import CLuaShim
import Interface
import NN
import Prune
import Torch

extension Binding {
  /// Metatables of pruning methods and of their classes.
  func registerPruning() throws {
    try register(PruningMethodType.self, name: "class") { meta in
      func own(_ frame: LuaFrame) throws -> PruningMethodType {
        guard let type = frame.object(0) as? PruningMethodType else { throw TorchError.type("a class was expected, got \(frame.typeName(0))") }
        return type
      }
      try meta.set("__tostring") { frame in try frame.give(.string(own(frame).description)) }
      try meta.set("__call") { [unowned self] frame in
        let type = try own(frame)
        return try frame.give(object: type.make(CallArguments(gathering: arguments(frame, from: 1))))
      }
      try meta.set("__index") { [unowned self] frame in try pruningTypeField(own(frame), frame) }
      try meta.set("__newindex") { [unowned self] frame in
        let L = frame.L
        try pushUserTable(1, on: L)
        lua_pushvalue(L, 2)
        lua_pushvalue(L, 3)
        try check(qlua_prawset(L, -3), L)
        return 0
      }
    }
    try register(PruningMethod.self, name: "torch.nn.utils.prune.BasePruningMethod") { meta in
      try meta.set("__tostring") { [unowned self] frame in try frame.give(.string(pruningMethod(frame).description)) }
      try meta.set("__index") { [unowned self] frame in try pruningMethodField(pruningMethod(frame), frame) }
      try meta.set("__newindex") { [unowned self] frame in try setPruningMethodField(pruningMethod(frame), frame) }
      try meta.set("__call") { [unowned self] frame in
        let method = try pruningMethod(frame)
        guard let module = frame.object(1) as? Module else { throw TorchError.type("a module was expected, got \(frame.typeName(1))") }
        try method.keep(module)
        return 0
      }
      try meta.set("__len") { [unowned self] frame in try frame.give(.integer(container(frame).methods.count)) }
      try meta.set("__pairs") { [unowned self] frame in
        let rows = try container(frame).methods.enumerated().map { [Value.integer($0), .object($1)] }
        return try frame.give(object: ValueIterator(rows: rows))
      }
    }
  }

  /// The classes, in the namespace `torch.nn.utils.prune`.
  func bindPruning() throws {
    for type in pruningMethods.types { try set("torch.nn.utils.prune", type.name, .object(type)) }
  }

  private func pruningMethod(_ frame: LuaFrame) throws -> PruningMethod {
    guard let method = frame.object(0) as? PruningMethod else { throw TorchError.type("a pruning method was expected, got \(frame.typeName(0))") }
    return method
  }

  private func container(_ frame: LuaFrame) throws -> PruningContainer {
    guard let container = try pruningMethod(frame) as? PruningContainer else {
      throw TorchError.type("'\(try pruningMethod(frame).typeName)' object is not iterable")
    }
    return container
  }

  private func arguments(_ frame: LuaFrame, from first: Int) throws -> [Value] {
    first < frame.count ? try (first..<frame.count).map { try frame.value($0) } : []
  }

  /// A member of a class: what Lua added, `apply`, `__init`, methods.
  private func pruningTypeField(_ type: PruningMethodType, _ frame: LuaFrame) throws -> Int {
    let L = frame.L
    guard let name = frame.string(1) else { return try frame.give(.none) }
    if name == "__name" { return try frame.give(.string(type.name)) }
    if try pushMember(type, key: 2, on: L) { return 1 }
    switch name {
    case "PRUNING_TYPE": return try frame.give(type.pruningType.map { .string($0) } ?? .none)
    case "apply", "__init":
      // Kept in the registry's stead: a member of the class itself, under a key that derived classes do not ask for.
      try pushUserTable(1, on: L)
      let key = UserSlot.natives + (name == "apply" ? 0 : 1)
      if lua_rawgeti(L, -1, key) != LUA_TNIL { return 1 }
      qlua_pop(L, 1)
      try push(function: name == "apply" ? applying(type) : settingUp(type), on: L)
      lua_pushvalue(L, -1)
      try check(qlua_prawseti(L, -3, key), L)
      return 1
    default:
      guard let method = pruningMethodMethods[name] else { return try frame.give(.none) }
      qlua_getref(L, method)
      return 1
    }
  }

  private var pruningMethodMethods: [String: Int32] { classMethods["torch.nn.utils.prune.BasePruningMethod"] ?? [:] }

  /// `Class.apply(module, name, …)`; a class before these is the class whose instance it is to be.
  private func applying(_ type: PruningMethodType) -> NativeFunction {
    NativeFunction(self) { [unowned self, unowned(unsafe) type] frame in
      let given = frame.object(0) as? PruningMethodType
      let method = try (given ?? type).apply(CallArguments(gathering: arguments(frame, from: given == nil ? 0 : 1)))
      if let module = frame.object(given == nil ? 0 : 1) as? Module { try anchorMethods(of: module, on: frame.L) }
      return try frame.give(object: method)
    }
  }

  /// `Class.__init(self, …)` of a class written in Swift, for classes derived from it.
  private func settingUp(_ type: PruningMethodType) -> NativeFunction {
    NativeFunction(self) { [unowned self, unowned(unsafe) type] frame in
      try type.setUp(pruningMethod(frame), CallArguments(gathering: arguments(frame, from: 1)))
      return 0
    }
  }

  /// Keeps the userdata of methods written in Lua with that of the module that they prune.
  func anchorMethods(of module: Module, on L: OpaquePointer) throws {
    let owners = module.forwardPreHooks.values.compactMap { $0.owner as? PruningMethod }
    let scripts = owners.flatMap { ($0 as? PruningContainer)?.methods ?? [$0] }.filter { $0 is ScriptPruningMethod }
    guard !scripts.isEmpty, qlua_checkstack(L, 8) else { return }
    let top = lua_gettop(L)
    defer { lua_settop(L, top) }
    try push(object: module, on: L)
    try pushUserTable(-1, on: L)
    try check(qlua_pcreatetable(L, Int32(scripts.count), 0), L)
    for (i, method) in scripts.enumerated() {
      try push(object: method, on: L)
      try check(qlua_prawseti(L, -2, Int64(i + 1)), L)
    }
    try check(qlua_prawseti(L, -2, UserSlot.owners), L)
  }

  private func pruningMethodField(_ method: PruningMethod, _ frame: LuaFrame) throws -> Int {
    let L = frame.L
    if lua_getiuservalue(L, 1, 1) == LUA_TTABLE, lua_type(L, 2) == LUA_TSTRING {
      lua_pushvalue(L, 2)
      if lua_rawget(L, -2) != LUA_TNIL { return 1 }
    }
    lua_settop(L, 2)
    if let i = frame.integer(1) {
      let methods = try container(frame).methods
      if i < -methods.count || i >= methods.count { throw TorchError.index("tuple index out of range") }
      return try frame.give(object: methods[i < 0 ? i + methods.count : i])
    }
    guard let name = frame.string(1) else { return try frame.give(.none) }
    switch name {
    case "_tensor_name": return try frame.give(method.tensorName.map { .string($0) } ?? .none)
    case "_pruning_methods" where method is PruningContainer: return try frame.give(.list(container(frame).methods.map { .object($0) }))
    case "__class__": if let type = method.methodType { return try frame.give(object: type) }
    default: break
    }
    if let type = (method as? ScriptPruningMethod)?.type, try pushMember(type, key: 2, on: L) { return 1 }
    if name == "PRUNING_TYPE", let type = method.pruningType { return try frame.give(.string(type)) }
    if let value = method.attributes[name] { return try frame.give(value.asSingle) }
    if let function = pruningMethodMethods[name] {
      qlua_getref(L, function)
      return 1
    }
    // What the class was set to is nil, not a mistake.
    if method is ScriptPruningMethod { return try frame.give(.none) }
    throw TorchError.attribute("'\(method.typeName)' object has no attribute '\(name)'")
  }

  private func setPruningMethodField(_ method: PruningMethod, _ frame: LuaFrame) throws -> Int {
    let L = frame.L
    guard let name = frame.string(1) else { throw TorchError.type("attribute name must be string, not '\(frame.typeName(1))'") }
    if name == "_tensor_name" {
      method.tensorName = frame.string(2)
    } else if method is ScriptPruningMethod && method.attributes[name] == nil {
      try pushUserTable(1, on: L)
      lua_pushvalue(L, 2)
      lua_pushvalue(L, 3)
      try check(qlua_prawset(L, -3), L)
    } else {
      method.attributes[name] = try frame.value(2)
    }
    return 0
  }

  /// `torch.class(name, base)` for a base that is a class of pruning methods.
  func derivePruning(_ name: String, from base: PruningMethodType, _ frame: LuaFrame) throws -> Int {
    let type = ScriptPruningType(self, name, parent: base)
    try rememberClass(type, name)
    try push(object: type, on: frame.L)
    try pushUserTable(-1, on: frame.L)
    try push(object: base, on: frame.L)
    try check(qlua_prawseti(frame.L, -2, 1), frame.L)
    qlua_pop(frame.L, 1)
    return 1
  }
}
