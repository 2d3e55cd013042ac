import Interface
import TensorCore

/// The backward pass. Mirrors `torch.autograd`'s engine.
public enum Backward {
  /// Accumulates gradients into the leaves under `roots`, or into `inputs` alone. Mirrors `torch.autograd.backward`.
  /// - Throws: PyTorch's sentences for roots without gradients or of wrong shape.
  public static func run(
    _ roots: [Tensor], gradients: [Tensor?] = [], retainGraph: Bool = false, createGraph: Bool = false, inputs: [Tensor]? = nil
  ) throws {
    guard let inputs else {
      _ = try pass(roots, gradients, retainGraph: retainGraph, createGraph: createGraph, targets: nil, accumulates: true)
      return
    }
    if inputs.isEmpty { throw TorchError.runtime("`inputs` argument to `backward()` cannot be empty.") }
    for input in inputs { try input.retainGrad() }
    _ = try pass(
      roots, gradients, retainGraph: retainGraph, createGraph: createGraph, targets: inputs.compactMap { $0.gradientEdge },
      accumulates: true)
  }

  /// The gradients of the roots' sum with respect to `inputs`. Mirrors `torch.autograd.grad`.
  /// - Throws: PyTorch's sentences; one for an input that plays no part unless `allowUnused`.
  public static func gradients(
    of roots: [Tensor], _ gradients: [Tensor?] = [], inputs: [Tensor], retainGraph: Bool = false, createGraph: Bool = false,
    allowUnused: Bool = false
  ) throws -> [Tensor?] {
    if inputs.isEmpty { throw TorchError.runtime("`inputs` argument to `grad()` cannot be empty.") }
    let found = try pass(roots, gradients, retainGraph: retainGraph, createGraph: createGraph, accumulates: false) {
      try inputs.map { input in
        guard let edge = input.gradientEdge else { throw TorchError.runtime("One of the differentiated Tensors does not require grad") }
        return edge
      }
    }
    if !allowUnused, let missing = found.firstIndex(where: { $0 == nil }) {
      throw TorchError.runtime(
        "The differentiated Tensor at index \(missing) appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior."
      )
    }
    return found
  }

  private static func pass(
    _ roots: [Tensor], _ seeds: [Tensor?], retainGraph: Bool, createGraph: Bool, targets: [Node.Edge]?, accumulates: Bool
  ) throws -> [Tensor?] {
    try pass(roots, seeds, retainGraph: retainGraph, createGraph: createGraph, accumulates: accumulates) { targets }
  }

  private static func pass(
    _ roots: [Tensor], _ seeds: [Tensor?], retainGraph: Bool, createGraph: Bool, accumulates: Bool,
    targets: () throws -> [Node.Edge]?
  ) throws -> [Tensor?] {
    let starts = try Backward.starts(roots, seeds)
    let targets = try targets()
    try RecordingMistake.raise()
    var run = BackwardRun(
      path: targets.map { GradientPath(from: starts.map(\.edge.node), to: $0) }, keepsGraph: retainGraph || createGraph,
      createsGraph: createGraph, accumulates: accumulates)
    for start in starts { try run.send(start.seed, to: start.edge) }
    try GradMode.with(createGraph) { try run.go() }
    return (targets ?? []).map { run.found[GradientPath.Key($0)] }
  }

  /// The first gradients and where they go.
  private static func starts(_ roots: [Tensor], _ seeds: [Tensor?]) throws -> [(seed: Tensor, edge: Node.Edge)] {
    if !seeds.isEmpty && seeds.count != roots.count {
      throw TorchError.runtime("got \(roots.count) tensors and \(seeds.count) gradients")
    }
    let wanted = try roots.enumerated().map { i, root -> Tensor in
      if i < seeds.count, let given = seeds[i] {
        if given.sizes != root.sizes {
          throw TorchError.runtime(
            "Mismatch in shape: grad_output[\(i)] has a shape of torch.Size(\(given.sizes.text)) and output[\(i)] has a shape of torch.Size(\(root.sizes.text))."
          )
        }
        return given
      }
      if root.requiresGrad && root.count != 1 { throw TorchError.runtime("grad can be implicitly created only for scalar outputs") }
      if root.requiresGrad && root.dtype.isComplex {
        throw TorchError.runtime("grad can be implicitly created only for real scalar outputs but got torch.\(root.dtype.name)")
      }
      return try .ones(root.sizes, dtype: root.dtype)
    }
    return try zip(roots, wanted).enumerated().map { i, start in
      guard let edge = start.0.gradientEdge else {
        throw TorchError.runtime("element \(i) of tensors does not require grad and does not have a grad_fn")
      }
      return (start.1, edge)
    }
  }
}

/// What a pass for some tensors alone must go through.
struct GradientPath {
  struct Key: Hashable {
    let node: ObjectIdentifier
    let index: Int
    init(_ edge: Node.Edge) {
      node = ObjectIdentifier(edge.node)
      index = edge.index
    }
    init(_ node: Node, _ index: Int) {
      self.node = ObjectIdentifier(node)
      self.index = index
    }
  }

  /// The results whose gradients are asked for.
  let targets: Set<Key>
  /// The nodes they belong to.
  let ends: Set<ObjectIdentifier>
  /// The nodes from which a target can be reached.
  let through: Set<ObjectIdentifier>

