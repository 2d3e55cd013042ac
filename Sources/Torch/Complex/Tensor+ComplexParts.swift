import CKernels
import Interface
import Kernels
import TensorCore

extension Tensor {
  /// Another view of the same storage with elements of another type; the offset is in its elements.
  func alias(as dtype: DType, _ sizes: Dims, _ strides: Dims, _ offset: Int) -> Tensor {
    let result = alias(sizes, strides, offset)
    result.dtype = dtype
    return result
  }

  /// A complex tensor's parts along a last dimension of size two, as a view. Mirrors `torch.view_as_real`.
  public func viewAsReal() throws -> Tensor {
    if !dtype.isComplex { throw TorchError.type("view_as_real is only supported for complex tensors") }
    let y = alias(as: dtype.parts, Dims(Array(sizes) + [2]), Dims(strides.map { 2 * $0 } + [1]), 2 * storageOffset)
    if Tensor.records(self) { y.record("ViewAsRealBackward0", [self]) { _, g in [try g.contiguous().viewAsComplex()] } }
    y.becomeView(of: self)
    return y
  }

  /// Pairs along the last dimension as complex numbers, as a view. Mirrors `torch.view_as_complex`.
  /// - Throws: PyTorch's sentences for other types, and for pairs that do not lie as complex numbers do.
  public func viewAsComplex() throws -> Tensor {
    if dtype != .float32 && dtype != .float64 {
      if dtype.isComplex { throw TorchError.type("view_as_complex is not supported for complex tensors") }
      throw TorchError.notImplemented("view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: \(dtype.capitalized)")
    }
    if dim == 0 { throw TorchError.runtime("Input tensor must have one or more dimensions") }
    if sizes[dim - 1] != 2 { throw TorchError.runtime("Tensor must have a last dimension of size 2") }
    if strides[dim - 1] != 1 { throw TorchError.runtime("Tensor must have a last dimension with stride 1") }
    for d in 0..<(dim - 1) where strides[d] % 2 != 0 {
      throw TorchError.runtime("Tensor must have a stride divisible by 2 for all but last dimension")
    }
    if storageOffset % 2 != 0 { throw TorchError.runtime("Tensor must have a storage_offset divisible by 2") }
    let y = alias(as: dtype.complex, Dims(sizes.dropLast()), Dims(strides.dropLast().map { $0 / 2 }), storageOffset / 2)
    if Tensor.records(self) { y.recordPlain("ViewAsComplexBackward0", [self]) { _, g in [try g.contiguous().viewAsReal()] } }
    y.becomeView(of: self)
    return y
  }

  /// The real part, as a view; itself where numbers are real. Mirrors `torch.real`.
  public func real() throws -> Tensor { dtype.isComplex ? try viewAsReal().select(-1, 0) : self }

  /// The imaginary part, as a view. Mirrors `torch.imag`.
  /// - Throws: PyTorch's sentence where numbers are real.
  public func imaginary() throws -> Tensor {
    if !dtype.isComplex { throw TorchError.type("imag is not implemented for tensors with non-complex dtypes.") }
    return try viewAsReal().select(-1, 1)
  }

  /// Applies a linear function to both parts.
  public func inParts(_ f: (Tensor) throws -> Tensor) throws -> Tensor { try .joined(f(real()), f(imaginary())) }

  /// A complex tensor of its parts, which have one shape and one type.
  static func joined(_ real: Tensor, _ imaginary: Tensor) throws -> Tensor {
    try Tensor.stack([real, imaginary], real.dim).viewAsComplex()
  }

  private static func paired(
    _ name: String, _ a: Tensor, _ b: Tensor, _ loop: (Int32) -> qk_binary_loop?
  ) throws -> Tensor {
    if ![.float32, .float64, .float16].contains(a.dtype) || ![.float32, .float64, .float16].contains(b.dtype) {
      throw TorchError.notImplemented("Expected both inputs to be Half, Float or Double tensors but got \(a.dtype.capitalized) and \(b.dtype.capitalized)")
    }
    if a.dtype != b.dtype {
      throw TorchError.runtime("Expected object of scalar type \(a.dtype.capitalized) but got scalar type \(b.dtype.capitalized) for second argument")
    }
    if a.dtype == .float16 { throw TorchError.notImplemented("\(name)_cpu", for: .float16) }
    let sizes = try Shape.broadcast(a.sizes, b.sizes)
    let y = try Tensor(uninitialized: sizes, dtype: a.dtype.complex)
    let (x, z) = try GradMode.with(false) { (try a.expand(Array(sizes)).contiguous(), try b.expand(Array(sizes)).contiguous()) }
    let size = a.dtype.itemSize
    withExtendedLifetime((x, z)) {
      if let loop = loop(a.dtype == .float64 ? 1 : 0) { Loops.run(loop, y.count, x.pointer, size, z.pointer, size, y.pointer, 2 * size) }
    }
    return y
  }

