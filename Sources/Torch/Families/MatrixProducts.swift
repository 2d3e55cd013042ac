import Interface
import Kernels
import TensorCore

extension Tensor {
  /// How a matrix lies in memory for a library: its leading dimension and whether it is read transposed.
  private func libraryLayout() throws -> (Tensor, Int, Bool) {
    if strides[1] == 1 && strides[0] >= Swift.max(sizes[1], 1) { return (self, strides[0], false) }
    if strides[0] == 1 && strides[1] >= Swift.max(sizes[0], 1) { return (self, strides[1], true) }
    return (try denseCopy(), Swift.max(sizes[1], 1), false)
  }

  /// The plain matrix product, outside autograd; shapes are already checked.
  private static func product(_ a: Tensor, _ b: Tensor, into c: Tensor) throws {
    let (m, k, n) = (a.sizes[0], a.sizes[1], b.sizes[1])
    if m == 0 || n == 0 { return }
    if k == 0 { return c.fillElements(.integer(0)) }
    let wide = a.dtype.wide
    let ((a, lda, aT), (b, ldb, bT)) = (try a.dense16(wide).libraryLayout(), try b.dense16(wide).libraryLayout())
    let target = c.dtype == wide ? c : try Tensor(uninitialized: c.sizes, dtype: wide)
    let ldc = Swift.max(n, 1)
    switch wide {
    case .float32:
      try MatrixProduct.float(m: m, n: n, k: k, a.elements(Float.self), lda: lda, aT: aT, b.elements(Float.self), ldb: ldb, bT: bT, target.elements(Float.self), ldc: ldc, accumulate: false)
    case .float64:
      MatrixProduct.double(m: m, n: n, k: k, a.elements(Double.self), lda: lda, aT: aT, b.elements(Double.self), ldb: ldb, bT: bT, target.elements(Double.self), ldc: ldc, accumulate: false)
    default:
      MatrixProduct.integer(m: m, n: n, k: k, a.elements(Int64.self), lda: lda, aT: aT, b.elements(Int64.self), ldb: ldb, bT: bT, target.elements(Int64.self), ldc: ldc)
    }
    if target !== c { Cast.copy(target.operand, to: c.operand, sizes: c.sizes) }
  }

  private func dense16(_ wide: DType) throws -> Tensor { dtype == wide ? self : try denseCopy(wide) }

  private static func checkTypes(_ a: Tensor, _ b: Tensor) throws {
    try a.refuseQuantized("aten::mm")
    try b.refuseQuantized("aten::mm")
    if a.dtype != b.dtype {
      throw TorchError.runtime("expected m1 and m2 to have the same dtype, but got: \(a.dtype.cName) != \(b.dtype.cName)")
    }
  }

  /// The product of two matrices. Mirrors `torch.mm`.
  public func mm(_ other: Tensor, name: String = "mm") throws -> Tensor {
    if dim != 2 { throw TorchError.runtime("self must be a matrix") }
    if other.dim != 2 { throw TorchError.runtime("mat2 must be a matrix") }
    if sizes[1] != other.sizes[0] {
      throw TorchError.runtime("\(name): mat1 and mat2 shapes cannot be multiplied (\(sizes[0])x\(sizes[1]) and \(other.sizes[0])x\(other.sizes[1]))")
    }
    try Tensor.checkTypes(self, other)
    let y = try Tensor(uninitialized: [sizes[0], other.sizes[1]], dtype: dtype)
    try Tensor.product(self, other, into: y)
    if Tensor.records(self, other) {
      let (a, b) = (SavedTensor(self), SavedTensor(other))
      y.record("MmBackward0", [self, other]) { node, g in
        [node.needs(0) ? try g.mm(b.unpack().t()) : nil, node.needs(1) ? try a.unpack().t().mm(g) : nil]
      }
    }
    return y
  }

