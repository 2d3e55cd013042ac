/// PyTorch's text of a graph.
enum GraphText {
  /// - Parameter isOutline: without types and places, as graphs are compared.
  static func text(of graph: PrintedGraph, isOutline: Bool = false) -> String {
    let inputs = graph.inputs.map { shown($0, graph, isOutline) }.joined(separator: ",\n      ")
    let lines = graph.nodes.map { "  " + line($0, graph, isOutline) + "\n" }.joined()
    return "graph(\(inputs)):\n\(lines)  return (%\(graph.items[graph.result].name))\n"
  }

  /// The nodes that draw random numbers.
  static func randomNodes(of graph: PrintedGraph) -> [String] { graph.nodes.filter(\.isRandom).map { line($0, graph, false) } }

  private static func shown(_ value: Int, _ graph: PrintedGraph, _ isOutline: Bool) -> String {
    let type = graph.items[value].type
    return "%\(graph.items[value].name) : \(isOutline && type.contains("device=") ? "Tensor" : type)"
  }

  private static func line(_ node: PrintedGraph.Node, _ graph: PrintedGraph, _ isOutline: Bool) -> String {
    var text = node.outputs.map { shown($0, graph, isOutline) }.joined(separator: ", ")
    if !text.isEmpty { text += " = " }
    text += node.kind
    if !node.attribute.isEmpty { text += "[\(node.attribute)]" }
    text += "(" + node.inputs.map { "%\(graph.items[$0.value].name)" }.joined(separator: ", ") + ")"
    if !isOutline, !node.scope.isEmpty { text += ", scope: \(node.scope)" }
    if !node.place.isEmpty { text += " # \(node.place):0" }
    return text
  }
}
