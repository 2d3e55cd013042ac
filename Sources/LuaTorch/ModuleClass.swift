import CLua
import CLuaShim
import Interface
import LuaVM
import NN
import Prune
import Quantization
import Torch

/// A class of modules as Lua sees it: `nn.Linear`, or one made by `torch.class`.
///
/// Members written in Lua lie in the user value of the class's userdata; index 1 there holds the parent's userdata.
public final class ModuleClass: LayerTypeReference {
  /// The class's name.
  public let layerName: String
  /// The Swift type its instances have.
  public let layerType: Module.Type
  /// What `Module.kind` of its instances is.
  let kind: ObjectIdentifier
  /// How instances are made; nil for classes written in Lua.
  let constructor: BoundFunction?
  /// The class it derives from.
  let parent: ModuleClass?

  init(_ name: String, _ type: Module.Type, kind: ObjectIdentifier? = nil, constructor: BoundFunction? = nil, parent: ModuleClass? = nil) {
    layerName = name
    layerType = type
    self.kind = kind ?? ObjectIdentifier(type)
    self.constructor = constructor
    self.parent = parent
  }

  /// The built-in layer's class that this one, written in Lua, derives from.
  var nativeBase: ModuleClass? {
    var next = parent
    while let one = next {
      if one.constructor != nil { return one }
      next = one.parent
    }
    return nil
  }

  /// Whether a module is an instance of this very class.
  public func isExactClass(of module: Module) -> Bool {
    if let script = module as? ScriptModule { return script.moduleClass === self }
    return module.kind == kind
  }

  /// Whether a module is of this class or of one derived from it.
  func includes(_ module: Module) -> Bool {
    if let script = module as? ScriptModule {
      var next: ModuleClass? = script.moduleClass
      while let one = next {
        if one === self { return true }
        next = one.parent
      }
      return false
    }
    if layerType == Module.self { return true }
    return module.kind == kind || module.baseKind == kind
  }
}

/// A type that is no module class: `torch.Tensor`, `nn.Parameter`. It can be asked for and perhaps called.
final class TypeObject {
  let name: String
  let includes: (AnyObject) -> Bool
  let construct: (LuaFrame) throws -> Int

  init(_ name: String, includes: @escaping (AnyObject) -> Bool, construct: @escaping (LuaFrame) throws -> Int) {
    self.name = name
    self.includes = includes
    self.construct = construct
  }
}

extension Binding {
  /// Metatables of classes.
  func registerClasses() throws {
    try register(ModuleClass.self, name: "class") { meta in
      func own(_ frame: LuaFrame) throws -> ModuleClass {
        guard let c = frame.object(0) as? ModuleClass else { throw TorchError.type("a class was expected, got \(frame.typeName(0))") }
        return c
      }
      try meta.set("__tostring") { frame in try frame.give(.string("<class '\(own(frame).layerName)'>")) }
      try meta.set("__call") { [unowned self] frame in try construct(own(frame), frame) }
      try meta.set("__index") { [unowned self] frame in
        let L = frame.L
        if frame.string(1) == "__name" { return try frame.give(.string(own(frame).layerName)) }
        if try pushMember(own(frame), key: 2, on: L) { return 1 }
        if let name = frame.string(1), try pushNative(own(frame), name, on: L) { return 1 }
        if let name = frame.string(1), let method = try classMethods["torch.nn.\(own(frame).layerName)"]?[name] ?? moduleMethods[name] ?? factoryMethods[name] {
          qlua_getref(L, method)
          return 1
        }
        lua_pushnil(L)
        return 1
      }
      try meta.set("__newindex") { [unowned self] frame in
        let L = frame.L
        try pushUserTable(1, on: L)
        lua_pushvalue(L, 2)
        lua_pushvalue(L, 3)
        try check(qlua_prawset(L, -3), L)
        return 0
      }
    }
    try register(TypeObject.self, name: "type") { meta in
      try meta.set("__tostring") { frame in try frame.give(.string("<class '\((frame.object(0) as? TypeObject)?.name ?? "?")'>")) }
      try meta.set("__call") { frame in
        guard let type = frame.object(0) as? TypeObject else { return 0 }
        frame.begin(frame.L, base: 1)
        return try type.construct(frame)
      }
    }
  }

  /// Methods of observer classes and of what `with_args` gives.
  private var factoryMethods: [String: Int32] { classMethods["torch.quantization.ObserverFactory"] ?? [:] }

