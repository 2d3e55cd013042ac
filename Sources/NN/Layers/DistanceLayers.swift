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
}
