/// The text of a tensor as PyTorch prints it, from a shape and a way to read elements.
///
/// Elements are read lazily: of a summarized tensor only the edges that are shown. Source: `torch/_tensor_str.py`.
public struct TensorText {
  /// How to read an element at a flat row-major index; 16- and 32-bit floats are widened, a quantized tensor gives dequantized values.
  public enum Elements {
    /// Printed in fixed, whole-number or scientific notation.
    case floating((Int) -> Double)
    /// Printed as a real and an imaginary part.
    case complex((Int) -> (Double, Double))
    /// Printed in decimal.
    case integer((Int) -> Int64)
    /// Printed as True and False.
    case boolean((Int) -> Bool)
  }

  /// Sizes of the dimensions; none for a scalar.
  public let shape: [Int]
  /// The elements.
  public let elements: Elements

  /// A tensor of `shape` whose elements `elements` reads.
  public init(shape: [Int], elements: Elements) {
    self.shape = shape
    self.elements = elements
  }

  /// The whole printout: prefix, contents, suffixes such as `dtype=torch.float64`, closing parenthesis.
  ///
  /// `prefix` is `tensor(` or `Parameter containing:\ntensor(`; rows are indented to the end of its last line.
  public func text(prefix: String = "tensor(", suffixes: [String] = [], options: PrintOptions = .standard) -> String {
    let indent = Self.lastLineLength(prefix)
    var result = prefix + contents(indent: indent, options: options)
    var column = Self.lastLineLength(result) + 2
    for suffix in suffixes {
      let length = suffix.count
      if column + length + 2 > options.lineWidth {
        result += ",\n" + String(repeating: " ", count: indent) + suffix
        column = indent + length
      } else {
        result += ", " + suffix
        column += length + 2
      }
    }
    return result + ")"
  }

  /// The brackets and elements alone, continuation lines indented by `indent` columns.
  public func contents(indent: Int, options: PrintOptions = .standard) -> String {
    let count = shape.reduce(1, *)
    guard count > 0 else { return "[]" }
    let summarizes = Double(count) > options.threshold
    var shown: [Int] = []
    collect(dimension: 0, offset: 0, volume: count, summarizes ? options.edgeItems : nil, into: &shown)
    let layout = Layout(
      formatter: ElementFormatter(elements, at: shown, options: options), options: options, summarizes: summarizes)
    return bracketed(dimension: 0, offset: 0, volume: count, indent: indent, layout)
  }

  /// What stays the same through one printout.
  private struct Layout {
    let formatter: ElementFormatter
    let options: PrintOptions
    let summarizes: Bool
  }

  /// The indices kept of a dimension: all, or the first and last `edge` with a gap between.
  private static func kept(_ size: Int, edge: Int?) -> (head: Range<Int>, tail: Range<Int>, gap: Bool) {
    guard let edge = edge.map({ max($0, 0) }), size > 2 * edge else { return (0..<size, 0..<0, false) }
    return (0..<edge, (size - edge)..<size, true)
  }

  /// Gathers the flat indices that are printed; `volume` is the number of elements below `dimension` and at it.
  private func collect(dimension: Int, offset: Int, volume: Int, _ edge: Int?, into shown: inout [Int]) {
    guard dimension < shape.count else { return shown.append(offset) }
    let size = shape[dimension]
    let stride = volume / size
    let (head, tail, _) = Self.kept(size, edge: edge)
    for part in [head, tail] {
      for index in part {
        collect(dimension: dimension + 1, offset: offset + index * stride, volume: stride, edge, into: &shown)
      }
    }
  }

  private func bracketed(dimension: Int, offset: Int, volume: Int, indent: Int, _ layout: Layout) -> String {
    guard dimension < shape.count else { return layout.formatter.padded(elements, at: offset) }
    let size = shape[dimension]
    let stride = volume / size
    let (head, tail, gap) = Self.kept(size, edge: layout.summarizes ? layout.options.edgeItems : nil)
    let isRow = dimension == shape.count - 1
    var parts = head.map { bracketed(dimension: dimension + 1, offset: offset + $0 * stride, volume: stride, indent: indent + 1, layout) }
    // In a row the gap takes the place of an element and keeps its space, except when nothing else is there.
    if gap { parts.append(isRow && layout.options.edgeItems > 0 ? " ..." : "...") }
    parts += tail.map { bracketed(dimension: dimension + 1, offset: offset + $0 * stride, volume: stride, indent: indent + 1, layout) }
    let margin = String(repeating: " ", count: indent + 1)
    if isRow { return "[" + rows(of: parts, indent: indent, layout).joined(separator: ",\n" + margin) + "]" }
    let blankLines = String(repeating: "\n", count: shape.count - dimension - 1)
    return "[" + parts.joined(separator: "," + blankLines + margin) + "]"
  }

  /// Breaks a row where `lineWidth` is reached; at least one element stays on a line.
  private func rows(of parts: [String], indent: Int, _ layout: Layout) -> [String] {
    // Rounded down, also when the indent is wider than the line.
    let perLine = max(1, (layout.options.lineWidth - indent) / (layout.formatter.width + 2))
    return stride(from: 0, to: parts.count, by: perLine).map {
      parts[$0..<min($0 + perLine, parts.count)].joined(separator: ", ")
    }
  }

  private static func lastLineLength(_ text: String) -> Int {
    guard let newline = text.utf8.lastIndex(of: UInt8(ascii: "\n")) else { return text.count }
    return text[text.index(after: newline)...].count
  }
}
