import CKernels
import TensorCore

extension DType {
  /// The type as the compiled loops know it, or nil.
  @inlinable
  @inline(__always)
  public var loopType: qk_type? {
    switch self {
    case .float32: QK_F32
    case .float64: QK_F64
    case .int64: QK_I64
    case .int32: QK_I32
    case .uint8: QK_U8
    case .bool: QK_BOOL
    default: nil
    }
  }
}

/// Compiled loops of one function of two numbers: two operands, or a number in place of one.
public struct PairLoops {
  /// Element by element.
  public let both: qk_binary_loop?
  /// One number as the second operand.
  public let second: qk_binary_loop?
  /// One number as the first operand.
  public let first: qk_binary_loop?

  /// Those of an operation.
  @inlinable
  public init(_ op: qk_binary_op, _ type: qk_type) {
    both = qk_binary(op, type, QK_BOTH)
    second = qk_binary(op, type, QK_SECOND_IS_ONE)
    first = qk_binary(op, type, QK_FIRST_IS_ONE)
  }

  /// Those of a comparison.
  @inlinable
  public init(_ op: qk_comparison, _ type: qk_type) {
    both = qk_compare(op, type, QK_BOTH)
    second = qk_compare(op, type, QK_SECOND_IS_ONE)
    first = qk_compare(op, type, QK_FIRST_IS_ONE)
  }
}

/// Compiled loops over dense elements, shared out among threads where there are many.
public enum Loops {
  /// y = f(x).
  @inlinable
  public static func run(
    _ loop: qk_unary_loop, _ count: Int, _ x: UnsafeRawPointer, _ xSize: Int, _ y: UnsafeMutableRawPointer, _ ySize: Int
  ) {
    if count <= Threads.grain { return loop(count, x, y) }
    Threads.run(count) { loop($0.count, x + $0.lowerBound * xSize, y + $0.lowerBound * ySize) }
  }

  /// y = f(a, b); a size of 0 stands for one number.
  @inlinable
  public static func run(
    _ loop: qk_binary_loop, _ count: Int, _ a: UnsafeRawPointer, _ aSize: Int, _ b: UnsafeRawPointer, _ bSize: Int,
    _ y: UnsafeMutableRawPointer, _ ySize: Int
  ) {
    if count <= Threads.grain { return loop(count, a, b, y) }
    Threads.run(count) { loop($0.count, a + $0.lowerBound * aSize, b + $0.lowerBound * bSize, y + $0.lowerBound * ySize) }
  }

  /// Calls `body` with the place and the length of each row of `length` among `count` elements; on several threads where
  /// there are many.
  @inlinable
  public static func runRows(_ length: Int, _ count: Int, _ body: (Int, Int) -> Void) {
    if count <= Threads.grain {
      for at in stride(from: 0, to: count, by: length) { body(at, length) }
    } else {
      Threads.run(count / length, grain: max(1, Threads.grain / length)) { for row in $0 { body(row * length, length) } }
    }
  }

  /// y = f(a, b, c, value) of floats.
  @inlinable
  public static func run(
    _ loop: qk_ternary_loop, _ count: Int, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ c: UnsafeRawPointer, value: Double,
    _ y: UnsafeMutableRawPointer, isDouble: Bool
  ) {
    let size = isDouble ? 8 : 4
    var number = (value, Float(value))
    withUnsafePointer(to: &number) { number in
      let value = isDouble ? UnsafeRawPointer(number) : UnsafeRawPointer(number) + 8
      if count <= Threads.grain { return loop(count, a, b, c, value, y) }
      Threads.run(count) { part in
        let at = part.lowerBound * size
        loop(part.count, a + at, b + at, c + at, value, y + at)
      }
    }
  }
}
