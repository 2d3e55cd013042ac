import Interface
import NN
import TensorCore
import Torch

/// The weights of a recurrent layer by layer and direction, and which hidden units stay zero.
struct RecurrentUnits {
  let module: Module
  let gates: RecurrentGates
  let hidden, directions, layers: Int
  let hasBias: Bool

  init(_ module: Module, _ gates: RecurrentGates) {
    (self.module, self.gates) = (module, gates)
    hidden = module.attributes["hidden_size"]?.count ?? 0
    layers = module.attributes["num_layers"]?.count ?? 1
    func isTrue(_ name: String) -> Bool { if case .boolean(true)? = module.attributes[name] { true } else { false } }
    directions = isTrue("bidirectional") ? 2 : 1
    hasBias = isTrue("bias")
  }

  /// How many sets of weights there are.
  var count: Int { layers * directions }

  /// `_l1_reverse`.
  func suffix(_ k: Int) -> String { "_l\(k / directions)" + (k % directions == 1 ? "_reverse" : "") }

  /// The units of the layer that set `k` reads, counted from the layer's first; nil for the first layer, which reads the input.
  func inputs(_ k: Int) -> Range<Int>? {
    let layer = k / directions
    return layer == 0 ? nil : ((layer - 1) * directions * hidden)..<(layer * directions * hidden)
  }

  /// Notes the patterns of the weights, those from the input and those from the states in turn, and the units that stay zero.
  func describe(_ layer: TracedLayer) throws {
    for k in 0..<count {
      layer.matrices.append(try WeightPattern(module.tensor("weight_ih" + suffix(k))))
      layer.matrices.append(try WeightPattern(module.tensor("weight_hh" + suffix(k))))
    }
    var zero: Set<Int32> = []
    for k in 0..<count {
      let biases = hasBias ? [try module.tensor("bias_ih" + suffix(k)), try module.tensor("bias_hh" + suffix(k))] : []
      for j in 0..<hidden {
        let row = gates.candidate * hidden + j
        if biases.contains(where: { $0.scalar(at: row).doubleValue != 0 }) { continue }
        // The first layer's input may be anything.
        if inputs(k) == nil, (0..<layer.matrices[2 * k].columns).contains(where: { layer.matrices[2 * k][row, $0] }) { continue }
        zero.insert(Int32(k * hidden + j))
      }
    }
    // What reads a unit that is not zero is not zero.
    var changed = true
    while changed {
      changed = false
      for unit in zero {
        let (k, j) = (Int(unit) / hidden, Int(unit) % hidden)
        let row = gates.candidate * hidden + j
        let reads = (0..<hidden).contains { layer.matrices[2 * k + 1][row, $0] && !zero.contains(Int32(k * hidden + $0)) }
          || (inputs(k)?.enumerated().contains { layer.matrices[2 * k][row, $0.offset] && !zero.contains(Int32($0.element)) } ?? false)
        if reads {
          zero.remove(unit)
          changed = true
        }
      }
    }
    layer.zeroUnits = zero
  }
}
