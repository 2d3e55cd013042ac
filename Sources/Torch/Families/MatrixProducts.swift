import Interface
import Kernels
import TensorCore

extension Tensor {
  /// How the matrices of the last two dimensions lie for a library: the leading dimension, and whether columns are dense.
  /// Nil where a library cannot read them in place.
  private var libraryLayout: (leading: Int, transposed: Bool)? {
    let (r, c) = (sizes[dim - 2], sizes[dim - 1])
    let (sr, sc) = (strides[dim - 2], strides[dim - 1])
    if (sc == 1 || c == 1) && (sr >= Swift.max(c, 1) || r == 1) { return (r == 1 ? Swift.max(c, 1) : sr, false) }
    if (sr == 1 || r == 1) && (sc >= Swift.max(r, 1) || c == 1) { return (c == 1 ? Swift.max(r, 1) : sc, true) }
    return nil
  }

  /// Itself where a library can read its matrices in the type, else a copy; what was broadcast stays broadcast.
  private func readable(as wide: DType) throws -> Tensor {
    if dtype == wide && libraryLayout != nil { return self }
    var own = sizes
    for d in 0..<(dim - 2) where strides[d] == 0 { own[d] = Swift.min(own[d], 1) }
    let copy = try alias(own, strides, storageOffset).denseCopy(wide)
    return copy.alias(sizes, Dims((0..<dim).map { own[$0] == sizes[$0] ? copy.strides[$0] : 0 }), 0)
  }

  private var libraryBatch: MatrixProduct.Batch {
    let layout = libraryLayout ?? (Swift.max(sizes[dim - 1], 1), false)
    return MatrixProduct.Batch(pointer, steps: Dims(strides.dropLast(2)), leading: layout.leading, transposed: layout.transposed)
  }

  /// c = alpha · a · b + beta · c for the matrices of the last two dimensions, outside autograd.
  /// `c` is dense; the batch dimensions of `a` and `b` are those of `c`, or zero in stride where broadcast.
  static func multiply(_ a: Tensor, _ b: Tensor, into c: Tensor, alpha: Scalar = .integer(1), beta: Scalar = .integer(0)) throws {
    if c.count == 0 { return }
    let wide = c.dtype.isComplex ? c.dtype : c.dtype.wide
    let keeps = (beta.doubleValue != 0 || beta.imaginary != 0) && !(wide == .int64 && beta.integerValue == 0)
    let target = c.dtype == wide ? c : keeps ? try c.denseCopy(wide) : try Tensor(uninitialized: c.sizes, dtype: wide)
    let (k, n) = (a.sizes[a.dim - 1], b.sizes[b.dim - 1])
    if k == 0 {
      if keeps {
        let scaled = try GradMode.with(false) { try c.mul(.wrapped(beta)) }
        withExtendedLifetime(scaled) { Cast.copy(scaled.operand, to: c.operand, sizes: c.sizes) }
      } else {
        c.fillElements(.integer(0))
      }
      return
    }
    let (x, y) = (try a.readable(as: wide), try b.readable(as: wide))
    var (batch, m) = (Dims(c.sizes.dropLast(2)), a.sizes[a.dim - 2])
    var (xb, yb, zb) = (x.libraryBatch, y.libraryBatch, target.libraryBatch)
    // One matrix on the right for all dense matrices on the left: their rows are the rows of one.
    if batch.product > 1 && yb.steps.allSatisfy({ $0 == 0 }) && x.isContiguous && !xb.transposed {
      m *= batch.product
      batch = Dims()
      (xb.steps, yb.steps, zb.steps) = (Dims(), Dims(), Dims())
      xb.leading = k
    }
    zb.leading = n
    zb.transposed = false
    try withExtendedLifetime((x, y, target)) {
      try MatrixProduct.batched(wide, batch: batch, m: m, n: n, k: k, xb, yb, zb, alpha: alpha, beta: keeps ? beta : .integer(0))
    }
    if target !== c { Cast.copy(target.operand, to: c.operand, sizes: c.sizes) }
  }

