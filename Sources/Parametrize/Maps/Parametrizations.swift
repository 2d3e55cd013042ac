import Interface
import NN
import Torch

extension Module {
  /// The tensor under a name.
  /// - Throws: PyTorch's sentence where there is none.
  fileprivate func tensorToParametrize(_ name: String) throws -> Tensor {
    if hasAttribute(name), let value = try attribute(name), let tensor = Tensor.element(from: value) { return tensor }
    throw TorchError.value("Module '\(description)' has no parameter or buffer with name '\(name)'")
  }
}

/// Functions of `torch.nn.utils.parametrizations`.
public let parametrizations = OperationFamily("torch.nn.utils.parametrizations") { ops in
  ops.define(
    "orthogonal(Module module, str name='weight', str? orthogonal_map=None, *, bool use_trivialization=True) -> Module",
    doc: """
      Makes a matrix, or a batch of them, orthogonal; gives the module. orthogonal_map is matrix_exp (for square ones), cayley or \
      householder (for others); with use_trivialization the product with a fixed matrix base is learned, and any orthogonal matrix can \
      be assigned. Mirrors torch.nn.utils.parametrizations.orthogonal.
      """, variants: [.function]
  ) { (m: Value, name: String, map: String?, trivializes: Bool) -> Module in
    let module = try m.module(name)
    let weight = try module.tensorToParametrize(name)
    if weight.dim < 2 { throw TorchError.value("Expected a matrix or batch of matrices. Got a tensor of \(weight.dim) dimensions.") }
    let usual = weight.sizes[weight.dim - 2] == weight.sizes[weight.dim - 1] || weight.dtype.isComplex ? "matrix_exp" : "householder"
    guard let kind = Orthogonal.Map(rawValue: map ?? usual) else {
      throw TorchError.value("orthogonal_map has to be one of \"matrix_exp\", \"cayley\", \"householder\". Got: \(map ?? usual)")
    }
    try module.registerParametrization(name, try Orthogonal(weight, kind, trivializes: trivializes), unsafe: true)
    return module
  }
  ops.define(
    "weight_norm(Module module, str name='weight', int? dim=0) -> Module",
    doc: """
      Learns a tensor's magnitudes (original0) and directions (original1) apart; gives the module. dim is the dimension along which \
      magnitudes differ, nil for one magnitude in all. Mirrors torch.nn.utils.parametrizations.weight_norm.
      """, variants: [.function]
  ) { (m: Value, name: String, dim: Value) -> Module in
    let module = try m.module("training")
    let dimension = if case .integer(let d) = dim { d } else { -1 }
    try module.registerParametrization(name, WeightNormalization(dimension), unsafe: true)
    // State dicts of the older weight_norm have other keys.
    module.registerStateHook(StateHook(.beforeLoading, isImplied: true) { arguments in
      guard arguments.count > 2, case .object(let module as Module) = arguments[0], module.isParametrized(name), case .object(let state as OrderedDict) = arguments[1], case .string(let prefix) = arguments[2],
        let g = state["\(prefix)\(name)_g"], let v = state["\(prefix)\(name)_v"]
      else { return }
      for suffix in ["g", "v"] { state["\(prefix)\(name)_\(suffix)"] = nil }
      state["\(prefix)parametrizations.\(name).original0"] = g
      state["\(prefix)parametrizations.\(name).original1"] = v
    })
    return module
  }
  ops.define(
    "spectral_norm(Module module, str name='weight', int n_power_iterations=1, float eps=1e-12, int? dim=None) -> Module",
    doc: """
      Divides a tensor by its largest singular value, which n_power_iterations steps of the power method estimate at every reading while \
      the module trains; gives the module. dim is the dimension of outputs. Mirrors torch.nn.utils.parametrizations.spectral_norm.
      """, variants: [.function]
  ) { (m: Value, name: String, iterations: Int, epsilon: Double, dim: Int?) -> Module in
    let module = try m.module(name)
    let weight = try module.tensorToParametrize(name)
    let dimension = dim ?? (["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"].contains(module.nativeForm.typeName) ? 1 : 0)
    try module.registerParametrization(name, SpectralNormalization(weight, iterations: iterations, dimension: dimension, epsilon: epsilon))
    return module
  }
}
