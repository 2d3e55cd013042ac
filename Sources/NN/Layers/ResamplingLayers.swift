import Interface
import OrderedCollections
import TensorCore
import Torch

/// Layers that resample.
public let upsamplingLayers = LayerFamily(module: "upsampling") { layers in
  /// Factors are floats, as PyTorch keeps them.
  func floats(_ layer: FunctionLayer) {
    func float(_ value: Value) -> Value { if case .integer(let i) = value { .number(Double(i)) } else { value } }
    switch layer.attributes["scale_factor"] {
    case .tuple(let items)?: layer.attributes["scale_factor"] = .tuple(items.map(float))
    case .integer(0)?: layer.attributes["scale_factor"] = Value.none
    case let value?: layer.attributes["scale_factor"] = float(value)
    default: break
    }
  }
  let text = LayerText { m in
    let isNone = if case .none? = m.attributes["scale_factor"] { true } else { false }
    return m.filled(isNone ? "size={size}" : "scale_factor={scale_factor}") + ", mode='\(m.string("mode"))'"
  }
  func run(_ layer: FunctionLayer, _ x: Tensor) throws -> Tensor {
    func flag(_ name: String) -> Bool? { if case .boolean(let b)? = layer.attributes[name] { b } else { nil } }
    return try Functional.interpolate(
      x, size: layer.attributes["size"] ?? .none, factor: layer.attributes["scale_factor"] ?? .none, mode: layer.string("mode"),
      alignCorners: flag("align_corners"), recompute: flag("recompute_scale_factor"), antialias: false)
  }
  layers.layer(
    "Upsample(Any size=None, Any scale_factor=None, str mode='nearest', bool? align_corners=None, bool? recompute_scale_factor=None)", shows: text,
    doc: "The last dimensions in another size. Mirrors torch.nn.Upsample.",
    setUp: { layer in
      layer.attributes["name"] = .string("Upsample")
      floats(layer)
    }
  ) { (layer: FunctionLayer, x: Tensor) in try run(layer, x) }
  for (name, mode) in [("Nearest", "nearest"), ("Bilinear", "bilinear")] {
    layers.layer(
      "Upsampling\(name)2d(Any size=None, Any scale_factor=None)", shows: text, doc: "Upsample of two dimensions with mode \(mode). Mirrors torch.nn.Upsampling\(name)2d.",
      setUp: { layer in
        layer.attributes["name"] = .string("Upsampling\(name)2d")
        layer.attributes["mode"] = .string(mode)
        layer.attributes["align_corners"] = mode == "bilinear" ? .boolean(true) : Value.none
        layer.attributes["recompute_scale_factor"] = Value.none
        floats(layer)
      }
    ) { (layer: FunctionLayer, x: Tensor) in try run(layer, x) }
  }
}

/// Layers that turn channels into places and back.
public let pixelLayers = LayerFamily(module: "pixelshuffle") { layers in
  layers.function("PixelShuffle(int upscale_factor)", shows: "upscale_factor={upscale_factor}", doc: "Channels as places. Mirrors torch.nn.PixelShuffle.") { (x: Tensor, r: Int) in try Functional.pixelShuffle(x, r) }
  layers.function("PixelUnshuffle(int downscale_factor)", shows: "downscale_factor={downscale_factor}", doc: "Places as channels. Mirrors torch.nn.PixelUnshuffle.") { (x: Tensor, r: Int) in try Functional.pixelUnshuffle(x, r) }
}

/// Layers that deal out channels.
public let channelLayers = LayerFamily(module: "channelshuffle") { layers in
  layers.function("ChannelShuffle(int groups)", shows: "groups={groups}", doc: "Groups of channels dealt out in turn. Mirrors torch.nn.ChannelShuffle.") { (x: Tensor, g: Int) in try Functional.channelShuffle(x, g) }
}

/// Layers that lay windows out as columns, and back.
public let foldingLayers = LayerFamily(module: "fold") { layers in
  layers.function(
    "Unfold(int[2] kernel_size, int[2] dilation=1, int[2] padding=0, int[2] stride=1)",
    shows: "kernel_size={kernel_size}, dilation={dilation}, padding={padding}, stride={stride}", doc: "Each window as a column. Mirrors torch.nn.Unfold."
  ) { (x: Tensor, k: [Int], d: [Int], p: [Int], s: [Int]) in try Functional.unfold(x, k, d, p, s) }
  layers.function(
    "Fold(int[2] output_size, int[2] kernel_size, int[2] dilation=1, int[2] padding=0, int[2] stride=1)",
    shows: "output_size={output_size}, kernel_size={kernel_size}, dilation={dilation}, padding={padding}, stride={stride}",
    doc: "Adds columns to the places of their windows. Mirrors torch.nn.Fold."
  ) { (x: Tensor, o: [Int], k: [Int], d: [Int], p: [Int], s: [Int]) in try Functional.fold(x, o, k, d, p, s) }
}
