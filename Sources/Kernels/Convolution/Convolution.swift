import Interface
import TensorCore

/// A type convolutions are computed in, with its matrix product.
protocol ConvolutionElement: WideElement, Numeric {
  /// C = A·B (+ C), row-major; `aT`, `bT` read the operand as its transpose.
  static func product(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<Self>, aT: Bool, _ b: UnsafePointer<Self>, bT: Bool, _ c: UnsafeMutablePointer<Self>, accumulate: Bool
  ) throws
  /// The sum, wrapping around for integers.
  static func added(_ a: Self, _ b: Self) -> Self
}

extension Float: ConvolutionElement {
  static func product(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<Float>, aT: Bool, _ b: UnsafePointer<Float>, bT: Bool, _ c: UnsafeMutablePointer<Float>, accumulate: Bool
  ) throws {
    try MatrixProduct.float(m: m, n: n, k: k, a, lda: aT ? m : k, aT: aT, b, ldb: bT ? k : n, bT: bT, c, ldc: n, accumulate: accumulate)
  }
  @inline(__always) static func added(_ a: Float, _ b: Float) -> Float { a + b }
}

extension Double: ConvolutionElement {
  static func product(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<Double>, aT: Bool, _ b: UnsafePointer<Double>, bT: Bool, _ c: UnsafeMutablePointer<Double>, accumulate: Bool
  ) throws {
    MatrixProduct.double(m: m, n: n, k: k, a, lda: aT ? m : k, aT: aT, b, ldb: bT ? k : n, bT: bT, c, ldc: n, beta: accumulate ? 1 : 0)
  }
  @inline(__always) static func added(_ a: Double, _ b: Double) -> Double { a + b }
}

extension Int64: ConvolutionElement {
  static func product(
    m: Int, n: Int, k: Int, _ a: UnsafePointer<Int64>, aT: Bool, _ b: UnsafePointer<Int64>, bT: Bool, _ c: UnsafeMutablePointer<Int64>, accumulate: Bool
  ) throws {
    MatrixProduct.integer(m: m, n: n, k: k, a, lda: aT ? m : k, aT: aT, b, ldb: bT ? k : n, bT: bT, c, ldc: n, beta: accumulate ? 1 : 0)
  }
  @inline(__always) static func added(_ a: Int64, _ b: Int64) -> Int64 { a &+ b }
}

/// Convolutions of dense tensors: oneDNN's for float32, else windows laid out as columns and a matrix product.
///
/// Input is [batch, inChannels, input…], weight [outChannels, inChannels / groups, kernel…], output [batch, outChannels, output…].
public enum Convolution {
  /// Which of the three tensors is computed from the other two.
  public enum Direction: Hashable, Sendable { case forward, backwardData, backwardWeights }

  /// Computes one of the three; the sizes are checked, the type is float32, float64 or int64.
  /// - Parameters:
  ///   - bias: added to the output, for `forward` alone.
  ///   - rounding: the half type in which gradients add up, for `backwardData` in float32.
  /// - Throws: a `RuntimeError` where a library refuses.
  public static func run(
    _ direction: Direction, _ shape: ConvolutionShape, _ dtype: DType, input: UnsafeMutableRawPointer, weight: UnsafeMutableRawPointer,
    bias: UnsafeMutableRawPointer?, output: UnsafeMutableRawPointer, rounding: DType? = nil
  ) throws {
    switch dtype {
    case .float32:
      if let rounding {
        let round: (Float) -> Float = rounding == .float16 ? { Float(Float16($0)) } : { BFloat16(wide: $0).wide }
        return try unfolded(direction, shape, Float.self, input, weight, bias, output, round)
      }
      if direction == .forward && NarrowConvolution.fits(shape) { return NarrowConvolution.run(shape, input, weight, bias, output) }
      if !shape.isEmpty, try DNNConvolution.run(direction, shape, input: input, weight: weight, bias: bias, output: output) { return }
      try unfolded(direction, shape, Float.self, input, weight, bias, output)
    case .float64: try unfolded(direction, shape, Double.self, input, weight, bias, output)
    default: try unfolded(direction, shape, Int64.self, input, weight, bias, output)
    }
  }

  private static func unfolded<W: ConvolutionElement>(
    _ direction: Direction, _ s: ConvolutionShape, _ type: W.Type, _ input: UnsafeMutableRawPointer, _ weight: UnsafeMutableRawPointer,
    _ bias: UnsafeMutableRawPointer?, _ output: UnsafeMutableRawPointer, _ round: ((W) -> W)? = nil
  ) throws {
    let (x, w, y) = (input.assumingMemoryBound(to: W.self), weight.assumingMemoryBound(to: W.self), output.assumingMemoryBound(to: W.self))
    let (places, field) = (s.output.reduce(1, *), s.kernel.reduce(1, *))
    let (cIn, cOut) = (s.inChannels / s.groups, s.outChannels / s.groups)
    let depth = cIn * field
    let inside = s.input.reduce(1, *)
    switch direction {
    case .forward: y.update(repeating: 0, count: s.batch * s.outChannels * places)
    case .backwardData: x.update(repeating: 0, count: s.batch * s.inChannels * inside)
    case .backwardWeights: w.update(repeating: 0, count: s.outChannels * depth)
    }
    if s.isEmpty {
      if direction == .forward, let bias { add(bias.assumingMemoryBound(to: W.self), y, s, places) }
      return
    }
    let windows = s.windows(cIn)
    // unreachable: the list has at least one element
    var columns = [W](repeating: 0, count: max(depth * places, 1))
    try columns.withUnsafeMutableBufferPointer { buffer in
      guard let columns = buffer.baseAddress else { return }
      for n in 0..<s.batch {
        for g in 0..<s.groups {
          let xg = x + (n * s.inChannels + g * cIn) * inside
          let yg = y + (n * s.outChannels + g * cOut) * places
          let wg = w + g * cOut * depth
          switch direction {
          case .forward:
            windows.unfold(xg, columns, zero: 0)
            try W.product(m: cOut, n: places, k: depth, wg, aT: false, columns, bT: false, yg, accumulate: false)
          case .backwardData:
            try W.product(m: depth, n: places, k: cOut, wg, aT: true, yg, bT: false, columns, accumulate: false)
            if let round {
              for i in 0..<(depth * places) { columns[i] = round(columns[i]) }
              windows.fold(columns, into: xg) { round($0 + $1) }
            } else {
              windows.fold(columns, into: xg, W.added)
            }
          case .backwardWeights:
            windows.unfold(xg, columns, zero: 0)
            try W.product(m: cOut, n: depth, k: places, yg, aT: false, columns, bT: true, wg, accumulate: n > 0)
          }
        }
      }
    }
    if direction == .forward, let bias { add(bias.assumingMemoryBound(to: W.self), y, s, places) }
  }

  private static func add<W: ConvolutionElement>(_ bias: UnsafePointer<W>, _ y: UnsafeMutablePointer<W>, _ s: ConvolutionShape, _ places: Int) {
    for n in 0..<s.batch {
      for c in 0..<s.outChannels {
        let row = y + (n * s.outChannels + c) * places
        for i in 0..<places { row[i] = W.added(row[i], bias[c]) }
      }
    }
  }
}
