import Interface
import NN
import OrderedCollections
import Serialization
import Torch

/// A module, or a function, that a trace has written down: it runs without the code that it was made of. Mirrors what
/// `torch.jit.trace` gives.
///
/// The modules below it are of this class too, whatever they were; they share their tensors with the layers that the graph calls.
public final class TracedModule: Module {
  /// The class's name.
  public let originalName: String
  /// The Python module of the class: `__main__`, `torch.nn.modules.linear`, …
  let originalModule: String
  /// The whole graph; that of the outermost module for those below it.
  private(set) var graph: Graph?
  /// Where it stands below the outermost module.
  private(set) var path = ""
  private weak var outermost: TracedModule?
  /// The layer with this module's tensors, where there is one.
  private(set) var layer: Module?
  private var layerRevision = -1
  /// Whether it was a function that was traced.
  public let isFunction: Bool

  init(originalName: String, originalModule: String, isFunction: Bool = false) {
    self.originalName = originalName
    self.originalModule = originalModule
    self.isFunction = isFunction
    super.init()
    instanceClass = InstanceClass(
      name: isFunction ? "ScriptFunction" : originalName, module: "torch.jit._script",
      savingRefusal: .runtime(
        "ScriptModules cannot be saved using torch.save. Mixed serialization of script and non-script modules is not supported. For purely script modules use my_module:save(<filename>) instead."))
  }

  /// The traced form of a module and of all below it.
  convenience init(of module: Module, graph: Graph) {
    var layers: [String: Module] = [:]
    for layer in graph.layers { if let path = layer.path, layers[path] == nil { layers[path] = layer.module } }
    self.init(of: module, "", layers)
    settle(graph)
  }

  /// A traced function.
  convenience init(function graph: Graph) {
    self.init(originalName: "ScriptFunction", originalModule: "__main__", isFunction: true)
    settle(graph)
  }

  private convenience init(of module: Module, _ path: String, _ layers: [String: Module]) {
    let names = (module as? TracedModule).map { ($0.originalModule, $0.originalName) } ?? module.pythonClass
    self.init(originalName: names.1, originalModule: names.0)
    training = module.training
    let layer = layers[path]
    take(layer ?? module, layer)
    let parts = layer ?? module
    for (name, child) in parts.modules {
      guard let child else { continue }
      let below = path.isEmpty ? name : "\(path).\(name)"
      if layer != nil {
        modules[name] = TracedModule(of: child)
      } else {
        modules[name] = TracedModule(of: child, below, layers)
      }
    }
  }

  /// The traced form of a layer that a graph calls whole.
  convenience init(of layer: Module) {
    self.init(originalName: layer.pythonClass.name, originalModule: layer.pythonClass.module)
    training = layer.training
    take(layer, layer)
    for case (let name, let child?) in layer.modules { modules[name] = TracedModule(of: child) }
  }

  private func take(_ module: Module, _ layer: Module?) {
    parameters = module.parameters
    buffers = module.buffers
    nonPersistentBuffers = module.nonPersistentBuffers
    for (name, value) in module.attributes { if case .object(is Tensor) = value { attributes[name] = value } }
    self.layer = layer
    layerRevision = revision
  }

  /// Is from now on the outermost module of a graph.
  func settle(_ graph: Graph) {
    self.graph = graph
    for (path, module) in namedModules() {
      guard let module = module as? TracedModule else { continue }
      module.path = path
      module.outermost = module === self ? nil : self
    }
  }

  // MARK: Running

  public override var isFollowed: Bool { true }

  /// The schema of `forward`, from which keywords get their positions; nil where inputs may be dictionaries themselves.
  public var inputSchema: Schema? {
    guard let graph = graph ?? outermost?.graph.flatMap({ Methods($0).graph(at: path) }) else { return nil }
    if graph.inputs.contains(where: { if case .dictionary = $0 { true } else { false } }) { return nil }
    return try? Schema(parsing: "forward(\(graph.names.map { "any? \($0)=None" }.joined(separator: ", "))) -> any")
  }

