import Glibc
import Interface
import Kernels
import TensorCore
import Torch

/// Reads an input at places that a grid names.
private struct GridSampler {
  let interpolation: Int
  let padding: Int
  let alignCorners: Bool
  /// Whether there are three dimensions.
  let isVolume: Bool

  /// `value` with the slope of `x` where `mask` says so.
  private func sloped(_ value: Tensor, like x: Tensor, where mask: Tensor) throws -> Tensor {
    try value.detached().add(x.sub(x.detached()).mul(mask))
  }

  /// −1…1 as places among `size` elements.
  private func unnormalized(_ g: Tensor, _ size: Int) throws -> Tensor {
    if g.sizes.count == 2 && !isVolume {
      // Two dimensions are scaled by one number.
      let scaled = try g.add(.wrapped(.integer(1))).mul(.wrapped(.double(Double(alignCorners ? size - 1 : size) / 2)))
      return alignCorners ? scaled : try scaled.sub(.wrapped(.double(0.5)))
    }
    return alignCorners
      ? try g.add(.wrapped(.integer(1))).div(.wrapped(.integer(2))).mul(.wrapped(.integer(size - 1)))
      : try g.add(.wrapped(.integer(1))).mul(.wrapped(.integer(size))).sub(.wrapped(.integer(1))).div(.wrapped(.integer(2)))
  }

  private func clipped(_ x: Tensor, _ size: Int) throws -> Tensor {
    let inside = try x.gt(.wrapped(.integer(0))).logicalAnd(x.lt(.wrapped(.integer(size - 1)))).to(x.dtype)
    return try sloped(GradMode.with(false) { try x.clamp(.integer(0), .integer(size - 1)) }, like: x, where: inside)
  }

  private func reflected(_ x: Tensor, _ size: Int) throws -> Tensor {
    let (low, high) = alignCorners ? (0.0, Double(size - 1)) : (-0.5, Double(size) - 0.5)
    if low == high { return try x.mul(.wrapped(.integer(0))) }
    let span = high - low
    let away = try x.sub(.wrapped(.double(low))).abs()
    let flips = try GradMode.with(false) { try away.div(.wrapped(.double(span))).floored() }
    let extra = try away.sub(flips.mul(.wrapped(.double(span))))
    let isOdd = try GradMode.with(false) { try flips.sub(flips.div(.wrapped(.integer(2))).floored().mul(.wrapped(.integer(2)))) }
    // Even: extra + low; odd: span − extra + low.
    let sign = try GradMode.with(false) { try Tensor.wrapped(.integer(1)).sub(isOdd.mul(.wrapped(.integer(2)))) }
    return try extra.mul(sign).add(isOdd.mul(.wrapped(.double(span)))).add(.wrapped(.double(low)))
  }

  /// A place after padding has its say.
  private func padded(_ x: Tensor, _ size: Int) throws -> Tensor {
    switch padding {
    case 1: try clipped(x, size)
    case 2: try clipped(reflected(x, size), size)
    default: x
    }
  }

  /// The elements of flat input [N, C, places] at whole places (one tensor for each dimension, [N, count]), zero outside.
  private func read(_ flat: Tensor, _ sizes: [Int], _ places: [Tensor]) throws -> Tensor {
    let (index, mask) = try GradMode.with(false) { () -> (Tensor, Tensor) in
      var index: Tensor?
      var mask: Tensor?
      for (place, size) in zip(places, sizes) {
        let inside = try place.ge(.wrapped(.integer(0))).logicalAnd(place.lt(.wrapped(.integer(size))))
        let held = try place.clamp(.integer(0), .integer(max(size - 1, 0))).to(.int64).clamp(.integer(0), .integer(max(size - 1, 0)))
        index = try index.map { try $0.mul(.wrapped(.integer(size))).add(held) } ?? held
        mask = try mask.map { try $0.logicalAnd(inside) } ?? inside
      }
      guard let index, let mask else { throw TorchError.runtime("grid_sampler(): expected spatial dimensions") }
      return (try index.unsqueeze(1).expand([flat.sizes[0], flat.sizes[1], index.sizes[1]]).denseCopy(), try mask.unsqueeze(1).to(flat.dtype))
    }
    return try flat.gatherAlong(2, index).mul(mask)
  }

