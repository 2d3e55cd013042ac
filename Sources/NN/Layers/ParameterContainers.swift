import Interface
import OrderedCollections
import Torch

/// A module whose entries users reach by position or name, in the binding's `m[i]` and `#m`.
public protocol EntryContainer: Module {
  /// The entries with their names, in order.
  var entries: [(name: String, value: Value)] { get }
}

extension EntryContainer {
  /// The entries alone.
  var values: [Value] { entries.map(\.value) }

  /// Lines like `  (0): Parameter containing: […]`.
  fileprivate func lines(_ type: (Tensor) -> String) -> String {
    entries.map { name, value in
      guard let tensor = Tensor.element(from: value) else { return "  (\(name)): Object of type: \(Module.fullTypeName(value).split(separator: ".").last ?? "")" }
      let size = tensor.sizes.map(String.init).joined(separator: "x")
      return "  (\(name)): \(tensor.isParameter ? "Parameter" : "Tensor") containing: [\(type(tensor)) of size \(size)]"
    }.joined(separator: "\n")
  }

  /// Puts a value under a name; tensors become parameters.
  fileprivate func put(_ name: String, _ value: Value) throws {
    if case .object(let object as Tensor) = value, !object.isParameter {
      try storeAttribute(name, .object(Tensor.parameter(object)))
    } else {
      try storeAttribute(name, value)
    }
  }
}

/// Parameters by position. Mirrors `torch.nn.ParameterList`.
public final class ParameterList: Module, EntryContainer {
  /// How many entries there are.
  private(set) var size = 0
  public override init() { super.init() }

  public var entries: [(name: String, value: Value)] { (0..<size).map { ("\($0)", storedAttribute("\($0)") ?? .none) } }
  public override var typeName: String { "ParameterList" }
  public override var typeModule: String { "torch.nn.modules.container" }
  public override func extraRepr() -> String { lines { "torch.\($0.dtype.name)" } }
  public override func forward(_ inputs: [Value]) throws -> Value { throw TorchError.runtime("ParameterList should not be called.") }
  public override func setAttribute(_ name: String, _ value: Value) throws {
    if Int(name) != nil { try put(name, value) } else { try storeAttribute(name, value) }
  }
  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = ParameterList()
    copy.size = size
    try copyContents(to: copy, memo)
    return copy
  }

  public override func savedAttributes() throws -> OrderedDictionary<String, Value> {
    var saved = attributes
    saved.updateValue(.integer(size), forKey: "_size", insertingAt: 0)
    return saved
  }
  public override func restore(_ state: ModuleState) throws {
    var state = state
    guard case .integer(let size)? = state.attributes.removeValue(forKey: "_size"), size == state.parameters.count + state.attributes.count else {
      throw TorchError.value("the state of a ParameterList does not say how many entries it has")
    }
    self.size = size
    try super.restore(state)
  }

  /// Puts a value at the end.
  func append(_ value: Value) throws {
    size += 1
    try put("\(size - 1)", value)
  }
}

/// Parameters by name. Mirrors `torch.nn.ParameterDict`.
public final class ParameterDict: Module, EntryContainer {
  private var keys: OrderedSet<String> = []
  public override init() { super.init() }

