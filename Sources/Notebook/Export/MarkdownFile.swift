/// A document as Markdown, with its pictures in files beside it.
public enum MarkdownFile {
  /// The Markdown, and the pictures that it names, by their paths from it.
  /// - Parameter folder: the folder for the pictures, from the file.
  public static func text(_ document: NotebookDocument, pictureFolder folder: String) -> (text: String, pictures: [String: [UInt8]]) {
    var blocks: [String] = []
    var pictures: [String: [UInt8]] = [:]
    for (index, cell) in document.cells.enumerated() {
      switch cell.kind {
      case .markdown: blocks.append(cell.source)
      case .raw: blocks.append(fenced(cell.source))
      case .code:
        if !cell.source.isEmpty { blocks.append(fenced(cell.source, "lua")) }
        for (place, output) in cell.outputs.enumerated() {
          switch output {
          case .stream(_, let text): blocks.append(fenced(CellOutput.plain(text)))
          case .error(_, let message, let traceback):
            blocks.append(fenced(CellOutput.plain(traceback.isEmpty ? message : traceback.joined(separator: "\n"))))
          case .value(let showing), .display(let showing):
            let types = [("image/svg+xml", "svg"), ("image/png", "png"), ("image/jpeg", "jpeg")]
            guard let (type, ending) = types.first(where: { showing.pictures[$0.0] != nil }) else {
              blocks.append(fenced(CellOutput.plain(showing.text)))
              continue
            }
            let path = "\(folder)/cell_\(index + 1)_\(place + 1).\(ending)"
            pictures[path] = showing.pictures[type]
            blocks.append("![](\(path.replacing(" ", with: "%20")))")
          }
        }
      }
    }
    return (blocks.filter { $0.contains { !$0.isWhitespace } }.joined(separator: "\n\n") + "\n", pictures)
  }

  /// `text` as a block of code, in a fence longer than any within it.
  private static func fenced(_ text: String, _ language: String = "") -> String {
    guard text.contains(where: { !$0.isWhitespace }) else { return "" }
    var longest = 2
    var run = 0
    for character in text {
      run = character == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: longest + 1)
    return "\(fence)\(language)\n\(text)\(text.hasSuffix("\n") ? "" : "\n")\(fence)"
  }
}