  /// Products of a batch of matrices. Mirrors `torch.bmm`.
  public func bmm(_ other: Tensor) throws -> Tensor {
    if dim != 3 || other.dim != 3 { throw TorchError.runtime("batch1 and batch2 must be 3D tensors") }
    if sizes[0] != other.sizes[0] || sizes[2] != other.sizes[1] {
      throw TorchError.runtime(
        "Expected size for first two dimensions of batch2 tensor to be: [\(sizes[0]), \(sizes[2])] but got: [\(other.sizes[0]), \(other.sizes[1])].")
    }
    try Tensor.checkTypes(self, other)
    let y = try Tensor(uninitialized: [sizes[0], sizes[1], other.sizes[2]], dtype: dtype)
    try GradMode.with(false) {
      for i in 0..<sizes[0] { try Tensor.product(select(0, i), other.select(0, i), into: y.select(0, i)) }
    }
    if Tensor.records(self, other) {
      let (a, b) = (SavedTensor(self), SavedTensor(other))
      y.record("BmmBackward0", [self, other]) { node, g in
        [node.needs(0) ? try g.bmm(b.unpack().transpose(1, 2)) : nil, node.needs(1) ? try a.unpack().transpose(1, 2).bmm(g) : nil]
      }
    }
    return y
  }

  /// The matrix product of tensors of any dimensions. Mirrors `torch.matmul`.
  public func matmul(_ other: Tensor) throws -> Tensor {
    if dim == 0 || other.dim == 0 {
      throw TorchError.runtime("both arguments to matmul need to be at least 1D, but they are \(dim)D and \(other.dim)D")
    }
    if dim == 1 && other.dim == 1 {
      if sizes[0] != other.sizes[0] {
        throw TorchError.runtime("inconsistent tensor size, expected tensor [\(sizes[0])] and src [\(other.sizes[0])] to have the same number of elements, but got \(sizes[0]) and \(other.sizes[0]) elements respectively")
      }
      if dtype != other.dtype {
        throw TorchError.runtime("dot : expected both vectors to have same dtype, but found \(dtype.capitalized) and \(other.dtype.capitalized)")
      }
      return try mul(other).sum().renamed("DotBackward0")
    }
    if dim == 2 && other.dim == 2 { return try mm(other) }
    if dim == 1 { return try unsqueeze(0).matmul(other).squeeze([-2]) }
    if other.dim == 1 {
      if dim == 2 && sizes[1] != other.sizes[0] {
        throw TorchError.runtime("size mismatch, got input (\(sizes[0])), mat (\(sizes[0])x\(sizes[1])), vec (\(other.sizes[0]))")
      }
      return try matmul(other.unsqueeze(1)).squeeze([-1])
    }
    if other.dim == 2 {
      // One product for all rows.
      let rows = Array(sizes.dropLast())
      return try reshape([rows.reduce(1, *), sizes[dim - 1]]).mm(other).unfolded(rows, other.sizes[1])
    }
    let lead = try Shape.broadcast(Dims(sizes.dropLast(2)), Dims(other.sizes.dropLast(2)))
    let a = try expand(Array(lead) + Array(sizes.suffix(2))).reshape([lead.product] + Array(sizes.suffix(2)))
    let b = try other.expand(Array(lead) + Array(other.sizes.suffix(2))).reshape([lead.product] + Array(other.sizes.suffix(2)))
    return try a.bmm(b).reshape(Array(lead) + [sizes[dim - 2], other.sizes[other.dim - 1]])
  }

  /// The rows of a fresh matrix under the dimensions they had before they became rows of one.
  private func unfolded(_ rows: [Int], _ width: Int) throws -> Tensor {
    let target = Dims(rows + [width])
    let before = Array(sizes)
    return view("UnsafeViewBackward0", target, Shape.contiguousStrides(target), storageOffset) { try $0.reshape(before) }
  }

  /// Tells printing another name for what made this tensor.
  private func renamed(_ name: String) throws -> Tensor {
    guard Tensor.records(self) else { return self }
    let y = alias(sizes, strides, storageOffset)
    y.record(name, [self]) { _, g in [g] }
    return y
  }

