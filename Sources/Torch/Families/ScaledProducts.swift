import Interface
import Kernels
import TensorCore

/// The factors of a sum with a product, `beta · self + alpha · product`.
struct ProductFactors {
  let beta: Scalar
  let alpha: Scalar

  /// A gradient times one of them.
  static func scale(_ g: Tensor, by factor: Scalar) throws -> Tensor {
    factor == .integer(1) ? g : try g.mul(.wrapped(factor))
  }
}

extension Tensor {
  /// beta · self + alpha · Σ a · b, of sizes `target`; for tensors already checked. What is multiplied by a beta of zero is not read.
  private func added(_ a: Tensor, _ b: Tensor, _ target: Dims, _ factors: ProductFactors) throws -> Tensor {
    let own = try GradMode.with(false) { try expand(Array(target)) }
    if factors.beta.doubleValue == 0 {
      let y = try Tensor(uninitialized: target, dtype: dtype)
      try Tensor.multiply(a, b, into: y.asProduct(of: a), alpha: factors.alpha)
      return y
    }
    if factors.beta == .integer(1) && factors.alpha == .integer(1), let y = try biased(a, b, target) { return y }
    let y = try own.denseCopy()
    try Tensor.multiply(a, b, into: y.asProduct(of: a), alpha: factors.alpha, beta: factors.beta)
    return y
  }

  /// a · b + self for float32 matrices and a vector, where b is a weight turned and the kernel for that is quicker; nil elsewhere.
  private func biased(_ a: Tensor, _ b: Tensor, _ target: Dims) throws -> Tensor? {
    guard dtype == .float32, dim == 1, a.dim == 2, b.dim == 2, target.count == 2, count == target[1] else { return nil }
    let (m, k, n) = (a.sizes[0], a.sizes[1], b.sizes[1])
    guard LinearProduct.suits(m: m, n: n, k: k, bias: true), a.strides[1] == 1, a.strides[0] >= k, b.strides[0] == 1, b.strides[1] >= k else { return nil }
    let (y, bias) = (try Tensor(uninitialized: target, dtype: .float32), try dense())
    try withExtendedLifetime(bias) {
      try LinearProduct.float(
        m: m, n: n, k: k, a.elements(Float.self), ldx: a.strides[0], b.elements(Float.self), ldw: b.strides[1], bias: bias.elements(Float.self),
        y.elements(Float.self), ldy: n)
    }
    return y
  }

  /// A dense vector as the column that a product with a column gives.
  private func asProduct(of a: Tensor) -> Tensor { dim < a.dim ? asColumn : self }

  /// - Throws: PyTorch's sentences for sums with products of mixed types.
  private func checkTypes(_ a: Tensor, _ b: Tensor) throws {
    if dtype != b.dtype {
      throw TorchError.runtime("self and mat2 must have the same dtype, but got \(dtype.capitalized) and \(b.dtype.capitalized)")
    }
    if a.dtype != b.dtype {
      throw TorchError.runtime("mat1 and mat2 must have the same dtype, but got \(a.dtype.capitalized) and \(b.dtype.capitalized)")
    }
    try refuseBool("addmm_impl_cpu_")
  }

  /// beta · self + alpha · (a · b). Mirrors `torch.addmm`.
  public func addmm(_ a: Tensor, _ b: Tensor, beta: Scalar = .integer(1), alpha: Scalar = .integer(1)) throws -> Tensor {
    try Tensor.checkMatrices(a, b, "addmm")
    try checkTypes(a, b)
    let factors = ProductFactors(beta: beta, alpha: alpha)
    let y = try added(a, b, [a.sizes[0], b.sizes[1]], factors)
    if Tensor.records([self, a, b]) {
      let (sa, sb, own, aTurned, bTurned) = (SavedTensor(a), SavedTensor(b), sizes, a.liesByColumns, b.liesByColumns)
      y.record("AddmmBackward0", [self, a, b]) { node, g in
        [
          node.needs(0) ? try ProductFactors.scale(g.summed(to: own), by: beta) : nil,
          node.needs(1) ? try ProductFactors.scale(g.firstFactorGradient(sb.unpack(), turned: aTurned), by: alpha) : nil,
          node.needs(2) ? try ProductFactors.scale(g.secondFactorGradient(sa.unpack(), turned: bTurned), by: alpha) : nil,
        ]
      }
    }
    return y
  }

