import Glibc
import Interface
import Kernels
import TensorCore
import Torch

/// How one dimension is resampled.
struct Resampling {
  /// PyTorch's names: `nearest`, `linear` (of any number of dimensions), `bicubic`, …
  enum Mode: String { case nearest, nearestExact, linear, cubic, lanczos }

  let mode: Mode
  let alignCorners: Bool
  let antialias: Bool
  /// The factor a user gave, in the place of the ratio of sizes.
  let factor: Double?
  /// The type of the elements: places are computed in it or in float32, weights have its precision.
  let dtype: DType
  /// The type that keeps finished weights, where it is not the same.
  var kept: DType?

  /// Steps in the input for one in the output.
  private func scale(_ input: Int, _ output: Int) -> Double {
    if alignCorners { return output > 1 ? rounded(Double(input - 1) / Double(output - 1)) : 0 }
    if let factor, factor > 0 { return rounded(1 / factor) }
    return output > 0 ? rounded(Double(input) / Double(output)) : 0
  }

  private func rounded(_ x: Double) -> Double { dtype == .float64 ? x : Double(Float(x)) }

  /// A weight as the elements' type holds it.
  private func weight(_ x: Double, _ dtype: DType? = nil) -> Double {
    switch dtype ?? self.dtype {
    case .float64: x
    case .float16: Double(Float16(Float(x)))
    case .bfloat16: Double(BFloat16(wide: Float(x)).wide)
    default: Double(Float(x))
    }
  }

  /// The map from `input` to `output` elements.
  func map(_ input: Int, _ output: Int) -> AxisMap {
    if antialias { return smoothed(input, output) }
    switch mode {
    case .nearest, .nearestExact:
      // Places are computed in float32 whatever the dtype.
      let step: Float = factor.map { $0 > 0 ? Float(1 / $0) : Float(input) / Float(output) } ?? Float(input) / Float(output)
      return AxisMap(
        inputSize: input,
        gathering: (0..<output).map { j in
          if mode == .nearest && output == input { return j }
          if mode == .nearest && factor == nil && output == 2 * input { return j >> 1 }
          let place = mode == .nearest ? floorf(Float(j) * step) : floorf((Float(j) + 0.5) * step)
          return min(Int(place), input - 1)
        })
    case .linear:
      let step = scale(input, output)
      return AxisMap(
        inputSize: input,
        outputs: (0..<output).map { j in
          if input == output { return [(j, 1)] }
          let place = place(j, step, clamped: true)
          let first = min(Int(place), input - 1)
          let fraction = weight(min(max(rounded(place - Double(first)), 0), 1))
          let second = first + (first < input - 1 ? 1 : 0)
          return [(first, weight(1 - fraction)), (second, fraction)]
        })
    case .cubic, .lanczos:
      let step = scale(input, output)
      return AxisMap(
        inputSize: input,
        outputs: (0..<output).map { j in
          if input == output { return [(j, 1)] }
          let place = place(j, step, clamped: false)
          let first = Int(floor(place))
          let t = weight(rounded(place - Double(first)))
          let rest = weight(1 - t)
          let weights = [far(weight(t + 1)), near(t), near(rest), far(weight(rest + 1))].map { weight($0, kept) }
          return (0..<4).map { k in (min(max(first + k - 1, 0), input - 1), weights[k]) }
        })
    }
  }

  private func place(_ j: Int, _ step: Double, clamped: Bool) -> Double {
    if alignCorners { return rounded(step * Double(j)) }
    let place = rounded(rounded(step * (Double(j) + 0.5)) - 0.5)
    return clamped ? max(place, 0) : place
  }

  /// The cubic kernel with slope −0.75 within 1 and beyond, each step rounded as the elements' type rounds it.
  private func near(_ x: Double) -> Double { weight(weight(weight(weight(weight(1.25 * x) - 2.25) * x) * x) + 1) }
  private func far(_ x: Double) -> Double {
    weight(weight(weight(weight(weight(weight(-0.75 * x) + 3.75) * x) - 6) * x) + 3)
  }

