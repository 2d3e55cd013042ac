import CLua
import CLuaShim
import Interface
import LuaVM
import NN
import Prune
import Torch

/// The keywords of functions that register hooks.
private struct HookOptions {
  var first = false
  var withKeywords = false
  var alwaysCalled = false

  /// Reads the table at position `i`.
  /// - Throws: Python's sentence for keywords that the function does not have.
  init(_ frame: LuaFrame, at i: Int, of function: String, _ known: [String]) throws {
    guard case .dictionary(let rows) = try frame.value(i) else { return }
    for (key, value) in rows {
      guard case .string(let name) = key, known.contains(name) else { throw TorchError.type("\(function)() got an unexpected keyword argument '\(key.asText)'") }
      let isWanted = if case .boolean(true) = value { true } else { false }
      switch name {
      case "prepend": first = isWanted
      case "with_kwargs": withKeywords = isWanted
      default: alwaysCalled = isWanted
      }
    }
  }
}

extension Value {
  fileprivate var asText: String { if case .string(let s) = self { s } else { "\(self)" } }

  /// The items of a list or tuple; nil for anything else.
  fileprivate var items: [Value]? {
    switch self {
    case .list(let items), .tuple(let items): items
    default: nil
    }
  }

  /// What a hook gave: nil where it gave nothing.
  fileprivate var isNothing: Bool { if case .none = self { true } else { false } }
}

/// The owner of a hook written in Lua: where its function lies among those of the module.
final class LuaHook: FollowingHook {
  let key: Int
  private unowned let binding: Binding

  init(_ key: Int, _ binding: Binding) {
    self.key = key
    self.binding = binding
  }

  /// The functions lie with a module's userdata. That of the new one stays on the stack until the running call ends: nothing else in
  /// Lua need hold it yet.
  func follow(from old: Module, to new: Module) throws {
    let L = binding.current
    if !qlua_checkstack(L, 16) { throw TorchError.runtime("stack overflow") }
    let top = lua_gettop(L)
    try binding.push(object: new, on: L)
    defer { lua_settop(L, top + 1) }
    guard qlua_pushexisting(L, Unmanaged.passUnretained(old).toOpaque()), lua_getiuservalue(L, -1, 1) == LUA_TTABLE,
      lua_rawgeti(L, -1, UserSlot.hooks) == LUA_TTABLE
    else { return }
    try binding.pushUserTable(top + 1, on: L)
    lua_pushvalue(L, -2)
    try binding.check(qlua_prawseti(L, -2, UserSlot.hooks), L)
  }
}

/// Runs a hook written in Lua: the module it runs on, and the other arguments.
private typealias HookCall = (Module, [Value]) throws -> Value?

extension Binding {
  /// Methods of modules that register hooks.
  func hookRegistrations() -> [(String, (LuaFrame) throws -> Int)] {
    [
      ("register_forward_pre_hook", { [unowned self] frame in
        let (m, key) = (try module(frame), nextHookKey())
        let options = try HookOptions(frame, at: 2, of: "Module.register_forward_pre_hook", ["prepend", "with_kwargs"])
        if let method = frame.object(1) as? PruningMethod {
          let id = m.registerForwardPreHook(method.hook, first: options.first)
          try anchorMethods(of: m, on: frame.L)
          return try frame.give(object: HookHandle { [weak m] in m?.removeHook(id) })
        }
        let hook = forwardPreHook(options, hookCall(key), owner: LuaHook(key, self))
        return try keepHook(m, m.registerForwardPreHook(hook, first: options.first), key, frame)
      }),
      ("register_forward_hook", { [unowned self] frame in
        let (m, key) = (try module(frame), nextHookKey())
        let options = try HookOptions(frame, at: 2, of: "Module.register_forward_hook", ["prepend", "with_kwargs", "always_call"])
        return try keepHook(m, m.registerForwardHook(forwardHook(options, hookCall(key), owner: LuaHook(key, self)), first: options.first), key, frame)
      }),
      ("register_full_backward_hook", { [unowned self] frame in
        let (m, key) = (try module(frame), nextHookKey())
        let options = try HookOptions(frame, at: 2, of: "Module.register_full_backward_hook", ["prepend"])
        return try keepHook(m, m.registerBackwardHook(backwardHook(hookCall(key), owner: LuaHook(key, self)), first: options.first), key, frame)
      }),
      ("register_full_backward_pre_hook", { [unowned self] frame in
        let (m, key) = (try module(frame), nextHookKey())
        let options = try HookOptions(frame, at: 2, of: "Module.register_full_backward_pre_hook", ["prepend"])
        return try keepHook(m, m.registerBackwardPreHook(backwardPreHook(hookCall(key), owner: LuaHook(key, self)), first: options.first), key, frame)
      }),
    ]
      + StateHookMoment.allCases.map { moment in
        (moment.rawValue, { [unowned self] frame in
          let (m, key) = (try module(frame), nextHookKey())
          let id = m.registerStateHook(StateHook(moment) { [unowned self, weak m] arguments in
            if let m { _ = try callHook(m, key, arguments) }
          })
          return try keepHook(m, id, key, frame)
        })
      }
  }

