import Interface
import OrderedCollections
import TensorCore
import Torch

/// Zeroes elements at random while training. Mirrors `torch.nn.Dropout`.
public final class Dropout: AttributeLayer {
  /// - Throws: PyTorch's `ValueError` for p outside [0, 1].
  public convenience init(_ p: Scalar = .double(0.5), inPlace: Bool = false) throws {
    self.init(attributes: [:])
    if !(0...1).contains(p.doubleValue) {
      throw TorchError.value("dropout probability has to be between 0 and 1, but got \(Module.shown(p.asValue))")
    }
    attributes = ["p": p.asValue, "inplace": .boolean(inPlace)]
  }
  public override var typeModule: String { "torch.nn.modules.dropout" }
  public override func extraRepr() -> String { "p=\(shown("p")), inplace=\(shown("inplace"))" }
  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    return .object(try Functional.dropout(inputTensor(inputs), number("p") ?? 0.5, training: training, inPlace: isTrue("inplace")))
  }
}

/// Layers that drop elements.
public let dropoutLayers = LayerFamily { layers in
  layers.define("Dropout(float p=0.5, bool inplace=False)", doc: "Zeroes elements with probability p and scales the others by 1/(1-p), while training. Mirrors torch.nn.Dropout.") {
    (p: Scalar, inPlace: Bool) in try Dropout(p, inPlace: inPlace)
  }
}
