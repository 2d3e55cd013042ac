import Interface
import OrderedCollections
import TensorCore
import Torch

/// What the six convolution layers share.
enum ConvolutionLayer {
  /// `Conv2d(5, 8, kernel_size=(3, 3), stride=(1, 1))` and what differs from the defaults.
  static var text: LayerText { LayerText { m in described(m) } }

  private static func described(_ m: Module) -> String {
    func isAll(_ name: String, _ value: Int) -> Bool {
      guard case .tuple(let items)? = m.attributes[name] else { return false }
      return items.allSatisfy { if case .integer(let i) = $0 { i == value } else { false } }
    }
    var text = "\(m.shown("in_channels")), \(m.shown("out_channels")), kernel_size=\(m.shown("kernel_size")), stride=\(m.shown("stride"))"
    for (name, usual) in [("padding", 0), ("dilation", 1), ("output_padding", 0)] where !isAll(name, usual) { text += ", \(name)=\(m.shown(name))" }
    if m.integer("groups") != 1 { text += ", groups=\(m.shown("groups"))" }
    if (m.parameters["bias"] ?? nil) == nil { text += ", bias=False" }
    if m.string("padding_mode") != "zeros" { text += ", padding_mode=\(m.shown("padding_mode"))" }
    return text
  }

  /// Spreads single numbers, checks the options and makes the weights.
  static func setUp(_ layer: FunctionLayer, _ n: Int, transposed: Bool) throws {
    guard let inputs = layer.integer("in_channels"), let outputs = layer.integer("out_channels"), let groups = layer.integer("groups") else {
      throw TorchError.type("in_channels, out_channels and groups must be int")
    }
    if groups <= 0 { throw TorchError.value("groups must be a positive integer") }
    if inputs % groups != 0 { throw TorchError.value("in_channels must be divisible by groups") }
    if outputs % groups != 0 { throw TorchError.value("out_channels must be divisible by groups") }
    for name in ["kernel_size", "stride", "padding", "dilation", "output_padding"] {
      if name == "output_padding" && layer.attributes[name] == nil { layer.attributes[name] = .integer(0) }
      if case .integer? = layer.attributes[name] { layer.attributes[name] = .tuple(Array(repeating: layer.attributes[name] ?? .none, count: n)) }
    }
    let mode = layer.string("padding_mode")
    let hasBias = layer.isTrue("bias")
    let stride = layer.integers("stride")
    if case .string(let padding)? = layer.attributes["padding"] {
      if padding != "same" && padding != "valid" {
        throw TorchError.value("Invalid padding string '\(padding)', should be one of {'valid', 'same'}")
      }
      if padding == "same" && stride.contains(where: { $0 != 1 }) { throw TorchError.value("padding='same' is not supported for strided convolutions") }
    }
    if transposed && mode != "zeros" { throw TorchError.value("Only \"zeros\" padding mode is supported for ConvTranspose\(n)d") }
    if !["zeros", "reflect", "replicate", "circular"].contains(mode) {
      throw TorchError.value("padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, but got padding_mode='\(mode)'")
    }
    let kernel = layer.integers("kernel_size")
    layer.attributes["bias"] = nil
    layer.attributes["transposed"] = .boolean(transposed)
    try layer.addParameter("weight", (transposed ? [inputs, outputs / groups] : [outputs, inputs / groups]) + kernel)
    try layer.addParameter("bias", [outputs], isWanted: hasBias)
  }

  /// Draws as PyTorch does: the weight, then the bias, evenly from ±1/√fan_in.
  static func reset(_ layer: FunctionLayer) throws {
    let weight = try layer.tensor("weight")
    try Initialize.kaimingUniform(weight, a: 5.0.squareRoot())
    guard let bias = try layer.optionalTensor("bias") else { return }
    let fan = try Initialize.fans(weight).in
    if fan != 0 { try Initialize.uniform(bias, -1 / Double(fan).squareRoot(), 1 / Double(fan).squareRoot()) }
  }

