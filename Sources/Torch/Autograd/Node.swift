import Interface
import TensorCore

/// A recorded operation: how gradients of its results become gradients of its inputs. Mirrors `torch.autograd.graph.Node`.
public final class Node {
  /// Where a gradient goes on: a node and which of its results the gradient is for.
  public struct Edge {
    /// The node the gradient goes to.
    public let node: Node
    /// Which of that node's results the gradient is for.
    public let index: Int
  }

  /// The name that `grad_fn=<…>` shows.
  public let name: String
  /// One for each input; nil where no gradient is wanted.
  public private(set) var edges: [Edge?]
  /// Grows with time: later operations come first in the backward pass.
  let sequence: Int
  /// How many results the operation has.
  let resultCount: Int
  /// The leaf whose gradient it accumulates.
  let leaf: Tensor?
  private var backward: ((Node, [Tensor?]) throws -> [Tensor?])?
  /// Hooks on results of the operation that are no leaves, by result.
  var resultHooks: [(index: Int, body: (Tensor) throws -> Tensor?)] = []
  /// Tensors (by result) that keep their gradient.
  var retaining: [(index: Int, record: AutogradRecord)] = []

  nonisolated(unsafe) private static var clock = 0

  /// Records an operation over `inputs`.
  init(_ name: String, inputs: [Tensor], resultCount: Int = 1, _ backward: @escaping (Node, [Tensor?]) throws -> [Tensor?]) {
    self.name = name
    self.resultCount = resultCount
    leaf = nil
    edges = inputs.map { $0.gradientEdge }
    Node.clock += 1
    sequence = Node.clock
    self.backward = backward
  }

  private init(accumulating leaf: Tensor) {
    name = "AccumulateGrad"
    self.leaf = leaf
    resultCount = 1
    edges = []
    sequence = Int.max
  }

  /// Whether the gradient of input `i` is wanted.
  @inline(__always) public func needs(_ i: Int) -> Bool { edges[i] != nil }

  /// The gradients of the inputs.
  /// - Throws: PyTorch's sentence when the graph was already freed.
  func apply(_ gradients: [Tensor?]) throws -> [Tensor?] {
    guard let backward else {
      throw TorchError.runtime(
        "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.")
    }
    return try backward(self, gradients)
  }

  /// Forgets the values saved for the backward pass.
  func release() { backward = nil }

  // A long chain of nodes would recurse once per node while it is freed; unlinking it step by step keeps the stack flat.
  deinit {
    guard !edges.isEmpty else { return }
    backward = nil
    var pending = edges.compactMap { $0?.node }
    edges = []
    while var last = pending.popLast() {
      if isKnownUniquelyReferenced(&last) {
        last.backward = nil
        pending.append(contentsOf: last.edges.compactMap { $0?.node })
        last.edges = []
      }
    }
  }

  /// The node at which gradients for a leaf end; one for each leaf.
  fileprivate static func accumulator(of leaf: Tensor, _ record: AutogradRecord) -> Node {
    if let node = record.accumulator { return node }
    let node = Node(accumulating: leaf)
    record.accumulator = node
    return node
  }
}

extension Tensor {
  /// Where a gradient for this tensor goes; nil where none is wanted.
  var gradientEdge: Node.Edge? {
    guard let record = autograd, record.requiresGrad else { return nil }
    if let node = record.node { return Node.Edge(node: node, index: record.outputIndex) }
    return Node.Edge(node: .accumulator(of: self, record), index: 0)
  }

  /// Whether an operation on these is to be recorded.
  @inline(__always)
  static func records(_ a: Tensor) -> Bool { GradMode.isEnabled && a.requiresGrad }
  /// Whether an operation on these is to be recorded.
  @inline(__always)
  static func records(_ a: Tensor, _ b: Tensor) -> Bool { GradMode.isEnabled && (a.requiresGrad || b.requiresGrad) }
  /// Whether an operation on these is to be recorded.
  static func records(_ all: [Tensor]) -> Bool { GradMode.isEnabled && all.contains { $0.requiresGrad } }

  /// Marks this tensor as the result of an operation on `inputs`.
  @inline(__always)
  func record(_ name: String, _ inputs: [Tensor], _ backward: @escaping (Node, Tensor) throws -> [Tensor?]) {
    let node = Node(name, inputs: inputs) { node, gradients in
      guard let g = gradients[0] else { return Array(repeating: nil, count: node.edges.count) }
      return try backward(node, g)
    }
    attach(node, 0)
  }

  /// Marks this tensor as result `index` of `node`.
  public func attach(_ node: Node, _ index: Int) {
    let record = recordForWriting()
    record.requiresGrad = true
    record.node = node
    record.outputIndex = index
  }

  /// Records an operation with several results, for layers above with kernels of their own.
  /// The closure gets the results' gradients (nil where none came) and gives one gradient per input.
  public static func recordNode(
    _ name: String, inputs: [Tensor], results: [Tensor], _ backward: @escaping (Node, [Tensor?]) throws -> [Tensor?]
  ) {
    guard records(inputs) else { return }
    let node = Node(name, inputs: inputs, resultCount: results.count, backward)
    for (i, result) in results.enumerated() { result.attach(node, i) }
  }
}