  /// beta · self + alpha · (matrix · vector). Mirrors `torch.addmv`.
  func addmv(_ matrix: Tensor, _ vector: Tensor, _ factors: ProductFactors) throws -> Tensor {
    if matrix.dim != 2 || vector.dim != 1 || dim > 1 {
      throw TorchError.runtime("vector + matrix @ vector expected, got \(dim), \(matrix.dim), \(vector.dim)")
    }
    if matrix.sizes[1] != vector.sizes[0] || (dim == 1 && sizes[0] != matrix.sizes[0] && sizes[0] != 1) {
      throw TorchError.runtime("size mismatch, got input (\(count)), mat (\(matrix.sizes[0])x\(matrix.sizes[1])), vec (\(vector.sizes[0]))")
    }
    if dtype != matrix.dtype || dtype != vector.dtype {
      throw TorchError.runtime("addmv input tensors must have the same dtype, but got \(dtype.capitalized), \(matrix.dtype.capitalized), and \(vector.dtype.capitalized)")
    }
    try refuseBool("addmv_impl_cpu")
    let y = try added(matrix, vector.asColumn, [matrix.sizes[0]], factors)
    if Tensor.records([self, matrix, vector]) {
      let (sm, sv, own) = (SavedTensor(matrix), SavedTensor(vector), sizes)
      y.record("AddmvBackward0", [self, matrix, vector]) { node, g in
        [
          node.needs(0) ? try ProductFactors.scale(g.summed(to: own), by: factors.beta) : nil,
          node.needs(1) ? try ProductFactors.scale(g.outer(sv.unpack()), by: factors.alpha) : nil,
          node.needs(2) ? try ProductFactors.scale(sm.unpack().t().mv(g), by: factors.alpha) : nil,
        ]
      }
    }
    return y
  }

  /// beta · self + alpha · Σ aᵢ · bᵢ over a batch. Mirrors `torch.addbmm`.
  func addbmm(_ a: Tensor, _ b: Tensor, _ factors: ProductFactors) throws -> Tensor {
    let rows = try a.size(1)
    let target: Dims = [rows, try b.size(2)]
    let own = try GradMode.with(false) { try expand(Array(target)) }
    if a.dim != 3 { throw TorchError.runtime("batch1 must be a 3D tensor") }
    if b.dim != 3 { throw TorchError.runtime("batch2 must be a 3D tensor") }
    if a.sizes[0] != b.sizes[0] {
      throw TorchError.runtime("batch1 and batch2 must have same number of batches, got \(a.sizes[0]) and \(b.sizes[0])")
    }
    if a.sizes[2] != b.sizes[1] {
      throw TorchError.runtime("Incompatible matrix sizes for bmm (\(a.sizes[1])x\(a.sizes[2]) and \(b.sizes[1])x\(b.sizes[2]))")
    }
    try checkTypes(a, b)
    // The sum of products is the product of the matrices laid side by side.
    let y = try GradMode.with(false) {
      let wide = try a.transpose(0, 1).reshape([rows, a.sizes[0] * a.sizes[2]])
      return try own.added(wide, b.reshape([b.sizes[0] * b.sizes[1], b.sizes[2]]), target, factors)
    }
    if Tensor.records([self, a, b]) {
      let (sa, sb, shape, n) = (SavedTensor(a), SavedTensor(b), sizes, a.sizes[0])
      y.record("AddbmmBackward0", [self, a, b]) { node, g in
        let all = try g.expand([n] + Array(target))
        return [
          node.needs(0) ? try ProductFactors.scale(g.summed(to: shape), by: factors.beta) : nil,
          node.needs(1) ? try ProductFactors.scale(all.bmm(sb.unpack().transpose(1, 2)), by: factors.alpha) : nil,
          node.needs(2) ? try ProductFactors.scale(sa.unpack().transpose(1, 2).bmm(all), by: factors.alpha) : nil,
        ]
      }
    }
    return y
  }

