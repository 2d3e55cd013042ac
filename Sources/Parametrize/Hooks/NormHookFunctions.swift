import Interface
import NN
import Serialization
import Torch

/// Functions of `torch.nn.utils` that compute weights by hooks.
public let normHooks = OperationFamily("torch.nn.utils") { ops in
  ops.define(
    "weight_norm(Module module, str name='weight', int? dim=0) -> Module",
    doc: """
      Learns a tensor's magnitudes (weight_g) and directions (weight_v) apart, by a hook; gives the module. \
      nn.utils.parametrizations.weight_norm takes its place. Mirrors torch.nn.utils.weight_norm.
      """, variants: [.function]
  ) { (m: Value, name: String, dim: Value) -> Module in
    let module = try m.module("_forward_pre_hooks")
    UserWarning.tell(
      "`torch.nn.utils.weight_norm` is deprecated in favor of `torch.nn.utils.parametrizations.weight_norm`.", category: "FutureWarning")
    try WeightNormHook.apply(module, name, { if case .integer(let d) = dim { d } else { -1 } }())
    return module
  }
  ops.define("remove_weight_norm(Module module, str name='weight') -> Module", doc: "Takes weight_norm's hook away. Mirrors torch.nn.utils.remove_weight_norm.", variants: [.function]) {
    (m: Value, name: String) in try WeightNormHook.remove(m.module("_forward_pre_hooks"), name, called: "weight_norm")
  }
  ops.define(
    "spectral_norm(Module module, str name='weight', int n_power_iterations=1, float eps=1e-12, int? dim=None) -> Module",
    doc: """
      Divides a tensor by its largest singular value, which each call in training estimates better, by a hook; gives the module. \
      nn.utils.parametrizations.spectral_norm takes its place. Mirrors torch.nn.utils.spectral_norm.
      """, variants: [.function]
  ) { (m: Value, name: String, iterations: Int, epsilon: Double, dim: Int?) -> Module in
    let module = try m.module("_forward_pre_hooks")
    let usual = ["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"].contains(module.nativeForm.typeName) ? 1 : 0
    try SpectralNormHook.apply(module, name, iterations: iterations, dimension: dim ?? usual, epsilon: epsilon)
    return module
  }
  ops.define("remove_spectral_norm(Module module, str name='weight') -> Module", doc: "Takes spectral_norm's hook away. Mirrors torch.nn.utils.remove_spectral_norm.", variants: [.function]) {
    (m: Value, name: String) in try SpectralNormHook.remove(m.module("_forward_pre_hooks"), name, called: "spectral_norm")
  }
}

/// What files of modules with such hooks name.
public enum SavedNormHooks {
  /// Lets files name the hooks. Called once at the start; more often does no harm.
  public static func register() {
    ObjectClasses.register("torch.nn.utils.norm") { global in
      switch (global.module, global.name) {
      case ("torch.nn.utils.weight_norm", "WeightNorm"):
        { state in
          guard case .string(let name)? = state.entries["name"], case .integer(let dim)? = state.entries["dim"], (-64..<64).contains(dim) else {
            throw TorchError.value("the state of a WeightNorm is malformed")
          }
          return .object(WeightNormHook(name, dim))
        }
      case ("torch.nn.utils.spectral_norm", "SpectralNorm"):
        { state in
          guard case .string(let name)? = state.entries["name"], case .integer(let dim)? = state.entries["dim"],
            case .integer(let iterations)? = state.entries["n_power_iterations"], case .number(let epsilon)? = state.entries["eps"], iterations < 1 << 20
          else { throw TorchError.value("the state of a SpectralNorm is malformed") }
          return .object(try SpectralNormHook(name, iterations: iterations, dimension: dim, epsilon: epsilon))
        }
      // What they come with, which `settle` brings.
      case ("torch.nn.utils.spectral_norm", "SpectralNormStateDictHook"), ("torch.nn.utils.spectral_norm", "SpectralNormLoadStateDictPreHook"),
        ("torch.nn.modules.module", "_WrappedHook"):
        { state in
          if case .object(is ImpliedHook)? = state.entries["hook"] ?? state.entries["fn"].map({ _ in .object(ImpliedHook()) }) { return .object(ImpliedHook()) }
          throw TorchError.value("a hook of a module is none that can be loaded")
        }
      default: nil
      }
    }
  }
}