  /// Hooks on all modules: `torch.nn.modules.module.register_module_forward_hook` and its like. What they run lives as long as they do.
  func bindGlobalHooks() throws {
    func define(_ name: String, _ keywords: [String] = [], _ add: @escaping (HookOptions, @escaping HookCall) -> Int) throws {
      try set("torch.nn.modules.module", name, function: NativeFunction(self) { [unowned self] frame in
        guard frame.kind(0) == .function else { throw TorchError.type("a hook must be a function, not \(frame.typeName(0))") }
        let handle = try LuaHandle(self, frame.L, 1)
        let id = add(try HookOptions(frame, at: 1, of: name, keywords)) { module, arguments in try handle.call([.object(module)] + arguments) }
        globalHooks.append(id)
        return try frame.give(object: HookHandle { GlobalModuleHooks.remove(id) })
      })
    }
    try define("register_module_forward_pre_hook") { [unowned self] options, call in GlobalModuleHooks.add(forwardPreHook(options, call)) }
    try define("register_module_forward_hook", ["with_kwargs", "always_call"]) { [unowned self] options, call in GlobalModuleHooks.add(forwardHook(options, call)) }
    try define("register_module_full_backward_hook") { [unowned self] _, call in GlobalModuleHooks.add(backwardHook(call)) }
    try define("register_module_full_backward_pre_hook") { [unowned self] _, call in GlobalModuleHooks.add(backwardPreHook(call)) }
    for kind in GlobalModuleHooks.Registration.allCases {
      try define("register_module_\(kind.rawValue)_registration_hook") { _, call in
        GlobalModuleHooks.add(kind) { module, name, value in try call(module, [.string(name), value]) }
      }
    }
  }

  /// Hooks by id, those written in Lua as their functions. Mirrors `Module._forward_hooks`.
  func giveHooks(_ hooks: [(id: Int, owner: AnyObject?)], of m: Module, _ frame: LuaFrame) throws -> Int {
    let (L, dict) = (frame.L, OrderedDict())
    try pushUserTable(1, on: L)
    let table = lua_gettop(L)
    for (id, owner) in hooks {
      var shown = Value.none
      if let owner = owner as? LuaHook {
        if lua_rawgeti(L, table, UserSlot.hooks) == LUA_TTABLE, lua_rawgeti(L, -1, Int64(owner.key)) != LUA_TNIL { shown = try value(L, -1) }
        lua_settop(L, table)
      } else if let owner {
        shown = .object(owner)
      }
      dict.entries[.integer(id)] = shown
    }
    return try frame.give(object: dict)
  }

  private func forwardPreHook(_ options: HookOptions, _ call: @escaping HookCall, owner: LuaHook? = nil) -> ForwardPreHook {
    ForwardPreHook(owner: owner) { [unowned self] module, inputs in
      let (positional, keywords) = options.withKeywords ? split(inputs, of: module) : (inputs, [])
      guard let result = try call(module, [.list(positional)] + keywords), !result.isNothing else { return nil }
      guard options.withKeywords else { return result.items ?? [result] }
      guard let pair = result.items, pair.count == 2, let changed = pair[0].items else {
        throw TorchError.runtime("forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got \(result.pythonTypeName).")
      }
      return try joined(changed, pair[1], of: module)
    }
  }

  private func forwardHook(_ options: HookOptions, _ call: @escaping HookCall, owner: LuaHook? = nil) -> ForwardHook {
    ForwardHook(owner: owner, alwaysCalled: options.alwaysCalled) { [unowned self] module, inputs, output in
      let (positional, keywords) = options.withKeywords ? split(inputs, of: module) : (inputs, [])
      guard let result = try call(module, [.list(positional)] + keywords + [output.asSingle]), !result.isNothing else { return nil }
      return result
    }
  }

  private func backwardHook(_ call: @escaping HookCall, owner: LuaHook? = nil) -> BackwardHook {
    BackwardHook(owner: owner) { module, inputs, results in try call(module, [.list(inputs), .list(results)]).flatMap { $0.isNothing ? nil : $0.items ?? [$0] } }
  }

  private func backwardPreHook(_ call: @escaping HookCall, owner: LuaHook? = nil) -> BackwardPreHook {
    BackwardPreHook(owner: owner) { module, results in try call(module, [.list(results)]).flatMap { $0.isNothing ? nil : $0.items ?? [$0] } }
  }

