import Glibc
import Interface
import Kernels
import TensorCore
import Torch

extension Functional {
  /// The mean of each window. Mirrors `F.avg_pool1d` to `F.avg_pool3d`.
  static func avgPool(_ x: Tensor, _ w: PoolingWindow, includesPadding: Bool, divisor: Int?, _ name: String) throws -> Tensor {
    if divisor == 0 { throw TorchError.runtime("divisor must be not zero") }
    try w.checkDims(x, name)
    let made = try w.outputSizes(x, name)
    if !x.dtype.isFloatingPoint && x.dtype != .int64 || (w.n == 3 && x.dtype.itemSize == 2) {
      throw TorchError.notImplemented(w.n == 3 ? "avg_pool3d_out_frame" : "avg_pool2d", for: x.dtype)
    }
    let last = Array(x.sizes.suffix(w.n))
    var divisors = try Tensor.full([], .double(1), dtype: .float64)
    var maps: [AxisMap] = []
    for d in 0..<w.n {
      var windows: [Range<Int>] = []
      var counts: [Double] = []
      for j in 0..<made[d] {
        let from = j * w.stride[d] - w.padding[d]
        let to = min(from + w.kernel[d], last[d] + w.padding[d])
        let (inFrom, inTo) = (max(from, 0), min(to, last[d]))
        windows.append(inFrom..<max(inTo, inFrom))
        counts.append(Double(includesPadding ? to - from : inTo - inFrom))
      }
      maps.append(AxisMap(inputSize: last[d], summing: windows))
      divisors = try divisors.unsqueeze(-1).mul(Tensor.vector(counts, dtype: .float64))
    }
    if let divisor { divisors = try .scalar(.double(Double(divisor)), dtype: .float64) }
    return try LinearMap.along("AvgPool\(w.n == 1 ? 2 : w.n)D", maps, divisor: divisors)(x)
  }

  /// The windows of adaptive pooling along one dimension.
  static func adaptiveWindows(_ size: Int, _ count: Int) -> [Range<Int>] {
    (0..<count).map { (($0 * size) / count)..<((($0 + 1) * size + count - 1) / count) }
  }

  /// - Throws: PyTorch's sentences for inputs that adaptive pooling refuses.
  static func checkAdaptive(_ x: Tensor, _ n: Int, _ name: String, _ count: Int, greatest: Bool) throws {
    if n == 1 && x.dim != 2 && x.dim != 3 {
      throw TorchError.runtime("Expected 2 to 3 dimensions, but got \(x.dim)-dimensional tensor for argument #1 'self' (while checking arguments for \(name))")
    }
    if x.dim != n + 1 && x.dim != n + 2 {
      throw TorchError.runtime("\(name)(): Expected \(n + 1)D or \(n + 2)D tensor, but got\(greatest ? ":" : "") \(x.sizes.text)")
    }
    for d in (x.dim - n)..<x.dim where x.sizes[d] == 0 {
      throw TorchError.runtime(
        "\(name)(): Expected input to have non-zero size for non-batch dimensions, but input has sizes \(x.sizes.text) with dimension \(d) being empty")
    }
    if n == 1 && count != 1 { throw TorchError.runtime("\(name)() argument 'output_size' should contain one int (got \(count))") }
    if count != n { throw TorchError.runtime(greatest ? "\(name)(): internal error: output_size.size() must be \(n)" : "\(name): output_size must be \(n)") }
  }

  /// The mean of as many windows as asked for. Mirrors `F.adaptive_avg_pool1d` to `3d`.
  static func adaptiveAvgPool(_ x: Tensor, _ output: [Int], _ n: Int) throws -> Tensor {
    let name = "adaptive_avg_pool\(n)d"
    try checkAdaptive(x, n, name, output.count, greatest: false)
    if output.contains(where: { $0 < 0 }) {
      let list = n == 3 ? "\(output[0]), \(output[1]),\(output[2])" : output.map(String.init).joined(separator: ", ")
      throw TorchError.runtime("adaptive_avg_pool\(max(n, 2))d: elements of output_size must be greater than or equal to 0 but received {\(n == 1 ? "1, " : "")\(list)}")
    }
    if !x.dtype.isFloatingPoint { throw TorchError.notImplemented("adaptive_avg_pool\(max(n, 2))d", for: x.dtype) }
    if n > 1 && output.allSatisfy({ $0 == 1 }) { return try x.mean(dims: Array((x.dim - n)..<x.dim), keepdim: true) }
    let last = Array(x.sizes.suffix(n))
    var divisors = try Tensor.full([], .double(1), dtype: .float64)
    var maps: [AxisMap] = []
    for d in 0..<n {
      let windows = adaptiveWindows(last[d], output[d])
      maps.append(AxisMap(inputSize: last[d], summing: windows))
      divisors = try divisors.unsqueeze(-1).mul(Tensor.vector(windows.map { Double($0.count) }, dtype: .float64))
    }
    let rounds = n == 3 && x.dtype.itemSize == 2
    return try LinearMap.along(
      "AdaptiveAvgPool\(max(n, 2))D", maps, divisor: divisors, forward: rounds ? { try halfMeans($0, (0..<n).map { adaptiveWindows(last[$0], output[$0]) }) } : nil)(x)
  }

