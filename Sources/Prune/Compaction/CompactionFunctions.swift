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
