import CLua
import CLuaShim
import Interface
import LuaVM
import TensorCore
import Torch

/// A tensor that a function written in Lua saves for its backward pass.
final class SavedValue {
  let saved: SavedTensor
  let index: Int
  weak var node: Node?

  init(_ saved: SavedTensor, index: Int = 0, node: Node? = nil) {
    self.saved = saved
    self.index = index
    self.node = node
  }
}

/// The function that a node calls; known only after the node.
private final class Slot {
  var value: KeptValue?
}

extension Binding {
  /// The metatable of saved tensors: calling one gives the tensor.
  func registerSavedValues() throws {
    try register(SavedValue.self, name: "saved tensor") { meta in
      try meta.set("__call") { frame in
        guard let value = frame.object(0) as? SavedValue else { return 0 }
        return try frame.give(object: value.saved.unpack(value.node, value.index))
      }
    }
  }

  /// `torch.autograd._saved_tensors_hooks(pack, unpack)`: the guard of a context in which saved tensors are packed.
  func savedTensorsHooks(_ frame: LuaFrame) throws -> Int {
    let L = frame.L
    guard frame.kind(0) == .function, frame.kind(1) == .function else { throw TorchError.type("saved_tensors_hooks expects two functions") }
    let (pack, unpack) = (try KeptValue(self, L, 1, tensor: nil), try KeptValue(self, L, 2, tensor: nil))
    let hooks = SavedTensorHooks(
      pack: { [unowned self] x in
        let L = current
        try pack.push(on: L)
        try push(object: x, on: L)
        try check(qlua_pcall_quiet(L, 1, 1), L)
        defer { qlua_pop(L, 1) }
        return try KeptValue(self, L, -1, tensor: nil)
      },
      unpack: { [unowned self] form in
        let L = current
        guard let form = form as? KeptValue else { throw Node.usedTwice }
        try unpack.push(on: L)
        try form.push(on: L)
        try check(qlua_pcall_quiet(L, 1, 1), L)
        defer { qlua_pop(L, 1) }
        guard let x = object(L, -1) as? Tensor else { throw TorchError.type("Output of saved tensor unpack_hook expected to be a Tensor but got result of type \(String(cString: lua_typename(L, lua_type(L, -1))))") }
        return x
      })
    SavedTensorHooks.active.append(hooks)
    return try frame.give(object: ContextGuard { SavedTensorHooks.active.removeAll { $0 === hooks } })
  }

  /// `torch.autograd._record_function(name, backward, inputs, outputs, dirty, saved)`: makes the outputs results of one
  /// operation whose gradients the Lua function `backward` finds. False stands in a list for what is no tensor.
  /// Gives the saved tensors as values to be called; those that are outputs know which.
  func recordFunction(_ frame: LuaFrame) throws -> Int {
    let L = frame.L
    func list(_ i: Int) throws -> [Tensor?] {
      guard case .list(let items) = try frame.value(i) else { return [] }
      return items.map { if case .object(let x as Tensor) = $0 { x } else { nil } }
    }
    let name = frame.string(0) ?? "Function"
    let inputs = try list(2).compactMap { $0 }
    let (outputs, dirty, saved) = (try list(3), try list(4).compactMap { $0 }, try list(5))
    let shapes = inputs.map(\.sizes)
    let records = GradMode.isEnabled && inputs.contains { $0.requiresGrad } && outputs.contains { $0 != nil }
    guard records else { return try frame.give(.list(saved.map { $0.map { .object(SavedValue(SavedTensor($0))) } ?? .boolean(false) })) }
    for x in dirty where x.requiresGrad && x.isLeaf {
      throw TorchError.runtime("a leaf Variable that requires grad has been used in an in-place operation.")
    }
    let backward = Slot()
    let node = Tensor.makeNode(name, inputs: inputs, resultCount: outputs.count, keepsValues: !saved.isEmpty) { node, gradients in
      guard let answer = try backward.value?.call(gradients.map { $0.map { .object($0) } ?? .none }), case .list(let items) = answer else {
        return node.edges.map { _ in nil }
      }
      return try zip(items, shapes).enumerated().map { i, pair in
        guard case .object(let g as Tensor) = pair.0 else { return nil }
        return try g.fitting(pair.1, index: i, of: name)
      }
    }
    let first = outputs.compactMap { $0 }.first
    for (i, output) in outputs.enumerated() {
      guard let output else { continue }
      output.becomeResult(of: node, i, changedInPlace: dirty.contains { $0 === output })
    }
    backward.value = try KeptValue(self, L, 2, tensor: outputs.count == 1 ? first : nil, node: node)
    return try frame.give(
      .list(
        saved.map { x in
          guard let x else { return .boolean(false) }
          if let i = outputs.firstIndex(where: { $0 === x }) {
            return .object(SavedValue(SavedTensor(result: x), index: i, node: node))
          }
          return .object(SavedValue(SavedTensor(x)))
        }))
  }
}
