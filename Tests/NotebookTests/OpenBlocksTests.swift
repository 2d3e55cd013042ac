import Notebook
import Testing

@Suite struct BlocksLineByLine {
  /// After which lines more must follow, as `+` and `-`.
  private func course(_ text: String) -> String {
    var blocks = OpenBlocks()
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      blocks.read(Array("\(line)\n".utf8))
      return blocks.isOpen ? "+" : "-"
    }.joined()
  }

  @Test(arguments: [
    ("x = 1\ny = 2", "--"), ("function f()\n  x = {\n  1}\nend", "+++-"), ("x = 1 +\n2", "+-"), ("x = [[\n]\n]]", "++-"), ("x = [==[\n]]\n]==]", "++-"),
    ("--[[ a\nend\n]] x = 1", "++-"), ("-- function", "-"), ("x = 'a\\\nfunction\\\nb'", "++-"), ("x = 'a\\z\n  b'", "+-"), ("x = 'open\ny = 1", "--"),
    ("if x then\nelseif y then\nelse\nend", "+++-"), ("while x\ndo\nend", "-+-"), ("for i = 1, 2 do\nend", "+-"), ("repeat\nuntil x", "+-"),
    ("f(\n)", "+-"), ("%sh echo (\nx = 1", "--"), ("x = ']]' .. \"[[\"", "-"), ("::a::\ngoto a", "--"), ("return ...", "-"), ("local\nx = 1", "+-"),
  ])
  func course(text: String, expected: String) {
    #expect(course(text) == expected, "\(text)")
  }
}
