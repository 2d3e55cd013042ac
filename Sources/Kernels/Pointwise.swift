import CKernels
import TensorCore

/// An elementwise function of one number, written once for all types of arithmetic.
public protocol UnaryFunction {
  func callAsFunction(_ x: Float) -> Float
  func callAsFunction(_ x: Double) -> Double
  func callAsFunction(_ x: Int64) -> Int64
  /// The compiled loop that does the same over dense elements, where there is one.
  var op: qk_unary_op? { get }
}

extension UnaryFunction {
  @inlinable @inline(__always) public var op: qk_unary_op? { nil }
}

/// An elementwise function of two numbers.
public protocol BinaryFunction {
  func callAsFunction(_ a: Float, _ b: Float) -> Float
  func callAsFunction(_ a: Double, _ b: Double) -> Double
  func callAsFunction(_ a: Int64, _ b: Int64) -> Int64
  /// The compiled loop that does the same over dense elements, where there is one.
  var op: qk_binary_op? { get }
  /// Whether one number as the second operand is not rounded to a half type before it meets elements of that type.
  static var readsNumberExactly: Bool { get }
}

extension BinaryFunction {
  @inlinable @inline(__always) public static var readsNumberExactly: Bool { false }
  @inlinable @inline(__always) public var op: qk_binary_op? { nil }
}

/// An elementwise question about two numbers.
public protocol BinaryPredicate {
  func callAsFunction<T: WideElement>(_ a: T, _ b: T) -> Bool
  /// The compiled loop that asks the same of dense elements, where there is one.
  var op: qk_comparison? { get }
}

extension BinaryPredicate {
  @inlinable @inline(__always) public var op: qk_comparison? { nil }
}

/// Elementwise loops. Arithmetic is done in the wide type of `computing`; other element types are converted strip by strip.
public enum Pointwise {
  /// Elements that are converted at a time.
  @usableFromInline static let block = 512

  /// out = f(x) over a shape.
  @inlinable
  @inline(__always)
  public static func unary<F: UnaryFunction>(_ f: F, _ x: Operand, into out: Operand, sizes: Dims, computing: DType) {
    let loop = f.op.flatMap { op in computing.loopType.flatMap { qk_unary(op, $0) } }
    switch computing {
    case .float64: map(x, out, sizes, .float64, loop) { (a: Double) in f(a) }
    case .int64: map(x, out, sizes, .int64, loop) { (a: Int64) in f(a) }
    default: map(x, out, sizes, .float32, loop) { (a: Float) in f(a) }
    }
  }

  /// out = f(a, b) over a shape.
  @inlinable
  @inline(__always)
  public static func binary<F: BinaryFunction>(
    _ f: F, _ a: Operand, _ b: Operand, into out: Operand, sizes: Dims, computing: DType
  ) {
    let loops = f.op.flatMap { op in computing.loopType.map { PairLoops(op, $0) } }
    switch computing {
    case .float64: zip(a, b, out, sizes, .float64, .float64, loops) { (x: Double, y: Double) -> Double in f(x, y) }
    case .int64: zip(a, b, out, sizes, .int64, .int64, loops) { (x: Int64, y: Int64) -> Int64 in f(x, y) }
    default: zip(a, b, out, sizes, .float32, .float32, loops) { (x: Float, y: Float) -> Float in f(x, y) }
    }
  }

  /// out (bool) = f(a, b) over a shape.
  @inlinable
  @inline(__always)
  public static func compare<F: BinaryPredicate>(
    _ f: F, _ a: Operand, _ b: Operand, into out: Operand, sizes: Dims, computing: DType
  ) {
    if let op = f.op, let type = a.dtype.loopType, a.dtype == b.dtype, a.dtype == computing || type == QK_U8 || type == QK_BOOL {
      let loops = PairLoops(op, type)
      if loops.both != nil, runs(loops, a, b, out, sizes) { return }
    }
    switch computing {
    case .float64: zip(a, b, out, sizes, .float64, .int64, nil) { (x: Double, y: Double) -> Int64 in f(x, y) ? 1 : 0 }
    case .int64: zip(a, b, out, sizes, .int64, .int64, nil) { (x: Int64, y: Int64) -> Int64 in f(x, y) ? 1 : 0 }
    default: zip(a, b, out, sizes, .float32, .int64, nil) { (x: Float, y: Float) -> Int64 in f(x, y) ? 1 : 0 }
    }
  }

