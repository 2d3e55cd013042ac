import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The program without a terminal to talk to: scripts and pipes, and the statuses they end with.
@Suite(.serialized) struct ScriptsAsProcesses {
  private let folder: String

  init() throws { folder = try temporaryFolder() }

  /// Runs a command line of the shell in the folder, `qrepl` being the program, and gives all that it writes.
  private func output(_ command: String) throws -> String {
    let program = try programPath()
    let terminal = try PseudoTerminal(
      "/bin/sh", ["-c", "cd \(folder); qrepl() { '\(program)' \"$@\"; }; \(command); echo END"],
      environment: ["HOME=\(folder)", "XDG_STATE_HOME=\(folder)/state", "XDG_CONFIG_HOME=\(folder)/config"])
    return try terminal.expect("END\n")
  }

  private func write(_ name: String, _ text: String) throws {
    let file = try #require(fopen("\(folder)/\(name)", "w"))
    fputs(text, file)
    fclose(file)
  }

  @Test func statuses() throws {
    try write("good.lua", "print('fine', ...)\n")
    try write("bad.lua", "print('before')\n-- %%\nlocal function f()\n  error('broken')\nend\nf()\nprint('after')\n")
    try write("seven.lua", "os.exit(7)\n")
    try write("usage.lua", "-- %nothing\nprint('after')\n")
    #expect(try output("qrepl good.lua a b; echo status $?") == "fine\ta\tb\nstatus 0\n")
    let bad = try output("qrepl bad.lua; echo status $?")
    #expect(bad.hasPrefix("before\nqrepl: bad.lua:4: broken\n"), "\(bad)")
    #expect(
      bad.contains("stack traceback:\n\t[C]: in function 'error'\n\tbad.lua:4: in local 'f'\n\tbad.lua:6: in main chunk\n"),
      "\(bad)")
    #expect(bad.hasSuffix("status 1\n") && !bad.contains("after"))
    #expect(try output("qrepl bad.lua 2>/dev/null") == "before\n", "errors go to standard error")
    #expect(try output("qrepl seven.lua; echo status $?") == "status 7\n")
    #expect(try output("qrepl usage.lua 2>&1; echo status $?").hasSuffix("status 1\n"))
    #expect(
      try output("qrepl missing.lua 2>&1; echo status $?")
        == "qrepl: cannot open missing.lua: No such file or directory\nstatus 1\n")
  }

  @Test func interruptedScript() throws {
    // The script has itself interrupted, so the signal cannot come before it runs.
    try write(
      "loop.lua", "os.execute('(sleep 0.3; kill -INT $PPID) &')\nwhile true do pcall(function() while true do end end) end\n")
    let text = try output("qrepl loop.lua; echo status $?")
    #expect(text == "qrepl: interrupted!\nstatus 130\n")
  }

  @Test func standardInput() throws {
    try write("cells.txt", "x = 5\nx + 1\nfor i = 1, 2 do\n  print(i)\nend\n\nlocal y = x\ny;\ny, 'b'\n")
    #expect(try output("qrepl < cells.txt; echo status $?") == "6\n1\n2\n5\tb\nstatus 0\n")
    try write("failing.txt", "print(1)\n\nerror('stop')\nprint(2)\n")
    let text = try output("qrepl < failing.txt; echo status $?")
    #expect(text.hasPrefix("1\nqrepl: stdin:3: stop\n"), "\(text)")
    #expect(text.hasSuffix("status 1\n") && !text.contains("In ["))
    try write("open.txt", "x = (1 +\n")
    #expect(try output("qrepl < open.txt 2>&1; echo status $?").contains("near <eof>"))
  }

  @Test func noEscapesInPipes() throws {
    try write("error.lua", "error('x')\n")
    let text = try output("qrepl error.lua 2>&1 | od -c | grep -c 033; qrepl < error.lua 2>&1 | od -c | grep -c 033")
    #expect(text == "0\n0\n")
  }

  @Test func whatMagicsWriteStaysInOrder() throws {
    try write("order.lua", "io.write('a ')\n-- %sh printf 'b '\nio.write('c ')\n-- %pwd\n-- %env QREPL_TEST=1\nprint('d')\n")
    #expect(try output("qrepl order.lua | cat") == "a b c env: QREPL_TEST=1\nd\n")
  }
}
