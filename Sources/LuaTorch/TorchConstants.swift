import CLua
import CLuaShim
import Glibc
import Interface
import LuaVM
import NN
import Quantization
import TensorCore
import Torch

extension Binding {
  /// dtypes, contexts, classes and settings.
  func bindConstants(version: String) throws {
    for dtype in DType.allCases { try set("torch", dtype.name, dtype.asValue) }
    for (alias, dtype) in [("float", DType.float32), ("double", .float64), ("half", .float16), ("long", .int64), ("int", .int32), ("short", .int16), ("cfloat", .complex64), ("cdouble", .complex128)] {
      try set("torch", alias, dtype.asValue)
    }
    try set("torch", "__version__", .string(version))
    try set("torch", "inf", .number(.infinity))
    try set("torch", "nan", .number(.nan))
    try set("torch", "pi", .number(.pi))
    // Only strided tensors exist; the name of the other common layout is there to be refused.
    for layout in ["strided", "sparse_coo"] { try set("torch", layout, .string("torch.\(layout)")) }
    for name in MemoryFormat.names { try set("torch", name, .string("torch.\(name)")) }
    // No schema: a table is never a tensor, nor keywords here.
    try set("torch", "is_tensor", function: NativeFunction(self) { try $0.give(.boolean($0.object(0) is Tensor)) })
    try set("torch", "default_generator", .object(Generator.default))
    for (name, function) in gradContexts() { try set("torch", name, function: function) }
    for name in ["no_grad", "enable_grad", "set_grad_enabled", "inference_mode"] {
      for (known, function) in gradContexts() where known == name { try set("torch.autograd", name, function: function) }
    }
    for (name, function) in anomalyContexts() { try set("torch.autograd", name, function: function) }
    try set("torch._optim", "dict", function: NativeFunction(self) { frame in
      // The entries of a table under the keys of a list, in its order; what the table lacks is None.
      guard case .list(let keys) = try frame.value(0) else { return try frame.give(object: OrderedDict()) }
      let dict = OrderedDict()
      for key in keys {
        guard let name = Key(key) else { throw TorchError.type("unhashable type: '\(key.pythonTypeName)'") }
        try self.push(key, on: frame.L)
        lua_rawget(frame.L, 2)
        dict.entries[name] = try self.value(frame.L, -1)
        qlua_pop(frame.L, 1)
      }
      return try frame.give(object: dict)
    })
    try set("torch.autograd", "_saved_tensors_hooks", function: NativeFunction(self) { [unowned self] in try savedTensorsHooks($0) })
    try set("torch.autograd", "_record_function", function: NativeFunction(self) { [unowned self] in try recordFunction($0) })
    try set("torch", "class", function: NativeFunction(self) { [unowned self] in try makeClass($0) })
    try set("torch", "isinstance", function: NativeFunction(self) { [unowned self] in try isInstance($0) })
    try set("torch", "Generator", function: NativeFunction(self) { frame in
      try Device.check(frame.string(0) ?? "cpu")
      return try frame.give(object: Generator())
    })
    try set("torch", "device", function: NativeFunction(self) { frame in
      try Device.check(frame.string(0) ?? "cpu")
      return try frame.give(.string("cpu"))
    })
    try set("torch.cuda", "is_available", function: NativeFunction(self) { try $0.give(.boolean(false)) })
    try set("torch.cuda", "device_count", function: NativeFunction(self) { try $0.give(.integer(0)) })
    try set("torch", "get_default_dtype", function: NativeFunction(self) { try $0.give(DType.defaultFloat.asValue) })
    try set("torch", "set_default_dtype", function: NativeFunction(self) { frame in
      guard let dtype = (frame.object(0) as? DTypeObject)?.dtype, dtype.isFloatingPoint else {
        throw TorchError.type("only floating-point types are supported as the default type")
      }
      DType.defaultFloat = dtype
      return 0
    })
    try bindPrintOptions()
    try bindNumericLimits()
    try bindStorageAndRandomState()
    try bindParametrize()
    try set("copy", "deepcopy", function: NativeFunction(self) { [unowned self] in try deepCopy($0) })
    for (name, value) in quantizationSchemes { try set("torch", name, .object(value)) }
    for (name, value) in quantizationConstants { try set("torch.quantization", name, .object(value)) }
  }

  private func bindPrintOptions() throws {
    let schema = try Schema(parsing: "set_printoptions(int? precision=None, float? threshold=None, int? edgeitems=None, int? linewidth=None, str? profile=None, bool? sci_mode=None) -> ()")
    try set("torch", "set_printoptions", function: NativeFunction(self) { frame in
      if let problem = frame.lay(over: schema, keywords: frame.endsInKeywords) { throw TorchError.type(problem) }
      var options = Tensor.printOptions
      if let name = frame.string(4) {
        // PyTorch passes over a name that it does not know.
        options = PrintOptions(profile: name) ?? options
      }
      if let v = frame.integer(0) { options.precision = v }
      if let v = frame.number(1) { options.threshold = v }
      if let v = frame.integer(2) { options.edgeItems = v }
      if let v = frame.integer(3) { options.lineWidth = v }
      options.scientific = frame.boolean(5)
      Tensor.printOptions = options
      return 0
    })
  }

  /// `copy.deepcopy(value)`.
  private func deepCopy(_ frame: LuaFrame) throws -> Int {
    let memo = DeepCopyMemo()
    if let module = frame.object(0) as? Module {
      let copy = try memo.copy(module)
      for (_, new) in memo.modules { try anchorMethods(of: new, on: frame.L) }
      // What copies of modules written in Lua keep lives from here on as long as the whole.
      try anchorBelow(copy, on: frame.L)
      return try frame.give(object: copy)
    }
    if let dict = frame.object(0) as? OrderedDict {
      let copy = OrderedDict()
      copy.attributes = dict.attributes
      for (key, value) in dict.entries {
        if case .object(let x as Tensor) = value { copy.entries[key] = .object(try memo.copy(x)) } else { copy.entries[key] = value }
      }
      return try frame.give(object: copy)
    }
    try pushCopy(of: 1, memo, on: frame.L)
    return 1
  }

  /// The global `torch`, and what `require` finds.
  func publish() throws {
    let L = state.pointer
    try bindLazyModules()
    try pushNamespace("torch.quantization", on: L)
    try pushNamespace("torch.ao", on: L)
    lua_pushvalue(L, -2)
    try check(qlua_prawsetfield(L, -2, "quantization"), L)
    qlua_pop(L, 2)
    if let reference = namespaces["torch.quantization"] { namespaces["torch.ao.quantization"] = reference }
    try pushNamespace("torch", on: L)
    try check(qlua_psetglobal(L, "torch"), L)
    try check(qlua_pgetglobal(L, "package"), L)
    try check(qlua_pgetfield(L, -1, "loaded"), L)
    for (name, reference) in namespaces {
      qlua_getref(L, reference)
      try check(qlua_prawsetfield(L, -2, name), L)
    }
    qlua_pop(L, 2)
  }
}
