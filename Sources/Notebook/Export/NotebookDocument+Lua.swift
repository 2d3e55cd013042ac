import JSON

extension NotebookDocument {
  /// The document of a percent file, without outputs.
  public init(_ notebook: Notebook) {
    var preamble = ""
    var cells: [Cell] = []
    for (index, cell) in notebook.cells.enumerated() {
      var source = cell.source
      if index == 0, cell.header == nil {
        let head = Self.preambleLength(of: source)
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
      var text = cell.kind == .code ? String(decoding: MagicComments.uncommented(source), as: UTF8.self) : Notebook.text(of: source)
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

  /// The bytes of what stands before the first cell and is no cell.
  private static func preambleLength(of source: [UInt8]) -> Int {
    var length = 0
    var isYAML = false
    for line in source.split(separator: Byte.newline, omittingEmptySubsequences: false) {
      let text = String(decoding: line, as: UTF8.self)
      if isYAML {
        length += line.count + 1
        if text == "-- ---" { break }
        continue
      }
      if text == "-- ---" {
        isYAML = true
      } else if !(length == 0 && text.hasPrefix("#")), !text.hasPrefix("-- -*- ") {
        break
      }
      length += line.count + 1
    }
    return min(length, source.count)
  }

  /// The percent file.
  public var percentFile: String {
    var text = preamble
    for (index, cell) in cells.enumerated() {
      text += header(of: cell) + "\n"
      switch cell.kind {
      case .code: text += String(decoding: MagicComments.commented(Array(Self.escaped(cell.source).utf8)), as: UTF8.self)
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

  /// A line of Lua that would begin a cell is put deeper into its comment.
  private static func escaped(_ source: String) -> String {
    source.split(separator: "\n", omittingEmptySubsequences: false).map { CellHeader(String($0)) == nil ? String($0) : "-- \($0)" }
      .joined(separator: "\n")
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
