import Interface
import TensorCore
import Torch

/// Layers that are linear in each of two inputs.
public let bilinearLayers = LayerFamily(module: "linear") { layers in
  layers.layer(
    "Bilinear(int in1_features, int in2_features, int out_features, bool bias=True, Device? device=None, ScalarType? dtype=None)",
    shows: LayerText { m in
      let hasBias = ((try? m.optionalTensor("bias")) ?? nil) != nil
      return m.filled("in1_features={in1_features}, in2_features={in2_features}, out_features={out_features}") + ", bias=\(hasBias ? "True" : "False")"
    },
    doc: "x1 . weight . x2 + bias. Weights start evenly distributed in ±1/sqrt(in1_features). Mirrors torch.nn.Bilinear.",
    forward: "forward(Tensor input1, Tensor input2) -> Tensor",
    setUp: { layer in
      let first = layer.integer("in1_features") ?? 0
      if first <= 0 { throw TorchError.value("in1_features must be > 0, but got \(first)") }
      let outputs = layer.integer("out_features") ?? 0
      try layer.addParameter("weight", [outputs, first, layer.integer("in2_features") ?? 0])
      try layer.addParameter("bias", [outputs], isWanted: layer.isTrue("bias"))
      layer.attributes["bias"] = nil
    },
    reset: { layer in
      let weight = try layer.tensor("weight")
      let bound = 1 / Double(weight.sizes[1]).squareRoot()
      try Initialize.uniform(weight, -bound, bound)
      if let bias = try layer.optionalTensor("bias") { try Initialize.uniform(bias, -bound, bound) }
    }
  ) { (layer: FunctionLayer, x: Tensor, y: Tensor) in try x.bilinear(y, layer.tensor("weight"), layer.optionalTensor("bias")) }
}
