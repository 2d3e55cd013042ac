import Interface
import NN
import OrderedCollections
import Serialization
import TensorCore
import Torch

/// Traced modules in files: one checkpoint that holds the graph, the tensors and the layers.
///
/// A file names operations of the catalog that take or give tensors, and layers of this library; it can name nothing else. All
/// numbers in it are checked before anything is made of them.
public enum TraceArchive {
  private static let format = "qrepl traced module"
  private static let version = 1

  /// Writes a traced module. The file appears whole or not at all.
  public static func save(_ module: TracedModule, to path: String) throws {
    guard let graph = module.graph else {
      throw TorchError.runtime("torch.jit.save: '\(module.originalName)' is a part of a traced module; save the whole")
    }
    var keys: OrderedSet<String> = []
    let steps = graph.steps.map { step -> Value in
      let action: [Value] =
        switch step.action {
        case .operation(let entry): [.string("op"), .integer(keys.append(entry.key).index)]
        case .layer(let i): [.string("layer"), .integer(i)]
        case .size(let dim, let expected): [.string(expected == nil ? "size" : "guard"), .integer(dim), .integer(expected ?? 0)]
        case .scale(let factor, let offset): [.string("scale"), .integer(factor), .integer(offset)]
        }
      return .list(
        [.list(action), .list(step.arguments.map(TermRecord.value)), TermRecord.value(of: step.result), .string(step.place), .integer(step.scope)]
          + [.boolean(step.changes), .boolean(step.isRandom)])
    }
    let names = graph.slotNames.sorted { $0.key < $1.key }.map { Value.list([.integer($0.key), .string($0.value)]) }
    let file: [(String, Value)] = [
      ("format", .string(format)), ("version", .integer(version)), ("operations", .list(keys.map { .string($0) })),
      ("inputs", .list(graph.inputs.map(TermRecord.value))), ("names", .list(graph.names.map { .string($0) })), ("steps", .list(steps)),
      ("output", TermRecord.value(of: graph.output)), ("slot_names", .list(names)),
      ("scopes", .list(graph.scopes.map { .list([$0.parent.map { .integer($0) } ?? .none, .string($0.path)]) })),
      ("layers", .list(graph.layers.map { .list([$0.path.map { .string($0) } ?? .none, .object($0.module)]) })),
      ("module", ModuleRecord.value(of: module)),
    ]
    try Checkpoint.save(.dictionary(file.map { (.string($0.0), $0.1) }), to: path)
  }

  /// Reads a traced module.
  /// - Throws: a `RuntimeError` that names the file and what is wrong with it.
  public static func load(_ path: String) throws -> TracedModule {
    let value: Value
    do {
      _ = try CheckpointReader(path: path)
      value = try Checkpoint.load(from: path, classes: ObjectClasses())
    } catch let error as SerializationError {
      if error.kind == "FileNotFoundError" { throw TorchError.value("The provided filename \(path) does not exist") }
      throw TorchError.runtime("torch.jit.load: '\(path)' holds no traced module: \(error.message)")
    } catch let error as TorchError {
      if error.message.contains("TorchScript archive") {
        throw TorchError.runtime("torch.jit.load: '\(path)' is a TorchScript archive of PyTorch, whose program cannot be run here; load its state_dict in PyTorch and save that")
      }
      throw TorchError.runtime("torch.jit.load: '\(path)' holds no traced module: \(error.message)")
    }
    guard case .object(let file as OrderedDict) = value, case .string(format)? = file["format"] else {
      throw TorchError.runtime("torch.jit.load: '\(path)' holds no traced module but \(what(value)); torch.load reads it")
    }
    guard case .integer(version)? = file["version"] else {
      throw TorchError.runtime("torch.jit.load: '\(path)' was written by another version of this program")
    }
    do { return try module(file) } catch let error as ArchiveError { throw TorchError.runtime("torch.jit.load: '\(path)' cannot be loaded: \(error.cause)") }
  }

  private static func what(_ value: Value) -> String {
    switch value {
    case .object(let dict as OrderedDict):
      let tensors = dict.entries.values.filter { if case .object(is Tensor) = $0 { true } else { false } }
      return !tensors.isEmpty && tensors.count == dict.entries.count ? "a state dict" : "a dict"
    case .object(let module as Module): return "a whole '\(module.className)'"
    case .object(is Tensor): return "a tensor"
    default: return "a \(value.pythonTypeName)"
    }
  }

