import LuaVM
import Testing

@Suite struct RecursionTests {
  /// A state with `apply(f, …)`, which calls back into Lua from Swift.
  func makeState() throws -> LuaState {
    let state = try LuaState()
    try state.register("apply") { [unowned state] context in
      try context.results(state.call(context[1], context.arguments.dropFirst().map { $0 }))
    }
    return state
  }

  @Test func recursionInLua() throws {
    let state = try makeState()
    let error = try #require(luaError { try state.run("local function f() return 1 + f() end f()", chunkName: "=c") })
    #expect(error.message.contains("stack overflow"))
    #expect(error.traceback?.contains("...") == true)
    #expect(try state.run("return 1") == [1])
  }

  @Test func recursionThroughSwift() throws {
    let state = try makeState()
    for source in [
      "local function f() apply(f) end f()",
      "local function f() return pcall(apply, f) and error('again') or error('more') end f()",
      "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return apply(function() return t[k] end) end return t.x",
      "local function f() coroutine.wrap(function() apply(f) end)() end f()",
      "local function f() for _ in coroutine.wrap(function() f() end) do end end f()",
      "local f f = function() string.gsub('x', 'x', function() apply(f) end) end f()",
      "local f f = function() table.sort({1, 2, 3}, function() apply(f) end) end f()",
      "local t t = setmetatable({}, {__tostring = function() return tostring(t) end}) tostring(t)",
    ] {
      let error = try #require(luaError { try state.run(source) }, "\(source)")
      #expect(error.message.contains("stack overflow") || error.message.contains("again") || error.message.contains("more")
        || error.message.contains("error in error handling"), "\(source): \(error.message)")
      #expect(try state.run("return apply(function(x) return x end, 7)") == [7])
    }
  }

  @Test func recursionInsideClosers() throws {
    let state = try makeState()
    _ = luaError {
      try state.run("""
        local function f()
          local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() f() end}) coroutine.yield() end)
          coroutine.resume(co) coroutine.close(co)
        end
        f()
        """)
    }
    #expect(try state.run("return apply(function(x) return x end, 7)") == [7])
  }

  @Test func aSmallMachineStackIsEnough() {
    // 200 levels, which Lua's own count allows, would need three times this stack.
    onThread(stackSize: 512 << 10) {
      do {
        let state = try LuaState()
        try state.register("big") { [unowned state] context in
          try onLargeFrames(8) { try context.results(state.call(context[1])) }
        }
        let error = luaError { try state.run("local function f() big(f) end f()") }
        #expect(error?.message.contains("C stack overflow") == true)
        #expect(try state.run("return big(function() return 7 end)") == [7])
        let inside = luaError { try state.run("local function f() coroutine.wrap(function() big(f) end)() end f()") }
        #expect(inside?.message.contains("C stack overflow") == true)
      } catch {
        Issue.record(error)
      }
    }
  }

  @Test func deepDataIsNoRecursion() throws {
    let state = try makeState()
    let error = luaError { _ = try state.load("return " + String(repeating: "(", count: 10_000), chunkName: "=c") }
    #expect(error?.message.contains("overflow") == true || error?.message.contains("too many") == true)
    try state.run("local t = {} for i = 1, 1000000 do t = {t} end t = nil collectgarbage()")
  }
}

/// Calls `body` under frames of a kilobyte each.
@inline(never)
private func onLargeFrames(_ count: Int, _ body: () throws -> Int) throws -> Int {
  try withUnsafeTemporaryAllocation(byteCount: 1000, alignment: 16) { bytes in
    bytes.initializeMemory(as: UInt8.self, repeating: UInt8(truncatingIfNeeded: count))
    let result = count == 0 ? try body() : try onLargeFrames(count - 1, body)
    return bytes[count] == UInt8(truncatingIfNeeded: count) ? result : -1
  }
}
