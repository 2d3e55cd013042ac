import Interface
import NN
import Torch

/// A graph as PyTorch spells it out: nodes that take and give values, constants and attributes as nodes of their own.
final class PrintedGraph {
  /// A value with its type.
  struct Item {
    /// Its name, or the number that stands for one.
    var name: String
    let type: String
    /// Whether the program named it.
    let isNamed: Bool
  }

  /// What a node takes.
  struct Input {
    let value: Int
    /// The keyword by which it must be given.
    var keyword: String?
    /// Whether it would be the same if it were left out.
    var isDefault = false
  }

  /// One node.
  struct Node {
    /// `aten::add`, `prim::Constant`, …
    let kind: String
    /// What stands in brackets behind the kind.
    var attribute = ""
    var inputs: [Input] = []
    var outputs: [Int] = []
    /// `file.lua:12`.
    var place = ""
    /// `__module.a/__module.a.b`.
    var scope = ""
    /// What Python writes for a constant.
    var literal: String?
    var isRandom = false
  }

  private(set) var items: [Item] = []
  private(set) var nodes: [Node] = []
  /// The values that come from outside; the module is the first where there is one.
  private(set) var inputs: [Int] = []
  /// What is given back.
  private(set) var result = 0
  /// Whether the first input is a module.
  let hasSelf: Bool

  private let graph: Graph
  private let module: TracedModule
  private let scope: Int
  private let methods: Methods
  private let isInlined: Bool
  private var valueOf: [Int: Int] = [:]
  private var attributeValue: [String: Int] = [:]
  private var usedNames: [String: Int] = [:]

  /// Spells out the graph of a call.
  /// - Parameter isInlined: whether calls of modules within it are spelt out too.
  init(of graph: Graph, scope: Int, module: TracedModule, isInlined: Bool) {
    self.graph = graph
    self.module = module
    self.scope = scope
    self.isInlined = isInlined
    methods = Methods(graph)
    hasSelf = !module.isFunction
    let path = graph.scopes[scope].path
    if hasSelf {
      let own = add("self", self.type(ofModule: path))
      inputs.append(own)
      attributeValue[path] = own
    }
    if scope == 0 {
      for (i, term) in graph.inputs.enumerated() { addInput(term, i < graph.names.count ? graph.names[i] : "argument_\(i + 1)") }
    } else {
      for slot in methods.all[scope].inputs { inputs.append(add(slot)) }
    }
    if !isInlined {
      for path in attributes(of: scope).reversed() { _ = attribute(path) }
    }
    emit(scope)
    if scope == 0 { result = returned(graph.output) } else { result = returned(outputs(of: scope)) }
  }

  // MARK: Values

  private func add(_ name: String?, _ type: String) -> Int {
    var shown = "\(items.count)"
    if let name {
      let clean = name.unicodeScalars.first.map { ("0"..."9").contains($0) } ?? true ? "_\(name)" : name
      shown = usedNames[clean].map { "\(clean).\($0)" } ?? clean
      usedNames[clean, default: 0] += 1
    }
    items.append(Item(name: shown, type: type, isNamed: name != nil))
    return items.count - 1
  }

  private func add(_ slot: Int, type: String? = nil) -> Int {
    let value = add(graph.slotNames[slot], type ?? graph.type(slot))
    valueOf[slot] = value
    return value
  }

  func emit(_ node: Node, type: String, name: String? = nil) -> Int {
    var node = node
    let value = add(name, type)
    node.outputs = [value]
    nodes.append(node)
    return value
  }

  func constant(_ literal: Constant, _ place: Node) -> Int {
    var node = Node(kind: "prim::Constant", attribute: literal.attribute, place: literal.type == "NoneType" ? "" : place.place, scope: place.scope)
    node.literal = literal.python
    return emit(node, type: literal.type)
  }

  private func addInput(_ term: Term, _ name: String) {
    if case .slot(let slot) = term {
      let value = add(name, graph.type(slot))
      valueOf[slot] = value
      inputs.append(value)
      return
    }
    let whole = add(name, type(of: term))
    inputs.append(whole)
    unpack(whole, term)
  }

  private func unpack(_ whole: Int, _ term: Term) {
    switch term {
    case .tuple(let parts), .list(let parts):
      var rest: [(Int, Term)] = []
      var outputs: [Int] = []
      for part in parts {
        if case .slot(let slot) = part {
          outputs.append(add(slot))
        } else {
          outputs.append(add(nil, type(of: part)))
          rest.append((outputs[outputs.count - 1], part))
        }
      }
      nodes.append(Node(kind: "prim::TupleUnpack", inputs: [Input(value: whole)], outputs: outputs))
      for (value, part) in rest { unpack(value, part) }
    case .dictionary(let rows):
      for row in rows {
        let key = constant(Constant(row.key, as: "str"), Node(kind: ""))
        let node = Node(kind: "aten::__getitem__", inputs: [Input(value: whole), Input(value: key)])
        guard case .slot(let slot) = row.term else {
          let value = emit(node, type: type(of: row.term))
          unpack(value, row.term)
          continue
        }
        var own = node
        own.outputs = [add(slot)]
        nodes.append(own)
      }
    default: break
    }
  }

