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
  /// Whether it is an `nn.Buffer`, and whether a state dict holds it.
  public var buffer: (isBuffer: Bool, isPersistent: Bool) = (false, true)
  /// Whether its sizes are not known yet: an `UninitializedParameter` or `UninitializedBuffer`.
  public var isUninitialized = false
  /// What to do with a leaf's gradient when it comes, in order of registration.
  var hooks: [TensorHook] = []
  /// What to do after a leaf's gradient was accumulated.
  var accumulatedHooks: [(id: Int, body: (Tensor) throws -> Void)] = []
  /// Zero where pruning took an element of a parameter away, else one.
  public var pruningMask: Tensor?
  /// The node at which gradients for a leaf end.
  weak var accumulator: Node?

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
  @inline(__always) public var requiresGrad: Bool {
    if let autograd, autograd.requiresGrad { return true }
    guard let base else { return false }
    return base.autograd?.requiresGrad ?? false
  }
  /// What made it. A view whose base has changed since learns of it here.
  @inline(__always) public var gradFn: Node? { base == nil ? autograd?.node : viewNode }
  /// Whether no recorded operation made it.
  public var isLeaf: Bool { gradFn == nil }
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
    if !isLeaf && !wanted {
      throw TorchError.runtime(
        "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().")
    }
    if wanted == requiresGrad { return }
    if wanted && isInference && !InferenceMode.isEnabled {
      throw TorchError.runtime("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.")
    }
    if wanted && !dtype.isInexact {
      throw TorchError.runtime("only Tensors of floating point dtype can require gradients")
    }
    recordForWriting().requiresGrad = wanted
  }

  /// Keeps this gradient for it. Mirrors assigning `Tensor.grad`.
  /// - Throws: PyTorch's sentences for gradients of other sizes or another dtype, and for itself.
  public func setGrad(_ gradient: Tensor?) throws {
    guard let gradient else {
      autograd?.grad = nil
      return
    }
    if gradient === self { throw TorchError.runtime("can't assign Variable as its own grad") }
    if gradient.dtype != dtype {
      throw TorchError.runtime(
        "attempting to assign a gradient with dtype '\(gradient.dtype.nativeName)' to a tensor with grad_dtype '\(dtype.capitalized)'. The gradient must match the tensor's grad_dtype (defaults to the tensor's dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break downstream systems that assume they match.")
    }
    if gradient.sizes != sizes {
      throw TorchError.runtime(
        "attempting to assign a gradient of size '\(gradient.sizes.text)' to a tensor of size '\(sizes.text)'. Please ensure that the gradient and the tensor are the same size")
    }
    recordForWriting().grad = gradient
  }
}

