import LuaVM
import Shell
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Lines of a file in the Fixtures folder beside this one.
private func fixture(_ name: String) throws -> [Substring] {
  let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
  let bytes = try FilePath.read("/\(folder)/Fixtures/\(name)")
  return String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
}

@Suite struct TimingFormats {
  /// Fixtures/timings.py made the lines with IPython.
  @Test func agreesWithIPython() throws {
    var times = 0
    var results = 0
    for line in try fixture("timings.txt") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      if fields[0] == "time" {
        let seconds = try #require(Double(fields[1]))
        #expect(TimeFormat.text(seconds, precision: try #require(Int(fields[2]))) == fields[3], "\(fields[1])")
        times += 1
      } else {
        let runs = fields[3].split(separator: " ").compactMap { Double($0) }
        let result = TimeitResult(loops: try #require(Int(fields[1])), allRuns: runs)
        #expect(result.text(precision: try #require(Int(fields[2]))) == fields[4])
        #expect(result.spreadWarning ?? "" == fields[5])
        results += 1
      }
    }
    #expect(times > 1000 && results == 1000)
  }

  @Test(arguments: [
    (999.9996e-6, "1 ms"), (999.4e-6, "999 μs"), (0.99996, "1 s"), (999.9996e-9, "1 μs"), (59.9996, "1min"), (59.4, "59.4 s"),
    (0, "0 ns"),
  ])
  func unitIsChosenAfterRounding(seconds: Double, expected: String) {
    #expect(TimeFormat.text(seconds) == expected)
  }

  @Test func withoutUnicode() {
    #expect(TimeFormat.text(1.5e-6, isUnicode: false) == "1.5 us")
    #expect(
      TimeitResult(loops: 1, allRuns: [1.5e-6]).text(isUnicode: false)
        == "1.5 us +- 0 ns per loop (mean +- std. dev. of 1 run, 1 loop each)")
  }

  @Test func statistics() {
    let result = TimeitResult(loops: 10, allRuns: [10, 30, 20, 100])
    #expect(result.text(.median) == "2.5 s ± 3.54 s per loop (median ± std. dev. of 4 runs, 10 loops each)")
    #expect(result.text(.best) == "1 s per loop (best of 4 runs, 10 loops each)")
    #expect(result.worst == 10 && result.best == 1 && result.average == 4)
  }
}

@Suite struct TimeitMagic {
  @Test func runsAsOftenAsAsked() throws {
    let bench = try Bench()
    bench.run("n = 0; function step() n = n + 1 end")
    let text = bench.output("%timeit -n 100 -r 3 -w 5 step()")
    #expect(bench.run("n") == "305")
    #expect(
      text.wholeMatch(
        of:
          /(?s)(The slowest run took .*cached\.\n)?[0-9.e+]+ (ns|μs|ms) ± [0-9.e+]+ (ns|μs|ms) per loop \(mean ± std\. dev\. of 3 runs, 100 loops each\)\n/
      ) != nil, "\(text)")
  }

  @Test func findsTheNumberOfLoops() throws {
    let bench = try Bench()
    bench.run("function busy() local s = 0 for i = 1, 3000000 do s = s + i end end")
    bench.run("%timeit -q -o -r 1 busy()")
    let loops = try bench.value("_.loops")
    #expect([LuaValue.integer(10), .integer(100)].contains(loops))
    #expect(try bench.value("_.all_runs[1] >= 0.1") == .boolean(true))
  }

  @Test func seesLocalsWhereItStands() throws {
    let bench = try Bench()
    #expect(
      bench.script("local n = 0\nlocal function f(k)\n  -- %timeit -q -n 10 -r 2 n = n + k\nend\nf(3)\nresult = n") == .success)
    #expect(try bench.value("result") == .integer(60))
  }

  @Test func cellWithSetup() throws {
    let bench = try Bench()
    bench.run("setups, loops = 0, 0")
    let text = bench.output("%%timeit -n 7 -r 2 setups = setups + 1; local k = 2\nlocal t = {}\nloops = loops + k")
    #expect(text.contains("2 runs, 7 loops each"))
    #expect(bench.run("loops") == "28")
    // The setup runs before each timed part; a run may have more than one.
    #expect(try #require(Int(bench.run("setups") ?? "")) >= 2)
  }

  @Test(arguments: ["1 + 1", "x.y", "{}", "f", "f(); 1 + 1", "local a = 1; f(a) -- why", "f();"])
  func timesExpressionsAndStatements(code: String) throws {
    let bench = try Bench()
    bench.run("x = {y = 1} function f() end")
    #expect(bench.output("%timeit -n 2 -r 1 \(code)").contains("1 run, 2 loops each"))
  }

  @Test(arguments: ["f( end", "end", "1 +", "return 5", "f() end while true do f("])
  func badCodeIsRefused(code: String) throws {
    let bench = try Bench()
    bench.run("ran = false")
    #expect(bench.run("ran = true\n%timeit -n 1 -r 1 \(code)")?.contains("In[2]") == true || code == "return 5")
    #expect(bench.run("ran") == "false")
  }

  @Test func results() throws {
    let bench = try Bench()
    #expect(
      bench.run("%timeit -n 3 -r 2 -o -q math.sin(1)")?.wholeMatch(
        of: /<TimeitResult : .* per loop \(mean ± std\. dev\. of 2 runs, 3 loops each\)>/) != nil)
    #expect(
      bench.run("_.loops, _['repeat'], #_.all_runs, _.best <= _.average, _.worst >= _.average, _.stdev >= 0")
        == "3\t2\t2\ttrue\ttrue\ttrue")
    bench.run("local kept\n%timeit -q -n 1 -r 1 -v kept 1")
    bench.run("%timeit -q -n 1 -r 1 -v other 1")
    #expect(bench.run("kept.loops, other.loops") == "1\t1")
  }

  @Test func assigned() throws {
    let bench = try Bench()
    #expect(bench.run("local r = %timeit -q -o -n 2 -r 1 math.sin(1)\nx = 1") == nil)
    #expect(bench.run("r.loops, x") == "2\t1")
    #expect(bench.run("v = %time 6 * 7") == nil)
    #expect(bench.run("v") == "42")
    #expect(bench.run("w = %time error('x')")?.hasPrefix("In[5]:1: x") == true)
    bench.run("p = %pwd")
    #expect(bench.run("#p > 0") == "true")
  }

  @Test func slowerThanAllowedFails() throws {
    let bench = try Bench()
    #expect(bench.run("%timeit -q -n 1 -r 1 --max 1ns for i = 1, 1000 do end")?.hasPrefix("TimeitError: ") == true)
    #expect(bench.run("%timeit -q -n 1 -r 1 --max 10s 1") == nil)
  }

  @Test func comparison() throws {
    let bench = try Bench()
    let text = bench.output("%timeit -n 3 -r 2 --cmp 'for i = 1, 100000 do end' 1")
    #expect(text.split(separator: "\n").filter { $0.contains("per loop") }.count == 2)
    #expect(text.contains("times faster than for i = 1, 100000 do end"))
  }

  @Test func memoryStaysBoundedAndTheCollectorRuns() throws {
    let bench = try Bench()
    #expect(bench.run("%timeit -q -n 6000 -r 1 local s = ('x'):rep(100000)") == nil)
    #expect(bench.session.lua.isCollecting)
    #expect(peakMegabytes() < 550)
    bench.run("%timeit -q -n 1 -r 1 error('x')")
    #expect(bench.session.lua.isCollecting)
  }

  private func peakMegabytes() -> Int {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return usage.ru_maxrss / 1024
  }

  @Test func errorsComeOutOfTheLoop() throws {
    let bench = try Bench()
    let text = try #require(bench.run("%timeit -n 1 -r 1 error('inside')"))
    #expect(text.hasPrefix("In[1]:1: inside\n"))
    #expect(!text.contains("qrepl)"))
  }
}

