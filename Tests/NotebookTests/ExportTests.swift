import JSON
import Notebook
import Testing

@Suite struct Exports {
  private func html(_ markdown: String) -> String {
    MarkdownBlocks.html(markdown) { code, language in "\(language):\(code)" }
  }

  /// As CommonMark and GitHub have it.
  @Test func markdown() {
    let cases = [
      "# A *b* #": "<h1 id=\"a-b\">A <em>b</em></h1>\n",
      "a\nb  \nc\n\nd": "<p>a\nb<br>\nc</p>\n<p>d</p>\n",
      "`` a`b `` **b _c_** ***d*** ~~e~~": "<p><code>a`b</code> <strong>b <em>c</em></strong> <strong><em>d</em></strong> <del>e</del></p>\n",
      "snake_case_name 2 * 3 * 4 ** x": "<p>snake_case_name 2 * 3 * 4 ** x</p>\n",
      "[a](b.html \"t\") ![p](x.png) <https://x.org> https://y.org/a_b.":
        "<p><a href=\"b.html\">a</a> <img src=\"x.png\" alt=\"p\"> <a href=\"https://x.org\">https://x.org</a> <a href=\"https://y.org/a_b\">https://y.org/a_b</a>.</p>\n",
      "[x](javascript:alert(1)) [y](data:text/html,z)": "<p>[x](javascript:alert(1)) [y](data:text/html,z)</p>\n",
      "<b onclick=\"x\"> & \"q\" &amp; \\<i>": "<p>&lt;b onclick=&quot;x&quot;&gt; &amp; &quot;q&quot; &amp; &lt;i&gt;</p>\n",
      "- a\n- b\n  - c\n\nd": "<ul>\n<li>a\n</li>\n<li>b\n<ul>\n<li>c\n</li>\n</ul>\n</li>\n</ul>\n<p>d</p>\n",
      "3. a\n4. b": "<ol start=\"3\">\n<li>a\n</li>\n<li>b\n</li>\n</ol>\n",
      "* a\n\n* b": "<ul>\n<li><p>a</p>\n</li>\n<li><p>b</p>\n</li>\n</ul>\n",
      "> a\nb\n> - c": "<blockquote>\n<p>a\nb</p>\n<ul>\n<li>c\n</li>\n</ul>\n</blockquote>\n",
      "```lua x\na < b\n```": "<pre><code>lua:a < b</code></pre>\n",
      "    a < b\n\n    c": "<pre><code>a &lt; b\n\nc</code></pre>\n",
      "a | b\n--|:-:\n1 | `x \\| y`": "<table>\n<thead><tr><th>a</th><th style=\"text-align: center\">b</th></tr></thead>\n<tbody>\n<tr><td>1</td><td style=\"text-align: center\"><code>x | y</code></td></tr>\n</tbody>\n</table>\n",
      "***\n- - -": "<hr>\n<hr>\n",
      "~~~\n``` never closed": "<pre><code>:``` never closed</code></pre>\n",
      "": "", "\n\n": "", "*": "<ul>\n<li></li>\n</ul>\n", "[": "<p>[</p>\n", "`": "<p>`</p>\n", "![": "<p>![</p>\n", "\\": "<p>\\</p>\n",
    ]
    for (markdown, expected) in cases { #expect(html(markdown) == expected, "\(markdown)") }
  }

  /// Nothing that markup can be made of gets through, and no text takes long.
  @Test func hostileMarkdown() {
    let pieces = ["*", "_", "**", "`", "[", "](", ")", "<script>", "\n", "\n- ", "> ", "# ", "|", "\\", "&", " ", "a", "~~", "    ", "1. ", "```\n"]
    var state: UInt64 = 29592
    for _ in 0..<2000 {
      var text = ""
      for _ in 0..<40 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += pieces[Int(state >> 33) % pieces.count]
      }
      let html = MarkdownBlocks.html(text) { code, _ in String(code.count) }
      #expect(!html.contains("<script"), "\(text)")
    }
    let start = ContinuousClock.now
    for piece in ["*a ", "[", "`", "> ", "- ", "**a", "_a_"] { _ = html(String(repeating: piece, count: 1000)) }
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  @Test func base64() {
    for (text, letters) in ["": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=", "foobar": "Zm9vYmFy"] {
      #expect(Base64.text(Array(text.utf8)) == letters)
      #expect(Base64.bytes(letters) == Array(text.utf8))
    }
    #expect(Base64.bytes("Zm9v\nYmFy\n") == Array("foobar".utf8))
    for wrong in ["Z", "Zg=a", "Zm9$", "Z==="] { #expect(Base64.bytes(wrong) == nil, "\(wrong)") }
    let all = (0...255).map { UInt8($0) }
    #expect(Base64.bytes(Base64.text(all)) == all)
  }

  /// As `jupytext.cell_metadata.text_to_metadata` reads them.
  @Test func headers() throws {
    let header = try #require(CellHeader("-- %%% A title, with = [markdown] a.b={\"x\": [1, \"= y\"]} tags=[\"p\", \"q r\"] n=null"))
    #expect(header.title == "A title, with =" && header.kind == .markdown && header.depth == 1 && header.tags == ["p", "q r"])
    #expect(header.metadata.map(\.key) == ["a.b", "tags", "n"])
    let plain = try #require(CellHeader("-- %% x tags=[p]"))
    #expect(plain.title == "x tags=[p]" && plain.tags.isEmpty && plain.metadata.isEmpty)
  }

  @Test func highlights() {
    let syntax = MagicSyntax(line: { $0 == "time" ? .lua : $0 == "sh" ? .words : nil }, cell: { $0 == "sh" ? .words : nil })
    func html(_ source: String) -> String { Highlighter(syntax: syntax).html(source) }
    #expect(html("local x = f(1) -- <c>") == "<span class=\"k\">local</span> x = <span class=\"f\">f</span>(<span class=\"n\">1</span>) <span class=\"c\">-- &lt;c&gt;</span>")
    #expect(html("%time f'x'\ny = 2 %3") == "<span class=\"m\">%time</span> <span class=\"f\">f</span><span class=\"s\">'x'</span>\ny = <span class=\"n\">2</span> %<span class=\"n\">3</span>")
    #expect(html("%%sh\nif <x>") == "<span class=\"m\">%%sh</span>\nif &lt;x&gt;")
  }
}