  /// - Throws: PyTorch's sentence where bool tensors meet a product, which has no form for them.
  func refuseBool(_ kernel: String) throws {
    if dtype == .bool { throw TorchError.notImplemented(kernel, for: .bool) }
  }

  /// - Throws: PyTorch's sentences for what are no matrices or do not fit each other.
  static func checkMatrices(_ a: Tensor, _ b: Tensor, _ name: String) throws {
    try a.refuseQuantized("aten::\(name)")
    try b.refuseQuantized("aten::\(name)")
    if a.dim != 2 { throw TorchError.runtime("\(name): self must be a matrix, got \(a.dim)-D tensor") }
    if b.dim != 2 { throw TorchError.runtime("\(name): mat2 must be a matrix, got \(b.dim)-D tensor") }
    if a.sizes[1] != b.sizes[0] {
      throw TorchError.runtime("\(name): mat1 and mat2 shapes cannot be multiplied (\(a.sizes[0])x\(a.sizes[1]) and \(b.sizes[0])x\(b.sizes[1]))")
    }
  }

  /// The product of two matrices. Mirrors `torch.mm`.
  public func mm(_ other: Tensor) throws -> Tensor {
    try Tensor.checkMatrices(self, other, "mm")
    if dtype != other.dtype {
      throw TorchError.runtime("expected m1 and m2 to have the same dtype, but got: \(dtype.nativeName) != \(other.dtype.nativeName)")
    }
    try refuseBool("addmm_impl_cpu_")
    let y = try Tensor(uninitialized: [sizes[0], other.sizes[1]], dtype: dtype)
    try Tensor.multiply(self, other, into: y)
    if Tensor.records(self, other) {
      let (a, b, aTurned, bTurned) = (SavedTensor(self), SavedTensor(other), liesByColumns, other.liesByColumns)
      y.record("MmBackward0", [self, other]) { node, g in
        [
          node.needs(0) ? try g.firstFactorGradient(b.unpack(), turned: aTurned) : nil,
          node.needs(1) ? try g.secondFactorGradient(a.unpack(), turned: bTurned) : nil,
        ]
      }
    }
    return y
  }

  /// Whether it is a matrix whose columns lie densely one after the other.
  var liesByColumns: Bool { strides[0] == 1 && strides[1] == sizes[0] }

  /// From the gradient of a · b that of a, in memory as a itself is (`turned` says by columns), so that it adds up quickly.
  func firstFactorGradient(_ b: Tensor, turned: Bool) throws -> Tensor { turned ? try b.mm(t()).t() : try mm(b.t()) }

  /// From the gradient of a · b that of b, in memory as b itself is.
  func secondFactorGradient(_ a: Tensor, turned: Bool) throws -> Tensor { turned ? try t().mm(a).t() : try a.t().mm(self) }

  /// - Throws: PyTorch's sentences for what are no batches of matrices or do not fit each other.
  static func checkBatches(_ a: Tensor, _ b: Tensor) throws {
    if a.dim != 3 { throw TorchError.runtime("batch1 must be a 3D tensor") }
    if b.dim != 3 { throw TorchError.runtime("batch2 must be a 3D tensor") }
    if a.sizes[0] != b.sizes[0] || a.sizes[2] != b.sizes[1] {
      throw TorchError.runtime(
        "Expected size for first two dimensions of batch2 tensor to be: [\(a.sizes[0]), \(a.sizes[2])] but got: [\(b.sizes[0]), \(b.sizes[1])].")
    }
  }

  /// - Throws: PyTorch's sentence for two types where one is expected.
  static func checkSameType(_ a: Tensor, _ b: Tensor) throws {
    if a.dtype != b.dtype { throw TorchError.runtime("expected scalar type \(a.dtype.capitalized) but found \(b.dtype.capitalized)") }
  }

