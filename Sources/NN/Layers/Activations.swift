import Interface
import TensorCore
import Torch

/// Layers that apply a function to each element.
public let activationLayers = LayerFamily(module: "activation") { layers in
  layers.function("ReLU(bool inplace=False)", shows: "inplace={inplace?}", doc: "max(x, 0). Mirrors torch.nn.ReLU.") {
    (x: Tensor, inPlace: Bool) in inPlace ? try x.become(x.relu()) : try x.relu()
  }
  layers.function("Tanh()", doc: "The hyperbolic tangent. Mirrors torch.nn.Tanh.") { (x: Tensor) in try x.tanh() }
  layers.function("Sigmoid()", doc: "1 / (1 + exp(-x)). Mirrors torch.nn.Sigmoid.") { (x: Tensor) in try x.sigmoid() }
  for (name, log) in [("Softmax", false), ("LogSoftmax", true)] {
    layers.function("\(name)(int? dim=None)", shows: "dim={dim}", doc: "\(log ? "The logarithm of softmax" : "Softmax") along dim. Mirrors torch.nn.\(name).") {
      (x: Tensor, d: Int?) in try Functional.softmax(x, d ?? ([0, 1, 3].contains(x.dim) ? 0 : 1), log: log)
    }
  }
}
