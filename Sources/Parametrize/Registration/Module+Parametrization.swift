import Interface
import NN
import Torch

extension Module {
  /// The lists of parametrizations by tensor, where anything is parametrized.
  var parametrizationLists: ModuleDict? { (modules["parametrizations"] ?? nil) as? ModuleDict }

  /// The parametrizations of a tensor; nil where it has none.
  public func parametrizations(of name: String) -> ParametrizationList? { (parametrizationLists?.modules[name] ?? nil) as? ParametrizationList }

  /// Whether a tensor (without a name: any tensor) of this module is parametrized. Mirrors `parametrize.is_parametrized`.
  public func isParametrized(_ name: String? = nil) -> Bool {
    guard let lists = parametrizationLists else { return false }
    return name.map { lists.modules.keys.contains($0) } ?? !lists.modules.isEmpty
  }

  /// Puts a function of the tensor in its place. Mirrors `parametrize.register_parametrization`.
  /// - Parameter unsafe: whether dtype and shape may change.
  /// - Throws: PyTorch's sentences for names that are no tensors, and for parametrizations that do not fit.
  public func registerParametrization(_ name: String, _ parametrization: Module, unsafe: Bool = false) throws {
    try parametrization.train(training)
    if isParametrized(name), let list = parametrizations(of: name) {
      if !unsafe { try check(parametrization, name) }
      try list.append(parametrization)
      list.attributes["unsafe"] = .boolean(list.isUnsafe || unsafe)
      return ParametrizationCache.forget(list)
    }
    guard let known = parameters[name] ?? buffers[name] else {
      throw TorchError.value("Module '\(description)' does not have a parameter, a buffer, or a parametrized element with name '\(name)'")
    }
    guard let original = known else { throw TorchError.attribute("'NoneType' object has no attribute 'shape'") }
    let list = try ParametrizationList([parametrization], original, unsafe: unsafe)
    try deleteAttribute(name)
    if !isParametrized() {
      instanceClass = InstanceClass(
        name: "Parametrized\(typeName)", module: "torch.nn.utils.parametrize",
        savingRefusal: .runtime(
          "Serialization of parametrized modules is only supported through state_dict(). See:\nhttps://pytorch.org/tutorials/beginner/saving_loading_models.html#saving-loading-a-general-checkpoint-for-inference-and-or-resuming-training"))
      try setAttribute("parametrizations", .object(ModuleDict()))
    }
    instanceClass?.properties[name] = InstanceClass.Property(
      get: { module in
        guard let list = module.parametrizations(of: name) else { throw TorchError(.keyError, "'\(name)'") }
        return .object(try ParametrizationCache.value(of: list))
      },
      set: { module, value in
        guard let list = module.parametrizations(of: name) else { throw TorchError(.keyError, "'\(name)'") }
        try list.assign(value)
      })
    try parametrizationLists?.registerModule(name, list)
  }

  /// Whether another parametrization of a tensor that has some gives what fits in its place.
  private func check(_ parametrization: Module, _ name: String) throws {
    let y = try tensor(name)
    let x = try ParametrizationList.tensor(parametrization.call([.object(y)]))
    if x.dtype != y.dtype {
      throw TorchError.value(
        "Registering a parametrization may not change the dtype of the tensor, unless the `unsafe` flag is enabled.\nmodule.\(name).dtype: \(y.dtype.pythonName)\nparametrization(module.\(name)).dtype: \(x.dtype.pythonName)")
    }
    if x.sizes != y.sizes {
      throw TorchError.value(
        "Registering a parametrization may not change the shape of the tensor, unless the `unsafe` flag is enabled.\nmodule.\(name).shape: \(y.sizes.pythonName)\nparametrization(module.\(name)).shape: \(x.sizes.pythonName)")
    }
    let inverse: Value
    do {
      guard let known = try parametrization.originals(of: .object(x)) else { return }
      inverse = known
    } catch where error.isNotImplemented { return }
    guard let z = Tensor.element(from: inverse) else {
      throw TorchError.value("parametrization.right_inverse must return a tensor. Got: \(inverse.typeName)")
    }
    if z.dtype != y.dtype {
      throw TorchError.value(
        "The tensor returned by parametrization.right_inverse must have the same dtype as module.\(name), unless the `unsafe` flag is enabled.\nmodule.\(name).dtype: \(y.dtype.pythonName)\nreturned dtype: \(z.dtype.pythonName)")
    }
    if z.sizes != y.sizes {
      throw TorchError.value(
        "The tensor returned by parametrization.right_inverse must have the same shape as module.\(name), unless the `unsafe` flag is enabled.\nmodule.\(name).shape: \(y.sizes.pythonName)\nreturned shape: \(z.sizes.pythonName)")
    }
  }

