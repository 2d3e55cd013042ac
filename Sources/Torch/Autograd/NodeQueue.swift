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
