import CLua
import CLuaShim
import LuaVM
import Testing

@Suite struct ObjectTests {
  @Test func oneObjectHasOneUserdata() throws {
    let fixture = try ObjectState()
    let state = fixture.state
    #expect(try state.run("a = make(5) return a == same(a), rawequal(a, same(same(a))), number(a), a == make(5)")
      == [true, true, 5, false])
    #expect(fixture.live.value >= 1)
    try state.run("t = {[a] = 'key'} assert(t[same(a)] == 'key')")
    let object = try #require(try fixture.objects.object(state.global("a"), in: state))
    #expect(try fixture.objects.value(object, in: state) == state.global("a"))
    #expect(try state.typeName(of: state.global("a")) == "Counted")
  }

  @Test func objectsOutliveTheirUserdataAndComeBack() throws {
    let fixture = try ObjectState()
    let object = Counted(fixture.live, number: 3)
    for round in 1...50 {
      let value = try fixture.objects.value(object, in: fixture.state)
      try fixture.state.setGlobal("x", value)
      #expect(try fixture.state.run("return number(x)") == [3], "round \(round)")
      try fixture.state.run("x = nil")
      if round % 3 == 0 { fixture.state.collect() }
    }
    fixture.state.collect()
    #expect(fixture.live.value == 1 && fixture.state.objectCount <= 1)
  }

  @Test func everyObjectIsReleasedOnce() throws {
    let live = LiveCount()
    do {
      let fixture = try ObjectState(live: live)
      try fixture.state.run("for i = 1, 100000 do local a, b = make(i), make(-i) assert(number(a) == i and same(b) == b) end")
      fixture.state.collect()
      #expect(live.value == 0 && fixture.state.objectCount == 0)
      try fixture.state.run("kept = {} for i = 1, 1000 do kept[i] = make(i) end")
      fixture.state.collect()
      #expect(live.value == 1000 && fixture.state.objectCount == 1000)
      try fixture.state.run("for i = 1, 1000 do assert(number(kept[i]) == i) end for i = 1, 1000, 2 do kept[i] = nil end")
      fixture.state.collect()
      #expect(live.value == 500)
      try fixture.state.run("for i = 2, 1000, 2 do assert(number(kept[i]) == i and same(kept[i]) == kept[i]) end")
    }
    #expect(live.value == 0)
  }

  @Test(arguments: ["incremental", "generational"]) func randomLives(mode: String) throws {
    let live = LiveCount()
    do {
      let fixture = try ObjectState(live: live)
      try fixture.state.run("""
        collectgarbage("\(mode)")
        math.randomseed(7)
        local kept, numbers = {}, {}
        for i = 1, 200000 do
          local k = math.random(3000)
          if kept[k] then assert(number(kept[k]) == numbers[k] and same(kept[k]) == kept[k]) end
          if math.random(3) == 1 then kept[k], numbers[k] = nil, nil
          else kept[k], numbers[k] = make(i), i end
          if i % 50000 == 0 then collectgarbage() end
        end
        count = 0
        for _ in pairs(kept) do count = count + 1 end
        collectgarbage()
        all = kept
        """)
      #expect(try fixture.state.global("count") == .integer(Int64(live.value)))
    }
    #expect(live.value == 0)
  }

  @Test func foreignUserdataIsNoObject() throws {
    let fixture = try ObjectState()
    let state = fixture.state
    let L = state.pointer
    for source in ["return io.stdout", "return {}", "return 1", "return 'x'", "return nil", "return print",
      "return coroutine.create(print)", "return setmetatable({}, debug.getmetatable(make(1)))",
      "return debug.setmetatable(io.tmpfile(), debug.getmetatable(make(1)))"]
    {
      let value = try state.run(source)[0]
      #expect(try fixture.objects.object(value, in: state) == nil, "\(source)")
      try state.setGlobal("foreign", value)
      #expect(try state.run("return pcall(number, foreign)")[0] == false)
    }
    // A block of an object's size, with an object's bytes in it, is none either; nor is a light userdata.
    #expect(try state.run("object = make(9) return number(object)") == [9])
    #expect(qlua_pgetglobal(L, "object") == LUA_OK)
    let block = try #require(qlua_objectat(L, -1))
    var copy: UnsafeMutableRawPointer?
    #expect(qlua_pnewuserdata(L, MemoryLayout<qlua_object>.size, 1, &copy) == LUA_OK)
    copy?.copyMemory(from: block, byteCount: MemoryLayout<qlua_object>.size)
    var id: UInt32 = 5
    #expect(qlua_toobject(L, -1, &id) == nil && id == 0)
    lua_pushlightuserdata(L, block)
    #expect(qlua_toobject(L, -1, &id) == nil)
    #expect(qlua_toobject(L, -3, &id) != nil && id == fixture.objects.id)
    #expect(qlua_toobject(L, 100, &id) == nil)
    qlua_pop(L, 3)
    state.collect()
    #expect(fixture.live.value == 1)
  }

  @Test func memoryOfFormerObjectsIsNoObject() throws {
    let fixture = try ObjectState()
    let L = fixture.state.pointer
    try fixture.state.run("for i = 1, 1000 do make(i) end collectgarbage()")
    for _ in 0..<1000 {
      // Not initialized: it may still hold what was there before.
      var block: UnsafeMutableRawPointer?
      #expect(qlua_pnewuserdata(L, MemoryLayout<qlua_object>.size, 1, &block) == LUA_OK)
      var id: UInt32 = 0
      #expect(qlua_toobject(L, -1, &id) == nil && qlua_objectat(L, -1) == nil)
      qlua_pop(L, 1)
    }
    fixture.state.collect()
    #expect(fixture.live.value == 0 && fixture.state.objectCount == 0)
  }

  @Test func objectsOfAnotherClassAreRefused() throws {
    let fixture = try ObjectState()
    let other = try LuaObjectClass<LiveCount>("Other", in: fixture.state)
    try fixture.state.setGlobal("other", other.value(fixture.live, in: fixture.state))
    #expect(try fixture.state.run("return pcall(number, other)")
      == [false, "bad argument #1 to 'number' (Counted expected, got Other)"])
    #expect(try other.object(fixture.state.global("other"), in: fixture.state) === fixture.live)
  }

  @Test func finalizersStillFindTheirObjects() throws {
    let live = LiveCount()
    do {
      let fixture = try ObjectState(live: live)
      var warnings: [String] = []
      fixture.state.onWarning { warnings.append($0) }
      try fixture.state.run("""
        seen = 0
        for i = 1, 100 do
          local object = make(i)
          setmetatable({}, {__gc = function() seen = seen + number(object); revived = object; assert(number(make(i)) == i) end})
        end
        """)
      fixture.state.collect()
      #expect(try fixture.state.global("seen") == 5050)
      #expect(try fixture.state.run("return number(revived) > 0") == [true])
      try fixture.state.run("atExit = setmetatable({make(7)}, {__gc = function(t) assert(number(t[1]) == 7) last = make(8) end})")
      #expect(warnings == [])
    }
    #expect(live.value == 0)
  }

  @Test func aScriptCannotReleaseAnObject() throws {
    let fixture = try ObjectState()
    #expect(try fixture.state.run("""
      a = make(4)
      local m = debug.getmetatable(a)
      if m.__gc then m.__gc(a) end
      debug.setmetatable(a, nil)
      collectgarbage()
      return number(a)
      """) == [4])
    try fixture.state.run("a = nil collectgarbage()")
    #expect(fixture.live.value == 0)
  }

  @Test func userValuesStayWithTheUserdata() throws {
    let fixture = try ObjectState()
    #expect(try fixture.state.run("""
      a = make(1)
      debug.setuservalue(a, {name = "table of a"})
      collectgarbage()
      local before = debug.getuservalue(same(a)).name
      debug.setuservalue(a, a)   -- a cycle through the userdata is collected
      a = nil
      collectgarbage()
      return before
      """) == ["table of a"])
    #expect(fixture.live.value == 0)
  }

  @Test func objectsOfADroppedMetatableSurvive() throws {
    let fixture = try ObjectState()
    try fixture.state.rawSet(fixture.objects.metatable, "__index", .reference(fixture.state.newTable()))
    try fixture.state.rawSet(fixture.objects.metatable, "__len", .reference(fixture.state.newFunction("len") { context in
      try context.results(.integer(Int64(fixture.objects.argument(1, of: context).number)))
    }))
    #expect(try fixture.state.run("return #make(12), make(1).anything") == [12, .nil])
  }
}
