import Interface
import NN
import OrderedCollections
import Torch

/// The modules below a traced module as values that a checkpoint holds. Those that a layer stands for are made of it again.
enum ModuleRecord {
  static func value(of module: TracedModule) -> Value {
    var rows: [(String, Value)] = [
      ("name", .string(module.originalName)), ("class", .string(module.originalModule)), ("function", .boolean(module.isFunction)),
      ("training", .boolean(module.training)),
    ]
    if module.layer != nil {
      rows.append(("layer", .string(module.path)))
    } else {
      func dictionary<T>(_ all: OrderedDictionary<String, T>, _ value: (T) -> Value) -> Value { .list(all.map { .list([.string($0.key), value($0.value)]) }) }
      rows += [
        ("parameters", dictionary(module.parameters) { $0.map { .object($0) } ?? .none }),
        ("buffers", dictionary(module.buffers) { $0.map { .object($0) } ?? .none }),
        ("transient", .list(module.nonPersistentBuffers.sorted().map { .string($0) })), ("attributes", dictionary(module.attributes) { $0 }),
        ("modules", dictionary(module.modules) { ($0 as? TracedModule).map(value) ?? .none }),
      ]
    }
    return .dictionary(rows.map { (.string($0.0), $0.1) })
  }

  /// - Throws: a sentence where it is none.
  static func module(of value: Value, _ layers: [GraphLayer]) throws -> TracedModule {
    let wrong = ArchiveError(cause: "a module in it is malformed")
    guard case .object(let record as OrderedDict) = value, case .string(let name)? = record["name"], case .string(let type)? = record["class"],
      case .boolean(let isFunction)? = record["function"], case .boolean(let training)? = record["training"]
    else { throw wrong }
    if case .string(let path)? = record["layer"] {
      guard let layer = layers.first(where: { $0.path == path }) else { throw ArchiveError(cause: "the layer '\(path)' is missing") }
      let module = TracedModule(of: layer.module)
      module.training = training
      return module
    }
    func rows(_ name: String) throws -> [(String, Value)] {
      guard case .list(let items)? = record[name] else { throw wrong }
      return try items.map { item in
        guard case .list(let pair) = item, pair.count == 2, case .string(let key) = pair[0] else { throw wrong }
        return (key, pair[1])
      }
    }
    func tensor(_ value: Value) throws -> Tensor? {
      switch value {
      case .none: return nil
      case .object(let tensor as Tensor): return tensor
      default: throw wrong
      }
    }
    var state = ModuleState()
    state.training = training
    for (name, value) in try rows("parameters") { state.parameters.updateValue(try tensor(value), forKey: name) }
    for (name, value) in try rows("buffers") { state.buffers.updateValue(try tensor(value), forKey: name) }
    for (name, value) in try rows("attributes") { state.attributes[name] = try tensor(value).map { .object($0) } }
    guard case .list(let transient)? = record["transient"] else { throw wrong }
    for case .string(let name) in transient { state.nonPersistentBuffers.insert(name) }
    for (name, value) in try rows("modules") { state.modules[name] = try module(of: value, layers) }
    return try TracedModule(named: name, of: type, isFunction: isFunction, state: state)
  }
}
