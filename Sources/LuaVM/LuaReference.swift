import CLua
import CLuaShim

/// What references know of their state: its pointer until it closes.
final class StateAnchor {
  var pointer: OpaquePointer?

  init(_ pointer: OpaquePointer) { self.pointer = pointer }
}

/// Keeps a Lua table, function, userdata or coroutine alive from outside. For hosts only: an object that Lua owns must
/// not hold one, or a cycle through it is never collected. Once the state is closed the reference refers to nothing.
/// Like the state, it is used by one thread at a time.
public final class LuaReference: @unchecked Sendable {
  let anchor: StateAnchor
  let index: Int32
  /// The type of the value.
  public let type: LuaType
  /// The value's address, which tells it from all others that are alive. Not for reading from.
  public let address: UnsafeRawPointer?

  init(anchor: StateAnchor, index: Int32, type: LuaType, address: UnsafeRawPointer?) {
    self.anchor = anchor
    self.index = index
    self.type = type
    self.address = address
  }

  deinit {
    if let state = anchor.pointer { qlua_unref(state, index) }
  }
}

extension LuaReference: Hashable {
  /// Whether both refer to the same Lua value.
  public static func == (left: LuaReference, right: LuaReference) -> Bool {
    left === right || (left.anchor === right.anchor && left.type == right.type && left.address == right.address)
  }

  /// Agrees with `==`.
  public func hash(into hasher: inout Hasher) { hasher.combine(address) }
}
