import Interface
import TensorCore
import Torch

/// Layers of two inputs.
public let distanceLayers = LayerFamily(module: "distance") { layers in
  layers.function("CosineSimilarity(int dim=1, float eps=1e-08)", doc: "The cosine of the angle between vectors along dim. Mirrors torch.nn.CosineSimilarity.", forward: "forward(Tensor x1, Tensor x2) -> Tensor") {
    (x: Tensor, y: Tensor, d: Int, e: Double) in try x.cosineSimilarity(y, d, epsilon: e)
  }
  layers.function("PairwiseDistance(float p=2.0, float eps=1e-06, bool keepdim=False)", doc: "The p-norm of differences along the last dimension. Mirrors torch.nn.PairwiseDistance.", forward: "forward(Tensor x1, Tensor x2) -> Tensor") {
    (x: Tensor, y: Tensor, p: Double, e: Double, k: Bool) in try x.pairwiseDistance(y, p, epsilon: e, keepdim: k)
  }
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
