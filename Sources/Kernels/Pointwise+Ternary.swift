import TensorCore

/// An elementwise function of three numbers.
public protocol TernaryFunction {
  func callAsFunction(_ a: Float, _ b: Float, _ c: Float) -> Float
  func callAsFunction(_ a: Double, _ b: Double, _ c: Double) -> Double
  func callAsFunction(_ a: Int64, _ b: Int64, _ c: Int64) -> Int64
}

extension Pointwise {
  /// out = f(a, b, c) over a shape.
  @inlinable
  public static func ternary<F: TernaryFunction>(
    _ f: F, _ a: Operand, _ b: Operand, _ c: Operand, into out: Operand, sizes: Dims, computing: DType
  ) {
    switch computing {
    case .float64: zip3(a, b, c, out, sizes, .float64) { (x: Double, y: Double, z: Double) in f(x, y, z) }
    case .int64: zip3(a, b, c, out, sizes, .int64) { (x: Int64, y: Int64, z: Int64) in f(x, y, z) }
    default: zip3(a, b, c, out, sizes, .float32) { (x: Float, y: Float, z: Float) in f(x, y, z) }
    }
  }

  /// The loop under `ternary`: computes in W, whose dtype is `wide`, a block of a strip at a time.
  @inlinable
  static func zip3<W: WideElement>(
    _ a: Operand, _ b: Operand, _ c: Operand, _ out: Operand, _ sizes: Dims, _ wide: DType, _ f: (W, W, W) -> W
  ) {
    let strips = Strips(sizes: sizes, operands: [a.strides, b.strides, c.strides, out.strides])
    let steps = strips.steps
    let n = strips.length
    withUnsafeTemporaryAllocation(of: W.self, capacity: 1536) { buffer in
      // unreachable: a temporary allocation of fixed size has an address
      let p = buffer.baseAddress!
      let (q, r) = (p + 512, p + 1024)
      strips.forEach { at in
        var i = 0
        while i < n {
          let m = min(512, n - i)
          Cast.run(a.pointer + (at[0] + i * steps[0]) * a.dtype.itemSize, a.dtype, step: steps[0], to: p, wide, step: 1, count: m)
          Cast.run(b.pointer + (at[1] + i * steps[1]) * b.dtype.itemSize, b.dtype, step: steps[1], to: q, wide, step: 1, count: m)
          Cast.run(c.pointer + (at[2] + i * steps[2]) * c.dtype.itemSize, c.dtype, step: steps[2], to: r, wide, step: 1, count: m)
          for k in 0..<m { p[k] = f(p[k], q[k], r[k]) }
          Cast.run(p, wide, step: 1, to: out.pointer + (at[3] + i * steps[3]) * out.dtype.itemSize, out.dtype, step: steps[3], count: m)
          i += m
        }
      }
    }
  }
}
