import JSON

extension NotebookDocument {
  /// The document of a percent file with the magics of `syntax`, without outputs.
  public init(_ notebook: Notebook, syntax: MagicSyntax) {
    var preamble = ""
    var cells: [Cell] = []
    for (index, cell) in notebook.cells.enumerated() {
      var source = cell.source
      if index == 0, cell.header == nil {
        let head = notebook.preambleLength
        preamble = String(decoding: source[..<head], as: UTF8.self)
        source.removeSubrange(..<head)
        if source.allSatisfy({ $0 <= 0x20 }), notebook.cells.count > 1 {
          preamble += String(decoding: source, as: UTF8.self)
          continue
        }
      }
      var metadata: [(key: String, value: JSONValue)] = []
      if let header = cell.header {
        if !header.title.isEmpty { metadata.append(("title", .string(header.title))) }
        if header.depth > 0 { metadata.append(("cell_depth", .integer(header.depth))) }
        metadata += header.metadata.map { ($0.key, $0.value) }
      }
      var text = cell.kind == .code ? String(decoding: MagicComments.uncommented(source, syntax), as: UTF8.self) : Notebook.text(of: source)
      var emptyLines = -1
      while text.last == "\n" {
        text.removeLast()
        emptyLines += 1
      }
      if index < notebook.cells.count - 1, emptyLines != 1 { metadata.append(("lines_to_next_cell", .integer(max(0, emptyLines)))) }
      cells.append(Cell(kind: cell.kind, source: text, metadata: metadata))
    }
    self.init(cells: cells, preamble: preamble)
  }

  /// The percent file, its magics, those of `syntax`, in comments.
  public func percentFile(syntax: MagicSyntax) -> String {
    var text = preamble
    for (index, cell) in cells.enumerated() {
      text += header(of: cell) + "\n"
      switch cell.kind {
      case .code: text += String(decoding: MagicComments.commented(Array(Self.escaped(cell.source).utf8), syntax), as: UTF8.self)
      case .markdown, .raw:
        text += cell.source.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "--" : "-- \($0)" }
          .joined(separator: "\n")
      }
      if !cell.source.isEmpty || cell.kind != .code { text += "\n" }
      guard index < cells.count - 1 else { continue }
      text += String(repeating: "\n", count: cell.metadatum("lines_to_next_cell")?.integerValue ?? 1)
    }
    return text
  }

  /// A line of Lua that would begin a cell is put deeper into its comment; one within a string is not such a line.
  private static func escaped(_ source: String) -> String {
    let cells = Notebook(Array(source.utf8)).cells
    guard cells.contains(where: { $0.header != nil }) else { return source }
    return cells.map { ($0.header == nil ? "" : "-- ") + String(decoding: $0.marker + $0.source, as: UTF8.self) }.joined()
  }

  private func header(of cell: Cell) -> String {
    var words = ["-- %%" + String(repeating: "%", count: max(0, min(cell.metadatum("cell_depth")?.integerValue ?? 0, 4)))]
    var rest = cell.metadata.filter { !["cell_depth", "lines_to_next_cell"].contains($0.key) }
    if let title = cell.metadatum("title")?.stringValue, !title.contains(where: { "={\n".contains($0) }) {
      words.append(title)
      rest.removeAll { $0.key == "title" }
    }
    if cell.kind != .code { words.append("[\(cell.kind.rawValue)]") }
    // What a front end keeps for itself is no text of the author's.
    let own = ["collapsed", "scrolled", "trusted", "execution", "autoscroll", "ExecuteTime"]
    words += rest.filter { !own.contains($0.key) }.map { "\($0.key)=\($0.value.text)" }
    return words.joined(separator: " ")
  }
}
