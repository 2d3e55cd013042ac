import CLua
import CLuaShim
import Interface
import NN
import OrderedCollections
import Prune
import TensorCore
import Torch

/// A class of pruning methods that `torch.class` made. Members lie in the user value of its userdata, whose index 1 holds
/// the parent's userdata.
final class ScriptPruningType: PruningMethodType {
  unowned let binding: Binding

  init(_ binding: Binding, _ name: String, parent: PruningMethodType) {
    self.binding = binding
    super.init(name, parent: parent)
  }

  override var fullName: String { "__main__.\(name)" }

  override var pruningType: String? {
    guard case .string(let type)? = try? binding.memberValue(self, "PRUNING_TYPE") else { return parent?.pruningType }
    return type
  }

  /// The class written in Swift that it derives from.
  var native: PruningMethodType? {
    var next = parent
    while let one = next as? ScriptPruningType { next = one.parent }
    return next
  }

  /// A new instance. Its userdata stays on the stack until the running call ends: nothing else in Lua holds it yet.
  override func make(_ arguments: CallArguments) throws -> PruningMethod {
    let L = binding.current
    if !qlua_checkstack(L, 16) { throw TorchError.runtime("stack overflow") }
    if try native?.name == "BasePruningMethod" && !binding.hasMember(self, "compute_mask") {
      throw TorchError.type("Can't instantiate abstract class \(name) with abstract method compute_mask")
    }
    let method = ScriptPruningMethod()
    method.type = self
    try method.adopt(on: L)
    let values = arguments.positional + (arguments.keywords.isEmpty ? [] : [.dictionary(arguments.keywords.map { (.string($0.name), $0.value) })])
    if try binding.hasMember(self, "__init") {
      _ = try binding.callMember(self, "__init", [.object(method)] + values)
    } else {
      try native?.setUp(method, arguments)
      if native?.name == "BasePruningMethod", !values.isEmpty { throw TorchError.type("\(name)() takes no arguments") }
    }
    return method
  }
}

/// A pruning method whose class is written in Lua. Fields lie in the user value of its userdata, which the userdata of
/// the module that it prunes keeps.
final class ScriptPruningMethod: PruningMethod {
  var type: ScriptPruningType?
  /// What the class written in Swift that its class derives from does.
  private lazy var native: PruningMethod? = type?.native?.instance
  private lazy var masksItself = (try? type.map { try $0.binding.hasMember($0, "apply_mask") }) ?? false

  override var typeName: String { type?.name ?? "BasePruningMethod" }
  override var typeModule: String { "__main__" }
  override var methodType: PruningMethodType? { type }

  override var pruningType: String? {
    if case .string(let own)? = field("PRUNING_TYPE") { return own }
    return type?.pruningType
  }

  override func attribute(_ name: String) -> Value? {
    if let value = field(name) { return value }
    if let type, let value = try? type.binding.memberValue(type, name) { return value }
    return attributes[name]
  }

  override func nativeMask(_ t: Tensor, _ defaultMask: Tensor) throws -> Tensor {
    guard let native else { throw TorchError.notImplemented("") }
    native.tensorName = tensorName
    native.attributes = attributes
    return try native.computeMask(t, defaultMask)
  }

  override func computeMask(_ t: Tensor, _ defaultMask: Tensor) throws -> Tensor {
    guard let type, try type.binding.hasMember(type, "compute_mask") else { return try nativeMask(t, defaultMask) }
    let result = try type.binding.callMember(type, "compute_mask", [.object(self), .object(t), .object(defaultMask)])
    guard case .object(let mask as Tensor) = result else {
      throw TorchError.type("\(typeName).compute_mask must give a Tensor, not \(result.pythonTypeName)")
    }
    return mask
  }

  override func applyMask(_ module: Module) throws -> Tensor {
    guard masksItself, let type else { return try maskedTensor(module) }
    let result = try type.binding.callMember(type, "apply_mask", [.object(self), .object(module)])
    guard case .object(let tensor as Tensor) = result else {
      throw TorchError.type("\(typeName).apply_mask must give a Tensor, not \(result.pythonTypeName)")
    }
    return tensor
  }

