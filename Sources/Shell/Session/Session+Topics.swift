import LuaVM
import Notebook

extension Session {
  /// The help on what someone asks for by name outside the prompt: a magic, with or without `%`, or a value by its path, in which
  /// `nn`, `F` and `optim` stand for PyTorch's modules and the rest for what `torch` and its modules hold; nil where there is none.
  public func help(onTopic topic: String) -> String? {
    let name = String(topic.drop { $0 == "%" })
    if let magic = catalog[name] { return magic.help }
    guard name == topic else { return nil }
    for path in paths(ofTopic: topic) where (try? machinery.call("inspect", path.arguments))?.count == 9 {
      return help(for: PromptText.HelpRequest(subject: Self.text(of: path)))
    }
    return moduleHelp(topic)
  }

  /// The topic that `topic` most likely was meant to be; `others` are names beside those of values and magics.
  public func closestTopic(to topic: String, others: [String] = []) -> String? {
    let name = String(topic.drop { $0 == "%" })
    guard let dot = name.lastIndex(of: ".") else {
      let signs = topic.hasPrefix("%") ? "%" : ""
      if let magic = Similarity.closest(to: name, in: Array(catalog.all.keys) + Array(catalog.aliases.keys)) { return signs + magic }
      let globals = machinery.list("names", [""]).map { String($0.dropFirst()) }
      let lists = [others, globals] + ["torch", "torch.nn", "torch.nn.functional"].map(memberNames)
      return lists.lazy.compactMap { Similarity.closest(to: name, in: $0) }.first
    }
    let owner = String(name[..<dot])
    let last = String(name[name.index(after: dot)...])
    for path in paths(ofTopic: owner) {
      let names = members(of: path).map(\.name)
      if names.contains(last) { return owner + "." + last }
      if let close = Similarity.closest(to: last, in: names) { return owner + "." + close }
    }
    // The misspelling may stand further in front.
    return closestTopic(to: owner, others: others).flatMap { found in
      let whole = found + "." + last
      return help(onTopic: whole) == nil ? nil : whole
    }
  }

  private func memberNames(of module: String) -> [String] {
    ValuePath(endingIn: module).map { members(of: $0).map(\.name) } ?? []
  }

  /// The paths that `topic` may stand for, the likeliest first.
  private func paths(ofTopic topic: String) -> [ValuePath] {
    let text = topic.replacing(":", with: ".")
    let short = ["nn": "torch.nn", "F": "torch.nn.functional", "optim": "torch.optim", "prune": "torch.nn.utils.prune"]
    var texts = [text]
    let first = String(text.prefix { $0 != "." })
    if let long = short[first] { texts.append(long + text.dropFirst(first.count)) }
    texts += ["torch.", "torch.nn.", "torch.nn.functional.", "torch.optim."].map { $0 + text }
    return texts.compactMap { ValuePath(endingIn: $0) }
  }

  private static func text(of path: ValuePath) -> String {
    ([path.root] + path.steps.map { if case .field(let name) = $0 { name } else { "" } }).joined(separator: ".")
  }

  /// What the file of a Lua module says of itself at its beginning.
  private func moduleHelp(_ name: String) -> String? {
    guard let package = try? lua.global("package"), let path = try? lua.get(package, "path"),
      let search = try? lua.get(package, "searchpath").reference,
      case .string? = try? lua.call(search, [.string(name), path], results: 1).first,
      let file = try? lua.call(search, [.string(name), path], results: 1).first?.text, let bytes = try? FilePath.read(file)
    else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    let comment = lines.prefix { $0.hasPrefix("--") && !$0.hasPrefix("--[") }.map { $0.dropFirst($0.hasPrefix("-- ") ? 3 : 2) }
    let text = comment.isEmpty ? "" : "\nDocstring:\n" + comment.joined(separator: "\n")
    return "Module:      require \"\(name)\"\nFile:        \(file)\(text)"
  }
}