  public override func forward(_ inputs: [Value]) throws -> Value {
    guard let graph else {
      guard let outermost, let whole = outermost.graph, let part = Methods(whole).graph(at: path) else {
        throw TorchError.notImplemented("Module [\(originalName)] was not called when it was traced, so that it has no \"forward\"")
      }
      return try outermost.run(part, inputs)
    }
    return try run(graph, inputs)
  }

  private func run(_ graph: Graph, _ inputs: [Value]) throws -> Value {
    renewLayers()
    return try graph.run(inputs, of: isFunction ? nil : graphName) { try tensor(at: $0) }
  }

  /// Lets layers have the tensors that the modules have got since.
  private func renewLayers() {
    if let layer, revision != layerRevision {
      layer.parameters = parameters
      layer.buffers = buffers
      layerRevision = revision
    }
    for case let child as TracedModule in modules.values { child.renewLayers() }
  }

  private func tensor(at path: String) throws -> Tensor {
    var module: Module = self
    var name = path[...]
    while let dot = name.firstIndex(of: ".") {
      guard let next = module.modules[String(name[..<dot])] ?? nil else { throw TorchError.attribute("the traced module has no '\(path)'") }
      module = next
      name = name[name.index(after: dot)...]
    }
    if let layer = (module as? TracedModule)?.layer { return try layer.tensor(String(name)) }
    return try module.tensor(String(name))
  }

  /// Whether `path` leads to a tensor.
  func hasTensor(at path: String) -> Bool { (try? tensor(at: path)) != nil }

  /// The class as graphs name it: `__torch__.Net`.
  var graphName: String { "__torch__." + (originalModule == "__main__" ? "" : originalModule + ".") + originalName }

  // MARK: What users see

  public override var typeName: String { "RecursiveScriptModule" }
  public override var typeModule: String { "torch.jit._script" }
  public override func extraRepr() -> String { "original_name=\(originalName)" }
  public override var description: String {
    isFunction ? "<torch.jit.ScriptFunction object>" : super.description
  }

  public override func attribute(_ name: String) throws -> Value? {
    switch name {
    case "original_name": return .string(originalName)
    case "graph": return .object(GraphView(self, isInlined: false))
    case "inlined_graph": return .object(GraphView(self, isInlined: true))
    case "code": return .string(try CodeText.text(of: printed(isInlined: false), isFunction: isFunction))
    default: return try super.attribute(name)
    }
  }

  /// The nodes of this module's graph as PyTorch prints them.
  func printed(isInlined: Bool) throws -> PrintedGraph {
    let top = outermost ?? self
    guard let graph = top.graph, let scope = Methods(graph).scope(at: path) else {
      throw TorchError.attribute("'\(originalName)' was not called when it was traced, so that it has no graph")
    }
    return PrintedGraph(of: graph, scope: scope, module: top, isInlined: isInlined)
  }

  public override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let top = try copyParts(memo)
    if let graph { top.settle(try graph.with(layers: graph.layers.map { GraphLayer(path: $0.path, module: try memo.copy($0.module)) })) }
    return top
  }

  private func copyParts(_ memo: DeepCopyMemo) throws -> TracedModule {
    let copy = TracedModule(originalName: originalName, originalModule: originalModule, isFunction: isFunction)
    renewLayers()
    try copyContents(to: copy, memo)
    copy.layer = try layer.map { try memo.copy($0) }
    copy.layerRevision = copy.revision
    return copy
  }

  /// A module of a file.
  convenience init(named name: String, of module: String, isFunction: Bool, state: ModuleState) throws {
    self.init(originalName: name, originalModule: module, isFunction: isFunction)
    try takeState(state)
  }
}

/// A graph as users see it: its text.
public final class GraphView: CustomStringConvertible {
  private let module: TracedModule
  private let isInlined: Bool

  init(_ module: TracedModule, isInlined: Bool) {
    self.module = module
    self.isInlined = isInlined
  }

  /// PyTorch's text of it.
  public var description: String {
    do { return try GraphText.text(of: module.printed(isInlined: isInlined)) } catch { return "\(error)" }
  }
}
