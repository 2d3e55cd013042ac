import Interface
import TensorCore
import Torch

/// Layers that drop elements.
public let dropoutLayers = LayerFamily(module: "dropout") { layers in
  func define(_ name: String, doc: String, _ body: @escaping (Tensor, Scalar, Bool, Bool) throws -> Tensor) {
    layers.layer(
      "\(name)(float p=0.5, bool inplace=False)", shows: "p={p}, inplace={inplace}", doc: "\(doc) Mirrors torch.nn.\(name).",
      setUp: { layer in
        if let p = layer.number("p"), !(0...1).contains(p) {
          throw TorchError.value("dropout probability has to be between 0 and 1, but got \(layer.shown("p"))")
        }
      }
    ) { (layer: FunctionLayer, x: Tensor) in try body(x, .double(layer.number("p") ?? 0.5), layer.training, layer.isTrue("inplace")) }
  }
  define("Dropout", doc: "Zeroes elements with probability p and scales the others by 1/(1-p), while training.") {
    try Functional.dropout($0, $1, DropoutKind(), training: $2, inPlace: $3)
  }
  define("AlphaDropout", doc: "Drops elements to SELU's least value and keeps mean and variance, while training.") {
    try Functional.dropout($0, $1, DropoutKind(keepsMoments: true), training: $2, inPlace: $3)
  }
  define("FeatureAlphaDropout", doc: "Drops whole channels to SELU's least value and keeps mean and variance, while training.") {
    try Functional.dropout($0, $1, DropoutKind(channels: true, keepsMoments: true), training: $2, inPlace: $3)
  }
  for spatial in 1...3 {
    define("Dropout\(spatial)d", doc: "Zeroes whole channels with probability p and scales the others by 1/(1-p), while training.") {
      try Functional.channelDropout($0, $1, spatial, training: $2, inPlace: $3)
    }
  }
}
