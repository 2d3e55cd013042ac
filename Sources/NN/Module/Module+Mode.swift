import Interface
import OrderedCollections
import TensorCore
import Torch

extension Module {
  /// Sets training mode here and below. Mirrors `Module.train`.
  public func train(_ mode: Bool = true) throws {
    try setAttribute("training", .boolean(mode))
    for child in children { try child.train(mode) }
  }

  /// Sets evaluation mode here and below. Mirrors `Module.eval`.
  public func eval() throws { try train(false) }

  /// Switches gradients of all parameters on or off. Mirrors `Module.requires_grad_`.
  public func setRequiresGrad(_ wanted: Bool = true) throws {
    for (_, parameter) in namedParameters() { try parameter.setRequiresGrad(wanted) }
  }

  /// Forgets the gradients of all parameters, or sets them to zero. Mirrors `Module.zero_grad`.
  public func zeroGrad(setToNone: Bool = true) throws {
    for (_, parameter) in namedParameters() {
      guard let record = parameter.autograd, let gradient = record.grad else { continue }
      if setToNone {
        record.grad = nil
      } else {
        let plain = gradient.gradFn == nil ? gradient : gradient.detached()
        record.grad = plain
        try GradMode.with(false) { _ = try plain.fill(.integer(0)) }
      }
    }
  }

  /// Replaces the elements of every parameter, of its gradient and of every buffer, here and below, by what `change` makes of them.
  /// Parameters stay the same objects. Mirrors `Module._apply`.
  public func convertTensors(_ change: (Tensor) throws -> Tensor) throws {
    for child in children { try child.convertTensors(change) }
    try GradMode.with(false) {
      for parameter in parameters.values {
        guard let parameter else { continue }
        let changed = try change(parameter)
        if changed !== parameter { try parameter.setData(changed) }
        if let gradient = parameter.grad {
          let changed = try change(gradient)
          if changed !== gradient { try gradient.setData(changed) }
        }
      }
      for (name, buffer) in buffers {
        guard let buffer else { continue }
        let changed = try change(buffer)
        if changed !== buffer { buffers[name] = changed }
      }
      revise()
    }
  }

  /// Changes the dtype of all floating point parameters and buffers. Mirrors `Module.to(dtype)`, `float`, `double`, `half`.
  /// - Throws: PyTorch's `TypeError` for a dtype that is not floating point.
  public func to(_ dtype: DType) throws {
    if !dtype.isFloatingPoint {
      throw TorchError.type("nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.\(dtype.name)")
    }
    try convertTensors { $0.dtype.isFloatingPoint && $0.dtype != dtype ? try $0.converted(to: dtype) : $0 }
  }
}
