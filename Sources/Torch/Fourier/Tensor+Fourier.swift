import Glibc
import Interface
import Kernels
import TensorCore

/// By what a transform is divided. Mirrors the argument `norm` of `torch.fft`.
enum FourierNorm {
  case none, byRoot, byCount

  /// - Throws: PyTorch's sentence for another text.
  init(_ text: String?, forward: Bool) throws {
    switch text {
    case nil, "backward": self = forward ? .none : .byCount
    case "forward": self = forward ? .byCount : .none
    case "ortho": self = .byRoot
    case let text?: throw TorchError.runtime("Invalid normalization mode: \"\(text)\"")
    }
  }

  func scale(_ count: Int) -> Double {
    switch self {
    case .none: 1
    case .byRoot: 1 / Double(count).squareRoot()
    case .byCount: 1 / Double(count)
    }
  }
}

extension Tensor {
  /// One of the three kinds of transform along dimension `d`, outside autograd.
  private func transformed(_ kind: Fourier.Kind, _ d: Int, _ n: Int, forward: Bool, scale: Double) throws -> Tensor {
    let x = try dense()
    var target = sizes
    target[d] = kind == .fromReal ? n / 2 + 1 : n
    let y = try Tensor(uninitialized: target, dtype: kind == .toReal ? dtype.parts : dtype.complex)
    let (outer, inner) = (sizes[..<d].reduce(1, *), sizes[(d + 1)...].reduce(1, *))
    if y.count > 0 {
      withExtendedLifetime(x) {
        Fourier.run(
          kind, x.pointer, y.pointer, isDouble: dtype.parts == .float64, outer: outer, n: n, inner: inner, forward: forward, scale: scale)
      }
    }
    return y
  }

  /// Complex to complex over dimensions; differentiable. Mirrors `_fft_c2c`.
  func complexTransform(_ dims: [Int], scale: Double, forward: Bool) throws -> Tensor {
    var y = self
    for (i, d) in dims.enumerated() { y = try y.transformed(.complex, d, sizes[d], forward: forward, scale: i == 0 ? scale : 1) }
    if dims.isEmpty { return try clone() }
    if Tensor.records(self) {
      y.recordPlain("FftC2CBackward0", [self]) { _, g in [try g.complexTransform(dims, scale: scale, forward: !forward)] }
    }
    return y
  }

  /// Real to the first half of complex, along the last of `dims`, then over the others; differentiable. Mirrors `_fft_r2c`.
  func halfTransform(_ dims: [Int], scale: Double, forward: Bool = true) throws -> Tensor {
    guard let last = dims.last else { return self }
    let n = sizes[last]
    let y = try transformed(.fromReal, last, n, forward: forward, scale: scale)
    if Tensor.records(self) {
      y.recordPlain("FftR2CBackward0", [self]) { _, g in
        // The half that was left out has no gradient.
        var whole = Array(g.sizes)
        whole[last] = n - g.sizes[last]
        let filled = try Tensor.cat([g, .zeros(Dims(whole), dtype: g.dtype)], last)
        return [try filled.complexTransform([last], scale: scale, forward: !forward).real()]
      }
    }
    return dims.count == 1 ? y : try y.complexTransform(Array(dims.dropLast()), scale: 1, forward: forward)
  }

  /// The first half of complex numbers to `n` real ones along the last of `dims`, after the others; differentiable. Mirrors `_fft_c2r`.
  func realTransform(_ dims: [Int], _ n: Int, scale: Double, forward: Bool = false) throws -> Tensor {
    guard let last = dims.last else { return self }
    let x = dims.count == 1 ? self : try complexTransform(Array(dims.dropLast()), scale: 1, forward: forward)
    let y = try x.transformed(.toReal, last, n, forward: forward, scale: scale)
    if Tensor.records(x) {
      y.record("FftC2RBackward0", [x]) { _, g in
        // Numbers in the middle stand for themselves and for their conjugates.
        let half = try g.halfTransform([last], scale: scale, forward: !forward)
        let size = half.sizes[last]
        let factors = try Tensor.vector((0..<size).map { $0 == 0 || 2 * $0 == n ? 1.0 : 2.0 }, dtype: g.dtype)
        var shape = Array(repeating: 1, count: half.dim)
        shape[last] = size
        return [try half.mul(factors.reshape(shape))]
      }
    }
    return y
  }

  /// Cut or filled with zeros to these sizes along dimensions.
  func resized(_ dims: [Int], _ sizes: [Int]) throws -> Tensor {
    var y = self
    for (d, n) in zip(dims, sizes) {
      if y.sizes[d] > n { y = try y.slice(d, 0, n) }
      if y.sizes[d] < n {
        var rest = Array(y.sizes)
        rest[d] = n - y.sizes[d]
        y = try .cat([y, .zeros(Dims(rest), dtype: y.dtype)], d)
      }
    }
    return y
  }

  /// As floats that transforms take, or as complex numbers of these.
  /// - Throws: PyTorch's sentence for 16-bit floats.
  func forTransform(complex: Bool) throws -> Tensor {
    let float = dtype.isInexact ? dtype : DType.defaultFloat
    if float.itemSize == 2 { throw TorchError.notImplemented("Unsupported dtype \(float.capitalized)") }
    return try to(complex ? float.complex : float)
  }
}

/// The one-dimensional transforms.
enum FourierLine {
  /// The dimension, not counted from the end.
  /// - Throws: PyTorch's sentence for a tensor without dimensions.
  static func dimension(_ x: Tensor, _ d: Int) throws -> Int {
    if x.dim == 0 { throw TorchError.index("Dimension specified as \(d) but tensor has no dimensions") }
    return try Shape.wrap(d, x.dim)
  }