  /// Products of a batch of matrices. Mirrors `torch.bmm`.
  public func bmm(_ other: Tensor) throws -> Tensor {
    try Tensor.checkBatches(self, other)
    try Tensor.checkSameType(self, other)
    try refuseBool("bmm")
    let y = try Tensor(uninitialized: [sizes[0], sizes[1], other.sizes[2]], dtype: dtype)
    try Tensor.multiply(self, other, into: y)
    if Tensor.records(self, other) {
      let (a, b) = (SavedTensor(self), SavedTensor(other))
      y.record("BmmBackward0", [self, other]) { node, g in
        [node.needs(0) ? try g.bmm(b.unpack().transpose(1, 2)) : nil, node.needs(1) ? try a.unpack().transpose(1, 2).bmm(g) : nil]
      }
    }
    return y
  }

  /// The inner product of two vectors. Mirrors `torch.dot`.
  public func dot(_ other: Tensor, name: String = "DotBackward0") throws -> Tensor {
    if dim != 1 || other.dim != 1 { throw TorchError.runtime("1D tensors expected, but got \(dim)D and \(other.dim)D tensors") }
    if dtype != other.dtype {
      throw TorchError.runtime("dot : expected both vectors to have same dtype, but found \(dtype.capitalized) and \(other.dtype.capitalized)")
    }
    if sizes[0] != other.sizes[0] {
      throw TorchError.runtime("inconsistent tensor size, expected tensor [\(sizes[0])] and src [\(other.sizes[0])] to have the same number of elements, but got \(sizes[0]) and \(other.sizes[0]) elements respectively")
    }
    try refuseBool("dot")
    let y = try Tensor(uninitialized: [], dtype: dtype)
    let (row, column) = (alias([1, sizes[0]], [1, strides[0]], storageOffset), other.alias([sizes[0], 1], [other.strides[0], 1], other.storageOffset))
    try Tensor.multiply(row, column, into: y.alias([1, 1], [1, 1], 0))
    if Tensor.records(self, other) {
      let (a, b) = (SavedTensor(self), SavedTensor(other))
      y.record(name, [self, other]) { node, g in
        [node.needs(0) ? try g.mul(b.unpack()) : nil, node.needs(1) ? try g.mul(a.unpack()) : nil]
      }
    }
    return y
  }

  /// A matrix times a vector. Mirrors `torch.mv`.
  public func mv(_ vector: Tensor) throws -> Tensor {
    try Tensor.checkMatrixVector(self, vector, selfDim: 1)
    if sizes[1] != vector.sizes[0] {
      throw TorchError.runtime("size mismatch, got input (\(sizes[0])), mat (\(sizes[0])x\(sizes[1])), vec (\(vector.sizes[0]))")
    }
    if dtype != vector.dtype {
      throw TorchError.runtime("addmv input tensors must have the same dtype, but got \(vector.dtype.capitalized), \(dtype.capitalized), and \(vector.dtype.capitalized)")
    }
    try refuseBool("addmv_impl_cpu")
    let y = try Tensor(uninitialized: [sizes[0]], dtype: dtype)
    try Tensor.multiply(self, vector.asColumn, into: y.asColumn)
    if Tensor.records(self, vector) {
      let (a, v) = (SavedTensor(self), SavedTensor(vector))
      y.record("MvBackward0", [self, vector]) { node, g in
        [node.needs(0) ? try g.outer(v.unpack()) : nil, node.needs(1) ? try a.unpack().t().mv(g) : nil]
      }
    }
    return y
  }

  /// A vector's elements as a matrix of one column, outside autograd.
  var asColumn: Tensor { alias([sizes[0], 1], [strides[0], 1], storageOffset) }

