import Testing

/// What libraries of Lua draw on a terminal: pictures at the prompt, progress bars.
@Suite(.serialized) struct PicturesOnTerminals {
  /// The checkout, whose `stdlib` the program reads.
  private let home = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  private func terminal(_ arguments: [String], _ environment: [String] = []) throws -> PseudoTerminal {
    try PseudoTerminal(programPath(), arguments, environment: ["HOME=/tmp", "QREPL_HOME=\(home)"] + environment)
  }

  @Test func plotsAtThePrompt() throws {
    let cases: [(environment: [String], wanted: String)] = [
      ([], "3.0 ┤"), (["QREPL_GRAPHICS=kitty"], "Ga=T,f=100,q=2,c=72,"), (["KITTY_WINDOW_ID=1"], "Ga=T,f=100,q=2,c=72,"),
    ]
    for (environment, wanted) in cases {
      let terminal = try terminal(["--no-history"], environment)
      try terminal.expect("In [1]: ")
      terminal.type("require('plot').line {1, 2, 3}\r")
      try terminal.expect("Out[1]: ")
      try terminal.expect(wanted)
      try terminal.expect("In [2]: ")
      terminal.type("%plot --ascii {1, 2, 3}\r")
      try terminal.expect("3.00 +")
      try terminal.expect("In [3]: ")
      terminal.type("\u{4}")
      #expect(try terminal.exitStatus() == 0)
    }
  }

  @Test func barsFillTheLine() throws {
    let script = """
      local tqdm = require "tqdm"
      local bar <close> = tqdm {total = 4, desc = "read", clock = function() return 0 end}
      bar:update(3)
      bar:refresh()
      bar:set_postfix {loss = 0.5}
      """
    // Python 3.11, tqdm 4.70 on 100 columns draws 99.
    let left = 99 - "read:  75%|| 3/4 [00:00<?, ?it/s]".count
    let first = try terminal(["-e", script])
    try first.expect("read:   0%|" + String(repeating: " ", count: left) + "| 0/4 [00:00<?, ?it/s]")
    try first.expect("read:  75%|" + String(repeating: "█", count: left * 3 / 4))
    try first.expect("| 3/4 [00:00<?, ?it/s, loss=0.5]")
    try first.expect("\n")
    #expect(try first.exitStatus() == 0)
    let silent = try terminal(["-e", script], ["QREPL_PROGRESS=0"])
    #expect(try silent.exitStatus() == 0)
    #expect(silent.screen == "")
  }
}