  /// Means over windows of three dimensions as PyTorch adds halves up: each sum and each quotient rounded.
  private static func halfMeans(_ x: Tensor, _ windows: [[Range<Int>]]) throws -> Tensor {
    let rounded: (Float) -> Float = x.dtype == .float16 ? { Float16(wide: $0).wide } : { BFloat16(wide: $0).wide }
    let source = try x.dense(.float32)
    let y = try Tensor(uninitialized: Dims(x.sizes.dropLast(3) + windows.map(\.count)), dtype: .float32)
    let (p, out) = (source.elements(Float.self), y.elements(Float.self))
    let (h, w) = (x.sizes[x.dim - 2], x.sizes[x.dim - 1])
    let whole = x.sizes[x.dim - 3] * h * w
    var at = 0
    for base in stride(from: 0, to: source.count, by: max(whole, 1)) {
      for a in windows[0] {
        for b in windows[1] {
          for c in windows[2] {
            var sum: Float = 0
            for i in a { for j in b { for k in c { sum = rounded(sum + p[base + (i * h + j) * w + k]) } } }
            out[at] = rounded(rounded(rounded(sum / Float(a.count)) / Float(b.count)) / Float(c.count))
            at += 1
          }
        }
      }
    }
    return try withExtendedLifetime(source) { try y.converted(to: x.dtype) }
  }

  /// What stands for n sizes: Lua's tables lose nil at their end, and with nil at their start are no lists.
  static func sizes(_ wanted: [Value], _ n: Int) -> [Value] {
    var list = wanted
    if let first = wanted.first, case .dictionary(let entries) = first {
      list = Array(repeating: Value.none, count: n)
      for (key, value) in entries {
        if case .integer(let i) = key, i >= 1, i <= n { list[i - 1] = value }
      }
    }
    if list.isEmpty && n == 1 { return [] }
    return list + Array(repeating: Value.none, count: max(n - list.count, 0))
  }

  /// Sizes some of which are None, which leaves the input's.
  static func sizes(_ wanted: [Value], like x: Tensor, _ n: Int) throws -> [Int] {
    let list = sizes(wanted, n)
    if n > 1, x.dim <= list.count { throw TorchError.value("Input dimension should be at least \(list.count + 1)") }
    return try list.enumerated().map { d, value in
      switch value {
      case .integer(let i): return i
      case .none:
        let at = x.dim - n + d
        return at >= 0 ? x.sizes[at] : 0
      default: throw TorchError.type("output_size must be int or None, not \(value.pythonTypeName)")
      }
    }
  }

  /// The p-norm of each window. Mirrors `F.lp_pool1d` to `3d`.
  static func lpPool(_ x: Tensor, _ p: Scalar, _ w: PoolingWindow, _ name: String) throws -> Tensor {
    let powered = try x.pow(.wrapped(p))
    let mean = try avgPool(powered, w, includesPadding: true, divisor: nil, "avg_pool\(w.n)d")
    let count = w.kernel.reduce(1, *)
    return try mean.sign().mul(mean.abs().relu()).mul(.wrapped(.integer(count))).pow(.wrapped(.double(1 / p.doubleValue)))
  }

  /// Each element over a power of the mean square of neighbouring channels. Mirrors `F.local_response_norm`.
  static func localResponseNorm(_ x: Tensor, _ size: Int, alpha: Double, beta: Double, k: Double) throws -> Tensor {
    if x.dim < 3 { throw TorchError.value("Expected 3D or higher dimensionality                          input (got \(x.dim) dimensions)") }
    if x.count == 0 { return x }
    let square = try x.mul(x).unsqueeze(1)
    let mean: Tensor
    if x.dim == 3 {
      let padded = try constantPad(square, [0, 0, size / 2, (size - 1) / 2], .integer(0))
      let w = try PoolingWindow(2, "avg_pool2d", kernel: [size, 1], stride: [1], padding: [0], ceil: false)
      mean = try avgPool(padded, w, includesPadding: true, divisor: nil, "avg_pool2d").squeeze([1])
    } else {
      let sizes = Array(x.sizes)
      let padded = try constantPad(square.reshape([sizes[0], 1, sizes[1], sizes[2], sizes[3...].reduce(1, *)]), [0, 0, 0, 0, size / 2, (size - 1) / 2], .integer(0))
      let w = try PoolingWindow(3, "avg_pool3d", kernel: [size, 1, 1], stride: [1], padding: [0], ceil: false)
      // Half types are averaged in float32, for which there is a kernel, as PyTorch's own would have none.
      let wide = padded.dtype.itemSize == 2 ? try padded.to(.float32) : padded
      mean = try avgPool(wide, w, includesPadding: true, divisor: nil, "avg_pool3d").to(padded.dtype).squeeze([1]).reshape(sizes)
    }
    return try x.div(mean.mul(.wrapped(.double(alpha))).add(.wrapped(.double(k))).pow(.wrapped(.double(beta))))
  }
}