  /// The convolution of a layer that pads by its own mode.
  static func run(_ layer: FunctionLayer, _ n: Int, _ x: Tensor) throws -> Tensor {
    let (w, b) = (try layer.tensor("weight"), try layer.optionalTensor("bias"))
    let (stride, dilation, groups) = (layer.integers("stride"), layer.integers("dilation"), layer.integer("groups") ?? 1)
    let mode = layer.string("padding_mode")
    let text: String? = if case .string(let s)? = layer.attributes["padding"] { s } else { nil }
    if mode == "zeros" {
      return try Functional.batched(x, n, "conv\(n)d") { x in
        if let text { return try Functional.convolution(x, w, b, stride: stride, padding: text, dilation: dilation, groups: groups) }
        let options = ConvolutionOptions(stride: stride, padding: layer.integers("padding"), dilation: dilation, outputPadding: [0], groups: groups)
        return try Functional.convolution(x, w, b, options)
      }
    }
    // Before and after each dimension, the last one first.
    var pads: [Int] = []
    for d in (0..<n).reversed() {
      switch text {
      case "same"?:
        let total = try layer.integers("dilation", n)[d] * (layer.integers("kernel_size", n)[d] - 1)
        pads += [total / 2, total - total / 2]
      case nil: pads += try Array(repeating: layer.integers("padding", n)[d], count: 2)
      default: pads += [0, 0]
      }
    }
    let padded = try Functional.pad(x, pads, mode: mode, value: nil)
    let options = ConvolutionOptions(stride: stride, padding: [0], dilation: dilation, outputPadding: [0], groups: groups)
    return try Functional.batched(padded, n, "conv\(n)d") { try Functional.convolution($0, w, b, options) }
  }

  /// What must be added to the output so that it has the size a user asks for.
  static func outputPadding(_ layer: FunctionLayer, _ n: Int, _ x: Tensor, _ wanted: [Int]?) throws -> [Int] {
    guard var wanted else { return layer.integers("output_padding") }
    let lead = x.dim - n
    if wanted.count == lead + n { wanted = Array(wanted.dropFirst(lead)) }
    if wanted.count != n {
      throw TorchError.value("ConvTranspose\(n)D: for \(x.dim)D input, output_size must have \(n) or \(lead + n) elements (got \(wanted.count))")
    }
    let (stride, padding) = (try layer.integers("stride", n), try layer.integers("padding", n))
    let (kernel, dilation) = (try layer.integers("kernel_size", n), try layer.integers("dilation", n))
    let least = (0..<n).map { (x.sizes[lead + $0] - 1) * stride[$0] - 2 * padding[$0] + dilation[$0] * (kernel[$0] - 1) + 1 }
    let most = (0..<n).map { least[$0] + stride[$0] - 1 }
    if (0..<n).contains(where: { wanted[$0] < least[$0] || wanted[$0] > most[$0] }) {
      throw TorchError.value(
        "requested an output size of \(Dims(wanted).text), but valid sizes range from \(Dims(least).text) to \(Dims(most).text) (for an input of torch.Size(\(Dims(x.sizes.dropFirst(lead)).text)))")
    }
    return (0..<n).map { wanted[$0] - least[$0] }
  }
}

extension ConvolutionLayer {
  /// Makes a layer that does not know its input channels.
  static func delay(_ layer: FunctionLayer, _ n: Int, transposed: Bool) throws {
    layer.attributes["in_channels"] = .integer(0)
    try setUp(layer, n, transposed: transposed)
    try layer.delayTensors(["weight", "bias"])
  }

  /// Learns the input channels.
  static func infer(_ layer: FunctionLayer, _ x: Tensor, _ n: Int, transposed: Bool) throws {
    guard layer.hasUninitializedTensors else { return }
    if x.dim != n + 1 && x.dim != n + 2 {
      throw TorchError.runtime("Expected \(n + 1)D (unbatched) or \(n + 2)D (batched) input to \(layer.typeName), but got input of size: torch.Size(\(x.sizes.text))")
    }
    let (inputs, outputs, groups) = (x.sizes[x.dim - n - 1], layer.integer("out_channels") ?? 0, layer.integer("groups") ?? 1)
    if inputs % groups != 0 { throw TorchError.value("in_channels must be divisible by groups") }
    layer.attributes["in_channels"] = .integer(inputs)
    try layer.materialize("weight", (transposed ? [inputs, outputs / groups] : [outputs, inputs / groups]) + layer.integers("kernel_size"))
    try layer.materialize("bias", [outputs])
    try reset(layer)
  }
}