  /// Weights of the four neighbours at −1, 0, 1, 2 of a place at fraction t.
  private func cubic(_ t: Tensor) throws -> [Tensor] {
    let a = -0.75
    func near(_ x: Tensor) throws -> Tensor {
      try x.mul(.wrapped(.double(a + 2))).sub(.wrapped(.double(a + 3))).mul(x).mul(x).add(.wrapped(.integer(1)))
    }
    func far(_ x: Tensor) throws -> Tensor {
      try x.mul(.wrapped(.double(a))).sub(.wrapped(.double(5 * a))).mul(x).add(.wrapped(.double(8 * a))).mul(x).sub(.wrapped(.double(4 * a)))
    }
    let rest = try Tensor.wrapped(.integer(1)).sub(t)
    return [try far(t.add(.wrapped(.integer(1)))), try near(t), try near(rest), try far(Tensor.wrapped(.integer(2)).sub(t))]
  }

  /// x [N, C, sizes…] at grid [N, sizes…, n], whose last dimension counts from the last dimension of x.
  func callAsFunction(_ x: Tensor, _ grid: Tensor) throws -> Tensor {
    let n = grid.sizes[grid.dim - 1]
    let sizes = Array(x.sizes.suffix(n))
    let output = Array(grid.sizes.dropFirst().dropLast())
    let (batch, channels) = (x.sizes[0], x.sizes[1])
    let count = output.reduce(1, *)
    let flat = try x.reshape([batch, channels, sizes.reduce(1, *)])
    // For each dimension of x in order.
    let raw = try (0..<n).map { d in try unnormalized(grid.select(-1, n - 1 - d).reshape([batch, count]), sizes[d]) }
    var sum: Tensor?
    func add(_ value: Tensor, _ weights: [Tensor]) throws {
      // The weights of the last dimension come first, as in PyTorch's products.
      let weight = try weights.reversed().reduce(nil as Tensor?) { try $0?.mul($1) ?? $1 }
      let term = try weight.map { try value.mul($0.unsqueeze(1)) } ?? value
      sum = try sum?.add(term) ?? term
    }
    switch interpolation {
    case 1:
      let places = try GradMode.with(false) { try raw.enumerated().map { d, p in try padded(p, sizes[d]).roundedToEven() } }
      try add(read(flat, sizes, places), [])
    case 2:
      let first = try GradMode.with(false) { try raw.map { try $0.floored() } }
      let weights = try zip(raw, first).map { try cubic($0.sub($1)) }
      /// The sum over the neighbours along the dimensions after those chosen.
      func summed(_ chosen: [Tensor]) throws -> Tensor {
        let d = chosen.count
        if d == n { return try read(flat, sizes, chosen) }
        var sum: Tensor?
        for k in 0..<4 {
          let place = try GradMode.with(false) { try padded(first[d].add(.wrapped(.integer(k - 1))), sizes[d]).floored() }
          let term = try summed(chosen + [place]).mul(weights[d][k].unsqueeze(1))
          sum = try sum?.add(term) ?? term
        }
        return try sum ?? read(flat, sizes, chosen)
      }
      sum = try summed([])
    default:
      let held = try raw.enumerated().map { d, p in try padded(p, sizes[d]) }
      let first = try GradMode.with(false) { try held.map { try $0.floored() } }
      for corner in 0..<(1 << n) {
        var (places, weights): ([Tensor], [Tensor]) = ([], [])
        for d in 0..<n {
          let isUpper = corner >> (n - 1 - d) & 1 == 1
          let fraction = try held[d].sub(first[d])
          places.append(isUpper ? try GradMode.with(false) { try first[d].add(.wrapped(.integer(1))) } : first[d])
          weights.append(isUpper ? fraction : try Tensor.wrapped(.integer(1)).sub(fraction))
        }
        try add(read(flat, sizes, places), weights)
      }
    }
    guard let sum else { return x }
    return try sum.reshape([batch, channels] + output)
  }
}

