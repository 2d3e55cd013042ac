/// A percent file: Lua, prose and magics in one `.lua` text, cell by cell.
/// Reading and writing gives the same bytes.
public struct Notebook: Equatable, Sendable {
  /// One cell.
  public struct Cell: Equatable, Sendable {
    /// The header, nil for what stands before the first marker.
    public var header: CellHeader?
    /// The lines below the header as they stand in the file, with the line end of each.
    public var source: [UInt8]
    /// The line of the file that `source` begins on, from 1.
    public var line: Int

    /// What the cell holds.
    public var kind: CellHeader.Kind { header?.kind ?? .code }

    /// The marker line as it stands in the file, with its line end if it has one; empty without a header.
    public var marker: [UInt8]

    /// A cell with `header` over `source`, which begins on `line`. Without a `marker`, the header's line is used.
    public init(header: CellHeader?, source: [UInt8], line: Int, marker: [UInt8]? = nil) {
      self.marker = marker ?? header.map { Array($0.line.utf8) + [Byte.newline] } ?? []
      self.header = header
      self.source = source
      self.line = line
    }

    /// The text of a prose cell, without the comment signs; the source of any other.
    public var text: String { kind == .code ? String(decoding: source, as: UTF8.self) : Notebook.text(of: source) }
  }

  /// The text of lines in comments, without the comment signs.
  static func text(of comments: [UInt8]) -> String {
    let lines = String(decoding: comments, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map { line -> Substring in
      if line.hasPrefix("-- ") { return line.dropFirst(3) }
      return line.hasPrefix("--") ? line.dropFirst(2) : line
    }.joined(separator: "\n")
  }

  /// The cells, in order. The first has no header if the file does not begin with a marker.
  public var cells: [Cell]

  /// Reads a percent file; a file without markers is one cell.
  public init(_ source: [UInt8]) {
    let syntax = MagicSyntax(line: { _ in .words }, cell: { _ in .lua })
    let outline = Outline(source, options: .init(hasMarkers: true, isPrompt: false, syntax: syntax))
    cells = outline.cells.map {
      Cell(header: $0.header, source: Array(source[$0.body]), line: $0.line, marker: Array(source[$0.marker]))
    }
    if cells.count > 1, cells[0].source.isEmpty { cells.removeFirst() }
  }

  /// The bytes at the beginning that belong to no cell: a line that names an interpreter or a coding, a header in YAML.
  public var preambleLength: Int {
    guard let first = cells.first, first.header == nil else { return 0 }
    var length = 0
    var isYAML = false
    for line in first.source.split(separator: Byte.newline, omittingEmptySubsequences: false) {
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
    return min(length, first.source.count)
  }

  /// The file.
  public var source: [UInt8] {
    cells.flatMap { $0.marker + $0.source }
  }
}