  /// Keys' cubic kernel.
  private func cubic(_ x: Double, _ a: Double) -> Double {
    let x = x.magnitude
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
    return 0
  }

  private func kernel(_ x: Double) -> Double {
    switch mode {
    case .cubic: return cubic(x, -0.5)
    case .lanczos:
      func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(x * .pi) / (x * .pi) }
      return x > -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0
    default: return x.magnitude < 1 ? 1 - x.magnitude : 0
    }
  }

  /// With a kernel as wide as the step, so that no input is left out.
  private func smoothed(_ input: Int, _ output: Int) -> AxisMap {
    let step = scale(input, output)
    let radius = mode == .cubic ? 2.0 : mode == .lanczos ? 3.0 : 1.0
    let support = step >= 1 ? radius * step : radius
    let inverse = step >= 1 ? 1 / step : 1
    return AxisMap(
      inputSize: input,
      outputs: (0..<output).map { j in
        let center = step * (Double(j) + 0.5)
        let from = max(Int(center - support + 0.5), 0)
        let to = min(Int(center + support + 0.5), input)
        let weights = (from..<max(to, from)).map { kernel((Double($0) - center + 0.5) * inverse) }
        let total = weights.reduce(0, +)
        return weights.enumerated().map { (from + $0, total == 0 ? $1 : $1 / total) }
      })
  }
}

extension Functional {
  /// The resampling of the last dimensions to these sizes.
  static func resample(_ x: Tensor, _ output: [Int], _ factors: [Double]?, _ mode: Resampling.Mode, alignCorners: Bool, antialias: Bool = false) throws -> Tensor {
    let n = output.count
    let last = Array(x.sizes.suffix(n))
    if x.sizes.dropFirst(2).contains(0) || output.contains(where: { $0 <= 0 }) {
      let names = [["W"], ["H", "W"], ["D", "H", "W"]][n - 1]
      func list(_ sizes: [Int]) -> String { zip(names, sizes).map { "\($0): \($1)" }.joined(separator: ", ") }
      throw TorchError.runtime("Input and output sizes should be greater than 0, but got input (\(list(last))) output (\(list(output)))")
    }
    let name: String =
      switch mode {
      case .nearest: "UpsampleNearest\(n)D"
      case .nearestExact: "UpsampleNearestExact\(n)D"
      case .linear: "Upsample\(["Linear1D", "Bilinear2D", "Trilinear3D"][n - 1])" + (antialias ? "Aa" : "")
      case .cubic: "UpsampleBicubic2D" + (antialias ? "Aa" : "")
      case .lanczos: "UpsampleLanczos2DAa"
      }
    if x.sizes[1] == 0 { throw TorchError.runtime("Non-empty \(n + 2)D data tensor expected but got a tensor with sizes \(x.sizes.text)") }
    if !x.dtype.isFloatingPoint && x.dtype != .uint8 {
      let family = ["nearest", "nearest", "linear", "bicubic", "lanczos"][[.nearest, .nearestExact, .linear, .cubic, .lanczos].firstIndex(of: mode) ?? 0]
      let word = family == "linear" ? ["linear1d", "bilinear2d_channels_last", "trilinear3d"][n - 1] : family == "nearest" ? "nearest\(n)d" + (n == 2 ? "_channels_last" : "") : "\(family)2d"
      throw TorchError.notImplemented("upsample_\(word)", for: x.dtype)
    }
    // Two dimensions have kernels whose weights are float32 whatever the elements are.
    let precision = n == 2 && x.dtype != .float64 ? DType.float32 : x.dtype
    func maps(_ kept: DType?) -> [AxisMap] {
      (0..<n).map { d in
        Resampling(mode: mode, alignCorners: alignCorners, antialias: antialias, factor: factors?[d], dtype: precision, kept: kept).map(last[d], output[d])
      }
    }
    // Those of bicubic are kept in the elements' type, but not for gradients.
    let rounds = mode == .cubic && !antialias && precision != x.dtype && x.dtype.isFloatingPoint
    let map = LinearMap.along(name, maps(rounds ? x.dtype : nil), exact: rounds ? maps(nil) : nil)
    if x.dtype == .uint8 && mode != .nearest && mode != .nearestExact {
      let y = try GradMode.with(false) { try map(x.to(.float32)) }
      let p = y.elements(Float.self)
      for i in 0..<y.count { p[i] = min(max(floorf(p[i] + 0.5), 0), 255) }
      return try y.converted(to: .uint8)
    }
    return try map(x)
  }

