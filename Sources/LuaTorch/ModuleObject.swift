import CLua
import CLuaShim
import Interface
import LuaVM
import NN
import Torch
import Trace

extension Binding {
  /// The metatable of modules.
  func registerModules() throws {
    try register(Module.self, name: "torch.nn.Module") { meta in
      try meta.set("__tostring") { [unowned self] frame in try frame.give(.string(module(frame).description)) }
      try meta.set("__index") { [unowned self] frame in try moduleField(frame) }
      try meta.set("__newindex") { [unowned self] frame in try setModuleField(frame) }
      try meta.set("__call") { [unowned self] frame in try callModule(frame) }
      try meta.set("__len") { [unowned self] frame in try frame.give(.integer((module(frame) as? EntryContainer)?.entries.count ?? module(frame).modules.count)) }
      try meta.set("__pairs") { [unowned self] frame in
        if let container = try module(frame) as? EntryContainer {
          return try frame.give(object: ValueIterator(rows: container.entries.enumerated().map { [container is ParameterList ? .integer($0) : .string($1.name), $1.value] }))
        }
        return try frame.give(object: ValueIterator(rows: module(frame).modules.map { [.string($0.key), $0.value.map { .object($0) } ?? .none] }))
      }
      try meta.set("__whos") { [unowned self] frame in
        let m = try module(frame)
        let all = m.namedParameters().map(\.tensor)
        let count = all.reduce(0) { $0 + $1.count }
        let bytes = all.reduce(0) { $0 + $1.count * $1.dtype.itemSize }
        return try frame.give(.tuple([.string("nn.\(m.className)"), .string("\(count.grouped) params, \(bytes.grouped) bytes")]))
      }
      try meta.set("__complete") { [unowned self] frame in
        let m = try module(frame)
        let names = Array(m.parameters.keys) + m.buffers.keys + m.modules.keys + m.attributes.keys + (m.instanceClass?.properties.keys.elements ?? []) + Array(moduleMethods.keys)
        return try frame.give(.list(names.sorted().map { .string($0) }))
      }
    }
  }

  /// The module that is the first argument.
  func module(_ frame: LuaFrame, _ i: Int = 0) throws -> Module {
    guard let m = frame.object(i) as? Module else { throw TorchError.type("a module was expected, got \(frame.typeName(i))") }
    return m
  }

  private func moduleField(_ frame: LuaFrame) throws -> Int {
    let L = frame.L
    let m = try module(frame)
    // Fields that Lua code has set come first, as an instance's dictionary does in Python.
    if lua_getiuservalue(L, 1, 1) == LUA_TTABLE, lua_type(L, 2) == LUA_TSTRING {
      lua_pushvalue(L, 2)
      if lua_rawget(L, -2) != LUA_TNIL { return 1 }
    }
    lua_settop(L, 2)
    if let i = frame.integer(1) { return try giveItem(m, i, frame) }
    guard let name = frame.string(1) else { return try frame.give(.none) }
    if let value = try m.attribute(name) {
      if case .object(let child as Module) = value { return try giveChild(child, name, frame) }
      return try frame.give(value.asSingle)
    }
    if let script = m as? ScriptModule, try pushMember(script.moduleClass, key: 2, on: L) { return 1 }
    if let method = classMethods["torch.nn.Module.\(m.typeName)"]?[name] ?? moduleMethods[name] {
      qlua_getref(L, method)
      return 1
    }
    switch name {
    case "training": return try frame.give(.boolean(m.training))
    case "_parameters": return try giveDictionary(m.parameters.map { ($0.key, $0.value.map { .object($0) } ?? .none) }, frame)
    case "_buffers": return try giveDictionary(m.buffers.map { ($0.key, $0.value.map { .object($0) } ?? .none) }, frame)
    case "_forward_pre_hooks": return try giveHooks(m.forwardPreHooks.map { ($0.key, $0.value.owner) }, of: m, frame)
    case "_forward_hooks": return try giveHooks(m.forwardHooks.map { ($0.key, $0.value.owner) }, of: m, frame)
    case "_modules": return try giveDictionary(m.modules.map { ($0.key, $0.value.map { .object($0) } ?? .none) }, frame)
    case "__class__":
      if let type = moduleClass(of: m) {
        guard let own = m.instanceClass else { return try frame.give(object: type) }
        return try frame.give(object: ModuleClass(own.name, type.layerType, kind: type.kind, parent: type))
      }
    default: break
    }
    // A parameter or submodule that is None is nil; a name that nothing has is a mistake.
    if m.parameters.keys.contains(name) || m.buffers.keys.contains(name) || m.modules.keys.contains(name) { return try frame.give(.none) }
    throw TorchError.attribute("'\(m.className)' object has no attribute '\(name)'")
  }

  /// The class a module was made of.
  func moduleClass(of m: Module) -> ModuleClass? { (m as? ScriptModule)?.moduleClass ?? layerClasses[m.kind] }