  /// The loop under `unary`: computes in W, whose dtype is `wide`.
  @inlinable
  public static func map<W: WideElement>(
    _ x: Operand, _ out: Operand, _ sizes: Dims, _ wide: DType, _ loop: qk_unary_loop?, _ f: (W) -> W
  ) {
    let strips = Strips(sizes: sizes, operands: [x.strides, out.strides])
    let (sx, so) = (strips.steps[0], strips.steps[1])
    if x.dtype == wide && out.dtype == wide {
      let px = x.pointer.assumingMemoryBound(to: W.self)
      let po = out.pointer.assumingMemoryBound(to: W.self)
      strips.inParallel { at, n in
        let (p, o) = (px + at[0], po + at[1])
        if sx == 1 && so == 1 {
          if let loop { loop(n, p, o) } else { for i in 0..<n { o[i] = f(p[i]) } }
        } else {
          for i in 0..<n { o[i * so] = f(p[i * sx]) }
        }
      }
      return
    }
    strips.inParallel { at, n in
      withUnsafeTemporaryAllocation(of: W.self, capacity: block) { buffer in
        // unreachable: a temporary allocation of fixed size has an address
        let p = buffer.baseAddress!
        var i = 0
        while i < n {
          let c = min(block, n - i)
          Cast.run(x.pointer + (at[0] + i * sx) * x.dtype.itemSize, x.dtype, step: sx, to: p, wide, step: 1, count: c)
          if let loop { loop(c, p, p) } else { for k in 0..<c { p[k] = f(p[k]) } }
          Cast.run(p, wide, step: 1, to: out.pointer + (at[1] + i * so) * out.dtype.itemSize, out.dtype, step: so, count: c)
          i += c
        }
      }
    }
  }

  /// Runs compiled loops over operands of their type; false, with nothing done, where the steps are none they can take.
  @usableFromInline
  static func runs(_ loops: PairLoops, _ a: Operand, _ b: Operand, _ out: Operand, _ sizes: Dims) -> Bool {
    let strips = Strips(sizes: sizes, operands: [a.strides, b.strides, out.strides])
    let (sa, sb) = (strips.steps[0], strips.steps[1])
    guard strips.steps[2] == 1 || strips.length == 1 else { return false }
    let loop: qk_binary_loop?
    if strips.length == 1 || (sa == 1 && sb == 1) { loop = loops.both } else if sa == 1 && sb == 0 { loop = loops.second } else if sa == 0 && sb == 1 { loop = loops.first } else { return TurnedPairs.run(loops, a, b, out, strips) }
    guard let loop else { return false }
    let (size, result) = (a.dtype.itemSize, out.dtype.itemSize)
    strips.inParallel { at, n in loop(n, a.pointer + at[0] * size, b.pointer + at[1] * size, out.pointer + at[2] * result) }
    return true
  }

  /// The loop under `binary` and `compare`: computes in W, gives R.
  @inlinable
  public static func zip<W: WideElement, R: WideElement>(
    _ a: Operand, _ b: Operand, _ out: Operand, _ sizes: Dims, _ wide: DType, _ result: DType, _ loops: PairLoops?, _ f: (W, W) -> R
  ) {
    if a.dtype == wide && b.dtype == wide && out.dtype == result, let loops, loops.both != nil, runs(loops, a, b, out, sizes) { return }
    let strips = Strips(sizes: sizes, operands: [a.strides, b.strides, out.strides])
    let (sa, sb, so) = (strips.steps[0], strips.steps[1], strips.steps[2])
    if a.dtype == wide && b.dtype == wide && out.dtype == result {
      let pa = a.pointer.assumingMemoryBound(to: W.self)
      let pb = b.pointer.assumingMemoryBound(to: W.self)
      let po = out.pointer.assumingMemoryBound(to: R.self)
      strips.inParallel { at, n in
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
    let both = result == wide ? loops?.both : nil
    strips.inParallel { at, n in
      withUnsafeTemporaryAllocation(of: W.self, capacity: 2 * block) { buffer in
        withUnsafeTemporaryAllocation(of: R.self, capacity: block) { results in
          // unreachable: temporary allocations of fixed size have addresses
          let (p, q, r) = (buffer.baseAddress!, buffer.baseAddress! + block, results.baseAddress!)
          var i = 0
          while i < n {
            let c = min(block, n - i)
            Cast.run(a.pointer + (at[0] + i * sa) * a.dtype.itemSize, a.dtype, step: sa, to: p, wide, step: 1, count: c)
            Cast.run(b.pointer + (at[1] + i * sb) * b.dtype.itemSize, b.dtype, step: sb, to: q, wide, step: 1, count: c)
            if let both { both(c, p, q, r) } else { for k in 0..<c { r[k] = f(p[k], q[k]) } }
            Cast.run(r, result, step: 1, to: out.pointer + (at[2] + i * so) * out.dtype.itemSize, out.dtype, step: so, count: c)
            i += c
          }
        }
      }
    }
  }
}
