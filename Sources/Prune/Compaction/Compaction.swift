import Interface
import NN
import TensorCore
import Torch

/// Making pruned models small: a model without the channels and neurons that do nothing.
public enum Compaction {
  /// A copy of a model without output channels that are zero, constant or unread, with the same outputs in evaluation mode; and sentences on what was
  /// removed and what had to stay.
  ///
  /// The model is run on the example to learn which layers feed which. What was made is run beside the model on the example and on other
  /// numbers of the same sizes; where they differ, or the model's own code asks for the old sizes, the channels in question stay.
  /// - Throws: what the model throws on the example.
  public static func compact(_ model: Module, _ inputs: [Value]) throws -> (model: Module, notes: [String]) {
    let modes = model.allModules.map(\.training)
    let whole = try model.deepCopy()
    try whole.settleMasks()
    try whole.eval()
    for case let tensor? in whole.allModules.flatMap({ $0.parameters.values }) where tensor.dtype == .float16 || tensor.dtype == .bfloat16 {
      throw TorchError.type("compact works on float32 and float64; this model has parameters of \(tensor.dtype.name)")
    }
    let trace = try traced(whole, inputs)
    let check = try EqualOutputs(whole, inputs)
    var (plan, keeping) = (CompactionPlan(trace), [Int: String]())
    var result = try make(whole, trace, plan)
    if try check.problem(result) != nil {
      // One after the other shows which of them the model's own code does not stand.
      for cluster in plan.clusters {
        let others = Set(plan.clusters.joined()).subtracting(cluster).filter { keeping[$0] == nil }
        var alone = keeping
        for place in others { alone[place] = "" }
        guard let problem = try check.problem(make(whole, trace, CompactionPlan(trace, keeping: alone))) else { continue }
        for place in cluster { keeping[place] = problem }
      }
      plan = CompactionPlan(trace, keeping: keeping)
      result = try make(whole, trace, plan)
      if let problem = try check.problem(result) {
        for place in plan.clusters.joined() { keeping[place] = problem }
        plan = CompactionPlan(trace, keeping: keeping)
        result = try make(whole, trace, plan)
      }
    }
    for (module, mode) in zip(result.allModules, modes) { module.training = mode }
    var notes = trace.layers.compactMap { layer -> String? in
      let lost = (0..<layer.unitCount).count { plan.removed.contains(layer.firstUnit + Int32($0)) }
      return lost == 0 ? nil : "\(layer.name): \(lost) of \(layer.unitCount) \(layer.unitNoun) removed"
    }
    if notes.isEmpty { notes.append("nothing was removed: no layer has output channels that are zero or that nothing reads, and that can go") }
    return (result, notes + plan.notes)
  }

  private static func traced(_ model: Module, _ inputs: [Value]) throws -> ModelTrace {
    let wishes = model.allModules.flatMap { $0.parameters.values.compactMap { $0 } }.filter { $0.dtype.isFloatingPoint }.map { ($0, $0.requiresGrad) }
    for (parameter, _) in wishes { try parameter.setRequiresGrad(true) }
    defer { for (parameter, wish) in wishes { parameter.recordForWriting().requiresGrad = wish } }
    return try ModelTrace(model, inputs)
  }

  private static func make(_ whole: Module, _ trace: ModelTrace, _ plan: CompactionPlan) throws -> Module {
    let copy = try whole.deepCopy()
    let modules = copy.allModules
    try GradMode.with(false) {
      for layer in trace.layers { try LayerSurgery(layer: layer, module: modules[layer.index], removed: plan.removed).run() }
    }
    return copy
  }
}

/// Whether another model gives the outputs of a model: on an example and on other numbers of the same sizes.
private struct EqualOutputs {
  private let trials: [(inputs: [Value], outputs: Value)]

  init(_ model: Module, _ inputs: [Value]) throws {
    let generator = Generator()
    generator.manualSeed(0)
    let others = try inputs.map { try EqualOutputs.redrawn($0, generator) }
    trials = try GradMode.with(false) {
      var trials = [(inputs, try model.call(inputs))]
      // A model may refuse numbers that mean nothing.
      if let outputs = try? model.call(others) { trials.append((others, outputs)) }
      return trials
    }
  }

  /// What is wrong with another model; nil where its outputs are the same.
  func problem(_ model: Module) throws -> String? {
    try GradMode.with(false) {
      for (inputs, outputs) in trials {
        let found: Value
        do { found = try model.call(inputs) } catch { return "without them the model fails: \(EqualOutputs.sentence(error))" }
        if try !EqualOutputs.agree(outputs, found) { return "without them the model gives something else, so its own code must use them" }
      }
      return nil
    }
  }

  private static func sentence(_ error: any Error) -> String {
    let text = (error as? TorchError)?.message ?? "\(error)"
    return String(text.prefix { $0 != "\n" })
  }

  private static func redrawn(_ value: Value, _ generator: Generator) throws -> Value {
    switch value {
    case .object(let tensor as Tensor) where tensor.dtype.isFloatingPoint:
      let drawn = try Tensor(uninitialized: tensor.sizes, dtype: .float64)
      try generator.fillNormal(UnsafeMutableBufferPointer(start: drawn.elements(Double.self), count: drawn.count))
      return .object(try drawn.denseCopy(tensor.dtype))
    case .object(let tensor as Tensor) where tensor.dtype == .int64 && tensor.count > 0:
      let values = (0..<tensor.count).map { tensor.scalar(at: $0).integerValue }
      // Another arrangement of the same numbers: indices stay valid.
      return .object(try Tensor.vector(values.map { _ in values[Int(generator.random() % UInt32(clamping: values.count))] }).reshape(Array(tensor.sizes)))
    case .list(let items): return .list(try items.map { try redrawn($0, generator) })
    case .tuple(let items): return .tuple(try items.map { try redrawn($0, generator) })
    default: return value
    }
  }

  private static func agree(_ a: Value, _ b: Value) throws -> Bool {
    switch (a, b) {
    case (.object(let a as Tensor), .object(let b as Tensor)):
      if a.sizes != b.sizes || a.dtype != b.dtype { return false }
      let (x, y) = (try a.dense(.float64), try b.dense(.float64))
      let (p, q) = (x.elements(Double.self), y.elements(Double.self))
      return withExtendedLifetime((x, y)) {
        let most = (0..<x.count).reduce(1.0) { p[$1].isFinite ? max($0, p[$1].magnitude) : $0 }
        return (0..<x.count).allSatisfy { p[$0] == q[$0] || (p[$0].isNaN && q[$0].isNaN) || (p[$0] - q[$0]).magnitude < 1e-5 * most }
      }
    case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
      return try a.count == b.count && zip(a, b).allSatisfy { try agree($0, $1) }
    case (.dictionary(let a), .dictionary(let b)):
      // Tables give their rows in no certain order.
      return try a.count == b.count && a.allSatisfy { row in
        guard let key = Key(row.0), let other = b.first(where: { Key($0.0) == key }) else { return false }
        return try agree(row.1, other.1)
      }
    default: return true
    }
  }
}
