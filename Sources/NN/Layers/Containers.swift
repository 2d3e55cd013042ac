import Interface
import OrderedCollections
import Torch

/// Modules in a row, each fed with what the one before gave. Mirrors `torch.nn.Sequential`.
public final class Sequential: Module {
  /// The modules under the names 0, 1, ….
  public convenience init(_ modules: [Module]) {
    self.init(OrderedDictionary(uniqueKeysWithValues: modules.enumerated().map { ("\($0)", Optional($1)) }))
  }

  /// The modules under names of their own.
  public init(_ modules: OrderedDictionary<String, Module?>) {
    super.init()
    self.modules = modules
  }

  public override var typeName: String { "Sequential" }
  public override var isFollowed: Bool { true }
  public override var typeModule: String { "torch.nn.modules.container" }
  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    guard var value = inputs.first else { throw TorchError.type("Sequential.forward() missing 1 required positional argument: 'input'") }
    for module in modules.values {
      guard let module else { throw TorchError.type("'NoneType' object is not callable") }
      value = try module.call([value])
    }
    return value
  }
  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = Sequential([])
    try copyContents(to: copy, memo)
    return copy
  }
}

/// Modules by index, without a computation of their own. Mirrors `torch.nn.ModuleList`.
open class ModuleList: Module {
  /// Modules named by their position.
  public init(_ modules: [Module] = []) {
    super.init()
    self.modules = OrderedDictionary(uniqueKeysWithValues: modules.enumerated().map { ("\($0)", Optional($1)) })
  }
  open override var typeName: String { "ModuleList" }
  open override var typeModule: String { "torch.nn.modules.container" }
  open override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = ModuleList()
    try copyContents(to: copy, memo)
    return copy
  }
}

/// Modules by name, without a computation of their own. Mirrors `torch.nn.ModuleDict`.
public final class ModuleDict: Module {
  /// Modules under names.
  public init(_ modules: OrderedDictionary<String, Module?> = [:]) {
    super.init()
    self.modules = modules
  }
  public override var typeName: String { "ModuleDict" }
  public override var typeModule: String { "torch.nn.modules.container" }
  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = ModuleDict()
    try copyContents(to: copy, memo)
    return copy
  }
}

extension Module {
  /// The submodule at a position, which may count from the end. Mirrors `Sequential[i]` and `ModuleList[i]`.
  /// - Throws: PyTorch's `IndexError` out of range.
  public func module(at index: Int) throws -> Module? {
    let count = modules.count
    if index < -count || index >= count { throw TorchError.index("index \(index) is out of range") }
    return modules.values[index < 0 ? index + count : index]
  }

  /// Puts a module at the end, under the next number. Mirrors `ModuleList.append` and `Sequential.append`.
  public func append(_ module: Module) throws { try registerModule("\(modules.count)", module) }
}

extension Value {
  /// A module, or PyTorch's sentence for what is none.
  fileprivate func asModule() throws -> Module {
    if case .object(let object) = self, let module = object as? Module { return module }
    throw TorchError.type("\(pythonTypeName) is not a Module subclass")
  }

  /// Modules under names, from a dictionary, an ordered dictionary or a list of pairs.
  func namedModules(_ sentence: String) throws -> OrderedDictionary<String, Module?> {
    var rows: [(Value, Value)] = []
    switch self {
    case .dictionary(let given): rows = given
    case .object(let object as OrderedDict): rows = object.entries.map { ($0.key.asValue, $0.value) }
    case .object(let object as ModuleDict): rows = object.modules.compactMap { row in row.value.map { (.string(row.key), .object($0)) } }
    case .list(let items):
      for item in items {
        guard case .list(let pair) = item, pair.count == 2 else { throw TorchError.type(sentence) }
        rows.append((pair[0], pair[1]))
      }
    default: throw TorchError.type(sentence)
    }
    var modules: OrderedDictionary<String, Module?> = [:]
    for (key, value) in rows {
      guard case .string(let name) = key else { throw TorchError.type("module name should be a string. Got \(key.pythonTypeName)") }
      modules.updateValue(try value.asModule(), forKey: name)
    }
    return modules
  }
}

/// Modules that hold modules.
public let containers = LayerFamily { layers in
  layers.define("Module()", doc: "The base of all layers and models. Mirrors torch.nn.Module.", saved: .blank { Module() }) { () in Module() }
  layers.define(
    "Sequential(Module[] modules=[])",
    doc: "Modules in a row, each fed with what the one before gave; a list of modules or a dictionary of named ones. Mirrors torch.nn.Sequential.",
    saved: .blank { Sequential([]) }
  ) { (modules: Value) -> Sequential in
    switch modules {
    case .list(let items): return Sequential(try items.map { try $0.asModule() })
    case .object(let object as Module): return Sequential([object])
    default: return Sequential(try modules.namedModules("\(modules.pythonTypeName) is not a Module subclass"))
    }
  }
  layers.define("ModuleList(Module[]? modules=None)", doc: "Modules by index. Mirrors torch.nn.ModuleList.", saved: .blank { ModuleList() }) { (modules: Value) -> ModuleList in
    switch modules {
    case .none: return ModuleList()
    case .list(let items): return ModuleList(try items.map { try $0.asModule() })
    case .object(let object as Module): return ModuleList(object.modules.values.compactMap { $0 })
    default: throw TorchError.type("ModuleList.extend should be called with an iterable, but got \(modules.pythonTypeName)")
    }
  }
  layers.define("ModuleDict(Dict? modules=None)", doc: "Modules by name. Mirrors torch.nn.ModuleDict.", saved: .blank { ModuleDict() }) { (modules: Value) -> ModuleDict in
    if case .none = modules { return ModuleDict() }
    return ModuleDict(
      try modules.namedModules("ModuleDict.update should be called with an iterable of key/value pairs, but got \(modules.pythonTypeName)"))
  }
}
