import Glibc
import LuaVM

/// Interrupts a state's Lua after a while, unless it is cancelled before.
final class LuaAlarm {
  /// What the thread that waits shares with the one that cancels.
  // The mutex guards `isOver`; the state is used only to interrupt it, which any thread may do while it is open.
  private final class Shared: @unchecked Sendable {
    var mutex = pthread_mutex_t()
    var condition = pthread_cond_t()
    var isOver = false
    let lua: LuaState
    var deadline = timespec()

    init(_ lua: LuaState) {
      self.lua = lua
      pthread_mutex_init(&mutex, nil)
      pthread_cond_init(&condition, nil)
    }

    func wait() {
      pthread_mutex_lock(&mutex)
      while !isOver {
        if pthread_cond_timedwait(&condition, &mutex, &deadline) == ETIMEDOUT { break }
      }
      if !isOver { lua.interrupt() }
      isOver = true
      pthread_mutex_unlock(&mutex)
    }
  }

  private let shared: Shared
  private var thread = pthread_t()

  /// An alarm that rings after so many seconds; nil where the system has no thread for it.
  init?(after seconds: Double, of lua: LuaState) {
    shared = Shared(lua)
    clock_gettime(CLOCK_REALTIME, &shared.deadline)
    let whole = min(seconds, 1e9).rounded(.down)
    shared.deadline.tv_sec += Int(whole)
    shared.deadline.tv_nsec += Int((min(seconds, 1e9) - whole) * 1e9)
    if shared.deadline.tv_nsec >= 1_000_000_000 {
      shared.deadline.tv_sec += 1
      shared.deadline.tv_nsec -= 1_000_000_000
    }
    let context = Unmanaged.passRetained(shared)
    let status = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Shared>.fromOpaque(context).takeRetainedValue().wait()
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      context.release()
      return nil
    }
  }

  /// Waits for its thread, which rings no more.
  func cancel() {
    pthread_mutex_lock(&shared.mutex)
    let hasRung = shared.isOver
    shared.isOver = true
    pthread_cond_signal(&shared.condition)
    pthread_mutex_unlock(&shared.mutex)
    if thread != 0 { pthread_join(thread, nil) }
    thread = 0
    if hasRung { shared.lua.clearInterrupt() }
  }
}
