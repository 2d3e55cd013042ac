import CKernels
import CLua
import CLuaShim
import Interface
import LuaVM
import NN
import Optim
import Parametrize
import Prune
import Quantization
import Serialization
import TensorCore
import Torch
import Trace

/// The library as Lua sees it: the global `torch` and what `require` finds under it.
public enum TorchLibrary {
  /// Opens the library in a state; it lives as long as the state.
  /// - Throws: a Lua error where memory runs out.
  public static func open(in state: LuaState, version: String) throws -> Binding {
    let binding = Binding(state: state)
    let L = state.pointer
    let top = lua_gettop(L)
    defer { lua_settop(L, top) }
    state.setMemoryGauge(UnsafePointer(Storage.liveBytes))
    qk_set_interrupt_question { LuaInterrupt.isRequested }
    try binding.registerDocuments()
    QuantizedClasses.register()
    SavedPruning.register()
    SavedNormHooks.register()
    SavedLayers.register("torch.nn", layerFamilies + pruneLayerFamilies + quantizedLayerFamilies)
    try binding.registerClasses()
    try binding.registerPlainObjects()
    try binding.registerSafetensors()
    try binding.registerTokenizers()
    try binding.registerJSON()
    try binding.registerContexts()
    let families = tensorFamilies + [tensorMethods] + nnFamilies + parametrizeFamilies + pruneFamilies + quantizationFamilies
    try binding.bind(families: families + serializationFamilies + optimizerFamilies + [traceFunctions, tracedMethods])
    try binding.registerModules()
    try binding.registerPruning()
    try binding.registerObserverFactories()
    try binding.bindLayers()
    try binding.bindPruning()
    try binding.bindGlobalHooks()
    try binding.bindWarnings()
    try binding.bindShell(version: version)
    try binding.bindTracing()
    try binding.bindOldNames()
    try binding.bindConstants(version: version)
    try binding.publish()
    return binding
  }
}

extension Binding {
  /// Pushes the table of a namespace (`torch.nn.functional`), made where it is missing. Stack: -0 +1.
  func pushNamespace(_ name: String, on L: OpaquePointer) throws {
    if let reference = namespaces[name] { return qlua_getref(L, reference) }
    try check(qlua_pcreatetable(L, 0, 32), L)
    lua_pushvalue(L, -1)
    var reference: Int32 = 0
    try check(qlua_pref(L, &reference), L)
    namespaces[name] = reference
    if let dot = name.lastIndex(of: ".") {
      try pushNamespace(String(name[..<dot]), on: L)
      lua_pushvalue(L, -2)
      try check(qlua_prawsetfield(L, -2, String(name[name.index(after: dot)...])), L)
      qlua_pop(L, 1)
    }
  }

  /// Sets a field of a namespace to a value.
  func set(_ namespace: String, _ name: String, _ value: Value) throws {
    let L = state.pointer
    try pushNamespace(namespace, on: L)
    try push(value, on: L)
    try check(qlua_prawsetfield(L, -2, name), L)
    qlua_pop(L, 1)
  }

  /// Sets a field of a namespace to a function.
  func set(_ namespace: String, _ name: String, function: NativeFunction) throws {
    let L = state.pointer
    try pushNamespace(namespace, on: L)
    try push(function: function, on: L)
    try check(qlua_prawsetfield(L, -2, name), L)
    qlua_pop(L, 1)
  }

  /// Makes functions and methods of what the families declare.
  func bind(families: [OperationFamily]) throws {
    let L = state.pointer
    var methods: [String: BoundFunction] = [:]
    var functions: [String: [String: BoundFunction]] = [:]
    var objectMethods: [String: [String: BoundFunction]] = [:]
    func add(_ operation: Operation, to table: inout [String: BoundFunction], isMethod: Bool = false) {
      let name = operation.name
      if let bound = table[name] { bound.add(operation) } else { table[name] = BoundFunction(self, name, [operation], isMethod: isMethod) }
    }
    for family in families {
      for operation in family.operations {
        // A namespace that ends in a class's name holds the methods of its objects.
        if family.namespace.split(separator: ".").last?.first?.isUppercase ?? false {
          add(operation, to: &objectMethods[family.namespace, default: [:]], isMethod: true)
          continue
        }
        if operation.variants.contains(.function) || InPlaceFunctions.wants(operation, of: family.namespace) { add(operation, to: &functions[family.namespace, default: [:]]) }
        if operation.variants.contains(.functional) { add(operation, to: &functions["torch.nn.functional", default: [:]]) }
        if operation.variants.contains(.method) { add(operation, to: &methods, isMethod: true) }
      }
    }
    for (namespace, methods) in objectMethods {
      classMethods[namespace] = try methods.mapValues { bound in try reference { try push(bound: bound, on: L) } }
    }
    moduleMethods = classMethods["torch.nn.Module"] ?? [:]
    for (name, body) in functionMethods() + hookRegistrations() {
      moduleMethods[name] = try reference { try push(function: NativeFunction(self, body), on: L) }
    }
    for (namespace, table) in functions {
      try pushNamespace(namespace, on: L)
      for (name, bound) in table {
        try push(bound: bound, on: L)
        try check(qlua_prawsetfield(L, -2, name), L)
      }
      qlua_pop(L, 1)
    }
    try registerTensors(methods: methods)
  }

  /// A registry reference to the value that `push` pushes.
  func reference(_ push: () throws -> Void) throws -> Int32 {
    try push()
    var reference: Int32 = 0
    try check(qlua_pref(state.pointer, &reference), state.pointer)
    return reference
  }

  /// Makes classes of the layers.
  func bindLayers() throws {
    let base = ModuleClass("Module", Module.self)
    layerClasses[ObjectIdentifier(Module.self)] = base
    try set("torch.nn", "Module", .object(base))
    for family in layerFamilies + parametrizeLayerFamilies + pruneLayerFamilies + quantizedLayerFamilies {
      for layer in family.layers where layer.type != Module.self {
        let constructor = BoundFunction(self, layer.name, [layer.operation])
        kept.append(constructor)
        let type = ModuleClass(layer.name, layer.type, kind: layer.kind, constructor: constructor)
        layerClasses[layer.kind] = type
        try pushNamespace(family.operations.namespace, on: state.pointer)
        try push(object: type, on: state.pointer)
        try document(on: state.pointer)
        try check(qlua_prawsetfield(state.pointer, -2, layer.name), state.pointer)
        qlua_pop(state.pointer, 1)
      }
    }
    let parameter = TypeObject("torch.nn.parameter.Parameter", includes: { ($0 as? Tensor)?.isParameter ?? false }) { frame in
      if let problem = frame.lay(over: try Schema(parsing: "Parameter(Tensor data, bool requires_grad=True) -> Tensor"), keywords: frame.endsInKeywords) {
        throw TorchError.type(problem)
      }
      guard let data = frame.object(0) as? Tensor else { throw TorchError.type("Parameter() expects a tensor, got \(frame.typeName(0))") }
      return try frame.give(object: Tensor.parameter(data, requiresGrad: frame.boolean(1) ?? true))
    }
    for namespace in ["torch.nn", "torch.nn.parameter"] { try set(namespace, "Parameter", .object(parameter)) }
    try bindTensorTypes()
    let tensor = TypeObject("torch.Tensor", includes: { $0 is Tensor }) { frame in
      try frame.give(object: Tensor.make(from: frame.value(0), dtype: .defaultFloat))
    }
    try set("torch", "Tensor", .object(tensor))
  }
}
