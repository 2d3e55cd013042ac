import Interface
import Kernels
import TensorCore
import Torch

/// How a convolution slides. Mirrors the arguments of `torch.convolution`.
struct ConvolutionOptions {
  var stride, padding, dilation, outputPadding: [Int]
  var transposed = false
  var groups = 1
}

extension Functional {
  /// One of the three products of input, weight and output, each of which is the gradient of another.
  private static func product(_ direction: Convolution.Direction, _ shape: ConvolutionShape, _ a: Tensor, _ b: Tensor, bias: Tensor? = nil, rounding: Bool = false) throws -> Tensor {
    let dtype = a.dtype
    let (a, b, bias) = (try a.dense(dtype.wide), try b.dense(dtype.wide), try bias?.dense(dtype.wide))
    let sizes: [Int] =
      switch direction {
      case .forward: [shape.batch, shape.outChannels] + shape.output
      case .backwardData: [shape.batch, shape.inChannels] + shape.input
      case .backwardWeights: [shape.outChannels, shape.inChannels / shape.groups] + shape.kernel
      }
    var result = try Tensor(uninitialized: Dims(sizes), dtype: dtype.wide)
    switch direction {
    case .forward:
      try Convolution.run(direction, shape, dtype.wide, input: a.pointer, weight: b.pointer, bias: bias?.pointer, output: result.pointer)
    case .backwardData:
      // PyTorch's own loops add up in the half type itself; oneDNN's, for bfloat16 unless the output is padded by a whole step, do not.
      let isPaddedByStep = (0..<shape.input.count).contains { d in
        let least = (shape.output[d] - 1) * shape.stride[d] - 2 * shape.padding[d] + shape.dilation[d] * (shape.kernel[d] - 1) + 1
        return shape.input[d] - least >= shape.stride[d]
      }
      let rounds = rounding && (dtype == .float16 || (dtype == .bfloat16 && isPaddedByStep))
      try Convolution.run(
        direction, shape, dtype.wide, input: result.pointer, weight: b.pointer, bias: nil, output: a.pointer, rounding: rounds ? dtype : nil)
      if let bias {
        result = try GradMode.with(false) { try result.add(bias.reshape([-1] + Array(repeating: 1, count: shape.input.count))) }
      }
    case .backwardWeights:
      try Convolution.run(direction, shape, dtype.wide, input: a.pointer, weight: result.pointer, bias: nil, output: b.pointer)
    }
    withExtendedLifetime((a, b, bias)) {}
    return try result.converted(to: dtype)
  }

  /// A product that is recorded. `a` and `b` are the two factors in the order input, weight, output.
  private static func recorded(
    _ direction: Convolution.Direction, _ shape: ConvolutionShape, _ a: Tensor, _ b: Tensor, bias: Tensor? = nil, name: String = "ConvolutionBackwardBackward0"
  ) throws -> Tensor {
    let y = try product(direction, shape, a, b, bias: bias, rounding: name == "ConvolutionBackward0")
    guard GradMode.isEnabled, a.requiresGrad || b.requiresGrad || (bias?.requiresGrad ?? false) else { return y }
    let (sa, sb) = (SavedTensor(a), SavedTensor(b))
    Tensor.recordNode(name, inputs: [a, b] + (bias.map { [$0] } ?? []), results: [y]) { node, gradients in
      guard let g = gradients[0] else { return [nil, nil, nil] }
      let (a, b) = (try sa.unpack(), try sb.unpack())
      var result: [Tensor?] = [nil, nil]
      switch direction {
      case .forward:
        if node.needs(0) { result[0] = try recorded(.backwardData, shape, g, b) }
        if node.needs(1) { result[1] = try recorded(.backwardWeights, shape, a, g) }
      case .backwardData:
        if node.needs(0) { result[0] = try recorded(.forward, shape, g, b) }
        if node.needs(1) { result[1] = try recorded(.backwardWeights, shape, g, a) }
      case .backwardWeights:
        if node.needs(0) { result[0] = try recorded(.backwardData, shape, b, g) }
        if node.needs(1) { result[1] = try recorded(.forward, shape, a, g) }
      }
      if bias != nil { result.append(node.needs(2) ? try channelSum(g) : nil) }
      return result
    }
    return y
  }

