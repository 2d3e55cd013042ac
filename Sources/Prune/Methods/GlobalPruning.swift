import Interface
import NN
import TensorCore
import Torch

extension Pruning {
  /// One tensor of those that are pruned together.
  struct Target {
    let module: Module
    let name: String
    let tensor: Tensor

    /// A pair of a module and a name.
    init(_ value: Value) throws {
      guard case .list(let pair) = value else { throw TorchError.type("cannot unpack non-iterable \(value.pythonTypeName) object") }
      if pair.count != 2 { throw TorchError.value(pair.count > 2 ? "too many values to unpack (expected 2)" : "not enough values to unpack (expected 2, got \(pair.count))") }
      guard case .string(let name) = pair[1] else { throw TorchError.type("attribute name must be string, not '\(pair[1].pythonTypeName)'") }
      guard case .object(let module as Module) = pair[0] else { throw TorchError.attribute("'\(pair[0].pythonTypeName)' object has no attribute '\(name)'") }
      guard case .object(let tensor as Tensor)? = try module.attribute(name) else {
        throw TorchError.attribute("'\(module.typeName)' object has no attribute '\(name)'")
      }
      (self.module, self.name, self.tensor) = (module, name, tensor)
    }

    /// The mask so far.
    func mask() throws -> Tensor {
      if case .object(let mask as Tensor)? = try module.attribute(name + "_mask") { return mask }
      return try .ones(tensor.sizes, dtype: tensor.dtype)
    }

    /// The scores a dictionary has for it: under `{module, name}`, or under the module and then the name.
    func scores(in rows: [(Value, Value)]) -> Value? {
      for (key, value) in rows {
        if case .list(let pair) = key, pair.count == 2, case .object(let object) = pair[0], object === module, case .string(name) = pair[1] { return value }
        if case .object(let object) = key, object === module, case .dictionary(let inner) = value {
          for (key, value) in inner { if case .string(name) = key { return value } }
        }
      }
      return nil
    }
  }

  /// Prunes several tensors as if they were one. Mirrors `torch.nn.utils.prune.global_unstructured`.
  /// - Throws: PyTorch's sentences for what cannot be pruned together; no tensor is pruned then.
  static func global(_ targets: [Target], _ type: PruningMethodType, _ scores: [(Value, Value)], _ options: [(name: String, value: Value)]) throws {
    let masks = try GradMode.with(false) {
      func vector(_ parts: [Tensor]) throws -> Tensor { try Tensor.cat(parts.map { try $0.view([-1]) }, 0) }
      let importance = try targets.map { target -> Tensor in
        switch target.scores(in: scores) {
        case .object(let given as Tensor)?: return given
        case let other?: throw TorchError.attribute("'\(other.pythonTypeName)' object has no attribute 'view'")
        case nil: return target.tensor
        }
      }
      if targets.isEmpty { throw TorchError.runtime("torch.cat(): expected a non-empty list of Tensors") }
      let (all, before) = (try vector(importance), try vector(targets.map { try $0.mask() }))
      let method = try type.make(CallArguments(keywords: options))
      method.tensorName = "temp"
      guard method.pruningType == "unstructured" else {
        throw TorchError.type("Only \"unstructured\" PRUNING_TYPE supported for the `pruning_method`. Found method \(type) of type \(method.pruningType ?? "None")")
      }
      let mask = try PruningContainer.mask(by: method, all, before)
      var start = 0
      return try targets.map { target in
        defer { start += target.tensor.count }
        return try mask.narrow(0, start, target.tensor.count).view(Array(target.tensor.sizes))
      }
    }
    for (target, mask) in zip(targets, masks) { try customFromMask(target.module, target.name, mask) }
  }
}

/// Pruning across tensors.
public let globalPruning = OperationFamily("torch.nn.utils.prune") { ops in
  ops.define(
    "global_unstructured(any parameters, any pruning_method=None, Dict? importance_scores=None, Dict? kwargs=None) -> ()",
    doc: """
      Prunes the tensors that a list of pairs {module, name} names as if they were one, by a class of methods whose options are \
      further keywords: {pruning_method = prune.L1Unstructured, amount = 0.2}. Mirrors torch.nn.utils.prune.global_unstructured.
      """, variants: [.function]
  ) { (parameters: Value, method: Value, scores: Value, options: Value) -> Nothing in
    var given = [parameters, method, scores, options]
    while case .none? = given.last { given.removeLast() }
    var call = CallArguments(gathering: given)
    for (i, name) in ["parameters", "pruning_method", "importance_scores"].enumerated() {
      let value = call.take(name)
      if let value, call.positional.count > i { throw TorchError.type("global_unstructured() got multiple values for argument '\(name)', \(value.pythonText)") }
      if call.positional.count <= i { call.positional.append(value ?? .none) }
    }
    guard case .list(let pairs) = call.positional[0] else { throw TorchError.type("global_unstructured(): parameters is not an Iterable") }
    var rows: [(Value, Value)] = []
    switch call.positional[2] {
    case .none: break
    case .dictionary(let given): rows = given
    case .list(let items) where items.isEmpty: break
    default: throw TorchError.type("global_unstructured(): importance_scores must be of type dict")
    }
    guard case .object(let type as PruningMethodType) = call.positional[1] else {
      if case .none = call.positional[1] { throw TorchError.type("global_unstructured() missing 1 required positional argument: 'pruning_method'") }
      throw TorchError.type("'\(call.positional[1].pythonTypeName)' object is not callable")
    }
    try Pruning.global(pairs.map { try Pruning.Target($0) }, type, rows, call.keywords)
    return Nothing()
  }
}