  /// A size or factor for each of n dimensions; nil for None.
  private static func spread(_ value: Value, _ n: Int) -> (list: [Double], isList: Bool)? {
    switch value {
    case .integer(let i): (Array(repeating: Double(i), count: n), false)
    case .number(let d): (Array(repeating: d, count: n), false)
    case .list(let items), .tuple(let items): (items.compactMap { Double.element(from: $0) }, true)
    default: nil
    }
  }

  /// Mirrors `F.interpolate`.
  static func interpolate(_ x: Tensor, size: Value, factor: Value, mode: String, alignCorners: Bool?, recompute: Bool?, antialias: Bool) throws -> Tensor {
    if ["nearest", "area", "nearest-exact"].contains(mode) {
      if alignCorners != nil { throw TorchError.value("align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear") }
    }
    let n = x.dim - 2
    let own = Array(x.sizes.dropFirst(2))
    func tuple(_ value: Value) -> String {
      if case .list(let items) = value { Module.shown(.tuple(items)) } else { Module.shown(value) }
    }
    var (sizes, factors): ([Int]?, [Double]?) = (nil, nil)
    switch (spread(size, n), spread(factor, n)) {
    case (_?, _?): throw TorchError.value("only one of size or scale_factor should be defined")
    case (nil, nil): throw TorchError.value("either size or scale_factor should be defined")
    case (let wanted?, nil):
      if wanted.isList && wanted.list.count != n {
        throw TorchError.value(
          "Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of \(Dims(own).text) and output size of \(tuple(size)). Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format.")
      }
      sizes = wanted.list.map { Int($0) }
    case (nil, let wanted?):
      if wanted.isList && wanted.list.count != n {
        throw TorchError.value(
          "Input and scale_factor must have the same number of spatial dimensions, but got input with spatial dimensions of \(Dims(own).text) and scale_factor of shape \(tuple(factor)). Please provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format.")
      }
      factors = wanted.list
    }
    if recompute == true && sizes != nil { throw TorchError.value("recompute_scale_factor is not meaningful with an explicit size.") }
    if let given = factors {
      sizes = zip(own, given).map { Int(Double($0) * $1) }
      if mode == "area" || recompute == true { factors = nil }
    }
    guard let sizes else { return x }
    if antialias && !(["bilinear", "bicubic", "lanczos"].contains(mode) && x.dim == 4) {
      throw TorchError.value("Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input")
    }
    let align = alignCorners ?? false
    switch (x.dim, mode) {
    case (3...5, "nearest"): return try resample(x, sizes, factors, .nearest, alignCorners: false)
    case (3...5, "nearest-exact"): return try resample(x, sizes, factors, .nearestExact, alignCorners: false)
    case (3...5, "area"): return try adaptiveAvgPool(x, sizes, n)
    case (3, "linear"), (4, "bilinear"), (5, "trilinear"): return try resample(x, sizes, factors, .linear, alignCorners: align, antialias: antialias)
    case (4, "bicubic"): return try resample(x, sizes, factors, .cubic, alignCorners: align, antialias: antialias)
    case (4, "lanczos"):
      if align { throw TorchError.value("Lanczos mode does not support align_corners=True") }
      if !antialias { throw TorchError.value("Lanczos mode requires antialias=True") }
      return try resample(x, sizes, factors, .lanczos, alignCorners: false, antialias: true)
    case (3, "bilinear"), (3, "trilinear"), (4, "linear"), (4, "trilinear"), (5, "linear"), (5, "bilinear"):
      throw TorchError.notImplemented("Got \(x.dim)D input, but \(mode) mode needs \(["linear": 3, "bilinear": 4][mode] ?? 5)D input")
    default:
      throw TorchError.notImplemented(
        "Input Error: Only 3D, 4D and 5D input Tensors supported (got \(x.dim)D) for the modes: nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got \(mode))")
    }
  }
}