extension Tensor {
  /// Rounded down, outside autograd.
  fileprivate func floored() throws -> Tensor { try mappedWide(Glibc.floor) }
  /// Rounded to the nearest integer, halves to even, outside autograd.
  fileprivate func roundedToEven() throws -> Tensor { try mappedWide(Glibc.rint) }

  private func mappedWide(_ f: (Double) -> Double) throws -> Tensor {
    let y = try denseCopy()
    if dtype == .float64 {
      let p = y.elements(Double.self)
      for i in 0..<y.count { p[i] = f(p[i]) }
    } else {
      let wide = try y.dense(.float32)
      let p = wide.elements(Float.self)
      for i in 0..<y.count { p[i] = Float(f(Double(p[i]))) }
      return try wide.converted(to: dtype)
    }
    return y
  }
}

extension Functional {
  /// Mirrors `torch.grid_sampler`; interpolation is 0 bilinear, 1 nearest, 2 bicubic; padding 0 zeros, 1 border, 2 reflection.
  static func gridSample(_ x: Tensor, _ grid: Tensor, _ interpolation: Int, _ padding: Int, alignCorners: Bool) throws -> Tensor {
    let n = x.dim - 2
    let both = "input with sizes \(x.sizes.text) and grid with sizes \(grid.sizes.text)"
    if x.dim > 0, grid.dim > 0, x.sizes[0] != grid.sizes[0] { throw TorchError.runtime("grid_sampler(): expected grid and input to have same batch size, but got \(both)") }
    if grid.dim == 0 || grid.sizes[grid.dim - 1] != n {
      throw TorchError.runtime("grid_sampler(): expected grid to have size \(n) in last dimension, but got grid with sizes \(grid.sizes.text)")
    }
    for d in 2..<max(x.dim, 2) where x.sizes[d] == 0 {
      throw TorchError.runtime("grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes \(x.sizes.text) with dimension \(d) being empty")
    }
    if n != 2 && n != 3 || grid.dim != x.dim {
      throw TorchError.runtime("grid_sampler(): expected \(n == 3 ? "5D" : n == 2 ? "4D" : "4D or 5D") input and grid with same number of dimensions, but got \(both)")
    }
    if x.dtype != grid.dtype { throw TorchError.runtime("expected scalar type \(x.dtype.capitalized) but found \(grid.dtype.capitalized)") }
    if !x.dtype.isFloatingPoint { throw TorchError.notImplemented("grid_sampler_\(n)d_cpu_kernel_impl", for: x.dtype) }
    let sampler = GridSampler(interpolation: interpolation, padding: padding, alignCorners: alignCorners, isVolume: n == 3)
    return try whole("GridSampler\(n)DBackward0", [x, grid]) { try sampler($0[0], $0[1]) }
  }

  /// Mirrors `F.grid_sample`.
  static func gridSample(_ x: Tensor, _ grid: Tensor, mode: String, padding: String, alignCorners: Bool) throws -> Tensor {
    guard let m = ["bilinear", "nearest", "bicubic"].firstIndex(of: mode) else {
      throw TorchError.value("nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '\(mode)'")
    }
    guard let p = ["zeros", "border", "reflection"].firstIndex(of: padding) else {
      throw TorchError.value("nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '\(padding)'")
    }
    return try gridSample(x, grid, m, p, alignCorners: alignCorners)
  }

