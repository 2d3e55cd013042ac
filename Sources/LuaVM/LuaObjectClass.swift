import CLua
import CLuaShim

/// A class of Swift objects that Lua sees as userdata. One object has one userdata, which retains it until collected.
public struct LuaObjectClass<Object: AnyObject> {
  /// The name scripts see.
  public let name: String
  /// The id the shim knows the class by.
  public let id: UInt32
  private let anchor: StateAnchor
  private let metatableReference: LuaReference

  /// Makes the class in a state. `name` is its `__name`.
  public init(_ name: String, in state: LuaState) throws(LuaError) {
    self.name = name
    anchor = state.anchor
    (id, metatableReference) = try state.onStack { (L) throws(LuaError) in
      let id = qlua_newclass(L, name) { pointer in
        if let pointer { Unmanaged<AnyObject>.fromOpaque(pointer).release() }
      }
      if id == 0 { throw LuaError.take(from: L, status: LUA_ERRMEM, anchor: state.anchor) }
      return (id, try Stack.reference(at: -1, of: L, type: .table, anchor: state.anchor))
    }
  }

  /// The metatable, to be filled. It has `__name`.
  public var metatable: LuaReference { metatableReference }

  /// The userdata of an object.
  public func value(_ object: Object, in state: LuaState) throws(LuaError) -> LuaValue {
    try state.onStack { (L) throws(LuaError) in
      try Stack.check(qlua_pushobject(L, retained(object), id), L, anchor)
      return try Stack.value(at: -1, of: L, anchor: anchor)
    }
  }

  /// The object of a value; nil if it is no object of this class.
  public func object(_ value: LuaValue, in state: LuaState) throws(LuaError) -> Object? {
    try state.onStack { (L) throws(LuaError) in
      try Stack.push(value, on: L, anchor: anchor)
      return object(at: -1, of: L)
    }
  }

  /// Argument `index` of a callback as an object of this class.
  public func argument(_ index: Int, of context: CallContext) throws -> Object {
    guard let object = object(at: Int32(index), of: context.pointer) else {
      throw context.badType(index, name)
    }
    return object
  }

  /// For the end of a callback: `return objects.result(object, of: context)` makes the object its one result.
  public func result(_ object: Object, of context: CallContext) -> Int {
    Int(qlua_return_object(context.pointer, retained(object), id))
  }

  private func retained(_ object: Object) -> UnsafeMutableRawPointer {
    Unmanaged<AnyObject>.passRetained(object).toOpaque()
  }

  private func object(at index: Int32, of L: OpaquePointer) -> Object? {
    var found: UInt32 = 0
    guard let pointer = qlua_toobject(L, index, &found), found == id else { return nil }
    return Unmanaged<Object>.fromOpaque(pointer).takeUnretainedValue()
  }
}
