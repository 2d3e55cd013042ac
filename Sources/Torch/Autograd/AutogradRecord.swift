import Interface
import TensorCore

/// A tensor's place in the autograd graph.
public final class AutogradRecord {
  /// Whether gradients are wanted for it (a leaf) or flow through it.
  public var requiresGrad = false
  /// The accumulated gradient of a leaf (or of any tensor that retains it).
  public var grad: Tensor?
  /// What made it; nil for a leaf.
  public var node: Node?
  /// Which of the node's results it is.
  public var outputIndex = 0
  /// Whether a tensor that is no leaf keeps its gradient.
  public var retainsGrad = false
  /// Whether it is an `nn.Parameter`.
  public var isParameter = false
  /// The tensor it is a differentiable view of.
  public var base: Tensor?
  /// What to do with its gradient when it comes, in order of registration.
  public var hooks: [(id: Int, body: (Tensor) throws -> Tensor?)] = []
  /// The node at which gradients for a leaf end.
  weak var accumulator: Node?
  /// Makes hook ids.
  public var hookCount = 0

  public init() {}
}

/// Whether operations are recorded. Mirrors `torch.is_grad_enabled`.
public enum GradMode {
  /// The present mode.
  nonisolated(unsafe) public static var isEnabled = true

  /// Runs `body` in the given mode.
  public static func with<R>(_ enabled: Bool, _ body: () throws -> R) rethrows -> R {
    let before = isEnabled
    isEnabled = enabled
    defer { isEnabled = before }
    return try body()
  }
}

extension Tensor {
  /// Whether gradients are wanted for it or flow through it.
  @inline(__always) public var requiresGrad: Bool { autograd?.requiresGrad ?? false }
  /// What made it.
  public var gradFn: Node? { autograd?.node }
  /// Whether no recorded operation made it.
  public var isLeaf: Bool { autograd?.node == nil }
  /// The accumulated gradient.
  public var grad: Tensor? { autograd?.grad }

  /// The record, made when there is none.
  @inline(__always)
  public func recordForWriting() -> AutogradRecord {
    if let autograd { return autograd }
    let fresh = AutogradRecord()
    autograd = fresh
    return fresh
  }

  /// Switches gradients on or off for a leaf. Mirrors `Tensor.requires_grad_`.
  /// - Throws: PyTorch's sentences for integer tensors and for tensors that are no leaves.
  public func setRequiresGrad(_ wanted: Bool) throws {
    if wanted == requiresGrad { return }
    if !isLeaf {
      throw TorchError.runtime(
        "you can only change requires_grad flags of leaf variables." + (wanted ? "" : " If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach()."))
    }
    if wanted && !dtype.isFloatingPoint {
      throw TorchError.runtime("only Tensors of floating point dtype can require gradients")
    }
    recordForWriting().requiresGrad = wanted
  }
}
