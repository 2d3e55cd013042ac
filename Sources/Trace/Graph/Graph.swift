import Interface
import NN
import Torch

/// A layer of this library that a graph calls whole, with a copy of its own that shares its tensors.
public struct GraphLayer {
  /// Its path in the traced module; nil for one that is none of its modules.
  public let path: String?
  /// The layer, in the mode it had.
  public let module: Module
}

/// What a run of a module or function did: its operations in order, from inputs to outputs.
public final class Graph {
  /// What is made of each argument.
  public let inputs: [Term]
  /// The arguments' names, as many as `inputs`.
  public let names: [String]
  /// What is done, in order.
  public let steps: [Step]
  /// What is given back.
  public let output: Term
  /// The calls of modules that steps belong to; the first is that of the traced module itself.
  public let scopes: [Scope]
  /// The layers that steps call.
  public let layers: [GraphLayer]
  /// How many slots there are.
  let slotCount: Int
  /// What each slot held when it was traced, as `Float(2, 3, …)`; empty for a graph from a file.
  let types: [String]
  /// The names that the program gave to slots.
  let slotNames: [Int: String]
  /// The slots that no step needs after each step.
  private let ends: [[Int]]

  init(
    inputs: [Term], names: [String], steps: [Step], output: Term, scopes: [Scope], layers: [GraphLayer], slotCount: Int, types: [String] = [],
    slotNames: [Int: String] = [:]
  ) {
    self.inputs = inputs
    self.names = names
    self.steps = steps
    self.output = output
    self.scopes = scopes
    self.layers = layers
    self.slotCount = slotCount
    self.types = types
    self.slotNames = slotNames
    var seen = Set(output.slots)
    var ends: [[Int]] = []
    for step in steps.reversed() {
      var last: [Int] = []
      for slot in step.arguments.flatMap(\.slots) + step.result.slots where seen.insert(slot).inserted { last.append(slot) }
      ends.append(last)
    }
    self.ends = ends.reversed()
    integerSlots = Set(
      steps.flatMap { step in
        switch step.action {
        case .size, .scale: step.result.slots
        case .operation, .layer: [Int]()
        }
      })
  }

  /// The slots that hold a size.
  private let integerSlots: Set<Int>

  /// The type of a slot as text.
  func type(_ slot: Int) -> String { integerSlots.contains(slot) ? "int" : slot < types.count ? types[slot] : "Tensor" }

  /// The same without steps that nothing needs, its slots numbered anew.
  func tidied() -> Graph {
    var live = Set(output.slots)
    var kept: [Step] = []
    for step in steps.reversed() {
      guard step.isNeeded || step.result.slots.contains(where: live.contains) else { continue }
      live.formUnion(step.arguments.flatMap(\.slots))
      kept.append(step)
    }
    kept.reverse()
    var numbers: [Int: Int] = [:]
    for slot in inputs.flatMap(\.slots) + kept.flatMap(\.result.slots) { numbers[slot] = numbers.count }
    func anew(_ term: Term) -> Term { term.mapped { numbers[$0] ?? 0 } }
    let steps = kept.map { step -> Step in
      var step = step
      step.arguments = step.arguments.map(anew)
      step.result = anew(step.result)
      return step
    }
    let order = numbers.sorted { $0.value < $1.value }.map(\.key)
    return Graph(
      inputs: inputs.map(anew), names: names, steps: steps, output: anew(output), scopes: scopes, layers: layers, slotCount: numbers.count,
      types: types.isEmpty ? [] : order.map { type($0) },
      slotNames: Dictionary(uniqueKeysWithValues: slotNames.compactMap { row in numbers[row.key].map { ($0, row.value) } }))
  }

  /// The same graph with other layers in the places of its own.
  func with(layers: [GraphLayer]) -> Graph {
    Graph(
      inputs: inputs, names: names, steps: steps, output: output, scopes: scopes, layers: layers, slotCount: slotCount, types: types,
      slotNames: slotNames)
  }