  /// The sum over everything but dimension 1.
  static func channelSum(_ x: Tensor) throws -> Tensor {
    let sizes = x.sizes
    return try LinearMap(
      "Sum",
      { x in
        let dense = try x.dense()
        if dense.dtype != .float32 { return try dense.sum(dims: [0] + Array(2..<max(sizes.count, 2))) }
        let y = try Tensor(uninitialized: [sizes[1]], dtype: .float32)
        ChannelSum.float(batch: sizes[0], channels: sizes[1], length: sizes.dropFirst(2).reduce(1, *), dense.elements(Float.self), y.elements(Float.self))
        withExtendedLifetime(dense) {}
        return y
      },
      transpose: { g in try g.reshape([1, -1] + Array(repeating: 1, count: sizes.count - 2)).expand(Array(sizes)).denseCopy() })(x)
  }

  /// A convolution or its transpose. Mirrors `torch.convolution`.
  /// - Throws: PyTorch's sentences for shapes and options that do not fit.
  static func convolution(_ x: Tensor, _ w: Tensor, _ bias: Tensor?, _ given: ConvolutionOptions) throws -> Tensor {
    let options = try checked(x, w, bias, given)
    if x.dtype.isComplex { return try complexConvolution(x, w, bias, given) }
    let (n, groups) = (w.dim - 2, options.groups)
    let own = Array(x.sizes.dropFirst(2))
    let kernel = Array(w.sizes.dropFirst(2))
    var other: [Int] = []
    for d in 0..<n {
      let reach = options.dilation[d] * (kernel[d] - 1)
      other.append(
        options.transposed
          ? (own[d] - 1) * options.stride[d] - 2 * options.padding[d] + reach + options.outputPadding[d] + 1
          : (own[d] + 2 * options.padding[d] - reach - 1) / options.stride[d] + 1)
    }
    let shape = ConvolutionShape(
      batch: x.sizes[0], inChannels: options.transposed ? w.sizes[1] * groups : x.sizes[1], outChannels: w.sizes[0], groups: groups,
      input: options.transposed ? other : own, kernel: kernel, output: options.transposed ? own : other, stride: options.stride,
      padding: options.padding, dilation: options.dilation)
    if options.transposed && other.contains(where: { $0 < 1 }) {
      throw TorchError.runtime(
        "Given input size per channel: (\(crossed(own))). Calculated output size per channel: (\(crossed(other))). Output size is too small")
    }
    return try recorded(options.transposed ? .backwardData : .forward, shape, x, w, bias: bias, name: "ConvolutionBackward0")
  }

  /// A convolution that pads by itself: `same` or `valid`. Mirrors `torch.conv2d` with text as padding.
  static func convolution(_ x: Tensor, _ w: Tensor, _ bias: Tensor?, stride: [Int], padding: String, dilation: [Int], groups: Int) throws -> Tensor {
    let n = w.dim - 2
    var options = ConvolutionOptions(stride: stride, padding: Array(repeating: 0, count: max(n, 0)), dilation: dilation, outputPadding: [0], groups: groups)
    if x.dim != w.dim {
      throw TorchError.runtime("Expected \(w.dim)-dimensional input for \(w.dim)-dimensional weight\(w.sizes.text), but got \(x.dim)-dimensional input of size \(x.sizes.text) instead")
    }
    if padding == "valid" { return try convolution(x, w, bias, options) }
    if padding != "same" { throw TorchError.runtime("Invalid padding string: '\(padding)'") }
    if stride.contains(where: { $0 != 1 }) { throw TorchError.runtime("padding='same' is not supported for strided convolutions") }
    _ = try checked(x, w, bias, options, kernelFits: false)
    let wide = dilation.count == 1 ? Array(repeating: dilation[0], count: n) : dilation
    var extra: [Int] = []
    for d in 0..<n {
      let total = wide[d] * (w.sizes[d + 2] - 1)
      options.padding[d] = total / 2
      extra = [0, total - 2 * (total / 2)] + extra
    }
    return try convolution(extra.contains(1) ? constantPad(x, extra, .integer(0)) : x, w, bias, options)
  }