  private func giveDictionary(_ rows: [(String, Value)], _ frame: LuaFrame) throws -> Int {
    let dict = OrderedDict()
    for (name, value) in rows { dict[name] = value }
    return try frame.give(object: dict)
  }

  private func giveChild(_ child: Module, _ name: String, _ frame: LuaFrame) throws -> Int {
    let L = frame.L
    if qlua_pushexisting(L, Unmanaged.passUnretained(child).toOpaque()) { return 1 }
    try anchor(child, name, in: 1, on: L)
    return try frame.give(object: child)
  }

  private func giveItem(_ m: Module, _ i: Int, _ frame: LuaFrame) throws -> Int {
    if let container = m as? EntryContainer {
      let all = container.entries.map(\.value)
      if i < -all.count || i >= all.count { throw TorchError.index("index \(i) is out of range") }
      return try frame.give(all[i < 0 ? i + all.count : i])
    }
    let n = m.modules.count
    if i < -n || i >= n { throw TorchError.index("index \(i) is out of range") }
    let entry = m.modules.elements[i < 0 ? i + n : i]
    guard let child = entry.value else { return try frame.give(.none) }
    return try giveChild(child, entry.key, frame)
  }

  private func setModuleField(_ frame: LuaFrame) throws -> Int {
    let L = frame.L
    let m = try module(frame)
    guard let name = frame.string(1) ?? frame.integer(1).map(String.init) else {
      throw TorchError.type("attribute name must be string, not '\(frame.typeName(1))'")
    }
    if name == "training", let training = frame.boolean(2) {
      m.training = training
      return 0
    }
    let object = frame.object(2)
    let known = m.parameters.keys.contains(name) || m.buffers.keys.contains(name) || m.modules.keys.contains(name) || m.attributes.keys.contains(name)
      || m.instanceClass?.properties[name] != nil
    if object is Tensor || object is Module || known {
      // What was a Lua field under this name gives way.
      try pushUserTable(1, on: L)
      lua_pushnil(L)
      try check(qlua_prawsetfield(L, -2, name), L)
      lua_settop(L, 3)
      try m.setAttribute(name, frame.value(2))
      if let child = object as? Module { try anchor(child, name, in: 1, on: L) }
      return 0
    }
    try pushUserTable(1, on: L)
    lua_pushvalue(L, 2)
    lua_pushvalue(L, 3)
    try check(qlua_prawset(L, -3), L)
    return 0
  }

  /// `m(…)`: hooks and forward. A module written in Lua without hooks is called straight.
  private func callModule(_ frame: LuaFrame) throws -> Int {
    let L = frame.L
    let m = try module(frame)
    if let script = m as? ScriptModule, !m.hasHooks {
      let count = lua_gettop(L)
      try push(text: "forward", on: L)
      guard try pushMember(script.moduleClass, key: -1, on: L) else {
        lua_settop(L, count)
        return try frame.give(m.call(inputs(of: m, frame)))
      }
      lua_rotate(L, 1, 1)
      qlua_pop(L, 1)
      try check(qlua_pcall_quiet(L, count, -1), L)
      return Int(lua_gettop(L))
    }
    return try frame.give(m.call(inputs(of: m, frame)))
  }

  /// The arguments after the module, keywords laid over the layer's own forward.
  func inputs(of m: Module, _ frame: LuaFrame) throws -> [Value] {
    if let traced = m as? TracedModule { return try inputs(of: traced, frame) }
    let schema = try forwardSchema(of: m)
    frame.begin(frame.L, base: 1)
    if let schema {
      let keywords = frame.endsInKeywords
      if let problem = frame.lay(over: schema, keywords: keywords) {
        throw TorchError.type("\(m.typeName).\(problem)")
      }
      for (i, parameter) in schema.parameters.enumerated() where i >= frame.count && parameter.defaultValue == nil && !parameter.isOptional {
        throw TorchError.type("\(m.typeName).forward() missing 1 required positional argument: '\(parameter.name)'")
      }
    }
    return try (0..<frame.count).map { try frame.value($0) }
  }

  func forwardSchema(of m: Module) throws -> Schema? {
    let m = m.nativeForm
    if m is ScriptModule { return nil }
    let id = m.kind
    if let known = forwardSchemas[id] { return known }
    let schema = try Schema(parsing: m.callSchema)
    forwardSchemas[id] = schema
    return schema
  }

  /// Methods of modules that take or give Lua functions.
  func functionMethods() -> [(String, (LuaFrame) throws -> Int)] {
    [
      ("forward", { [unowned self] frame in
        let m = try module(frame)
        return try frame.give(m.run(inputs(of: m, frame)))
      }),
      ("apply", { [unowned self] frame in
        let m = try module(frame)
        let L = frame.L
        try m.apply { child in
          lua_pushvalue(L, 2)
          _ = try callTop(L, [.object(child)])
        }
        lua_settop(L, 1)
        return 1
      }),
    ]
  }
}
