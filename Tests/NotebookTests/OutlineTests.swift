import Notebook
import Testing

private let lineForms: [String: MagicSyntax.Form] = ["time": .lua, "timeit": .lua, "who": .words, "sh": .words]
private let cellForms: [String: MagicSyntax.Form] = ["time": .lua, "timeit": .lua, "sh": .words]
private let syntax = MagicSyntax(line: { lineForms[$0] }, cell: { cellForms[$0] })

private func outline(_ text: String, file: Bool = false) -> Outline {
  Outline(Array(text.utf8), options: .init(hasMarkers: file, isPrompt: !file, syntax: syntax))
}

private func statements(_ text: String) -> [String] {
  let outline = outline(text)
  return outline.statements.map { outline.text($0.range) }
}

private func magics(_ text: String, file: Bool = false) -> [String] {
  outline(text, file: file).magics.map { String(repeating: "%", count: $0.line.level) + $0.line.name }
}

@Suite struct StatementBoundaries {
  @Test(arguments: [
    ("x = 1 y = 2", ["x = 1", "y = 2"]),
    ("x = f\n(g)()", ["x = f\n(g)()"]),
    ("x = 5\n(g)()", ["x = 5", "(g)()"]),
    ("x = 'a'\n(g)()", ["x = 'a'", "(g)()"]),
    ("f 'a'\n(g)()", ["f 'a'\n(g)()"]),
    ("x = {1, 2}\n(g)()", ["x = {1, 2}", "(g)()"]),
    ("f{1, 2}\n(g)()", ["f{1, 2}\n(g)()"]),
    ("local x <const> = 1 local y <close>\nz = 3", ["local x <const> = 1", "local y <close>", "z = 3"]),
    ("local function f(a, b) return a end f(1)", ["local function f(a, b) return a end", "f(1)"]),
    ("local f = function() x = 1 y = 2 end + 1 g()", ["local f = function() x = 1 y = 2 end + 1", "g()"]),
    ("while a do b() c() end d()", ["while a do b() c() end", "d()"]),
    ("for i = 1, 3 do f(i) end do g() end h()", ["for i = 1, 3 do f(i) end", "do g() end", "h()"]),
    ("x = y do z() end", ["x = y", "do z() end"]),
    ("if a then b() elseif c then d() else e() end f()", ["if a then b() elseif c then d() else e() end", "f()"]),
    ("repeat x = x + 1 until x > 3 y = 2", ["repeat x = x + 1 until x > 3", "y = 2"]),
    ("goto done x = 1 ::done:: y = 2", ["goto done", "x = 1", "::done::", "y = 2"]),
    ("x = a .. b == c and not d\n#t", ["x = a .. b == c and not d", "#t"]),
    ("function a.b:c() end x.y[1].z(2) = 3", ["function a.b:c() end", "x.y[1].z(2) = 3"]),
    ("x = 1; y = 2;", ["x = 1", "y = 2"]),
    ("x = [[\ny = 2\n]] -- z = 3\n--[==[ w = ]] 4 ]==] v = 5", ["x = [[\ny = 2\n]]", "v = 5"]),
    ("x = ~y ~ z x = -1 - 2", ["x = ~y ~ z", "x = -1 - 2"]),
    ("for k, v in pairs(t) do local x = k end", ["for k, v in pairs(t) do local x = k end"]),
    ("x = 0x1p-3 y = 1e+5 z = 3", ["x = 0x1p-3", "y = 1e+5", "z = 3"]),
  ])
  func splits(text: String, expected: [String]) {
    #expect(statements(text) == expected)
  }

  @Test func declaredNames() {
    let outline = outline("local a, b <const> = c, d local function f() local g end x = 1 return x")
    #expect(
      outline.statements.map(\.kind) == [
        .local([outline.statements[0].declaredNames[0], outline.statements[0].declaredNames[1]]), .localFunction("f"), .other,
        .returnStatement,
      ])
    #expect(outline.statements[0].declaredNames.map(\.name) == ["a", "b"])
    #expect(outline.statements[0].declaredNames.map(\.attribute) == [nil, "const"])
  }

  @Test(arguments: [
    ("f(x)", true), ("x", true), ("x + 1;", true), ("{1}", true), ("function() end", true), ("function f() end", false),
    ("x = 1", false), ("x.y = {a = 1}", false), ("f{a = 1}", true), ("a, b", true), ("a, b = 1", false), ("-x", true),
    ("\"s\"", true), ("break", false), ("nil", true), ("...", true), ("for i = 1, 2 do end", false),
  ])
  func expressions(text: String, isExpression: Bool) {
    #expect((outline(text).statements.last?.kind == .expression) == isExpression)
  }

  @Test(arguments: [("x;", true), ("x -- ;", false), ("x ';'", false), ("x; -- y", true), ("x ;", true), ("x", false)])
  func silence(text: String, isSilenced: Bool) {
    #expect(outline(text).statements.last?.isSilenced == isSilenced)
  }
}

