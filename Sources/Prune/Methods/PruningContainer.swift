import Interface
import NN
import OrderedCollections
import TensorCore
import Torch

/// Several methods that prune one tensor one after the other. Mirrors `torch.nn.utils.prune.PruningContainer`.
public final class PruningContainer: PruningMethod {
  /// The methods in the order in which they were applied.
  public private(set) var methods: [PruningMethod] = []

  public required init() { super.init() }

  /// A container that begins with one method and prunes the tensor that the method prunes.
  convenience init(_ method: PruningMethod) throws {
    self.init()
    tensorName = method.tensorName
    try add(method)
  }

  /// Adds a method. Mirrors `PruningContainer.add_pruning_method`.
  /// - Throws: PyTorch's sentence where the method prunes another tensor.
  public func add(_ method: PruningMethod) throws {
    if method.tensorName != tensorName {
      throw TorchError.value(
        "Can only add pruning methods acting on the parameter named '\(tensorName ?? "None")' to PruningContainer \(self). Found '\(method.tensorName ?? "None")'")
    }
    methods.append(method)
  }

  public override func computeMask(_ t: Tensor, _ defaultMask: Tensor) throws -> Tensor {
    guard let last = methods.last else { throw TorchError.index("tuple index out of range") }
    return try PruningContainer.mask(by: last, t, defaultMask)
  }

  public override func savedAttributes() throws -> OrderedDictionary<String, Value> {
    var saved: OrderedDictionary<String, Value> = ["_pruning_methods": .tuple(methods.map { .object($0) })]
    for (name, value) in try super.savedAttributes() { saved[name] = value }
    return saved
  }

  public override func copied(_ memo: DeepCopyMemo) throws -> PruningMethod {
    let copy = PruningContainer()
    try copyState(to: copy, memo)
    copy.methods = try methods.map { try $0.copied(memo) }
    return copy
  }

  /// The mask by one more method on top of `mask`; the method sees what is left of the tensor as its type asks for.
  static func mask(by method: PruningMethod, _ t: Tensor, _ mask: Tensor) throws -> Tensor {
    let places: [IndexItem]
    guard let type = method.pruningType else { throw TorchError.attribute("'\(method.typeName)' object has no attribute 'PRUNING_TYPE'") }
    switch type {
    case "unstructured": places = [.tensor(try mask.eq(.wrapped(.integer(1))))]
    case "structured":
      var dim = try method.dimension()
      if dim < 0 { dim += t.dim }
      if dim < 0 { throw TorchError.index("Index is out of bounds for tensor with dimensions \(t.dim)") }
      let others = (0..<t.dim).filter { $0 != dim }
      if dim >= t.dim { throw TorchError.index("list assignment index out of range") }
      let isLeft = try mask.sum(dims: others.isEmpty ? nil : others).ne(.wrapped(.integer(0)))
      places = PruningContainer.places(t.dim, at: dim, isLeft)
    case "global": places = Array(repeating: .slice(nil, nil, 1), count: t.dim)
    default: throw TorchError.value("Unrecognized PRUNING_TYPE \(type)")
    }
    // A copy in any case: what the mask was made of stays as it is.
    let fresh = try mask.to(t.dtype, copy: true)
    let part = try method.computeMask(t.indexed(places), mask.indexed(places))
    try fresh.assign(places, part.to(fresh.dtype))
    return fresh
  }

  /// All of a tensor but for one dimension, of which only what `index` says.
  static func places(_ count: Int, at dim: Int, _ index: Tensor) -> [IndexItem] {
    (0..<count).map { $0 == dim ? .tensor(index) : .slice(nil, nil, 1) }
  }
}
