import Interface
import NN
import TensorCore
import Torch

/// What the program says of itself while it is traced.
public struct Surroundings {
  /// Where the program stands: `file.lua:12`.
  public let place: () -> String
  /// The named values of the function that runs, which may serve as names in the graph.
  public let names: () -> [(name: String, object: AnyObject)]

  /// Both as functions of the language's binding.
  public init(place: @escaping () -> String, names: @escaping () -> [(name: String, object: AnyObject)]) {
    self.place = place
    self.names = names
  }
}

/// Writes down what a run does: each operation that the program calls, each layer of this library as one step, from the inputs on.
///
/// Tensors are known by identity: what an operation gives is a new value, also where it is the tensor that it was given.
public final class Tracer: OperationWatcher, ModuleWatcher {
  private let surroundings: Surroundings
  private let root: Module?
  private var steps: [Step] = []
  private var types: [String] = []
  private var slotNames: [Int: String] = [:]
  private var slotOf: [ObjectIdentifier: Int] = [:]
  /// All that was met, so that no identity is used twice.
  private var retained: [AnyObject] = []
  private var scopes: [Scope] = [Scope(parent: nil, path: "")]
  private var scope = 0
  private var paths: ModulePaths
  private var layers: [GraphLayer] = []
  private var layerOf: [LayerKey: Int] = [:]
  /// What is being called whole; nothing inside it is written down.
  private var whole: String?
  private var hasEntered = false
  /// The sizes that the program has read: slots and dimensions.
  private var readSizes: Set<[Int]> = []

  private struct LayerKey: Hashable {
    let module: ObjectIdentifier
    let modes: [Bool]
  }

  private init(_ root: Module?, _ surroundings: Surroundings) {
    self.root = root
    self.surroundings = surroundings
    paths = ModulePaths(root)
  }

  /// Whether something is being traced.
  public static var isTracing: Bool { OperationWatch.current is Tracer }

  /// The graph of one run.
  /// - Parameters:
  ///   - root: the module that `body` calls; nil for a function.
  ///   - inputs: what `body` gets; tensors in lists, tuples and dictionaries.
  ///   - names: the inputs' names.
  ///   - strict: whether a dictionary may not be given back.
  /// - Throws: what the run throws, and PyTorch's sentences for what cannot be traced.
  public static func trace(
    _ root: Module?, inputs: [Value], names: [String], strict: Bool, surroundings: Surroundings, _ body: ([Value]) throws -> Value
  ) throws -> Graph {
    let tracer = Tracer(root, surroundings)
    let terms = try inputs.map { try tracer.input($0) }
    let before = (OperationWatch.current, ModuleWatch.current)
    (OperationWatch.current, ModuleWatch.current) = (tracer, tracer)
    let result: Value
    do {
      defer { (OperationWatch.current, ModuleWatch.current) = before }
      result = try body(inputs)
    }
    let output = try tracer.output(result, strict: strict)
    return Graph(
      inputs: terms, names: names, steps: tracer.steps, output: output, scopes: tracer.scopes, layers: tracer.layers,
      slotCount: tracer.types.count, types: tracer.types, slotNames: tracer.slotNames)
  }

  // MARK: Values

  private func slot(for object: AnyObject) -> Term {
    types.append((object as? Tensor)?.graphType ?? "\(type(of: object))")
    slotOf[ObjectIdentifier(object)] = types.count - 1
    retained.append(object)
    return .slot(types.count - 1)
  }

  private func input(_ value: Value) throws -> Term {
    switch value {
    case .object(let tensor as Tensor): return slot(for: tensor)
    case .list(let items), .tuple(let items): return .tuple(try items.map(input))
    case .dictionary(let rows): return .dictionary(try rows.map { ($0.0, try input($0.1)) })
    default:
      throw TorchError.runtime(
        "Type '\(value.pythonTypeName)' cannot be traced. Only Tensors and (possibly nested) Lists, Dicts, and Tuples of Tensors can be traced")
    }
  }

  private func output(_ value: Value, strict: Bool) throws -> Term {
    switch value {
    case .object(is Tensor): return try term(value, for: "the result")
    case .list(let items), .tuple(let items): return .tuple(try items.map { try output($0, strict: strict) })
    case .dictionary(let rows):
      if strict {
        throw TorchError.runtime(
          "Encountering a dict at the output of the tracer might cause the trace to be incorrect, this is only valid if the container structure does not change based on the module's inputs. Consider using a constant container instead (e.g. for `list`, use a `tuple` instead. for `dict`, use a `NamedTuple` instead). If you absolutely need this and know the side effects, pass strict=False to trace() to allow this behavior.")
      }
      return .dictionary(try rows.map { ($0.0, try output($0.1, strict: strict)) })
    default:
      throw TorchError.runtime(
        "Only tensors, lists, tuples of tensors, or dictionary of tensors can be output from traced functions")
    }
  }