  /// beta · self + alpha · (a · b). Mirrors `torch.addmm`.
  public func addmm(_ a: Tensor, _ b: Tensor, beta: Scalar = .integer(1), alpha: Scalar = .integer(1)) throws -> Tensor {
    if a.dtype != b.dtype {
      throw TorchError.runtime("mat1 and mat2 must have the same dtype, but got \(a.dtype.capitalized) and \(b.dtype.capitalized)")
    }
    if dtype != b.dtype {
      throw TorchError.runtime("self and mat2 must have the same dtype, but got \(dtype.capitalized) and \(b.dtype.capitalized)")
    }
    let product = try GradMode.with(false) { try a.mm(b, name: "addmm") }
    let y = try GradMode.with(false) { () -> Tensor in
      let scaled = alpha == .integer(1) ? product : try product.mul(.wrapped(alpha))
      let sum = try (beta == .integer(1) ? self : mul(.wrapped(beta))).add(scaled)
      if sum.sizes != product.sizes {
        throw TorchError.runtime(
          "The expanded size of the tensor (\(product.sizes[1])) must match the existing size (\(sizes.last ?? 1)) at non-singleton dimension 1.  Target sizes: \(product.sizes.text).  Tensor sizes: \(sizes.text)")
      }
      return sum
    }
    if Tensor.records([self, a, b]) {
      let (sa, sb, own) = (SavedTensor(a), SavedTensor(b), sizes)
      y.record("AddmmBackward0", [self, a, b]) { node, g in
        func scaled(_ x: Tensor, _ s: Scalar) throws -> Tensor { s == .integer(1) ? x : try x.mul(.wrapped(s)) }
        return [
          node.needs(0) ? try scaled(g.summed(to: own), beta) : nil,
          node.needs(1) ? try scaled(g.mm(sb.unpack().t()), alpha) : nil,
          node.needs(2) ? try scaled(sa.unpack().t().mm(g), alpha) : nil,
        ]
      }
    }
    return y
  }

  /// x · weightᵀ + bias over the last dimension. Mirrors `F.linear`.
  public func linear(_ weight: Tensor, _ bias: Tensor?) throws -> Tensor {
    guard let bias else { return try matmul(weight.t()) }
    if dim == 2 { return try bias.addmm(self, weight.t()) }
    if dim == 1 { return try bias.addmm(unsqueeze(0), weight.t()).unfolded([], weight.sizes[0]) }
    if dim == 0 { throw TorchError.runtime("both arguments to linear need to be at least 1D, but they are 0D and \(weight.dim)D") }
    let rows = Array(sizes.dropLast())
    return try bias.addmm(reshape([rows.reduce(1, *), sizes[dim - 1]]), weight.t()).unfolded(rows, weight.sizes[0])
  }
}

extension DType {
  /// The C++ name in PyTorch's sentences about mixed types.
  var cName: String {
    switch self {
    case .float32: "float"
    case .float64: "double"
    case .float16: "c10::Half"
    case .bfloat16: "c10::BFloat16"
    case .int64: "long"
    case .int32: "int"
    case .int16: "short"
    case .int8: "signed char"
    case .uint8: "unsigned char"
    default: name
    }
  }
}

/// Products of vectors and matrices.
public let matrixProducts = OperationFamily("torch") { ops in
  ops.define("mm(Tensor self, Tensor mat2) -> Tensor", doc: "The product of two matrices. Mirrors torch.mm.") { (x: Tensor, y: Tensor) in try x.mm(y) }
  ops.define("bmm(Tensor self, Tensor mat2) -> Tensor", doc: "Products of a batch of matrices. Mirrors torch.bmm.") { (x: Tensor, y: Tensor) in try x.bmm(y) }
  ops.define("matmul(Tensor self, Tensor other) -> Tensor", doc: "The matrix product of vectors, matrices or batches of them. Mirrors torch.matmul.") { (x: Tensor, y: Tensor) in try x.matmul(y) }
  ops.define("mv(Tensor self, Tensor vec) -> Tensor", doc: "A matrix times a vector. Mirrors torch.mv.") { (x: Tensor, y: Tensor) in try x.matmul(y) }
  ops.define("dot(Tensor self, Tensor tensor) -> Tensor", doc: "The inner product of two vectors. Mirrors torch.dot.") {
    (x: Tensor, y: Tensor) -> Tensor in
    if x.dim != 1 || y.dim != 1 { throw TorchError.runtime("1D tensors expected, but got \(x.dim)D and \(y.dim)D tensors") }
    return try x.matmul(y)
  }
  ops.tensorOp("addmm(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor", doc: "beta self + alpha mat1 mat2. Mirrors torch.addmm.") {
    (x: Tensor, a: Tensor, b: Tensor, beta: Scalar, alpha: Scalar) in try x.addmm(a, b, beta: beta, alpha: alpha)
  }
}
