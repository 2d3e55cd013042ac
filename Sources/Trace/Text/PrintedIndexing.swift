import Interface
import Torch

extension PrintedGraph {
  /// Spells `t[items]` or `t[items] = value` out as PyTorch does: select, slice, unsqueeze, index. Nil where the items hold `...`.
  func emitIndexing(_ step: Step, _ node: Node) -> Int? {
    guard step.arguments.count >= 2 else { return nil }
    let items: [Term]
    switch step.arguments[1] {
    case .list(let terms): items = terms
    case .constant(.list(let values)): items = values.map { .constant($0) }
    case let one: items = [one]
    }
    if items.contains(where: { if case .constant(.string("...")) = $0 { true } else { false } }) { return nil }
    var current = value(step.arguments[0], nil, node)
    let type = "Tensor"
    func result(_ isLast: Bool) -> String {
      if isLast, case .slot(let slot) = step.result { return slotType(slot) }
      return type
    }
    func isGather(_ term: Term) -> Bool {
      switch term {
      case .constant(.integer), .constant(.string), .constant(.tuple), .tuple: false
      case .slot(let slot): slotType(slot) != "int"
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
      func apply(_ kind: String, _ numbers: [Term]) {
        var own = node.named("aten::\(kind)")
        own.inputs = [Input(value: current)] + numbers.map { Input(value: value($0, nil, node)) }
        if kind == "slice", case .constant(.integer(1)) = numbers[3] { own.inputs[4].isDefault = true }
        current = emit(own, type: setsValue ? type : result(isLast), name: slotName(isLast))
      }
      let at = Term.constant(.integer(dim))
      switch item {
      case .constant(.integer): apply("select", [at, item])
      case .slot(let slot) where slotType(slot) == "int": apply("select", [at, item])
      case .constant(.string("None")):
        apply("unsqueeze", [at])
        dim += 1
        if gathers { gathered.append(constant(Constant(.none, as: ""), node)) }
      case .constant(.tuple), .tuple:
        var parts: [Term]
        switch item {
        case .constant(.tuple(let values)): parts = values.map { .constant($0) }
        case .tuple(let terms): parts = terms
        default: parts = []
        }
        guard parts.count == 3 else { return nil }
        if case .constant(.none) = parts[0] { parts[0] = .constant(.integer(0)) }
        if case .constant(.none) = parts[1] { parts[1] = .constant(.integer(Int.max)) }
        apply("slice", [at] + parts)
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