/// Layers that convolve.
public let convolutionLayers = LayerFamily(module: "conv") { layers in
  for n in 1...3 {
    layers.layer(
      "Conv\(n)d(int in_channels, int out_channels, int[\(n)] kernel_size, int[\(n)] stride=1, int[\(n)] padding=0, int[\(n)] dilation=1, int groups=1, bool bias=True, str padding_mode='zeros', Device? device=None, ScalarType? dtype=None)",
      shows: ConvolutionLayer.text,
      doc: "Slides out_channels kernels over the last \(n == 1 ? "dimension" : "\(n) dimensions"); padding is a number for each, 'same' or 'valid'. Mirrors torch.nn.Conv\(n)d.",
      setUp: { try ConvolutionLayer.setUp($0, n, transposed: false) }, reset: ConvolutionLayer.reset, saves: ConvolutionLayer.saves(n)
    ) { (layer: FunctionLayer, x: Tensor) in try ConvolutionLayer.run(layer, n, x) }
    layers.lazy(
      "LazyConv\(n)d(int out_channels, int[\(n)] kernel_size, int[\(n)] stride=1, int[\(n)] padding=0, int[\(n)] dilation=1, int groups=1, bool bias=True, str padding_mode='zeros', Device? device=None, ScalarType? dtype=None)",
      becomes: "Conv\(n)d", doc: "Conv\(n)d that learns in_channels from its first input. Mirrors torch.nn.LazyConv\(n)d.",
      delay: { try ConvolutionLayer.delay($0, n, transposed: false) }, infer: { try ConvolutionLayer.infer($0, $1, n, transposed: false) })
    layers.layer(
      "ConvTranspose\(n)d(int in_channels, int out_channels, int[\(n)] kernel_size, int[\(n)] stride=1, int[\(n)] padding=0, int[\(n)] output_padding=0, int groups=1, bool bias=True, int[\(n)] dilation=1, str padding_mode='zeros', Device? device=None, ScalarType? dtype=None)",
      shows: ConvolutionLayer.text, doc: "The transpose of Conv\(n)d: each input places a weighted kernel. Mirrors torch.nn.ConvTranspose\(n)d.",
      forward: "forward(Tensor input, int[]? output_size=None) -> Tensor",
      setUp: { try ConvolutionLayer.setUp($0, n, transposed: true) }, reset: ConvolutionLayer.reset, saves: ConvolutionLayer.saves(n)
    ) { (layer: FunctionLayer, x: Tensor, wanted: [Int]?) in
      let (w, b) = (try layer.tensor("weight"), try layer.optionalTensor("bias"))
      let options = ConvolutionOptions(
        stride: layer.integers("stride"), padding: layer.integers("padding"), dilation: layer.integers("dilation"),
        outputPadding: try ConvolutionLayer.outputPadding(layer, n, x, wanted), transposed: true, groups: layer.integer("groups") ?? 1)
      return try Functional.batched(x, n, "conv_transpose\(n)d") { try Functional.convolution($0, w, b, options) }
    }
    layers.lazy(
      "LazyConvTranspose\(n)d(int out_channels, int[\(n)] kernel_size, int[\(n)] stride=1, int[\(n)] padding=0, int[\(n)] output_padding=0, int groups=1, bool bias=True, int[\(n)] dilation=1, str padding_mode='zeros', Device? device=None, ScalarType? dtype=None)",
      becomes: "ConvTranspose\(n)d", doc: "ConvTranspose\(n)d that learns in_channels from its first input. Mirrors torch.nn.LazyConvTranspose\(n)d.",
      delay: { try ConvolutionLayer.delay($0, n, transposed: true) }, infer: { try ConvolutionLayer.infer($0, $1, n, transposed: true) })
  }
}