  public var entries: [(name: String, value: Value)] { keys.map { ($0, storedAttribute($0) ?? .none) } }
  public override var typeName: String { "ParameterDict" }
  public override var typeModule: String { "torch.nn.modules.container" }
  public override func extraRepr() -> String { lines(\.dtype.tensorTypeName) }
  public override func forward(_ inputs: [Value]) throws -> Value { throw TorchError.runtime("ParameterDict should not be called.") }
  public override func setAttribute(_ name: String, _ value: Value) throws {
    if name == "training" { return try storeAttribute(name, value) }
    keys.append(name)
    try put(name, value)
  }
  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = ParameterDict()
    copy.keys = keys
    try copyContents(to: copy, memo)
    return copy
  }

  public override func savedAttributes() throws -> OrderedDictionary<String, Value> {
    var saved = attributes
    let names = OrderedDict()
    names.attributes["__class__"] = .string("dict")
    for key in keys { names[key] = Value.none }
    saved.updateValue(.object(names), forKey: "_keys", insertingAt: 0)
    return saved
  }
  public override func restore(_ state: ModuleState) throws {
    var state = state
    guard case .object(let names as OrderedDict)? = state.attributes.removeValue(forKey: "_keys") else {
      throw TorchError.value("the state of a ParameterDict has no names")
    }
    for case .string(let name) in names.entries.keys { keys.append(name) }
    try super.restore(state)
  }

  /// Takes an entry out.
  /// - Throws: Python's `KeyError` where there is none.
  func remove(_ name: String) throws -> Value {
    guard keys.contains(name), let value = storedAttribute(name) else { throw TorchError(.keyError, "'\(name)'") }
    keys.remove(name)
    try deleteAttribute(name)
    return value
  }

  func contains(_ name: String) -> Bool { keys.contains(name) }

  /// Takes over entries; those of plain tables in the order of their names.
  func update(_ other: Value) throws {
    switch other {
    case .object(let object as OrderedDict): for (key, value) in object.entries { if case .string(let name) = key { try setAttribute(name, value) } }
    case .object(let object as ParameterDict): for (name, value) in object.entries { try setAttribute(name, value) }
    case .dictionary(let rows):
      let named = rows.compactMap { row -> (String, Value)? in if case .string(let name) = row.0 { (name, row.1) } else { nil } }
      for (name, value) in named.sorted(by: { $0.0 < $1.0 }) { try setAttribute(name, value) }
    case .list(let items):
      for (i, item) in items.enumerated() {
        guard case .list(let pair) = item else { throw TorchError.type("ParameterDict update sequence element #\(i) should be Iterable; is\(item.pythonTypeName)") }
        if pair.count != 2 { throw TorchError.value("ParameterDict update sequence element #\(i) has length \(pair.count); 2 is required") }
        if case .string(let name) = pair[0] { try setAttribute(name, pair[1]) }
      }
    default: throw TorchError.type("ParametersDict.update should be called with an iterable of key/value pairs, but got \(other.pythonTypeName)")
    }
  }
}

/// Modules that hold parameters.
public let parameterContainers = LayerFamily(module: "container") { layers in
  layers.define("ParameterList(Any values=None)", doc: "Parameters by position. Mirrors torch.nn.ParameterList.", saved: .blank { ParameterList() }) { (values: Value) -> ParameterList in
    let list = ParameterList()
    try ParameterList.extend(list, values)
    return list
  }
  layers.define("ParameterDict(Any parameters=None)", doc: "Parameters by name. Mirrors torch.nn.ParameterDict.", saved: .blank { ParameterDict() }) { (values: Value) -> ParameterDict in
    let dict = ParameterDict()
    if case .none = values { return dict }
    try dict.update(values)
    return dict
  }
}

extension ParameterList {
  /// Puts values at the end.
  static func extend(_ list: ParameterList, _ values: Value) throws {
    switch values {
    case .none: return
    case .list(let items): for item in items { try list.append(item) }
    case .object(let object as ParameterList): for item in object.values { try list.append(item) }
    default:
      throw TorchError.type("ParameterList.extend should be called with an iterable, but got \(values.pythonTypeName)")
    }
  }
}