  /// beta · self + alpha · (aᵢ · bᵢ) for each matrix of a batch. Mirrors `torch.baddbmm`.
  func baddbmm(_ a: Tensor, _ b: Tensor, _ factors: ProductFactors) throws -> Tensor {
    let target: Dims = [try a.size(0), try a.size(1), try b.size(2)]
    _ = try GradMode.with(false) { try expand(Array(target)) }
    try Tensor.checkBatches(a, b)
    if dtype != a.dtype {
      throw TorchError.runtime("Input dtypes must be the same, got: input \(dtype.nativeName), batch1: \(a.dtype.nativeName), batch2: \(b.dtype.nativeName)")
    }
    try Tensor.checkSameType(a, b)
    try refuseBool("baddbmm")
    let y = try added(a, b, target, factors)
    if Tensor.records([self, a, b]) {
      let (sa, sb, own) = (SavedTensor(a), SavedTensor(b), sizes)
      y.record("BaddbmmBackward0", [self, a, b]) { node, g in
        [
          node.needs(0) ? try ProductFactors.scale(g.summed(to: own), by: factors.beta) : nil,
          node.needs(1) ? try ProductFactors.scale(g.bmm(sb.unpack().transpose(1, 2)), by: factors.alpha) : nil,
          node.needs(2) ? try ProductFactors.scale(sa.unpack().transpose(1, 2).bmm(g), by: factors.alpha) : nil,
        ]
      }
    }
    return y
  }

  /// beta · self + alpha · a bᵀ for two vectors; the types meet as in arithmetic. Mirrors `torch.addr`.
  func addr(_ a: Tensor, _ b: Tensor, _ factors: ProductFactors) throws -> Tensor {
    if a.dim != 1 { throw TorchError.runtime("addr: Expected 1-D argument vec1, but got \(a.dim)-D") }
    if b.dim != 1 { throw TorchError.runtime("addr: Expected 1-D argument vec2, but got \(b.dim)-D") }
    let result = ResultType.of([self, a, b])
    for (name, factor) in [("beta", factors.beta), ("alpha", factors.alpha)] {
      if factor.isFloatingPoint && !result.isFloatingPoint {
        throw TorchError.runtime("For integral input tensors, argument \(name) must not be a floating point number.")
      }
      if case .boolean = factor, result != .bool { throw TorchError.runtime("Boolean \(name) only supported for Boolean results.") }
    }
    let target = [a.sizes[0], b.sizes[0]]
    _ = try GradMode.with(false) { try expand(target) }
    let y = try GradMode.with(false) {
      // Halves are rounded at each step, as PyTorch rounds them.
      let (alpha, beta) = (try Tensor.scalar(factors.alpha, dtype: result), try Tensor.scalar(factors.beta, dtype: result))
      let scaled = try a.converted(to: result).unsqueeze(1).mul(alpha).mul(b.converted(to: result))
      let sum = factors.beta.doubleValue == 0 ? scaled : try converted(to: result).mul(beta).add(scaled)
      return try sum.converted(to: result)
    }
    if Tensor.records([self, a, b]) {
      let (sa, sb, own) = (SavedTensor(a), SavedTensor(b), sizes)
      let types = [dtype, a.dtype, b.dtype]
      y.record("AddrBackward0", [self, a, b]) { node, g in
        [
          node.needs(0) ? try ProductFactors.scale(g.summed(to: own), by: factors.beta).to(types[0]) : nil,
          node.needs(1) ? try ProductFactors.scale(g.mv(sb.unpack().to(g.dtype)), by: factors.alpha).to(types[1]) : nil,
          node.needs(2) ? try ProductFactors.scale(g.t().mv(sa.unpack().to(g.dtype)), by: factors.alpha).to(types[2]) : nil,
        ]
      }
    }
    return y
  }

