import Interface
import NN
import Serialization
import TensorCore
import Torch

/// What one layer of a model, or a whole model, holds and costs.
struct LayerFigures {
  /// The class.
  var type = ""
  /// The sizes of the first weight.
  var shape: [Int] = []
  /// Weights and biases as they take part, a pruned one with its zeros.
  var parameters = 0
  /// How many of them are zero.
  var zeros = 0
  /// What its state dict holds, with masks and all.
  var bytes = 0
  /// The weights and biases.
  var weights: [(name: String, tensor: Tensor)] = []
  /// The median of some runs, in milliseconds.
  var milliseconds = 0.0

  /// The part of the parameters that is zero.
  var sparsity: Double { parameters == 0 ? 0 : Double(zeros) / Double(parameters) }

  init() {}

  /// The figures of a layer with what is hidden in it, and without other layers in it.
  init(_ module: Module) throws {
    type = module.typeName
    weights = try module.ownWeights()
    for (i, (_, tensor)) in weights.enumerated() {
      if i == 0 { shape = Array(tensor.sizes) }
      parameters += tensor.count
      zeros += tensor.count - (try tensor.nonzeroCount())
    }
    bytes = try module.stateBytes(besides: Set(module.innerLayers.map(\.name)))
  }

  /// The sum of layers, with the bytes of the whole model: what layers share counts once there.
  init(_ model: Module, _ layers: [LayerFigures]) throws {
    type = model.typeName
    parameters = layers.reduce(0) { $0 + $1.parameters }
    zeros = layers.reduce(0) { $0 + $1.zeros }
    bytes = try model.stateBytes()
  }

  /// The figures by name, as Lua reads them.
  var value: Value {
    .dictionary([
      (.string("type"), .string(type)), (.string("shape"), .list(shape.map { .integer($0) })), (.string("zeros"), .integer(zeros)),
      (.string("sparsity"), .number(sparsity)), (.string("parameters"), .integer(parameters)), (.string("bytes"), .integer(bytes)),
      (.string("ms"), .number(milliseconds)),
    ])
  }
}

extension Module {
  /// The submodules directly below that are layers of their own: not the lists of weights and parametrizations that a layer hides in itself.
  fileprivate var innerLayers: [(name: String, module: Module)] {
    namedChildren.filter { !$0.name.hasPrefix("_") && $0.name != "parametrizations" }
  }

  /// The modules with weights, by path; those that are layers in layers by themselves. With `leaves`, layers without
  /// weights that hold no others, too.
  func weightLayers(_ path: String = "", leaves: Bool = false) -> [(path: String, module: Module)] {
    let holds = parameters.values.contains { $0 != nil } || modules.keys.contains("parametrizations") || ((try? packedWeights()) ?? []).isEmpty == false
    let inner = innerLayers.flatMap { $0.module.weightLayers(path.isEmpty ? $0.name : "\(path).\($0.name)", leaves: leaves) }
    return (holds || leaves && innerLayers.isEmpty ? [(path, self)] : []) + inner
  }

  /// Weights and biases as they take part in the layer's computation.
  fileprivate func ownWeights() throws -> [(name: String, tensor: Tensor)] {
    let packed = try packedWeights()
    if !packed.isEmpty { return packed }
    var all: [(name: String, tensor: Tensor)] = []
    for case (let name, let tensor?) in parameters {
      let plain = name.hasSuffix("_orig") ? String(name.dropLast(5)) : nil
      if let plain, let mask = buffers[plain + "_mask"] ?? nil {
        all.append((plain, try GradMode.with(false) { try tensor.mul(mask) }))
      } else {
        all.append((name, tensor))
      }
    }
    if let parametrized = modules["parametrizations"] ?? nil {
      for name in parametrized.modules.keys { if case .object(let tensor as Tensor)? = try attribute(name) { all.append((name, tensor)) } }
    }
    // Weights first, however they were registered.
    return all.filter { $0.tensor.dim > 1 } + all.filter { $0.tensor.dim <= 1 }
  }

  /// The bytes of the tensors in the state dict.
  /// - Parameter besides: children that do not count.
  fileprivate func stateBytes(besides: Set<String> = []) throws -> Int {
    var pickler = TensorPickler()
    let state = try stateDict()
    for (key, value) in state.entries {
      if case .string(let key) = key, let dot = key.firstIndex(of: "."), besides.contains(String(key[..<dot])) { continue }
      _ = try pickler.pickle(value)
    }
    return pickler.storages.reduce(0) { $0 + $1.storage.byteCount }
  }
}

extension Tensor {
  /// How many elements are not zero; of a quantized tensor, how many do not stand for zero.
  fileprivate func nonzeroCount() throws -> Int {
    if quantizer != nil { return (0..<count).count { scalar(at: $0).doubleValue != 0 } }
    return try GradMode.with(false) { try ne(.wrapped(.integer(0))).sum().item().integerValue }
  }
}
