import Interface
import NN
import TensorCore
import Torch

/// Finds out which numbers of a trace are sizes of its inputs, so that it holds for inputs of other sizes.
///
/// A program reads sizes as plain numbers, which a graph cannot follow. So it is traced again with inputs that are longer or shorter in
/// one dimension: where the same steps come with other numbers, each of these must be a size that the program has read, or a
/// multiple of it and a constant more, in all three runs. What cannot be explained so stays as it is, and the graph refuses other sizes.
struct SizeInference {
  /// The graph with sizes in the places of such numbers.
  private(set) var graph: Graph

  private let inputs: [Value]
  private let run: ([Value]) throws -> Graph
  /// What each number is: sizes (steps that read them), a factor and an offset.
  private var found: [Place: Product] = [:]
  /// Steps that read a size which may change.
  private var freed: Set<Int> = []

  /// A number in the arguments of a step, or in the output of the graph.
  private struct Place: Hashable {
    let step: Int
    let path: [Int]
  }

  private struct Product {
    var sizes: [Int]
    var factor: Int
    var offset: Int
  }

  init(_ graph: Graph, _ inputs: [Value], _ run: @escaping ([Value]) throws -> Graph) {
    (self.graph, self.inputs, self.run) = (graph, inputs, run)
    guard graph.steps.contains(where: { $0.readSize != nil }), isRepeatable else { return }
    infer()
  }

  /// Whether another run does nothing but give results.
  private var isRepeatable: Bool {
    !graph.layers.contains { $0.module.allModules.contains { $0.training && !$0.buffers.isEmpty } }
      && graph.steps.allSatisfy { step in !step.isRandom && !(step.changes && step.arguments.contains { if case .slot = $0 { false } else { $0.isTensor } }) }
  }

  private mutating func infer() {
    let state = try? Generator.default.stateTensor()
    defer { if let state { try? Generator.default.setState(state) } }
    var lengths: [[Int]] = []
    for tensor in inputs.flatMap(\.tensors) {
      for (dim, size) in tensor.sizes.enumerated() where size > 0 && !lengths.contains([dim, size]) { lengths.append([dim, size]) }
    }
    var changed: [(dim: Int, size: Int, to: Int)] = []
    for length in lengths {
      let (dim, size) = (length[0], length[1])
      for (a, b) in size >= 4 ? [(2, 3), (size + 1, size + 2)] : [(size + 1, size + 2)] {
        guard let first = rerun([(dim, size, a)]), let second = rerun([(dim, size, b)]) else { continue }
        guard let numbers = differences(first, second) else { continue }
        if explain(numbers, first, second) { changed.append((dim, size, a)) }
        break
      }
    }
    if freed.isEmpty { return }
    let general = rewritten()
    // All dimensions at once: what depends on several must be their product.
    if changed.count > 1, let all = rerun(changed), !agrees(with: all) { return }
    graph = general
  }

  /// A trace with inputs of other sizes; nil where it fails or does something else.
  private func rerun(_ changes: [(dim: Int, size: Int, to: Int)]) -> Graph? {
    func resized(_ value: Value) throws -> Value {
      switch value {
      case .object(let tensor as Tensor):
        var result = tensor.detached()
        for change in changes where change.dim < tensor.dim && tensor.sizes[change.dim] == change.size {
          let copies = (change.to + change.size - 1) / change.size
          result = try Tensor.cat(Array(repeating: result, count: copies), change.dim).narrow(change.dim, 0, change.to)
        }
        result = try result.clone()
        try result.setRequiresGrad(tensor.requiresGrad)
        return .object(result)
      case .list(let items): return .list(try items.map(resized))
      case .tuple(let items): return .tuple(try items.map(resized))
      case .dictionary(let rows): return .dictionary(try rows.map { ($0.0, try resized($0.1)) })
      default: return value
      }
    }
    guard let other = try? UserWarning.silenced({ try run(GradMode.with(false) { try inputs.map(resized) }) }), other.steps.count == graph.steps.count else { return nil }
    return other
  }

