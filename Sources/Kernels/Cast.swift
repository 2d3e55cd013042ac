import Glibc
import TensorCore

/// Copies elements, converting their type.
public enum Cast {
  /// Copies every element of `source` to `target`, both of the shape `sizes`, converting as C casts.
  public static func copy(_ source: Operand, to target: Operand, sizes: Dims) {
    let strips = Strips(sizes: sizes, operands: [source.strides, target.strides])
    let (from, to) = (source.dtype.itemSize, target.dtype.itemSize)
    let (s0, s1) = (strips.steps[0], strips.steps[1])
    if source.dtype.underlying == target.dtype.underlying && s0 == 1 && s1 == 1 {
      strips.forEach { memmove(target.pointer + $0[1] * to, source.pointer + $0[0] * from, strips.length * to) }
      return
    }
    strips.forEach {
      run(
        source.pointer + $0[0] * from, source.dtype, step: s0, to: target.pointer + $0[1] * to, target.dtype, step: s1,
        count: strips.length)
    }
  }

  /// Copies one strip of `count` elements; steps are in elements.
  @inline(__always)
  public static func run(
    _ source: UnsafeRawPointer, _ from: DType, step s0: Int, to target: UnsafeMutableRawPointer, _ to: DType, step s1: Int,
    count: Int
  ) {
    var outer = Source(source: source, step: s0, target: target, to: to, targetStep: s1, count: count)
    // A visitor of casts never throws.
    _ = try? from.accept(&outer)
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