  /// Places from −1 to 1 through affine matrices. Mirrors `torch.affine_grid_generator`.
  static func affineGrid(_ theta: Tensor, _ size: [Int], alignCorners: Bool) throws -> Tensor {
    let n = size.count - 2
    let output = Array(size.dropFirst(2))
    let wide = theta.dtype.wide
    let base = try Tensor(uninitialized: [output.reduce(1, *), n + 1], dtype: .float64)
    let p = base.elements(Double.self)
    for i in 0..<base.sizes[0] {
      var rest = i
      for d in (0..<n).reversed() {
        let (k, count) = (rest % output[d], output[d])
        rest /= count
        let step = count > 1 ? -1 + 2 * Double(k) / Double(count - 1) : 0
        p[i * (n + 1) + n - 1 - d] = alignCorners ? step : step * Double(count - 1) / Double(count)
      }
      p[i * (n + 1) + n] = 1
    }
    let places = try base.converted(to: wide)
    return try whole("AffineGridGeneratorBackward0", [theta]) { inputs in
      try places.matmul(inputs[0].to(wide).transpose(1, 2)).reshape([size[0]] + output + [n]).to(inputs[0].dtype)
    }
  }

  /// Mirrors `F.affine_grid`.
  static func checkedAffineGrid(_ theta: Tensor, _ size: [Int], alignCorners: Bool) throws -> Tensor {
    if !theta.dtype.isFloatingPoint { throw TorchError.value("Expected theta to have floating point type, but got torch.\(theta.dtype.name)") }
    let text = "(" + size.map(String.init).joined(separator: ", ") + ")"
    let n = size.count - 2
    if n != 2 && n != 3 { throw TorchError.notImplemented("affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size \(text).") }
    if theta.dim != 3 || theta.sizes[1] != n || theta.sizes[2] != n + 1 {
      throw TorchError.value("Expected a batch of \(n)D affine matrices of shape Nx\(n)x\(n + 1) for size \(text). Got torch.Size(\(theta.sizes.text)).")
    }
    if (size.min() ?? 0) <= 0 { throw TorchError.value("Expected non-zero, positive output size. Got \(text)") }
    return try affineGrid(theta, size, alignCorners: alignCorners)
  }
}

/// Sampling at places of a grid.
public let gridSamplings = OperationFamily("torch.nn.functional") { ops in
  ops.define("grid_sample(Tensor input, Tensor grid, str mode='bilinear', str padding_mode='zeros', bool? align_corners=None) -> Tensor", doc: "The input at the places that grid names, from -1 to 1. Mirrors F.grid_sample.", variants: [.function]) {
    (x: Tensor, g: Tensor, m: String, p: String, a: Bool?) in try Functional.gridSample(x, g, mode: m, padding: p, alignCorners: a ?? false)
  }
  ops.define("affine_grid(Tensor theta, int[] size, bool? align_corners=None) -> Tensor", doc: "A grid for grid_sample from affine matrices. Mirrors F.affine_grid.", variants: [.function]) {
    (t: Tensor, s: [Int], a: Bool?) in try Functional.checkedAffineGrid(t, s, alignCorners: a ?? false)
  }
}

/// Sampling at places of a grid, as PyTorch has it under `torch`.
public let plainGridSamplings = OperationFamily("torch") { ops in
  for name in ["grid_sampler", "grid_sampler_2d", "grid_sampler_3d"] {
    ops.define("\(name)(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners) -> Tensor", doc: "The input at the places that grid names; modes by number. Mirrors torch.\(name).") {
      (x: Tensor, g: Tensor, m: Int, p: Int, a: Bool) in try Functional.gridSample(x, g, m, p, alignCorners: a)
    }
  }
  ops.define("affine_grid_generator(Tensor theta, int[] size, bool align_corners) -> Tensor", doc: "A grid for grid_sample from affine matrices. Mirrors torch.affine_grid_generator.") {
    (t: Tensor, s: [Int], a: Bool) in try Functional.affineGrid(t, s, alignCorners: a)
  }
}