  private static func crossed(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: " x ") }

  /// The options with single numbers spread over all dimensions.
  private static func checked(_ x: Tensor, _ w: Tensor, _ bias: Tensor?, _ given: ConvolutionOptions, kernelFits: Bool = true) throws -> ConvolutionOptions {
    var options = given
    let n = w.dim - 2
    if n <= 0 { throw TorchError.runtime("weight should have at least three dimensions") }
    if options.groups <= 0 { throw TorchError.runtime("non-positive groups is not supported") }
    func spread(_ list: [Int], _ name: String) throws -> [Int] {
      if list.count == 1 { return Array(repeating: list[0], count: n) }
      if list.count == n { return list }
      throw TorchError.runtime(
        "expected \(name) to be a single integer value or a list of \(n) values to match the convolution dimensions, but got \(name)=\(Dims(list).text)")
    }
    options.stride = try spread(given.stride, "stride")
    options.padding = try spread(given.padding, "padding")
    options.dilation = try spread(given.dilation, "dilation")
    options.outputPadding = try spread(given.outputPadding, "output_padding")
    let (groups, sizes) = (options.groups, w.sizes)
    if options.padding.contains(where: { $0 < 0 }) { throw TorchError.runtime("negative padding is not supported") }
    if options.outputPadding.contains(where: { $0 < 0 }) { throw TorchError.runtime("negative output_padding is not supported") }
    if options.stride.contains(where: { $0 <= 0 }) { throw TorchError.runtime("non-positive stride is not supported") }
    if options.dilation.contains(where: { $0 < 0 }) { throw TorchError.runtime("dilation should be greater than zero") }
    if options.dilation.contains(0) { throw TorchError.runtime("dilation should be greater than zero, but got \(Dims(options.dilation).text)") }
    if x.dim != w.dim {
      throw TorchError.runtime("Expected \(w.dim)-dimensional input for \(w.dim)-dimensional weight \(sizes.text), but got \(x.dim)-dimensional input of size \(x.sizes.text) instead")
    }
    if sizes[0] < groups {
      throw TorchError.runtime("Given groups=\(groups), expected weight to be at least \(groups) at dimension 0, but got weight of size \(sizes.text) instead")
    }
    if sizes[0] % groups != 0 {
      throw TorchError.runtime("Given groups=\(groups), expected weight to be divisible by \(groups) at dimension 0, but got weight of size [\(sizes.text)] instead")
    }
    let wanted = options.transposed ? sizes[0] : sizes[1] * groups
    let made = options.transposed ? sizes[1] * groups : sizes[0]
    let lead = options.transposed ? "Given transposed=1" : "Given groups=\(groups)"
    if x.sizes[1] != wanted {
      throw TorchError.runtime("\(lead), weight of size \(sizes.text), expected input\(x.sizes.text) to have \(wanted) channels, but got \(x.sizes[1]) channels instead")
    }
    if let bias, bias.dim != 1 || bias.sizes[0] != made {
      throw TorchError.runtime(
        "Given \(options.transposed ? "transposed=1, " : "")weight of size \(sizes.text), expected bias to be 1-dimensional with \(made) elements, but got bias of size \(bias.sizes.text) instead")
    }
    let reach = (0..<n).map { options.dilation[$0] * (sizes[$0 + 2] - 1) + 1 }
    if !options.transposed && kernelFits {
      let padded = (0..<n).map { x.sizes[$0 + 2] + 2 * options.padding[$0] }
      if zip(padded, reach).contains(where: { $0 < $1 }) {
        throw TorchError.runtime(
          "Calculated padded input size per channel: (\(crossed(padded))). Kernel size: (\(crossed(reach))). Kernel size can't be greater than actual input size")
      }
    }
    try checkKernel(x, w, options)
    try checkTypes(x, w, bias, options.transposed)
    return options
  }

  private static func checkKernel(_ x: Tensor, _ w: Tensor, _ options: ConvolutionOptions) throws {
    let names = [[], ["width"], ["height", "width"], ["depth", "height", "width"]][min(w.dim - 2, 3)]
    if x.sizes.dropFirst(2).contains(0) {
      throw TorchError.runtime("Only zero batch or zero channel inputs are supported, but got input shape: \(x.sizes.text)")
    }
    if w.sizes.dropFirst(2).contains(0) {
      let parts = zip(names, w.sizes.dropFirst(2)).map { "kernel_\($0): \($1)" }
      throw TorchError.runtime("kernel size should be greater than zero, but got \(parts.joined(separator: " "))")
    }
    guard options.transposed, (0..<names.count).contains(where: { options.outputPadding[$0] >= max(options.stride[$0], options.dilation[$0]) }) else { return }
    // One dimension is computed as two.
    let isLine = names.count == 1
    func list(_ name: String, _ values: [Int], _ filler: Int) -> [String] {
      zip(isLine ? ["height", "width"] : names, (isLine ? [filler] : []) + values).map { "\(name)_\($0): \($1)" }
    }
    let parts = list("output_padding", options.outputPadding, 0) + list("stride", options.stride, 1) + list("dilation", options.dilation, 1)
    throw TorchError.runtime("output padding must be smaller than either stride or dilation, but got \(parts.joined(separator: " "))")
  }

  private static func checkTypes(_ x: Tensor, _ w: Tensor, _ bias: Tensor?, _ transposed: Bool) throws {
    if let bias, bias.dtype != x.dtype {
      throw TorchError.runtime("Input type (\(x.dtype.spelledNativeName)) and bias type (\(bias.dtype.spelledNativeName)) should be the same")
    }
    if x.dtype != w.dtype { throw TorchError.runtime("expected scalar type \(x.dtype.capitalized) but found \(w.dtype.capitalized)") }
    if x.dtype == .bool || (transposed && !x.dtype.isInexact && x.dtype != .int64) {
      throw TorchError.notImplemented(transposed ? "slow_conv_transpose2d_out_cpu" : "slow_conv2d_cpu", for: x.dtype)
    }
  }

  /// Runs `body` on a batch of one where the input has no batch. `n` counts spatial dimensions.
  /// - Throws: PyTorch's sentence where there are neither n + 1 nor n + 2 dimensions.
  static func batched(_ x: Tensor, _ n: Int, _ name: String, _ body: (Tensor) throws -> Tensor) throws -> Tensor {
    if x.dim == n + 2 { return try body(x) }
    if x.dim != n + 1 {
      throw TorchError.runtime("Expected \(n + 1)D (unbatched) or \(n + 2)D (batched) input to \(name), but got input of size: \(x.sizes.text)")
    }
    return try body(x.unsqueeze(0)).squeeze([0])
  }
}