  private static func module(_ file: OrderedDict) throws -> TracedModule {
    func list(_ name: String) throws -> [Value] {
      guard case .list(let items)? = file[name] else { throw ArchiveError.malformed("'\(name)'") }
      return items
    }
    let operations = try list("operations").map { value -> GraphOperation in
      guard case .string(let key) = value else { throw ArchiveError.malformed("an operation") }
      guard let operation = GraphOperation.named(key) else { throw ArchiveError(cause: "this program has no operation '\(key)'") }
      return operation
    }
    let layers = try list("layers").map { value -> GraphLayer in
      guard case .list(let items) = value, items.count == 2, case .object(let module as Module) = items[1] else { throw ArchiveError.malformed("a layer") }
      if case .string(let path) = items[0] { return GraphLayer(path: path, module: module) }
      return GraphLayer(path: nil, module: module)
    }
    var scopes: [Scope] = []
    for value in try list("scopes") {
      guard case .list(let items) = value, items.count == 2, case .string(let path) = items[1] else { throw ArchiveError.malformed("a scope") }
      switch items[0] {
      case .none where scopes.isEmpty: scopes.append(Scope(parent: nil, path: path))
      case .integer(let parent) where scopes.indices.contains(parent): scopes.append(Scope(parent: parent, path: path))
      default: throw ArchiveError.malformed("a scope")
      }
    }
    if scopes.isEmpty { throw ArchiveError.malformed("a scope") }
    let inputs = try list("inputs").map(TermRecord.term)
    let names = try list("names").map { value -> String in
      if case .string(let name) = value { return name }
      throw ArchiveError.malformed("a name")
    }
    let steps = try list("steps").map { try step($0, operations, layers.count, scopes.count) }
    guard let last = file["output"] else { throw ArchiveError.malformed("the output") }
    let output = try TermRecord.term(of: last)
    var slotNames: [Int: String] = [:]
    for value in try list("slot_names") {
      guard case .list(let items) = value, items.count == 2, case .integer(let slot) = items[0], case .string(let name) = items[1] else { throw ArchiveError.malformed("a name") }
      slotNames[slot] = name
    }
    let count = try checkSlots(inputs, steps, output)
    let graph = Graph(
      inputs: inputs, names: names, steps: steps, output: output, scopes: scopes, layers: layers, slotCount: count, slotNames: slotNames)
    let module = try ModuleRecord.module(of: file["module"] ?? .none, graph.layers)
    module.settle(graph)
    try checkAttributes(of: graph, in: module)
    return module
  }

  private static func step(_ value: Value, _ operations: [GraphOperation], _ layers: Int, _ scopes: Int) throws -> Step {
    guard case .list(let items) = value, items.count == 7, case .list(let what) = items[0], case .string(let kind)? = what.first,
      case .list(let arguments) = items[1], case .string(let place) = items[3], case .integer(let scope) = items[4], (0..<scopes).contains(scope),
      case .boolean(let changes) = items[5], case .boolean(let isRandom) = items[6]
    else { throw ArchiveError.malformed("a step") }
    let numbers = what.dropFirst().compactMap { if case .integer(let i) = $0 { i } else { nil } }
    let action: Step.Action
    switch (kind, numbers.count) {
    case ("op", 1) where operations.indices.contains(numbers[0]): action = .operation(operations[numbers[0]])
    case ("layer", 1) where (0..<layers).contains(numbers[0]): action = .layer(numbers[0])
    case ("size", 2) where numbers[0] >= 0: action = .size(dim: numbers[0], expected: nil)
    case ("guard", 2) where numbers[0] >= 0: action = .size(dim: numbers[0], expected: numbers[1])
    case ("scale", 2): action = .scale(factor: numbers[0], offset: numbers[1])
    default: throw ArchiveError.malformed("a step")
    }
    let terms = try arguments.map(TermRecord.term)
    if case .operation(let entry) = action, terms.count != entry.operation.schema.parameters.count {
      throw ArchiveError.malformed("a call of '\(entry.operation.name)'")
    }
    let result = try TermRecord.term(of: items[2])
    switch action {
    case .size(_, nil), .scale:
      guard case .slot = result, !terms.isEmpty else { throw ArchiveError.malformed("a size") }
    case .size: if terms.isEmpty { throw ArchiveError.malformed("a size") }
    case .operation, .layer: break
    }
    return Step(action: action, arguments: terms, result: result, place: place, scope: scope, changes: changes, isRandom: isRandom)
  }

  /// How many slots there are, each made once and before it is used.
  private static func checkSlots(_ inputs: [Term], _ steps: [Step], _ output: Term) throws -> Int {
    // No list of the file is longer than the file, so that neither is what is made here.
    let most = inputs.reduce(0) { $0 + $1.slots.count } + steps.reduce(0) { $0 + $1.result.slots.count }
    var made = Set<Int>()
    var greatest = -1
    func make(_ term: Term) throws {
      for slot in term.slots {
        guard made.insert(slot).inserted else { throw ArchiveError(cause: "value \(slot) of its graph is made twice") }
        greatest = max(greatest, slot)
      }
    }
    func use(_ term: Term) throws {
      for slot in term.slots where !made.contains(slot) { throw ArchiveError(cause: "value \(slot) of its graph is used before it is made") }
    }
    for term in inputs { try make(term) }
    for step in steps {
      for term in step.arguments { try use(term) }
      try make(step.result)
    }
    try use(output)
    guard greatest < most else { throw ArchiveError(cause: "value \(greatest) of its graph is out of range") }
    return greatest + 1
  }

  private static func checkAttributes(of graph: Graph, in module: TracedModule) throws {
    func check(_ term: Term) throws {
      switch term {
      case .attribute(let path): if !module.hasTensor(at: path) { throw ArchiveError(cause: "its module has no tensor '\(path)'") }
      case .list(let items), .tuple(let items): for item in items { try check(item) }
      case .dictionary(let rows): for row in rows { try check(row.term) }
      case .absent, .slot, .constant: break
      }
    }
    for step in graph.steps { for term in step.arguments { try check(term) } }
    try check(graph.output)
  }
}
