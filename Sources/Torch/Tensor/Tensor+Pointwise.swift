import CKernels
import Interface
import Kernels
import TensorCore

/// Elementwise functions given by a formula for each type of arithmetic.
struct Formula: UnaryFunction {
  let float: (Float) -> Float
  let double: (Double) -> Double
  var integer: (Int64) -> Int64 = { $0 }
  /// The compiled loop that does the same, where there is one.
  var op: qk_unary_op? = nil
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
    if result == dtype && isContiguous {
      if let op = f.op, let type = dtype.loopType, let loop = qk_unary(op, type) {
        let y = try Tensor(like: self, dtype: dtype)
        let size = dtype.itemSize
        Loops.run(loop, count, pointer, size, y.pointer, size)
        return y
      }
      if dtype == .float32 {
        let y = try Tensor(like: self, dtype: dtype)
        let (p, o) = (elements(Float.self), y.elements(Float.self))
        Threads.run(count) { for i in $0 { o[i] = f(p[i]) } }
        return y
      }
    }
    if dtype.isComplex || result.isComplex { return try to(result).complexMapped(f.op) }
    try refuseQuantized()
    let y = try Tensor(uninitialized: sizes, dtype: result)
    let computing = result == .bool ? dtype.wide : result.wide
    Pointwise.unary(f, operand, into: y.operand, sizes: sizes, computing: computing)
    return y
  }

  /// Applies a function that gives floats: integers are computed in the default float type.
  @inline(__always)
  func mappedToFloat<F: UnaryFunction>(_ f: F) throws -> Tensor {
    try mapped(f, result: dtype.isInexact ? dtype : .defaultFloat)
  }

  /// Asks something of every element.
  func asked(_ float: @escaping (Double) -> Bool, integer: Bool) throws -> Tensor {
    if dtype.isComplex {
      let (a, b) = (try real().asked(float, integer: integer), try imaginary().asked(float, integer: integer))
      return integer ? try a.logicalAnd(b) : try a.logicalOr(b)
    }
    if !dtype.isFloatingPoint { return try .full(sizes, .boolean(integer), dtype: .bool) }
    let wide = try Tensor(uninitialized: sizes, dtype: .float64)
    Pointwise.unary(Formula(float: { $0 }, double: { float($0) ? 1 : 0 }), operand, into: wide.operand, sizes: sizes, computing: .float64)
    return try wide.denseCopy(.bool)
  }

  /// Applies a function to pairs of elements of two tensors that broadcast.
  @inline(__always)
  static func zipped<F: BinaryFunction>(_ f: F, _ a: Tensor, _ b: Tensor, result: DType? = nil) throws -> Tensor {
    let dtype = result ?? ResultType.of(a, b)
    if let y = try zippedDense(f, a, b, dtype) { return y }
    if dtype.isComplex { return try complexZipped(f.op, a, b, dtype) }
    try a.refuseOthers()
    try b.refuseOthers()
    let sizes = try Shape.broadcast(a.sizes, b.sizes)
    let y = try Tensor(uninitialized: sizes, dtype: dtype)
    let (a, b) = (try a.wrapped(into: dtype), F.readsNumberExactly && dtype.isFloatingPoint ? b : try b.wrapped(into: dtype))
    withExtendedLifetime((a, b)) {
      Pointwise.binary(
        f, a.operand(broadcastTo: sizes), b.operand(broadcastTo: sizes), into: y.operand, sizes: sizes, computing: dtype.wide)
    }
    return y
  }

  /// One number that meets narrower elements, as their type holds it; others as they are.
  @inline(__always)
  private func wrapped(into common: DType) throws -> Tensor {
    dim == 0 && dtype != common && (common.isIntegral || common.itemSize < 4) ? try denseCopy(common) : self
  }

  /// Dense elements in the type of arithmetic, of one shape or with a number, need no plan for a loop. Nil for others.
  @inline(__always)
  private static func zippedDense<F: BinaryFunction>(_ f: F, _ a: Tensor, _ b: Tensor, _ dtype: DType) throws -> Tensor? {
    if let op = f.op, let type = dtype.loopType {
      if a.dtype.isQuantized || b.dtype.isQuantized { return nil }
      let size = dtype.itemSize
      if a.dtype == dtype && b.dtype == dtype && a.sizes == b.sizes && a.isContiguous && b.isContiguous, let loop = qk_binary(op, type, QK_BOTH) {
        let y = try Tensor(like: a, dtype: dtype)
        Loops.run(loop, a.count, a.pointer, size, b.pointer, size, y.pointer, size)
        return y
      }
      if a.dtype == dtype && b.dim == 0 && a.isContiguous, let loop = qk_binary(op, type, QK_SECOND_IS_ONE) {
        let y = try Tensor(like: a, dtype: dtype)
        b.withNumber(as: dtype) { Loops.run(loop, a.count, a.pointer, size, $0, 0, y.pointer, size) }
        return y
      }
      if b.dtype == dtype && a.dim == 0 && b.isContiguous, let loop = qk_binary(op, type, QK_FIRST_IS_ONE) {
        let y = try Tensor(like: b, dtype: dtype)
        a.withNumber(as: dtype) { Loops.run(loop, b.count, $0, 0, b.pointer, size, y.pointer, size) }
        return y
      }
      // The same rows to each of many.
      if a.dtype == dtype && b.dtype == dtype && a.isContiguous && b.isContiguous, let loop = qk_binary(op, type, QK_BOTH) {
        if b.isTrailing(of: a) {
          let y = try Tensor(like: a, dtype: dtype)
          Loops.runRows(b.count, a.count) { at, n in loop(n, a.pointer + at * size, b.pointer, y.pointer + at * size) }
          return y
        }
        if a.isTrailing(of: b) {
          let y = try Tensor(like: b, dtype: dtype)
          Loops.runRows(a.count, b.count) { at, n in loop(n, a.pointer, b.pointer + at * size, y.pointer + at * size) }
          return y
        }
      }
      return nil
    }
    guard dtype == .float32 else { return nil }
    if a.dtype == .float32 && b.dtype == .float32 && a.sizes == b.sizes && a.isContiguous && b.isContiguous {
      let y = try Tensor(like: a, dtype: .float32)
      let (p, q, o) = (a.elements(Float.self), b.elements(Float.self), y.elements(Float.self))
      Threads.run(a.count) { for i in $0 { o[i] = f(p[i], q[i]) } }
      return y
    }
    if a.dtype == .float32 && b.isWrappedNumber && a.isContiguous {
      let y = try Tensor(like: a, dtype: .float32)
      let (p, q, o) = (a.elements(Float.self), Float(b.scalar(at: 0).doubleValue), y.elements(Float.self))
      Threads.run(a.count) { for i in $0 { o[i] = f(p[i], q) } }
      return y
    }
    if b.dtype == .float32 && a.isWrappedNumber && b.isContiguous {
      let y = try Tensor(like: b, dtype: .float32)
      let (p, q, o) = (Float(a.scalar(at: 0).doubleValue), b.elements(Float.self), y.elements(Float.self))
      Threads.run(b.count) { for i in $0 { o[i] = f(p, q[i]) } }
      return y
    }
    return nil
  }

  /// Whether its sizes are the last of those of a tensor with more dimensions, and neither is empty.
  @inline(__always)
  private func isTrailing(of other: Tensor) -> Bool {
    let lead = other.dim - dim
    if lead <= 0 || dim == 0 || other.count == 0 { return false }
    for d in 0..<dim where sizes[d] != other.sizes[lead + d] { return false }
    return true
  }

  /// Calls `body` with the address of the only element in another type.
  @inline(__always)
  private func withNumber(as target: DType, _ body: (UnsafeRawPointer) -> Void) {
    if dtype == target { return body(pointer) }
    var room: UInt64 = 0
    Cast.run(pointer, dtype, step: 1, to: &room, target, step: 1, count: 1)
    withUnsafePointer(to: &room) { body($0) }
  }

  /// Lets self become f(self, other) in its own memory, where nothing is recorded and no conversion stands between. False,
  /// with nothing done, elsewhere.
  func changed<F: BinaryFunction>(by f: F, _ other: Tensor) throws -> Bool {
    guard let op = f.op, let type = dtype.loopType, isContiguous, !Tensor.records(self, other) else { return false }
    let size = dtype.itemSize
    if other.dtype == dtype && other.sizes == sizes && other.isContiguous {
      // Elements shifted against each other would be read after they were written.
      guard other.storage !== storage || other.storageOffset == storageOffset, let loop = qk_binary(op, type, QK_BOTH) else { return false }
      try refuseInPlaceOnLeaf()
      Loops.run(loop, count, pointer, size, other.pointer, size, pointer, size)
    } else if other.dim == 0 && other.storage !== storage && ResultType.of(self, other) == dtype {
      guard let loop = qk_binary(op, type, QK_SECOND_IS_ONE) else { return false }
      try refuseInPlaceOnLeaf()
      other.withNumber(as: dtype) { Loops.run(loop, count, pointer, size, $0, 0, pointer, size) }
    } else {
      return false
    }
    bumpVersion()
    return true
  }

  /// Compares pairs of elements of two tensors that broadcast.
  @inline(__always)
  static func compared<F: BinaryPredicate>(_ f: F, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    if let op = f.op, let type = a.dtype.loopType, a.isContiguous {
      if a.dtype == b.dtype && a.sizes == b.sizes && b.isContiguous, let loop = qk_compare(op, type, QK_BOTH) {
        let y = try Tensor(like: a, dtype: .bool)
        let size = a.dtype.itemSize
        Loops.run(loop, a.count, a.pointer, size, b.pointer, size, y.pointer, 1)
        return y
      }
      // A bare number takes the tensor's type.
      if b.isWrappedNumber && !b.dtype.isComplex && a.dim > 0 && a.dtype.isFloatingPoint, let loop = qk_compare(op, type, QK_SECOND_IS_ONE) {
        let y = try Tensor(like: a, dtype: .bool)
        let size = a.dtype.itemSize
        b.withNumber(as: a.dtype) { Loops.run(loop, a.count, a.pointer, size, $0, 0, y.pointer, 1) }
        return y
      }
    }
    if a.dtype.isComplex || b.dtype.isComplex { return try complexCompared(f, a, b) }
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

  /// - Throws: a refusal where a quantized or complex tensor meets a loop over real numbers.
  @inline(__always)
  func refuseOthers() throws {
    try refuseQuantized()
    if dtype.isComplex { throw TorchError.notImplemented("this function", for: dtype) }
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
