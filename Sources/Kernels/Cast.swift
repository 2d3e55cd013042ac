import CKernels
import Glibc
import TensorCore

/// Copies elements, converting their type.
public enum Cast {
  /// Copies every element of `source` to `target`, both of the shape `sizes`, converting as C casts.
  public static func copy(_ source: Operand, to target: Operand, sizes: Dims) {
    let strips = Strips(sizes: sizes, operands: [source.strides, target.strides])
    let (from, to) = (source.dtype.itemSize, target.dtype.itemSize)
    let (s0, s1) = (strips.steps[0], strips.steps[1])
    let same = source.dtype.underlying == target.dtype.underlying
    if same && s0 == 1 && s1 == 1 {
      strips.inParallel { memmove(target.pointer + $0[1] * to, source.pointer + $0[0] * from, $1 * to) }
      return
    }
    if same && turns(strips, from, source.pointer, target.pointer) { return }
    strips.inParallel {
      run(
        source.pointer + $0[0] * from, source.dtype, step: s0, to: target.pointer + $0[1] * to, target.dtype, step: s1, count: $1)
    }
  }

  /// Copies dense elements, converting.
  public static func dense(_ source: UnsafeRawPointer, _ from: DType, to target: UnsafeMutableRawPointer, _ to: DType, count: Int) {
    let (a, b) = (from.itemSize, to.itemSize)
    if from.underlying == to.underlying {
      if count <= Threads.grain { memcpy(target, source, count * b) } else {
        Threads.run(count) { memcpy(target + $0.lowerBound * b, source + $0.lowerBound * a, $0.count * b) }
      }
    } else {
      Threads.run(count) { run(source + $0.lowerBound * a, from, step: 1, to: target + $0.lowerBound * b, to, step: 1, count: $0.count) }
    }
  }

  /// Turns matrices that lie the other way round; false, with nothing done, where elements lie otherwise.
  private static func turns(_ strips: Strips, _ size: Int, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer) -> Bool {
    guard size == 4 || size == 8, strips.steps[1] == 1, strips.steps[0] > 1, strips.length >= 8,
      let inner = strips.outer.first, inner.strides[0] == 1, inner.size >= 8, inner.strides[1] >= strips.length
    else { return false }
    let (ldx, ldy) = (strips.steps[0], inner.strides[1])
    let matrices = strips.count / inner.size
    // Bands of the source's columns, which are the target's rows.
    let bands = (inner.size + 15) / 16
    Threads.run(matrices * bands, grain: max(1, Threads.grain / (16 * strips.length))) { part in
      var at = part.lowerBound
      while at < part.upperBound {
        let (matrix, band) = (at / bands, at % bands)
        let next = min(bands, band + part.upperBound - at)
        var (rest, x, y) = (matrix, band * 16, band * 16 * ldy)
        for dimension in strips.outer.dropFirst() {
          x += rest % dimension.size * dimension.strides[0]
          y += rest % dimension.size * dimension.strides[1]
          rest /= dimension.size
        }
        qk_transpose(size, strips.length, min(next * 16, inner.size) - band * 16, source + x * size, ldx, target + y * size, ldy)
        at += next - band
      }
    }
    return true
  }

