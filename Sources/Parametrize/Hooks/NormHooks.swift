import Interface
import NN
import OrderedCollections
import Serialization
import Torch

/// The owner of a hook that computes a module's weight from other tensors before each call: how PyTorch did it before there were
/// parametrizations.
class NormHook: AttributeKeeper, PickleRepresentable, CustomStringConvertible {
  /// The name of the tensor that it computes.
  let name: String

  init(_ name: String) { self.name = name }

  /// The class and its Python module.
  var pythonClass: PickleGlobal { PickleGlobal("", "") }
  /// What a file keeps of it.
  var saved: OrderedDictionary<String, Value> { ["name": .string(name)] }
  /// The tensor.
  func weight(_ module: Module, iterating: Bool) throws -> Tensor { throw TorchError.notImplemented("") }
  /// Takes what it has put into a module out again, and gives the weight as it is then.
  func undo(_ module: Module) throws {}
  /// Another of the same kind.
  func copied() -> NormHook { self }

  final var keptAttributes: [String] { [name] }
  final func keep(_ module: Module) throws { module.attributes[name] = .object(try weight(module, iterating: false)) }
  final var hook: ForwardPreHook {
    ForwardPreHook(owner: self) { module, _ in
      module.attributes[self.name] = .object(try self.weight(module, iterating: module.training))
      return nil
    }
  }
  func settle(in module: Module) throws {}
  final func hookForCopy(_ memo: DeepCopyMemo) throws -> ForwardPreHook { copied().hook }

  /// The object that PyTorch saves.
  final func pickled(by pickler: inout TensorPickler) throws -> PickleValue {
    let state = PickleDictionary()
    for (name, value) in saved { state[name] = try pickler.pickle(value) }
    let object = PickleObject(pythonClass, [], form: .new)
    object.state = .dictionary(state)
    return .object(object)
  }

  final var description: String {
    "<\(pythonClass) object at 0x\(String(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()), radix: 16))>"
  }

  /// The hook of this class that computes a module's tensor.
  static func find(_ module: Module, _ name: String) -> (id: Int, hook: NormHook)? {
    for (id, hook) in module.forwardPreHooks {
      if let owner = hook.owner as? NormHook, type(of: owner) == self, owner.name == name { return (id, owner) }
    }
    return nil
  }

  /// Lets a module's tensor be an ordinary parameter again.
  /// - Throws: PyTorch's sentence where the tensor is not computed so.
  static func remove(_ module: Module, _ name: String, called function: String) throws -> Module {
    guard let (id, hook) = find(module, name) else { throw TorchError.value("\(function) of '\(name)' not found in \(module.description)") }
    try hook.undo(module)
    module.removeHook(id)
    return module
  }

  /// The parameter under a name.
  static func parameter(_ module: Module, _ name: String) throws -> Tensor? {
    guard let known = module.parameters[name] else { throw TorchError(.keyError, "'\(name)'") }
    return known
  }
}

/// A weight as magnitudes (`NAME_g`) times directions (`NAME_v`). Mirrors `torch.nn.utils.weight_norm.WeightNorm`.
final class WeightNormHook: NormHook {
  private let dimension: Int

  init(_ name: String, _ dimension: Int) {
    self.dimension = dimension
    super.init(name)
  }

  override var pythonClass: PickleGlobal { PickleGlobal("torch.nn.utils.weight_norm", "WeightNorm") }
  override var saved: OrderedDictionary<String, Value> { ["name": .string(name), "dim": .integer(dimension)] }
  override func weight(_ module: Module, iterating: Bool) throws -> Tensor {
    try module.tensor(name + "_v").weightNorm(module.tensor(name + "_g"), dimension, keepsZeros: true)
  }

  override func undo(_ module: Module) throws {
    let weight = try weight(module, iterating: false).detached()
    module.attributes[name] = nil
    for suffix in ["_g", "_v"] { module.parameters[name + suffix] = nil }
    try module.setAttribute(name, .object(Tensor.parameter(weight)))
  }

  /// Puts the hook on a module.
  /// - Throws: PyTorch's sentences where it is there already, and where there is no such parameter.
  static func apply(_ module: Module, _ name: String, _ dimension: Int) throws {
    if find(module, name) != nil { throw TorchError.runtime("Cannot register two weight_norm hooks on the same parameter \(name)") }
    guard let found = try module.attribute(name) else { throw TorchError.attribute("'\(module.className)' object has no attribute '\(name)'") }
    guard let weight = Tensor.element(from: found) else {
      throw TorchError.type("norm_except_dim(): argument 'v' (position 1) must be Tensor, not \(found.typeName)")
    }
    if weight.isUninitialized {
      throw TorchError.value(
        "The module passed to `WeightNorm` can't have uninitialized parameters. Make sure to run the dummy forward before applying weight normalization")
    }
    _ = try parameter(module, name)
    let hook = WeightNormHook(name, dimension)
    let magnitudes = try GradMode.with(false) { try weight.normExcept(2, dimension) }
    module.parameters.removeValue(forKey: name)
    try module.registerParameter(name + "_g", .parameter(magnitudes))
    try module.registerParameter(name + "_v", .parameter(weight.detached()))
    try module.setAttribute(name, .object(hook.weight(module, iterating: false)))
    module.registerForwardPreHook(hook.hook)
  }
}