@Suite struct TimeMagic {
  private static var lines: Regex<(Substring, Substring, Substring, Substring, Substring)> {
    /(?s)CPU times: user [0-9.e+]+ (ns|μs|ms|s), sys: [0-9.e+]+ (ns|μs|ms|s), total: [0-9.e+]+ (ns|μs|ms|s)\nWall time: [0-9.e+]+ (ns|μs|ms|s)\n/
  }

  @Test func showsTimesThenTheValue() throws {
    let bench = try Bench()
    #expect(bench.run("%time 6 * 7") == "42")
    #expect(bench.display.written.wholeMatch(of: Self.lines) != nil, "\(bench.display.written)")
    #expect(bench.run("%time 6 * 7;") == nil)
    #expect(bench.run("%time 1, 2") == "1\t2")
  }

  @Test func variablesOfItsStatementLiveOn() throws {
    let bench = try Bench()
    bench.run("%time local a = 5")
    bench.run("%time b = a + 1")
    bench.run("%%time\nlocal c = 7\nlocal function d() return c end")
    #expect(bench.run("a, b, c, d()") == "5\t6\t7\t7")
  }

  @Test func cellGivesItsLastValue() throws {
    let bench = try Bench()
    #expect(bench.run("%%time\nlocal x = 20\nx + 1") == "21")
    #expect(bench.run("%%time\nx = 3") == nil)
    #expect(bench.run("%%time f()\nx = 3")?.hasPrefix("UsageError: Can't use statement directly after '%%time'!") == true)
  }

  @Test func timesAreShownWhenItFails() throws {
    let bench = try Bench()
    #expect(bench.run("%time error('x')")?.hasPrefix("In[1]:1: x") == true)
    #expect(bench.display.written.wholeMatch(of: Self.lines) != nil)
  }

  @Test func withoutRaising() throws {
    let bench = try Bench()
    #expect(bench.run("%time --no-raise-error error('x')\nafter = 1") == nil)
    #expect(bench.display.reports.map(\.message) == ["In[1]:1: x"])
    #expect(bench.display.reports.first?.traceback == ["[C]: in function 'error'", "In[1]:1: in main chunk"])
    #expect(bench.run("after") == "1")
    #expect(bench.run("%time --no-raise-error 6 * 7") == "42")
    bench.run("%%time --no-raise-error\nreached = 1\nerror('y')\nreached = 2")
    #expect(bench.run("reached") == "1")
  }
}