  /// - Throws: PyTorch's sentence for what is no matrix and vector.
  static func checkMatrixVector(_ matrix: Tensor, _ vector: Tensor, selfDim: Int) throws {
    if matrix.dim != 2 || vector.dim != 1 || selfDim > 1 {
      let own = matrix.dim == 2 && vector.dim == 1 ? selfDim : 1
      throw TorchError.runtime("vector + matrix @ vector expected, got \(own), \(matrix.dim), \(vector.dim)")
    }
  }

  /// The matrix product of tensors of any dimensions. Mirrors `torch.matmul`.
  public func matmul(_ other: Tensor) throws -> Tensor {
    if dim == 0 || other.dim == 0 {
      throw TorchError.runtime("both arguments to matmul need to be at least 1D, but they are \(dim)D and \(other.dim)D")
    }
    switch (dim, other.dim) {
    case (1, 1): return try dot(other)
    case (2, 1): return try mv(other)
    case (1, 2):
      let y = try unsqueeze(0).mm(other)
      return y.view("SqueezeBackward4", [y.sizes[1]], [y.strides[1]], y.storageOffset) { try $0.unsqueeze(0) }
    case (2, 2): return try mm(other)
    default: break
    }
    if try folds(with: other) {
      // One product for all rows; a matrix before a batch is turned round it.
      let turned = other.dim > dim
      let first = turned ? try other.transpose(-2, -1) : self
      let second = turned ? dim == 2 ? try t() : self : other
      let rows = Array(first.sizes.dropLast())
      let flat = try first.reshape([rows.reduce(1, *), first.sizes[first.dim - 1]])
      if second.dim == 1 { return try flat.mv(second).unfolded(rows) }
      let y = try flat.mm(second).unfolded(rows + [second.sizes[1]])
      return turned ? try y.transpose(-2, -1).contiguous() : y
    }
    if dim == 3 && other.dim == 3 && sizes[0] != other.sizes[0] {
      if sizes[0] == 1 && requiresGrad { return try squeeze([0]).matmul(other) }
      if other.sizes[0] == 1 && other.requiresGrad { return try matmul(other.squeeze([0])) }
    }
    return try batchedProduct(other)
  }

  /// Whether a product with a batch is one product of its rows, without a copy or to spare a larger gradient.
  private func folds(with other: Tensor) throws -> Bool {
    let larger = dim >= other.dim ? self : try other.transpose(-2, -1)
    let smaller = dim >= other.dim ? other : self
    if larger.dim < 3 || smaller.dim > 2 { return false }
    if smaller.requiresGrad { return true }
    if dim == 2 { return false }
    if larger.count == 0 { return true }
    return (0..<(larger.dim - 2)).allSatisfy { larger.strides[$0] == larger.strides[$0 + 1] * larger.sizes[$0 + 1] }
  }

