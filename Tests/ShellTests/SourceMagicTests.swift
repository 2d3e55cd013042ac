import LuaVM
import Shell
import Testing

@Suite struct SourceMagics {
  @Test func loadPutsCodeAtTheNextPrompt() throws {
    let bench = try Bench()
    let folder = try temporaryFolder()
    bench.run("io.open('\(folder)/f.lua', 'w'):write('function a()\\n  return 1\\nend\\nlocal b = 2\\nc = 3\\n'):close()")
    func loaded(_ cell: String) -> String? {
      #expect(bench.output(cell) == "")
      defer { bench.session.nextInput = nil }
      return bench.session.nextInput
    }
    let head = "-- %load \(folder)/f.lua -- noescape\n"
    #expect(loaded("%load \(folder)/f") == "-- %load \(folder)/f -- noescape\nfunction a()\n  return 1\nend\nlocal b = 2\nc = 3")
    #expect(loaded("%load -r 2-3 \(folder)/f.lua") == head + "  return 1\nend")
    #expect(loaded("%load -r 2 \(folder)/f.lua") == head + "return 1")
    #expect(loaded("%load -r 1:2,4-9 \(folder)/f.lua") == head + "function a()\nlocal b = 2\nc = 3\n".dropLast())
    #expect(loaded("%load -s a,c \(folder)/f.lua") == head + "function a()\n  return 1\nend\nc = 3")
    bench.run("function g(x)\n  return x\nend s = 'text'")
    #expect(loaded("%load g")?.hasPrefix("-- %load g -- noescape\nfunction g(x)\n  return x\nend") == true)
    #expect(loaded("%load s") == "-- %load s -- noescape\ntext")
    #expect(bench.run("%load nosuch") == "UsageError: 'nosuch' was not found in history, as a file, nor in the user namespace.")
    #expect(bench.run("%load -s zz \(folder)/f.lua") == "UsageError: The symbol `zz` was not found")
  }

  @Test func saveWritesPlainLua() throws {
    let bench = try Bench()
    let folder = try temporaryFolder()
    bench.run("a = 1")
    bench.run("for i = 1, 2 do\n  %time a = i\nend")
    bench.run("!true")
    bench.run("a?")
    bench.run("%%writefile \(folder)/w\nline\n")
    bench.run("b = 2")
    #expect(bench.output("%save \(folder)/s 1-2") == "The following commands were written to file `\(folder)/s.lua`:\na = 1\nfor i = 1, 2 do\n  -- %time a = i\nend\n")
    func file() throws -> String { String(decoding: try FilePath.read(folder + "/s.lua"), as: UTF8.self) }
    #expect(try file() == "a = 1\nfor i = 1, 2 do\n  -- %time a = i\nend\n")
    #expect(bench.output("%save \(folder)/s 1") == "Operation cancelled.\n")
    #expect(bench.display.questions == ["File `\(folder)/s.lua` exists. Overwrite (y/[N])? "])
    bench.run("%save -f \(folder)/s 3-6")
    #expect(try file() == "-- %sh true\n-- %pinfo a\n-- %%\n-- %%writefile \(folder)/w\n-- line\n-- %%\nb = 2\n")
    bench.run("%save -a \(folder)/s.lua 1")
    #expect(try file().hasSuffix("b = 2\na = 1\n"))
    bench.run("%save -f -r \(folder)/s 2-4")
    #expect(try file() == "for i = 1, 2 do\n  %time a = i\nend\n!true\na?\n")
    #expect(bench.run("%save") == "UsageError: Missing filename.")
    #expect(bench.run("%save -f \(folder)/s x") == "UsageError: 'x' is no range of history")
  }

  @Test func rerunRunsAgain() throws {
    let bench = try Bench()
    bench.run("n = (n or 0) + 1")
    bench.run("n * 10")
    #expect(bench.output("%rerun 1-2") == "=== Executing: ===\nn = (n or 0) + 1\nn * 10\n=== Output: ===\n")
    #expect(bench.display.shown[0] == "20")
    bench.run("local kept = 7")
    bench.run("%rerun")
    bench.run("%rerun -g or")
    #expect(bench.run("n, kept") == "3\t7")
    bench.run("%rerun -l 1")
    #expect(bench.output("%rerun 99") == "No lines in history match specification\n")
    bench.run("error('why')")
    #expect(bench.run("%rerun \(bench.session.number - 1)")?.contains("why") == true)
    #expect(bench.run("%rerun -l 0") == "UsageError: option -l must be a whole number from 1, not '0'")
  }

  @Test func recallPutsWhatWasTyped() throws {
    let bench = try Bench()
    bench.run("a = 'value'")
    bench.run("a")
    func next(_ cell: String) -> String? {
      bench.run(cell)
      defer { bench.session.nextInput = nil }
      return bench.session.nextInput
    }
    #expect(next("%recall") == "value")
    #expect(next("%rep 1-2") == "a = 'value'\na")
    #expect(next("%recall a") == "value")
    #expect(next("%recall = 'val") == "a = 'value'")
    #expect(bench.output("%recall zz zz") == "Couldn't evaluate or find in history: zz zz\n")
  }

  @Test func editRunsWhatTheEditorLeaves() throws {
    let bench = try Bench()
    let folder = try temporaryFolder()
    bench.run("%env VISUAL=echo 'edited = (edited or 0) + 1' >>")
    defer { bench.run("%env VISUAL=true") }
    #expect(bench.output("%edit \(folder)/e.lua") == "Editing... done. Executing edited code...\n")
    #expect(bench.output("%edit -x \(folder)/e") == "Editing... \n")
    #expect(bench.run("edited") == "1")
    bench.run("%edit -p")
    #expect(bench.run("edited") == "4")
    bench.run("source = 'edited = 10'")
    #expect(bench.run("%edit source") == "edited = 10\nedited = (edited or 0) + 1\n")
    #expect(bench.run("edited") == "11")
    bench.run("%env VISUAL=false")
    #expect(bench.run("%edit \(folder)/e.lua")?.hasPrefix("'false' returned non-zero exit status 1.") == true)
  }

  @Test func rangesAsIPython() throws {
    let bench = try Bench()
    for i in 1...6 { bench.run("v\(i) = \(i)") }
    func lines(_ ranges: String) -> String { bench.output("%history \(ranges)").split(separator: "\n").joined(separator: ",") }
    #expect(lines("2-3") == "v2 = 2,v3 = 3")
    #expect(lines("2:4 1") == "v2 = 2,v3 = 3,v1 = 1")
    #expect(lines("-2") == "v1 = 1,v2 = 2")
    #expect(lines("~0/2") == "v2 = 2")
    #expect(lines("1/3-4") == "v3 = 3,v4 = 4")
    #expect(lines("6-").hasPrefix("v6 = 6,%history 2-3"))
    #expect(lines("-l 2").hasSuffix("%history 6-"))
    #expect(lines("~1/1-~0/2") == "v1 = 1,v2 = 2")
    for bad in ["x", "1-x", "a/1", "1--2", "~0/1-~1/2"] { #expect(bench.run("%history \(bad)")?.hasPrefix("UsageError: '\(bad)'") == true) }
  }
}
