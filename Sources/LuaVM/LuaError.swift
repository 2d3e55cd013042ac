import CLua
import CLuaShim

/// An error raised in Lua, or by the embedding itself.
public struct LuaError: Error, CustomStringConvertible {
  /// What kind of failure it was.
  public enum Kind: Sendable {
    /// An error while running, raised by the code or by a function it called.
    case runtime
    /// The source text is not Lua.
    case syntax
    /// Lua's memory ran out.
    case memory
    /// An error while handling another error.
    case handler
  }

  /// The kind of failure.
  public let kind: Kind
  /// The error value as text: a string as it is, an object through its `__tostring`.
  public let message: String
  /// Lua's traceback of the place where it was raised, starting with "stack traceback:"; nil where none was taken.
  public let traceback: String?
  /// The error value itself.
  public let value: LuaValue
  /// True when more input could make the source text whole: its syntax error is at the end of the text.
  public let isIncomplete: Bool
  /// True when the error is the one that an interrupt raises.
  public let isInterrupt: Bool

  /// An error of the host's own making; throwing it out of a callback raises `message` as it is.
  public init(message: String) {
    self.init(kind: .runtime, message: message, value: .string(message))
  }

  /// An error of the host's own making with any Lua value; throwing it out of a callback raises the value.
  public init(value: LuaValue, message: String) {
    self.init(kind: .runtime, message: message, value: value)
  }

  init(kind: Kind, message: String, value: LuaValue, traceback: String? = nil, isInterrupt: Bool = false) {
    self.kind = kind
    self.message = message
    self.value = value
    self.traceback = traceback
    self.isIncomplete = kind == .syntax && message.hasSuffix("<eof>")
    self.isInterrupt = isInterrupt
  }

  /// The message.
  public var description: String { message }
}

/// A Swift error that says itself what Lua shows. The message gets the caller's "file:line: " before it. Other errors
/// show their description.
public protocol LuaRaisable: Error {
  /// The sentence, without a position.
  var luaMessage: String { get }
}

extension LuaError {
  static let interruptMessage = "interrupted!"

  /// Pops the error value that a failed call has left on top.
  static func take(from L: OpaquePointer, status: Int32, anchor: StateAnchor, traceback: String? = nil) -> LuaError {
    let kind: Kind =
      switch status {
      case LUA_ERRSYNTAX: .syntax
      case LUA_ERRMEM: .memory
      case LUA_ERRERR: .handler
      default: .runtime
      }
    let value = (try? Stack.value(at: -1, of: L, anchor: anchor)) ?? .nil
    let message = messageOfTop(L)
    lua_settop(L, -2)
    return LuaError(
      kind: kind, message: message, value: value, traceback: traceback,
      isInterrupt: qlua_state_is_interrupted(L) && (kind == .handler || message.hasSuffix(interruptMessage)))
  }

  /// The text of the value on top, which stays there.
  private static func messageOfTop(_ L: OpaquePointer) -> String {
    if lua_type(L, -1) == LUA_TSTRING { return Stack.text(at: -1, of: L) }
    let isPlain = qlua_pgetmetafield(L, -1, "__tostring") != LUA_OK || lua_type(L, -1) == LUA_TNIL
    lua_settop(L, -2)
    if isPlain && lua_type(L, -1) != LUA_TNUMBER {
      return "(error object is a \(String(cString: lua_typename(L, lua_type(L, -1)))) value)"
    }
    defer { lua_settop(L, -2) }
    _ = qlua_ptolstring(L, -1)  // if it fails, the message of that failure says why there is no better one
    return Stack.text(at: -1, of: L)
  }
}