  /// Products of matrices whose batch dimensions broadcast; vectors stand for one row or one column.
  private func batchedProduct(_ other: Tensor) throws -> Tensor {
    let a = dim == 1 ? alias([1, sizes[0]], [sizes[0], strides[0]], storageOffset) : self
    let b = other.dim == 1 ? other.asColumn : other
    let lead = try Shape.broadcast(Dims(a.sizes.dropLast(2)), Dims(b.sizes.dropLast(2)))
    let (m, k, n) = (a.sizes[a.dim - 2], a.sizes[a.dim - 1], b.sizes[b.dim - 1])
    let count = lead.product
    if k != b.sizes[b.dim - 2] {
      throw TorchError.runtime(
        "Expected size for first two dimensions of batch2 tensor to be: [\(count), \(k)] but got: [\(count), \(b.sizes[b.dim - 2])].")
    }
    try Tensor.checkSameType(self, other)
    try refuseBool("bmm")
    let y = try Tensor(uninitialized: Dims(Array(lead) + [m, n]), dtype: dtype)
    func spread(_ x: Tensor) -> Tensor {
      let whole = Dims(Array(lead) + x.sizes.suffix(2))
      return x.alias(whole, Shape.broadcastStrides(Dims(x.sizes.dropLast(2)), Dims(x.strides.dropLast(2)), to: lead).joined(x.strides.suffix(2)), x.storageOffset)
    }
    try Tensor.multiply(spread(a), spread(b), into: y)
    let shape = Dims(Array(lead) + (dim > 1 ? [m] : []) + (other.dim > 1 ? [n] : []))
    let result = y.alias(shape, Shape.contiguousStrides(shape), 0)
    if Tensor.records(self, other) {
      let (sa, sb, whole, da, db) = (SavedTensor(self), SavedTensor(other), Array(y.sizes), sizes, other.sizes)
      result.record("UnsafeViewBackward0", [self, other]) { node, g in
        let g = try g.reshape(whole)
        let (x, y) = (try sa.unpack(), try sb.unpack())
        return [
          node.needs(0) ? try g.matmul((y.dim == 1 ? y.unsqueeze(1) : y).transpose(-2, -1)).summed(to: da.count == 1 ? [1, da[0]] : da).reshape(Array(da)) : nil,
          node.needs(1) ? try (x.dim == 1 ? x.unsqueeze(0) : x).transpose(-2, -1).matmul(g).summed(to: db.count == 1 ? [db[0], 1] : db).reshape(Array(db)) : nil,
        ]
      }
    }
    return result
  }

  /// Fresh elements under other sizes, as the result of what made them. Mirrors `torch._unsafe_view`.
  func unfolded(_ shape: [Int]) throws -> Tensor {
    let before = Array(sizes)
    let y = alias(Dims(shape), Shape.contiguousStrides(Dims(shape)), storageOffset)
    if Tensor.records(self) { y.record("UnsafeViewBackward0", [self]) { _, g in [try g.reshape(before)] } }
    return y
  }
}

extension Dims {
  /// These numbers followed by others.
  func joined(_ rest: Slice<Dims>) -> Dims { Dims(Array(self) + Array(rest)) }
}

/// Products of vectors and matrices.
public let matrixProducts = OperationFamily("torch") { ops in
  ops.define("mm(Tensor self, Tensor mat2) -> Tensor", doc: "The product of two matrices. Mirrors torch.mm.") { (x: Tensor, y: Tensor) in try x.mm(y) }
  ops.define("bmm(Tensor self, Tensor mat2) -> Tensor", doc: "Products of a batch of matrices. Mirrors torch.bmm.") { (x: Tensor, y: Tensor) in try x.bmm(y) }
  ops.define("matmul(Tensor self, Tensor other) -> Tensor", doc: "The matrix product of vectors, matrices or batches of them. Mirrors torch.matmul.") { (x: Tensor, y: Tensor) in try x.matmul(y) }
  ops.define("__matmul__(Tensor self, Tensor other) -> Tensor", doc: "The matrix product. Mirrors Tensor.__matmul__.", variants: [.method]) { (x: Tensor, y: Tensor) in try x.matmul(y) }
  ops.define("__rmatmul__(Tensor self, Tensor other) -> Tensor", doc: "The matrix product other self. Mirrors Tensor.__rmatmul__.", variants: [.method]) { (x: Tensor, y: Tensor) in try y.matmul(x) }
  ops.define("mv(Tensor self, Tensor vec) -> Tensor", doc: "A matrix times a vector. Mirrors torch.mv.") { (x: Tensor, y: Tensor) in try x.mv(y) }
  ops.define("dot(Tensor self, Tensor tensor) -> Tensor", doc: "The inner product of two vectors. Mirrors torch.dot.") { (x: Tensor, y: Tensor) in try x.dot(y) }
  ops.define("vdot(Tensor self, Tensor other) -> Tensor", doc: "The inner product of two vectors. Mirrors torch.vdot.") { (x: Tensor, y: Tensor) in try x.conj().dot(y, name: "VdotBackward0") }
}
