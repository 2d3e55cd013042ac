import Interface
import Torch

extension PrintedGraph {
  /// Spells `t[items]` or `t[items] = value` out as PyTorch does: select, slice, unsqueeze, index. Nil where the items hold `...`.
  func emitIndexing(_ step: Step, _ node: Node) -> Int? {
    guard step.arguments.count >= 2 else { return nil }
    var items: [Term]
    switch step.arguments[1] {
    case .list(let terms): items = terms
    case .constant(.list(let values)): items = values.map { .constant($0) }
    case let one: items = [one]
    }
    let isTable = items.allSatisfy { if case .constant(.integer) = $0 { false } else if case .constant(.string) = $0 { false } else { true } }
    if isTable, items.count > 1, case .constant = step.arguments[1] { items = [step.arguments[1]] }
    if items.contains(where: { if case .constant(.string("...")) = $0 { true } else { false } }) { return nil }
    var current = value(step.arguments[0], nil, node)
    let type = "Tensor"
    func result(_ isLast: Bool) -> String {
      if isLast, case .slot(let slot) = step.result { return slotType(slot) }
      return type
    }
    func isGather(_ term: Term) -> Bool {
      switch term {
      case .constant(.integer), .constant(.string): false
      default: true
      }
    }
    let gathers = items.contains(where: isGather)
    let setsValue = step.arguments.count > 2
    var dim = 0
    var gathered: [Int] = []
    func slotName(_ isLast: Bool) -> String? {
      if isLast, !setsValue, case .slot(let slot) = step.result { return slotNameOf(slot) }
      return nil
    }
    for (i, item) in items.enumerated() {
      let isLast = i == items.count - 1 && !gathers
      func apply(_ kind: String, _ numbers: [Int]) {
        var inputs = [Input(value: current)]
        for number in numbers { inputs.append(Input(value: constant(Constant(.integer(number), as: "int"), node))) }
        var own = node.named("aten::\(kind)")
        own.inputs = inputs
        if kind == "slice", numbers[3] == 1 { own.inputs[4].isDefault = true }
        current = emit(own, type: setsValue ? type : result(isLast), name: slotName(isLast))
      }
      switch item {
      case .constant(.integer(let index)): apply("select", [dim, index])
      case .constant(.string("None")):
        apply("unsqueeze", [dim])
        dim += 1
      case .constant(.string(let text)):
        guard case .slice(let start, let end, let stride)? = try? IndexItem(parsing: text) else { return nil }
        apply("slice", [dim, start ?? 0, end ?? Int.max, stride])
        dim += 1
        if gathers { gathered.append(constant(Constant(.none, as: ""), node)) }
      default:
        gathered.append(value(item, nil, node))
        dim += 1
      }
    }
    if gathers {
      let list = emit(Node(kind: "prim::ListConstruct", inputs: gathered.map { Input(value: $0) }, scope: node.scope), type: "Tensor?[]")
      if !setsValue {
        var own = node.named("aten::index")
        own.inputs = [Input(value: current), Input(value: list)]
        return emit(own, type: result(true), name: slotName(true))
      }
      var own = node.named("aten::index_put_")
      own.inputs = [Input(value: current), Input(value: list), Input(value: value(step.arguments[2], nil, node))]
      own.inputs.append(Input(value: constant(Constant(.boolean(false), as: "bool"), node), isDefault: true))
      return emit(own, type: type)
    }
    guard setsValue else { return current }
    var own = node.named("aten::copy_")
    let source: Term
    if case .constant(let value) = step.arguments[2], value.isNumber { source = .constant(value) } else { source = step.arguments[2] }
    let given: Int
    if case .constant(let number) = source, number.isNumber { given = constant(Constant(number, as: "Tensor"), node) } else { given = value(source, nil, node) }
    own.inputs = [Input(value: current), Input(value: given)]
    own.inputs.append(Input(value: constant(Constant(.boolean(false), as: "bool"), node), isDefault: true))
    return emit(own, type: type)
  }
}

extension Value {
  var isNumber: Bool {
    switch self {
    case .integer, .number, .boolean: true
    default: false
    }
  }
}