/// Pooling by averages.
public let averagePoolings = OperationFamily("torch.nn.functional") { ops in
  for n in 1...3 {
    let name = "avg_pool\(n)d"
    let tail = n == 1 ? "" : ", int? divisor_override=None"
    func pool(_ x: Tensor, _ k: [Int], _ s: [Int]?, _ p: [Int], _ c: Bool, _ i: Bool, _ d: Int?) throws -> Tensor {
      try Functional.avgPool(x, PoolingWindow(n, name, kernel: k, stride: s, padding: p, ceil: c), includesPadding: i, divisor: d, name)
    }
    let text = "\(name)(Tensor input, int[\(n)] kernel_size, int[\(n)]? stride=None, int[\(n)] padding=0, bool ceil_mode=False, bool count_include_pad=True\(tail)) -> Tensor"
    let doc = "The mean of each window of the last \(n) dimensions. Mirrors F.\(name)."
    if n == 1 {
      ops.define(text, doc: doc, variants: [.function]) { (x: Tensor, k: [Int], s: [Int]?, p: [Int], c: Bool, i: Bool) in try pool(x, k, s, p, c, i, nil) }
    } else {
      ops.define(text, doc: doc, variants: [.function]) { (x: Tensor, k: [Int], s: [Int]?, p: [Int], c: Bool, i: Bool, d: Int?) in try pool(x, k, s, p, c, i, d) }
    }
    ops.define("adaptive_avg_pool\(n)d(Tensor input, Any[\(n)] output_size) -> Tensor", doc: "The mean of output_size windows; None keeps a size. Mirrors F.adaptive_avg_pool\(n)d.", variants: [.function]) {
      (x: Tensor, s: [Value]) in try Functional.adaptiveAvgPool(x, Functional.sizes(s, like: x, n), n)
    }
    ops.define("lp_pool\(n)d(Tensor input, float norm_type, int[\(n)] kernel_size, int[\(n)]? stride=None, bool ceil_mode=False) -> Tensor", doc: "The norm of each window. Mirrors F.lp_pool\(n)d.", variants: [.function]) {
      (x: Tensor, p: Scalar, k: [Int], s: [Int]?, c: Bool) in try Functional.lpPool(x, p, PoolingWindow(n, "avg_pool\(n)d", kernel: k, stride: s, padding: [0], ceil: c), name)
    }
  }
  ops.define("local_response_norm(Tensor input, int size, float alpha=0.0001, float beta=0.75, float k=1.0) -> Tensor", doc: "Each element over a power of the mean square of size neighbouring channels. Mirrors F.local_response_norm.", variants: [.function]) {
    (x: Tensor, n: Int, a: Double, b: Double, k: Double) in try Functional.localResponseNorm(x, n, alpha: a, beta: b, k: k)
  }
}

/// Pooling by averages, as PyTorch also has it under `torch`.
public let plainAveragePoolings = OperationFamily("torch") { ops in
  ops.define("avg_pool1d(Tensor self, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, bool ceil_mode=False, bool count_include_pad=True) -> Tensor", doc: "The mean of each window of the last dimension. Mirrors torch.avg_pool1d.", variants: [.function]) {
    (x: Tensor, k: [Int], s: [Int]?, p: [Int], c: Bool, i: Bool) in
    try Functional.avgPool(x, PoolingWindow(1, "avg_pool1d", kernel: k, stride: s, padding: p, ceil: c), includesPadding: i, divisor: nil, "avg_pool1d")
  }
  ops.define("adaptive_avg_pool1d(Tensor self, int[1] output_size) -> Tensor", doc: "The mean of output_size windows. Mirrors torch.adaptive_avg_pool1d.", variants: [.function]) {
    (x: Tensor, s: [Int]) in try Functional.adaptiveAvgPool(x, s, 1)
  }
}
