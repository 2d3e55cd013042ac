import Interface
import Kernels
import TensorCore
import Torch

extension Functional {
  /// Channels become places: [C·r², H, W] to [C, H·r, W·r]. Mirrors `torch.pixel_shuffle`.
  static func pixelShuffle(_ x: Tensor, _ r: Int) throws -> Tensor {
    if x.dim < 3 { throw TorchError.runtime("pixel_shuffle expects input to have at least 3 dimensions, but got input with \(x.dim) dimension(s)") }
    if r <= 0 { throw TorchError.runtime("pixel_shuffle expects a positive upscale_factor, but got \(r)") }
    let (lead, c, h, w) = (Array(x.sizes.dropLast(3)), x.sizes[x.dim - 3], x.sizes[x.dim - 2], x.sizes[x.dim - 1])
    if c % (r * r) != 0 {
      throw TorchError.runtime("pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=\(c) is not divisible by \(r * r)")
    }
    let n = lead.count
    let order = Array(0..<n) + [n, n + 3, n + 1, n + 4, n + 2]
    return try rearranged(x, "PixelShuffle", lead + [c / (r * r), r, r, h, w], order, lead + [c / (r * r), h * r, w * r])
  }

  /// The inverse of `pixelShuffle`. Mirrors `torch.pixel_unshuffle`.
  static func pixelUnshuffle(_ x: Tensor, _ r: Int) throws -> Tensor {
    if x.dim < 3 { throw TorchError.runtime("pixel_unshuffle expects input to have at least 3 dimensions, but got input with \(x.dim) dimension(s)") }
    if r <= 0 { throw TorchError.runtime("pixel_unshuffle expects a positive downscale_factor, but got \(r)") }
    let (lead, c, h, w) = (Array(x.sizes.dropLast(3)), x.sizes[x.dim - 3], x.sizes[x.dim - 2], x.sizes[x.dim - 1])
    if h % r != 0 { throw TorchError.runtime("pixel_unshuffle expects height to be divisible by downscale_factor, but input.size(-2)=\(h) is not divisible by \(r)") }
    if w % r != 0 { throw TorchError.runtime("pixel_unshuffle expects width to be divisible by downscale_factor, but input.size(-1)=\(w) is not divisible by \(r)") }
    let n = lead.count
    let order = Array(0..<n) + [n, n + 2, n + 4, n + 1, n + 3]
    return try rearranged(x, "PixelUnshuffle", lead + [c, h / r, r, w / r, r], order, lead + [c * r * r, h / r, w / r])
  }

  /// Groups of channels dealt out in turn. Mirrors `torch.channel_shuffle`.
  static func channelShuffle(_ x: Tensor, _ groups: Int) throws -> Tensor {
    if x.dim <= 2 { throw TorchError.runtime("channel_shuffle expects input with > 2 dims, but got input with sizes \(x.sizes.text)") }
    if groups <= 0 { throw TorchError.runtime("Number of groups to divide channels in must be positive. Value of groups:\(groups)") }
    let c = x.sizes[1]
    if c % groups != 0 { throw TorchError.runtime("Number of channels must be divisible by groups. Got \(c) channels and \(groups) groups.") }
    let rest = Array(x.sizes.dropFirst(2))
    return try rearranged(
      x, "ChannelShuffle", [x.sizes[0], groups, c / groups] + rest, [0, 2, 1] + Array(3..<(3 + rest.count)), Array(x.sizes))
  }

  /// A copy with the elements in another order: under the sizes `apart`, permuted, and put together again.
  private static func rearranged(_ x: Tensor, _ name: String, _ apart: [Int], _ order: [Int], _ together: [Int]) throws -> Tensor {
    var inverse = order
    for (i, d) in order.enumerated() { inverse[d] = i }
    let (whole, moved) = (Array(x.sizes), order.map { apart[$0] })
    return try LinearMap(
      name, { try $0.reshape(apart).permute(order).denseCopy().reshape(together) },
      transpose: { try $0.reshape(moved).permute(inverse).denseCopy().reshape(whole) })(x)
  }

