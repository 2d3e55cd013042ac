import LuaVM
import Shell
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct Arguments {
  private static let options = [
    MagicOption("n", value: "N", "A number."), MagicOption("q", "Quiet."), MagicOption("o", "Out."),
    MagicOption("cmp", value: "EXPR", "Other."), MagicOption("s", value: "S", choices: ["mean", "best"], "Figure."),
  ]

  @Test(arguments: [
    ("-n 5 f(x)", ["n": ["5"]], "f(x)"), ("-n5 -qo  f( x )  ", ["n": ["5"], "q": [""], "o": [""]], "f( x )"),
    ("-qn5 x", ["q": [""], "n": ["5"]], "x"),
    ("--cmp 'g(x) + 1' f", ["cmp": ["g(x) + 1"]], "f"), ("--cmp=g f", ["cmp": ["g"]], "f"), ("-q -- -x", ["q": [""]], "-x"),
    ("-1 + 2", [:], "-1 + 2"),
    ("-(x)", [:], "-(x)"), ("x -n 5", [:], "x -n 5"), ("", [:], ""), ("-n 1 -n 2 x", ["n": ["1", "2"]], "x"), ("- x", [:], "- x"),
  ])
  func read(line: String, values: [String: [String]], rest: String) throws {
    let arguments = try MagicArguments(line, options: Self.options)
    #expect(arguments.values == values)
    #expect(arguments.rest == rest)
  }

  @Test(arguments: [
    ("-x", "option -x not recognized (allowed: -n N, -q, -o, --cmp EXPR, -s S)"),
    ("--xy", "option --xy not recognized (allowed: -n N, -q, -o, --cmp EXPR, -s S)"),
    ("-n", "option -n requires argument"), ("--cmp", "option --cmp requires argument"),
    ("-s worst", "option -s must be mean, best, not 'worst'"),
  ])
  func wrong(line: String, message: String) {
    #expect(throws: UsageError(message)) { try MagicArguments(line, options: Self.options) }
  }

  @Test func numbersAndWords() throws {
    let arguments = try MagicArguments("-n abc 'a b' \"c\" d'e f'", options: Self.options)
    #expect(throws: UsageError("option -n must be a whole number from 0, not 'abc'")) { try arguments.integer("n", default: 1) }
    #expect(arguments.words == ["a b", "c", "d'e f'"])
    #expect(try arguments.integer("q", default: 3) == 3)
  }
}

@Suite struct VariableLists {
  @Test func whoAsIPython() throws {
    let bench = try Bench()
    #expect(bench.output("%who") == "Interactive namespace is empty.\n")
    bench.run("alpha = 123 local beta = 'test' _hidden = 1")
    #expect(bench.output("%who") == "alpha\t beta\t \n")
    #expect(bench.output("%who integer") == "alpha\t \n")
    #expect(bench.output("%who table") == "No variables match your requested type.\n")
    bench.run((0..<10).map { "v\($0) = 1.5" }.joined(separator: " "))
    #expect(bench.output("%who float") == (0..<9).map { "v\($0)\t " }.joined() + "\nv9\t \n")
  }