@Suite struct MagicPlaces {
  @Test(arguments: [
    ("%timeit f()", ["%timeit"]),
    ("-- %timeit f()", ["%timeit"]),
    ("  --%timeit f()", ["%timeit"]),
    ("-- -- %who", ["%who"]),
    ("-- % x", []), ("-- %5", []), ("-- 5 %x", []),
    ("-- %time f() -- noescape", []),
    ("x = 1 -- %who", []),
    ("x = [[\n%who\n-- %who\n]]", []),
    ("--[[\n%who\n-- %who\n]]", []),
    ("--[==[\n-- %who\n]]\n-- %who ]==]", []),
    ("a = b\n  % c", []),
    ("a = b\n  %c", []),
    ("a = b\n%who", ["%who"]),
    ("a = b +\n-- %who\nc", []),
    ("a = b\n-- %who\n+ c", []),
    ("a = b\n-- %who\nc = 1", ["%who"]),
    ("a = b\n-- %who\n(c)()", []),
    ("a = 5\n-- %who\n(c)()", ["%who"]),
    ("t = {\n-- %who\n1}", []),
    ("f(\n%who\n)", []),
    ("for i = 1, 3 do\n  -- %time f(i)\nend", ["%time"]),
    ("function f()\n%who\n end", ["%who"]),
    ("x = function()\n-- %who\nreturn 1\n-- %who\nend", ["%who"]),
    ("if a then\n-- %who\nelse\n-- %sh ls\nend", ["%who", "%sh"]),
    ("!ls\nx = 1\n!ls", ["%sh", "%sh"]),
    ("x = '\\\n%who'", []),
    ("%nothing", ["%nothing"]),
    ("x = 1\n%who\n%who\ny = 2", ["%who", "%who"]),
    ("return\n-- %who", []),
    ("x = %who", ["%who"]), ("local r = %timeit f()\n(g)()", ["%timeit"]), ("x = %nothing", []), ("x = a %who", []),
    ("x = {a = %who", ["%who"]),
  ])
  func found(text: String, expected: [String]) {
    #expect(magics(text) == expected)
  }

  @Test func shellIsForThePromptAlone() {
    #expect(magics("!ls", file: true) == [])
  }

  @Test func aFormatIsNoMagic() {
    #expect(magics("-- %d stands for a number\n-- %who\n", file: true) == ["%who"])
    #expect(magics("-- %%\n-- %d\n", file: true) == ["%d"])
    #expect(magics("-- %d\n") == ["%d"])
  }

  @Test func cellMagicTakesTheRest() {
    let outline = outline("%%timeit local x = 1\nf(x)\ng(x)\n")
    #expect(outline.magics.count == 1)
    #expect(outline.magics[0].line.argument == "local x = 1")
    #expect(outline.magics[0].body.map(outline.text) == "f(x)\ng(x)\n")
    #expect(outline.statements.count == 2)
    #expect(outline.names.isSuperset(of: ["x", "f", "g"]))
  }

  @Test func rawBodyIsNotRead() {
    let outline = outline("%%sh\necho it's\n[[\n")
    #expect(outline.magics[0].body.map(outline.text) == "echo it's\n[[\n")
    #expect(outline.statements.isEmpty)
    #expect(!outline.isOpen)
  }

  @Test func cellMagicOnlyHeadsItsCell() {
    let outline = outline("x = 1\n%%time\ny = 2")
    #expect(outline.magics.map(\.body) == [nil])
    #expect(outline.magics.map(\.form) == [nil])
  }

  @Test func bodiesEndWithTheirCell() {
    let text =
      "#!/usr/bin/env qrepl\nlocal a = 1\n-- %%\n-- %%timeit\nf(a)\n-- %% [markdown]\n-- %who does this\n-- %%\n-- %%sh\n-- ls\n-- %% last\n-- %who\n"
    let outline = outline(text, file: true)
    #expect(outline.magics.map(\.line.name) == ["timeit", "sh", "who"])
    #expect(outline.magics[0].body.map(outline.text) == "f(a)\n")
    #expect(outline.magics[1].body.map(outline.text) == "-- ls\n")
    #expect(outline.magics.map(\.lineNumber) == [4, 9, 12])
    #expect(outline.cells.map(\.line) == [1, 4, 7, 9, 12])
    #expect(outline.cells.last?.header?.title == "last")
  }

  @Test func markerInsideABlockIsAComment() {
    let outline = outline("function f()\n-- %%\nreturn 1 end\n-- %%\nx = [[\n-- %%\n]]\nt = {\n-- %%\n}", file: true)
    #expect(outline.cells.count == 2)
  }
}