  /// What `unfold` and `fold` share: the windows of two dimensions, checked.
  private static func windows(
    _ kernel: [Int], _ dilation: [Int], _ padding: [Int], _ stride: [Int], channels: Int, input: [Int], places: Int? = nil, isFold: Bool = false
  ) throws -> (Windows, [Int]) {
    func pair(_ name: String, _ values: [Int]) -> String { "\(name)_height: \(values[0]) \(name)_width: \(values[1])" }
    for (name, list) in [("kernel_size", kernel), ("dilation", dilation), ("padding", padding), ("stride", stride)] where list.count != 2 {
      throw TorchError.runtime("It is expected \(name) equals to 2, but got size \(list.count)")
    }
    if kernel.contains(where: { $0 <= 0 }) { throw TorchError.runtime("kernel size should be greater than zero, but got \(pair("kernel", kernel))") }
    if isFold && stride.contains(where: { $0 <= 0 }) { throw TorchError.runtime("stride should be greater than zero, but got \(pair("stride", stride))") }
    if dilation.contains(where: { $0 <= 0 }) { throw TorchError.runtime("dilation should be greater than zero, but got \(pair("dilation", dilation))") }
    if padding.contains(where: { $0 < 0 }) { throw TorchError.runtime("padding should be non-negative, but got \(pair("pad", padding))") }
    if stride.contains(where: { $0 <= 0 }) { throw TorchError.runtime("stride should be greater than zero, but got \(pair("stride", stride))") }
    let made = (0..<2).map { d -> Int in
      let span = input[d] + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1
      return (span >= 0 ? span / stride[d] : -((-span + stride[d] - 1) / stride[d])) + 1
    }
    return (Windows(channels: channels, input: input, kernel: kernel, output: made, stride: stride, padding: padding, dilation: dilation), made)
  }

  private static func text(_ pair: [Int]) -> String { "(\(pair[0]), \(pair[1]))" }

  /// The sums of what falls on each place, outside autograd: the transpose of `columns`.
  private static func folded(_ g: Tensor, _ windows: Windows, _ whole: [Int]) throws -> Tensor {
    let wide = try g.dense(g.dtype.wide)
    let x = try Tensor.zeros(Dims(whole), dtype: wide.dtype)
    let (from, to) = (g.count / max(whole[0], 1), x.count / max(whole[0], 1))
    for n in 0..<whole[0] {
      switch wide.dtype {
      case .float64: windows.fold(wide.elements(Double.self) + n * from, into: x.elements(Double.self) + n * to, +)
      case .float32: windows.fold(wide.elements(Float.self) + n * from, into: x.elements(Float.self) + n * to, +)
      default: windows.fold(wide.elements(Int64.self) + n * from, into: x.elements(Int64.self) + n * to, &+)
      }
    }
    withExtendedLifetime(wide) {}
    return try x.converted(to: g.dtype)
  }

  /// The windows of each row as columns, outside autograd.
  private static func columns(_ x: Tensor, _ windows: Windows, _ sizes: [Int]) throws -> Tensor {
    let source = try x.dense()
    let y = try Tensor(uninitialized: Dims(sizes), dtype: x.dtype)
    let rows = sizes[0]
    let (from, to) = (x.count / max(rows, 1), y.count / max(rows, 1))
    for n in 0..<rows {
      switch x.dtype.itemSize {
      case 1: windows.unfold(source.elements(UInt8.self) + n * from, y.elements(UInt8.self) + n * to, zero: 0)
      case 2: windows.unfold(source.elements(UInt16.self) + n * from, y.elements(UInt16.self) + n * to, zero: 0)
      case 4: windows.unfold(source.elements(UInt32.self) + n * from, y.elements(UInt32.self) + n * to, zero: 0)
      default: windows.unfold(source.elements(UInt64.self) + n * from, y.elements(UInt64.self) + n * to, zero: 0)
      }
    }
    withExtendedLifetime(source) {}
    return y
  }

  /// Each window as a column. Mirrors `F.unfold`.
  static func unfold(_ x: Tensor, _ kernel: [Int], _ dilation: [Int], _ padding: [Int], _ stride: [Int]) throws -> Tensor {
    if x.dim == 3 { return try unfold(x.unsqueeze(0), kernel, dilation, padding, stride).squeeze([0]) }
    let batch = x.dim
    if batch < 3 { throw TorchError.index("Dimension out of range (expected to be in range of [\(-max(batch, 1)), \(max(batch, 1) - 1)], but got 2)") }
    if batch != 4 || x.sizes.dropFirst().contains(0) {
      throw TorchError.runtime("Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: \(x.sizes.text)")
    }
    let input = Array(x.sizes.suffix(2))
    let (windows, made) = try windows(kernel, dilation, padding, stride, channels: x.sizes[1], input: input)
    if made.contains(where: { $0 < 1 }) {
      throw TorchError.runtime(
        "Given input with spatial size \(text(input)), kernel_size=\(text(kernel)), dilation=\(text(dilation)), padding=\(text(padding)), calculated shape of the array of sliding blocks as \(text(made)), but its components must be at least one.")
    }
    if !x.dtype.isFloatingPoint && x.dtype != .bool { throw TorchError.notImplemented("im2col_out_cpu", for: x.dtype) }
    let (whole, sizes) = (Array(x.sizes), [x.sizes[0], x.sizes[1] * kernel[0] * kernel[1], made[0] * made[1]])
    return try LinearMap("Im2Col", { try columns($0, windows, sizes) }, transpose: { try folded($0, windows, whole) })(x)
  }

