import LuaVM
import Shell
import Testing

@Suite struct Scripts {
  private static let percentFile = """
    #!/usr/bin/env qrepl
    local log = {}
    local function note(x) log[#log + 1] = x end
    -- %% [markdown]
    -- -- %time note("prose")
    -- %%
    local count <const> = 3
    for i = 1, count do
      note(i)
      -- %time note("magic " .. i)
    end
    --[[
    -- %time note("comment")
    ]]
    -- %time note("kept") -- noescape
    local t = {
      -- %time note("table")
      note,
    }
    -- %% tags=["x"]
    -- %%time
    local after = #log
    note(after)
    -- %%
    note(after + 1)
    local x = after
      % 4
    note(x)
    result = table.concat(log, " ")
    goto done
    note("skipped")
    ::done::
    """

  @Test func percentFileIsOneChunk() throws {
    let bench = try Bench()
    #expect(bench.script(Self.percentFile) == .success, "\(bench.display.reports)")
    #expect(try bench.value("result") == .string("1 magic 1 2 magic 2 3 magic 3 6 7 2"))
    #expect(bench.display.written.split(separator: "\n").filter { $0.hasPrefix("CPU times") }.count == 4)
    #expect(bench.display.shown.isEmpty, "a script shows no values")
  }

  @Test func localsEndWithTheScriptUnlessKept() throws {
    let bench = try Bench()
    #expect(bench.script("local a = 1 b = 2") == .success)
    #expect(bench.run("a, b") == "nil\t2")
    #expect(bench.session.run(code: "local a = 1", keepsLocals: true) == .success)
    #expect(bench.run("a") == "1")
  }

  @Test func twoHundredLocals() throws {
    let bench = try Bench()
    let text = (1...190).map { "local v\($0) = \($0)" }.joined(separator: "\n") + "\n-- %who_ls\nresult = v1 + v190"
    #expect(bench.script(text) == .success, "\(bench.display.reports)")
    #expect(try bench.value("result") == .integer(191))
  }

  @Test func closesAndUpvalues() throws {
    let bench = try Bench()
    let text = """
      log = {}
      local a <close> = setmetatable({}, {__close = function() log[#log + 1] = "closed" end})
      local n = 0
      -- %%
      local function up() n = n + 1 end
      -- %%
      up() -- %time up()
      -- %time up()
      log[#log + 1] = n
      -- %%
      log[#log + 1] = "end"
      """
    #expect(bench.script(text) == .success)
    #expect(bench.run("table.concat(log, ' ')") == "2 end closed")
  }

  @Test func failureStopsTheRun() throws {
    let bench = try Bench()
    let text = "x = 1\n-- %%\n\nlocal function f()\n  error('bad')\nend\n-- %time f()\nx = 2\n"
    #expect(bench.script(text) == .failure)
    #expect(try bench.value("x") == .integer(1))
    let report = try #require(bench.display.reports.first)
    #expect(report.message == "script.lua:5: bad")
    #expect(report.traceback == ["[C]: in function 'error'", "script.lua:5: in local 'f'", "script.lua:7: in main chunk"])
    #expect(report.excerpt?.text == "  error('bad')")
  }

  @Test(arguments: [
    ("x = = 1", "script.lua:1: unexpected symbol near '='"),
    ("-- %%\nx = 1\n-- %time f(", "script.lua:3: unexpected symbol near <eof>"),
    ("-- %%\n\n1 + 1", "script.lua:3: unexpected symbol near '1'"),
    ("for i = 1, 2 do\n-- %%\n", "script.lua:3: 'end' expected (to close 'for' at line 1) near <eof>"),
    ("local x <const> = 1\nx = 2", "script.lua:2: attempt to assign to const variable 'x'"),
    ("goto nowhere", "script.lua:1: no visible label 'nowhere' for <goto> at line 1"),
    ("\n\n-- %%sh\n-- exit 3\n-- %%\n", "Command 'exit 3' returned non-zero exit status 3."),
    ("-- %nothing", "UsageError: Line magic function `%nothing` not found."),
    ("-- %%nothing\n", "UsageError: Cell magic `%%nothing` not found."),
    ("x = 1\n-- %%time\n", "UsageError: Line magic function `%%time` not found."),
  ])
  func messages(text: String, message: String) throws {
    let bench = try Bench()
    #expect(bench.script(text) == .failure)
    let report = try #require(bench.display.reports.first)
    #expect(report.message.hasPrefix(message), "\(report.message)")
    if !message.hasPrefix("script") { #expect(report.traceback.contains { $0.hasPrefix("script.lua:") }) }
  }

  @Test func argumentsAndVarargs() throws {
    let bench = try Bench()
    try bench.session.setArguments(script: "script.lua", ["a", "b"], before: ["qrepl", "-v"])
    #expect(
      bench.script("local x, y = ... result = {x, y, arg[0], arg[1], arg[2], arg[-1], arg[-2], #arg}", arguments: ["a", "b"])
        == .success)
    #expect(bench.run("table.concat(result, ' ')") == "a b script.lua a b -v qrepl 2")
    #expect(bench.output("%who") == "result\t \n")
  }

