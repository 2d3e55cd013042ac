import CLua
import CLuaShim
import Interface
import LuaVM
import Torch

/// A Lua value (a hook, a backward function) that the autograd graph needs.
///
/// The value lies in a Lua table, its holder. While anything but Lua can reach the tensor the value is kept for, the
/// registry holds the holder. Once the tensor's userdata alone owns it, the holder lies in that userdata's user value,
/// where Lua's collector sees a cycle through the value and its tensor. Should the userdata go while something else has
/// taken hold of the tensor since, the holder's finalizer brings it back to the registry.
final class KeptValue {
  private weak var owner: Binding?
  private unowned(unsafe) let binding: Binding
  fileprivate let id: Int
  private weak var tensor: Tensor?
  private weak var node: Node?
  private let tensorAddress: UnsafeMutableRawPointer?
  private let nodeAddress: UnsafeMutableRawPointer?
  /// The registry's reference to the holder; LUA_NOREF while the userdata has it.
  private var reference: Int32 = LUA_NOREF

  /// Keeps the value at `index`.
  /// - Parameters:
  ///   - tensor: whose owner owns this object, so that a userdata of it may take the value over.
  ///   - node: the operation that owns this object, where it is not the tensor itself.
  init(_ binding: Binding, _ L: OpaquePointer, _ index: Int32, tensor: Tensor?, node: Node? = nil) throws {
    self.binding = binding
    owner = binding
    self.tensor = tensor
    self.node = node
    tensorAddress = tensor.map { Unmanaged.passUnretained($0).toOpaque() }
    nodeAddress = node.map { Unmanaged.passUnretained($0).toOpaque() }
    binding.keptCount += 1
    id = binding.keptCount
    let index = lua_absindex(L, index)
    try binding.check(qlua_pcreatetable(L, 3, 0), L)
    lua_pushvalue(L, index)
    try binding.check(qlua_prawseti(L, -2, Slot.value), L)
    lua_pushinteger(L, Int64(id))
    try binding.check(qlua_prawseti(L, -2, Slot.id), L)
    try binding.prepareKeeping(L)
    qlua_getref(L, binding.holderMetatable)
    _ = lua_setmetatable(L, -2)
    qlua_getref(L, binding.holders)
    lua_pushvalue(L, -2)
    lua_pushboolean(L, 1)
    try binding.check(qlua_prawset(L, -3), L)
    qlua_pop(L, 1)
    try binding.check(qlua_pref(L, &reference), L)
    binding.keptValues[id] = WeakKeptValue(value: self)
  }

  private enum Slot {
    static let value: Int64 = 1
    static let id: Int64 = 2
    static let userdata: Int64 = 3
  }

  /// Pushes the value. Stack: -0 +1.
  func push(on L: OpaquePointer) throws {
    if !qlua_checkstack(L, 8) { throw TorchError.runtime("stack overflow") }
    guard pushHolder(on: L) else { throw TorchError.runtime("a function that the graph needs is gone") }
    lua_rawgeti(L, -1, Slot.value)
    qlua_remove(L, -2)
  }

  /// Calls the value, a function.
  func call(_ arguments: [Value]) throws -> Value {
    let L = binding.current
    try push(on: L)
    return try binding.callTop(L, arguments)
  }

  private func pushHolder(on L: OpaquePointer) -> Bool {
    if reference != LUA_NOREF {
      qlua_getref(L, reference)
      return true
    }
    let top = lua_gettop(L)
    if let tensor, qlua_pushexisting(L, Unmanaged.passUnretained(tensor).toOpaque()) {
      if lua_getiuservalue(L, -1, 1) == LUA_TTABLE {
        lua_rawgeti(L, -1, Int64(id))
        if lua_type(L, -1) == LUA_TTABLE {
          lua_rotate(L, top + 1, 1)
          lua_settop(L, top + 1)
          return true
        }
      }
      lua_settop(L, top)
    }
    // The userdata is gone and the finalizer has not run yet.
    qlua_getref(L, binding.holders)
    lua_pushnil(L)
    while lua_next(L, top + 1) != 0 {
      qlua_pop(L, 1)
      lua_rawgeti(L, -1, Slot.id)
      let found = lua_tointegerx(L, -1, nil) == Int64(id)
      qlua_pop(L, 1)
      if found {
        lua_rotate(L, top + 1, 1)
        lua_settop(L, top + 1)
        return true
      }
    }
    lua_settop(L, top)
    return false
  }

  /// Whether the tensor still stands where it stood when the value was kept.
  private var isInPlace: Bool {
    guard let tensor else { return false }
    return nodeAddress == nil ? tensor.gradFn == nil : node != nil && tensor.gradFn === node
  }

  /// Whether the tensor's userdata is all that owns it.
  private var isLuasAlone: Bool {
    guard isInPlace, let tensorAddress, hasOneOwner(tensorAddress, Tensor.self) else { return false }
    return nodeAddress.map { hasOneOwner($0, Node.self) } ?? true
  }

