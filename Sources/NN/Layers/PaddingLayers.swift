import Interface
import OrderedCollections
import TensorCore
import Torch

/// Layers that pad.
public let paddingLayers = LayerFamily(module: "padding") { layers in
  /// Spreads a single pad over both ends of n dimensions.
  func spread(_ n: Int) -> (FunctionLayer) throws -> Void {
    { layer in
      if case .integer? = layer.attributes["padding"] {
        layer.attributes["padding"] = .tuple(Array(repeating: layer.attributes["padding"] ?? .none, count: 2 * n))
      }
    }
  }
  for n in 1...3 {
    for (name, mode) in [("Reflection", "reflect"), ("Replication", "replicate"), ("Circular", "circular")] {
      layers.layer(
        "\(name)Pad\(n)d(int[\(2 * n)] padding)", shows: "{padding}",
        doc: "Pads the last \(n == 1 ? "dimension" : "\(n) dimensions") in mode \(mode). Mirrors torch.nn.\(name)Pad\(n)d.", setUp: spread(n)
      ) { (layer: FunctionLayer, x: Tensor) in
        if mode == "circular" {
          let forms = ["2D or 3D", "3D or 4D", "4D or 5D"]
          if x.dim != n + 1 && x.dim != n + 2 { throw TorchError.value("expected \(forms[n - 1]) input (got \(x.dim)D input)") }
        }
        return try Functional.pad(x, layer.integers("padding"), mode: mode, value: nil)
      }
    }
    layers.layer(
      "ConstantPad\(n)d(int[\(2 * n)] padding, float value)", shows: "padding={padding}, value={value}",
      doc: "Pads the last \(n == 1 ? "dimension" : "\(n) dimensions") with a number. Mirrors torch.nn.ConstantPad\(n)d.", setUp: spread(n)
    ) { (layer: FunctionLayer, x: Tensor) in
      let value: Scalar = layer.integer("value").map { .integer($0) } ?? .double(layer.number("value") ?? 0)
      return try Functional.pad(x, layer.integers("padding"), mode: "constant", value: value)
    }
    layers.layer(
      "ZeroPad\(n)d(int[\(2 * n)] padding)", shows: "{padding}", doc: "Pads the last \(n == 1 ? "dimension" : "\(n) dimensions") with zeros. Mirrors torch.nn.ZeroPad\(n)d.",
      setUp: { layer in
        try spread(n)(layer)
        layer.attributes["value"] = .number(0)
      }
    ) { (layer: FunctionLayer, x: Tensor) in try Functional.pad(x, layer.integers("padding"), mode: "constant", value: .double(0)) }
  }
}