  /// x · weightᵀ + bias over the last dimension. Mirrors `F.linear`.
  public func linear(_ weight: Tensor, _ bias: Tensor?) throws -> Tensor {
    if dim == 0 || weight.dim == 0 {
      throw TorchError.runtime("both arguments to linear need to be at least 1D, but they are \(dim)D and \(weight.dim)D")
    }
    guard let bias else { return try matmul(weight.t()) }
    if dim == 2 { return try bias.addmm(self, weight.t()) }
    if bias.dim == 1 {
      let rows = Array(sizes.dropLast())
      let flat = try reshape([rows.reduce(1, *), sizes[dim - 1]])
      return try bias.addmm(flat, weight.t()).unfolded(rows + [weight.sizes[0]])
    }
    return try matmul(weight.t()).add(bias)
  }
}

/// Sums with products: `beta · self + alpha · product`.
public let scaledProducts = OperationFamily("torch") { ops in
  typealias Product = (Tensor, Tensor, Tensor, ProductFactors) throws -> Tensor
  let all: [(String, String, String, String, Product)] = [
    ("addmm", "mat1", "mat2", "beta self + alpha mat1 mat2.", { try $0.addmm($1, $2, beta: $3.beta, alpha: $3.alpha) }),
    ("addmv", "mat", "vec", "beta self + alpha mat vec.", { try $0.addmv($1, $2, $3) }),
    ("addr", "vec1", "vec2", "beta self + alpha times the outer product of two vectors.", { try $0.addr($1, $2, $3) }),
    ("addbmm", "batch1", "batch2", "beta self + alpha times the sum of the products of a batch.", { try $0.addbmm($1, $2, $3) }),
    ("baddbmm", "batch1", "batch2", "beta self + alpha times the products of a batch.", { try $0.baddbmm($1, $2, $3) }),
  ]
  for (name, first, second, doc, f) in all {
    let rest = "(Tensor self, Tensor \(first), Tensor \(second), *, Scalar beta=1, Scalar alpha=1) -> Tensor"
    ops.define(name + rest, doc: "\(doc) Mirrors torch.\(name).") {
      (x: Tensor, a: Tensor, b: Tensor, beta: Scalar, alpha: Scalar) in try f(x, a, b, ProductFactors(beta: beta, alpha: alpha))
    }
    ops.define("\(name)_\(rest)", doc: "\(doc) Changes self and gives it back. Mirrors Tensor.\(name)_.", variants: [.method]) {
      (x: Tensor, a: Tensor, b: Tensor, beta: Scalar, alpha: Scalar) -> Tensor in
      if name == "addr" && x.dim != 2 { throw TorchError.runtime("2D tensor expected, got \(x.dim)D tensor for input") }
      let y = try f(x, a, b, ProductFactors(beta: beta, alpha: alpha))
      if y.sizes != x.sizes {
        if name == "addbmm" && !x.requiresGrad {
          try x.receive(y, from: name)
          return x
        }
        throw TorchError.runtime("Bad in-place call: input tensor size \(x.sizes.text) and output tensor size \(y.sizes.text) should match")
      }
      return try x.become(y)
    }
  }
  ops.define("_addmm_activation(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1, bool use_gelu=False) -> Tensor", doc: "relu of addmm. Mirrors torch._addmm_activation.", variants: [.function]) {
    (x: Tensor, a: Tensor, b: Tensor, beta: Scalar, alpha: Scalar, gelu: Bool) -> Tensor in
    if gelu { throw TorchError.notImplemented("_addmm_activation(): use_gelu is not supported") }
    return try x.addmm(a, b, beta: beta, alpha: alpha).relu()
  }
}