  /// Takes the parametrizations of a tensor away. Mirrors `parametrize.remove_parametrizations`.
  /// - Parameter leaveParametrized: whether the tensor keeps the value that it has with them; otherwise it is the original.
  /// - Throws: PyTorch's sentences where it has none, and where there is not one original to go back to.
  public func removeParametrizations(_ name: String, leaveParametrized: Bool = true) throws {
    guard isParametrized(name), let list = parametrizations(of: name) else {
      throw TorchError.value("Module \(description) does not have a parametrization on \(name)")
    }
    let original: Tensor
    if list.isTensor {
      original = try list.tensor("original")
      if leaveParametrized {
        let value = try GradMode.with(false) { try tensor(name) }
        try checkKeepsType(original, value)
        try original.lookAt(value)
      }
    } else {
      if !leaveParametrized {
        throw TorchError.value("Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a sequence of tensors.")
      }
      let value = try tensor(name)
      original = value.requiresGrad ? try .parameter(value) : value
    }
    ParametrizationCache.forget(list)
    instanceClass?.properties[name] = nil
    parametrizationLists?.modules[name] = nil
    if !isParametrized() {
      modules["parametrizations"] = nil
      instanceClass = nil
    }
    if original.isParameter { try registerParameter(name, original) } else { try registerBuffer(name, original) }
  }

  /// - Throws: PyTorch's sentences where the original cannot take over the value, whose type differs.
  private func checkKeepsType(_ original: Tensor, _ value: Tensor) throws {
    if original.dtype == value.dtype { return }
    if original.isParameter {
      throw TorchError.runtime(
        "Calling remove_parametrizations() with leave_parametrized=True for a parameter that is an instance of a tensor subclass requires set_() to be implemented correctly for the tensor subclass.Alternatively, one can opt into the swap_tensors pathEither set leave_parametrized=False or provide a working implementationfor set_() in the tensor subclass or set torch.__future__.set_swap_module_params_on_conversion(True).")
    }
    throw TorchError.runtime("Could not set tensor of type \(value.dtype.nativeName) to a tensor of type \(original.dtype.nativeName)")
  }

  /// Parametrizes another module's tensors as this one's, and lets it share the originals. Mirrors
  /// `parametrize.transfer_parametrizations_and_params`. Does nothing where nothing is parametrized.
  /// - Parameter name: the tensor; nil for all that are parametrized.
  public func transferParametrizations(to other: Module, _ name: String? = nil) throws {
    guard isParametrized(), let lists = parametrizationLists else { return }
    for name in name.map({ [$0] }) ?? Array(lists.modules.keys) {
      if !other.hasAttribute(name) { try other.setAttribute(name, .object(Tensor.parameter(tensor(name)))) }
      guard let list = parametrizations(of: name) else { throw TorchError(.keyError, "'\(name)'") }
      for parametrization in list.children { try other.registerParametrization(name, parametrization) }
      guard let copy = other.parametrizations(of: name) else { continue }
      let names = list.hasAttribute("original") ? ["original"] : (0..<list.tensorCount).map { "original\($0)" }
      for original in names { try copy.setAttribute(original, .object(list.tensor(original))) }
      ParametrizationCache.forget(copy)
    }
  }
}
