import Interface
import TensorCore

/// The backward pass. Mirrors `torch.autograd`'s engine.
public enum Backward {
  /// Accumulates gradients into the leaves under `roots`. Mirrors `torch.autograd.backward`.
  /// - Throws: PyTorch's sentences for roots without gradients or of wrong shape.
  public static func run(_ roots: [Tensor], gradients: [Tensor?] = [], retainGraph: Bool = false, createGraph: Bool = false) throws {
    _ = try pass(roots, gradients, retainGraph: retainGraph, createGraph: createGraph, wanted: nil)
  }

  /// The gradients of the roots' sum with respect to `inputs`. Mirrors `torch.autograd.grad`.
  /// - Throws: PyTorch's sentences; one for an input that plays no part unless `allowUnused`.
  public static func gradients(
    of roots: [Tensor], _ gradients: [Tensor?] = [], inputs: [Tensor], retainGraph: Bool = false, createGraph: Bool = false,
    allowUnused: Bool = false
  ) throws -> [Tensor?] {
    let wanted = try inputs.map { input in
      guard let edge = input.gradientEdge else {
        throw TorchError.runtime("One of the differentiated Tensors does not require grad")
      }
      return edge
    }
    let found = try pass(roots, gradients, retainGraph: retainGraph, createGraph: createGraph, wanted: wanted)
    if !allowUnused, found.contains(where: { $0 == nil }) {
      throw TorchError.runtime(
        "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior.")
    }
    return found
  }

  private struct Key: Hashable {
    let node: ObjectIdentifier
    let index: Int
  }

  private static func pass(
    _ roots: [Tensor], _ seeds: [Tensor?], retainGraph: Bool, createGraph: Bool, wanted: [Node.Edge]?
  ) throws -> [Tensor?] {
    var buffers: [ObjectIdentifier: [Tensor?]] = [:]
    var queue = NodeQueue()
    for (i, root) in roots.enumerated() {
      let given = i < seeds.count ? seeds[i] : nil
      if let given, given.sizes != root.sizes {
        throw TorchError.runtime(
          "Mismatch in shape: grad_output[\(i)] has a shape of \(sizeText(given)) and output[\(i)] has a shape of \(sizeText(root)).")
      }
      guard let edge = root.gradientEdge else {
        throw TorchError.runtime("element \(i) of tensors does not require grad and does not have a grad_fn")
      }
      let seed: Tensor
      if let given {
        seed = given
      } else {
        if root.count != 1 { throw TorchError.runtime("grad can be implicitly created only for scalar outputs") }
        seed = try .ones(root.sizes, dtype: root.dtype)
      }
      try accumulate(seed, edge, &buffers)
      queue.insert(edge.node)
    }
    var results: [Key: Tensor] = [:]
    let wantedKeys = Set((wanted ?? []).map { Key(node: ObjectIdentifier($0.node), index: $0.index) })
    try GradMode.with(createGraph) {
      while let node = queue.next() {
        guard var gradients = buffers.removeValue(forKey: ObjectIdentifier(node)) else { continue }
        while gradients.count < node.resultCount { gradients.append(nil) }
        try hooks(node, &gradients)
        for i in gradients.indices {
          let key = Key(node: ObjectIdentifier(node), index: i)
          if wantedKeys.contains(key) { results[key] = gradients[i] }
        }
        if let leaf = node.leaf {
          if wanted == nil, let g = gradients[0] { try deposit(g, into: leaf, createGraph) }
          continue
        }
        let next = try node.apply(gradients)
        if !retainGraph && !createGraph { node.release() }
        for (i, edge) in node.edges.enumerated() {
          guard let edge, i < next.count, let g = next[i] else { continue }
          try accumulate(g, edge, &buffers)
          queue.insert(edge.node)
        }
      }
    }
    return (wanted ?? []).map { results[Key(node: ObjectIdentifier($0.node), index: $0.index)] }
  }

  private static func accumulate(_ g: Tensor, _ edge: Node.Edge, _ buffers: inout [ObjectIdentifier: [Tensor?]]) throws {
    let id = ObjectIdentifier(edge.node)
    var list = buffers[id] ?? Array(repeating: nil, count: edge.node.resultCount)
    if let before = list[edge.index] { list[edge.index] = try before.add(g) } else { list[edge.index] = g }
    buffers[id] = list
  }

  private static func hooks(_ node: Node, _ gradients: inout [Tensor?]) throws {
    if let leaf = node.leaf, let record = leaf.autograd {
      for hook in record.hooks {
        if let g = gradients[0], let changed = try hook.body(g) { gradients[0] = changed }
      }
      return
    }
    for hook in node.resultHooks {
      if let g = gradients[hook.index], let changed = try hook.body(g) { gradients[hook.index] = changed }
    }
    for entry in node.retaining {
      guard let g = gradients[entry.index] else { continue }
      entry.record.grad = try entry.record.grad.map { try $0.add(g) } ?? g
    }
  }

  private static func deposit(_ g: Tensor, into leaf: Tensor, _ createGraph: Bool) throws {
    let record = leaf.recordForWriting()
    let g = g.dtype == leaf.dtype ? g : try g.converted(to: leaf.dtype)
    if let before = record.grad {
      record.grad = createGraph ? try before.add(g) : try before.addInPlace(g)
    } else {
      // The first gradient becomes the leaf's own: nobody else may see later additions in place.
      record.grad = createGraph ? try g.clone() : try g.detached().denseCopy()
    }
  }

  private static func sizeText(_ t: Tensor) -> String { "torch.Size(\(t.sizes.text))" }
}

/// Nodes waiting for the backward pass, the latest recorded first and accumulators at the end of their turn.
struct NodeQueue {
  private var heap: [Node] = []
  private var waiting: Set<ObjectIdentifier> = []

  /// Adds a node that is not yet waiting.
  mutating func insert(_ node: Node) {
    guard waiting.insert(ObjectIdentifier(node)).inserted else { return }
    heap.append(node)
    var i = heap.count - 1
    while i > 0, before(i, (i - 1) / 2) {
      heap.swapAt(i, (i - 1) / 2)
      i = (i - 1) / 2
    }
  }

  /// Takes the node recorded last.
  mutating func next() -> Node? {
    guard let first = heap.first else { return nil }
    waiting.remove(ObjectIdentifier(first))
    let last = heap.removeLast()
    if heap.isEmpty { return first }
    heap[0] = last
    var i = 0
    while true {
      var best = i
      for child in [2 * i + 1, 2 * i + 2] where child < heap.count && before(child, best) { best = child }
      if best == i { return first }
      heap.swapAt(i, best)
      i = best
    }
  }

  // Accumulators have the greatest number but must see whole gradients, so they wait until nothing else is left.
  private func before(_ i: Int, _ j: Int) -> Bool {
    let (a, b) = (heap[i].leaf == nil ? heap[i].sequence : -1, heap[j].leaf == nil ? heap[j].sequence : -1)
    return a > b
  }
}
