import Interface
import NN
import Torch

/// Pruned models made small, and what that brought. `torch.nn.utils.prune` of PyTorch has neither.
public let compactionFunctions = OperationFamily("torch.nn.utils.prune") { ops in
  ops.define(
    "compact(Module model, Any example_input) -> (Module, CompactionNotes)",
    doc: "A smaller dense copy of a model without the output channels, neurons and hidden units that are zero, constant or unread, with the same outputs in evaluation mode; and a list of sentences on what was removed and what had to stay. example_input: a tensor, or a table of the inputs of a call."
  ) { (model: Module, example: Value) -> Value in
    let (result, notes) = try Compaction.compact(model, example.modelInputs("compact"))
    return .tuple([.object(result), .object(CompactionNotes(notes))])
  }
  ops.define(
    "report(Module before, Module after, Any example_input) -> ModelReport",
    doc: "Two models side by side as a table: shape, zeros, parameters, bytes and time of each layer with weights, in evaluation mode, and totals with their ratios. Fields: layers (a list of {name, before, after}), total ({before, after}) and ratio (parameters, bytes, ms, speed); before and after have type, shape, zeros, sparsity, parameters, bytes and ms."
  ) { (before: Module, after: Module, example: Value) -> Value in
    .object(try ModelReport(before, after, example.modelInputs("report")))
  }
  ops.define(
    "_layers(Module model) -> Any",
    doc: "What each layer of a model holds: a list of {name, type, shape, zeros, parameters, bytes, weights}, the weights as {name, tensor}; the last is the whole model."
  ) { (model: Module) -> Value in
    let layers = try model.weightLayers(leaves: true).map { (path: $0.path, figures: try LayerFigures($0.module)) }
    let total = try LayerFigures(model, layers.map(\.figures))
    return .list(
      (layers + [("total", total)]).map { path, figures in
        guard case .dictionary(let entries) = figures.value else { return .none }
        let weights = figures.weights.map { Value.list([.string($0.name), .object($0.tensor)]) }
        return .dictionary(entries + [(.string("name"), .string(path)), (.string("weights"), .list(weights))])
      })
  }
}

/// What compaction has to say, sentence by sentence.
public final class CompactionNotes: CustomStringConvertible {
  /// The sentences: what was removed, then what had to stay.
  public let sentences: [String]
  /// Notes of these sentences.
  public init(_ sentences: [String]) { self.sentences = sentences }
  /// A sentence a line.
  public var description: String { sentences.joined(separator: "\n") }
}

extension Value {
  /// The inputs of a model's call: one tensor, or a list of what it takes.
  /// - Throws: a `TypeError` for anything else.
  func modelInputs(_ function: String) throws -> [Value] {
    switch self {
    case .object: return [self]
    case .list(let items), .tuple(let items): return items
    default: throw TorchError.type("\(function)(): argument 'example_input' must be a Tensor or a table of the inputs of a call, not \(pythonTypeName)")
    }
  }
}