  /// Copies one strip of `count` elements; steps are in elements.
  public static func run(
    _ source: UnsafeRawPointer, _ from: DType, step s0: Int, to target: UnsafeMutableRawPointer, _ to: DType, step s1: Int,
    count: Int
  ) {
    if s0 == 1 && s1 == 1 {
      if let a = from.loopType, let b = to.loopType, let loop = qk_cast(a, b) { return loop(count, source, target) }
      switch (from, to) {
      case (.float32, .bfloat16): return qk_f32_to_bf16(count, source.assumingMemoryBound(to: Float.self), target.assumingMemoryBound(to: UInt16.self))
      case (.bfloat16, .float32): return qk_bf16_to_f32(count, source.assumingMemoryBound(to: UInt16.self), target.assumingMemoryBound(to: Float.self))
      case (.float32, .float16): return qk_f32_to_f16(count, source.assumingMemoryBound(to: Float.self), target.assumingMemoryBound(to: UInt16.self))
      case (.float16, .float32): return qk_f16_to_f32(count, source.assumingMemoryBound(to: UInt16.self), target.assumingMemoryBound(to: Float.self))
      default: break
      }
    }
    if from.isComplex && (to.isComplex || to == .bool) { return complex(source, from, s0, target, to, s1, count) }
    var outer = Source(source: source, step: s0, target: target, to: to, targetStep: s1, count: count)
    // A visitor of casts never throws.
    _ = try? from.accept(&outer)
  }

  /// Complex numbers to complex numbers, or to the question whether they are not zero.
  private static func complex(
    _ source: UnsafeRawPointer, _ from: DType, _ s0: Int, _ target: UnsafeMutableRawPointer, _ to: DType, _ s1: Int, _ count: Int
  ) {
    func run<A: BinaryFloatingPoint, B: BinaryFloatingPoint>(_ a: A.Type, _ b: B.Type) {
      let (p, q) = (source.assumingMemoryBound(to: Complex<A>.self), target.assumingMemoryBound(to: Complex<B>.self))
      for i in 0..<count { q[i * s1] = Complex(B(p[i * s0].real), B(p[i * s0].imaginary)) }
    }
    func ask<A: BinaryFloatingPoint>(_ a: A.Type) {
      let (p, q) = (source.assumingMemoryBound(to: Complex<A>.self), target.assumingMemoryBound(to: UInt8.self))
      for i in 0..<count { q[i * s1] = p[i * s0].real != 0 || p[i * s0].imaginary != 0 ? 1 : 0 }
    }
    switch (from, to) {
    case (.complex64, .complex64): run(Float.self, Float.self)
    case (.complex64, .complex128): run(Float.self, Double.self)
    case (.complex128, .complex64): run(Double.self, Float.self)
    case (.complex128, .complex128): run(Double.self, Double.self)
    case (.complex64, _): ask(Float.self)
    default: ask(Double.self)
    }
  }

  private struct Source: ElementVisitor {
    let source: UnsafeRawPointer
    let step: Int
    let target: UnsafeMutableRawPointer
    let to: DType
    let targetStep: Int
    let count: Int
    mutating func visit<T: Element>(_ type: T.Type) throws {
      var inner = Target<T>(
        source: source.assumingMemoryBound(to: T.self), step: step, target: target, targetStep: targetStep, count: count)
      try to.accept(&inner)
    }
  }

  private struct Target<S: Element>: ElementVisitor {
    let source: UnsafePointer<S>
    let step: Int
    let target: UnsafeMutableRawPointer
    let targetStep: Int
    let count: Int
    mutating func visit<T: Element>(_ type: T.Type) throws {
      let out = target.assumingMemoryBound(to: T.self)
      if T.self == Boolean.self {
        for i in 0..<count { out[i * targetStep] = T(wide: T.Wide(casting: source[i * step].wide != S.Wide(casting: Int64(0)) ? Int64(1) : 0)) }
      } else if T.self == Int32.self && S.Wide.self != Int64.self {
        // As the processor converts to 32 bits: NaN and what does not fit become the least integer.
        for i in 0..<count {
          let cut = source[i * step].wide.asDouble.rounded(.towardZero)
          out[i * targetStep] = T(wide: T.Wide(casting: cut > -2147483649 && cut < 2147483648 ? cut.asInt64 : Int64(Int32.min)))
        }
      } else if step == 1 && targetStep == 1 {
        for i in 0..<count { out[i] = T(wide: T.Wide(casting: source[i].wide)) }
      } else {
        for i in 0..<count { out[i * targetStep] = T(wide: T.Wide(casting: source[i * step].wide)) }
      }
    }
  }
}
