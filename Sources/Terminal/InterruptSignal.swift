import Glibc
import LuaVM

/// What Ctrl-C does.
public enum InterruptSignal {
  /// Makes SIGINT end the Lua that runs. With `onlyOnce` a second one ends the program, as with `lua`.
  public static func install(onlyOnce: Bool) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in LuaInterrupt.request() }
    sigemptyset(&action.sa_mask)
    // Not restarting calls lets a read that waits be interrupted.
    action.sa_flags = onlyOnce ? Int32(bitPattern: UInt32(SA_RESETHAND)) : 0
    sigaction(SIGINT, &action, nil)
  }
}
