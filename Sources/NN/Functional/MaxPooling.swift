import Interface
import Kernels
import TensorCore
import Torch

extension Functional {
  /// What carries values at places within planes (the last n dimensions) to planes of the sizes `whole`.
  static func placing(_ name: String, _ index: Tensor, whole: [Int], adding: Bool) -> LinearMap {
    let (volume, n) = (whole.reduce(1, *), whole.count)
    let lead = Array(index.sizes.dropLast(n))
    let planes = lead.reduce(1, *)
    let small = Array(index.sizes)
    let each = index.sizes.suffix(n).reduce(1, *)
    let back: (Tensor) throws -> Tensor = { g in
      let wide = try g.dense(g.dtype.wide)
      let y = try Tensor(uninitialized: Dims(small), dtype: wide.dtype)
      func run<W: WideElement>(_ type: W.Type) {
        MaxPooling.gather(planes: planes, from: volume, to: each, wide.elements(W.self), index.elements(Int.self), y.elements(W.self))
      }
      switch wide.dtype {
      case .float64: run(Double.self)
      case .float32: run(Float.self)
      default: run(Int64.self)
      }
      return try y.converted(to: g.dtype)
    }
    return LinearMap(
      name,
      { x in
        let wide = try x.dense(x.dtype.wide)
        let y = try Tensor.zeros(Dims(lead + whole), dtype: wide.dtype)
        func run<W: WideElement & AdditiveArithmetic>(_ type: W.Type) {
          MaxPooling.scatter(planes: planes, from: each, to: volume, wide.elements(W.self), index.elements(Int.self), y.elements(W.self), adding: adding)
        }
        switch wide.dtype {
        case .float64: run(Double.self)
        case .float32: run(Float.self)
        default: run(Int64.self)
        }
        return try y.converted(to: x.dtype)
      }, transpose: back)
  }

  /// The greatest element of each window and its place; `windows` gives those of each plane.
  /// - Parameter pairs: whether windows are 2 × 2 and lie side by side.
  static func greatest(
    _ x: Tensor, _ n: Int, _ name: String, perPlane: Bool = false, pairs: Bool = false, _ output: [Int], _ windows: (Int) throws -> [PoolWindows]
  ) throws -> (Tensor, Tensor) {
    let wide = try x.dense(x.dtype.wide)
    let lead = Array(x.sizes.dropLast(n))
    let planes = lead.reduce(1, *)
    let last = Array(x.sizes.suffix(n))
    let three = Array(repeating: 1, count: 3 - n) + last
    let (volume, each) = (last.reduce(1, *), output.reduce(1, *))
    let y = try Tensor(uninitialized: Dims(lead + output), dtype: wide.dtype)
    let index = try Tensor(uninitialized: y.sizes, dtype: .int64)
    func run<W: WideElement>(_ type: W.Type) throws {
      if pairs, W.self == Float.self {
        return MaxPooling.pairs(planes: planes, last[0], last[1], wide.elements(Float.self), y.elements(Float.self), index.elements(Int.self))
      }
      let (p, q, i) = (wide.elements(W.self), y.elements(W.self), index.elements(Int.self))
      for plane in 0..<(perPlane ? planes : 1) {
        let all = Array(repeating: PoolWindows.whole, count: 3 - n) + (try windows(plane))
        MaxPooling.run(planes: perPlane ? 1 : planes, sizes: three, all, p + plane * volume, q + plane * each, i + plane * each)
      }
    }
    if y.count > 0 {
      switch wide.dtype {
      case .float64: try run(Double.self)
      case .float32: try run(Float.self)
      default: try run(Int64.self)
      }
    }
    withExtendedLifetime(wide) {}
    let result = try y.converted(to: x.dtype)
    Tensor.recordNode("\(name)Backward0", inputs: [x], results: [result]) { _, gradients in
      guard let g = gradients[0] else { return [nil] }
      return [try placing("\(name)Backward", index, whole: last, adding: true)(g)]
    }
    return (result, index)
  }

