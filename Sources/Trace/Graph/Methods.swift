import Interface

/// The calls of modules that a graph consists of, each with what goes into it and what comes out: PyTorch's methods `forward`,
/// `forward1`, ….
struct Methods {
  /// One call.
  struct Method {
    /// What it needs from outside, in the order of use.
    var inputs: [Int] = []
    /// What others need of it, in the order of making.
    var outputs: [Int] = []
    /// What is done in it.
    var items: [Item] = []
    /// Which of the module's calls it is.
    var number = 0
  }

  /// A step of its own, or a call.
  enum Item {
    case step(Int)
    case call(Int)
  }

  private let graph: Graph
  /// By scope.
  private(set) var all: [Method]

  init(_ graph: Graph) {
    self.graph = graph
    var all = graph.scopes.map { _ in Method() }
    var calls: [String: Int] = [:]
    for (i, scope) in graph.scopes.enumerated() where i > 0 {
      all[i].number = calls[scope.path, default: 0]
      calls[scope.path, default: 0] += 1
    }
    /// The scopes around one, itself first.
    func chain(_ scope: Int) -> [Int] {
      var chain = [scope]
      while let parent = graph.scopes[chain[chain.count - 1]].parent { chain.append(parent) }
      return chain
    }
    var maker: [Int: [Int]] = [:]
    var entered = Set<Int>([0])
    func use(_ slot: Int, by chain: [Int]) {
      let from = maker[slot] ?? [0]
      for scope in chain where !from.contains(scope) && !all[scope].inputs.contains(slot) { all[scope].inputs.append(slot) }
      for scope in from where scope != 0 && maker[slot] != nil && !chain.contains(scope) && !all[scope].outputs.contains(slot) { all[scope].outputs.append(slot) }
    }
    for slot in graph.inputs.flatMap(\.slots) { maker[slot] = nil }
    for (i, step) in graph.steps.enumerated() {
      let chain = chain(step.scope)
      for (scope, parent) in zip(chain, chain.dropFirst()).reversed() where entered.insert(scope).inserted { all[parent].items.append(.call(scope)) }
      if case .size(_, _?) = step.action {} else { all[step.scope].items.append(.step(i)) }
      for slot in step.arguments.flatMap(\.slots) { use(slot, by: chain) }
      for slot in step.result.slots { maker[slot] = chain }
    }
    for slot in graph.output.slots { use(slot, by: [0]) }
    for i in all.indices { all[i].outputs.sort() }
    self.all = all
  }

  /// The first call of the module at a path; nil where there is none.
  func scope(at path: String) -> Int? {
    graph.scopes.indices.first { graph.scopes[$0].path == path && ($0 == 0 || !all[$0].items.isEmpty) }
  }

  /// The steps of a call and of those within it, as a graph of its own.
  func graph(at path: String) -> Graph? {
    guard let scope = scope(at: path) else { return nil }
    let method = all[scope]
    let within = graph.steps.filter { step in
      var next: Int? = step.scope
      while let one = next {
        if one == scope { return true }
        next = graph.scopes[one].parent
      }
      return false
    }
    let outputs = method.outputs.map { Term.slot($0) }
    return Graph(
      inputs: method.inputs.map { .slot($0) }, names: method.inputs.map { graph.slotNames[$0] ?? "argument_\($0)" }, steps: within,
      output: outputs.count == 1 ? outputs[0] : .tuple(outputs), scopes: graph.scopes, layers: graph.layers, slotCount: graph.slotCount,
      types: graph.types, slotNames: graph.slotNames)
  }
}
