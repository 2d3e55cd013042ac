import CLuaShim
import Glibc
import LuaVM
import Testing

@Suite(.timeLimit(.minutes(2))) struct InterruptTests {
  /// The endless programs that must all end.
  static let endless = [
    "while true do end",
    "repeat until false",
    "local function f() return f() end f()",
    "coroutine.wrap(function() while true do end end)()",
    "local co = coroutine.create(function() while true do end end) while true do coroutine.resume(co) end",
    "while true do coroutine.wrap(function() for i = 1, 1000 do coroutine.yield() end end)() end",
    "while true do pcall(function() while true do end end) end",
    "while true do pcall(pcall, function() pcall(error) while true do end end) end",
    "while true do xpcall(function() while true do end end, function() while true do end end) end",
    "while true do tick() end",
    "while true do pcall(tick) end",
    "apply(function() while true do end end)",
    "while true do pcall(apply, function() while true do pcall(apply, tick) end end) end",
    "coroutine.wrap(function() apply(function() coroutine.wrap(function() while true do end end)() end) end)()",
    "local t = setmetatable({}, {__index = function() while true do end end}) return t.x",
    "local x <close> = setmetatable({}, {__close = function() while true do end end})",
    "local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() while true do end end}) coroutine.yield() end) coroutine.resume(co) coroutine.close(co)",
    "table.sort({3, 2, 1}, function() while true do end end)",
    "for _ in function() return 1 end do end",
    "while true do setmetatable({}, {__gc = function() end}) end",
  ]

  func makeState() throws -> LuaState {
    let state = try LuaState()
    try state.register("tick") { _ in 0 }
    try state.register("apply") { [unowned state] context in try context.results(state.call(context[1])) }
    return state
  }

  /// Interrupts the state from another thread once it runs for a while.
  func interruptSoon(_ state: LuaState, _ body: () throws -> Void) {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(state).toOpaque()
    pthread_create(&thread, nil, { context in
      usleep(30_000)
      if let context { Unmanaged<LuaState>.fromOpaque(context).takeRetainedValue().interrupt() }
      return nil
    }, context)
    do { try body() } catch { Issue.record(error) }
    pthread_join(thread, nil)
  }

  @Test(arguments: endless) func endlessProgramsEnd(source: String) throws {
    let state = try makeState()
    interruptSoon(state) {
      let error = luaError { try state.run(source) }
      #expect(error?.isInterrupt == true, "\(error?.message ?? "no error")")
      #expect(state.isInterrupted)
      state.clearInterrupt()
    }
    #expect(!state.isInterrupted)
    #expect(try state.run("local s = 0 for i = 1, 100000 do s = s + i end return s") == [5_000_050_000])
    #expect(try state.run("return coroutine.wrap(function() return apply(function() return 3 end) end)()") == [3])
  }

  @Test func theErrorTellsItself() throws {
    let state = try makeState()
    interruptSoon(state) {
      let error = luaError { try state.run("while true do end", chunkName: "=c") }
      #expect(error?.isInterrupt == true && error?.message == "interrupted!")
      #expect(error?.traceback == "stack traceback:\n\tc:1: in main chunk")
      state.clearInterrupt()
    }
    #expect(luaError { try state.run("error('interrupted!', 0)") }?.isInterrupt == false)
  }

  @Test func anEarlyInterruptStopsTheNextCall() throws {
    let state = try makeState()
    state.interrupt()
    #expect(luaError { try state.run("while true do end") }?.isInterrupt == true)
    #expect(luaError { try state.run("return 1") }?.isInterrupt == true)
    state.clearInterrupt()
    #expect(try state.run("return 1") == [1])
  }

  @Test func aCallbackCanInterruptItsOwnState() throws {
    let state = try makeState()
    try state.register("stop") { context in
      try context.state.interrupt()
      return 0
    }
    for source in ["while true do stop() end", "coroutine.wrap(function() while true do pcall(stop) end end)()"] {
      #expect(luaError { try state.run(source) }?.message.contains("interrupted!") == true)
      state.clearInterrupt()
    }
  }

  @Test func oneStatesInterruptIsNotAnothers() throws {
    let state = try makeState(), other = try makeState()
    other.interrupt()
    #expect(try state.run("for i = 1, 1000 do tick() end return 1") == [1])
    other.clearInterrupt()
  }

  @Test func manyInterruptsOfOneState() throws {
    let state = try makeState()
    for _ in 0..<20 {
      interruptSoon(state) {
        #expect(luaError { try state.run("while true do pcall(apply, function() for i = 1, 100 do coroutine.wrap(tick)() end end) end") }?
          .message.contains("interrupted!") == true)
        state.clearInterrupt()
      }
    }
  }

  /// The signal of Ctrl-C, in a process of its own: it reaches every state.
  @Test func controlC() async {
    await #expect(processExitsWith: .exitCode(42)) {
      signal(SIGINT) { _ in LuaInterrupt.request() }
      let state = try LuaState()
      for _ in 0..<10 {
        // From a thread that runs no Lua, as the kernel may choose any to handle a signal.
        var thread = pthread_t()
        pthread_create(&thread, nil, { _ in
          // The test runner's threads have signals blocked.
          var signals = sigset_t()
          sigemptyset(&signals)
          sigaddset(&signals, SIGINT)
          pthread_sigmask(SIG_UNBLOCK, &signals, nil)
          usleep(20_000)
          raise(SIGINT)
          return nil
        }, nil)
        let error = luaError { try state.run("while true do pcall(function() while true do end end) end") }
        pthread_join(thread, nil)
        guard error?.isInterrupt == true, LuaInterrupt.isRequested, qlua_is_interrupted() else { exit(1) }
        LuaInterrupt.clear()
        guard try state.run("return 1") == [1], !LuaInterrupt.isRequested else { exit(2) }
      }
      exit(42)
    }
  }

}
