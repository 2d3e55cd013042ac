import LuaVM
import Shell
import Testing

@Suite struct Completion {
  private let bench: Bench

  init() throws {
    bench = try Bench()
    bench.run(
      """
      torch = {nn = {LSTM = function() end, Linear = function() end}, relu = function() end, pi = 3, _private = 1}
      local alphabet = {apple = 1, avocado = function() end}
      object = setmetatable({}, {__index = {forward = function() end, weight = 1}})
      trap = setmetatable({}, {__index = function() touched = true end, __tostring = function() touched = true end})
      complete = setmetatable({}, {__complete = function() return {"lstm", "encoder", "with space"} end})
      deep = {a = {b = {c = {leaf = 1}}}, ["not a name"] = 1, [1] = {first = 1}}
      """)
  }

  private func words(_ text: String) -> [String] {
    bench.session.completions(of: text).candidates
  }

  @Test(arguments: [
    ("torch.r", ["relu"]), ("torch.nn.L", ["LSTM", "Linear"]), ("x = torch.", ["nn", "pi", "relu"]), ("torch._", ["_private"]),
    ("alphabet.a", ["apple", "avocado"]), ("alphabet:a", ["avocado"]), ("object:", ["forward"]),
    ("object.", ["forward", "weight"]),
    ("complete.e", ["encoder"]), ("complete:", ["encoder", "lstm"]), ("deep.a.b.c.", ["leaf"]),
    ("deep['a'].b[\"c\"].l", ["leaf"]), ("deep[1].f", ["first"]),
    ("deep['n", ["not a name"]), ("deep[\"a", ["a"]), ("f(torch.re", ["relu"]), ("if x then\n  torch.re", ["relu"]),
    ("nothing.x", []), ("f().x", []),
    ("('x'):re", []), ("-- torch.re", []), ("x = 5 -- to", []), ("trap.x", []), ("alph", ["alphabet"]), ("repe", ["repeat"]),
    ("local zebra = 1 zeb", ["zebra"]),
    ("string.rep", ["rep"]), ("1 .. torch.re", ["relu"]),
  ])
  func members(text: String, expected: [String]) {
    #expect(words(text) == expected)
  }

  @Test func noCodeOfTheUsersRuns() throws {
    for text in ["trap.", "trap.x.y", "trap:z", "trap['", "tr"] { _ = words(text) }
    _ = try bench.help("torch.nn?")
    #expect(try bench.value("rawget(_G, 'touched')") == .nil)
  }

  @Test(arguments: [
    ("%timei", ["%timeit"]), ("%%timei", ["%%timeit"]), ("  -- %timei", ["%timeit"]), ("%timeit --c", ["--cmp"]),
    ("%timeit -s b", ["best"]), ("%timeit torch.re", ["relu"]),
    ("%reset -", ["-f"]), ("%xdel obj", ["object"]), ("x = 1\n%timei", ["%timeit"]),
  ])
  func magics(text: String, expected: [String]) {
    #expect(words(text) == expected)
  }

  @Test func files() throws {
    let folder = try temporaryFolder()
    bench.run("!touch \(folder)/weights.pth \(folder)/.hidden; mkdir \(folder)/wide")
    #expect(words("torch.load('\(folder)/w") == ["weights.pth", "wide/"])
    #expect(words("%run \(folder)/we") == ["weights.pth"])
    #expect(words("%cd \(folder)/w") == ["wide/"])
    #expect(words("!ls \(folder)/we") == ["weights.pth"])
    let found = bench.session.completions(of: "load('\(folder)/we")
    #expect(found.start == "load('\(folder)/".utf8.count)
  }

  @Test func keywordsOfACall() throws {
    try bench.session.lua.run(
      "debug.getregistry()['qrepl.doc'] = {[torch.nn.LSTM] = {signature = 'LSTM(int input_size, int hidden_size, int num_layers=1, *, bool bias=True)'}}"
    )
    #expect(words("m = torch.nn.LSTM{hid") == ["hidden_size = "])
    #expect(words("m = torch.nn.LSTM{hidden_size = 3, num") == ["num_layers = "])
    #expect(words("m = torch.nn.LSTM(5, {bi") == ["bias = "])
    #expect(words("m = torch.nn.Linear{hid") == [])
  }
}