  /// Mirrors `F.max_pool2d` and `F.max_pool3d`, and for one dimension what `F.max_pool1d` is made of.
  static func maxPool(_ x: Tensor, _ w: PoolingWindow, indices: Bool = false) throws -> (Tensor, Tensor) {
    if w.n == 1 {
      if indices {
        if x.dim == 2 || x.dim == 3 { return try flatPool(x, w) }
        try w.checkDims(x, "max_pool1d_with_indices")
      }
      return try maxPoolLine(x, w)
    }
    try w.checkDims(x, "max_pool\(w.n)d")
    let made = try w.outputSizes(x, "max_pool\(w.n)d_with_indices_out_cpu_template")
    if x.dtype == .bool { throw TorchError.notImplemented("max_pool\(w.n)d", for: .bool) }
    let pairs = x.sizes.suffix(2).reduce(1, *) < Int(Int32.max) && w.kernel == [2, 2] && w.stride == [2, 2] && w.padding == [0, 0] && w.dilation == [1, 1] && !w.ceil
    return try greatest(x, w.n, "MaxPool\(w.n)DWithIndices", pairs: pairs, made) { _ in windows(w, made, Array(x.sizes.suffix(w.n))) }
  }

  private static func windows(_ w: PoolingWindow, _ made: [Int], _ last: [Int]) -> [PoolWindows] {
    (0..<w.n).map { d in
      var (starts, counts): ([Int], [Int]) = ([], [])
      for j in 0..<made[d] {
        var from = j * w.stride[d] - w.padding[d]
        let end = min(from + (w.kernel[d] - 1) * w.dilation[d] + 1, last[d])
        if from < 0 { from += (-from + w.dilation[d] - 1) / w.dilation[d] * w.dilation[d] }
        starts.append(from)
        counts.append(end > from ? (end - from + w.dilation[d] - 1) / w.dilation[d] : 0)
      }
      return PoolWindows(starts: starts, counts: counts, step: w.dilation[d])
    }
  }

  private static func maxPoolLine(_ x: Tensor, _ w: PoolingWindow) throws -> (Tensor, Tensor) {
    if x.dim != 2 && x.dim != 3 || x.sizes.dropFirst(x.dim - 2).contains(0) {
      throw TorchError.runtime("max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:\(x.sizes.text)")
    }
    let (k, s, p, d) = (w.kernel[0], w.stride[0], w.padding[0], w.dilation[0])
    if k <= 0 { throw TorchError.runtime("max_pool1d() kernel_size must be greater than zero, but got \(k)") }
    if s <= 0 { throw TorchError.runtime("max_pool1d() stride must be greater than zero, but got \(s)") }
    if p < 0 { throw TorchError.runtime("max_pool1d() padding must be non-negative, but got \(p)") }
    if p > k / 2 { throw TorchError.runtime("max_pool1d() padding should be at most half of kernel size, but got padding=\(p) and kernel_size=\(k)") }
    if d <= 0 { throw TorchError.runtime("max_pool1d() dilation must be greater than zero, but got \(d)") }
    if d.multipliedReportingOverflow(by: k - 1).overflow {
      throw TorchError.runtime("effective kernel size overflows, but got kernel_size=\(k) and dilation=\(d)")
    }
    let made = w.outputSize(0, x.sizes[x.dim - 1])
    if made <= 0 { throw TorchError.runtime("max_pool1d() Invalid computed output size: \(made)") }
    if !x.dtype.isFloatingPoint { throw TorchError.notImplemented("max_pool1d_impl", for: x.dtype) }
    return try flatPool(x, w)
  }

  /// Pools one dimension as two.
  private static func flatPool(_ x: Tensor, _ w: PoolingWindow) throws -> (Tensor, Tensor) {
    let flat = try PoolingWindow(
      2, "max_pool2d", kernel: [1] + w.kernel, stride: [1] + w.stride, padding: [0] + w.padding, dilation: [1] + w.dilation, ceil: w.ceil)
    let (y, index) = try maxPool(x.unsqueeze(-2), flat)
    return (try y.squeeze([-2]), try index.squeeze([-2]))
  }

