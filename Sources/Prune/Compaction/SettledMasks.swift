import Interface
import NN
import OrderedCollections
import Torch

extension Module {
  /// Makes all pruning lasting, here and below: pruned weights in the place of `NAME_orig`, `NAME_mask` and the hook that multiplies them.
  func settleMasks() throws {
    for module in allModules {
      let names = Pruning.prunedNames(of: module).filter { (module.parameters["\($0)_orig"] ?? nil) != nil }
      try GradMode.with(false) { for name in names { try Pruning.remove(module, name) } }
      if !names.isEmpty { module.sortParameters() }
    }
  }

  /// Puts parameters in the order that new layers have: weights first, in recurrent layers set by set.
  private func sortParameters() {
    var order: [String] = []
    if case .recurrent(let gates)? = TracedLayer.shape(of: self) {
      let parts = RecurrentUnits(self, gates)
      order = (0..<parts.count).flatMap { k in ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map { $0 + parts.suffix(k) } }
    }
    let names = Array(parameters.keys)
    order = order.filter { names.contains($0) } + names.filter { !$0.hasPrefix("bias") } + names
    parameters = OrderedDictionary(order.map { ($0, parameters[$0] ?? nil) }, uniquingKeysWith: { first, _ in first })
  }
}