  /// Complex numbers of real and imaginary parts. Mirrors `torch.complex`.
  public static func complex(_ real: Tensor, _ imaginary: Tensor) throws -> Tensor {
    let y = try paired("complex", real, imaginary, qk_complex_join)
    if Tensor.records(real, imaginary) {
      let (a, b) = (real.sizes, imaginary.sizes)
      y.recordPlain("ComplexBackward0", [real, imaginary]) { node, g in
        [node.needs(0) ? try g.real().summed(to: a) : nil, node.needs(1) ? try g.imaginary().summed(to: b) : nil]
      }
    }
    return y
  }

  /// Complex numbers of magnitudes and angles. Mirrors `torch.polar`.
  public static func polar(_ size: Tensor, _ angle: Tensor) throws -> Tensor {
    let y = try paired("polar", size, angle, qk_complex_polar)
    if Tensor.records(size, angle) {
      let (a, b, saved) = (SavedTensor(size), SavedTensor(angle), SavedTensor(result: y))
      y.recordPlain("PolarBackward0", [size, angle]) { node, g in
        let (a, b, y) = (try a.unpack(), try b.unpack(), try saved.unpack(node))
        let turned = try g.conj()
        return [
          node.needs(0) ? try turned.mul(Tensor.polar(a.zeros().add(.number(1)), b)).real().summed(to: a.sizes) : nil,
          node.needs(1) ? try turned.mul(y).imaginary().neg().summed(to: b.sizes) : nil,
        ]
      }
    }
    return y
  }

  private func looped(_ loop: qk_unary_loop?, _ result: DType) throws -> Tensor {
    let x = try dense()
    let y = try Tensor(uninitialized: sizes, dtype: result)
    if let loop { withExtendedLifetime(x) { Loops.run(loop, count, x.pointer, dtype.itemSize, y.pointer, result.itemSize) } }
    return y
  }

  private var isDouble: Int32 { dtype == .complex128 ? 1 : 0 }

  /// The conjugates, written anew; itself where numbers are real. Mirrors `torch.conj`, which gives a view.
  public func conj() throws -> Tensor {
    if !dtype.isComplex { return self }
    let y = try looped(qk_complex_conj(isDouble), dtype)
    if Tensor.records(self) { y.recordPlain("ConjBackward0", [self]) { _, g in [try g.conj()] } }
    return y
  }

  /// z / |z|. Mirrors `torch.sgn` of complex numbers.
  func complexSign() throws -> Tensor {
    let y = try looped(qk_complex_sgn(isDouble), dtype)
    if Tensor.records(self) {
      let (x, saved) = (SavedTensor(self), SavedTensor(result: y))
      y.recordPlain("SgnBackward0", [self]) { node, g in
        let (size, y) = (try x.unpack().abs(), try saved.unpack(node))
        let tangent = try g.sub(g.mul(y.conj()).real().mul(y)).div(size)
        return [try Tensor.where(size.is(0), .scalar(.integer(0), dtype: g.dtype), tangent)]
      }
    }
    return y
  }

  /// The magnitudes of complex numbers.
  func complexAbs() throws -> Tensor {
    let y = try looped(qk_complex_abs(isDouble), dtype.parts)
    if Tensor.records(self) {
      let x = SavedTensor(self)
      y.record("AbsBackward0", [self]) { _, g in [try g.mul(x.unpack().complexSign())] }
    }
    return y
  }

  /// The angles of complex numbers.
  func complexAngle() throws -> Tensor {
    let y = try looped(qk_complex_angle(isDouble), dtype.parts)
    if Tensor.records(self) {
      let x = SavedTensor(self)
      y.record("AngleBackward0", [self]) { _, g in
        let x = try x.unpack()
        let size = try x.abs()
        let slope = try g.mul(x).div(size.mul(size)).mul(.wrapped(.complex(0, 1)))
        return [try Tensor.where(x.eq(.number(0)), .scalar(.integer(0), dtype: x.dtype), slope)]
      }
    }
    return y
  }

  /// A function of complex numbers, outside autograd.
  /// - Throws: a refusal where it has no complex form.
  func complexMapped(_ op: qk_unary_op?) throws -> Tensor {
    guard let op, let loop = qk_complex_unary(op, isDouble) else { throw TorchError.notImplemented("this function", for: dtype) }
    return try looped(loop, dtype)
  }

