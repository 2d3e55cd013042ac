import CLuaShim

/// The interrupt of the whole program, as Ctrl-C gives it.
public enum LuaInterrupt {
  /// Ends the Lua code that runs now, in every state, with the error "interrupted!", until `clear` is called. May be
  /// called from a signal handler and from any thread.
  public static func request() { qlua_interrupt() }
  /// Ends the interrupt. Called when the outermost call has returned.
  public static func clear() { qlua_clear_interrupt() }
  /// Whether an interrupt was requested and not cleared.
  public static var isRequested: Bool { qlua_is_interrupted() }
}

extension LuaState {
  /// Has a Ctrl-C that ends a command of `os.execute` end the code that runs, too; in `lua` it ends the command alone.
  public func interruptWithCommands() throws(LuaError) {
    try Stack.check(qlua_interrupt_with_commands(pointer), pointer, anchor)
  }

  /// Ends the Lua code that runs in this state with the error "interrupted!", until `clearInterrupt` is called. May be
  /// called from any thread while the state is open.
  public func interrupt() { qlua_interrupt_state(pointer) }
  /// Ends the interrupt of this state.
  public func clearInterrupt() { qlua_clear_interrupt_state(pointer) }
  /// Whether this state or the whole program is interrupted.
  public var isInterrupted: Bool { qlua_state_is_interrupted(pointer) }
}
