import Shell
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct Histories {
  @Test func sessionsAtOnceLoseNothing() throws {
    let path = try temporaryFolder() + "/deep/history.sqlite"
    let first = try #require(SQLiteHistory(path: path))
    let second = try #require(SQLiteHistory(path: path))
    first.append(number: 1, source: "a1")
    second.append(number: 1, source: "b1")
    #expect(first.session != second.session)
    for number in 1...50 {
      first.append(number: number, source: "a\(number)")
      second.append(number: number, source: "b\(number)")
    }
    first.setOutput(number: 3, output: "three")
    #expect(first.entries(ofSession: second.session).map(\.source) == (1...50).map { "b\($0)" })
    #expect(
      second.entries(ofSession: first.session)[2]
        == HistoryEntry(session: first.session, number: 3, source: "a3", output: "three"))
    #expect(second.search("*a4?").count == 10)
    let third = try #require(SQLiteHistory(path: path))
    #expect(third.tail(3, includesCurrent: false).map(\.source) == ["b48", "b49", "b50"])
    #expect(third.tail(3, includesCurrent: true).map(\.source) == ["b48", "b49", "b50"])
    #expect(second.tail(2, includesCurrent: false).map(\.source) == ["a49", "a50"])
  }

  @Test func whatCannotBeWrittenIsNoHistory() throws {
    #expect(SQLiteHistory(path: "/proc/nowhere/history.sqlite") == nil)
    let folder = try temporaryFolder()
    let path = folder + "/history.sqlite"
    let file = try #require(fopen(path, "w"))
    fputs("this is no database, and it is long enough for SQLite to look at its first bytes and tell", file)
    fclose(file)
    #expect(SQLiteHistory(path: path) == nil)
  }

  @Test func aSessionOutlivesItsFile() throws {
    let folder = try temporaryFolder()
    let history = try #require(SQLiteHistory(path: folder + "/history.sqlite"))
    let bench = try Bench(history: history)
    bench.run("x = 1")
    bench.run("!rm -rf \(folder)")
    #expect(bench.run("x + 1") == "2")
    #expect(bench.output("%history 1") == "x = 1\n")
  }

  @Test func earlierSessions() throws {
    let path = try temporaryFolder() + "/history.sqlite"
    let before = try Bench(history: try #require(SQLiteHistory(path: path)))
    before.run("first")
    before.run("6 * 7")
    let bench = try Bench(history: try #require(SQLiteHistory(path: path)))
    #expect(bench.output("%history -o ~1/2") == "6 * 7\n42\n")
    #expect(bench.output("%history -n 1/1") == " 1/1: first\n" || bench.output("%history -n ~1/1").hasSuffix("1/1: first\n"))
    #expect(bench.output("%history -g 6").contains("1/2: 6 * 7\n"))
    #expect(bench.output("%history -l 1") == "%history -g 6\n")
  }

  @Test(arguments: [
    ("a*c", "abc", true), ("a?c", "abc", true), ("*", "", true), ("a*", "ba", false), ("*b*d", "abcd", true),
    ("*b*d", "abc", false), ("", "", true), ("**a", "a", true),
  ])
  func globs(pattern: String, text: String, matches: Bool) {
    #expect(Glob(pattern).matches(text) == matches)
  }
}

@Suite struct Reports {
  @Test(arguments: [
    ("prnt(1)", "prnt", "Did you mean 'print'?"), ("string.fromat('x')", "fromat", "Did you mean 'format'?"),
    ("local s = string\ns.uper('x')", "uper", "Did you mean 'upper'?"),
    ("lcoal = nil; zzzzzz()", "zzzzzz", nil),
  ])
  func misspelt(cell: String, name: String, hint: String?) throws {
    let bench = try Bench()
    bench.run(cell)
    let report = try #require(bench.display.reports.first)
    #expect(report.hint == hint)
    let excerpt = try #require(report.excerpt)
    let columns = try #require(excerpt.columns)
    #expect(excerpt.text.dropFirst(columns.lowerBound).prefix(columns.count) == name)
  }

  @Test func localsAreCandidates() throws {
    let bench = try Bench()
    bench.run("local model = {forward = 1}")
    bench.run("modle.x = 1")
    bench.run("model.forwrd()")
    #expect(bench.display.reports.map(\.hint) == ["Did you mean 'model'?", "Did you mean 'forward'?"])
  }

  @Test func layout() throws {
    let bench = try Bench()
    #expect(
      bench.run("x = 1\ny = x + nothing") == """
        In[1]:2: attempt to perform arithmetic on a nil value (global 'nothing')
          2 | y = x + nothing
            |         ^^^^^^^
        stack traceback:
        \tIn[1]:2: in main chunk
        """)
  }

  @Test func errorValues() throws {
    let bench = try Bench()
    #expect(bench.run("error({})")?.hasPrefix("(error object is a table value)\n") == true)
    #expect(
      bench.run("error(setmetatable({}, {__tostring = function() return 'own text' end}))")?.hasPrefix("own text\n") == true)
    #expect(bench.run("error()")?.isEmpty == false)
    #expect(bench.run("error('line one\\nline two', 0)")?.hasPrefix("line one\nline two\n") == true)
    #expect(bench.run("local function f() return f() + 1 end f()")?.contains("stack overflow") == true)
    #expect(bench.run("1") == "1")
  }
}
