import Interface
import OrderedCollections
import Torch

extension Module {
  /// Names that every module already answers to, beside its attributes.
  static let methodNames: Set<String> = Set(moduleMethods.operations.map(\.name)).union([
    "forward", "apply", "call", "register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook",
    "_parameters", "_buffers", "_modules", "_forward_hooks", "_forward_pre_hooks",
  ])

  /// What is stored under a name: plain attributes first, then parameters, buffers, submodules.
  func storedAttribute(_ name: String) -> Value? {
    if let value = attributes[name] { return value }
    if let tensor = parameters[name] { return tensor.map { .object($0) } ?? Value.none }
    if let tensor = buffers[name] { return tensor.map { .object($0) } ?? Value.none }
    if let module = modules[name] { return module.map { .object($0) } ?? Value.none }
    return name == "training" ? .boolean(training) : nil
  }

  /// `nn.Module.__setattr__`.
  func storeAttribute(_ name: String, _ value: Value) throws {
    let object: AnyObject? = if case .object(let object) = value { object } else { nil }
    let isNone = if case .none = value { true } else { false }
    if let tensor = object as? Tensor, tensor.isParameter {
      removeAttribute(name, keeping: .parameter)
      return try registerParameter(name, tensor)
    }
    if let tensor = object as? Tensor, let mark = tensor.autograd?.buffer, mark.isBuffer {
      removeAttribute(name, keeping: .nowhere)
      return try registerBuffer(name, tensor, persistent: mark.isPersistent)
    }
    if parameters[name] != nil {
      if !isNone { throw refusal(value, "parameter", name, "torch.nn.Parameter or None") }
      parameters.updateValue(nil, forKey: name)
      return
    }
    if let module = object as? Module {
      removeAttribute(name, keeping: .module)
      modules.updateValue(try GlobalModuleHooks.seen(.module, self, name, module), forKey: name)
      return
    }
    if modules[name] != nil {
      if !isNone { throw refusal(value, "child module", name, "torch.nn.Module or None") }
      modules.updateValue(nil, forKey: name)
      return
    }
    if buffers[name] != nil {
      if !isNone && !(object is Tensor) { throw refusal(value, "buffer", name, "torch.nn.Buffer, torch.Tensor or None") }
      buffers.updateValue(object as? Tensor, forKey: name)
      return
    }
    if name == "training" {
      guard case .boolean(let flag) = value else { throw TorchError.value("training mode is expected to be boolean") }
      training = flag
      return
    }
    if let property = instanceClass?.properties[name] { return try property.set(self, value) }
    attributes[name] = value
  }

  private func refusal(_ value: Value, _ place: String, _ name: String, _ expected: String) -> TorchError {
    .type("cannot assign '\(Module.fullTypeName(value))' as \(place) '\(name)' (\(expected) expected)")
  }

  /// Which registration `removeAttribute` leaves alone.
  enum Place { case parameter, module, nowhere }

  private func removeAttribute(_ name: String, keeping place: Place) {
    if attributes[name] != nil { attributes[name] = nil }
    if place != .parameter && parameters.keys.contains(name) { parameters.removeValue(forKey: name) }
    if buffers.keys.contains(name) { buffers.removeValue(forKey: name) }
    if place != .module && modules.keys.contains(name) { modules.removeValue(forKey: name) }
    nonPersistentBuffers.remove(name)
  }

  /// Forgets what is stored under a name. Mirrors `del module.name`.
  /// - Throws: PyTorch's `AttributeError` where there is nothing.
  public func deleteAttribute(_ name: String) throws {
    if instanceClass?.properties[name] != nil { throw TorchError.attribute("property of '\(className)' object has no deleter") }
    if storedAttribute(name) == nil || (name == "training" && attributes[name] == nil) {
      throw TorchError.attribute("'\(className)' object has no attribute '\(name)'")
    }
    removeAttribute(name, keeping: .nowhere)
  }

  /// The type's full name in PyTorch's sentences: `torch.FloatTensor`, `torch.nn.modules.linear.Linear`, `int`.
  static func fullTypeName(_ value: Value) -> String {
    guard case .object(let object) = value else { return value.pythonTypeName }
    if let tensor = object as? Tensor { return tensor.dtype.tensorTypeName }
    if let module = object as? Module { return "\(module.instanceClass?.module ?? module.typeModule).\(module.className)" }
    return value.pythonTypeName
  }

  /// A plain attribute that stands for a tensor.
  @inline(never)
  func plainTensor(_ name: String, _ value: Value) throws -> Tensor? {
    switch value {
    case .none: return nil
    case .object(let object as Tensor): return object
    default: throw TorchError.type("argument '\(name)' must be Tensor, not \(value.pythonTypeName)")
    }
  }
}
