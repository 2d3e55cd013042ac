import CLuaShim
import LuaVM
import Testing

@Suite struct MemoryTests {
  @Test func theGaugeCollects() throws {
    let fixture = try ObjectState()
    let gauge = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    gauge.initialize(to: 0)
    defer { gauge.deallocate() }
    final class Weighty {
      let gauge: UnsafeMutablePointer<Int>
      init(_ gauge: UnsafeMutablePointer<Int>) { self.gauge = gauge; gauge.pointee += 4 << 20 }
      deinit { gauge.pointee -= 4 << 20 }
    }
    let weighty = try LuaObjectClass<Weighty>("Weighty", in: fixture.state)
    var most = 0
    try fixture.state.register("weigh") { context in
      let object = Weighty(gauge)
      most = max(most, gauge.pointee)
      return weighty.result(object, of: context)
    }
    fixture.state.setMemoryGauge(gauge)
    try fixture.state.run("for i = 1, 20000 do local x = weigh() end")
    #expect(most <= 72 << 20, "\(most >> 20) MiB")
    #expect(qlua_forced_collections(fixture.state.pointer) >= 20000 / 18)
    // Also when the code has stopped the collector, and when the objects die in a coroutine.
    try fixture.state.run("collectgarbage('stop') for i = 1, 200 do local x = weigh() end collectgarbage('restart')")
    try fixture.state.run("coroutine.wrap(function() for i = 1, 200 do local x = weigh() end end)()")
    #expect(most <= 72 << 20)
    // What is kept raises the threshold by half, so that collections stay rare.
    let before = qlua_forced_collections(fixture.state.pointer)
    try fixture.state.run("kept = {} for i = 1, 1000 do kept[i] = weigh() end")
    #expect(qlua_forced_collections(fixture.state.pointer) - before < 20)
    #expect(gauge.pointee >= 4000 << 20)
    try fixture.state.run("kept = nil")
    fixture.state.collect()
    #expect(gauge.pointee == 0)
    fixture.state.setMemoryGauge(nil)
  }

  @Test func manySmallObjectsStayFew() throws {
    let fixture = try ObjectState()
    var most = 0
    let live = fixture.live
    try fixture.state.register("look") { _ in
      most = max(most, live.value)
      return 0
    }
    try fixture.state.run("for i = 1, 1000000 do local x = make(i) if i % 1000 == 0 then look() end end")
    #expect(most < 6_000, "\(most)")
    // The collector may rest.
    let before = qlua_forced_collections(fixture.state.pointer)
    try fixture.state.run("collectgarbage('stop') for i = 1, 20000 do local x = make(i) end look() collectgarbage('restart')")
    #expect(most >= 20_000 && qlua_forced_collections(fixture.state.pointer) == before)
    try fixture.state.run("collectgarbage() for i = 1, 20000 do local x = make(i) end")
    #expect(live.value < 25_000)
  }

  @Test func outOfMemoryIsAnError() throws {
    let state = try LuaState(memoryLimit: 8 << 20)
    let error = try #require(luaError { try state.run("local t = {} for i = 1, 1e9 do t[i] = {} end") })
    #expect(error.kind == .memory && error.message == "not enough memory")
    #expect(try state.run("return pcall(string.rep, 'x', 100 << 20)") == [false, "not enough memory"])
    #expect(luaError { _ = try state.load("return '" + String(repeating: "x", count: 9 << 20) + "'", chunkName: "=c") }?.kind == .memory)
    #expect(luaError { try state.setGlobal("x", .string(String(repeating: "x", count: 9 << 20))) }?.kind == .memory)
    #expect(luaError { _ = try state.newTable(array: 10_000_000) }?.kind == .memory)
    #expect(try state.run("return 1 + 1") == [2])
    #expect(state.memoryInUse < 8 << 20)
  }

  @Test func theLimitCanChange() throws {
    let state = try LuaState()
    state.setMemoryLimit(state.memoryInUse + 10_000)
    #expect(luaError { try state.run("x = string.rep('x', 1 << 20)") }?.kind == .memory)
    state.setMemoryLimit(0)
    try state.run("x = string.rep('x', 1 << 20)")
    #expect(state.memoryInUse > 1 << 20)
  }

  /// Every allocation of the program fails once: each time it is an error, and nothing leaks.
  @Test func everyAllocationMayFail() throws {
    let live = LiveCount()
    var failures = 0, successes = 0
    for limit in stride(from: 1000, through: 120_000, by: 293) {
      do {
        let fixture = try ObjectState(memoryLimit: limit, live: live)
        try fixture.state.register("fail") { _ in throw CountedError(object: Counted(live), luaMessage: "oh \(limit)") }
        try fixture.state.register("apply") { context in
          let state = try context.state
          return try context.results(state.call(context[1], [context[2]]))
        }
        try fixture.state.run("""
          local kept = {}
          for i = 1, 20 do
            kept[i] = make(i)
            assert(same(kept[i]) == kept[i])
            local ok, e = pcall(fail)
            local x = apply(function(y) return {y, make(-i)} end, {i})
            coroutine.wrap(function() coroutine.yield(make(i)) end)()
          end
          """)
        _ = try fixture.state.rawPairs(fixture.state.globals())
        successes += 1
      } catch let error as LuaError {
        failures += 1
        #expect(error.message.contains("not enough memory"), "\(limit): \(error.message)")
      }
      #expect(live.value == 0, "limit \(limit)")
    }
    #expect(failures > 30 && successes > 30, "\(failures) \(successes)")
  }

  @Test func manyStates() throws {
    for _ in 0..<200 {
      let fixture = try ObjectState()
      #expect(try fixture.state.run("return number(make(3))") == [3])
    }
  }
}
