/// A document as one page of HTML that needs nothing else.
public struct HTMLPage {
  private let highlighter: Highlighter

  /// Pages whose code has the magics of `syntax`.
  public init(syntax: MagicSyntax) { highlighter = Highlighter(syntax: syntax) }

  /// The page.
  /// - Parameters:
  ///   - name: the title where the document has no heading.
  ///   - footer: what stands at the end; may be empty.
  public func text(_ document: NotebookDocument, name: String, footer: String = "") -> String {
    var html = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(HTMLText.escaped(document.title ?? name))</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      <main>

      """
    for cell in document.cells { html += section(cell) }
    if !footer.isEmpty { html += "<footer>\(HTMLText.escaped(footer))</footer>\n" }
    return html + "</main>\n</body>\n</html>\n"
  }

  private func section(_ cell: NotebookDocument.Cell) -> String {
    switch cell.kind {
    case .markdown:
      let highlighter = highlighter
      let html = MarkdownBlocks.html(cell.source) { code, language in
        ["lua", "qrepl"].contains(language) ? highlighter.html(code) : HTMLText.escaped(code)
      }
      return "<section class=\"prose\">\n\(html)</section>\n"
    case .raw: return "<section class=\"cell\"><pre class=\"source\">\(HTMLText.escaped(cell.source))</pre></section>\n"
    case .code:
      var html = "<section class=\"cell\">\n"
      if let title = cell.metadatum("title")?.stringValue { html += "<div class=\"title\">\(HTMLText.escaped(title))</div>\n" }
      if !cell.source.isEmpty { html += "<pre class=\"source\"><code>\(highlighter.html(cell.source))</code></pre>\n" }
      for output in cell.outputs { html += Self.html(output) }
      return html + "</section>\n"
    }
  }

  private static func html(_ output: CellOutput) -> String {
    switch output {
    case .stream(let name, let text):
      let plain = CellOutput.plain(text)
      guard plain.contains(where: { !$0.isWhitespace }) else { return "" }
      return "<pre class=\"output \(name == "stderr" ? "stderr" : "stdout")\">\(HTMLText.escaped(plain))</pre>\n"
    case .value(let showing): return html(showing, "value")
    case .display(let showing): return html(showing, "display")
    case .error(_, let message, let traceback):
      return "<pre class=\"output error\">\(HTMLText.escaped(CellOutput.plain(traceback.isEmpty ? message : traceback.joined(separator: "\n"))))</pre>\n"
    }
  }

  private static func html(_ showing: CellOutput.Showing, _ style: String) -> String {
    for type in ["image/svg+xml", "image/png", "image/jpeg"] {
      guard let bytes = showing.pictures[type] else { continue }
      // As a picture, where nothing in it runs.
      return "<div class=\"output picture\"><img alt=\"\" src=\"data:\(type);base64,\(Base64.text(bytes))\"></div>\n"
    }
    return "<pre class=\"output \(style)\">\(HTMLText.escaped(CellOutput.plain(showing.text)))</pre>\n"
  }

  private static let style = """
    :root { --paper: #fff; --ink: #1f2328; --faint: #656d76; --line: #d8dee4; --code: #f6f8fa; --accent: #0b62c4;
      --keyword: #b3261e; --string: #0a4f9e; --number: #0550ae; --comment: #68707a; --call: #6f3fb8; --magic: #a4560a;
      --warn: #fff8e5; --warn-line: #d9a400; --bad: #fff0ee; --bad-line: #cf3b2f; }
    @media (prefers-color-scheme: dark) {
      :root { --paper: #0f1419; --ink: #dde3ea; --faint: #8b949e; --line: #2d343c; --code: #171d24; --accent: #6cb0ff;
        --keyword: #ff8a80; --string: #9ecbff; --number: #79c0ff; --comment: #8b949e; --call: #d2a8ff; --magic: #f0b36b;
        --warn: #221c0c; --warn-line: #a67c00; --bad: #2a1513; --bad-line: #e5675c; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--paper); color: var(--ink);
      font: 17px/1.6 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
    main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
    h1, h2, h3, h4 { line-height: 1.25; margin: 2.2em 0 .6em; }
    h1 { font-size: 2.1rem; margin-top: 0; letter-spacing: -.015em; }
    h2 { font-size: 1.45rem; padding-bottom: .25em; border-bottom: 1px solid var(--line); }
    h3 { font-size: 1.15rem; }
    p, ul, ol, blockquote, table { margin: .8em 0; }
    li { margin: .25em 0; }
    li > ul, li > ol { margin: .25em 0; }
    a { color: var(--accent); }
    blockquote { padding: .1em 1em; border-left: 4px solid var(--line); color: var(--faint); }
    hr { border: 0; border-top: 1px solid var(--line); margin: 2em 0; }
    table { border-collapse: collapse; display: block; overflow-x: auto; }
    th, td { border: 1px solid var(--line); padding: .35em .8em; text-align: left; }
    th { background: var(--code); }
    img { max-width: 100%; }
    code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono", monospace; }
    code { font-size: .875em; }
    p code, li code, td code, h1 code, h2 code, h3 code { background: var(--code); border-radius: 4px; padding: .12em .35em; }
    pre { margin: 0; padding: .8em 1em; overflow-x: auto; font-size: .82rem; line-height: 1.5; tab-size: 2; }
    pre code { font-size: inherit; }
    .prose pre { background: var(--code); border-radius: 6px; margin: .8em 0; }
    .cell { margin: 1.1em 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
    .cell .title { padding: .35em 1em; font-size: .8rem; font-weight: 600; color: var(--faint); border-bottom: 1px solid var(--line); }
    .source { background: var(--code); }
    .output { border-top: 1px solid var(--line); background: var(--paper); tab-size: 8; max-height: 45rem; overflow: auto; }
    .stderr { background: var(--warn); border-left: 3px solid var(--warn-line); }
    .error { background: var(--bad); border-left: 3px solid var(--bad-line); }
    .picture { padding: 1em; text-align: center; background: #fff; }
    .k { color: var(--keyword); } .s { color: var(--string); } .n { color: var(--number); } .f { color: var(--call); }
    .c { color: var(--comment); font-style: italic; } .m { color: var(--magic); font-weight: 600; }
    footer { margin-top: 3em; padding-top: 1em; border-top: 1px solid var(--line); color: var(--faint); font-size: .85rem; }
    @media print { .cell { break-inside: avoid; } pre { white-space: pre-wrap; } }
    """
}