  init(from starts: [Node], to edges: [Node.Edge]) {
    let ends = Set(edges.map { ObjectIdentifier($0.node) })
    targets = Set(edges.map { Key($0) })
    var seen = Set<ObjectIdentifier>()
    var nodes: [Node] = []
    var stack = starts
    while let node = stack.popLast() {
      guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
      nodes.append(node)
      for edge in node.edges { if let edge, !seen.contains(ObjectIdentifier(edge.node)) { stack.append(edge.node) } }
    }
    // Inputs are recorded before what is made of them, so one pass in that order settles every node.
    nodes.sort { ($0.leaf == nil ? $0.sequence : -1) < ($1.leaf == nil ? $1.sequence : -1) }
    var through = Set<ObjectIdentifier>()
    for node in nodes {
      let leads = node.edges.contains { edge in
        guard let edge else { return false }
        let id = ObjectIdentifier(edge.node)
        return ends.contains(id) || through.contains(id)
      }
      if leads { through.insert(ObjectIdentifier(node)) }
    }
    self.ends = ends
    self.through = through
  }

  /// Whether a gradient sent to `node` is of any use.
  func wants(_ node: Node) -> Bool {
    let id = ObjectIdentifier(node)
    return ends.contains(id) || through.contains(id)
  }
}

/// One pass through the graph.
struct BackwardRun {
  let path: GradientPath?
  let keepsGraph: Bool
  let createsGraph: Bool
  let accumulates: Bool
  /// Gradients asked for.
  private(set) var found: [GradientPath.Key: Tensor] = [:]
  private var buffers: [ObjectIdentifier: [Tensor?]] = [:]
  private var queue = NodeQueue()

  init(path: GradientPath?, keepsGraph: Bool, createsGraph: Bool, accumulates: Bool) {
    self.path = path
    self.keepsGraph = keepsGraph
    self.createsGraph = createsGraph
    self.accumulates = accumulates
  }

  /// Adds a gradient to those that wait at a node.
  mutating func send(_ g: Tensor, to edge: Node.Edge) throws {
    let node = edge.node
    let id = ObjectIdentifier(node)
    let g = try node.resultType(edge.index).map { $0 == g.dtype ? g : try g.to($0) } ?? g
    var list = buffers[id] ?? Array(repeating: nil, count: node.resultCount)
    buffers[id] = nil
    if let before = list[edge.index] { list[edge.index] = try before.add(g) } else { list[edge.index] = g }
    buffers[id] = list
    queue.insert(node)
  }

  mutating func go() throws {
    while let node = queue.next() {
      guard var gradients = buffers.removeValue(forKey: ObjectIdentifier(node)) else { continue }
      do { try visit(node, &gradients) } catch {
        if AnomalyMode.isEnabled { AnomalyMode.tell(node) }
        throw error
      }
    }
  }

  private mutating func visit(_ node: Node, _ gradients: inout [Tensor?]) throws {
    try callHooks(node, &gradients)
    if let path {
      for i in gradients.indices {
        let key = GradientPath.Key(node, i)
        if path.targets.contains(key) { found[key] = gradients[i] }
      }
    }
    if let leaf = node.leaf {
      if accumulates, path?.ends.contains(ObjectIdentifier(node)) ?? true, let g = gradients[0] { try deposit(g, into: leaf) }
      return
    }
    if let path, !path.through.contains(ObjectIdentifier(node)) { return }
    var next = try node.apply(gradients)
    try RecordingMistake.raise()
    if AnomalyMode.isEnabled { try AnomalyMode.check(node, next) }
    for hook in node.attention?.after ?? [] { if let changed = try hook.body(next, gradients) { next = changed } }
    if !keepsGraph { node.release() }
    for (i, edge) in node.edges.enumerated() {
      guard let edge, i < next.count, let g = next[i], path?.wants(edge.node) ?? true else { continue }
      try send(g, to: edge)
    }
  }

  private func callHooks(_ node: Node, _ gradients: inout [Tensor?]) throws {
    if let leaf = node.leaf {
      guard let hooks = leaf.autograd?.hooks, !hooks.isEmpty, var g = gradients[0] else { return }
      for hook in hooks { g = try hook(g) }
      gradients[0] = g
      return
    }
    guard let attention = node.attention else { return }
    for (index, hook) in attention.resultHooks { if let g = gradients[index] { gradients[index] = try hook(g) } }
    for entry in attention.retaining {
      guard let record = entry.record(), let g = gradients[entry.index] else { continue }
      record.grad = try record.grad.map { try $0.add(g) } ?? g
    }
    for hook in attention.before { if let changed = try hook.body(gradients) { gradients = changed } }
  }

  private func deposit(_ g: Tensor, into leaf: Tensor) throws {
    let record = leaf.recordForWriting()
    if let before = record.grad {
      record.grad = createsGraph ? try before.add(g) : try before.addInPlace(g)
    } else {
      // The first gradient becomes the leaf's own: nobody else may see later additions in place.
      record.grad = createsGraph ? try g.clone() : try g.detached().denseCopy()
    }
    for hook in record.accumulatedHooks { try GradMode.with(createsGraph) { try hook.body(leaf) } }
  }
}
