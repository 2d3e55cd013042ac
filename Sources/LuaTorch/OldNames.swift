import CLua
import CLuaShim
import Interface
import Torch

/// Names that PyTorch keeps for old programs, with a warning.
extension Binding {
  func bindOldNames() throws {
    let initializers = [
      "constant", "dirac", "eye", "kaiming_normal", "kaiming_uniform", "normal", "orthogonal", "uniform", "xavier_normal", "xavier_uniform",
    ]
    for name in initializers { try keep("torch.nn.init", name, shown: "nn.init") }
    try keep("torch.nn.utils", "clip_grad_norm", shown: "torch.nn.utils")
  }

  /// Lets `name` do what `name_` does.
  private func keep(_ namespace: String, _ name: String, shown: String) throws {
    try set(namespace, name, function: NativeFunction(self) { [unowned self] frame in
      UserWarning.tell("`\(shown).\(name)` is now deprecated in favor of `\(shown).\(name)_`.", category: "FutureWarning")
      let L = frame.L
      let count = lua_gettop(L)
      try pushNamespace(namespace, on: L)
      try check(qlua_pgetfield(L, -1, name + "_"), L)
      lua_rotate(L, 1, 1)
      qlua_pop(L, 1)
      try check(qlua_pcall_quiet(L, count, -1), L)
      return Int(lua_gettop(L))
    })
  }
}
