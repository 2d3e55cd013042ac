import Interface
import OrderedCollections
import TensorCore
import Torch

/// Layers that measure an error.
public let lossLayers = LayerFamily(module: "loss") { layers in
  let legacy = "bool? size_average=None, bool? reduce=None, str reduction='mean'"
  let forward = "forward(Tensor input, Tensor target) -> Tensor"
  layers.function("MSELoss(\(legacy))", doc: "The squared differences, their mean or sum. Mirrors torch.nn.MSELoss.", forward: forward, setUp: Loss.settleReduction) {
    (x: Tensor, t: Tensor, _: Bool?, _: Bool?, n: String) in try Functional.mseLoss(x, t, reduction: n)
  }
  layers.function("L1Loss(\(legacy))", doc: "The magnitudes of differences, their mean or sum. Mirrors torch.nn.L1Loss.", forward: forward, setUp: Loss.settleReduction) {
    (x: Tensor, t: Tensor, _: Bool?, _: Bool?, n: String) in try Functional.l1Loss(x, t, LossReduction(n), nil)
  }
  layers.function("HuberLoss(str reduction='mean', float delta=1.0)", doc: "Half the square of differences up to delta, from there on straight. Mirrors torch.nn.HuberLoss.", forward: forward) {
    (x: Tensor, t: Tensor, n: String, d: Double) in try Functional.huber(x, t, LossReduction(n), delta: d)
  }
  layers.layer(
    "LinearCrossEntropyLoss(int in_features, int num_classes, *, int[] out_features=[], bool bias=False, Device? device=None, ScalarType? dtype=None, str reduction='mean', Tensor? weight=None, int? ignore_index=None, float label_smoothing=0.0, Any? options=None)",
    shows: LayerText { m in
      let linear = m.modules["linear"] ?? nil
      return "in_features=\(linear?.shown("in_features") ?? "0"), " + m.filled("num_classes={num_classes}") + ", out_features=\(m.shown("out_features")), bias=\((linear?.parameters["bias"] ?? nil) == nil ? "False" : "True"), "
        + m.filled("reduction={reduction}, ignore_index={ignore_index}, label_smoothing={label_smoothing}, options={options}")
    }, doc: "cross_entropy of a linear layer. Mirrors torch.nn.LinearCrossEntropyLoss.", forward: forward,
    setUp: { layer in
      let classes = layer.integer("num_classes") ?? 1
      if let weight = try layer.optionalTensor("weight"), Array(weight.sizes) != [classes] {
        throw TorchError.runtime("expected weight shape to be (\(classes),), got \(Module.shown(.tuple(weight.sizes.map { .integer($0) })))")
      }
      if let s = layer.number("label_smoothing"), s < 0 || s > 1 {
        throw TorchError.runtime("expected label_smoothing to be in range [0, 1], got \(layer.shown("label_smoothing"))")
      }
      let outputs = layer.integers("out_features").reduce(classes, *)
      layer.modules["linear"] = try Linear(layer.integer("in_features") ?? 0, outputs, bias: layer.isTrue("bias"), dtype: layer.dtype)
      for name in ["in_features", "bias"] { layer.attributes[name] = nil }
    }
  ) { (layer: FunctionLayer, x: Tensor, t: Tensor) in
    let linear = try layer.submodule("linear")
    let shape = [layer.integer("num_classes") ?? 1] + layer.integers("out_features")
    return try Functional.linearCrossEntropy(
      x, linear.tensor("weight").reshape(shape + [linear.integer("in_features") ?? 0]), t, bias: linear.optionalTensor("bias")?.reshape(shape),
      weight: layer.optionalTensor("weight"), reduction: layer.string("reduction"), ignoring: layer.integer("ignore_index"),
      smoothing: layer.number("label_smoothing") ?? 0)
  }
  for loss in Loss.all { loss.layer(layers) }
}