/// A weight divided by its largest singular value. Mirrors `torch.nn.utils.spectral_norm.SpectralNorm`.
final class SpectralNormHook: NormHook {
  private let (iterations, dimension): (Int, Int)
  private let epsilon: Double

  /// - Throws: PyTorch's sentence for numbers of iterations below one.
  init(_ name: String, iterations: Int, dimension: Int, epsilon: Double) throws {
    if iterations <= 0 { throw TorchError.value("Expected n_power_iterations to be positive, but got n_power_iterations=\(iterations)") }
    (self.iterations, self.dimension, self.epsilon) = (iterations, dimension, epsilon)
    super.init(name)
  }

  override var pythonClass: PickleGlobal { PickleGlobal("torch.nn.utils.spectral_norm", "SpectralNorm") }
  override var saved: OrderedDictionary<String, Value> {
    ["name": .string(name), "dim": .integer(dimension), "n_power_iterations": .integer(iterations), "eps": .number(epsilon)]
  }

  private func matrix(_ weight: Tensor) throws -> Tensor {
    let turned = dimension == 0 ? weight : try weight.permute([dimension] + (0..<weight.dim).filter { $0 != dimension })
    return try turned.reshape([turned.sizes[0], -1])
  }

  override func weight(_ module: Module, iterating: Bool) throws -> Tensor {
    let weight = try module.tensor(name + "_orig")
    var (u, v) = (try module.tensor(name + "_u"), try module.tensor(name + "_v"))
    let matrix = try matrix(weight)
    if iterating {
      try GradMode.with(false) {
        for _ in 0..<iterations {
          _ = try v.copyElements(from: matrix.transpose(0, 1).mv(u).normalized(2, [0], epsilon: epsilon))
          _ = try u.copyElements(from: matrix.mv(v).normalized(2, [0], epsilon: epsilon))
        }
        // The next iteration changes the vectors in place; what is computed with these must still find them.
        (u, v) = (try u.clone(), try v.clone())
      }
    }
    return try weight.div(u.dot(matrix.mv(v)))
  }

  override func undo(_ module: Module) throws {
    let weight = try GradMode.with(false) { try self.weight(module, iterating: false) }
    module.attributes[name] = nil
    for suffix in ["_u", "_v", "_orig"] { try module.deleteAttribute(name + suffix) }
    try module.registerParameter(name, .parameter(weight.detached()))
  }

  /// State dicts of before 1.0 have no `NAME_v`.
  override func settle(in module: Module) throws {
    module.registerStateHook(StateHook(.beforeLoading, isImplied: true) { [name] arguments in
      guard arguments.count > 2, case .object(let module as Module) = arguments[0], case .object(let state as OrderedDict) = arguments[1],
        case .string(let prefix) = arguments[2], let hook = SpectralNormHook.find(module, name)?.hook as? SpectralNormHook,
        let old = state[prefix + name].flatMap({ Tensor.element(from: $0) }), let original = state["\(prefix)\(name)_orig"].flatMap({ Tensor.element(from: $0) }),
        let u = state["\(prefix)\(name)_u"].flatMap({ Tensor.element(from: $0) })
      else { return }
      try GradMode.with(false) {
        let matrix = try hook.matrix(original)
        let turned = try matrix.transpose(0, 1)
        let v = try turned.matmul(matrix).pinv(atol: nil, rtol: .scalar(.double(1e-15), dtype: .float64)).matmul(turned).mv(u)
        state["\(prefix)\(name)_v"] = .object(try v.mul(original.div(old).mean().div(u.dot(matrix.mv(v)))))
      }
      state[prefix + name] = nil
    })
  }

  /// Puts the hook on a module.
  /// - Throws: PyTorch's sentences where it is there already, and where there is no such parameter.
  static func apply(_ module: Module, _ name: String, iterations: Int, dimension: Int, epsilon: Double) throws {
    if find(module, name) != nil { throw TorchError.runtime("Cannot register two spectral_norm hooks on the same parameter \(name)") }
    let hook = try SpectralNormHook(name, iterations: iterations, dimension: dimension, epsilon: epsilon)
    guard let weight = try parameter(module, name) else { throw TorchError.value("`SpectralNorm` cannot be applied as parameter `\(name)` is None") }
    if weight.isUninitialized {
      throw TorchError.value(
        "The module passed to `SpectralNorm` can't have uninitialized parameters. Make sure to run the dummy forward before applying spectral normalization")
    }
    let vectors = try GradMode.with(false) {
      let matrix = try hook.matrix(weight)
      return try (0..<2).map { try Tensor(uninitialized: [matrix.sizes[$0]], dtype: weight.dtype).normal(0, 1, nil).normalized(2, [0], epsilon: epsilon) }
    }
    try module.deleteAttribute(name)
    try module.registerParameter(name + "_orig", weight)
    try module.setAttribute(name, .object(weight.detached()))
    try module.registerBuffer(name + "_u", vectors[0])
    try module.registerBuffer(name + "_v", vectors[1])
    module.registerForwardPreHook(hook.hook)
    try hook.settle(in: module)
  }
}
