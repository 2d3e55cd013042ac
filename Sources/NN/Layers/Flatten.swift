import Interface
import TensorCore
import Torch

/// Layers that change shapes.
public let shapeLayers = LayerFamily(module: "flatten") { layers in
  layers.function("Flatten(int start_dim=1, int end_dim=-1)", shows: "start_dim={start_dim}, end_dim={end_dim}", doc: "Dimensions start_dim to end_dim as one. Mirrors torch.nn.Flatten.") {
    (x: Tensor, a: Int, b: Int) in try x.flatten(a, b)
  }
  layers.function(
    "Unflatten(int dim, int[] unflattened_size)", shows: "dim={dim}, unflattened_size={unflattened_size}", doc: "One dimension as several. Mirrors torch.nn.Unflatten."
  ) { (x: Tensor, d: Int, s: [Int]) in
    let d = try Shape.wrap(d, x.dim)
    return try x.unflatten(d, s)
  }
}
