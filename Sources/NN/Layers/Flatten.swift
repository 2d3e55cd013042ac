import Interface
import OrderedCollections
import Torch

/// Makes one dimension of several. Mirrors `torch.nn.Flatten`.
public final class Flatten: AttributeLayer {
  /// Flattens dimensions `start` to `end`.
  public convenience init(_ start: Int = 1, _ end: Int = -1) {
    self.init(attributes: [:])
    attributes = ["start_dim": .integer(start), "end_dim": .integer(end)]
  }
  public override var typeModule: String { "torch.nn.modules.flatten" }
  public override func extraRepr() -> String { "start_dim=\(shown("start_dim")), end_dim=\(shown("end_dim"))" }
  public override func forward(_ inputs: [Value]) throws -> Value {
    try checkInputCount(inputs)
    return .object(try inputTensor(inputs).flatten(integer("start_dim") ?? 1, integer("end_dim") ?? -1))
  }
}

/// Layers that change shapes.
public let shapeLayers = LayerFamily { layers in
  layers.define("Flatten(int start_dim=1, int end_dim=-1)", doc: "Dimensions start_dim to end_dim as one. Mirrors torch.nn.Flatten.") { (a: Int, b: Int) in Flatten(a, b) }
}