  @Test func whosAsIPython() throws {
    let bench = try Bench()
    bench.run("alpha = 123 beta = 'te\\nst' long = ('x'):rep(60) t = {1, 2, a = 3} f = 1.5")
    #expect(
      bench.output("%whos") == """
        Variable   Type       Data/Info
        -------------------------------
        alpha      integer    123
        beta       string     te\\nst
        f          float      1.5
        long       string     xxxxxxxxxxxxxxxxxxxxxxxxx<...>xxxxxxxxxxxxxxxxxxxxxxxxx
        t          table      n=3

        """)
  }

  @Test func objectsDescribeThemselves() throws {
    let bench = try Bench()
    bench.run(
      "w = setmetatable({}, {__name = 'Tensor', __whos = function(v) return 'Tensor', '2x3: 6 elems, type `float32`, 24 bytes' end})"
    )
    #expect(bench.output("%whos Tensor").contains("w          Tensor    2x3: 6 elems, type `float32`, 24 bytes\n"))
    bench.run("bad = setmetatable({}, {__tostring = function() error('no') end})")
    #expect(bench.output("%whos").contains("(tostring failed)"))
  }

  @Test func whoLs() throws {
    let bench = try Bench()
    bench.run("b = 1 local a = 2")
    #expect(bench.run("%who_ls") != nil)
    #expect(bench.run("table.concat(_, ' ')") == "a b")
  }

  @Test func reset() throws {
    let bench = try Bench()
    bench.run("a = 1 local b = 2 print2 = print print = nil")
    bench.run("5")
    #expect(bench.output("%reset") == "Nothing done.\n")
    #expect(bench.display.questions == ["Once deleted, variables cannot be recovered. Proceed (y/[n])? "])
    bench.display.answers = [true]
    bench.run("%reset")
    #expect(bench.run("a, b, print2, print ~= nil, #Out, _2") == "nil\tnil\tnil\ttrue\t0\tnil")
    bench.run("a = 1")
    #expect(bench.output("%reset -f") == "")
    #expect(bench.output("%who") == "Interactive namespace is empty.\n")
  }

  @Test func deleteOne() throws {
    let bench = try Bench()
    bench.run("a = 1 local b = 2")
    bench.run("%xdel a")
    bench.run("%xdel b")
    #expect(bench.run("a, b") == "nil\tnil")
    #expect(bench.run("%xdel c") == "UsageError: name 'c' is not defined")
  }
}

