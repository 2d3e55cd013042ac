import Batch
import Notebook
import Testing

@Suite struct Parameters {
  private func set(_ parameters: String..., in source: String) throws -> String {
    var notebook = Notebook(Array(source.utf8))
    try notebook.set(parameters.map { try #require(Parameter($0)) }, of: "f.lua")
    return String(decoding: notebook.source, as: UTF8.self)
  }

  @Test func literalsAndStrings() throws {
    let values = [
      "3": "3", "-2.5e3": "-2.5e3", "0x1F": "0x1F", "true": "true", "nil": "nil", "'a b'": "'a b'", "{1, x = 'y', [2] = {}}": "{1, x = 'y', [2] = {}}",
      "adam": "\"adam\"", "os.exit()": "\"os.exit()\"", "{os.exit()}": "\"{os.exit()}\"", "1 + 1": "\"1 + 1\"", "": "\"\"",
      "a\"b\\c\n": "\"a\\\"b\\\\c\\010\"", "é": "\"\\195\\169\"", "-- x": "\"-- x\"", "-": "\"-\"", "{": "\"{\"",
    ]
    for (text, lua) in values { #expect(Parameter("x=" + text)?.value == lua) }
    for wrong in ["x", "=1", "1x=2", "a b=1", "end=1", "a.b=1"] { #expect(Parameter(wrong) == nil, "\(wrong)") }
  }

  @Test func placesOfValues() throws {
    let head = "-- %% tags=[\"parameters\"]\n"
    #expect(try set("lr=0.5", in: head + "local lr = 0.1 -- rate\nlocal half = lr / 2\n") == head + "local lr = 0.5 -- rate\nlocal half = lr / 2\n")
    #expect(try set("b=2", "c=x", in: head + "a, b = f(1, 2), {3, 4}\nlocal c <const> = 'y'\n") == head + "a, b = f(1, 2), 2\nlocal c <const> = \"x\"\n")
    #expect(try set("b=2", in: head + "local a, b = f()\n") == head + "local a, b = f(); b = 2\n")
    #expect(try set("b=2", in: head + "local b\nprint(b)\n") == head + "local b; b = 2\nprint(b)\n")
    #expect(try set("b=2", in: head + "local b = {\n  1,\n}\nprint(b)\n") == head + "local b = 2\n\n\nprint(b)\n", "lines stay")
    #expect(try set("b=2", in: head + "local f, b = function() return 1, 2 end, 3\n") == head + "local f, b = function() return 1, 2 end, 2\n")
  }

  @Test func unknownNames() throws {
    let head = "-- %% tags=[\"parameters\"]\nlocal rate, epochs = 0.1, 2\n"
    #expect(throws: CommandMistake.self) { try set("epoch=3", in: head) }
    do { _ = try set("epoch=3", in: head) } catch let mistake as CommandMistake {
      #expect(mistake.description == "f.lua has no parameter 'epoch': it has rate, epochs. Did you mean 'epochs'?")
    }
    do { _ = try set("epoch=3", in: "-- %%\nlocal epoch = 1\n") } catch let mistake as CommandMistake {
      #expect(mistake.description == "f.lua has no cell tagged \"parameters\", so 'epoch' cannot be set")
    }
  }
}
