import Interface
import NN
import TensorCore
import Torch

/// Taking channels out of one layer: rows of its weights where its own units go, columns where those that it reads go.
struct LayerSurgery {
  let layer: TracedLayer
  /// The same layer in the model that is made smaller.
  let module: Module
  let removed: Set<Int32>

  /// The outputs that stay.
  private var rows: [Int] { (0..<layer.unitCount).filter { !removed.contains(layer.firstUnit + Int32($0)) } }
  /// The input channels that stay.
  private func columns(of count: Int) -> [Int] { (0..<count).filter { $0 >= layer.columns.count || !removed.contains(layer.columns[$0].unit) } }

  /// Makes the layer smaller where it has anything to lose.
  func run() throws {
    let losesRows = rows.count < layer.unitCount
    let losesColumns = layer.columns.contains { removed.contains($0.unit) }
    guard losesRows || losesColumns else { return }
    switch layer.shape {
    case .linear:
      try narrow(channels: ("in_features", "out_features"))
    case .convolution:
      try narrow(channels: ("in_channels", "out_channels"))
    case .embedding:
      try replace("weight") { try $0.indexSelect(1, .vector(rows)) }
      module.attributes["embedding_dim"] = .integer(rows.count)
    case .depthwise, .channelwise:
      let kept = columns(of: layer.columns.count)
      for name in ["weight", "bias", "running_mean", "running_var"] { try replace(name) { try $0.indexSelect(0, .vector(kept)) } }
      for name in ["num_features", "num_parameters", "in_channels", "out_channels", "groups"] where module.attributes[name] != nil {
        module.attributes[name] = .integer(kept.count)
      }
    case .recurrent(let gates): try narrow(gates)
    case .rigid: break
    }
  }

  /// A parameter or buffer anew, with its wish for gradients; nothing where there is none.
  private func replace(_ name: String, _ change: (Tensor) throws -> Tensor) throws {
    if let old = module.parameters[name] ?? nil {
      module.parameters[name] = try .parameter(change(old.detached()), requiresGrad: old.requiresGrad)
    } else if let old = module.buffers[name] ?? nil {
      module.buffers[name] = try change(old)
    }
  }

  /// What the input channels that go add to each row of a weight: their values times the weights.
  private func constants(_ weight: Tensor) throws -> [Double] {
    let dense = try weight.dense(.float64)
    let (rows, width) = (dense.sizes[0], dense.sizes[1])
    let block = dense.sizes.dropFirst(2).reduce(1, *)
    let p = dense.elements(Double.self)
    var sums = Array(repeating: 0.0, count: rows)
    withExtendedLifetime(dense) {
      for (c, column) in layer.columns.enumerated() where removed.contains(column.unit) {
        guard let value = column.value, value != 0 else { continue }
        for r in 0..<rows { for i in 0..<block { sums[r] += value * p[(r * width + c) * block + i] } }
      }
    }
    return sums
  }

  /// A vector with these numbers added to it, in double precision.
  private func added(_ vector: Tensor, _ numbers: [Double]) throws -> Tensor {
    try .vector(numbers.indices.map { vector.scalar(at: $0).doubleValue + numbers[$0] }, dtype: vector.dtype)
  }

  private func narrow(channels: (inputs: String, outputs: String)) throws {
    let weight = try module.tensor("weight").detached()
    let sums = try constants(weight)
    if sums.contains(where: { $0 != 0 }) {
      if (module.parameters["bias"] ?? nil) == nil {
        let wanted = try module.tensor("weight").requiresGrad
        module.parameters["bias"] = try .parameter(.zeros([weight.sizes[0]], dtype: weight.dtype), requiresGrad: wanted)
      }
      try replace("bias") { try added($0, sums) }
    }
    let kept = columns(of: weight.sizes[1])
    try replace("weight") { try $0.indexSelect(0, .vector(rows)).indexSelect(1, .vector(kept)) }
    try replace("bias") { try $0.indexSelect(0, .vector(rows)) }
    module.attributes[channels.inputs] = .integer(kept.count)
    module.attributes[channels.outputs] = .integer(rows.count)
  }

  private func narrow(_ gates: RecurrentGates) throws {
    let parts = RecurrentUnits(module, gates)
    let kept = Set(rows)
    func units(_ k: Int) -> [Int] { (0..<parts.hidden).filter { kept.contains(k * parts.hidden + $0) } }
    var inputs = 0
    for k in 0..<parts.count {
      let own = units(k)
      let wide = (0..<gates.rawValue).flatMap { gate in own.map { gate * parts.hidden + $0 } }
      let (ih, hh) = ("weight_ih" + parts.suffix(k), "weight_hh" + parts.suffix(k))
      let weight = try module.tensor(ih).detached()
      var columns = columns(of: weight.sizes[1])
      if let range = parts.inputs(k) {
        columns = range.filter { kept.contains($0) }.map { $0 - range.lowerBound }
      } else {
        inputs = columns.count
        let sums = try constants(weight)
        if sums.contains(where: { $0 != 0 }) { try replace("bias_ih" + parts.suffix(k)) { try added($0, sums) } }
      }
      try replace(ih) { try $0.indexSelect(0, .vector(wide)).indexSelect(1, .vector(columns)) }
      try replace(hh) { try $0.indexSelect(0, .vector(wide)).indexSelect(1, .vector(own)) }
      for name in ["bias_ih", "bias_hh"] { try replace(name + parts.suffix(k)) { try $0.indexSelect(0, .vector(wide)) } }
    }
    module.attributes["input_size"] = .integer(inputs)
    module.attributes["hidden_size"] = .integer(units(0).count)
  }
}
