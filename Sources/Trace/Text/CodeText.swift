import Interface

/// PyTorch's text of a graph as a function of Python.
enum CodeText {
  static func text(of graph: PrintedGraph, isFunction: Bool) -> String {
    var writer = Writer(graph)
    return writer.text(isFunction)
  }
}

/// Writes expressions into each other where a value is used once and nothing comes between.
private struct Writer {
  private let graph: PrintedGraph
  /// The node that makes each value.
  private var maker: [Int: Int] = [:]
  private var uses: [Int: Int] = [:]
  /// Nodes that are written where they are used.
  private var isInline: Set<Int> = []
  private var names: [Int: String] = [:]
  private var taken: [String: Int] = [:]
  private var temporaries = 0
  private var constants = 0
  private var expressions: [Int: String] = [:]
  private var lines: [String] = []

  /// Longer expressions get a line of their own.
  private static let longest = 40

  init(_ graph: PrintedGraph) {
    self.graph = graph
    for (i, node) in graph.nodes.enumerated() {
      for output in node.outputs { maker[output] = i }
      for input in node.inputs { uses[input.value, default: 0] += 1 }
    }
    uses[graph.result, default: 0] += 1
    // Backwards: what the returned value needs first, then each node that stands on its own.
    var at = point(graph.nodes.count)
    at = scan(value: graph.result, at, isResult: true)
    for i in graph.nodes.indices.reversed() where !isInline.contains(i) {
      var at = point(i)
      for input in graph.nodes[i].inputs.reversed() { at = scan(value: input.value, at) }
    }
  }

  /// The node before one that is no constant.
  private func point(_ i: Int) -> Int {
    var i = i - 1
    while i >= 0, graph.nodes[i].kind == "prim::Constant" { i -= 1 }
    return i
  }

  private mutating func scan(value: Int, _ at: Int, isResult: Bool = false) -> Int {
    guard let node = maker[value] else { return at }
    if graph.nodes[node].kind == "prim::Constant" {
      isInline.insert(node)
      return at
    }
    guard node == at, graph.nodes[node].outputs.count == 1, uses[value] == 1, !graph.items[value].isNamed || isResult else { return at }
    isInline.insert(node)
    var next = point(node)
    for input in graph.nodes[node].inputs.reversed() { next = scan(value: input.value, next) }
    return next
  }

  private mutating func name(_ value: Int, _ fallback: String) -> String {
    if let known = names[value] { return known }
    let item = graph.items[value]
    var name: String
    if item.isNamed {
      let base = String(item.name.prefix { $0 != "." })
      name = taken[base].map { "\(base)\($0)" } ?? base
      taken[base] = taken[base].map { $0 + 1 } ?? 0
    } else {
      name = "\(fallback)\(temporaries)"
      temporaries += 1
    }
    names[value] = name
    return name
  }

  mutating func text(_ isFunction: Bool) -> String {
    var parameters: [String] = []
    for (i, value) in graph.inputs.enumerated() {
      if i == 0 && graph.hasSelf {
        names[value] = "self"
        parameters.append("self")
      } else {
        if !graph.items[value].isNamed { names[value] = "argument_\(i)" }
        parameters.append("\(name(value, "argument_")): \(Writer.type(graph.items[value].type))")
      }
    }
    for (i, node) in graph.nodes.enumerated() {
      if isInline.contains(i) {
        expressions[i] = node.kind == "prim::Constant" ? constant(node) : expression(node)
      } else {
        write(node)
      }
    }
    let result = use(graph.result)
    let function = isFunction ? "f" : "forward"
    let type = Writer.type(graph.items[graph.result].type)
    return "def \(function)(\(parameters.joined(separator: ",\n    "))) -> \(type):\n" + lines.map { "  \($0)\n" }.joined() + "  return \(result)\n"
  }

  private mutating func write(_ node: PrintedGraph.Node) {
    if node.kind == "prim::Constant" { return }
    let text = expression(node)
    if node.outputs.isEmpty {
      lines.append(text)
      return
    }
    let targets = node.outputs.map { name($0, "_") }
    let isUnpacked = node.kind.hasSuffix("Unpack")
    lines.append("\(targets.joined(separator: ", "))\(isUnpacked ? "," : "") = \(text)")
  }

  private mutating func constant(_ node: PrintedGraph.Node) -> String {
    if let literal = node.literal { return literal }
    defer { constants += 1 }
    return "CONSTANTS.c\(constants)"
  }

  /// What stands for a value where it is used.
  private mutating func use(_ value: Int) -> String {
    guard let node = maker[value], isInline.contains(node) else { return name(value, "_") }
    let text = expressions[node] ?? ""
    if text.utf8.count < Writer.longest || graph.nodes[node].kind == "prim::Constant" { return text }
    let fresh = name(value, "_")
    lines.append("\(fresh) = \(text)")
    isInline.remove(node)
    return fresh
  }

  private mutating func expression(_ node: PrintedGraph.Node) -> String {
    var inputs = node.inputs[...]
    while let last = inputs.last, last.isDefault { inputs.removeLast() }
    let texts = inputs.map { use($0.value) }
    let all = zip(inputs, texts).map { input, text in input.keyword.map { "\($0)=\(text)" } ?? text }.joined(separator: ", ")
    let attribute = node.attribute.split(separator: "\"").dropFirst().first.map(String.init) ?? ""
    switch node.kind {
    case "prim::GetAttr":
      let isName = attribute.unicodeScalars.first.map { !("0"..."9").contains($0) } ?? false
      return isName ? "\(texts[0]).\(attribute)" : "getattr(\(texts[0]), \"\(attribute)\")"
    case "prim::CallMethod": return "(\(texts[0])).\(attribute)(\(texts.dropFirst().map { $0 + ", " }.joined()))"
    case "prim::TupleConstruct": return "(\(all)\(texts.count == 1 ? "," : ""))"
    case "prim::ListConstruct": return "[\(all)]"
    case "prim::DictConstruct":
      return "{" + stride(from: 0, to: texts.count - 1, by: 2).map { "\(texts[$0]): \(texts[$0 + 1])" }.joined(separator: ", ") + "}"
    case "prim::TupleUnpack", "prim::ListUnpack": return texts[0]
    case "aten::__getitem__" where texts.count == 2: return "\(texts[0])[\(texts[1])]"
    default:
      let parts = node.kind.split(separator: ":").map(String.init)
      let name = parts.last ?? node.kind
      return parts.first == "aten" ? "torch.\(name)(\(all))" : "ops.\(parts.first ?? "").\(name)(\(all))"
    }
  }

  /// A type as Python writes it.
  private static func type(_ type: String) -> String {
    if type.hasPrefix("(") {
      var parts: [String] = []
      var depth = 0
      var piece = ""
      for c in type.dropFirst().dropLast() {
        if "([".contains(c) { depth += 1 }
        if ")]".contains(c) { depth -= 1 }
        if c == ",", depth == 0 {
          parts.append(piece)
          piece = ""
        } else if !(piece.isEmpty && c == " ") {
          piece.append(c)
        }
      }
      if !piece.isEmpty { parts.append(piece) }
      return "Tuple[\(parts.map { Writer.type($0) }.joined(separator: ", "))]"
    }
    if type.hasPrefix("Dict(") { return "Dict[str, Tensor]" }
    return type == "Tensor[]" ? "List[Tensor]" : "Tensor"
  }
}