  /// What stands for a value that the program hands over.
  private func term(_ value: Value, for user: @autoclosure () -> String) throws -> Term {
    switch value {
    case .object(let object):
      if let slot = slotOf[ObjectIdentifier(object)] { return .slot(slot) }
      if let path = paths.attribute(object, near: scopes[scope].path) { return .attribute(path) }
      switch object {
      case let tensor as Tensor:
        if tensor.requiresGrad {
          throw TorchError.runtime(
            "Cannot insert a Tensor that requires grad as a constant. Consider making it a parameter or input, or detaching the gradient\nTensor:\n\(tensor.text)")
        }
        retained.append(tensor)
        return .constant(value)
      case is DTypeObject: return .constant(value)
      default: throw TorchError.runtime("torch.jit.trace: \(user()) got a \(value.pythonTypeName), which no graph can hold")
      }
    case .list(let items): return try Tracer.folded(items.map { try term($0, for: user()) }, { .list($0) }, { .list($0) })
    case .tuple(let items): return try Tracer.folded(items.map { try term($0, for: user()) }, { .tuple($0) }, { .tuple($0) })
    case .dictionary(let rows): return .dictionary(try rows.map { ($0.0, try term($0.1, for: user())) })
    case .foreign: throw TorchError.runtime("torch.jit.trace: \(user()) got a function, which no graph can hold")
    case .none, .boolean, .integer, .number, .string: return .constant(value)
    }
  }

  /// A list of what never changes never changes.
  private static func folded(_ terms: [Term], _ whole: ([Value]) -> Value, _ parts: ([Term]) -> Term) -> Term {
    let values = terms.compactMap(\.value)
    return values.count == terms.count && !values.contains { if case .object(is Tensor) = $0 { true } else { false } } ? .constant(whole(values)) : parts(terms)
  }

  /// Where the parts of a result go.
  private func result(_ value: Value) -> Term {
    switch value {
    case .object(let object) where object is Tensor || object is GraphObject: return slot(for: object)
    case .list(let items): return .list(items.map(result))
    case .tuple(let items): return .tuple(items.map(result))
    case .dictionary(let rows): return .dictionary(rows.map { ($0.0, result($0.1)) })
    default: return .constant(.none)
    }
  }

  // MARK: Operations

  public func call(_ operation: Operation, _ frame: CallFrame) throws -> Int {
    let schema = operation.schema
    guard whole == nil, let entry = GraphOperation.of(operation) else {
      if whole == nil {
        TracerWarning.tell(of: operation, at: surroundings.place)
        noteSizes(operation.name, frame)
      }
      return try operation.run(frame)
    }
    var values = try (0..<schema.parameters.count).map { frame.kind($0) == .absent ? nil : try frame.value($0) }
    // Slices as numbers, so that sizes among them are found.
    if operation.name == "__getitem__" || operation.name == "__setitem__" { values[1] = values[1]?.withSlicesSpelt }
    // What calls functions of the language is followed into them.
    if values.contains(where: { $0?.holdsFunction ?? false }) { return try operation.run(frame) }
    let arguments = try values.map { value in try value.map { try term($0, for: "torch.\(operation.name)") } ?? .absent }
    let given = values.flatMap { $0?.tensors ?? [] }
    let watch = ChangeWatch(given)
    let watched = WatchedFrame(frame)
    let count = try wholly(operation.name) { try operation.run(watched) }
    let outcome = watched.result ?? .none
    let changed = watch.hasChanged
    if !changed && !outcome.holdsGraphObject {
      TracerWarning.tell(of: operation, at: surroundings.place)
      return count
    }
    TracerWarning.tellOfConstants(operation, at: surroundings.place)
    add(.operation(entry), arguments, outcome, watch)
    return count
  }

  /// Keeps in mind that the program reads sizes of a tensor.
  private func noteSizes(_ name: String, _ frame: CallFrame) {
    guard ["size", "shape", "numel", "nelement", "stride"].contains(name), let tensor = frame.object(0) as? Tensor else { return }
    if name == "size", let dim = frame.integer(1) {
      noteSize(of: tensor, dim < 0 ? dim + tensor.dim : dim)
    } else {
      for dim in 0..<tensor.dim { noteSize(of: tensor, dim) }
    }
  }

