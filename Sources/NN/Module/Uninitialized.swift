import Interface
import TensorCore
import Torch

extension Tensor {
  /// A parameter, or else a buffer, whose sizes a layer learns from its first input.
  /// Mirrors `torch.nn.parameter.UninitializedParameter` and `UninitializedBuffer`.
  public static func uninitialized(dtype: DType, isParameter: Bool = true, requiresGrad: Bool = true) throws -> Tensor {
    let empty = try Tensor(uninitialized: [0], dtype: dtype)
    let made = isParameter ? try Tensor.parameter(empty, requiresGrad: requiresGrad) : empty
    made.recordForWriting().isUninitialized = true
    return made
  }

  /// Gives it sizes, and memory that nobody has written. Mirrors `UninitializedParameter.materialize`.
  /// - Throws: a `RuntimeError` where it has sizes already.
  public func materialize(_ shape: [Int], dtype: DType? = nil) throws {
    if !isUninitialized { throw TorchError.attribute("'\(isParameter ? "Parameter" : "Tensor")' object has no attribute 'materialize'") }
    try setData(Tensor(uninitialized: Dims(shape), dtype: dtype ?? self.dtype))
    autograd?.isUninitialized = false
  }

  /// The sizes.
  /// - Throws: PyTorch's sentence where they are not known yet.
  public func knownSizes() throws -> Dims {
    if isUninitialized {
      throw TorchError.runtime(
        "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in `load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call `forward` to initialize the parameters before accessing their attributes.")
    }
    return sizes
  }
}

extension Module {
  /// Whether a parameter or buffer of its own waits for its sizes. Mirrors `LazyModuleMixin.has_uninitialized_params`.
  public var hasUninitializedTensors: Bool {
    parameters.values.contains { $0?.isUninitialized ?? false } || buffers.values.contains { $0?.isUninitialized ?? false }
  }

  /// Lets those of its tensors that stand under these names wait for their sizes; what is None stays None.
  func delayTensors(_ names: [String]) throws {
    for name in names {
      if case let tensor?? = parameters[name] { parameters[name] = try .uninitialized(dtype: tensor.dtype) }
      if case let tensor?? = buffers[name] { buffers[name] = try .uninitialized(dtype: tensor.dtype, isParameter: false) }
    }
  }

  /// Gives a tensor of its own its sizes; one that has them, or is None, is left alone.
  func materialize(_ name: String, _ shape: [Int]) throws {
    if case let tensor?? = parameters[name] ?? buffers[name], tensor.isUninitialized { try tensor.materialize(shape) }
  }

  /// Dimension `d` of an input, as Python's `input.shape[d]`.
  static func size(_ x: Tensor, _ d: Int) throws -> Int {
    if d >= x.dim || x.dim == 0 { throw TorchError.index("tuple index out of range") }
    return x.sizes[d < 0 ? d + x.dim : d]
  }
}

/// Methods and functions of tensors without sizes.
public let uninitializedTensors = OperationFamily("torch") { ops in
  ops.define("materialize(Tensor self, int[] shape, Device? device=None, ScalarType? dtype=None) -> ()", doc: "Gives an uninitialized parameter its sizes. Mirrors UninitializedParameter.materialize.", variants: [.method]) {
    (x: Tensor, s: [Int], _: Device?, t: DType?) -> Nothing in
    try x.materialize(s, dtype: t)
    return Nothing()
  }
}

/// Methods of lazy layers.
public let lazyMethods = OperationFamily("torch.nn.Module") { ops in
  ops.define("has_uninitialized_params(Module self) -> bool", doc: "Whether its tensors wait for the first input. Mirrors LazyModuleMixin.has_uninitialized_params.", variants: [.method]) {
    (m: Module) in m.hasUninitializedTensors
  }
}
