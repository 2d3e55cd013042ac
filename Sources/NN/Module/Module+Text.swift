extension Module {
  /// `repr` as PyTorch lays it out: own lines first, then submodules, indented by two.
  var text: String {
    let extra = extraRepr()
    let own = extra.isEmpty ? [] : extra.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let below = childLines
    let lines = own + below
    if lines.isEmpty { return "\(className)()" }
    if own.count == 1 && below.isEmpty { return "\(className)(\(own[0]))" }
    return "\(className)(\n  " + lines.joined(separator: "\n  ") + "\n)"
  }

  private var childLines: [String] {
    let rows = modules.map { (name: $0.key, text: Module.indented($0.value?.description ?? "None")) }
    if !groupsRepeats { return rows.map { "(\($0.name)): \($0.text)" } }
    var lines: [String] = []
    var start = 0
    while start < rows.count {
      var end = start
      while end + 1 < rows.count && rows[end + 1].text == rows[start].text { end += 1 }
      lines.append(
        end == start ? "(\(start)): \(rows[start].text)" : "(\(start)-\(end)): \(end - start + 1) x \(rows[start].text)")
      start = end + 1
    }
    return lines
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n  ")
  }

  /// Whether neighbours that look the same are shown as one line with their count; only `ModuleList` does.
  private var groupsRepeats: Bool { self is ModuleList }
}