@Suite struct OtherMagics {
  @Test func listOfMagics() throws {
    let bench = try Bench()
    let text = bench.output("%lsmagic")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 6 && lines[0] == "Available line magics:" && lines[2] == "" && lines[3] == "Available cell magics:")
    #expect(lines[1].contains("  %timeit  "))
    #expect(lines[4].contains("  %%timeit"))
    #expect(!lines[4].contains("%%who"))
  }

  @Test(arguments: MagicCatalog(families: MagicCatalog.families).all.values.sorted { $0.name < $1.name })
  func everyMagicHasHelp(magic: Magic) throws {
    #expect(!magic.doc.isEmpty)
    #expect(Set(magic.options.map(\.name)).count == magic.options.count)
    for option in magic.options { #expect(magic.help.contains("  \(option.spelling)")) }
    #expect(try Bench().help("%\(magic.name)?") == magic.help)
  }

  @Test(arguments: [
    ("%nothing", "UsageError: Line magic function `%nothing` not found."),
    ("%timet 1", "UsageError: Line magic function `%timet` not found. Did you mean `%time`?"),
    ("%%who\nx", "UsageError: Cell magic `%%who` not found (But line magic `%who` exists, did you mean that instead?)."),
    ("%%wrong\nx", "UsageError: Cell magic `%%wrong` not found."),
    ("%%time\n", "UsageError: %%time is a cell magic, but the cell body is empty. Did you mean the line magic %time (single %)?"),
    ("%timeit -z 1", "UsageError: option -z not recognized (allowed: "),
    ("%%%sh\nls", "UsageError: Line magic function `%%%sh` not found."),
  ])
  func usageErrors(cell: String, message: String) throws {
    let text = try #require(try Bench().run(cell))
    #expect(text.hasPrefix(message), "\(text)")
    #expect(!text.contains("traceback"))
  }

  @Test func environment() throws {
    let bench = try Bench()
    #expect(bench.output("%env QREPL_TEST_A=b c") == "env: QREPL_TEST_A=b c\n")
    #expect(bench.run("%env QREPL_TEST_A") == "b c")
    #expect(bench.run("os.getenv('QREPL_TEST_A')") == "b c")
    #expect(bench.output("%env QREPL_TEST_A d") == "env: QREPL_TEST_A=d\n")
    #expect(bench.output("%env").contains("QREPL_TEST_A=d\n"))
    #expect(bench.run("%env QREPL_TEST_NONE") == "UsageError: Environment does not have key: QREPL_TEST_NONE")
  }

  @Test func shell() throws {
    let bench = try Bench()
    let folder = try temporaryFolder()
    #expect(bench.run("!printf hi > \(folder)/a; exit 0") == nil)
    #expect(bench.run("io.open('\(folder)/a'):read('a')") == "hi")
    #expect(bench.run("%%sh\nx=it\nprintf \"$x's\" > \(folder)/b\n") == nil)
    #expect(bench.run("io.open('\(folder)/b'):read('a')") == "it's")
    #expect(bench.run("!exit 7")?.hasPrefix("Command 'exit 7' returned non-zero exit status 7.") == true)
    #expect(bench.run("_exit_code") == "7")
    #expect(bench.run("!kill -9 $$")?.hasPrefix("Command 'kill -9 $$' died with signal 9.") == true)
    #expect(bench.run("for i = 1, 2 do\n!printf x >> \(folder)/c\nend\nio.open('\(folder)/c'):read('a')") == "xx")
  }

  @Test func history() throws {
    let bench = try Bench()
    bench.run("x = 1")
    bench.run("x + 1")
    bench.run("for i = 1, 2 do\n\tx = i\nend")
    #expect(bench.output("%history 1-3") == "x = 1\nx + 1\nfor i = 1, 2 do\n    x = i\nend\n")
    #expect(bench.output("%history -n 2-3") == "   2: x + 1\n   3:\nfor i = 1, 2 do\n    x = i\nend\n")
    #expect(bench.output("%history -o -p 1-2") == "> x = 1\n> x + 1\n2\n")
    #expect(bench.output("%history -n 7-") == "   7: %history -n 7-\n")
    #expect(bench.output("%history -g -u x*1").hasPrefix("   1: x = 1\n   2: x + 1\n"))
    let folder = try temporaryFolder()
    #expect(bench.output("%history -f \(folder)/h 1") == "")
    #expect(bench.run("io.open('\(folder)/h'):read('a')") == "x = 1\n")
    #expect(bench.output("%history -f \(folder)/h 2") == "Aborting.\n")
    #expect(bench.output("%history -y -f \(folder)/h 2") == "")
    bench.display.answers = [true]
    #expect(bench.output("%history -f \(folder)/h 2") == "Overwriting file.\n")
    #expect(bench.run("%history a-b") == "UsageError: 'a-b' is no range of history")
  }

  @Test func xmode() throws {
    let bench = try Bench()
    #expect(bench.output("%xmode minimal") == "Exception reporting mode: Minimal\n")
    #expect(bench.run("error('x')") == "In[2]:1: x")
    #expect(bench.output("%xmode Plain") == "Exception reporting mode: Plain\n")
    #expect(bench.run("error('x')") == "In[4]:1: x\nstack traceback:\n\t[C]: in function 'error'\n\tIn[4]:1: in main chunk")
  }

  @Test func help() throws {
    let bench = try Bench()
    bench.run("--- Adds.\nfunction add(a, b, ...)\n  return a + b\nend")
    #expect(try bench.help("add?") == "Signature:   add(a, b, ...)\nType:        function\nFile:        In[1]\nDocstring:\nAdds.")
    #expect(try bench.help("add??").hasSuffix("Source:\nfunction add(a, b, ...)\n  return a + b\nend\nDocstring:\nAdds."))
    #expect(try bench.help("ad?") == "Object `ad` not found. Did you mean `add`?")
    try bench.session.lua.run(
      "debug.getregistry()['qrepl.doc'] = setmetatable({[add] = {signature = 'add(Tensor a, Tensor b) -> Tensor', doc = 'Adds two.', source = 'torch'}}, {__mode = 'k'})"
    )
    #expect(
      try bench.help("add?")
        == "Signature:   add(Tensor a, Tensor b) -> Tensor\nType:        function\nFile:        In[1]\nDocstring:\nAdds two.")
    let number = bench.session.number
    bench.run("add?")
    #expect(bench.session.number == number + 1 && bench.display.written.contains("Adds two."))
  }
}

/// The working folder belongs to the process: nothing else runs meanwhile.
@Suite(.serialized) struct Folders {
  @Test func changeAndBack() throws {
    let bench = try Bench()
    let here = try #require(bench.run("%pwd"))
    let folder = try temporaryFolder()
    #expect(bench.output("%cd \(folder)") == folder + "\n")
    #expect(bench.run("%pwd") == folder)
    #expect(bench.output("%cd -") == here + "\n")
    #expect(bench.output("%cd -q \(folder)") == "")
    #expect(bench.run("%cd nowhere/at/all")?.hasPrefix("[Errno 2] No such file or directory: 'nowhere/at/all'") == true)
    bench.run("%cd \(here)")
  }
}