  /// Gives the holder to the tensor's userdata where nothing else owns the tensor.
  fileprivate func handOver(on L: OpaquePointer) throws {
    guard reference != LUA_NOREF, isLuasAlone, let tensorAddress, qlua_checkstack(L, 8), qlua_pushexisting(L, tensorAddress) else { return }
    let top = lua_gettop(L)
    defer { lua_settop(L, top - 1) }
    qlua_getref(L, reference)
    lua_pushvalue(L, top)
    try binding.check(qlua_prawseti(L, -2, Slot.userdata), L)
    try binding.pushUserTable(top, on: L)
    lua_pushvalue(L, -2)
    try binding.check(qlua_prawseti(L, -2, Int64(id)), L)
    qlua_unref(L, reference)
    reference = LUA_NOREF
  }

  /// Takes back the holder at index 1, whose userdata is going, unless the tensor goes as well.
  fileprivate func takeBack(on L: OpaquePointer) throws {
    guard reference == LUA_NOREF, tensor == nil || !isLuasAlone else { return }
    lua_rawgeti(L, 1, Slot.userdata)
    qlua_recall(L, -1)
    qlua_pop(L, 1)
    lua_pushnil(L)
    try binding.check(qlua_prawseti(L, 1, Slot.userdata), L)
    // A finalized table is finalized again only when its metatable is set again.
    qlua_getref(L, binding.holderMetatable)
    _ = lua_setmetatable(L, 1)
    lua_pushvalue(L, 1)
    try binding.check(qlua_pref(L, &reference), L)
  }

  deinit {
    // The library may have been closed before its tensors went.
    guard let binding = owner else { return }
    binding.keptValues[id] = nil
    if reference != LUA_NOREF && !binding.state.isClosed { qlua_unref(binding.state.pointer, reference) }
  }
}

/// Whether one owner alone holds the object at an address.
@inline(never)
private func hasOneOwner<T: AnyObject>(_ address: UnsafeMutableRawPointer, _ type: T.Type) -> Bool {
  var address = address
  return withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: T.self, capacity: 1) { isKnownUniquelyReferenced(&$0.pointee) }
  }
}

/// A kept value that lives as long as its owner.
struct WeakKeptValue {
  weak var value: KeptValue?
}

extension Binding {
  /// Makes the metatable of holders and the sentinel that tells of each cycle of Lua's collector.
  fileprivate func prepareKeeping(_ L: OpaquePointer) throws {
    if holderMetatable == LUA_NOREF {
      holders = try weakTable(L)
      holderMetatable = try finalizing(L) { [unowned self] frame in
        lua_rawgeti(frame.L, 1, 2)
        let id = Int(lua_tointegerx(frame.L, -1, nil))
        try keptValues[id]?.value?.takeBack(on: frame.L)
        return 0
      }
      sentinelMetatable = try finalizing(L) { [unowned self] frame in
        for kept in keptValues.values { try kept.value?.handOver(on: frame.L) }
        hasSentinel = false
        if !keptValues.isEmpty { try makeSentinel(frame.L) }
        return 0
      }
    }
    if !hasSentinel { try makeSentinel(L) }
  }

  /// Lets the finalizers rest: the state is going to be closed without this library.
  func stopKeeping() {
    let L = state.pointer
    for metatable in [holderMetatable, sentinelMetatable] where metatable != LUA_NOREF {
      qlua_getref(L, metatable)
      lua_pushnil(L)
      _ = qlua_prawsetfield(L, -2, "__gc")
      qlua_pop(L, 1)
    }
  }

  private func makeSentinel(_ L: OpaquePointer) throws {
    try check(qlua_pcreatetable(L, 0, 0), L)
    qlua_getref(L, sentinelMetatable)
    _ = lua_setmetatable(L, -2)
    qlua_pop(L, 1)
    hasSentinel = true
  }

  private func finalizing(_ L: OpaquePointer, _ body: @escaping (LuaFrame) throws -> Int) throws -> Int32 {
    try check(qlua_pcreatetable(L, 0, 1), L)
    try push(function: NativeFunction(self, body), on: L)
    try check(qlua_prawsetfield(L, -2, "__gc"), L)
    var reference: Int32 = 0
    try check(qlua_pref(L, &reference), L)
    return reference
  }

  private func weakTable(_ L: OpaquePointer) throws -> Int32 {
    try check(qlua_pcreatetable(L, 0, 0), L)
    try check(qlua_pcreatetable(L, 0, 1), L)
    try push(text: "k", on: L)
    try check(qlua_prawsetfield(L, -2, "__mode"), L)
    _ = lua_setmetatable(L, -2)
    var reference: Int32 = 0
    try check(qlua_pref(L, &reference), L)
    return reference
  }
}