  /// The metatable of observer classes with options given beforehand.
  func registerObserverFactories() throws {
    try register(ObserverFactory.self, name: "ObserverFactory") { meta in
      try meta.set("__tostring") { frame in try frame.give(.string((frame.object(0) as? ObserverFactory)?.description ?? "")) }
      try meta.set("__index") { [unowned self] frame in
        guard let method = factoryMethods[frame.string(1) ?? ""] else { return try frame.give(.none) }
        qlua_getref(frame.L, method)
        return 1
      }
      if let call = factoryMethods["__call__"] {
        qlua_getref(meta.L, call)
        try check(qlua_prawsetfield(meta.L, meta.index, "__call"), meta.L)
      }
    }
  }

  /// Pushes the Lua table in the user value of the userdata at `index`, made when there is none. Stack: -0 +1.
  func pushUserTable(_ index: Int32, on L: OpaquePointer) throws {
    let index = lua_absindex(L, index)
    if lua_getiuservalue(L, index, 1) == LUA_TTABLE { return }
    qlua_pop(L, 1)
    try check(qlua_pcreatetable(L, 0, 4), L)
    lua_pushvalue(L, -1)
    _ = lua_setiuservalue(L, index, 1)
  }

  /// Pushes the member of a class (or of its parents) whose key stands at `key`; false and nothing where there is none.
  func pushMember(_ start: ModuleClass, key: Int32, on L: OpaquePointer) throws -> Bool {
    let key = lua_absindex(L, key)
    var next: ModuleClass? = start
    while let one = next {
      if try pushOwnMember(one, key: key, on: L) { return true }
      next = one.parent
    }
    return false
  }

  /// Pushes the member of a class alone whose key stands at `key`, an absolute index; false and nothing where there is none.
  func pushOwnMember(_ type: AnyObject, key: Int32, on L: OpaquePointer) throws -> Bool {
    if !qlua_pushexisting(L, Unmanaged.passUnretained(type).toOpaque()) { return false }
    if lua_getiuservalue(L, -1, 1) == LUA_TTABLE {
      lua_pushvalue(L, key)
      if lua_rawget(L, -2) != LUA_TNIL {
        lua_rotate(L, -3, 1)
        qlua_pop(L, 2)
        return true
      }
      qlua_pop(L, 1)
    }
    qlua_pop(L, 2)
    return false
  }

  /// Makes an instance: `Class(…)`, the class at index 1.
  private func construct(_ type: ModuleClass, _ frame: LuaFrame) throws -> Int {
    let L = frame.L
    if let constructor = type.constructor, type.layerType != ScriptModule.self {
      frame.begin(L, base: 1)
      return try constructor.call(frame)
    }
    let instance = ScriptModule(self, type)
    let arguments = lua_gettop(L) - 1
    try push(object: instance, on: L)
    let at = lua_gettop(L)
    try pushUserTable(at, on: L)
    lua_pushvalue(L, 1)
    try check(qlua_prawseti(L, -2, UserSlot.type), L)
    qlua_pop(L, 1)
    try push(text: "__init", on: L)
    if try pushMember(type, key: -1, on: L) {
      lua_pushvalue(L, at)
      for i in 0..<arguments { lua_pushvalue(L, 2 + i) }
      try check(qlua_pcall_quiet(L, arguments + 1, 0), L)
    } else if let base = type.nativeBase {
      lua_settop(L, at)
      if try pushNative(base, "__init", on: L) {
        lua_pushvalue(L, at)
        for i in 0..<arguments { lua_pushvalue(L, 2 + i) }
        try check(qlua_pcall_quiet(L, arguments + 1, 0), L)
      }
    }
    if let base = type.nativeBase, instance.native == nil {
      throw TorchError.attribute("'\(type.layerName)' object has no attribute '_parameters': its __init must call nn.\(base.layerName).__init(self, ...)")
    }
    lua_settop(L, at)
    return 1
  }

  /// Pushes what a built-in class gives classes that derive from it: its constructor as `__init` and its `forward`. False and nothing for others.
  private func pushNative(_ type: ModuleClass, _ name: String, on L: OpaquePointer) throws -> Bool {
    guard let constructor = type.constructor, name == "__init" || name == "forward" else { return false }
    if let known = nativeFunctions["\(type.layerName).\(name)"] {
      qlua_getref(L, known)
      return true
    }
    let function = NativeFunction(self) { [unowned self] frame in
      guard name == "__init" else {
        let m = try module(frame)
        guard let native = (m as? ScriptModule)?.native else { return try frame.give(m.run(inputs(of: m, frame))) }
        return try frame.give((m as? ScriptModule)?.nativeForward(native, inputs(of: m, frame)) ?? .none)
      }
      guard let script = frame.object(0) as? ScriptModule else { throw TorchError.type("\(type.layerName).__init(): a module was expected, got \(frame.typeName(0))") }
      frame.begin(frame.L, base: 1)
      let (_, object) = try frame.capturing { try constructor.call(frame) }
      guard let native = object as? Module else { return 0 }
      script.native = native
      script.takeState(of: native)
      return 0
    }
    try push(function: function, on: L)
    lua_pushvalue(L, -1)
    var reference: Int32 = 0
    try check(qlua_pref(L, &reference), L)
    nativeFunctions["\(type.layerName).\(name)"] = reference
    return true
  }