  /// The numbers in which the graph differs from two others, where it differs in nothing else; nil otherwise.
  private func differences(_ first: Graph, _ second: Graph) -> [(place: Place, values: [Int])]? {
    guard let a = numbers(first), let b = numbers(second) else { return nil }
    let (inA, inB) = (Dictionary(uniqueKeysWithValues: a), Dictionary(uniqueKeysWithValues: b))
    return Set(inA.keys).union(inB.keys).sorted { ($0.step, $0.path.count) < ($1.step, $1.path.count) }.map { place in
      let own = number(at: place) ?? 0
      return (place, [own, inA[place] ?? own, inB[place] ?? own])
    }
  }

  /// The numbers of another graph that differ from this one's; nil where something else differs.
  private func numbers(_ other: Graph) -> [(Place, Int)]? {
    var all: [(Place, Int)] = []
    func compare(_ a: Term, _ b: Term, _ place: Place) -> Bool {
      switch (a.unfolded, b.unfolded) {
      case (.absent, .absent): return true
      case (.slot(let x), .slot(let y)): return x == y
      case (.attribute(let x), .attribute(let y)): return x == y
      case (.constant(.integer(let x)), .constant(.integer(let y))):
        if x != y { all.append((place, y)) }
        return true
      case (.constant(let x), .constant(let y)): return x.isSame(as: y)
      case (.list(let x), .list(let y)), (.tuple(let x), .tuple(let y)):
        return x.count == y.count && x.indices.allSatisfy { compare(x[$0], y[$0], Place(step: place.step, path: place.path + [$0])) }
      case (.dictionary(let x), .dictionary(let y)):
        return x.count == y.count && x.indices.allSatisfy { Key(x[$0].key) == Key(y[$0].key) && compare(x[$0].term, y[$0].term, Place(step: place.step, path: place.path + [$0])) }
      default: return false
      }
    }
    for (i, (a, b)) in zip(graph.steps, other.steps).enumerated() {
      let same =
        switch (a.action, b.action) {
        case (.operation(let x), .operation(let y)): x === y
        case (.layer(let x), .layer(let y)): x == y && graph.layers[x].path == other.layers[y].path
        case (.size(let x, _), .size(let y, _)): x == y
        default: false
        }
      guard same, a.scope == b.scope, a.arguments.count == b.arguments.count, a.result.slots == b.result.slots else { return nil }
      for k in a.arguments.indices { if !compare(a.arguments[k], b.arguments[k], Place(step: i, path: [k])) { return nil } }
    }
    guard compare(graph.output, other.output, Place(step: graph.steps.count, path: [])) else { return nil }
    return all
  }

  private func number(at place: Place) -> Int? {
    guard place.step < graph.steps.count, let first = place.path.first else { return nil }
    var term = graph.steps[place.step].arguments[first].unfolded
    for k in place.path.dropFirst() {
      switch term {
      case .list(let items), .tuple(let items): term = items[k].unfolded
      case .dictionary(let rows): term = rows[k].term.unfolded
      default: return nil
      }
    }
    if case .constant(.integer(let number)) = term { return number }
    return nil
  }

  /// Finds for each number the size that it comes from. False, and nothing changed, where one has none.
  private mutating func explain(_ numbers: [(place: Place, values: [Int])], _ first: Graph, _ second: Graph) -> Bool {
    let sizes = graph.steps.indices.compactMap { i -> (step: Int, values: [Int])? in
      guard let own = graph.steps[i].readSize, let a = first.steps[i].readSize, let b = second.steps[i].readSize, own != a || own != b else { return nil }
      return (i, [own, a, b])
    }
    var fresh = found
    for (place, values) in numbers {
      guard place.step < graph.steps.count else { return false }
      func product(of size: (step: Int, values: [Int])) -> Product? {
        let (from, to) = (size.values[1] - size.values[0], values[1] - values[0])
        guard size.step < place.step, from != 0, to % from == 0, to != 0 else { return nil }
        let factor = to / from
        let offset = values[0] - factor * size.values[0]
        guard values[2] == factor * size.values[2] + offset else { return nil }
        return Product(sizes: [size.step], factor: factor, offset: offset)
      }
      let all = sizes.compactMap(product)
      guard let best = all.first(where: { $0.factor == 1 && $0.offset == 0 }) ?? all.first(where: { $0.offset == 0 }) ?? all.first else { return false }
      guard let before = fresh[place] else {
        fresh[place] = best
        continue
      }
      // A number that depends on several sizes is their product and a factor.
      guard before.offset == 0, best.offset == 0, let own = graph.steps[best.sizes[0]].readSize, own != 0, before.factor % own == 0 else { return false }
      fresh[place] = Product(sizes: before.sizes + best.sizes, factor: before.factor / own, offset: 0)
    }
    found = fresh
    freed.formUnion(sizes.map(\.step))
    return true
  }

