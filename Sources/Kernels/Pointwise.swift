import TensorCore

/// An elementwise function of one number, written once for all types of arithmetic.
public protocol UnaryFunction {
  func callAsFunction(_ x: Float) -> Float
  func callAsFunction(_ x: Double) -> Double
  func callAsFunction(_ x: Int64) -> Int64
}

/// An elementwise function of two numbers.
public protocol BinaryFunction {
  func callAsFunction(_ a: Float, _ b: Float) -> Float
  func callAsFunction(_ a: Double, _ b: Double) -> Double
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64
}

/// An elementwise question about two numbers.
public protocol BinaryPredicate {
  func callAsFunction<T: WideElement>(_ a: T, _ b: T) -> Bool
}

/// Elementwise loops. Arithmetic is done in the wide type of `computing`; other element types are converted strip by strip.
public enum Pointwise {
  /// out = f(x) over a shape.
  @inlinable
  @inline(__always)
  public static func unary<F: UnaryFunction>(_ f: F, _ x: Operand, into out: Operand, sizes: Dims, computing: DType) {
    switch computing {
    case .float64: map(x, out, sizes, .float64) { (a: Double) in f(a) }
    case .int64: map(x, out, sizes, .int64) { (a: Int64) in f(a) }
    default: map(x, out, sizes, .float32) { (a: Float) in f(a) }
    }
  }

  /// out = f(a, b) over a shape.
  @inlinable
  @inline(__always)
  public static func binary<F: BinaryFunction>(
    _ f: F, _ a: Operand, _ b: Operand, into out: Operand, sizes: Dims, computing: DType
  ) {
    switch computing {
    case .float64: zip(a, b, out, sizes, .float64, .float64) { (x: Double, y: Double) -> Double in f(x, y) }
    case .int64: zip(a, b, out, sizes, .int64, .int64) { (x: Int64, y: Int64) -> Int64 in f(x, y) }
    default: zip(a, b, out, sizes, .float32, .float32) { (x: Float, y: Float) -> Float in f(x, y) }
    }
  }

  /// out (bool) = f(a, b) over a shape.
  @inlinable
  @inline(__always)
  public static func compare<F: BinaryPredicate>(
    _ f: F, _ a: Operand, _ b: Operand, into out: Operand, sizes: Dims, computing: DType
  ) {
    switch computing {
    case .float64: zip(a, b, out, sizes, .float64, .int64) { (x: Double, y: Double) -> Int64 in f(x, y) ? 1 : 0 }
    case .int64: zip(a, b, out, sizes, .int64, .int64) { (x: Int64, y: Int64) -> Int64 in f(x, y) ? 1 : 0 }
    default: zip(a, b, out, sizes, .float32, .int64) { (x: Float, y: Float) -> Int64 in f(x, y) ? 1 : 0 }
    }
  }

  /// The loop under `unary`: computes in W, whose dtype is `wide`.
  @inlinable
  public static func map<W: WideElement>(_ x: Operand, _ out: Operand, _ sizes: Dims, _ wide: DType, _ f: (W) -> W) {
    let strips = Strips(sizes: sizes, operands: [x.strides, out.strides])
    let (sx, so) = (strips.steps[0], strips.steps[1])
    let n = strips.length
    if x.dtype == wide && out.dtype == wide {
      let px = x.pointer.assumingMemoryBound(to: W.self)
      let po = out.pointer.assumingMemoryBound(to: W.self)
      strips.forEach { at in
        let (p, o) = (px + at[0], po + at[1])
        if sx == 1 && so == 1 { for i in 0..<n { o[i] = f(p[i]) } } else { for i in 0..<n { o[i * so] = f(p[i * sx]) } }
      }
      return
    }
    withUnsafeTemporaryAllocation(of: W.self, capacity: 512) { buffer in
      // unreachable: a temporary allocation of 512 has an address
      let p = buffer.baseAddress!
      strips.forEach { at in
        var i = 0
        while i < n {
          let c = min(512, n - i)
          Cast.run(x.pointer + (at[0] + i * sx) * x.dtype.itemSize, x.dtype, step: sx, to: p, wide, step: 1, count: c)
          for k in 0..<c { p[k] = f(p[k]) }
          Cast.run(p, wide, step: 1, to: out.pointer + (at[1] + i * so) * out.dtype.itemSize, out.dtype, step: so, count: c)
          i += c
        }
      }
    }
  }

  /// The loop under `binary` and `compare`: computes in W, gives R.
  @inlinable
  public static func zip<W: WideElement, R: WideElement>(
    _ a: Operand, _ b: Operand, _ out: Operand, _ sizes: Dims, _ wide: DType, _ result: DType, _ f: (W, W) -> R
  ) {
    let strips = Strips(sizes: sizes, operands: [a.strides, b.strides, out.strides])
    let (sa, sb, so) = (strips.steps[0], strips.steps[1], strips.steps[2])
    let n = strips.length
    if a.dtype == wide && b.dtype == wide && out.dtype == result {
      let pa = a.pointer.assumingMemoryBound(to: W.self)
      let pb = b.pointer.assumingMemoryBound(to: W.self)
      let po = out.pointer.assumingMemoryBound(to: R.self)
      strips.forEach { at in
        let (p, q, o) = (pa + at[0], pb + at[1], po + at[2])
        if sa == 1 && sb == 1 && so == 1 {
          for i in 0..<n { o[i] = f(p[i], q[i]) }
        } else if sa == 1 && sb == 0 && so == 1 {
          let y = q[0]
          for i in 0..<n { o[i] = f(p[i], y) }
        } else {
          for i in 0..<n { o[i * so] = f(p[i * sa], q[i * sb]) }
        }
      }
      return
    }
    withUnsafeTemporaryAllocation(of: W.self, capacity: 1024) { buffer in
      withUnsafeTemporaryAllocation(of: R.self, capacity: 512) { results in
        // unreachable: temporary allocations of fixed size have addresses
        let (p, q, r) = (buffer.baseAddress!, buffer.baseAddress! + 512, results.baseAddress!)
        strips.forEach { at in
          var i = 0
          while i < n {
            let c = min(512, n - i)
            Cast.run(a.pointer + (at[0] + i * sa) * a.dtype.itemSize, a.dtype, step: sa, to: p, wide, step: 1, count: c)
            Cast.run(b.pointer + (at[1] + i * sb) * b.dtype.itemSize, b.dtype, step: sb, to: q, wide, step: 1, count: c)
            for k in 0..<c { r[k] = f(p[k], q[k]) }
            Cast.run(r, result, step: 1, to: out.pointer + (at[2] + i * so) * out.dtype.itemSize, out.dtype, step: so, count: c)
            i += c
          }
        }
      }
    }
  }
}
