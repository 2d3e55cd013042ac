import JSON

extension MagicCatalog {
  /// Every declaration as JSON, for editors and tests: one object a magic, sorted by name.
  public var json: String {
    let magics = all.values.sorted { $0.name < $1.name }.map(object)
    return "[\n  " + magics.joined(separator: ",\n  ") + "\n]"
  }

  private func object(_ magic: Magic) -> String {
    let quoted = JSONText.quoted
    let others = aliases.filter { $0.value == magic.name }.keys.sorted().map(quoted).joined(separator: ", ")
    let options = magic.options.map { option in
      let choices = option.choices.map(quoted).joined(separator: ", ")
      return "{\"name\": \(quoted(option.name)), \"spelling\": \(quoted(option.spelling)), \"value\": \(option.value.map(quoted) ?? "null"), "
        + "\"choices\": [\(choices)], \"doc\": \(quoted(option.doc))}"
    }
    return "{\"name\": \(quoted(magic.name)), \"aliases\": [\(others)], \"line\": \(magic.place.allowsLine), \"cell\": \(magic.place.allowsCell), "
      + "\"takes\": \(quoted(magic.action(cell: !magic.place.allowsLine).form == .lua ? "lua" : "words")), \"operands\": \(quoted(magic.operands)), "
      + "\"completes\": \(quoted("\(magic.completion)")), \"options\": [\(options.joined(separator: ", "))], \"doc\": \(quoted(magic.doc))}"
  }

  /// Every magic and the first sentence of its help, one a line.
  public var summary: String {
    all.values.sorted { $0.name < $1.name }.map { magic in
      let sign = magic.place == .cell ? "%%" : "%"
      let first = magic.doc.split(separator: "\n").first.map(String.init) ?? ""
      return "\(sign)\(magic.name)".padded(to: 14) + first + "\n"
    }.joined()
  }
}

extension String {
  /// The text with blanks after it, at least `width` characters and one blank.
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
