import CLua
import CLuaShim
import Interface
import LuaVM

/// What of the library is written in Lua and read when it is first asked for, so that starting costs nothing.
enum LazyModules {
  /// Names by namespace, each with the module it stands for, or the module and its field.
  static let names: [String: [String: String]] = [
    "torch": ["jit": "torch.jit", "optim": "torch.optim"],
    "torch.autograd": [
      "Function": "torch.autograd.function:Function", "function": "torch.autograd.function", "functional": "torch.autograd.functional",
      "gradcheck": "torch.autograd.gradcheck:gradcheck",
      "gradgradcheck": "torch.autograd.gradcheck:gradgradcheck", "graph": "torch.autograd.graph",
    ],
    "torch.nn.utils": [
      "fuse_conv_bn_eval": "torch.nn.fusion:fuse_conv_bn_eval", "fuse_conv_bn_weights": "torch.nn.fusion:fuse_conv_bn_weights",
      "fuse_linear_bn_eval": "torch.nn.fusion:fuse_linear_bn_eval", "fuse_linear_bn_weights": "torch.nn.fusion:fuse_linear_bn_weights",
      "skip_init": "torch.nn.fusion:skip_init",
    ],
    "torch.nn.utils.prune": ["freeze": "torch.nn.utils.freezing:freeze"],
    "torch.utils": ["checkpoint": "torch.utils.checkpoint", "data": "torch.utils.data"],
  ]
}

extension Binding {
  /// Lets namespaces find what Lua modules add to them.
  func bindLazyModules() throws {
    let L = state.pointer
    for (namespace, names) in LazyModules.names {
      try pushNamespace(namespace, on: L)
      try check(qlua_pcreatetable(L, 0, 1), L)
      try push(function: NativeFunction(self) { [unowned self] frame in try load(names, frame) }, on: L)
      try check(qlua_prawsetfield(L, -2, "__index"), L)
      let shown = names.keys.sorted()
      try push(function: NativeFunction(self) { try $0.give(.list(shown.map { .string($0) })) }, on: L)
      try check(qlua_prawsetfield(L, -2, "__complete"), L)
      _ = lua_setmetatable(L, -2)
      qlua_pop(L, 1)
    }
  }

  private func load(_ names: [String: String], _ frame: LuaFrame) throws -> Int {
    let L = frame.L
    guard let name = frame.string(1), let place = names[name]?.split(separator: ":"), let module = place.first else { return try frame.give(.none) }
    try check(qlua_pgetglobal(L, "require"), L)
    try push(text: String(module), on: L)
    try check(qlua_pcall_quiet(L, 1, 1), L)
    if place.count > 1 { try check(qlua_pgetfield(L, -1, String(place[1])), L) }
    lua_pushvalue(L, -1)
    try check(qlua_prawsetfield(L, 1, name), L)
    return 1
  }
}
