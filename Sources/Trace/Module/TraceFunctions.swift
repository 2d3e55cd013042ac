import Interface
import NN
import Torch

/// What `torch.jit` is made of.
public let traceFunctions = OperationFamily("torch._jit") { ops in
  let only: Variants = [.function]
  ops.define("is_tracing() -> bool", doc: "Whether a module or function is being traced. Mirrors torch.jit.is_tracing.", variants: only) { () -> Bool in Tracer.isTracing }
  ops.define("save(Module m, str f) -> ()", doc: "Writes a traced module to a file. Mirrors torch.jit.save.", variants: only) { (m: Module, path: String) -> Nothing in
    guard let traced = m as? TracedModule else {
      throw TorchError.type("torch.jit.save expects what torch.jit.trace gave, not a '\(m.className)'")
    }
    try TraceArchive.save(traced, to: path)
    return Nothing()
  }
  ops.define("load(str f) -> Module", doc: "Reads a traced module from a file. Mirrors torch.jit.load.", variants: only) { (path: String) -> Module in try TraceArchive.load(path) }
  ops.define("random_nodes(Module m) -> str[]", doc: "The nodes of a traced module's graph that draw random numbers.", variants: only) { (m: Module) -> [String] in
    guard let traced = m as? TracedModule else { return [] }
    return try GraphText.randomNodes(of: traced.printed(isInlined: true))
  }
  ops.define("input_names(Module m) -> str[]", doc: "The names of what a layer of this library takes.", variants: only) { (m: Module) -> [String] in
    (try? Schema(parsing: m.nativeForm.callSchema))?.parameters.map(\.name) ?? []
  }
  ops.define("outline(Module m) -> str", doc: "A traced module's graph without shapes, for comparison.", variants: only) { (m: Module) -> String in
    guard let traced = m as? TracedModule else { return "" }
    return try GraphText.text(of: traced.printed(isInlined: true), isOutline: true)
  }
}

/// Methods of traced modules.
public let tracedMethods = OperationFamily("torch.nn.Module.RecursiveScriptModule") { ops in
  ops.define("save(Module self, str f) -> ()", doc: "Writes the traced module to a file. Mirrors ScriptModule.save.", variants: [.method]) { (m: TracedModule, path: String) -> Nothing in
    try TraceArchive.save(m, to: path)
    return Nothing()
  }
}

extension Tracer {
  /// A traced module, or a traced function.
  /// - Throws: as `trace`.
  public static func traced(
    _ root: Module?, inputs: [Value], names: [String], strict: Bool, surroundings: Surroundings, _ body: @escaping ([Value]) throws -> Value
  ) throws -> TracedModule {
    func run(_ inputs: [Value]) throws -> Graph { try trace(root, inputs: inputs, names: names, strict: strict, surroundings: surroundings, body) }
    let graph = try SizeInference(run(inputs), inputs, run).graph.tidied()
    guard let root else { return TracedModule(function: graph) }
    return TracedModule(of: root, graph: graph)
  }
}
