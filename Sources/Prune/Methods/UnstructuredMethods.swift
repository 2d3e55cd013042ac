import Interface
import NN
import TensorCore
import Torch

/// A method that prunes single elements.
open class ElementPruning: PruningMethod {
  open override var pruningType: String? { "unstructured" }

  /// The elements to prune, in a tensor of all; how many is given.
  func places(_ t: Tensor, _ count: Int) throws -> Tensor { throw TorchError.notImplemented("") }

  open override func computeMask(_ t: Tensor, _ defaultMask: Tensor) throws -> Tensor {
    let count = try unitsToPrune(of: t.count)
    let mask = try defaultMask.denseCopy()
    if count != 0 {
      let zero = try Tensor.scalar(.integer(0), dtype: mask.dtype)
      try mask.view([-1]).assign([.tensor(places(t, count))], zero)
    }
    return mask
  }
}

/// Prunes nothing, but lets the module have its mask. Mirrors `torch.nn.utils.prune.Identity`.
final class Identity: PruningMethod {
  override var pruningType: String? { "unstructured" }
  override func computeMask(_ t: Tensor, _ defaultMask: Tensor) throws -> Tensor { defaultMask }
}

/// Prunes elements at random. Mirrors `torch.nn.utils.prune.RandomUnstructured`.
final class RandomUnstructured: ElementPruning {
  override func places(_ t: Tensor, _ count: Int) throws -> Tensor {
    try Tensor.zeros(t.sizes, dtype: t.dtype).uniform(0, 1, nil).view([-1]).topk(count, -1, largest: true).1
  }
}

/// Prunes the elements of least magnitude. Mirrors `torch.nn.utils.prune.L1Unstructured`.
final class L1Unstructured: ElementPruning {
  // topk, not a threshold: with ties a threshold would prune more than was asked.
  override func places(_ t: Tensor, _ count: Int) throws -> Tensor { try t.abs().view([-1]).topk(count, -1, largest: false).1 }
}

/// Prunes by a mask made before. Mirrors `torch.nn.utils.prune.CustomFromMask`.
final class CustomFromMask: PruningMethod {
  override var pruningType: String? { "global" }
  override func computeMask(_ t: Tensor, _ defaultMask: Tensor) throws -> Tensor {
    guard case .object(let mask as Tensor)? = attributes["mask"] else {
      throw TorchError.attribute("'\((attributes["mask"] ?? .none).pythonTypeName)' object has no attribute 'shape'")
    }
    if defaultMask.sizes != mask.sizes {
      throw TorchError(.assertionError, "default_mask shape \(defaultMask.sizeText) must match self.mask shape \(mask.sizeText)")
    }
    return try defaultMask.mul(mask.detached().to(defaultMask.dtype))
  }
}
