import Interface
import NN
import TensorCore
import Torch

/// Putting sparse layers in the place of dense ones.
enum Sparsification {
  /// What decides for or against a layer.
  struct Choice {
    /// How many rows go through a layer at a time.
    var batch = 1
    /// Whether layers become sparse even where that loses.
    var isForced = false
    /// A state whose sparse layers become sparse here, whatever their weights.
    var state: OrderedDict?
  }

  /// A model whose `Linear` layers keep only what is not zero, where that wins, and why others stayed dense.
  /// - Parameter inPlace: changes `model` itself instead of a deep copy. A model that is itself a `Linear` is always replaced.
  static func sparsify(_ model: Module, _ choice: Choice, inPlace: Bool) throws -> (model: Module, notes: OrderedDict) {
    let model = inPlace ? model : try model.deepCopy()
    let notes = OrderedDict()
    let uses = tensorUses(of: model)
    var made: [ObjectIdentifier: SparseLinear] = [:]
    func replacement(_ module: Module, _ path: String) throws -> SparseLinear? {
      if let known = made[ObjectIdentifier(module)] { return known }
      switch try verdict(module, path, choice, uses) {
      case .sparse(let layer):
        made[ObjectIdentifier(module)] = layer
        return layer
      case .dense(let reason): notes[path] = .string("left dense: \(reason)")
      case .other: break
      }
      return nil
    }
    var result = model
    for (path, parent) in model.namedModules() {
      if parent === model, let layer = try replacement(model, path) {
        result = layer
        break
      }
      for case (let name, let child?) in parent.modules {
        if let layer = try replacement(child, path.isEmpty ? name : "\(path).\(name)") { parent.modules[name] = layer }
      }
    }
    if let state = choice.state { try result.loadStateDict(state) }
    return (result, notes)
  }

  private enum Verdict {
    case sparse(SparseLinear)
    case dense(String)
    /// Nothing that could have been sparse.
    case other
  }

  private static func verdict(_ module: Module, _ path: String, _ choice: Choice, _ uses: [ObjectIdentifier: Int]) throws -> Verdict {
    guard module.kind == ObjectIdentifier(Linear.self) else {
      return module.isMasked("weight") ? .dense("only Linear layers have a sparse form; compact takes whole channels out of others") : .other
    }
    let weight = try module.settled("weight"), bias = try module.settled("bias")
    guard let weight, weight.dim == 2 else { return .dense("it has no weight of its own") }
    if weight.dtype != .float32 || bias.map({ $0.dtype != .float32 }) ?? false {
      return .dense("its dtype is torch.\(weight.dtype.name), and sparse layers are torch.float32")
    }
    if let state = choice.state {
      let prefix = path.isEmpty ? "" : path + "."
      return state[prefix + "offsets"] == nil ? .other : .sparse(try layer(module, SparseMatrix(.zeros(weight.sizes)), bias))
    }
    if !choice.isForced, let own = module.parameters["weight"] ?? nil, uses[ObjectIdentifier(own.storage), default: 1] > 1 {
      return .dense("its weight is shared with another layer")
    }
    let matrix = try SparseMatrix(weight)
    if !choice.isForced, let reason = SparseCrossover.reason(against: matrix, batch: choice.batch) { return .dense(reason) }
    return .sparse(try layer(module, matrix, bias))
  }

  private static func layer(_ module: Module, _ matrix: SparseMatrix, _ bias: Tensor?) throws -> SparseLinear {
    let layer = SparseLinear(matrix, bias: bias)
    try module.takeSurroundings(to: layer) { $0.owner is PruningMethod }
    return layer
  }

  /// In how many places of how many layers each storage is a parameter.
  private static func tensorUses(of model: Module) -> [ObjectIdentifier: Int] {
    var uses: [ObjectIdentifier: Int] = [:]
    for module in model.allModules {
      for case let tensor? in module.parameters.values { uses[ObjectIdentifier(tensor.storage), default: 0] += 1 }
    }
    return uses
  }
}

extension Module {
  /// Whether a tensor is pruned: its elements and its mask are there.
  func isMasked(_ name: String) -> Bool { parameters[name + "_orig"] ?? nil != nil && buffers[name + "_mask"] ?? nil != nil }

  /// A tensor with its mask applied, as a parameter; the parameter itself where it has no mask.
  func settled(_ name: String) throws -> Tensor? {
    guard isMasked(name), let whole = parameters[name + "_orig"] ?? nil, let mask = buffers[name + "_mask"] ?? nil else {
      return parameters[name] ?? nil
    }
    return try GradMode.with(false) { try .parameter(whole.mul(mask), requiresGrad: whole.requiresGrad) }
  }
}

/// Sparse layers.
public let sparseLayers = LayerFamily("torch.nn.utils.prune") { layers in
  layers.define(
    "SparseLinear(int in_features, int out_features, bool bias=True)",
    doc: """
      A linear layer that keeps only the weights that are not zero: what sparsify makes of Linear. Made by itself it holds none, and a \
      state_dict can be loaded into it. Its weight does not learn; gradients go to the input and the bias.
      """,
    saved: SparseLinear.savedForm
  ) { (inputs: Int, outputs: Int, bias: Bool) in try SparseLinear(inputs, outputs, bias: bias) }
}

/// Making pruned models sparse.
public let sparsification = OperationFamily("torch.nn.utils.prune") { ops in
  ops.define(
    "sparsify(Module model, *, int batch=1, bool force=False, bool inplace=False, Dict? state_dict=None) -> (Module, Dict)",
    doc: """
      A copy of the model whose Linear layers keep only the weights that are not zero, masks applied, and compute with those alone: \
      smaller in memory and in files, and faster. Layers for which that would not be faster with `batch` rows at a time, or not \
      smaller, stay dense, unless force=true; the second result says which and why. With state_dict, a sparse model's, the layers \
      that are sparse there become sparse, and the state is loaded.
      """
  ) { (model: Module, batch: Int, force: Bool, inPlace: Bool, state: Value) -> Value in
    if batch < 1 { throw TorchError.value("sparsify: batch must be at least 1, got \(batch)") }
    var choice = Sparsification.Choice(batch: batch, isForced: force)
    switch state {
    case .none: break
    case .object(let object as OrderedDict): choice.state = object
    default: throw TorchError.type("Expected state_dict to be dict-like, got <class '\(state.pythonTypeName)'>.")
    }
    let (result, notes) = try Sparsification.sparsify(model, choice, inPlace: inPlace)
    return .tuple([.object(result), .object(notes)])
  }
}

/// Methods that only sparse layers have.
public let sparseLinearMethods = OperationFamily("torch.nn.Module.SparseLinear") { ops in
  ops.define("to_dense(SparseLinear self) -> Linear", doc: "The layer with a dense weight, which learns.", variants: [.method]) {
    (layer: SparseLinear) -> Module in try layer.toDense()
  }
}