/// Methods of containers, beside those they share.
public let containerMethods = OperationFamily("torch.nn.Module") { ops in
  let method: Variants = [.method]
  func rows(_ entries: [(name: String, value: Value)]) -> ValueIterator { ValueIterator(rows: entries.map { [.string($0.name), $0.value] }) }
  ops.define("append(Module self, Any value) -> Module", doc: "Puts a value at the end; gives self. Mirrors ParameterList.append.", variants: method) { (m: ParameterList, v: Value) -> ParameterList in
    try m.append(v)
    return m
  }
  ops.define("extend(Module self, Any values) -> Module", doc: "Puts values at the end; gives self. Mirrors ParameterList.extend.", variants: method) { (m: ParameterList, v: Value) -> ParameterList in
    try ParameterList.extend(m, v)
    return m
  }
  ops.define("keys(Module self) -> Iterator", doc: "The names. Mirrors ParameterDict.keys.", variants: method) { (m: ParameterDict) in ValueIterator(rows: m.entries.map { [.string($0.name)] }) }
  ops.define("values(Module self) -> Iterator", doc: "The values. Mirrors ParameterDict.values.", variants: method) { (m: ParameterDict) in ValueIterator(rows: m.entries.map { [$0.value] }) }
  ops.define("items(Module self) -> Iterator", doc: "Names and values. Mirrors ParameterDict.items.", variants: method) { (m: ParameterDict) in rows(m.entries) }
  ops.define("get(Module self, str key, Any default=None) -> Any", doc: "A value by name, or default. Mirrors ParameterDict.get.", variants: method) { (m: ParameterDict, k: String, d: Value) in
    m.contains(k) ? m.storedAttribute(k) ?? Value.none : d
  }
  ops.define("setdefault(Module self, str key, Any default=None) -> Any", doc: "A value by name, put there where there is none. Mirrors ParameterDict.setdefault.", variants: method) { (m: ParameterDict, k: String, d: Value) -> Value in
    if !m.contains(k) { try m.setAttribute(k, d) }
    return m.storedAttribute(k) ?? Value.none
  }
  ops.define("pop(Module self, str key) -> Any", doc: "Takes a value out. Mirrors ParameterDict.pop.", variants: method) { (m: ParameterDict, k: String) in try m.remove(k) }
  ops.define("popitem(Module self) -> Any", doc: "Takes the last entry out. Mirrors ParameterDict.popitem.", variants: method) { (m: ParameterDict) -> Value in
    guard let last = m.entries.last else { throw TorchError(.keyError, "'dictionary is empty'") }
    return .tuple([.string(last.name), try m.remove(last.name)])
  }
  ops.define("clear(Module self) -> ()", doc: "Takes all values out. Mirrors ParameterDict.clear.", variants: method) { (m: ParameterDict) -> Nothing in
    for (name, _) in m.entries { _ = try m.remove(name) }
    return Nothing()
  }
  ops.define("update(Module self, Any parameters) -> ()", doc: "Takes over entries. Mirrors ParameterDict.update.", variants: method) { (m: ParameterDict, v: Value) -> Nothing in
    try m.update(v)
    return Nothing()
  }
  ops.define("copy(Module self) -> Module", doc: "Another dictionary of the same values. Mirrors ParameterDict.copy.", variants: method) { (m: ParameterDict) -> ParameterDict in
    let copy = ParameterDict()
    try copy.update(.object(m))
    return copy
  }
  ops.define("__contains__(Module self, str key) -> bool", doc: "Whether there is an entry of this name. Mirrors `key in module`.", variants: method) { (m: ParameterDict, k: String) in m.contains(k) }
  ops.define("__contains__(Module self, str key) -> bool", doc: "Whether there is an entry of this name. Mirrors `key in module`.", variants: method) { (m: ModuleDict, k: String) in m.modules.keys.contains(k) }
  ops.define("pop(Module self, str key) -> Module", doc: "Takes a module out. Mirrors ModuleDict.pop.", variants: method) { (m: ModuleDict, k: String) -> Value in
    guard let value = m.modules.removeValue(forKey: k) else { throw TorchError(.keyError, "'\(k)'") }
    return value.map { .object($0) } ?? Value.none
  }
  ops.define("clear(Module self) -> ()", doc: "Takes all modules out. Mirrors ModuleDict.clear.", variants: method) { (m: ModuleDict) -> Nothing in
    m.modules = [:]
    return Nothing()
  }
  ops.define("update(Module self, Any modules) -> ()", doc: "Takes over modules. Mirrors ModuleDict.update.", variants: method) { (m: ModuleDict, v: Value) -> Nothing in
    for (name, module) in try v.namedModules("ModuleDict.update should be called with an iterable of key/value pairs, but got \(v.pythonTypeName)") {
      m.modules.updateValue(module, forKey: name)
    }
    return Nothing()
  }
  func listMethods<M: Module>(_ type: M.Type, _ name: String) {
    ops.define("pop(Module self, int key=-1) -> Module", doc: "Takes the module at a position out. Mirrors \(name).pop.", variants: method) { (m: M, i: Int) -> Value in
      let item = try m.module(at: i)
      var all = m.modules.values.elements
      all.remove(at: i < 0 ? i + all.count : i)
      m.modules = OrderedDictionary(uniqueKeysWithValues: all.enumerated().map { ("\($0)", $1) })
      return item.map { .object($0) } ?? Value.none
    }
  }
  listMethods(ModuleList.self, "ModuleList")
  listMethods(Sequential.self, "Sequential")
  ops.define("insert(Module self, int index, Module module) -> Module", doc: "Puts a module before a position; gives self. Mirrors Sequential.insert.", variants: method) { (m: Sequential, i: Int, item: Module) -> Module in
    var all = m.modules.values.elements
    if i < -all.count || i > all.count { throw TorchError.index("Index out of range: \(i)") }
    all.insert(item, at: i < 0 ? i + all.count : i)
    m.modules = OrderedDictionary(uniqueKeysWithValues: all.enumerated().map { ("\($0)", $1) })
    return m
  }
}