  /// Mirrors `F.adaptive_max_pool1d` to `3d`.
  static func adaptiveMaxPool(_ x: Tensor, _ output: [Int], _ n: Int) throws -> (Tensor, Tensor) {
    try checkAdaptive(x, n, "adaptive_max_pool\(n)d", output.count, greatest: true)
    if n == 1 {
      let (y, index) = try adaptiveMaxPool(x.unsqueeze(-2), [1] + output, 2)
      return (try y.squeeze([-2]), try index.squeeze([-2]))
    }
    if output.contains(where: { $0 < 0 }) {
      let sizes = Dims(Array(x.sizes.dropLast(n)) + output)
      throw TorchError.runtime("Trying to create tensor with negative dimension \(output.first { $0 < 0 } ?? -1): \(sizes.text)")
    }
    if !x.dtype.isFloatingPoint { throw TorchError.notImplemented("adaptive_max_pool\(n)d", for: x.dtype) }
    let last = Array(x.sizes.suffix(n))
    return try greatest(x, n, "AdaptiveMaxPool\(n)D", output) { _ in (0..<n).map { PoolWindows(adaptiveWindows(last[$0], output[$0])) } }
  }

  /// Where the windows of fractional pooling begin along one dimension, from one sample of [0, 1).
  private static func fractionalStarts(_ sample: Double, _ input: Int, _ output: Int, _ pool: Int, _ dtype: DType) -> [Int] {
    if output == 0 { return [] }
    var starts: [Int] = []
    if output > 1 {
      if dtype == .float64 {
        let alpha = Double(input - pool) / Double(output - 1)
        starts = (0..<output - 1).map { Int((Double($0) + sample) * alpha) - Int(sample * alpha) }
      } else {
        let (alpha, u) = (Float(input - pool) / Float(output - 1), Float(sample))
        starts = (0..<output - 1).map { Int((Float($0) + u) * alpha) - Int(u * alpha) }
      }
    }
    return starts + [input - pool]
  }

  /// Mirrors `torch.nn.functional.fractional_max_pool2d` and `3d` with the samples given.
  static func fractionalMaxPool(_ x: Tensor, _ kernel: [Int], _ output: [Int], _ samples: Tensor, _ n: Int) throws -> (Tensor, Tensor) {
    let name = "fractional_max_pool\(n)d"
    if x.dim != n + 1 && x.dim != n + 2 || x.sizes.suffix(n + 1).contains(0) {
      throw TorchError.runtime("\(name)(): Expected \(n + 1)D or \(n + 2)D tensor, but got: \(x.sizes.text)")
    }
    let last = Array(x.sizes.suffix(n))
    let names = n == 2 ? ["height", "width"] : ["time", "height", "width"]
    for d in 0..<n where output[d] + kernel[d] - 1 > last[d] - (n == 3 ? 1 : 0) {
      throw TorchError.runtime("\(name)\(n == 3 ? "_out" : "")(): pool \(names[d]) \(kernel[d]) too large relative to input \(names[d]) \(last[d])")
    }
    let u = try samples.dense()
    return try greatest(x, n, "FractionalMaxPool\(n)D", perPlane: true, output) { plane in
      (0..<n).map { d in
        // Of two samples the first is for the width; three are in order.
        let sample = u.scalar(at: plane * n + (n == 2 ? 1 - d : d)).doubleValue
        let starts = fractionalStarts(sample, last[d], output[d], kernel[d], x.dtype)
        return PoolWindows(starts: starts, counts: starts.map { _ in kernel[d] })
      }
    }
  }

  /// Mirrors `F.fractional_max_pool2d` and `3d`: draws its own samples where none are given.
  static func fractionalMaxPool(_ x: Tensor, _ kernel: [Int], _ output: [Int]?, ratio: Value, _ samples: Tensor?, _ n: Int) throws -> (Tensor, Tensor) {
    var output = output
    if output == nil {
      switch ratio {
      case .none: throw TorchError.value("fractional_max_pool\(n)d requires specifying either an output_size or an output_ratio")
      case .list(let items), .tuple(let items):
        let ratios = items.compactMap { Double.element(from: $0) }
        if ratios.count != n { throw TorchError.value("fractional_max_pool\(n)d requires output_ratio to either be a single Int or tuple of Ints.") }
        output = (0..<n).map { Int(Double(x.sizes[x.dim - n + $0]) * ratios[$0]) }
      default: throw TorchError.type("object of type '\(ratio.pythonTypeName)' has no len()")
      }
    }
    let u: Tensor
    if let samples { u = samples } else {
      let batch = x.dim == n + 1 ? 1 : x.sizes[0]
      u = try Tensor(uninitialized: [batch, x.dim > n ? x.sizes[x.dim - n - 1] : 0, n], dtype: x.dtype)
      try GradMode.with(false) { _ = try u.uniform(0, 1, nil) }
    }
    return try fractionalMaxPool(x, kernel, output ?? [], u, n)
  }

