import Notebook

/// A code cell of a percent file, with what it is known by.
public struct NamedCell: Equatable, Sendable {
  /// Its place among the code cells, from 1.
  public let number: Int
  /// Its title; without one the heading above it, which may be empty.
  public let title: String
  /// The line of its header; 1 without a header.
  public let line: Int
  /// Its place among all cells, from 0.
  public let index: Int
  /// The cell.
  public let cell: Notebook.Cell

  /// Its tags.
  public var tags: [String] { cell.header?.tags ?? [] }

  /// `cell 3 "title"`.
  public var name: String { "cell \(number)" + (title.isEmpty ? "" : " \"\(title)\"") }
}

extension Notebook {
  /// The code cells that hold more than blanks, in order.
  public var codeCells: [NamedCell] {
    var result: [NamedCell] = []
    var heading = ""
    for (index, cell) in cells.enumerated() {
      if cell.kind == .markdown, let found = Self.lastHeading(in: cell.text) { heading = found }
      let text = cell.source.dropFirst(index == 0 ? preambleLength : 0)
      guard cell.kind == .code, !text.allSatisfy({ $0 <= 0x20 }) else { continue }
      let title = cell.header?.title ?? ""
      let line = cell.header == nil ? cell.line : cell.line - 1
      result.append(NamedCell(number: result.count + 1, title: title.isEmpty ? heading : title, line: line, index: index, cell: cell))
    }
    return result
  }

  private static func lastHeading(in text: String) -> String? {
    var isFenced = false
    var heading: String?
    for line in text.split(separator: "\n") {
      if line.hasPrefix("```") { isFenced.toggle() }
      let marks = line.prefix { $0 == "#" }.count
      guard !isFenced, (1...6).contains(marks), line.dropFirst(marks).first == " " else { continue }
      heading = String(line.dropFirst(marks).drop { $0 == " " })
    }
    return heading
  }
}

/// Which cells are wanted: by number, title or tag.
public struct CellChoice: Sendable {
  private let words: [String]

  /// The cells that any of `words` names; all without words.
  public init(_ words: [String]) { self.words = words }

  /// Whether `cell` is one of them.
  public func includes(_ cell: NamedCell) -> Bool {
    words.isEmpty || words.contains { $0 == String(cell.number) || $0 == cell.title || cell.tags.contains($0) }
  }

  /// The first word that names no cell of `cells`.
  public func unknown(in cells: [NamedCell]) -> String? {
    words.first { word in !cells.contains { CellChoice([word]).includes($0) } }
  }
}
