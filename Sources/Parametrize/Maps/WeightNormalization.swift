import Interface
import NN
import Torch

/// A tensor as its magnitudes times its directions, of which pruned channels have none and stay zero. Mirrors PyTorch's `_WeightNorm`.
final class WeightNormalization: Module, RightInverse {
  private let dimension: Int

  init(_ dimension: Int) {
    self.dimension = dimension
    super.init()
    attributes["dim"] = .integer(dimension)
  }

  override var typeName: String { "_WeightNorm" }
  override var typeModule: String { "torch.nn.utils.parametrizations" }
  override class var forwardSchema: String { "forward(Tensor weight_g, Tensor weight_v) -> Tensor" }
  override func copyForDeepCopy(_ memo: DeepCopyMemo) throws -> Module {
    let copy = WeightNormalization(dimension)
    try copyContents(to: copy, memo)
    return copy
  }

  override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs, 2)
    return .object(try inputTensor(inputs, 1, "weight_v").weightNorm(inputTensor(inputs, 0, "weight_g"), dimension, keepsZeros: true))
  }

  func rightInverse(_ value: Value) throws -> Value {
    guard let weight = Tensor.element(from: value) else {
      throw TorchError.type("norm_except_dim(): argument 'v' (position 1) must be Tensor, not \(value.typeName)")
    }
    return .tuple([.object(try weight.normExcept(2, dimension)), .object(weight)])
  }
}
