import CLua
import CLuaShim

/// A Lua interpreter with the standard libraries. Used by one thread at a time. A Lua error never crosses Swift code:
/// whatever may raise is called through `CLuaShim` and comes back as a `LuaError`.
///
/// Swift closures given to a state must not hold it strongly (`CallContext.state` is there for them), or neither is ever
/// freed.
public final class LuaState: @unchecked Sendable {
  /// The main thread of the state. Code that runs inside a callback works on `CallContext.pointer`.
  public let pointer: OpaquePointer
  let anchor: StateAnchor
  private var warningReceiver: ((String) -> Void)?

  /// What `lua -v` says of the interpreter: its release and its authors.
  public static var copyright: String { String(cString: qlua_copyright()) }

  /// Where `require` looks unless `LUA_PATH` says otherwise.
  public static var defaultPath: String { String(cString: qlua_default_path()) }

  /// Opens a state. `memoryLimit` is the most bytes Lua's own values may take (0: no limit); with `ignoresEnvironment`,
  /// `LUA_PATH` and `LUA_CPATH` do not count. Throws when memory is short.
  public init(memoryLimit: Int = 0, ignoresEnvironment: Bool = false) throws(LuaError) {
    guard let pointer = qlua_newstate(max(memoryLimit, 0), ignoresEnvironment) else {
      throw LuaError(kind: .memory, message: "not enough memory", value: .string("not enough memory"))
    }
    self.pointer = pointer
    anchor = StateAnchor(pointer)
    qlua_sethost(pointer, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Runs all finalizers and frees what Lua owns.
  deinit { close() }

  /// Closes the state before its time: runs all finalizers and frees what Lua owns. Nothing may be asked of it afterwards, nor
  /// may a call be under way.
  public func close() {
    guard anchor.pointer != nil else { return }
    anchor.pointer = nil
    qlua_close(pointer)
  }

  /// Whether it is closed, or closing: objects that Lua owned may go when nothing can be asked of it any more.
  public var isClosed: Bool { anchor.pointer == nil }

  /// The state that a Lua thread belongs to; nil if it was not made by this class.
  public static func of(_ pointer: OpaquePointer) -> LuaState? {
    qlua_host(pointer).map { Unmanaged<LuaState>.fromOpaque($0).takeUnretainedValue() }
  }

  /// The thread whose code runs now: the coroutine that has called back, or the main one.
  public var current: OpaquePointer { qlua_current(pointer) }

  /// Bytes that Lua's own values take: tables, strings, functions, userdata; not what userdata point to.
  public var memoryInUse: Int { qlua_memory_in_use(pointer) }

  /// The most bytes Lua's own values may take; 0: no limit. Beyond it Lua's "not enough memory" is thrown.
  public func setMemoryLimit(_ bytes: Int) { qlua_set_memory_limit(pointer, max(bytes, 0)) }

  /// Makes Lua's collector heed memory it does not see: `liveBytes` is read after each callback. It must stay valid as
  /// long as the state.
  public func setMemoryGauge(_ liveBytes: UnsafePointer<Int>?) { qlua_set_memory_gauge(pointer, liveBytes) }

  /// A full collection with all finalizers. Returns false inside a finalizer, where Lua cannot collect.
  @discardableResult
  public func collect() -> Bool { qlua_gc_collect(current) }

  /// Whether the collector runs by itself. Setting it to false makes it rest; the memory gauge still collects.
  public var isCollecting: Bool {
    get { qlua_gc_isrunning(current) }
    set { if newValue { qlua_gc_restart(current) } else { qlua_gc_stop(current) } }
  }

  /// Makes the collector rest while something is measured, or ends that: it heeds the memory gauge alone, as early as it
  /// would without the measurement, so that memory is used again while it is in the processor's cache.
  public func setMeasuring(_ begins: Bool) { qlua_gc_measure(current, begins) }

  /// How many userdata own a Swift object now.
  public var objectCount: Int { qlua_object_count(pointer) }

  /// Sends Lua's warnings (`warn`, and errors in finalizers) to `receiver`, which must not use the state. `enabled` is
  /// the switch's state until the code says `warn("@on")` or `warn("@off")`.
  public func onWarning(enabled: Bool = true, _ receiver: @escaping (String) -> Void) {
    warningReceiver = receiver
    qlua_set_warning(
      pointer,
      { context, message, length in
        guard let context, let message else { return }
        let bytes = UnsafeRawBufferPointer(start: message, count: length)
        let state = Unmanaged<LuaState>.fromOpaque(context).takeUnretainedValue()
        state.warningReceiver?(String(decoding: bytes, as: UTF8.self))
      }, Unmanaged.passUnretained(self).toOpaque(), enabled)
  }
}
