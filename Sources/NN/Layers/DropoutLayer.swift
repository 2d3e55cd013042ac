import Interface
import TensorCore
import Torch

/// Layers that drop elements.
public let dropoutLayers = LayerFamily(module: "dropout") { layers in
  layers.layer(
    "Dropout(float p=0.5, bool inplace=False)", shows: "p={p}, inplace={inplace}",
    doc: "Zeroes elements with probability p and scales the others by 1/(1-p), while training. Mirrors torch.nn.Dropout.",
    setUp: { layer in
      if let p = layer.number("p"), !(0...1).contains(p) {
        throw TorchError.value("dropout probability has to be between 0 and 1, but got \(layer.shown("p"))")
      }
    }
  ) { (layer: FunctionLayer, x: Tensor) in
    try Functional.dropout(x, layer.number("p") ?? 0.5, training: layer.training, inPlace: layer.isTrue("inplace"))
  }
}