  /// Whether the numbers of another graph are what was found.
  private func agrees(with other: Graph) -> Bool {
    guard let numbers = numbers(other) else { return false }
    let values = Dictionary(uniqueKeysWithValues: numbers)
    return found.allSatisfy { place, product in
      let sizes = product.sizes.map { other.steps[$0].readSize ?? 0 }
      return (values[place] ?? number(at: place)) == sizes.reduce(product.factor, *) + product.offset
    } && numbers.allSatisfy { found[$0.0] != nil }
  }

  /// The graph with steps that make the numbers that were found.
  private func rewritten() -> Graph {
    var types = graph.types
    var steps: [Step] = []
    var sizeSlots: [Int: Int] = [:]
    func slot() -> Int {
      types.append("int")
      return types.count - 1
    }
    for (i, step) in graph.steps.enumerated() {
      var step = step
      if freed.contains(i), case .size(let dim, _) = step.action {
        let own = slot()
        sizeSlots[i] = own
        step.action = .size(dim: dim, expected: nil)
        step.result = .slot(own)
      }
      let numbers = found.filter { $0.key.step == i }.sorted { $0.key.path.lexicographicallyPrecedes($1.key.path) }
      for (place, product) in numbers {
        let sizes = product.sizes.compactMap { sizeSlots[$0] }
        guard sizes.count == product.sizes.count, let first = place.path.first else { continue }
        var number = sizes[0]
        if sizes.count > 1 || product.factor != 1 || product.offset != 0 {
          number = slot()
          steps.append(
            Step(
              action: .scale(factor: product.factor, offset: product.offset), arguments: sizes.map { .slot($0) }, result: .slot(number), place: step.place,
              scope: step.scope))
        }
        step.arguments[first] = step.arguments[first].replacing(place.path.dropFirst(), with: .slot(number))
      }
      steps.append(step)
    }
    return Graph(
      inputs: graph.inputs, names: graph.names, steps: steps, output: graph.output, scopes: graph.scopes, layers: graph.layers, slotCount: types.count,
      types: types, slotNames: graph.slotNames)
  }
}

extension Step {
  /// The size that was read.
  fileprivate var readSize: Int? { if case .size(_, let expected) = action { expected } else { nil } }
}

extension Term {
  fileprivate var isTensor: Bool {
    switch self {
    case .attribute: true
    case .constant(.object(is Tensor)): true
    default: false
    }
  }

  /// A constant list as a list of constants.
  fileprivate var unfolded: Term {
    switch self {
    case .constant(.list(let items)): .list(items.map { .constant($0) })
    case .constant(.tuple(let items)): .tuple(items.map { .constant($0) })
    default: self
    }
  }

  /// The same with another term at a path.
  fileprivate func replacing(_ path: ArraySlice<Int>, with term: Term) -> Term {
    guard let k = path.first else { return term }
    func replaced(_ items: [Term]) -> [Term] {
      var items = items
      items[k] = items[k].replacing(path.dropFirst(), with: term)
      return items
    }
    switch unfolded {
    case .list(let items): return .list(replaced(items))
    case .tuple(let items): return .tuple(replaced(items))
    case .dictionary(var rows):
      rows[k].term = rows[k].term.replacing(path.dropFirst(), with: term)
      return .dictionary(rows)
    default: return self
    }
  }
}

extension Value {
  /// Whether two constants are the same; tensors must be one object.
  fileprivate func isSame(as other: Value) -> Bool {
    switch (self, other) {
    case (.none, .none): true
    case (.boolean(let a), .boolean(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a == b || (a.isNaN && b.isNaN)
    case (.string(let a), .string(let b)): a == b
    case (.object(let a), .object(let b)): a === b
    default: false
    }
  }
}