  static func check(_ n: Int) throws {
    if n < 1 { throw TorchError.runtime("Invalid number of data points (\(n)) specified") }
  }

  static func complex(_ x: Tensor, _ n: Int?, _ d: Int, _ norm: String?, forward: Bool) throws -> Tensor {
    let x = try x.forTransform(complex: true)
    let d = try dimension(x, d)
    let count = n ?? x.sizes[d]
    try check(count)
    let scale = try FourierNorm(norm, forward: forward).scale(count)
    return try x.resized([d], [count]).complexTransform([d], scale: scale, forward: forward)
  }

  /// Real to half: `rfft`, or the conjugates with the other norm: `ihfft`.
  static func half(_ name: String, _ x: Tensor, _ n: Int?, _ d: Int, _ norm: String?, forward: Bool) throws -> Tensor {
    if x.dtype.isComplex { throw TorchError.type("\(name) expects a real input tensor, but got \(x.dtype.capitalized)") }
    let x = try x.forTransform(complex: false)
    let d = try dimension(x, d)
    let count = n ?? x.sizes[d]
    try check(count)
    let scale = try FourierNorm(norm, forward: forward).scale(count)
    return try x.resized([d], [count]).halfTransform([d], scale: scale, forward: forward)
  }

  /// Half to real: `irfft`, or of the conjugates with the other norm: `hfft`.
  static func real(_ x: Tensor, _ n: Int?, _ d: Int, _ norm: String?, forward: Bool) throws -> Tensor {
    let x = try x.forTransform(complex: true)
    let d = try dimension(x, d)
    let count = n ?? 2 * (x.sizes[d] - 1)
    try check(count)
    let scale = try FourierNorm(norm, forward: forward).scale(count)
    return try x.resized([d], [count / 2 + 1]).realTransform([d], count, scale: scale, forward: forward)
  }
}

/// The transforms over several dimensions.
struct FourierGrid {
  var dims: [Int]
  var sizes: [Int]

  /// - Throws: PyTorch's sentences for sizes and dimensions that do not fit.
  init(_ x: Tensor, _ s: [Int]?, _ given: [Int]?, last: (Int) -> Int = { $0 }) throws {
    if x.dim == 0, let d = given?.first { throw TorchError.index("Dimension specified as \(d) but tensor has no dimensions") }
    let wrapped = try given.map { try $0.map { try Shape.wrap($0, x.dim) } }
    if let wrapped, Set(wrapped).count != wrapped.count { throw TorchError.runtime("FFT dims must be unique") }
    if let s {
      if let wrapped, wrapped.count != s.count { throw TorchError.runtime("When given, dim and shape arguments must have the same length") }
      if s.count > x.dim { throw TorchError.runtime("Got shape with \(s.count) values but input tensor only has \(x.dim) dimensions.") }
      dims = wrapped ?? Array((x.dim - s.count)..<x.dim)
      let own = dims
      sizes = s.enumerated().map { i, n in n == -1 ? (i == s.count - 1 ? last(x.sizes[own[i]]) : x.sizes[own[i]]) : n }
    } else {
      dims = wrapped ?? Array(0..<x.dim)
      sizes = dims.map { x.sizes[$0] }
      if let d = dims.last { sizes[sizes.count - 1] = last(x.sizes[d]) }
    }
    for n in sizes where n < 1 { throw TorchError.runtime("Invalid number of data points (\(n)) specified") }
  }

  private var count: Int { sizes.reduce(1, *) }

  static func complex(_ x: Tensor, _ s: [Int]?, _ dims: [Int]?, _ norm: String?, forward: Bool) throws -> Tensor {
    let grid = try FourierGrid(x, s, dims)
    let x = try x.forTransform(complex: true)
    let scale = try FourierNorm(norm, forward: forward).scale(grid.count)
    return try x.resized(grid.dims, grid.sizes).complexTransform(grid.dims, scale: scale, forward: forward)
  }

  /// `rfftn` and `ihfftn`.
  static func half(_ name: String, _ x: Tensor, _ s: [Int]?, _ dims: [Int]?, _ norm: String?, forward: Bool) throws -> Tensor {
    if x.dtype.isComplex {
      throw TorchError.type(
        name == "rfftn" ? "rfftn expects a real-valued input tensor, but got \(x.dtype.capitalized)"
          : "Only supports floating-point dtypes, but found: \(x.dtype.capitalized)")
    }
    let grid = try FourierGrid(x, s, dims)
    if grid.dims.isEmpty { throw TorchError.runtime("\(name) must transform at least one axis") }
    let x = try x.forTransform(complex: false)
    let scale = try FourierNorm(norm, forward: forward).scale(grid.count)
    return try x.resized(grid.dims, grid.sizes).halfTransform(grid.dims, scale: scale, forward: forward)
  }

  /// `irfftn` and `hfftn`.
  static func real(_ name: String, _ x: Tensor, _ s: [Int]?, _ dims: [Int]?, _ norm: String?, forward: Bool) throws -> Tensor {
    if s?.isEmpty ?? dims?.isEmpty ?? (x.dim == 0) { throw TorchError.runtime("\(name) must transform at least one axis") }
    let grid = try FourierGrid(x, s, dims) { 2 * ($0 - 1) }
    let x = try x.forTransform(complex: true)
    let scale = try FourierNorm(norm, forward: forward).scale(grid.count)
    let n = grid.sizes[grid.sizes.count - 1]
    return try x.resized(grid.dims, grid.sizes.dropLast() + [n / 2 + 1]).realTransform(grid.dims, n, scale: scale, forward: forward)
  }
}