  /// Puts each element at its place among zeros. Mirrors `F.max_unpool1d` to `3d`.
  static func maxUnpool(_ x: Tensor, _ index: Tensor, _ output: [Int], _ n: Int) throws -> Tensor {
    if index.dtype != .int64 { throw TorchError.runtime("elements in indices should be type int64 but got: \(index.dtype.capitalized)") }
    if output.count != n {
      throw TorchError.runtime("There should be exactly \(n == 2 ? "two elements (height, width)" : "three elements (depth, height, width)") in output_size, but got \(output.count) elements.")
    }
    if x.dim != n + 1 && x.dim != n + 2 {
      throw TorchError.runtime("Input to max_unpooling\(n)d should be a \(n + 1)d or \(n + 2)d Tensor, but got a tensor with \(x.dim) dimensions.")
    }
    if x.sizes != index.sizes {
      throw TorchError.runtime("Expected shape of indices to be same as that of the input tensor (\(x.sizes.text)) but got indices tensor with shape: \(index.sizes.text)")
    }
    for d in 0..<x.dim where d > 0 && x.sizes[d] == 0 {
      throw TorchError.runtime("max_unpooling\(n)d(): Expected input to have non-zero size for non-batch dimensions, but got \(x.sizes.text) with dimension \(d) being empty.")
    }
    if !x.dtype.isFloatingPoint { throw TorchError.notImplemented("max_unpooling\(n)d", for: x.dtype) }
    let places = try index.dense()
    let volume = output.reduce(1, *)
    let p = places.elements(Int.self)
    for i in 0..<places.count where p[i] < 0 || p[i] >= volume {
      throw TorchError.runtime("Found an invalid max index: \(p[i]) (output volumes are of size \(output.map(String.init).joined(separator: "x")))")
    }
    return try placing("MaxUnpool\(n)D", places, whole: output, adding: false)(x)
  }

  /// The size that unpooling gives, checked against one a user asks for. Mirrors `_unpool_output_size`.
  static func unpooledSize(_ x: Tensor, _ w: PoolingWindow, _ wanted: [Int]?) throws -> [Int] {
    let n = w.n
    let usual = try (0..<n).map { d in (try x.size(d - n) - 1) * w.stride[d] + w.kernel[d] - 2 * w.padding[d] }
    guard var wanted else { return usual }
    if wanted.count == n + 2 { wanted = Array(wanted.dropFirst(2)) }
    if wanted.count != n {
      throw TorchError.value("output_size should be a sequence containing \(n) or \(n + 2) elements, but it has a length of '\(wanted.count)'")
    }
    for d in 0..<n where wanted[d] <= usual[d] - w.stride[d] || wanted[d] >= usual[d] + w.stride[d] {
      let list = wanted.map(String.init).joined(separator: ", ") + (n == 1 ? "," : "")
      throw TorchError.value("invalid output_size \"(\(list))\" (dim \(d) must be between \(usual[d] - w.stride[d]) and \(usual[d] + w.stride[d]))")
    }
    return wanted
  }

  /// Mirrors `F.max_unpool1d` to `3d`.
  static func maxUnpool(_ x: Tensor, _ index: Tensor, _ w: PoolingWindow, _ wanted: [Int]?) throws -> Tensor {
    let size = try unpooledSize(x, w, wanted)
    if w.n == 3 && w.stride.contains(where: { $0 <= 0 }) { throw TorchError.runtime("strides should be greater than zero, but got stride: \(Dims(w.stride).text)") }
    if w.n > 1 { return try maxUnpool(x, index, size, w.n) }
    return try maxUnpool(x.unsqueeze(-1), index.unsqueeze(-1), size + [1], 2).squeeze([-1])
  }
}
