/// Is told of each operation that is recorded while it watches: what reads how a model's layers are connected.
public protocol NodeWatcher: AnyObject {
  /// An operation over `inputs` was recorded; its edges stand, its results are not attached yet.
  func recorded(_ node: Node, _ inputs: [Tensor])
  /// A tensor became result `index` of `node`.
  func gave(_ node: Node, _ index: Int, _ result: Tensor)
}

extension Node {
  /// Who watches; nil as a rule.
  // Used by the one thread that runs Lua.
  nonisolated(unsafe) public static var watcher: (any NodeWatcher)?

  /// The gradients of the inputs from those of the results, without going on from there and without forgetting what was saved.
  /// - Throws: what the operation's gradient finds wrong.
  public func inputGradients(_ gradients: [Tensor?]) throws -> [Tensor?] { try apply(gradients) }
}
