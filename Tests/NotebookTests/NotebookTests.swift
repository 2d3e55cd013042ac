import Notebook
import Testing

@Suite struct PercentFiles {
  private static let file = """
    -- A title.
    local x = 1

    -- %% [markdown]
    -- # Prose
    --
    -- %timeit is a magic.
    -- %% first tags=["parameters", "b c"]
    print(x)
    --%%
    -- %time f()
      -- %%\t[raw] more
    -- raw
    """

  @Test func cells() {
    let book = Notebook(Array(Self.file.utf8))
    #expect(book.cells.map(\.kind) == [.code, .markdown, .code, .code, .raw])
    #expect(book.cells.map(\.line) == [1, 5, 9, 11, 13])
    #expect(book.cells[1].text == "# Prose\n\n%timeit is a magic.\n")
    #expect(book.cells[2].header?.tags == ["parameters", "b c"])
    #expect(book.cells[2].header?.title == "first")
    #expect(book.cells[3].text == "-- %time f()\n")
  }

  @Test(arguments: [
    "", "\n", "-- %%", "-- %%\n", "x\n-- %%\n", "-- %%\r\nx\r\n-- %% [markdown]\r\n-- a", file, "\u{0}\u{FF}-- %%",
  ])
  func roundTrip(text: String) {
    #expect(Notebook(Array(text.utf8)).source == Array(text.utf8))
  }

  @Test(arguments: [
    ("-- %%", true), ("-- %% a", true), ("--%%", true), ("-- %%a", false), ("-- % %", false), ("-- %%timeit", false),
    ("x -- %%", false),
  ])
  func markers(line: String, isMarker: Bool) {
    #expect((CellHeader(line) != nil) == isMarker)
  }
}

@Suite struct PromptTexts {
  @Test(arguments: [
    ("x?", "x", false), ("x.y:z??", "x.y:z", true), ("?x", "x", false), ("??t[1]", "t[1]", true), ("%timeit?", "%timeit", false),
    ("?", "", false), (" torch.relu ? ", "torch.relu", false),
  ])
  func help(text: String, subject: String, source: Bool) {
    #expect(PromptText.helpRequest(in: text)?.subject == subject)
    #expect(PromptText.helpRequest(in: text)?.wantsSource == source)
  }

  @Test(arguments: ["x", "f(x)?", "x???", "?x?", "x = 1 -- why?", "x?\ny", "'a?"])
  func noHelp(text: String) {
    #expect(PromptText.helpRequest(in: text) == nil)
  }

  @Test(arguments: [
    ("In [3]: x = 1\n   ...: y = 2", "x = 1\ny = 2"), ("> x\n>> y", "x\ny"), ("x > 1", "x > 1"), ("In [1]:\n...: a", "\na"),
    ("In [x]: y", "In [x]: y"),
  ])
  func prompts(text: String, expected: String) {
    #expect(PromptText.strippingPrompts(text) == expected)
  }
}