  @Test func magicsSeeTheScriptsLocals() throws {
    let bench = try Bench()
    #expect(bench.script("local alpha = 1\nbeta = 2\n-- %who\nlocal gamma = 3\n") == .success)
    #expect(bench.display.written == "alpha\t beta\t \n")
  }

  @Test func commentedShellCell() throws {
    let bench = try Bench()
    #expect(bench.script("-- %%sh\n-- test 1 = 1\n-- exit 0\n-- %%\nx = 1\n") == .success)
    #expect(try bench.value("_exit_code") == .integer(0))
    #expect(try bench.value("x") == .integer(1))
  }

  @Test func missingFile() throws {
    let bench = try Bench()
    #expect(bench.session.run(file: "/nowhere/at/all.lua") == .failure)
    #expect(bench.display.reports.first?.message == "cannot open /nowhere/at/all.lua: No such file or directory")
  }

  @Test func bytesThatAreNotUTF8() throws {
    let bench = try Bench()
    let path = try temporaryFile(
      [UInt8]("result = #'".utf8) + [0xFF, 0xFE] + [UInt8]("' .. '\n' -- ".utf8) + [0xFF] + [UInt8]("\nlast = '".utf8) + [0xE9]
        + [UInt8]("'\n-- %time 1\n".utf8))
    #expect(bench.session.run(file: path) == .failure)
    let good = try temporaryFile(
      [UInt8]("result = #'".utf8) + [0xFF, 0xFE] + [UInt8]("' -- ".utf8) + [0xFF] + [UInt8]("\nlast = '".utf8) + [0xE9]
        + [UInt8]("'\n-- %time 1\n".utf8))
    #expect(bench.session.run(file: good) == .success, "\(bench.display.reports)")
    #expect(try bench.value("result") == .integer(2))
    #expect(try bench.value("last") == .bytes([0xE9]))
  }

  @Test func nestedRun() throws {
    let bench = try Bench()
    let path = try temporaryFile("local kept = 5\nglobal = arg[1] .. #arg\nseen = outer\n-- %time inner = kept\n")
    bench.run("local outer = 'o'")
    #expect(bench.run("%run \(path) one two") == nil, "\(bench.display.reports)")
    #expect(bench.run("kept, global, seen, inner, arg") == "5\tone2\tnil\t5\tnil")
    bench.run("%run -i \(path) one")
    #expect(bench.run("seen") == "o")
    let bad = try temporaryFile("x = 1\nerror('nested')\n")
    #expect(bench.run("%run \(bad)")?.contains(":2: nested") == true)
    #expect(bench.run("%run")?.hasPrefix("UsageError: ") == true)
  }

  @Test func stockLua() throws {
    let bench = try Bench()
    bench.session.readsMagics = false
    bench.session.keepsLocals = false
    #expect(bench.script("-- %%\n-- %nothing\n-- %%time\nlocal a = 1\n-- %time error('x')\nb = a") == .success)
    #expect(bench.run("a, b") == "nil\t1")
    #expect(bench.run("%time 1")?.contains("unexpected symbol near '%'") == true)
    #expect(bench.run("a?")?.isEmpty == false)
    #expect(bench.display.written.isEmpty)
  }

  @Test func theUsersOwnCollectorSettingStays() throws {
    let bench = try Bench()
    bench.run("collectgarbage('stop')")
    bench.run("%timeit -q -n 1 -r 1 1")
    #expect(bench.run("collectgarbage('isrunning')") == "false")
  }
}
