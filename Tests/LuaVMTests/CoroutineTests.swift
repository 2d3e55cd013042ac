import CLua
import LuaVM
import Testing

@Suite struct CoroutineTests {
  let state: LuaState
  let live = LiveCount()

  init() throws {
    state = try LuaState()
    let live = live
    try state.register("fail") { _ in throw CountedError(object: Counted(live), luaMessage: "failed") }
    try state.register("apply") { [unowned state] context in
      try context.results(state.call(context[1], context.arguments.dropFirst().map { $0 }))
    }
    try state.register("onMainThread") { [unowned state] context in
      try context.results(.boolean(context.pointer == state.pointer), .boolean(state.current == context.pointer))
    }
  }

  @Test func callbacksRunOnTheirCoroutine() throws {
    #expect(try state.run("return onMainThread()") == [true, true])
    #expect(try state.run("return coroutine.wrap(function() return onMainThread() end)()") == [false, true])
    #expect(try state.run("return select(2, coroutine.resume(coroutine.create(onMainThread)))") == [false, true])
    #expect(try state.run("coroutine.wrap(function() end)() return onMainThread()") == [true, true])
  }

  @Test func errorsInCoroutines() throws {
    #expect(try state.run("return coroutine.resume(coroutine.create(fail))") == [false, "failed"])
    #expect(try state.run("""
      local co = coroutine.create(function() coroutine.yield(1) fail() end)
      local _, first = coroutine.resume(co)
      local ok, message = coroutine.resume(co)
      return first, ok, message, coroutine.status(co), coroutine.resume(co)
      """, chunkName: "=c") == [1, false, "c:1: failed", "dead", false, "cannot resume dead coroutine"])
    let error = luaError { try state.run("local f = coroutine.wrap(function() fail() end)\nf()", chunkName: "=c") }
    #expect(error?.message == "c:2: c:1: failed")
    #expect(live.value == 0)
  }

  @Test func manyErrorsInCoroutinesLeakNothing() throws {
    try state.run("""
      for i = 1, 10000 do assert(not coroutine.resume(coroutine.create(fail))) end
      for i = 1, 10000 do assert(not pcall(coroutine.wrap(function() coroutine.yield(fail()) end))) end
      """)
    #expect(live.value == 0)
  }

  @Test func theLibraryDoesWhatLuasDoes() throws {
    let results = try state.run("""
      local function generate(n) for i = 1, n do coroutine.yield(i, -i) end return "end" end
      local co = coroutine.create(generate)
      local log = {}
      for _ = 1, 4 do log[#log + 1] = table.concat({tostring(select(2, coroutine.resume(co, 2)))}, ",") end
      local sum = 0
      for a, b in coroutine.wrap(function() for i = 1, 10 do coroutine.yield(i, i) end end) do sum = sum + a + b end
      return log[1], log[2], log[3], log[4], sum, coroutine.status(co)
      """)
    #expect(results == ["1", "2", "end", "cannot resume dead coroutine", 110, "dead"])
    #expect(try state.run("return pcall(coroutine.resume, 1)")
      == [false, "bad argument #1 to 'coroutine.resume' (thread expected, got number)"])
    #expect(try state.run("return pcall(coroutine.wrap, 1)")[0] == false)
    #expect(try state.run("return coroutine.resume(coroutine.running())")
      == [false, "cannot resume non-suspended coroutine"])
    #expect(try state.run("local co co = coroutine.wrap(function() co() end) return pcall(co)")[0] == false)
    #expect(try state.run("local t = {} for i = 1, 200 do t[i] = i end return select('#', coroutine.wrap(function(...) return ... end)(table.unpack(t)))")
      == [200])
  }

  @Test func closingRunsPendingClosers() throws {
    #expect(try state.run("""
      local log = {}
      local function body() local x <close> = setmetatable({}, {__close = function() log[#log + 1] = "closed" end}) coroutine.yield() end
      local co = coroutine.create(body) coroutine.resume(co)
      local ok = coroutine.close(co)
      local bad = coroutine.create(function() local x <close> = setmetatable({}, {__close = fail}) coroutine.yield() end)
      coroutine.resume(bad)
      local ok2, message = coroutine.close(bad)
      return ok, log[1], coroutine.status(co), ok2, message, coroutine.close(coroutine.create(print))
      """) == [true, "closed", "dead", false, "failed", true])
    #expect(try state.run("return pcall(coroutine.close, coroutine.running())")
      == [false, "cannot close a running coroutine"])
    #expect(try state.run("""
      local outer = coroutine.running()
      return coroutine.wrap(function() return pcall(coroutine.close, outer) end)()
      """) == [false, "cannot close a normal coroutine"])
    #expect(live.value == 0)
  }

  @Test func wrapRaisesTheErrorOfItsClosers() throws {
    #expect(try state.run("""
      return pcall(coroutine.wrap(function()
        local x <close> = setmetatable({}, {__close = function() error("closing", 0) end})
        error("body", 0)
      end))
      """) == [false, "closing"])
  }

  @Test func yieldingAcrossSwiftIsAnError() throws {
    let error = luaError { try state.run("coroutine.wrap(function() apply(coroutine.yield, 1) end)()") }
    #expect(error?.message.contains("attempt to yield across a C-call boundary") == true)
    #expect(luaError { try state.run("coroutine.yield()") }?.message == "attempt to yield from outside a coroutine")
  }

  @Test func yieldingAroundSwiftWorks() throws {
    #expect(try state.run("""
      local f = coroutine.wrap(function() local ok, v = pcall(function() return coroutine.yield(apply(function() return 5 end)) end) return ok, v end)
      return f(), f(6)
      """) == [5, true, 6])
  }

  @Test func coroutinesInsideSwiftInsideCoroutines() throws {
    #expect(try state.run("""
      local function nest(n)
        if n == 0 then return "bottom" end
        return apply(function() return coroutine.wrap(function() return nest(n - 1) end)() end)
      end
      return nest(20)
      """) == ["bottom"])
  }
}