/// Resampling to other sizes.
public let interpolations = OperationFamily("torch.nn.functional") { ops in
  ops.define(
    "interpolate(Tensor input, Any size=None, Any scale_factor=None, str mode='nearest', bool? align_corners=None, bool? recompute_scale_factor=None, bool antialias=False) -> Tensor",
    doc: "The last dimensions in another size: mode nearest, nearest-exact, linear, bilinear, bicubic, trilinear, lanczos or area. Mirrors F.interpolate.", variants: [.function]
  ) { (x: Tensor, s: Value, f: Value, m: String, a: Bool?, r: Bool?, aa: Bool) in
    try Functional.interpolate(x, size: s, factor: f, mode: m, alignCorners: a, recompute: r, antialias: aa)
  }
  ops.define("upsample(Tensor input, Any size=None, Any scale_factor=None, str mode='nearest', bool? align_corners=None) -> Tensor", doc: "The older name of interpolate. Mirrors F.upsample.", variants: [.function]) {
    (x: Tensor, s: Value, f: Value, m: String, a: Bool?) in
    try Functional.interpolate(x, size: s, factor: f, mode: m, alignCorners: a, recompute: nil, antialias: false)
  }
  ops.define("upsample_nearest(Tensor input, Any size=None, Any scale_factor=None) -> Tensor", doc: "interpolate with mode nearest. Mirrors F.upsample_nearest.", variants: [.function]) {
    (x: Tensor, s: Value, f: Value) in
    try Functional.interpolate(x, size: s, factor: f, mode: "nearest", alignCorners: nil, recompute: nil, antialias: false)
  }
  ops.define("upsample_bilinear(Tensor input, Any size=None, Any scale_factor=None) -> Tensor", doc: "interpolate with mode bilinear and aligned corners. Mirrors F.upsample_bilinear.", variants: [.function]) {
    (x: Tensor, s: Value, f: Value) in
    try Functional.interpolate(x, size: s, factor: f, mode: "bilinear", alignCorners: true, recompute: nil, antialias: false)
  }
}

/// Resampling, as PyTorch has it among its operators.
public let plainInterpolations = OperationFamily("torch") { ops in
  for (name, mode) in [("bilinear", Resampling.Mode.linear), ("bicubic", .cubic)] {
    ops.define(
      "_upsample_\(name)2d_aa(Tensor self, int[2] output_size, bool align_corners, float? scales_h=None, float? scales_w=None) -> Tensor",
      doc: "interpolate with mode \(name) and antialias. Mirrors torch.ops.aten._upsample_\(name)2d_aa.", variants: [.function]
    ) { (x: Tensor, s: [Int], a: Bool, h: Double?, w: Double?) in
      let factors = h.flatMap { h in w.map { [h, $0] } }
      return try Functional.resample(x, s, factors, mode, alignCorners: a, antialias: true)
    }
    ops.define(
      "_upsample_\(name)2d_aa.vec(Tensor input, int[]? output_size, bool align_corners, float[]? scale_factors) -> Tensor",
      doc: "The same; either output_size or scale_factors is given. Mirrors torch.ops.aten._upsample_\(name)2d_aa.", variants: [.function]
    ) { (x: Tensor, s: [Int]?, a: Bool, f: [Double]?) in
      let sizes = s ?? zip(x.sizes.suffix(2), f ?? []).map { Int(Double($0) * $1) }
      return try Functional.resample(x, sizes, f, mode, alignCorners: a, antialias: true)
    }
  }
}
