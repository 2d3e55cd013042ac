import LuaVM
import Shell
import Testing

@Suite struct DebugMagic {
  private static let program = """
    local up = 5
    local function inner(a, b)
      local c = a + 1
      local c = "second"
      return a.x.y + up
    end
    function outer(n)
      local k <const> = "text"
      for i = 1, n do
        inner(i, k)
      end
    end
    """

  private func bench() throws -> Bench {
    let bench = try Bench()
    bench.session.keepsFrames = true
    bench.run(Self.program)
    bench.run("outer(3)")
    return bench
  }

  /// What the debugger writes for `commands`, without its prompts.
  private func answers(_ bench: Bench, _ commands: String...) -> [String] {
    bench.display.lines = commands
    let text = bench.output("%debug")
    return Array(text.split(separator: "qdb> ", omittingEmptySubsequences: false).map(String.init).dropFirst())
  }

  @Test func beginsWhereTheErrorWas() throws {
    let bench = try bench()
    bench.display.lines = ["q"]
    #expect(
      bench.output("%debug") == """
        > In[1](5)inner()
              3   local c = a + 1
              4   local c = "second"
        ----> 5   return a.x.y + up
              6 end
              7 function outer(n)

        qdb> 
        """)
  }

  @Test func variablesOfEachCall() throws {
    let bench = try bench()
    let told = answers(bench, "locals", "u", "a", "d", "up up", "p c .. a", "up", "q")
    #expect(told[0] == "a = 1\nb = \"text\"\nc = \"second\"\n")
    #expect(told[1].hasPrefix("> In[1](10)outer()\n"))
    // Lua keeps no variable for a constant that is known when it compiles.
    #expect(told[2] == "n = 3\ni = 1\n")
    #expect(told[3].hasPrefix("> In[1](5)inner()\n"))
    // `up` is a command and a name; what follows decides nothing, so the command it is.
    #expect(told[5] == "second1\n" || told[5].hasPrefix("***"))
  }

  @Test func expressionsAndStatementsAmongThem() throws {
    let bench = try bench()
    let told = answers(bench, "a, b", "a = a + 41", "p a", "!up", "p = 7", "p", "#b + up", "print == nil", "nosuch.x", "f(", "error('why', 0)", "q")
    #expect(told[0] == "1\ttext\n")
    #expect(told[1] == "" && told[2] == "42\n")
    #expect(told[3] == "5\n")
    #expect(told[4] == "" && told[5] == "7\n")
    #expect(told[6] == "9\n" && told[7] == "false\n")
    #expect(told[8].hasPrefix("*** debug:1: attempt to index a nil value (global 'nosuch')"))
    #expect(told[9].hasPrefix("*** debug:1: "))
    #expect(told[10] == "*** why\n")
    // What was set in a call that has ended is set nowhere else; a new name is a global.
    #expect(bench.run("up, p") == "5\t7")
  }

  @Test func upAndDownHaveEnds() throws {
    let bench = try bench()
    let told = answers(bench, "d", "u 2", "u", "w", "u x", "q")
    #expect(told[0] == "*** Newest frame\n")
    #expect(told[1].hasPrefix("> In[2](1)<main chunk>\n----> 1 outer(3)\n"))
    #expect(told[2] == "*** Oldest frame\n")
    #expect(told[3] == "> In[2](1)<main chunk>\n  In[1](10)outer()\n  In[1](5)inner()\n")
  }

  @Test func emptyLineRepeatsAndTheEndLeaves() throws {
    let bench = try bench()
    let told = answers(bench, "u", "")
    #expect(told[0].hasPrefix("> In[1](10)outer()\n") && told[1].hasPrefix("> In[2](1)<main chunk>\n") && told[2] == "")
  }

  @Test func withoutAnError() throws {
    let bench = try Bench()
    bench.session.keepsFrames = true
    #expect(bench.run("%debug") == "UsageError: No traceback has been produced, nothing to debug.")
    bench.run("%nosuch")
    #expect(bench.run("%debug") == "UsageError: No traceback has been produced, nothing to debug.")
    // What pcall catches is no error of the cell's.
    bench.run("pcall(error, 'x')")
    #expect(bench.run("%debug") == "UsageError: No traceback has been produced, nothing to debug.")
  }

  @Test func deepAndWideStacks() throws {
    let bench = try Bench()
    bench.session.keepsFrames = true
    bench.run("function r(n) return 1 + r(n + 1) end")
    #expect(bench.run("r(1)")?.contains("stack overflow") == true)
    bench.display.lines = ["n > 0", "q"]
    #expect(bench.session.run(cell: "%debug") == .success || bench.display.reports.last?.message.contains("nothing to debug") == true)
    bench.run("function many() " + (1...190).map { "local v\($0) = \($0) " }.joined() + " error('x') end")
    bench.run("many()")
    #expect(answers(bench, "v1 + v190", "q")[0] == "191\n")
  }

  @Test func errorsOfTheLineAgain() throws {
    let bench = try bench()
    bench.run("%tb minimal")
    #expect(bench.display.reports.last?.text == "In[1]:5: attempt to index a number value (field 'x')" || bench.display.reports.last?.excerpt == nil)
    bench.run("%tb")
    #expect(bench.display.reports.last?.excerpt?.text == "  return a.x.y + up")
    #expect(bench.run("%tb loud") == "UsageError: Valid modes: Plain, Context, Minimal")
  }
}
