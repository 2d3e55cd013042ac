import JSON

/// A notebook with what its cells have given: what is written as `.ipynb`, HTML or Markdown.
public struct NotebookDocument: Sendable {
  /// A cell.
  public struct Cell: Sendable {
    /// What it holds.
    public var kind: CellHeader.Kind
    /// The text, without an empty line at its end: prose without comment signs, magics as at the prompt.
    public var source: String
    /// Its metadata, in order.
    public var metadata: [(key: String, value: JSONValue)]
    /// The number it was run as.
    public var executionCount: Int?
    /// What it has given.
    public var outputs: [CellOutput]

    /// A cell.
    public init(
      kind: CellHeader.Kind, source: String, metadata: [(key: String, value: JSONValue)] = [], executionCount: Int? = nil,
      outputs: [CellOutput] = []
    ) {
      self.kind = kind
      self.source = source
      self.metadata = metadata
      self.executionCount = executionCount
      self.outputs = outputs
    }

    /// The value of a metadatum.
    public func metadatum(_ key: String) -> JSONValue? { metadata.last { $0.key == key }?.value }
  }

  /// The cells, in order.
  public var cells: [Cell]
  /// What stands before the first cell and is none: a header in YAML between `-- ---` lines, or a line that names an
  /// interpreter or a coding.
  public var preamble: String

  /// A document of `cells`.
  public init(cells: [Cell], preamble: String = "") {
    self.cells = cells
    self.preamble = preamble
  }

  /// The first heading, for a title.
  public var title: String? {
    for cell in cells where cell.kind == .markdown {
      for line in cell.source.split(separator: "\n") where line.hasPrefix("#") {
        return String(line.drop { $0 == "#" || $0 == " " })
      }
    }
    return nil
  }
}

/// Something that a cell has given.
public enum CellOutput: Equatable, Sendable {
  /// What it wrote: `stdout` or `stderr`.
  case stream(name: String, text: String)
  /// The value of its last expression.
  case value(Showing)
  /// What it showed besides.
  case display(Showing)
  /// What went wrong.
  case error(name: String, message: String, traceback: [String])

  /// A text, and pictures by MIME type.
  public struct Showing: Equatable, Sendable {
    /// The text.
    public var text: String
    /// The bytes of pictures by MIME type, such as `image/png`.
    public var pictures: [String: [UInt8]]

    /// A text with pictures.
    public init(text: String, pictures: [String: [UInt8]] = [:]) {
      self.text = text
      self.pictures = pictures
    }
  }
}

extension CellOutput {
  /// `text` as a terminal shows it: escapes for colours taken out, and of what carriage returns overwrite the last.
  static func plain(_ text: String) -> String {
    var result = ""
    var line: [Character] = []
    var column = 0
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case "\u{1B}":
        guard rest.first == "[" else { continue }
        rest.removeFirst()
        while let code = rest.popFirst(), !(code.isASCII && (code.isLetter || code == "~")) {}
      case "\r": column = 0
      case "\n", "\r\n":
        result += String(line) + "\n"
        line = []
        column = 0
      case "\u{8}": column = max(0, column - 1)
      default:
        if column < line.count { line[column] = character } else { line.append(character) }
        column += 1
      }
    }
    return result + String(line)
  }
}