  /// A function of pairs of complex numbers, outside autograd.
  /// - Throws: a refusal where it has no complex form.
  static func complexZipped(_ op: qk_binary_op?, _ a: Tensor, _ b: Tensor, _ dtype: DType) throws -> Tensor {
    let double: Int32 = dtype == .complex128 ? 1 : 0
    guard let op, let both = qk_complex_binary(op, double, QK_BOTH), let second = qk_complex_binary(op, double, QK_SECOND_IS_ONE),
      let first = qk_complex_binary(op, double, QK_FIRST_IS_ONE)
    else { throw TorchError.notImplemented("this function", for: dtype) }
    let sizes = try Shape.broadcast(a.sizes, b.sizes)
    let y = try Tensor(uninitialized: sizes, dtype: dtype)
    let size = dtype.itemSize
    if b.count == 1 && a.sizes == sizes {
      let (x, z) = (try a.dense(dtype), try b.dense(dtype))
      withExtendedLifetime((x, z)) { Loops.run(second, y.count, x.pointer, size, z.pointer, 0, y.pointer, size) }
    } else if a.count == 1 && b.sizes == sizes {
      let (x, z) = (try a.dense(dtype), try b.dense(dtype))
      withExtendedLifetime((x, z)) { Loops.run(first, y.count, x.pointer, 0, z.pointer, size, y.pointer, size) }
    } else {
      let (x, z) = try GradMode.with(false) { (try a.detached().expand(Array(sizes)).dense(dtype), try b.detached().expand(Array(sizes)).dense(dtype)) }
      withExtendedLifetime((x, z)) { Loops.run(both, y.count, x.pointer, size, z.pointer, size, y.pointer, size) }
    }
    return y
  }

  /// Asks for equality or truth of pairs of complex numbers.
  /// - Throws: PyTorch's sentence where an order is asked for.
  static func complexCompared<F: BinaryPredicate>(_ f: F, _ a: Tensor, _ b: Tensor) throws -> Tensor {
    try GradMode.with(false) {
      guard let op = f.op else { return try compared(f, a.to(.bool), b.to(.bool)) }
      let common = ResultType.of(a, b)
      guard op == QK_EQ || op == QK_NE else { throw TorchError.notImplemented("comparison_cpu", for: common) }
      let (x, y) = (try a.converted(to: common), try b.converted(to: common))
      let (r, i) = (try compared(f, x.real(), y.real()), try compared(f, x.imaginary(), y.imaginary()))
      return op == QK_EQ ? try r.logicalAnd(i) : try r.logicalOr(i)
    }
  }

  /// The sum over dimensions (all where none is named), differentiable.
  func complexSum(_ dims: [Int]?, _ keepdim: Bool) throws -> Tensor {
    let folding = try Folding(self, dims)
    let y = try GradMode.with(false) { () -> Tensor in
      if dim == 0 { return try denseCopy() }
      return try viewAsReal().sum(dims: folding.folded.sorted(), keepdim: keepdim).contiguous().viewAsComplex().detached()
    }
    if Tensor.records(self) {
      let whole = sizes
      y.record(dims == nil ? "SumBackward0" : "SumBackward1", [self]) { _, g in [try g.unfolded(folding, whole)] }
    }
    return y
  }

  /// The product over dimensions, outside autograd.
  func complexProduct(_ folding: Folding, keepdim: Bool) throws -> Tensor {
    let turned = alias(Dims(folding.order.map { sizes[$0] }), Dims(folding.order.map { strides[$0] }), storageOffset)
    let x = try turned.dense()
    let y = try Tensor(uninitialized: folding.sizes(self, keepdim: keepdim), dtype: dtype)
    let (n, size) = (folding.inner.product, dtype.itemSize)
    withExtendedLifetime(x) {
      for i in 0..<y.count { qk_complex_product(isDouble, 0, n, 1, x.pointer + i * n * size, y.pointer + i * size) }
    }
    return y
  }

  /// The running product along a dimension, outside autograd.
  func complexRunningProduct(_ d: Int) throws -> Tensor {
    let x = try dense()
    let y = try Tensor(uninitialized: sizes, dtype: dtype)
    if dim == 0 { return try denseCopy() }
    let (n, inner, size) = (sizes[d], y.strides[d], dtype.itemSize)
    if count == 0 { return y }
    withExtendedLifetime(x) {
      for outer in 0..<(count / (n * inner)) {
        for i in 0..<inner {
          let at = (outer * n * inner + i) * size
          qk_complex_product(isDouble, 1, n, inner, x.pointer + at, y.pointer + at)
        }
      }
    }
    return y
  }
}
