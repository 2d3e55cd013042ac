import LuaVM
import Testing

@Suite struct CallbackErrorTests {
  let state: LuaState
  let live = LiveCount()

  init() throws {
    state = try LuaState()
    let live = live
    try state.register("fail") { context in
      throw CountedError(object: Counted(live), luaMessage: try context[1].text ?? "failed")
    }
    try state.register("plain") { _ in throw PlainError.sizeMismatch(2, 3) }
    try state.register("raise") { context in
      let value = try context[1]
      throw LuaError(value: value, message: "raised")
    }
    try state.register("apply") { [unowned state] context in
      try context.results(state.call(context[1], context.arguments.dropFirst().map { $0 }))
    }
    try state.register("swallow") { [unowned state] context in
      let error = luaError { try state.call(context.function(1)) }
      return try context.results(error.map { .string($0.message) } ?? .nil)
    }
  }

  @Test func tenThousandErrorsLeakNothing() throws {
    let before = live.value
    try state.run("""
      for i = 1, 10000 do
        local ok, message = pcall(fail, "n" .. i)
        assert(not ok and message == "n" .. i)
      end
      """)
    #expect(live.value == before)
    let base = state.memoryInUse
    for _ in 0..<10_000 { #expect(luaError { try state.run("fail('out')", chunkName: "=c") }?.message == "c:1: out") }
    state.collect()
    #expect(live.value == before)
    #expect(state.memoryInUse < base + 100_000)
  }

  @Test func messagesGetTheCallersPosition() throws {
    #expect(luaError { try state.run("\n\nfail('bad')", chunkName: "@m.lua") }?.message == "m.lua:3: bad")
    #expect(luaError { try state.run("local x = 1 + plain()", chunkName: "@m.lua") }?.message == "m.lua:1: sizes 2 and 3 differ")
    // Called by a C function there is no position, as with luaL_error.
    #expect(try state.run("return pcall(plain)") == [false, "sizes 2 and 3 differ"])
    let error = luaError { try state.run("fail('bad')", chunkName: "@m.lua") }
    #expect(error?.traceback == "stack traceback:\n\t[C]: in function 'fail'\n\tm.lua:1: in main chunk")
  }

  @Test func anyValueCanBeRaised() throws {
    #expect(try state.run("return pcall(raise, 42)") == [false, 42])
    #expect(try state.run("return pcall(raise, nil)") == [false, .nil])
    #expect(try state.run("local t = {} local ok, e = pcall(raise, t) return e == t") == [true])
    #expect(try state.run("return pcall(raise, 'text')") == [false, "text"])
    let error = luaError { try state.run("raise({code = 7})") }
    #expect(error?.message == "(error object is a table value)")
    #expect(try state.get(try #require(error).value, "code") == 7)
    let shown = luaError { try state.run("error(setmetatable({}, {__tostring = function() return 'shown' end}))") }
    #expect(shown?.message == "shown")
    let broken = luaError { try state.run("error(setmetatable({}, {__tostring = function() error('worse', 0) end}))") }
    #expect(broken?.message == "worse")
    #expect(luaError { try state.run("error()") }?.message == "(error object is a nil value)")
  }

  @Test func errorValuesKeepTheirIdentityThroughSwift() throws {
    #expect(try state.run("""
      local e = {}
      local ok, got = pcall(apply, function() apply(function() error(e) end) end)
      return ok, rawequal(e, got)
      """) == [false, true])
  }

  @Test func positionsAreAddedOnce() throws {
    let error = luaError { try state.run("apply(function()\napply(function() fail('x') end) end)", chunkName: "=c") }
    #expect(error?.message == "c:2: x")
  }

  @Test func tracebacksReachThroughSwift() throws {
    let source = "local function inner() error('deep') end\napply(function() apply(inner) end)"
    let expected = """
      stack traceback:
      \t[C]: in function 'error'
      \tc:1: in function <c:1>
      \t[C]: in function 'apply'
      \tc:2: in function <c:2>
      \t[C]: in function 'apply'
      \tc:2: in main chunk
      """
    #expect(luaError { try state.run(source, chunkName: "=c") }?.traceback == expected)
    // The same message from elsewhere has a traceback of its own.
    let other = luaError { try state.run("error('c:1: deep', 0)", chunkName: "=d") }
    #expect(other?.message == "c:1: deep")
    #expect(other?.traceback == "stack traceback:\n\t[C]: in function 'error'\n\td:1: in main chunk")
  }

  @Test func nestedProtectedCalls() throws {
    #expect(try state.run("""
      local ok, e = pcall(function()
        local ok, e = pcall(fail, 'inner')
        assert(not ok and e == 'inner')
        local inner = swallow(function() error('swallowed', 0) end)
        assert(inner == 'swallowed')
        fail('outer')
      end)
      return ok, e
      """, chunkName: "=c") == [false, "c:6: outer"])
    #expect(try state.run("return xpcall(fail, function(m) return 'handled ' .. m end, 'x')") == [false, "handled x"])
    #expect(live.value == 0)
  }

  @Test func handlersWrittenInLuaAndInC() throws {
    #expect(try state.run("return xpcall(fail, function(m) return {m} end, 'x')").last?.table != nil)
    #expect(try state.run("return select(2, xpcall(fail, debug.traceback, 'x'))", chunkName: "=c").first?.text
      == "x\nstack traceback:\n\t[C]: in function 'fail'\n\t[C]: in function 'xpcall'\n\tc:1: in main chunk")
    #expect(try state.run("return coroutine.wrap(function() return xpcall(coroutine.yield, print, 1) end)()") == [1])
    #expect(try state.run("return pcall(xpcall, print)")[0] == false)
  }

  @Test func errorInAnErrorHandler() throws {
    let results = try state.run("return xpcall(error, function() fail('again') end)")
    #expect(results[0] == false)
    #expect(live.value == 0)
  }

  @Test func errorsInMetamethods() throws {
    try state.run("object = setmetatable({}, {__index = fail, __add = fail, __call = fail, __lt = plain, __len = plain})")
    #expect(luaError { try state.run("return object.x", chunkName: "=c") }?.message == "c:1: failed")
    #expect(luaError { try state.run("return 1 + object", chunkName: "=c") }?.message == "c:1: failed")
    #expect(try state.run("return pcall(function() return object < object end)")[0] == false)
    #expect(luaError { _ = try state.get(state.global("object"), "x") }?.message == "failed")
    #expect(luaError { _ = try state.length(state.global("object")) }?.message == "sizes 2 and 3 differ")
    #expect(live.value == 0)
  }

  @Test func errorsInFinalizersAreWarnings() throws {
    var warnings: [String] = []
    state.onWarning { warnings.append($0) }
    try state.run("for i = 1, 3 do setmetatable({}, {__gc = function() fail('in gc') end}) end")
    state.collect()
    #expect(warnings.count == 3)
    #expect(warnings.allSatisfy { $0.contains("in gc") && $0.contains("__gc") })
    #expect(live.value == 0)
    try state.run("warn('@off') warn('unheard') warn('@on') warn('a', 'b', '\\u{e9}')")
    #expect(warnings.last == "abé" && warnings.count == 4)
  }

  @Test func errorsInClosers() throws {
    #expect(try state.run("""
      local log = {}
      local ok, e = pcall(function()
        local a <close> = setmetatable({}, {__close = function(_, e) log[#log + 1] = e; fail('closing') end})
        local b <close> = setmetatable({}, {__close = function(_, e) log[#log + 1] = e end})
        fail('body')
      end)
      return ok, e, log[1], log[2]
      """, chunkName: "=c") == [false, "c:3: closing", "c:5: body", "c:5: body"])
    #expect(live.value == 0)
  }

  @Test func wrongResultCountsAreErrors() throws {
    try state.register("liar") { _ in 3 }
    try state.register("negative") { _ in -7 }
    try state.register("nothingToReturn") { _ in -2 }
    #expect(try state.run("return pcall(liar)") == [false, "'liar' returned 3 values but pushed 0"])
    #expect(try state.run("return pcall(negative, 1)") == [false, "'negative' returned -7 values but pushed 1"])
    #expect(try state.run("return pcall(nothingToReturn)")[0] == false)
  }

  @Test func argumentErrorsReadAsLuas() throws {
    try state.register("typed") { context in
      _ = try context.integer(1)
      _ = try context.string(2)
      return try context.results(.number(context.number(1)))
    }
    #expect(try state.run("return typed(3.0, 'x')") == [3])
    #expect(luaError { try state.run("typed('x')", chunkName: "=c") }?.message
      == "c:1: bad argument #1 to 'typed' (number expected, got string)")
    #expect(luaError { try state.run("typed(1)", chunkName: "=c") }?.message
      == "c:1: bad argument #2 to 'typed' (string expected, got no value)")
    #expect(luaError { try state.run("typed(1.5)", chunkName: "=c") }?.message
      == "c:1: bad argument #1 to 'typed' (number has no integer representation)")
    #expect(luaError { try state.run("typed(1, io.stdout)", chunkName: "=c") }?.message
      == "c:1: bad argument #2 to 'typed' (string expected, got FILE*)")
  }

  @Test func callbacksFreeWhatTheyCapture() throws {
    let live = live
    do {
      let object = Counted(live)
      try state.register("holds") { context in try context.results(.integer(Int64(object.number))) }
    }
    #expect(live.value == 1)
    try state.run("assert(holds() == 0) holds = nil")
    state.collect()
    try state.run("")
    #expect(live.value == 0)
  }

  @Test func capturesAreFreedOnClose() throws {
    let live = LiveCount()
    do {
      let state = try LuaState()
      let object = Counted(live)
      try state.register("holds") { _ in object.number }
      // Still callable from a finalizer that runs while the state closes.
      try state.run("keep = setmetatable({}, {__gc = function() for i = 1, 10 do holds() end end})")
      #expect(live.value == 1)
    }
    #expect(live.value == 0)
  }
}
