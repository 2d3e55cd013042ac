import LuaVM
import Testing

@Suite struct StateTests {
  let state: LuaState

  init() throws { state = try LuaState() }

  @Test func valuesComeBackAsTheyWent() throws {
    let values: [LuaValue] = [
      .nil, .boolean(true), .boolean(false), .integer(.min), .integer(.max), .number(0.1), .number(-.infinity), "",
      "text", "nul\0inside\0", "Zürich ✓ 𝄞", .bytes([0xff, 0x00, 0xc3, 0x28]), .bytes([0x80]),
    ]
    let echo = try state.load("return ...", chunkName: "=echo")
    #expect(try state.call(echo, values) == values)
    #expect(try state.run("return math.type(1), math.type(1.0)") == ["integer", "float"])
    let nan = try state.call(echo, [.number(.nan)])
    guard case .number(let number) = nan[0] else { return #expect(Bool(false)) }
    #expect(number.isNaN)
  }

  @Test func stringsLoseNoByte() throws {
    for byte in UInt8.min...UInt8.max {
      let value = LuaValue(bytes: [0x61, byte, 0x00, byte])
      let back = try state.call(state.load("local s = ... return s, #s, s:byte(2)", chunkName: "=b"), [value])
      #expect(back == [value, 4, .integer(Int64(byte))])
    }
    #expect(try state.run("return '\\xff\\xfe', 'ok'") == [.bytes([0xff, 0xfe]), "ok"])
  }

  @Test func equalityIsByBytesNotByCharacters() {
    #expect(LuaValue.string("\u{e9}") != .string("e\u{301}"))
    #expect(LuaValue.integer(1) == .number(1) && LuaValue.integer(1).hashValue == LuaValue.number(1).hashValue)
    #expect(LuaValue.integer(.max) != .number(9223372036854775808))
    #expect(LuaValue.integer(1) != "1" && LuaValue.nil != .boolean(false))
  }

  @Test func referencesKeepValuesAndIdentity() throws {
    let values = try state.run("t = setmetatable({}, {__mode = 'v'}); t[1] = {}; return t[1], t[1], {}, print")
    state.collect()
    #expect(try state.run("return t[1] ~= nil") == [true])
    #expect(values[0] == values[1] && values[0] != values[2])
    #expect(Set(values).count == 3)
    #expect(values[3].type == .function && values[0].table != nil && values[3].table == nil)
  }

  @Test func referenceLetsGo() throws {
    var reference = try state.run("w = setmetatable({}, {__mode = 'v'}); w[1] = {}; return w[1]")[0].reference
    #expect(reference != nil)
    reference = nil
    state.collect()
    #expect(try state.run("return w[1]") == [.nil])
  }

  @Test func referenceMayOutliveItsState() throws {
    var other: LuaState? = try LuaState()
    let reference = try #require(try other?.newTable())
    other = nil
    #expect(luaError { _ = try state.rawGet(reference, 1) }?.message == "attempt to use a value of another Lua state")
    #expect(luaError { try state.call(reference) } != nil)
  }

  @Test func syntaxErrorsTellWhetherMoreTextWouldHelp() throws {
    for source in ["for i = 1, 2 do", "x = {", "f(", "x = [[a", "if a then", "return function()", "--[[ a", "x ="] {
      let error = try #require(luaError { _ = try state.load(source, chunkName: "=stdin") })
      #expect(error.kind == .syntax && error.isIncomplete, "\(source): \(error.message)")
    }
    for source in ["x = = 1", "end", "for", "f(]", "return 1 2", "x = '\n'", "goto nowhere"] where source != "for" {
      let error = try #require(luaError { _ = try state.load(source, chunkName: "=stdin") })
      #expect(error.kind == .syntax && !error.isIncomplete, "\(source): \(error.message)")
    }
    let error = luaError { _ = try state.load("\n\nx = = 1", chunkName: "@dir/file.lua") }
    #expect(error?.message == "dir/file.lua:3: unexpected symbol near '='")
  }

  @Test func bytecodeIsRefused() throws {
    let dumped = try state.run("return string.dump(function() end)")[0]
    let error = luaError { _ = try state.load(bytes: dumped.stringBytes ?? [], chunkName: "=b") }
    #expect(error?.message.contains("attempt to load a binary chunk") == true)
  }

  @Test func resultsAreCounted() throws {
    let three = try state.load("return 1, 2, 3", chunkName: "=three")
    #expect(try state.call(three) == [1, 2, 3])
    #expect(try state.call(three, results: 0) == [])
    #expect(try state.call(three, results: 1) == [1])
    #expect(try state.call(three, results: 5) == [1, 2, 3, .nil, .nil])
    let many = try state.run("local t = {} for i = 1, 100000 do t[i] = i end return table.unpack(t)")
    #expect(many.count == 100_000 && many[99_999] == 100_000)
    #expect(luaError { try state.call(three, results: 10_000_000) }?.message == "stack overflow")
  }

  @Test func tables() throws {
    let table = try state.newTable()
    try state.rawSet(table, "a", 1)
    try state.rawSet(table, 1, "one")
    try state.rawSet(table, .number(2), .boolean(true))
    #expect(try state.rawGet(table, "a") == 1 && state.rawGet(table, 2) == true && state.rawGet(table, "b") == .nil)
    #expect(try state.rawLength(.reference(table)) == 2)
    let pairs = try state.rawPairs(table)
    #expect(pairs.count == 3 && pairs.contains { $0.key == "a" && $0.value == 1 })
    #expect(try state.rawPairs(table, limit: 1).count == 1)
    #expect(try state.rawStringKeys(table) == ["a"])
    #expect(luaError { try state.rawSet(table, .nil, 1) } != nil)
    #expect(luaError { try state.rawSet(table, .number(.nan), 1) } != nil)
    let function = try #require(try state.global("print").reference)
    #expect(luaError { _ = try state.rawGet(function, 1) }?.message == "table expected, got function")
    #expect(luaError { _ = try state.rawPairs(function) }?.message == "table expected, got function")
  }

  @Test func rawAccessRunsNothingAndTheOtherDoes() throws {
    try state.run("""
      t = setmetatable({}, {__index = function(_, k) return k .. "!" end, __len = function() return 7 end,
        __newindex = function(t, k, v) rawset(t, k, v * 2) end, __pairs = error})
      """)
    let value = try state.global("t")
    let table = try #require(value.table)
    #expect(try state.get(value, "k") == "k!" && state.rawGet(table, "k") == .nil)
    #expect(try state.length(value) == 7 && state.rawLength(value) == 0)
    try state.set(value, "n", 4)
    #expect(try state.rawGet(table, "n") == 8)
    #expect(try state.rawPairs(table).map(\.key) == ["n"])
    #expect(try state.get("text", "len").type == .function)
    #expect(luaError { _ = try state.get(.nil, "x") }?.message == "attempt to index a nil value")
  }

  @Test func globals() throws {
    try state.setGlobal("answer", 42)
    #expect(try state.global("answer") == 42 && state.run("return answer, _G.answer") == [42, 42])
    #expect(try state.global("missing") == .nil)
    try state.run("setmetatable(_G, {__index = function(_, k) error('no ' .. k, 0) end})")
    #expect(luaError { _ = try state.global("missing") }?.message == "no missing")
    #expect(try state.rawGet(state.globals(), "missing") == .nil)
  }

  @Test func inspection() throws {
    #expect(try state.typeName(of: 1) == "number" && state.typeName(of: .nil) == "nil")
    let values = try state.run("""
      local mt = {__name = "Thing", __tostring = function() return "a thing" end, __whos = 5}
      return setmetatable({}, mt), io.stdout, {}, setmetatable({}, {__tostring = function() error("bad") end}),
        setmetatable({}, {__tostring = function() return {} end}), setmetatable({}, {__metatable = false, __name = 5})
      """)
    #expect(try state.typeName(of: values[0]) == "Thing" && state.typeName(of: values[1]) == "FILE*")
    #expect(try state.typeName(of: values[5]) == "table")
    #expect(try state.display(values[0]) == "a thing")
    #expect(try state.display(1.5) == "1.5" && state.display(.nil) == "nil" && state.display(3.0) == "3.0")
    #expect(try state.display(values[2]).hasPrefix("table: 0x"))
    #expect(try state.displayBytes(.bytes([0xff])) == [0xff])
    #expect(luaError { _ = try state.display(values[3]) }?.message.hasSuffix("bad") == true)
    #expect(luaError { _ = try state.display(values[4]) }?.message == "'__tostring' must return a string")
    #expect(try state.metafield(values[0], "__whos") == 5 && state.metafield(values[0], "__no") == .nil)
    #expect(try state.metafield("s", "__index").type == .table && state.metafield(1, "__index") == .nil)
    #expect(try state.metatable(of: values[5]) != nil && state.metatable(of: 1) == nil)
  }

  @Test func metatables() throws {
    let table = try state.newTable(), meta = try state.newTable()
    try state.rawSet(meta, "__index", .reference(meta))
    try state.rawSet(meta, "x", 9)
    try state.setMetatable(of: table, to: meta)
    #expect(try state.get(.reference(table), "x") == 9 && state.metatable(of: .reference(table)) == meta)
    try state.setMetatable(of: table, to: nil)
    #expect(try state.get(.reference(table), "x") == .nil)
    let function = try #require(try state.global("print").reference)
    #expect(luaError { try state.setMetatable(of: function, to: meta) } != nil)
  }

  @Test func equalityMayAskTheValues() throws {
    let values = try state.run("local m = {__eq = function() return true end} return setmetatable({}, m), setmetatable({}, m)")
    #expect(values[0] != values[1])
    #expect(try state.isEqual(values[0], values[1]))
    #expect(try !state.isEqual(1, "1") && state.isEqual(1, 1.0))
  }

  @Test func tracebackHasTheLuaFramesAlone() throws {
    let error = try #require(luaError {
      try state.run("local function inner() error('deep') end\nfunction outer() inner() end\nouter()", chunkName: "@a.lua")
    })
    #expect(error.message == "a.lua:1: deep")
    #expect(
      error.traceback == """
        stack traceback:
        \t[C]: in function 'error'
        \ta.lua:1: in upvalue 'inner'
        \ta.lua:2: in function 'outer'
        \ta.lua:3: in main chunk
        """)
  }

  @Test func tracebackOfOneErrorIsNotAnothers() throws {
    #expect(luaError { try state.run("error('a')") }?.traceback != nil)
    #expect(luaError { _ = try state.load("=", chunkName: "=x") }?.traceback == nil)
    #expect(luaError { _ = try state.get(.nil, 1) }?.traceback == nil)
  }

  @Test func standardLibrariesWork() throws {
    #expect(try state.run("return string.format('%d', 3), #utf8.char(955), math.pi > 3, type(os.time()), _VERSION")
      == ["3", 2, true, "number", "Lua 5.4"])
    #expect(try state.run("return select('#', require'string', require'coroutine')").count == 1)
  }
}
