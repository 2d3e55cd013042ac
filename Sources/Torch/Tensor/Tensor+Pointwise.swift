import Interface
import Kernels
import TensorCore

/// Elementwise functions given by a formula for each type of arithmetic.
struct Formula: UnaryFunction {
  let float: (Float) -> Float
  let double: (Double) -> Double
  var integer: (Int64) -> Int64 = { $0 }
  func callAsFunction(_ x: Float) -> Float { float(x) }
  func callAsFunction(_ x: Double) -> Double { double(x) }
  func callAsFunction(_ x: Int64) -> Int64 { integer(x) }
}

extension Tensor {
  /// Applies a function to every element.
  @inline(__always)
  func mapped<F: UnaryFunction>(_ f: F, result: DType? = nil) throws -> Tensor {
    let result = result ?? dtype
    // Dense elements in the type of arithmetic need no plan for a loop.
    if result == dtype && dtype == .float32 && isContiguous {
      let y = try Tensor(like: self, dtype: dtype)
      let (p, o) = (elements(Float.self), y.elements(Float.self))
      for i in 0..<count { o[i] = f(p[i]) }
      return y
    }
    try refuseQuantized()
    let y = try Tensor(uninitialized: sizes, dtype: result)
    let computing = result == .bool ? dtype.wide : result.wide
    Pointwise.unary(f, operand, into: y.operand, sizes: sizes, computing: computing)
    return y
  }

  /// Applies a function that gives floats: integers are computed in the default float type.
  @inline(__always)
  func mappedToFloat<F: UnaryFunction>(_ f: F) throws -> Tensor {
    try mapped(f, result: dtype.isFloatingPoint ? dtype : .defaultFloat)
  }

  /// Asks something of every element.
  func asked(_ float: @escaping (Double) -> Bool, integer: Bool) throws -> Tensor {
    if !dtype.isFloatingPoint { return try .full(sizes, .boolean(integer), dtype: .bool) }
    let wide = try Tensor(uninitialized: sizes, dtype: .float64)
    Pointwise.unary(Formula(float: { $0 }, double: { float($0) ? 1 : 0 }), operand, into: wide.operand, sizes: sizes, computing: .float64)
    return try wide.denseCopy(.bool)
  }

  /// Applies a function to pairs of elements of two tensors that broadcast.
  @inline(__always)
  static func zipped<F: BinaryFunction>(_ f: F, _ a: Tensor, _ b: Tensor, result: DType? = nil) throws -> Tensor {
    let dtype = result ?? ResultType.of(a, b)
    // Dense elements in the type of arithmetic, of one shape or with a number, need no plan for a loop.
    if dtype == .float32 {
      if a.dtype == .float32 && b.dtype == .float32 && a.sizes == b.sizes && a.isContiguous && b.isContiguous {
        let y = try Tensor(like: a, dtype: .float32)
        let (p, q, o) = (a.elements(Float.self), b.elements(Float.self), y.elements(Float.self))
        for i in 0..<a.count { o[i] = f(p[i], q[i]) }
        return y
      }
      if a.dtype == .float32 && b.isWrappedNumber && a.isContiguous {
        let y = try Tensor(like: a, dtype: .float32)
        let (p, q, o) = (a.elements(Float.self), Float(b.scalar(at: 0).doubleValue), y.elements(Float.self))
        for i in 0..<a.count { o[i] = f(p[i], q) }
        return y
      }
      if b.dtype == .float32 && a.isWrappedNumber && b.isContiguous {
        let y = try Tensor(like: b, dtype: .float32)
        let (p, q, o) = (Float(a.scalar(at: 0).doubleValue), b.elements(Float.self), y.elements(Float.self))
        for i in 0..<b.count { o[i] = f(p, q[i]) }
        return y
      }
    }
    try a.refuseQuantized()
    try b.refuseQuantized()
    let sizes = try Shape.broadcast(a.sizes, b.sizes)
    let y = try Tensor(uninitialized: sizes, dtype: dtype)
    let (a, b) = (try a.wrapped(into: dtype), try b.wrapped(into: dtype))
    withExtendedLifetime((a, b)) {
      Pointwise.binary(
        f, a.operand(broadcastTo: sizes), b.operand(broadcastTo: sizes), into: y.operand, sizes: sizes, computing: dtype.wide)
    }
    return y
  }

  /// One number that meets narrower integers, as their type holds it; others as they are.
  @inline(__always)
  private func wrapped(into common: DType) throws -> Tensor {
    dim == 0 && common.isIntegral && dtype != common ? try denseCopy(common) : self
  }

  /// Compares pairs of elements of two tensors that broadcast.
  @inline(__always)
  static func compared<F: BinaryPredicate>(_ f: F, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    try a.refuseQuantized()
    try b.refuseQuantized()
    let sizes = try Shape.broadcast(a.sizes, b.sizes)
    let y = try Tensor(uninitialized: sizes, dtype: .bool)
    let common = ResultType.of(a, b)
    let (a, b) = (try a.wrapped(into: common), try b.wrapped(into: common))
    withExtendedLifetime((a, b)) {
      Pointwise.compare(
        f, a.operand(broadcastTo: sizes), b.operand(broadcastTo: sizes), into: y.operand, sizes: sizes, computing: common.wide)
    }
    return y
  }

  /// - Throws: PyTorch's sentence where a quantized tensor meets a function that has no quantized form.
  @inline(__always)
  func refuseQuantized(_ name: String = "this function") throws {
    if dtype.isQuantized {
      throw TorchError.notImplemented(
        "Could not run '\(name)' with arguments from the 'QuantizedCPU' backend; dequantize() the tensor first.")
    }
  }

  /// The sum over dimensions that broadcasting added, so that the result has these sizes.
  func summed(to target: Dims) throws -> Tensor {
    if sizes == target { return self }
    let lead = dim - target.count
    var dims = Array(0..<lead)
    for d in 0..<target.count where target[d] == 1 && sizes[lead + d] != 1 { dims.append(lead + d) }
    let summed = dims.isEmpty ? self : try sum(dims: dims, keepdim: true)
    return lead > 0 ? try summed.reshape(Array(target)) : summed
  }
}
