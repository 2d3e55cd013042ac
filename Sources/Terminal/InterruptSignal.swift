import Glibc
import LuaVM

/// What Ctrl-C does.
public enum InterruptSignal {
  /// Makes SIGINT end the Lua that runs. With `onlyOnce` a second one ends the program, as with `lua`.
  public static func install(onlyOnce: Bool) {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in LuaInterrupt.request() }
    sigemptyset(&action.sa_mask)
    giveSignalsTheirOwnStack()
    // Not restarting calls lets a read that waits be interrupted.
    action.sa_flags = SA_ONSTACK | (onlyOnce ? Int32(bitPattern: UInt32(SA_RESETHAND)) : 0)
    sigaction(SIGINT, &action, nil)
  }

  /// Lets handlers run on memory of their own. The matrix kernels that oneDNN generates use the stack pointer as one more
  /// register; a handler that ran there would write into their operands.
  private static func giveSignalsTheirOwnStack() {
    var present = stack_t()
    if sigaltstack(nil, &present) == 0, present.ss_sp != nil, present.ss_size >= stackSize { return }
    // Kept until the program ends: a signal may come at any time.
    var stack = stack_t(ss_sp: malloc(stackSize), ss_flags: 0, ss_size: stackSize)
    if stack.ss_sp != nil { sigaltstack(&stack, nil) }
  }

  /// Bytes of the handlers' stack: the processor's vector registers are saved there, too.
  private static let stackSize = 256 << 10
}
