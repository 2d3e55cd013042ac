import Interface
import NN
import Torch

extension Value {
  /// The module that an argument is, with the class it was given with.
  /// - Throws: Python's `AttributeError`, as a call of `missing` on something else gives it.
  func module(_ missing: String) throws -> Module {
    if case .object(let object as Module) = self { return object }
    throw TorchError.attribute("'\(typeName)' object has no attribute '\(missing)'")
  }
}

/// Functions of `torch.nn.utils.parametrize`.
public let registrations = OperationFamily("torch.nn.utils.parametrize") { ops in
  ops.define(
    "register_parametrization(Module module, str tensor_name, Module parametrization, *, bool unsafe=False) -> Module",
    doc: """
      Puts parametrization(tensor) in the place of a module's parameter or buffer; gives the module. The tensor itself becomes \
      module.parametrizations[tensor_name].original. A second parametrization gets what the first one gives. Assigning to the tensor \
      needs a method right_inverse. unsafe lets dtype and shape change. Mirrors parametrize.register_parametrization.
      """, variants: [.function]
  ) { (m: Value, name: String, p: Value, unsafe: Bool) -> Module in
    let module = try m.module("training")
    try module.registerParametrization(name, p.module("train"), unsafe: unsafe)
    return module
  }
  ops.define(
    "is_parametrized(Module module, str? tensor_name=None) -> bool",
    doc: "Whether a module's tensor of this name, or without a name any of them, is parametrized. Mirrors parametrize.is_parametrized.", variants: [.function]
  ) { (m: Value, name: String?) -> Bool in
    guard case .object(let object as Module) = m else { return false }
    return object.isParametrized(name)
  }
  ops.define(
    "remove_parametrizations(Module module, str tensor_name, bool leave_parametrized=True) -> Module",
    doc: """
      Takes the parametrizations of a tensor away; gives the module. The tensor keeps the value that it has with them, or else goes \
      back to the original. Mirrors parametrize.remove_parametrizations.
      """, variants: [.function]
  ) { (m: Value, name: String, leave: Bool) -> Module in
    let module = try m.module("parametrizations")
    try module.removeParametrizations(name, leaveParametrized: leave)
    return module
  }
  ops.define(
    "transfer_parametrizations_and_params(Module from_module, Module to_module, str? tensor_name=None) -> Module",
    doc: """
      Parametrizes to_module's tensors as those of from_module, whose originals it shares; gives to_module. \
      Mirrors parametrize.transfer_parametrizations_and_params.
      """, variants: [.function]
  ) { (from: Value, to: Value, name: String?) -> Module in
    let (from, to) = (try from.module("parametrizations"), try to.module("parametrizations"))
    try from.transferParametrizations(to: to, name)
    return to
  }
}

/// Methods of lists of parametrizations.
public let parametrizationMethods = OperationFamily("torch.nn.Module.ParametrizationList") { ops in
  ops.define(
    "right_inverse(Module self, Any value) -> ()",
    doc: "Sets the original, or the originals, to what gives value. Mirrors ParametrizationList.right_inverse.", variants: [.method]
  ) { (list: ParametrizationList, value: Value) -> Nothing in
    try list.assign(value)
    return Nothing()
  }
}

/// The list that holds the parametrizations of one tensor.
public let parametrizationLists = LayerFamily("torch.nn.utils.parametrize", module: "container") { layers in
  layers.define(
    "ParametrizationList(Module[] modules, Tensor original, bool unsafe=False)",
    doc: "The parametrizations of one tensor and its original; register_parametrization makes it. Mirrors parametrize.ParametrizationList."
  ) { (modules: [Module], original: Tensor, unsafe: Bool) in try ParametrizationList(modules, original, unsafe: unsafe) }
}
