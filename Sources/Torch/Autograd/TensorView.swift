import Interface
import Kernels
import TensorCore

/// How a view came about, which says whether it may change in place.
enum ViewOrigin: UInt8 {
  /// By an operation that gives one view.
  case ordinary
  /// By an operation that gives several (`unbind`, `split`).
  case multipleOutputs
  /// By a function written by the user.
  case customFunction
  /// Where nothing was recorded.
  case noGrad
  /// In inference mode.
  case inference
}

/// Where a view lies in its base.
struct ViewPlace {
  let baseSizes: Dims
  let baseStrides: Dims
  let sizes: Dims
  let strides: Dims
  let offset: Int
  /// The types where the view sees complex numbers as their parts, or the other way round.
  private let types: (base: DType, view: DType)?

  init(of view: Tensor, in base: Tensor) {
    baseSizes = base.sizes
    baseStrides = base.strides
    sizes = view.sizes
    strides = view.strides
    let (own, whole) = (view.dtype.itemSize, base.dtype.itemSize)
    offset = view.dtype == base.dtype ? view.storageOffset - base.storageOffset : view.storageOffset - base.storageOffset * whole / max(own, 1)
    types = view.dtype.isComplex == base.dtype.isComplex ? nil : (base.dtype, view.dtype)
  }

  /// A tensor of the base's sizes laid out as the base is, with the elements of `source` or zeros.
  private func laidOut(_ source: Tensor?, _ dtype: DType) throws -> Tensor {
    let extent = (0..<baseSizes.count).reduce(1) { $0 + max(baseSizes[$1] - 1, 0) * baseStrides[$1] }
    // A view may reach farther into the storage than its base does.
    let reach = sizes.contains(0) ? 0 : offset + 1 + (0..<sizes.count).reduce(0) { $0 + (sizes[$1] - 1) * strides[$1] }
    let bytes = max(extent * dtype.itemSize, reach * (types?.view ?? dtype).itemSize, dtype.itemSize)
    let storage = try Storage(byteCount: bytes)
    storage.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    let whole = Tensor(storage: storage, sizes: baseSizes, strides: baseStrides, dtype: dtype)
    if let source { Cast.copy(source.operand, to: whole.operand, sizes: baseSizes) }
    return whole
  }

  /// The view's part of a tensor of the base's sizes.
  func window(_ whole: Tensor) throws -> Tensor {
    let layout = try laidOut(whole, whole.dtype)
    let part = try layout.alias(as: types?.view ?? layout.dtype, sizes, strides, offset).denseCopy()
    if Tensor.records(whole) { part.record("AsStridedBackward0", [whole]) { _, g in [try embed(g)] } }
    return part
  }

  /// Zeros of the base's sizes with `part` where the view lies.
  func embed(_ part: Tensor) throws -> Tensor {
    let whole = try laidOut(nil, types?.base ?? part.dtype)
    let target = whole.alias(as: types?.view ?? whole.dtype, sizes, strides, offset)
    Cast.copy(part.operand, to: target.operand, sizes: sizes)
    if Tensor.records(part) { whole.record("AsStridedScatterBackward0", [part]) { _, g in [try window(g)] } }
    return whole
  }

  /// `whole` with zeros where the view lies.
  func cleared(_ whole: Tensor) throws -> Tensor {
    let result = try laidOut(whole, whole.dtype)
    result.alias(as: types?.view ?? result.dtype, sizes, strides, offset).fillElements(.integer(0))
    if Tensor.records(whole) { result.record("AsStridedScatterBackward0", [whole]) { _, g in [try cleared(g)] } }
    return result
  }
}

extension Tensor {
  /// Notes that this tensor, just made, looks at the elements of `parent`.
  func becomeView(of parent: Tensor) {
    base = parent.base ?? parent
    viewVersion = version
    if InferenceMode.isEnabled {
      viewOrigin = .inference
    } else if !GradMode.isEnabled {
      viewOrigin = .noGrad
    } else {
      viewOrigin = parent.base == nil ? .ordinary : parent.viewOrigin
    }
  }

  /// What made this view; anew from its base where elements have changed since.
  var viewNode: Node? {
    guard let base else { return autograd?.node }
    if autograd?.node == nil && !base.requiresGrad { return nil }
    if viewVersion == version { return autograd?.node }
    if let problem = forbidsChange(indirectly: true) { RecordingMistake.note(problem) }
    connect(to: base)
    return autograd?.node
  }

  /// Lets gradients of this view flow into its base as it is now.
  func connect(to base: Tensor) {
    let place = ViewPlace(of: self, in: base)
    attach(Node("AsStridedBackward0", inputs: [base]) { _, gradients in [try gradients[0].map { try place.embed($0) }] }, 0)
    viewVersion = version
  }

  /// PyTorch's sentence where this view may not change in place, or not together with its base.
  func forbidsChange(indirectly: Bool) -> TorchError? {
    if base == nil || viewOrigin == .ordinary { return nil }
    let node = autograd?.node
    let verb = indirectly ? "its base or another view of its base has been modified inplace" : "is being modified inplace"
    var text: String
    if let node {
      text = "Output \(autograd?.outputIndex ?? 0) of \(node.shortName) is a view and \(verb)."
    } else {
      let inference = viewOrigin == .inference
      text = "A view was created in \(inference ? "inference" : "no_grad") mode and \(verb) \(inference ? "in normal mode" : "with grad mode enabled")."
    }
    switch viewOrigin {
    case .multipleOutputs:
      text += " This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one."
    case .customFunction:
      text += " This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function."
    case .noGrad, .inference:
      let block = viewOrigin == .inference ? "inference_mode" : "no_grad"
      text += " Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the \(block) block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked)."
    case .ordinary: break
    }
    return .runtime(text)
  }

  /// Several views of one tensor, one operation in the graph: they may not change in place.
  /// - Parameter backward: the gradient of this tensor from those of the views, nil where none came.
  func jointViews(
    _ name: String, _ places: [(sizes: Dims, strides: Dims, offset: Int)], _ backward: @escaping ([Tensor?]) throws -> Tensor
  ) -> [Tensor] {
    let views = places.map { place in
      let y = alias(place.sizes, place.strides, place.offset)
      y.becomeView(of: self)
      if y.viewOrigin == .ordinary { y.viewOrigin = .multipleOutputs }
      return y
    }
    Tensor.recordNode(name, inputs: [self], results: views, keepsValues: false) { _, gradients in [try backward(gradients)] }
    return views
  }
}