  /// Inputs as those by position and a table of keywords. Those of built-in layers have all found their positions.
  private func split(_ inputs: [Value], of module: Module) -> ([Value], [Value]) {
    guard module is ScriptModule, case .dictionary(let rows)? = inputs.last, rows.allSatisfy({ if case .string = $0.0 { true } else { false } }) else {
      return (inputs, [.dictionary([])])
    }
    return (inputs.dropLast(), [.dictionary(rows)])
  }

  /// Inputs from those by position and keywords.
  private func joined(_ positional: [Value], _ keywords: Value, of module: Module) throws -> [Value] {
    guard case .dictionary(let rows) = keywords, !rows.isEmpty else { return positional }
    guard let schema = try forwardSchema(of: module) else { return positional + [keywords] }
    var inputs = positional
    for (key, value) in rows {
      guard case .string(let name) = key, let i = schema.index(of: name) else {
        throw TorchError.type("\(module.typeName).forward() got an unexpected keyword argument '\(key.asText)'")
      }
      while inputs.count <= i { inputs.append(.none) }
      inputs[i] = value
    }
    return inputs
  }

  private func nextHookKey() -> Int {
    hookKeys += 1
    return hookKeys
  }

  /// Stores the Lua function at index 2 with the module's userdata and gives the handle that removes it.
  private func keepHook(_ m: Module, _ id: Int, _ key: Int, _ frame: LuaFrame) throws -> Int {
    let L = frame.L
    guard lua_type(L, 2) == LUA_TFUNCTION else {
      m.removeHook(id)
      throw TorchError.type("a hook must be a function, not \(frame.typeName(1))")
    }
    try pushUserTable(1, on: L)
    lua_rawgeti(L, -1, UserSlot.hooks)
    if lua_type(L, -1) != LUA_TTABLE {
      qlua_pop(L, 1)
      try check(qlua_pcreatetable(L, 1, 0), L)
      lua_pushvalue(L, -1)
      try check(qlua_prawseti(L, -3, UserSlot.hooks), L)
    }
    lua_pushvalue(L, 2)
    try check(qlua_prawseti(L, -2, Int64(key)), L)
    return try frame.give(object: HookHandle { [weak m] in m?.removeHook(id) })
  }

  private func hookCall(_ key: Int) -> HookCall {
    { [unowned self] module, arguments in try callHook(module, key, [.object(module)] + arguments) }
  }

  private func callHook(_ m: Module, _ key: Int, _ arguments: [Value]) throws -> Value? {
    let L = current
    if !qlua_checkstack(L, 16) { throw TorchError.runtime("stack overflow") }
    let top = lua_gettop(L)
    defer { lua_settop(L, top) }
    guard qlua_pushexisting(L, Unmanaged.passUnretained(m).toOpaque()), lua_getiuservalue(L, -1, 1) == LUA_TTABLE else { return nil }
    lua_rawgeti(L, -1, UserSlot.hooks)
    guard lua_type(L, -1) == LUA_TTABLE else { return nil }
    lua_rawgeti(L, -1, Int64(key))
    guard lua_type(L, -1) == LUA_TFUNCTION else { return nil }
    return try callTop(L, arguments)
  }

  /// Lists of texts that hooks on states get: `#keys`, `keys[i]` from 1, `table.insert`, `table.remove`.
  func registerTextLists() throws {
    func list(_ frame: LuaFrame) throws -> TextList {
      guard let list = frame.object(0) as? TextList else { throw TorchError.type("a list was expected, got \(frame.typeName(0))") }
      return list
    }
    try register(TextList.self, name: "list") { meta in
      try meta.set("__len") { frame in try frame.give(.integer(list(frame).texts.count)) }
      try meta.set("__tostring") { frame in try frame.give(.string("[" + list(frame).texts.map { "'\($0)'" }.joined(separator: ", ") + "]")) }
      try meta.set("__index") { frame in
        guard let i = frame.integer(1), case let texts = try list(frame).texts, texts.indices.contains(i - 1) else { return try frame.give(.none) }
        return try frame.give(.string(texts[i - 1]))
      }
      try meta.set("__newindex") { frame in
        let (list, count) = (try list(frame), try list(frame).texts.count)
        guard let i = frame.integer(1), (1...count + 1).contains(i) else { throw TorchError.index("list assignment index out of range") }
        switch try frame.value(2) {
        case .none: if i == count { list.texts.removeLast() } else if i < count { list.texts.remove(at: i - 1) }
        case .string(let text): if i > count { list.texts.append(text) } else { list.texts[i - 1] = text }
        case let other: throw TorchError.type("a text was expected, got \(other.pythonTypeName)")
        }
        return 0
      }
    }
  }
}