  private func type(of term: Term) -> String {
    switch term {
    case .slot(let slot): graph.type(slot)
    case .tuple(let parts), .list(let parts): "(\(parts.map(type).joined(separator: ", ")))"
    case .dictionary(let rows): "Dict(str, \(rows.first.map { type(of: $0.term) } ?? "Tensor"))"
    case .constant(let value): Constant(value, as: "").type
    case .attribute, .absent: "Tensor"
    }
  }

  // MARK: Attributes

  private func type(ofModule path: String) -> String {
    var next: Module? = module
    for name in path.split(separator: ".") { next = next?.modules[String(name)] ?? nil }
    guard let found = next as? TracedModule else { return "Tensor" }
    return found.graphName
  }

  /// The value of a module or tensor at a path.
  func attribute(_ path: String, type given: String? = nil) -> Int {
    if let known = attributeValue[path] { return known }
    let dot = path.lastIndex(of: ".")
    let name = dot.map { String(path[path.index(after: $0)...]) } ?? path
    let owner = attribute(dot.map { String(path[..<$0]) } ?? "")
    let value = emit(Node(kind: "prim::GetAttr", attribute: "name=\"\(name)\"", inputs: [Input(value: owner)]), type: given ?? type(ofModule: path), name: name)
    attributeValue[path] = value
    return value
  }

  /// What a call reads of its module, in the order of use.
  private func attributes(of scope: Int) -> [String] {
    var found: [String] = []
    func note(_ path: String) { if !found.contains(path) { found.append(path) } }
    func walk(_ term: Term) {
      switch term {
      case .attribute(let path): note(path)
      case .list(let items), .tuple(let items): items.forEach(walk)
      case .dictionary(let rows): rows.forEach { walk($0.term) }
      case .absent, .slot, .constant: break
      }
    }
    for item in methods.all[scope].items {
      switch item {
      case .call(let inner): if !methods.all[inner].outputs.isEmpty { note(graph.scopes[inner].path) }
      case .step(let i):
        graph.steps[i].arguments.forEach(walk)
        if case .layer(let index) = graph.steps[i].action, let path = graph.layers[index].path {
          for name in LayerSpelling(graph.layers[index].module).tensorNames { note(path.isEmpty ? name : "\(path).\(name)") }
        }
      }
    }
    if scope == 0 { walk(graph.output) }
    return found
  }

  // MARK: Steps

  private func emit(_ scope: Int) {
    for item in methods.all[scope].items {
      switch item {
      case .call(let inner): if isInlined { emit(inner) } else { emitCall(inner) }
      case .step(let i): emitStep(graph.steps[i])
      }
    }
  }

  private func outputs(of scope: Int) -> Term {
    let outputs = methods.all[scope].outputs.map { Term.slot($0) }
    return outputs.count == 1 ? outputs[0] : .tuple(outputs)
  }

  private func emitCall(_ inner: Int) {
    let method = methods.all[inner]
    if method.outputs.isEmpty { return }
    let name = method.number == 0 ? "forward" : "forward\(method.number)"
    var node = Node(kind: "prim::CallMethod", attribute: "name=\"\(name)\"", inputs: [Input(value: attribute(graph.scopes[inner].path))])
    node.inputs += method.inputs.map { Input(value: valueOf[$0] ?? 0) }
    if method.outputs.count == 1 {
      node.outputs = [add(method.outputs[0], type: "Tensor")]
      nodes.append(node)
      return
    }
    let whole = emit(node, type: "(\(method.outputs.map { _ in "Tensor" }.joined(separator: ", ")))")
    let parts = method.outputs.map { add($0) }
    nodes.append(Node(kind: "prim::TupleUnpack", inputs: [Input(value: whole)], outputs: parts))
  }

  private func emitStep(_ step: Step) {
    var node = Node(kind: "", place: step.place, scope: scopeText(step.scope))
    node.isRandom = step.isRandom
    switch step.action {
    case .size(_, _?): break
    case .size(let dim, nil):
      let given = value(step.arguments[0], nil, node)
      var own = node.named("aten::size")
      own.inputs = [Input(value: given), Input(value: constant(Constant(.integer(dim), as: "int"), node))]
      valueOf[step.result.slots[0]] = emit(own, type: "int")
    case .scale(let factor, let offset):
      var product = value(step.arguments[0], nil, node)
      func apply(_ kind: String, _ other: Int) {
        var own = node.named(kind)
        own.inputs = [Input(value: product), Input(value: other)]
        product = emit(own, type: "int")
      }
      for term in step.arguments.dropFirst() { apply("aten::mul", value(term, nil, node)) }
      if factor != 1 { apply("aten::mul", constant(Constant(.integer(factor), as: "int"), node)) }
      if offset != 0 { apply("aten::add", constant(Constant(.integer(offset), as: "int"), node)) }
      valueOf[step.result.slots[0]] = product
    case .layer(let index):
      let spelling = LayerSpelling(graph.layers[index].module)
      node = node.named(spelling.kind)
      node.inputs = spelling.arguments.map { Input(value: value($0, of: graph.layers[index], step, node)) }
      finish(node, step.result)
    case .operation(let entry):
      if entry.operation.name == "__getitem__" || entry.operation.name == "__setitem__", let indexed = emitIndexing(step, node) {
        if case .slot(let slot) = step.result { valueOf[slot] = indexed }
        return
      }
      let spelling = OperationSpelling(entry)
      node = node.named(spelling.kind(step.arguments))
      for (parameter, term) in zip(entry.operation.schema.parameters, step.arguments) where spelling.shows(parameter) {
        node.inputs.append(Input(value: value(term, parameter, node), keyword: parameter.isKeywordOnly ? parameter.name : nil, isDefault: parameter.isDefault(term)))
      }
      finish(node, step.result)
    }
  }