/// Convolutions, as functions of `torch` and of `torch.nn.functional`.
public let convolutions = OperationFamily("torch") { ops in
  let everywhere: Variants = [.function, .functional]
  for n in 1...3 {
    let name = "conv\(n)d"
    ops.define(
      "\(name)(Tensor input, Tensor weight, Tensor? bias=None, int[\(n)] stride=1, int[\(n)] padding=0, int[\(n)] dilation=1, int groups=1) -> Tensor",
      doc: "Slides weight over the last dimensions of input. Mirrors torch.\(name).", variants: everywhere
    ) { (x: Tensor, w: Tensor, b: Tensor?, s: [Int], p: [Int], d: [Int], g: Int) in
      try Functional.batched(x, n, name) {
        try Functional.convolution($0, w, b, ConvolutionOptions(stride: s, padding: p, dilation: d, outputPadding: [0], groups: g))
      }
    }
    ops.define(
      "\(name).padding(Tensor input, Tensor weight, Tensor? bias=None, int[\(n)] stride=1, str padding=\"valid\", int[\(n)] dilation=1, int groups=1) -> Tensor",
      doc: "The same; padding is 'valid' (none) or 'same' (the output has the input's size). Mirrors torch.\(name).", variants: everywhere
    ) { (x: Tensor, w: Tensor, b: Tensor?, s: [Int], p: String, d: [Int], g: Int) in
      try Functional.batched(x, n, name) { try Functional.convolution($0, w, b, stride: s, padding: p, dilation: d, groups: g) }
    }
    let turned = "conv_transpose\(n)d"
    ops.define(
      "\(turned)(Tensor input, Tensor weight, Tensor? bias=None, int[\(n)] stride=1, int[\(n)] padding=0, int[\(n)] output_padding=0, int groups=1, int[\(n)] dilation=1) -> Tensor",
      doc: "The transpose of a convolution: each input places a weighted kernel. Mirrors torch.\(turned).", variants: everywhere
    ) { (x: Tensor, w: Tensor, b: Tensor?, s: [Int], p: [Int], o: [Int], g: Int, d: [Int]) in
      try Functional.batched(x, n, turned) {
        try Functional.convolution($0, w, b, ConvolutionOptions(stride: s, padding: p, dilation: d, outputPadding: o, transposed: true, groups: g))
      }
    }
  }
  ops.define(
    "convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, bool transposed, int[] output_padding, int groups) -> Tensor",
    doc: "A convolution or its transpose, of as many dimensions as the weight has. Mirrors torch.convolution."
  ) { (x: Tensor, w: Tensor, b: Tensor?, s: [Int], p: [Int], d: [Int], t: Bool, o: [Int], g: Int) in
    try Functional.convolution(x, w, b, ConvolutionOptions(stride: s, padding: p, dilation: d, outputPadding: o, transposed: t, groups: g))
  }
  ops.define(
    "conv_tbc(Tensor self, Tensor weight, Tensor bias, int pad=0) -> Tensor",
    doc: "A convolution over time for input [time, batch, channels] and weight [kernel, in, out]. Mirrors torch.conv_tbc.", variants: everywhere
  ) { (x: Tensor, w: Tensor, b: Tensor, p: Int) in
    let options = ConvolutionOptions(stride: [1], padding: [p], dilation: [1], outputPadding: [0])
    return try Functional.convolution(x.permute([1, 2, 0]), w.permute([2, 1, 0]), b, options).permute([2, 0, 1])
  }
}
