import Interface
import OrderedCollections
import Torch

extension Module {
  private func checkName(_ name: String, _ kind: String, taken: Bool) throws {
    if taken { throw TorchError(.keyError, "attribute '\(name)' already exists") }
    if name.utf8.contains(UInt8(ascii: ".")) {
      throw TorchError(.keyError, "\(kind) name can't contain \".\"" + (kind == "module" ? ", got: \(name)" : ""))
    }
    if name.isEmpty { throw TorchError(.keyError, "\(kind) name can't be empty string \"\"") }
  }

  /// Puts a parameter under a name. Mirrors `Module.register_parameter`.
  /// - Throws: PyTorch's sentences for names that are taken, empty or hold a dot, and for tensors that are no leaf parameters.
  public func registerParameter(_ name: String, _ parameter: Tensor?) throws {
    try checkName(name, "parameter", taken: parameters[name] == nil && !name.isEmpty && hasAttribute(name))
    if let parameter {
      if !parameter.isParameter {
        throw TorchError.type(
          "cannot assign '\(parameter.dtype.tensorTypeName)' object to parameter '\(name)' (torch.nn.Parameter or None required)")
      }
      if !parameter.isLeaf {
        throw TorchError.value(
          "Cannot assign non-leaf Tensor to parameter '\(name)'. Model parameters must be created explicitly. To express '\(name)' as a function of another Tensor, compute the value in the forward() method.")
      }
    }
    parameters.updateValue(try parameter.flatMap { try GlobalModuleHooks.seen(.parameter, self, name, $0) }, forKey: name)
  }

  /// Puts a tensor that is state but not learned under a name. Mirrors `Module.register_buffer`.
  /// - Throws: PyTorch's sentences for names that are taken, empty or hold a dot.
  public func registerBuffer(_ name: String, _ tensor: Tensor?, persistent: Bool = true) throws {
    try checkName(name, "buffer", taken: buffers[name] == nil && !name.isEmpty && hasAttribute(name))
    buffers.updateValue(try GlobalModuleHooks.seen(.buffer, self, name, tensor), forKey: name)
    if persistent { nonPersistentBuffers.remove(name) } else { nonPersistentBuffers.insert(name) }
  }

  /// Puts a submodule under a name. Mirrors `Module.register_module` and `add_module`.
  /// - Throws: PyTorch's sentences for names that are taken, empty or hold a dot.
  public func registerModule(_ name: String, _ module: Module?) throws {
    try checkName(name, "module", taken: modules[name] == nil && !name.isEmpty && hasAttribute(name))
    modules.updateValue(try GlobalModuleHooks.seen(.module, self, name, module), forKey: name)
  }
}

extension Tensor {
  /// A parameter over the same bytes as `data`, a leaf without history. Mirrors `torch.nn.Parameter(data, requires_grad)`.
  /// - Throws: PyTorch's sentence where gradients are wanted for integers.
  public static func parameter(_ data: Tensor, requiresGrad: Bool = true) throws -> Tensor {
    let result = data.detached()
    try result.setRequiresGrad(requiresGrad)
    result.recordForWriting().isParameter = true
    return result
  }
}