  private func finish(_ given: Node, _ result: Term) {
    var node = given
    switch result {
    case .slot(let slot):
      node.outputs = [add(slot)]
      nodes.append(node)
    case .list(let items) where items.allSatisfy({ if case .slot = $0 { true } else { false } }):
      let whole = emit(node, type: "Tensor[]")
      let parts = items.flatMap(\.slots).map { add($0) }
      nodes.append(Node(kind: "prim::ListUnpack", inputs: [Input(value: whole)], outputs: parts, scope: node.scope))
    default:
      node.outputs = result.slots.map { add($0) }
      nodes.append(node)
    }
  }

  private func scopeText(_ scope: Int) -> String {
    var names: [String] = []
    var next: Int? = scope
    while let one = next, one != 0 {
      names.append("__module." + graph.scopes[one].path)
      next = graph.scopes[one].parent
    }
    return names.reversed().joined(separator: "/")
  }

  /// The value that stands for a term at the place of a parameter.
  func value(_ term: Term, _ parameter: Parameter?, _ node: Node) -> Int {
    let type = parameter?.type ?? ""
    switch term {
    case .absent: return value(parameter?.defaultTerm ?? .constant(.none), parameter, node)
    case .slot(let slot): return valueOf[slot] ?? 0
    case .attribute(let path): return attribute(path, type: "Tensor")
    case .constant(.list(let items)), .constant(.tuple(let items)): return value(.list(items.map { .constant($0) }), parameter, node)
    case .constant(let value):
      if parameter?.listLength != nil, type == "int[]", case .integer = value { return self.value(.list(Array(repeating: term, count: parameter?.listLength ?? 1)), parameter, node) }
      return constant(Constant(value, as: type), node)
    case .list(let parts), .tuple(let parts):
      let values = parts.map { value($0, nil, node) }
      let element = values.first.map { items[$0].type } ?? (type.hasSuffix("[]") ? String(type.dropLast(2)) : "Tensor")
      let kind = ["int", "float", "bool", "str"].contains(element) ? element : "Tensor"
      return emit(Node(kind: "prim::ListConstruct", inputs: values.map { Input(value: $0) }, scope: node.scope), type: "\(kind)[]")
    case .dictionary: return returned(term)
    }
  }

  private func value(_ argument: LayerSpelling.Argument, of layer: GraphLayer, _ step: Step, _ node: Node) -> Int {
    switch argument {
    case .input(let i): return value(i < step.arguments.count ? step.arguments[i] : .constant(.none), nil, node)
    case .tensor(let name):
      let path = layer.path.map { $0.isEmpty ? name : "\($0).\(name)" } ?? name
      return attribute(path, type: name.hasSuffix("_packed_params") && path.hasSuffix("_packed_params._packed_params") ? "__torch__.torch.classes.quantized.LinearPackedParamsBase" : "Tensor")
    case .constant(let value): return self.value(.constant(value), nil, node)
    case .list(let parts):
      let values = parts.map { value($0, of: layer, step, node) }
      return emit(Node(kind: "prim::ListConstruct", inputs: values.map { Input(value: $0) }, scope: node.scope), type: "Tensor[]")
    }
  }

  func slotType(_ slot: Int) -> String { graph.type(slot) }
  func slotNameOf(_ slot: Int) -> String? { graph.slotNames[slot] }

  private func returned(_ term: Term) -> Int {
    switch term {
    case .tuple(let parts), .list(let parts):
      let values = parts.map { returned($0) }
      let type = "(\(values.map { items[$0].type }.joined(separator: ", ")))"
      return emit(Node(kind: "prim::TupleConstruct", inputs: values.map { Input(value: $0) }), type: type)
    case .dictionary(let rows):
      var inputs: [Input] = []
      for row in rows {
        inputs.append(Input(value: constant(Constant(row.key, as: "str"), Node(kind: ""))))
        inputs.append(Input(value: returned(row.term)))
      }
      return emit(Node(kind: "prim::DictConstruct", inputs: inputs), type: type(of: term))
    default: return value(term, nil, Node(kind: ""))
    }
  }
}

extension PrintedGraph.Node {
  /// The same with a kind.
  func named(_ kind: String) -> PrintedGraph.Node {
    var node = PrintedGraph.Node(kind: kind, place: place, scope: scope)
    node.isRandom = isRandom
    return node
  }
}
