import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The prompt, typed at on a real pseudo-terminal.
@Suite(.serialized) struct PromptOnATerminal {
  private let folder: String

  init() throws { folder = try temporaryFolder() }

  private func start(_ arguments: [String] = [], environment: [String] = []) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(
      programPath(), arguments,
      environment: ["HOME=\(folder)", "XDG_STATE_HOME=\(folder)/state", "XDG_CONFIG_HOME=\(folder)/config"] + environment)
    return terminal
  }

  @Test func greetsOnce() throws {
    func first(_ arguments: [String] = [], _ environment: [String] = []) throws -> String {
      let terminal = try start(arguments, environment: environment)
      let text = try terminal.expect("In [1]: ")
      terminal.type("\u{4}")
      #expect(try terminal.exitStatus() == 0)
      return text
    }
    #expect(try !first(["--plain"]).contains("Welcome!"))
    #expect(try !first(["--no-history"]).contains("Welcome!"))
    #expect(try first().contains("Welcome! torch.randn? shows help, %quickref what there is; Ctrl-D leaves.\n"))
    #expect(try !first().contains("Welcome!"), "only the first time")
    // Who has a history has been here.
    let terminal = try start(environment: ["XDG_STATE_HOME=\(folder)/other"])
    try terminal.expect("In [1]: ")
    terminal.type("1\r")
    try terminal.expect("In [2]: ")
    terminal.type("\u{4}")
    #expect(try terminal.exitStatus() == 0)
    #expect(unlink("\(folder)/other/qrepl/greeted") == 0)
    #expect(try !first([], ["XDG_STATE_HOME=\(folder)/other"]).contains("Welcome!"))
  }

  @Test func inputAndOutput() throws {
    let terminal = try start()
    try terminal.expect("In [1]: ")
    terminal.type("6 * 7\r")
    try terminal.expect("Out[1]: 42\n")
    try terminal.expect("In [2]: ")
    terminal.type("local t = 'a\\nb'\r")
    try terminal.expect("In [3]: ")
    terminal.type("t\r")
    try terminal.expect("Out[3]: \na\nb\n")
    terminal.type("for i = 1, 2 do\r")
    try terminal.expect("   ...: ")
    terminal.type("print('line', i) end\r")
    try terminal.expect("line\t1\nline\t2\n")
    try terminal.expect("In [5]: ")
    terminal.type("error('bad')\r")
    try terminal.expect("In[5]:1: bad")
    try terminal.expect("In [6]: ")
    terminal.type("\u{4}")
    #expect(try terminal.exitStatus() == 0)
  }

  @Test func controlCEndsALoopOfMatrixProducts() throws {
    let terminal = try start()
    try terminal.expect("In [1]: ")
    terminal.type("a = torch.ones(1000, 1000)\r")
    try terminal.expect("In [2]: ")
    terminal.type("b = a:mm(a) print('running') while true do b = a:mm(a) end\r")
    try terminal.expect("running\n")
    usleep(300_000)
    terminal.type("\u{3}")
    try terminal.expect("interrupted!")
    try terminal.expect("In [3]: ")
    terminal.type("b[{0, 0}]:item()\r")
    try terminal.expect("Out[3]: 1000.0\n")
    try terminal.expect("In [4]: ")
    terminal.type("\u{4}")
    #expect(try terminal.exitStatus() == 0)
  }

  @Test func controlCEndsTheCellAndKeepsTheSession() throws {
    let terminal = try start()
    try terminal.expect("In [1]: ")
    terminal.type("x = 5\r")
    try terminal.expect("In [2]: ")
    terminal.type("print('running') while true do pcall(function() while true do end end) end\r")
    try terminal.expect("running\n")
    terminal.type("\u{3}")
    try terminal.expect("interrupted!")
    try terminal.expect("In [3]: ")
    terminal.type("not to be run")
    try terminal.expect("not to be run")
    terminal.type("\u{3}")
    try terminal.expect("In [3]: ")
    terminal.type("for i = 1, 2 do\r")
    try terminal.expect("   ...: ")
    terminal.type("\u{3}")
    try terminal.expect("In [3]: ")
    terminal.type("x + 1\r")
    try terminal.expect("Out[3]: 6\n")
    terminal.type("%timeit -r 1000 print('running') while true do end\r")
    try terminal.expect("running\n")
    terminal.type("\u{3}")
    try terminal.expect("interrupted!")
    try terminal.expect("In [5]: ")
    terminal.type("!echo running; sleep 30\r")
    try terminal.expect("running\n")
    // The shell loses an interrupt that comes while it starts a command.
    usleep(300_000)
    terminal.type("\u{3}")
    try terminal.expect("In [6]: ", within: 5)
    terminal.type("\u{4}")
    #expect(try terminal.exitStatus() == 0)
  }

  @Test func aPastedBlockIsOneCell() throws {
    let terminal = try start()
    try terminal.expect("In [1]: ")
    terminal.type(
      "\u{1B}[200~In [7]: local q = 1\n   ...: for i = 1, 3 do\n   ...:   q = q + i\n   ...: end\n   ...: q\u{1B}[201~\r")
    try terminal.expect("Out[1]: 7\n")
    try terminal.expect("In [2]: ")
  }

  @Test func completion() throws {
    let terminal = try start()
    try terminal.expect("In [1]: ")
    terminal.type("box = {inner = {treasure = 17}}\r")
    try terminal.expect("In [2]: ")
    terminal.type("box.inn\t.tre\t\r")
    try terminal.expect("Out[2]: 17\n")
    terminal.type("%lsm\t\r")
    try terminal.expect("Available line magics:")
    terminal.type("box['in\t'].tr\t + 1\r")
    try terminal.expect("Out[4]: 18\n")
    terminal.type("\u{3}")
  }

  @Test func historyComesBack() throws {
    let first = try start()
    try first.expect("In [1]: ")
    first.type("remembered = 'yes'\r")
    try first.expect("In [2]: ")
    first.type("\u{4}")
    #expect(try first.exitStatus() == 0)
    let second = try start()
    try second.expect("In [1]: ")
    second.type("\u{1B}[A\r")
    try second.expect("In [2]: ")
    second.type("remembered\r")
    try second.expect("Out[2]: yes\n")
  }

  @Test func initFileAndExit() throws {
    mkdir("\(folder)/config", 0o700)
    mkdir("\(folder)/config/qrepl", 0o700)
    let file = try #require(fopen("\(folder)/config/qrepl/init.lua", "w"))
    fputs("local greeting = 'hello'\nfunction greet() return greeting end\n", file)
    fclose(file)
    let terminal = try start()
    try terminal.expect("In [1]: ")
    terminal.type("greet()\r")
    try terminal.expect("Out[1]: hello\n")
    terminal.type("%who\r")
    try terminal.expect("Interactive namespace is empty.")
    terminal.type("os.exit(3)\r")
    #expect(try terminal.exitStatus() == 3)
  }

  @Test func anUnwritableHistoryDoesNotStopTheSession() throws {
    let terminal = try start(environment: ["XDG_STATE_HOME=/proc/nowhere"])
    try terminal.expect("In [1]: ")
    terminal.type("1 + 1\r")
    try terminal.expect("Out[1]: 2\n")
  }

  @Test func colours() throws {
    for (environment, expected) in [(["NO_COLOR=1"], false), ([], true), (["CLICOLOR=0"], false)] {
      let terminal = try start(environment: environment)
      try terminal.expect("In [1]: ")
      #expect(terminal.hasColors == expected, "\(environment)")
    }
  }

  @Test func confirmation() throws {
    let terminal = try start()
    try terminal.expect("In [1]: ")
    terminal.type("x = 1\r")
    try terminal.expect("In [2]: ")
    terminal.type("%reset\r")
    try terminal.expect("Proceed (y/[n])? ")
    terminal.type("y\n")
    try terminal.expect("In [3]: ")
    terminal.type("x == nil\r")
    try terminal.expect("Out[3]: true\n")
  }
}
