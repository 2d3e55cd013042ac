import CLua
import CLuaShim
import Interface
import LuaVM
import Torch

extension Binding {
  /// Methods of tensors that take Lua functions.
  func hookMethods() -> [(String, (LuaFrame) throws -> Int)] {
    [
      ("register_hook", { [unowned self] frame in
        let (x, kept) = try keptHook(frame)
        let removal = try x.registerHook { g in
          switch try kept.call([.object(g)]) {
          case .none: return nil
          case .object(let changed as Tensor): return changed
          case let other: throw TorchError.type("expected Variable, but hook returned '\(other.pythonTypeName)'")
          }
        }
        return try frame.give(object: HookHandle { removal() })
      }),
      ("register_post_accumulate_grad_hook", { [unowned self] frame in
        let (x, kept) = try keptHook(frame)
        let removal = try x.registerAccumulatedHook { leaf in
          guard case .none = try kept.call([.object(leaf)]) else { throw TorchError.runtime("Tensor post accumulate grad hooks should return None.") }
        }
        return try frame.give(object: HookHandle { removal() })
      }),
    ]
  }

  /// `apply_`, `map_` and `map2_`: a Lua function of each element, and of those of other tensors.
  func elementMethods() -> [(String, (LuaFrame) throws -> Int)] {
    ["apply_", "map_", "map2_"].enumerated().map { others, name in
      (name, { [unowned self] frame in
        guard let x = frame.object(0) as? Tensor else { throw TorchError.type("a tensor was expected, got \(frame.typeName(0))") }
        if x.requiresGrad {
          throw TorchError.runtime("Can't call \(name)() on Variable that requires grad. Use var.detach().\(name)() instead.")
        }
        guard frame.kind(others + 1) == .function else {
          throw TorchError.type("\(name)() expects a function as argument \(others + 1), got \(frame.typeName(others + 1))")
        }
        let all = try (0...others).map { i in
          guard let y = frame.object(i) as? Tensor else { throw TorchError.type("\(name)() expects a tensor as argument \(i), got \(frame.typeName(i))") }
          return try y.expand(Array(x.sizes)).denseCopy()
        }
        let L = frame.L
        let results = try (0..<x.count).map { i -> Value in
          lua_pushvalue(L, Int32(others + 2))
          return try callTop(L, all.map { $0.scalar(at: i).asValue })
        }
        let made = try Tensor.make(from: .list(results), dtype: x.dtype).reshape(Array(x.sizes))
        return try frame.give(object: x.copyElements(from: made))
      })
    }
  }

  private func keptHook(_ frame: LuaFrame) throws -> (Tensor, KeptValue) {
    guard let x = frame.object(0) as? Tensor else { throw TorchError.type("a tensor was expected, got \(frame.typeName(0))") }
    guard frame.kind(1) == .function else { throw TorchError.type("a hook must be a function, not \(frame.typeName(1))") }
    if !x.requiresGrad { throw TorchError.runtime("cannot register a hook on a tensor that doesn't require gradient") }
    return (x, try KeptValue(self, frame.L, 2, tensor: x, node: x.gradFn))
  }

  /// The metatable of recorded operations.
  func registerNodes() throws {
    func node(_ frame: LuaFrame) throws -> Node {
      guard let node = frame.object(0) as? Node else { throw TorchError.type("an autograd node was expected, got \(frame.typeName(0))") }
      return node
    }
    func gradients(_ value: Value) throws -> [Tensor?]? {
      switch value {
      case .none: return nil
      case .object(let x as Tensor): return [x]
      case .list(let items), .tuple(let items):
        return items.map { if case .object(let x as Tensor) = $0 { x } else { nil } }
      default: throw TorchError.type("hooks must return None or tuples of Variables, got \(value.pythonTypeName)")
      }
    }
    func list(_ all: [Tensor?]) -> Value { .list(all.map { $0.map { .object($0) } ?? .none }) }
    try register(Node.self, name: "torch.autograd.Node") { meta in
      try meta.set("__tostring") { frame in try frame.give(.string("<\(node(frame).name) object>")) }
      let methods: [String: Int32] = try [
        "name": { frame in try frame.give(.string(node(frame).name)) },
        "register_hook": { [unowned self] frame in
          let kept = try KeptValue(self, frame.L, 2, tensor: nil)
          let removal = try node(frame).registerHook(after: { inputs, results in try gradients(kept.call([list(inputs), list(results)])) })
          return try frame.give(object: HookHandle { removal() })
        },
        "register_prehook": { [unowned self] frame in
          let kept = try KeptValue(self, frame.L, 2, tensor: nil)
          let removal = try node(frame).registerHook(before: { try gradients(kept.call([list($0)])) })
          return try frame.give(object: HookHandle { removal() })
        },
      ].mapValues { body in try reference { try push(function: NativeFunction(self, body), on: meta.L) } }
      try meta.set("__index") { frame in
        let node = try node(frame)
        switch frame.string(1) {
        case "next_functions":
          return try frame.give(.list(node.edges.map { .list([$0.map { .object($0.node) } ?? .none, .integer($0?.index ?? 0)]) }))
        case "variable": return try frame.give(node.leaf.map { .object($0) } ?? .none)
        case let name?:
          guard let method = methods[name] else { throw TorchError.attribute("'\(node.name)' object has no attribute '\(name)'") }
          qlua_getref(frame.L, method)
          return 1
        case nil: return try frame.give(.none)
        }
      }
    }
    AnomalyMode.whereabouts = { [unowned self] in whereabouts() }
    AnomalyMode.report = { text in StandardError.write("UserWarning: \(text)\n") }
  }

  /// Where the program stands: the lines of Lua code that are being run, the innermost first.
  func whereabouts() -> String {
    let L = current
    guard qlua_checkstack(L, 4), qlua_ptraceback(L, 0) == LUA_OK else { return "" }
    defer { qlua_pop(L, 1) }
    let lines = (text(L, -1) ?? "").split(separator: "\n").dropFirst().map { "  " + $0.drop { $0 == "\t" } }
    return lines.filter { !$0.hasPrefix("  [C]") }.joined(separator: "\n")
  }
}