  private func noteSize(of tensor: Tensor, _ dim: Int) {
    guard let slot = slotOf[ObjectIdentifier(tensor)], tensor.sizes.indices.contains(dim), readSizes.insert([slot, dim]).inserted else { return }
    steps.append(
      Step(
        action: .size(dim: dim, expected: tensor.sizes[dim]), arguments: [.slot(slot)], result: .constant(.none), place: surroundings.place(), scope: scope))
  }

  /// Keeps in mind that the program reads the length of a tensor, and warns of it as PyTorch does.
  public static func noteLength(of tensor: Tensor) {
    guard let tracer = OperationWatch.current as? Tracer, tracer.whole == nil else { return }
    tracer.noteSize(of: tensor, 0)
    TracerWarning.tell(
      "Using len to get tensor shape might cause the trace to be incorrect. Recommended usage would be tensor.shape[0]. Passing a tensor of different shape might lead to errors or silently give incorrect results.",
      at: tracer.surroundings.place)
  }

  /// Names values as the program's variables that hold them now.
  private func takeNames() {
    for (name, object) in surroundings.names() {
      if let slot = slotOf[ObjectIdentifier(object)], slotNames[slot] == nil { slotNames[slot] = name }
    }
  }

  private func wholly<R>(_ name: String, _ body: () throws -> R) rethrows -> R {
    let before = whole
    whole = name
    defer { whole = before }
    return try body()
  }

  private func add(_ action: Step.Action, _ arguments: [Term], _ outcome: Value, _ watch: ChangeWatch) {
    takeNames()
    steps.append(
      Step(
        action: action, arguments: arguments, result: result(outcome), place: surroundings.place(), scope: scope, changes: watch.hasChanged,
        isRandom: watch.hasDrawn))
  }

  // MARK: Modules

  public func run(_ module: Module, _ inputs: [Value]) throws -> Value {
    if let whole {
      if module.isFollowed && !(module is Sequential || module is TracedModule) {
        throw TorchError.notImplemented(
          "torch.jit.trace: '\(whole)' calls '\(module.typeName)', a module written in Lua, from within; write out what \(whole) does, or trace the parts")
      }
      return try module.forward(inputs)
    }
    takeNames()
    let path = paths.path(of: module)
    let isRoot = !hasEntered && (module === root || module === root?.nativeForm)
    hasEntered = true
    let before = scope
    if let path, !isRoot, path != scopes[scope].path {
      scopes.append(Scope(parent: scope, path: path))
      scope = scopes.count - 1
    }
    defer { scope = before }
    if module.isFollowed { return try module.forward(inputs) }
    let layer = try layer(module.nativeForm, path)
    let arguments = try inputs.map { try term($0, for: module.typeName) }
    let watch = ChangeWatch(inputs.flatMap(\.tensors))
    let outcome = try wholly(module.typeName) { try module.forward(inputs) }
    add(.layer(layer), arguments, outcome, watch)
    return outcome
  }

  /// The place of a layer among the graph's, with a copy of it that shares its tensors and keeps its mode.
  private func layer(_ module: Module, _ path: String?) throws -> Int {
    let key = LayerKey(module: ObjectIdentifier(module), modes: module.allModules.map(\.training))
    if let known = layerOf[key] { return known }
    if path == nil, module.namedParameters().contains(where: \.tensor.requiresGrad) {
      throw TorchError.runtime(
        "Cannot insert a Tensor that requires grad as a constant. Consider making it a parameter or input, or detaching the gradient\nLayer:\n\(module.description)")
    }
    retained.append(module)
    layers.append(GraphLayer(path: path, module: try module.twin()))
    layerOf[key] = layers.count - 1
    return layers.count - 1
  }
}

extension Value {
  /// An index expression with `1:3` as the tuple (1, 3, 1).
  fileprivate var withSlicesSpelt: Value {
    switch self {
    case .list(let items): .list(items.map { if case .list = $0 { $0 } else { $0.sliceSpelt } })
    case .string: .list([sliceSpelt])
    default: self
    }
  }

  private var sliceSpelt: Value {
    guard case .string(let text) = self, case .slice(let start, let end, let step)? = try? IndexItem(parsing: text) else { return self }
    return .tuple([start.map { .integer($0) } ?? .none, end.map { .integer($0) } ?? .none, .integer(step)])
  }
}

extension Module {
  /// A layer of the same class over the same tensors, with no hooks but those that make its weights.
  func twin() throws -> Module {
    let twin = try copyForDeepCopy(DeepCopyMemo(sharesTensors: true))
    for module in twin.allModules {
      module.forwardPreHooks = module.forwardPreHooks.filter { $0.value.owner is any AttributeKeeper }
      module.forwardHooks = [:]
      module.backwardHooks = [:]
      module.backwardPreHooks = [:]
    }
    return twin
  }
}
