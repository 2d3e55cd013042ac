import Interface
import Torch

// Formulas of layers and losses read as formulas.
extension Tensor {
  static func + (a: Tensor, b: Tensor) throws -> Tensor { try a.add(b) }
  static func - (a: Tensor, b: Tensor) throws -> Tensor { try a.sub(b) }
  static func * (a: Tensor, b: Tensor) throws -> Tensor { try a.mul(b) }
  static func / (a: Tensor, b: Tensor) throws -> Tensor { try a.div(b) }
  static func + (a: Tensor, b: Double) throws -> Tensor { try a.add(.wrapped(.double(b))) }
  static func - (a: Tensor, b: Double) throws -> Tensor { try a.sub(.wrapped(.double(b))) }
  static func * (a: Tensor, b: Double) throws -> Tensor { try a.mul(.wrapped(.double(b))) }
  static func / (a: Tensor, b: Double) throws -> Tensor { try a.div(.wrapped(.double(b))) }
  static func + (a: Double, b: Tensor) throws -> Tensor { try b.add(.wrapped(.double(a))) }
  static func - (a: Double, b: Tensor) throws -> Tensor { try Tensor.wrapped(.double(a)).sub(b) }
  static func * (a: Double, b: Tensor) throws -> Tensor { try b.mul(.wrapped(.double(a))) }

  /// The greater of each element and a number.
  func atLeast(_ low: Double) throws -> Tensor { try clamp(.double(low), nil) }

  /// The type in which half precision is computed; others as they are.
  var wide: Tensor { get throws { dtype == .float16 || dtype == .bfloat16 ? try to(.float32) : self } }

  /// `a` where the condition holds, else `b`.
  static func choose(_ condition: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor { try .where(condition, a, b) }
}
