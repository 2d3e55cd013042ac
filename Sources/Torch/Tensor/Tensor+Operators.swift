import Interface
import TensorCore

// For slopes, which read better as formulas. A number has no say in the result's type beyond its kind.
extension Tensor {
  static func + (a: Tensor, b: Tensor) throws -> Tensor { try a.add(b) }
  static func + (a: Tensor, b: Double) throws -> Tensor { try a.add(.wrapped(.double(b))) }
  static func - (a: Tensor, b: Tensor) throws -> Tensor { try a.sub(b) }
  static func - (a: Tensor, b: Double) throws -> Tensor { try a.sub(.wrapped(.double(b))) }
  static func - (a: Double, b: Tensor) throws -> Tensor { try Tensor.wrapped(.double(a)).sub(b) }
  static func * (a: Tensor, b: Tensor) throws -> Tensor { try a.mul(b) }
  static func * (a: Tensor, b: Double) throws -> Tensor { try a.mul(.wrapped(.double(b))) }
  static func / (a: Tensor, b: Tensor) throws -> Tensor { try a.div(b) }
  static func / (a: Tensor, b: Double) throws -> Tensor { try a.div(.wrapped(.double(b))) }
  static prefix func - (a: Tensor) throws -> Tensor { try a.neg() }

  /// Where elements are this number.
  func `is`(_ value: Double) throws -> Tensor { try eq(.wrapped(.double(value))) }
  /// Where elements are greater than a number.
  func over(_ value: Double) throws -> Tensor { try gt(.wrapped(.double(value))) }
  /// Where elements are less than a number.
  func under(_ value: Double) throws -> Tensor { try lt(.wrapped(.double(value))) }
  /// Its own elements, a number in place of those where the mask holds.
  func replaced(where mask: Tensor, by value: Double) throws -> Tensor { try .where(mask, .wrapped(.double(value)), self) }
  /// Zeros of its sizes and type.
  func zeros() throws -> Tensor { try .zeros(sizes, dtype: dtype) }

  /// In float32 where it is a 16-bit float: for formulas that PyTorch rounds once.
  func widened() throws -> Tensor { dtype == .float16 || dtype == .bfloat16 ? try to(.float32) : self }

  /// - Throws: PyTorch's sentence, with its loop's name, where the type is one of those that the loop does not take.
  @inline(__always)
  func refuse(_ kernel: String, _ refused: (DType) -> Bool) throws { try dtype.refuse(kernel, refused) }
}

extension DType {
  /// - Throws: PyTorch's sentence, with its loop's name, where the type is one of those that the loop does not take.
  @inline(__always)
  func refuse(_ kernel: String, _ refused: (DType) -> Bool) throws {
    if refused(self) { throw TorchError.notImplemented(kernel, for: self) }
  }
}

extension Formula {
  /// A function known in double precision; float32 is computed there.
  static func precise(_ f: @escaping (Double) -> Double) -> Formula { Formula(float: { Float(f(Double($0))) }, double: f) }
}
