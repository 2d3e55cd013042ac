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
  public let leaf: Tensor?
  /// Whether values are kept that go once the graph has been used.
  private let keepsValues: Bool
  private var backward: ((Node, [Tensor?]) throws -> [Tensor?])?
  /// The dtypes of the results, as far as they are known: that of the first, and of the others.
  private var firstType: DType?
  private var otherTypes: [DType?] = []
  /// Where the program stood when the operation was called; known in anomaly mode.
  public var place: String?
  /// What was asked of this operation beyond its gradient; nil for most.
  var attention: NodeAttention?

  nonisolated(unsafe) private static var clock = 0

  /// Records an operation over `inputs`.
  /// - Parameter keepsValues: whether the operation can be gone through only once; nil: where it saves tensors.
  init(
    _ name: String, inputs: [Tensor], resultCount: Int = 1, keepsValues: Bool? = nil,
    _ backward: @escaping (Node, [Tensor?]) throws -> [Tensor?]
  ) {
    self.name = name
    self.resultCount = resultCount
    leaf = nil
    edges = inputs.map { $0.gradientEdge }
    Node.clock += 1
    sequence = Node.clock
    self.keepsValues = keepsValues ?? (SavedTensor.unclaimed > 0)
    SavedTensor.unclaimed = 0
    self.backward = backward
    if AnomalyMode.isEnabled { place = AnomalyMode.whereabouts?() }
    Node.watcher?.recorded(self, inputs)
  }

  private init(accumulating leaf: Tensor) {
    name = "AccumulateGrad"
    self.leaf = leaf
    resultCount = 1
    edges = []
    sequence = Int.max
    keepsValues = false
    firstType = leaf.dtype
  }

  /// Whether the gradient of input `i` is wanted.
  @inline(__always) public func needs(_ i: Int) -> Bool { edges[i] != nil }

  /// The name as PyTorch's sentences have it: `Mul` for `MulBackward0`.
  public var shortName: String { Node.shortened(name) }

  static func shortened(_ name: String) -> String {
    let bare = name.reversed().drop { $0.isNumber }
    let text = String(bare.reversed())
    return text.hasSuffix("Backward") ? String(text.dropLast(8)) : name
  }

  /// The dtype that the gradient of a result has.
  @inline(__always)
  func resultType(_ index: Int) -> DType? {
    if index == 0 { return firstType }
    return index <= otherTypes.count ? otherTypes[index - 1] : nil
  }

  @inline(__always)
  fileprivate func noteType(_ dtype: DType, _ index: Int) {
    if index == 0 {
      firstType = dtype
    } else {
      while otherTypes.count < index { otherTypes.append(nil) }
      otherTypes[index - 1] = dtype
    }
  }

  /// The sentence for a graph that was already gone through.
  public static let usedTwice = TorchError.runtime(
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors after calling backward."
  )

  /// The gradients of the inputs.
  /// - Throws: PyTorch's sentence when the graph was already freed.
  func apply(_ gradients: [Tensor?]) throws -> [Tensor?] {
    guard let backward else { throw Node.usedTwice }
    return try backward(self, gradients)
  }

  /// Forgets the values saved for the backward pass.
  func release() { if keepsValues { backward = nil } }

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
    guard requiresGrad else { return nil }
    if let node = gradFn { return Node.Edge(node: node, index: autograd?.outputIndex ?? 0) }
    return Node.Edge(node: .accumulator(of: self, recordForWriting()), index: 0)
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
    if dtype.isComplex { return recordHolomorphic(name, inputs, backward) }
    recordPlain(name, inputs, backward)
  }

  /// As `record`, for functions of complex numbers that have no complex derivative: `backward` is used as it is.
  @inline(__always)
  func recordPlain(_ name: String, _ inputs: [Tensor], _ backward: @escaping (Node, Tensor) throws -> [Tensor?]) {
    let node = Node(name, inputs: inputs) { node, gradients in
      guard let g = gradients[0] else { return Array(repeating: nil, count: node.edges.count) }
      return try backward(node, g)
    }
    attach(node, 0)
  }

  /// As `record`, where the result is complex: PyTorch's gradient of a holomorphic function is g times the conjugate of the
  /// slope, which is what the formula for real numbers gives between two conjugations.
  private func recordHolomorphic(_ name: String, _ inputs: [Tensor], _ backward: @escaping (Node, Tensor) throws -> [Tensor?]) {
    recordPlain(name, inputs) { node, g in try backward(node, g.conj()).map { try $0?.conj() } }
  }

  /// Marks this tensor as result `index` of `node`.
  public func attach(_ node: Node, _ index: Int) {
    let record = recordForWriting()
    record.requiresGrad = true
    record.node = node
    record.outputIndex = index
    node.noteType(dtype, index)
    Node.watcher?.gave(node, index, self)
  }

  /// Records an operation with several results, for layers above with kernels of their own.
  /// The closure gets the results' gradients (nil where none came) and gives one gradient per input.
  /// - Parameter keepsValues: whether the operation can be gone through only once.
  public static func recordNode(
    _ name: String, inputs: [Tensor], results: [Tensor], keepsValues: Bool = true,
    _ backward: @escaping (Node, [Tensor?]) throws -> [Tensor?]
  ) {
    guard records(inputs) else { return }
    if results.contains(where: { $0.dtype.isComplex }) {
      return recordPlainNode(name, inputs: inputs, results: results, keepsValues: keepsValues) { node, gradients in
        try backward(node, gradients.map { try $0?.conj() }).map { try $0?.conj() }
      }
    }
    recordPlainNode(name, inputs: inputs, results: results, keepsValues: keepsValues, backward)
  }

  /// As `recordNode`, for functions of complex numbers that have no complex derivative: `backward` is used as it is.
  static func recordPlainNode(
    _ name: String, inputs: [Tensor], results: [Tensor], keepsValues: Bool = true,
    _ backward: @escaping (Node, [Tensor?]) throws -> [Tensor?]
  ) {
    guard records(inputs) else { return }
    let node = Node(name, inputs: inputs, resultCount: results.count, keepsValues: keepsValues, backward)
    for (i, result) in results.enumerated() where result.dtype.isInexact { result.attach(node, i) }
  }
}
