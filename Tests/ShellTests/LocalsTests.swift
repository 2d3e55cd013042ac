import LuaVM
import Shell
import Testing

@Suite struct LocalsLiveOn {
  @Test func asSharedVariables() throws {
    let bench = try Bench()
    bench.run("local n = 0; local function up() n = n + 1 return n end function down() n = n - 1 end")
    #expect(bench.run("up()") == "1")
    bench.run("n = 10")
    #expect(bench.run("up(), n") == "11\t11")
    bench.run("down() local m = n")
    #expect(bench.run("n, m") == "10\t10")
    #expect(try bench.value("n") == .nil, "a local is no global")
  }

  @Test func shadowing() throws {
    let bench = try Bench()
    bench.run("local x = 1; local f = function() return x end; local x = 2")
    #expect(bench.run("f(), x") == "1\t2")
    bench.run("local x = x + 1")
    #expect(bench.run("f(), x") == "1\t3")
    #expect(bench.run("local x; x") == nil)
    bench.run(
      "local i = 0 local fs = {} ::top:: local v = i fs[#fs + 1] = function() return v end i = i + 1 if i < 3 then goto top end")
    #expect(bench.run("fs[1](), fs[2](), fs[3](), v") == "0\t1\t2\t2")
  }

  @Test func constants() throws {
    let bench = try Bench()
    bench.run("local a <const> = 5; local b <const> = {}; local c, d <const> = 1, 2")
    #expect(bench.run("a, type(b), c, d") == "5\ttable\t1\t2")
    #expect(bench.run("a = 6")?.contains("attempt to assign to const variable 'a'") == true)
    #expect(bench.run("d = 6")?.contains("attempt to assign to const variable 'd'") == true)
    bench.run("c = 9 local a = 7")
    #expect(bench.run("a, c") == "7\t9")
    bench.run("a = 8")
    #expect(bench.run("a") == "8")
  }

  @Test func closedVariablesEndWithTheirCell() throws {
    let bench = try Bench()
    bench.run(
      "log = {} local t <close> = setmetatable({}, {__close = function() log[#log + 1] = 'closed' end}) local u = 1 log[1] = 'open'"
    )
    #expect(bench.run("table.concat(log, ' '), t, u") == "open closed\tnil\t1")
  }

  @Test func upToAnError() throws {
    let bench = try Bench()
    #expect(bench.run("local a = 1\nlocal b = 2\nerror('x')\nlocal c = 3")?.hasPrefix("In[1]:3: x") == true)
    #expect(bench.run("a, b, c") == "1\t2\tnil")
  }

  @Test func manyLocals() throws {
    let bench = try Bench()
    for cell in 0..<10 { bench.run((0..<50).map { "local v\(cell)_\($0) = \(cell * 100 + $0)" }.joined(separator: "\n")) }
    #expect(bench.run("v0_0, v9_49, v5_25") == "0\t949\t525")
  }

  @Test func inNestedScopesTheyEnd() throws {
    let bench = try Bench()
    bench.run("do local hidden = 1 end for k = 1, 2 do local inner = k end local function f() local deep = 1 end")
    #expect(bench.run("hidden, k, inner, deep, f ~= nil") == "nil\tnil\tnil\tnil\ttrue")
  }

  @Test func parenthesesAfterALocal() throws {
    let bench = try Bench()
    bench.run("log = 0; function add(k) log = log + k end")
    #expect(
      bench.run(
        "local x = 5\n(add)(x)\nlocal y = 'a'\n(add)(1)\nlocal z = {}\n(add)(1)\nlocal f = function() end\n(add)(1)\nlocal c <const> = 3\n(add)(c)"
      ) == nil)
    #expect(bench.run("log, x, y, c") == "11\t5\ta\t3")
  }

  @Test func off() throws {
    let bench = try Bench()
    bench.run("local a = 1")
    #expect(bench.output("%locals off") == "Locals end with their cell.\n")
    bench.run("local b = 2")
    #expect(bench.run("a, b") == "nil\tnil")
    bench.run("%locals on")
    bench.run("local b = 3")
    #expect(bench.run("b") == "3")
    #expect(bench.run("%locals maybe")?.hasPrefix("UsageError: ") == true)
  }

  @Test func machineryCannotBeReachedOrBroken() throws {
    let bench = try Bench()
    #expect(bench.run("1 end return function(...) end --")?.contains("In[1]:1:") == true)
    bench.run("debug = nil table = nil string.format = nil rawget = nil pcall = nil tostring = nil next = nil _G.type = nil")
    bench.run("local a = 5")
    #expect(bench.run("a") == "5")
    #expect(bench.output("%who") == "a\t \n")
    #expect(bench.run("return 1, 2") == "1\t2")
  }
}

@Suite struct Values {
  @Test func expressionsShow() throws {
    let bench = try Bench()
    #expect(bench.run("1 + 1") == "2")
    #expect(bench.run("x = 5\nx * 2") == "10")
    #expect(bench.run("x") == "5")
    #expect(bench.run("nil") == nil)
    #expect(bench.run("x;") == nil)
    #expect(bench.run("x -- ;") == "5")
    #expect(bench.run("';'") == ";")
    #expect(bench.run("1, nil, 'a'") == "1\tnil\ta")
    #expect(bench.run("function f() end") == nil)
    #expect(bench.run("f()") == nil)
    #expect(bench.run("('x'):rep(3)") == "xxx")
    #expect(bench.run("if x then x = 6 end x") == "6")
    #expect(bench.run("#'abc'") == "3")
    #expect(bench.run("-x") == "-6")
  }

  @Test func resultsAreKept() throws {
    let bench = try Bench()
    bench.run("10")
    bench.run("20, 21")
    bench.run("30;")
    bench.run("nil")
    bench.run("40")
    #expect(try bench.value("_") == .integer(40))
    #expect(try bench.value("__") == .integer(20))
    #expect(try bench.value("___") == .integer(10))
    #expect(try bench.value("_2") == .integer(20))
    #expect(try bench.value("_3") == .nil)
    #expect(try bench.value("Out[5]") == .integer(40))
    #expect(try bench.value("In[2]") == .string("20, 21"))
    #expect(try bench.value("_i3") == .string("30;"))
    bench.run("_ = 'mine'")
    bench.run("50")
    #expect(try bench.value("_") == .string("mine"))
    #expect(try bench.value("_7") == .integer(50))
  }

  @Test func tailOfTheCellIsInTheTraceback() throws {
    let bench = try Bench()
    bench.run("function f() error('deep') end")
    let text = try #require(bench.run("x = 1\nf()"))
    #expect(text.contains("In[1]:1: in function 'f'"))
    #expect(text.contains("In[2]:2: in main chunk"))
  }

  @Test(arguments: [
    ("x = ", true), ("f(", true), ("for i = 1, 3 do", true), ("1 +", true), ("x", false), ("x = 1", false), ("[[", true),
    ("--[[", true), ("'a", false),
    ("end", false), ("x?", false), ("%time f(", false), ("%%time", true), ("%%time\nf()\n", true), ("%%time\nf()\n\n", false),
    ("!ls", false), ("if x then\ny()\n", true),
    ("return", false), ("local function f()\n  return 1\n", true), ("foo bar (", false), ("{1,", true), ("x = {\n%who", false),
  ])
  func incomplete(text: String, expected: Bool) throws {
    #expect(try Bench().session.isIncomplete(text) == expected)
  }

  @Test func pastedPromptsAreTakenOff() throws {
    let bench = try Bench()
    #expect(bench.run("In [3]: x = 4\n   ...: x + 1") == "5")
  }
}
