import CLua
import CLuaShim
import Interface
import LuaVM
import NN
import Torch
import Trace

/// Index expressions as operations.
enum IndexOperations {
  static let get = indexExpressions.operations[0]
  static let set = indexExpressions.operations[1]
}

extension Binding {
  /// What `torch.jit` needs of Lua.
  func bindTracing() throws {
    GraphOperation.added = [tensorFields, tensorMethods]
    for (name, isFunction) in [("ScriptModule", false), ("ScriptFunction", true)] {
      let type = TypeObject("torch.jit.\(name)", includes: { ($0 as? TracedModule).map { $0.isFunction == isFunction } ?? false }) { _ in
        throw TorchError.notImplemented("torch.jit.\(name): use torch.jit.trace")
      }
      try set("torch._jit", name, .object(type))
    }
    try set("torch._jit", "trace", function: NativeFunction(self) { [unowned self] frame in
      guard case .list(let inputs) = try frame.value(1), case .list(let given) = try frame.value(2) else {
        throw TorchError.type("torch.jit.trace expects a module or function, and a table of inputs")
      }
      let names = given.map { value -> String in if case .string(let name) = value { name } else { "" } }
      let surroundings = Surroundings(place: { [unowned self] in place() }, names: { [unowned self] in namedObjects() })
      let strict = frame.boolean(3) ?? true
      if let module = frame.object(0) as? Module {
        return try frame.give(object: Tracer.traced(module, inputs: inputs, names: names, strict: strict, surroundings: surroundings) { try module.call($0) })
      }
      guard case .foreign(let function as LuaHandle) = try frame.value(0) else {
        throw TorchError.type("torch.jit.trace expects a module or function, not \(frame.typeName(0))")
      }
      return try frame.give(object: Tracer.traced(nil, inputs: inputs, names: names, strict: strict, surroundings: surroundings) { try function.call($0) })
    })
  }

  /// A traced module's inputs, keywords laid over the names that they had.
  func inputs(of traced: TracedModule, _ frame: LuaFrame) throws -> [Value] {
    frame.begin(frame.L, base: 1)
    if frame.endsInKeywords, let schema = traced.inputSchema {
      if let problem = frame.lay(over: schema, keywords: true) { throw TorchError.type(problem) }
    }
    return try (0..<frame.count).map { try frame.value($0) }
  }

  /// Calls `body` with the innermost function of the user's that runs.
  private func withUsersFunction<R>(_ body: (OpaquePointer, inout lua_Debug) -> R) -> R? {
    let L = current
    guard qlua_checkstack(L, 8) else { return nil }
    var frame = lua_Debug()
    var level: Int32 = 0
    while lua_getstack(L, level, &frame) != 0 {
      level += 1
      guard lua_getinfo(L, "Sl", &frame) != 0, frame.currentline > 0, let source = frame.source else { continue }
      if String(cString: source).contains("stdlib/torch/") { continue }
      return body(L, &frame)
    }
    return nil
  }

  /// Where the user's code stands: `file.lua:12`.
  private func place() -> String {
    withUsersFunction { _, frame in
      let file = withUnsafeBytes(of: frame.short_src) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      return "\(file):\(frame.currentline)"
    } ?? ""
  }

  /// The objects that local variables of the user's function hold.
  private func namedObjects() -> [(name: String, object: AnyObject)] {
    withUsersFunction { L, frame in
      var named: [(String, AnyObject)] = []
      var i: Int32 = 1
      while let name = lua_getlocal(L, &frame, i) {
        i += 1
        defer { qlua_pop(L, 1) }
        let text = String(cString: name)
        if text.hasPrefix("(") || text == "_" || text == "self" { continue }
        if let object = Binding.object(L, -1) { named.append((text, object)) }
      }
      return named
    } ?? []
  }
}