  /// With the fields that Lua has set.
  override func savedAttributes() throws -> OrderedDictionary<String, Value> {
    var saved = attributes
    for (name, value) in try type?.binding.fields(of: self) ?? [:] { saved[name] = value }
    saved["_tensor_name"] = tensorName.map { .string($0) }
    return saved
  }

  override func copied(_ memo: DeepCopyMemo) throws -> PruningMethod {
    let copy = ScriptPruningMethod()
    copy.type = type
    try copyState(to: copy, memo)
    guard let binding = type?.binding else { return copy }
    let L = binding.current
    if !qlua_checkstack(L, 16) { throw TorchError.runtime("stack overflow") }
    // The copy's userdata stays on the stack until the running call ends.
    try copy.adopt(on: L)
    let target = lua_gettop(L)
    try binding.pushUserTable(target, on: L)
    let table = lua_gettop(L)
    if qlua_pushexisting(L, Unmanaged.passUnretained(self).toOpaque()), lua_getiuservalue(L, -1, 1) == LUA_TTABLE {
      let source = lua_gettop(L)
      lua_pushnil(L)
      while lua_next(L, source) != 0 {
        if lua_isinteger(L, -2) == 0 {
          lua_pushvalue(L, -2)
          try binding.pushCopy(of: -2, memo, on: L)
          try binding.check(qlua_prawset(L, table), L)
        }
        qlua_pop(L, 1)
      }
    }
    lua_settop(L, target)
    return copy
  }

  /// Pushes its userdata, which holds the class's from here on. Stack: -0 +1.
  func adopt(on L: OpaquePointer) throws {
    guard let type else { return }
    try type.binding.push(object: self, on: L)
    try type.binding.pushUserTable(-1, on: L)
    try type.binding.push(object: type, on: L)
    try type.binding.check(qlua_prawseti(L, -2, UserSlot.type), L)
    qlua_pop(L, 1)
  }

  /// A field that Lua has set.
  private func field(_ name: String) -> Value? {
    guard let binding = type?.binding, case let L = binding.current, qlua_checkstack(L, 8) else { return nil }
    let top = lua_gettop(L)
    defer { lua_settop(L, top) }
    guard qlua_pushexisting(L, Unmanaged.passUnretained(self).toOpaque()), lua_getiuservalue(L, -1, 1) == LUA_TTABLE,
      (try? binding.push(text: name, on: L)) != nil, lua_rawget(L, -2) != LUA_TNIL
    else { return nil }
    return try? binding.value(L, -1)
  }
}

extension Binding {
  /// Pushes a member of a class of pruning methods (or of its parents) whose key stands at `key`; false and nothing where there is none.
  func pushMember(_ start: PruningMethodType, key: Int32, on L: OpaquePointer) throws -> Bool {
    let key = lua_absindex(L, key)
    var next: PruningMethodType? = start
    while let one = next {
      if try pushOwnMember(one, key: key, on: L) { return true }
      next = one.parent
    }
    return false
  }

  /// Whether Lua has given a class (or a parent) a member.
  fileprivate func hasMember(_ type: PruningMethodType, _ name: String) throws -> Bool {
    let L = current
    if !qlua_checkstack(L, 8) { throw TorchError.runtime("stack overflow") }
    let top = lua_gettop(L)
    defer { lua_settop(L, top) }
    try push(text: name, on: L)
    return try pushMember(type, key: -1, on: L)
  }

  /// The member as a value; nil where there is none.
  fileprivate func memberValue(_ type: PruningMethodType, _ name: String) throws -> Value? {
    let L = current
    if !qlua_checkstack(L, 8) { throw TorchError.runtime("stack overflow") }
    let top = lua_gettop(L)
    defer { lua_settop(L, top) }
    try push(text: name, on: L)
    return try pushMember(type, key: -1, on: L) ? value(L, -1) : nil
  }

  /// Calls a member.
  fileprivate func callMember(_ type: PruningMethodType, _ name: String, _ arguments: [Value]) throws -> Value {
    let L = current
    if !qlua_checkstack(L, 16) { throw TorchError.runtime("stack overflow") }
    let top = lua_gettop(L)
    defer { lua_settop(L, top) }
    try push(text: name, on: L)
    guard try pushMember(type, key: -1, on: L) else { return .none }
    return try callTop(L, arguments)
  }
}
