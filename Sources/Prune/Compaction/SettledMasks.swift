import Interface
import NN
import OrderedCollections
import Torch

extension Module {
  /// Puts pruned weights in the place of `NAME_orig`, `NAME_mask` and the hook that multiplies them, here and below.
  func settleMasks() throws {
    for module in allModules { try GradMode.with(false) { try module.settleOwnMasks() } }
  }

  private func settleOwnMasks() throws {
    let names = parameters.keys.compactMap { $0.hasSuffix("_orig") ? String($0.dropLast(5)) : nil }
    for name in names {
      guard let original = parameters[name + "_orig"] ?? nil, let mask = buffers[name + "_mask"] ?? nil else { continue }
      let settled = try Tensor.parameter(original.mul(mask).detached(), requiresGrad: original.requiresGrad)
      parameters.removeValue(forKey: name + "_orig")
      buffers.removeValue(forKey: name + "_mask")
      attributes.removeValue(forKey: name)
      parameters[name] = settled
    }
    if names.isEmpty { return }
    // As a new layer has them: the weights first.
    let sorted = parameters.elements.filter { !$0.key.hasPrefix("bias") } + parameters.elements.filter { $0.key.hasPrefix("bias") }
    parameters = OrderedDictionary(uniqueKeysWithValues: sorted.map { ($0.key, $0.value) })
    for (id, hook) in forwardPreHooks where hook.owner is any PruningHookOwner { removeHook(id) }
  }
}

/// What owns the hook that multiplies a weight and its mask.
protocol PruningHookOwner: AnyObject {}