  /// Does it all again with other inputs.
  /// - Parameter attribute: the tensor at a path.
  /// - Throws: what an operation throws; PyTorch's sentence for too few or too many inputs.
  func run(_ arguments: [Value], of owner: String?, attribute: (String) throws -> Tensor) throws -> Value {
    if arguments.count != inputs.count {
      let own = owner == nil ? 0 : 1
      let declaration = declaration(owner)
      throw TorchError.runtime(
        arguments.count < inputs.count
          ? "\(callee(owner))() is missing value for argument '\(names[arguments.count])'. \(declaration)"
          : "\(callee(owner))() expected at most \(inputs.count + own) argument(s) but received \(arguments.count + own) argument(s). \(declaration)")
    }
    var slots = [Value](repeating: .none, count: slotCount)
    for (i, (term, value)) in zip(inputs, arguments).enumerated() {
      if !Graph.fill(term, value, &slots) { throw wrongInput(i, value, owner) }
    }
    func value(_ term: Term) throws -> Value? {
      switch term {
      case .absent: nil
      case .slot(let i): slots[i]
      case .attribute(let path): .object(try attribute(path))
      case .constant(let value): value
      case .list(let items): .list(try items.map { try value($0) ?? .none })
      case .tuple(let items): .tuple(try items.map { try value($0) ?? .none })
      case .dictionary(let rows): .dictionary(try rows.map { ($0.key, try value($0.term) ?? .none) })
      }
    }
    for (i, step) in steps.enumerated() {
      let arguments = try step.arguments.map(value)
      let result: Value
      switch step.action {
      case .operation(let entry): result = try ValueFrame(entry.operation.name, arguments).results(of: entry.operation)
      case .layer(let index): result = try layers[index].module.call(arguments.map { $0 ?? .none })
      case .size(let dim, let expected): result = .integer(try size(dim, of: arguments.first ?? nil, expected, step))
      case .scale(let factor, let offset):
        var product = factor
        for case .integer(let number)?? in arguments { product = product.multipliedReportingOverflow(by: number).partialValue }
        result = .integer(product.addingReportingOverflow(offset).partialValue)
      }
      if case .slot(let slot) = step.result, case .integer = result {
        slots[slot] = result
        for slot in ends[i] { slots[slot] = .none }
        continue
      }
      if !Graph.fill(step.result, result, &slots) { throw TorchError.runtime("a step of the traced graph (\(step.place)) gave another kind of result than when it was traced") }
      for slot in ends[i] { slots[slot] = .none }
    }
    return try value(output) ?? .none
  }

  private func size(_ dim: Int, of value: Value?, _ expected: Int?, _ step: Step) throws -> Int {
    guard case .object(let tensor as Tensor)? = value, dim < tensor.dim else {
      throw TorchError.runtime("the traced program read the size of dimension \(dim) of a tensor (\(step.place)) that has fewer dimensions now")
    }
    let size = tensor.sizes[dim]
    if let expected, size != expected {
      throw TorchError.runtime(
        "the traced program read a size (dimension \(dim) of a tensor, \(step.place)) that was \(expected) when it was traced and is \(size) now; what it made of it is a constant in the trace. Trace it with inputs of these sizes")
    }
    return size
  }

  private func callee(_ owner: String?) -> String { owner == nil ? "f" : "forward" }

  private func declaration(_ owner: String?) -> String {
    "Declaration: \(callee(owner))(\(((owner.map { ["\($0) self"] } ?? []) + names.map { "Tensor \($0)" }).joined(separator: ", "))) -> Tensor"
  }

  private func wrongInput(_ i: Int, _ value: Value, _ owner: String?) -> TorchError {
    let name = i < names.count ? names[i] : "\(i)"
    guard case .slot = inputs[i] else {
      return .runtime("\(callee(owner))() argument '\(name)' (position \(i + 1)) has another structure than the example it was traced with")
    }
    return .runtime(
      "\(callee(owner))() Expected a value of type 'Tensor' for argument '\(name)' but instead found type '\(value.pythonTypeName)'.\nPosition: \(i + 1)\nValue: \(value.shortText)\n\(declaration(owner))")
  }

  /// Puts a value's parts into the slots where the term says; false where it has another form.
  private static func fill(_ term: Term, _ value: Value, _ slots: inout [Value]) -> Bool {
    switch (term, value) {
    case (.slot(let i), .object(let object)):
      guard object is Tensor || object is GraphObject else { return false }
      slots[i] = value
      return true
    case (.slot, _): return false
    case (.list(let terms), .list(let items)), (.tuple(let terms), .tuple(let items)), (.list(let terms), .tuple(let items)), (.tuple(let terms), .list(let items)):
      if terms.count != items.count { return false }
      for (term, item) in zip(terms, items) where !fill(term, item, &slots) { return false }
      return true
    case (.list, _), (.tuple, _): return false
    case (.dictionary(let rows), .dictionary(let entries)):
      if rows.count != entries.count { return false }
      return rows.allSatisfy { row in
        guard let key = Key(row.key), let entry = entries.first(where: { Key($0.0) == key }) else { return false }
        return fill(row.term, entry.1, &slots)
      }
    case (.dictionary, _): return false
    default: return true
    }
  }
}

extension Step {
  /// Whether it does something beside giving results.
  fileprivate var isNeeded: Bool {
    switch action {
    case .layer: true
    case .size(_, let expected): expected != nil
    case .operation, .scale: changes || isRandom
    }
  }
}

extension Value {
  fileprivate var shortText: String {
    switch self {
    case .none: "None"
    case .boolean(let b): b ? "True" : "False"
    case .integer(let i): "\(i)"
    case .number(let d): FloatText.shortest(d)
    case .string(let s): s
    default: pythonTypeName
    }
  }
}