  /// Adds columns to the places of their windows. Mirrors `F.fold`.
  static func fold(_ x: Tensor, _ output: [Int], _ kernel: [Int], _ dilation: [Int], _ padding: [Int], _ stride: [Int]) throws -> Tensor {
    if x.dim == 2 { return try fold(x.unsqueeze(0), output, kernel, dilation, padding, stride).squeeze([0]) }
    if output.count != 2 { throw TorchError.runtime("It is expected output_size equals to 2, but got size \(output.count)") }
    let (windows, made) = try windows(kernel, dilation, padding, stride, channels: x.dim == 3 ? x.sizes[1] / max(kernel.reduce(1, *), 1) : 0, input: output, isFold: true)
    if x.dim != 3 || x.sizes.dropFirst().contains(0) {
      throw TorchError.runtime("Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: \(x.sizes.text)")
    }
    let field = kernel[0] * kernel[1]
    if x.sizes[1] % field != 0 {
      throw TorchError.runtime("Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=\(x.sizes[1]) and kernel_size=\(text(kernel)).")
    }
    let given = "Given output_size=\(text(output)), kernel_size=\(text(kernel)), dilation=\(text(dilation)), padding=\(text(padding)), stride=\(text(stride)), "
    if x.sizes[2] != made[0] * made[1] {
      throw TorchError.runtime("\(given)expected size of input's dimension 2 to match the calculated number of sliding blocks \(made[0]) * \(made[1]) = \(made[0] * made[1]), but got input.size(2)=\(x.sizes[2]).")
    }
    if made.contains(where: { $0 < 1 }) { throw TorchError.runtime("\(given)calculated shape of the array of sliding blocks as \(text(made)), which is too small (non-positive)") }
    if output.contains(where: { $0 < 1 }) { throw TorchError.runtime("Expected output spatial size to be positive, but got: output_size=\(text(output)).") }
    if !x.dtype.isFloatingPoint && x.dtype != .bool { throw TorchError.notImplemented("col2im_out_cpu", for: x.dtype) }
    let (whole, sizes) = ([x.sizes[0], x.sizes[1] / field] + output, Array(x.sizes))
    return try LinearMap("Col2Im", { try folded($0, windows, whole) }, transpose: { try columns($0, windows, sizes) })(x)
  }
}

/// The same elements in other places.
public let rearrangements = OperationFamily("torch") { ops in
  let everywhere: Variants = [.function, .functional]
  ops.define("pixel_shuffle(Tensor self, int upscale_factor) -> Tensor", doc: "Channels as places: [C r r, H, W] to [C, H r, W r]. Mirrors torch.pixel_shuffle.", variants: everywhere) { (x: Tensor, r: Int) in try Functional.pixelShuffle(x, r) }
  ops.define("pixel_unshuffle(Tensor self, int downscale_factor) -> Tensor", doc: "Places as channels: [C, H r, W r] to [C r r, H, W]. Mirrors torch.pixel_unshuffle.", variants: everywhere) { (x: Tensor, r: Int) in try Functional.pixelUnshuffle(x, r) }
  for name in ["channel_shuffle", "native_channel_shuffle"] {
    ops.define("\(name)(Tensor self, int groups) -> Tensor", doc: "Groups of channels dealt out in turn. Mirrors torch.\(name).", variants: everywhere) { (x: Tensor, g: Int) in try Functional.channelShuffle(x, g) }
  }
}

/// Windows as columns, and back.
public let foldings = OperationFamily("torch.nn.functional") { ops in
  ops.define("unfold(Tensor input, int[2] kernel_size, int[2] dilation=1, int[2] padding=0, int[2] stride=1) -> Tensor", doc: "Each window of the last two dimensions as a column. Mirrors F.unfold.", variants: [.function]) {
    (x: Tensor, k: [Int], d: [Int], p: [Int], s: [Int]) in try Functional.unfold(x, k, d, p, s)
  }
  ops.define("fold(Tensor input, int[2] output_size, int[2] kernel_size, int[2] dilation=1, int[2] padding=0, int[2] stride=1) -> Tensor", doc: "Adds columns to the places of their windows. Mirrors F.fold.", variants: [.function]) {
    (x: Tensor, o: [Int], k: [Int], d: [Int], p: [Int], s: [Int]) in try Functional.fold(x, o, k, d, p, s)
  }
}
