/// A report as a table of at most a hundred columns: two lines for each layer, before and after.
struct ReportText {
  private let report: ModelReport

  init(_ report: ModelReport) { self.report = report }

  private static let titles = ["layer", "type", "shape", "zeros", "", "parameters", "bytes", "ms"]
  private static let widest = 100

  /// The table, without a newline at the end.
  var text: String {
    var lines: [[String]] = []
    for row in report.rows {
      lines.append(cells(row.name.isEmpty ? "(model)" : row.name, row.before))
      lines.append(cells("", row.after))
    }
    let rule = lines.count
    lines.append(cells("total", report.before))
    lines.append(cells("", report.after))
    lines.append([
      "after / before", "", "", "", "", fraction(ModelReport.ratio(report.before.parameters, report.after.parameters)),
      fraction(ModelReport.ratio(report.before.bytes, report.after.bytes)), fraction(report.after.milliseconds / report.before.milliseconds),
    ])
    let table = [ReportText.titles] + lines
    var widths = ReportText.titles.indices.map { c in table.map { $0[c].count }.max() ?? 0 }
    // Times differ from run to run, and the table is not to change with them.
    widths[7] = max(widths[7], 9)
    // Long names give way, types first.
    for (column, least) in [(1, 12), (0, 14), (2, 8)] {
      let excess = widths.reduce(0, +) + 2 * (widths.count - 1) - ReportText.widest
      if excess > 0 { widths[column] = max(min(widths[column], least), widths[column] - excess) }
    }
    func line(_ cells: [String]) -> String {
      var text = ""
      for (c, cell) in cells.enumerated() {
        let shown = cell.count > widths[c] ? String(cell.prefix(widths[c] - 1)) + "…" : cell
        let gap = String(repeating: " ", count: widths[c] - shown.count)
        text += (c == 0 ? "" : "  ") + (c < 3 ? shown + gap : gap + shown)
      }
      while text.last == " " { text.removeLast() }
      return text
    }
    let dashes = String(repeating: "-", count: widths.reduce(0, +) + 2 * (widths.count - 1))
    return ([line(ReportText.titles), dashes] + lines[..<rule].map(line) + [dashes] + lines[rule...].map(line)).joined(separator: "\n")
  }

  private func cells(_ name: String, _ figures: LayerFigures?) -> [String] {
    guard let figures else { return [name, "none", "", "", "", "", "", ""] }
    return [
      name, figures.type, figures.shape.map(String.init).joined(separator: "x"), grouped(figures.zeros), "\(decimals(figures.sparsity * 100, 1)) %",
      grouped(figures.parameters), grouped(figures.bytes), decimals(figures.milliseconds, 3),
    ]
  }

  private func fraction(_ value: Double) -> String { value.isFinite ? decimals(value, 2) : "-" }

  /// A number with commas between thousands.
  private func grouped(_ value: Int) -> String {
    var text = ""
    for (i, digit) in String(value).reversed().enumerated() {
      if i > 0 && i % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }

  /// A number that is not negative, with so many digits behind the point.
  private func decimals(_ value: Double, _ count: Int) -> String {
    let unit = (0..<count).reduce(1) { power, _ in power * 10 }
    let scaled = (value * Double(unit)).rounded()
    guard scaled.magnitude < 1e15 else { return "\(value)" }
    let digits = String(Int(scaled) % unit)
    return "\(grouped(Int(scaled) / unit)).\(String(repeating: "0", count: count - digits.count))\(digits)"
  }
}
