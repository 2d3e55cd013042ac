/// The line that begins a cell of a percent file: `-- %% title [markdown] tags=["parameters"]`.
public struct CellHeader: Equatable, Sendable {
  /// What a cell holds.
  public enum Kind: String, Sendable {
    /// Lua and magics.
    case code
    /// Prose.
    case markdown
    /// Text for other programs.
    case raw
  }

  /// What the cell holds.
  public let kind: Kind
  /// The words before the kind and the metadata; may be empty.
  public let title: String
  /// What stands behind them as `key=value`, in order.
  public let metadata: [CellMetadatum]
  /// How deep the cell lies, as Jupytext counts it: 0 for `-- %%`, 1 for `-- %%%`.
  public let depth: Int
  /// The line as it stands in the file, without its line end.
  public let line: String

  /// Reads `line`, which holds no line feed; nil unless it is `--`, `%%` and a blank or the end of the line.
  public init?(_ line: some Collection<UInt8>) {
    var rest = MagicLine.trimmed(Array(line)[...])
    guard rest.starts(with: Array("--".utf8)) else { return nil }
    rest = rest.dropFirst(2).drop(while: Byte.isBlank)
    let percents = rest.prefix { $0 == UInt8(ascii: "%") }.count
    guard percents >= 2 else { return nil }
    rest = rest.dropFirst(percents)
    guard rest.first.map(Byte.isBlank) ?? true else { return nil }
    self.line = String(decoding: line, as: UTF8.self)
    var text = Substring(String(decoding: MagicLine.trimmed(rest), as: UTF8.self))
    depth = percents - 2
    metadata = CellMetadatum.take(from: &text)
    var kind = Kind.code
    for (mark, marked) in [("[markdown]", Kind.markdown), ("[md]", .markdown), ("[raw]", .raw)] {
      guard let range = text.firstRange(of: mark) else { continue }
      kind = marked
      text = text[..<range.lowerBound]
      break
    }
    self.kind = kind
    title = String(decoding: MagicLine.trimmed(Array(text.utf8)[...]), as: UTF8.self)
  }

  /// Reads `line` as `init(_:)` over bytes does.
  public init?(_ line: String) {
    self.init(Array(line.utf8))
  }

  /// The strings of `tags=[…]`.
  public var tags: [String] {
    metadata.last { $0.key == "tags" }?.value.elements?.compactMap(\.stringValue) ?? []
  }
}