  /// `torch.class(name, base)`.
  func makeClass(_ frame: LuaFrame) throws -> Int {
    guard let name = frame.string(0) else { throw TorchError.type("torch.class: the name must be a string, not \(frame.typeName(0))") }
    // A class written in Lua says itself what is derived from it.
    if try pushClassMember("__derive", of: 2, on: frame.L) {
      lua_pushvalue(frame.L, 2)
      lua_pushvalue(frame.L, 1)
      try check(qlua_pcall_quiet(frame.L, 2, 1), frame.L)
      return 1
    }
    if let base = frame.object(1) as? PruningMethodType { return try derivePruning(name, from: base, frame) }
    guard let base = frame.kind(1) == .absent ? layerClasses[ObjectIdentifier(Module.self)] : frame.object(1) as? ModuleClass else {
      throw TorchError.type("torch.class: the base must be nn.Module or a class made by torch.class, not \(frame.typeName(1))")
    }
    let type = ModuleClass(name, ScriptModule.self, parent: base)
    try rememberClass(type, name)
    try push(object: type, on: frame.L)
    try pushUserTable(-1, on: frame.L)
    try push(object: base, on: frame.L)
    try check(qlua_prawseti(frame.L, -2, 1), frame.L)
    qlua_pop(frame.L, 1)
    return 1
  }

  /// Pushes a member of the metatable of a table; false and nothing where there is none.
  private func pushClassMember(_ name: String, of index: Int32, on L: OpaquePointer) throws -> Bool {
    guard lua_type(L, index) == LUA_TTABLE, lua_getmetatable(L, index) != 0 else { return false }
    try check(qlua_prawgetfield(L, -1, name), L)
    qlua_remove(L, -2)
    if lua_type(L, -1) != LUA_TNIL { return true }
    qlua_pop(L, 1)
    return false
  }

  /// `torch.isinstance(object, class or list of classes)`.
  func isInstance(_ frame: LuaFrame) throws -> Int {
    let L = frame.L
    func fits(_ index: Int32) throws -> Bool {
      if !qlua_checkstack(L, 8) { throw TorchError.runtime("stack overflow") }
      let top = lua_gettop(L)
      defer { lua_settop(L, top) }
      if try pushClassMember("__isinstance", of: index, on: L) {
        lua_pushvalue(L, index)
        lua_pushvalue(L, 1)
        try check(qlua_pcall_quiet(L, 2, 1), L)
        return lua_toboolean(L, -1) != 0
      }
      if lua_type(L, index) == LUA_TTABLE {
        for i in 0..<Int64(lua_rawlen(L, index)) {
          lua_rawgeti(L, index, i + 1)
          if try fits(lua_gettop(L)) { return true }
          qlua_pop(L, 1)
        }
        return false
      }
      let object = frame.object(0)
      switch self.object(L, index) {
      case let type as ModuleClass: return (object as? Module).map { type.includes($0) } ?? false
      case let type as PruningMethodType: return (object as? PruningMethod).map { type.includes($0) } ?? false
      case let type as TypeObject: return object.map { type.includes($0) } ?? false
      default: throw TorchError.type("isinstance() arg 2 must be a type or a tuple of types, not \(frame.typeName(1))")
      }
    }
    return try frame.give(.boolean(fits(2)))
  }
}

/// What the integer keys of a module's user table hold.
enum UserSlot {
  /// Userdata of children by name, so that what Lua keeps with them lives as long as their parent.
  static let children: Int64 = 1
  /// The userdata of a Lua-written module's class.
  static let type: Int64 = 2
  /// Lua functions of hooks by id.
  static let hooks: Int64 = 3
  /// Userdata of the Lua-written owners of a module's hooks.
  static let owners: Int64 = 4
  /// From here on: functions that a class written in Swift gives Lua.
  static let natives: Int64 = 5
}
