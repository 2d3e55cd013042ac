import Interface
import Kernels
import TensorCore

extension Tensor {
  private var columns0: Int { sizes[dim - 1] }

  /// The gradient of differences from that of their lengths; zero where the length is.
  private static func lengthsBackward(_ differences: Tensor, _ lengths: Tensor, _ g: Tensor, _ p: Double) throws -> Tensor {
    let (g, lengths) = (try g.unsqueeze(-1), try lengths.unsqueeze(-1))
    let (zero, one) = (try Tensor.scalar(.integer(0), dtype: g.dtype), try Tensor.scalar(.integer(1), dtype: g.dtype))
    let nothing = try lengths.eq(.wrapped(.integer(0)))
    // What is divided by is not zero even where the quotient is not used: second gradients would be NaN there.
    let divisor = try Tensor.where(nothing, one, lengths)
    switch p {
    case 0: return try .zeros(differences.sizes, dtype: g.dtype)
    case 1: return try differences.sign().mul(g)
    case 2: return try Tensor.where(nothing, zero, differences.mul(g).div(divisor))
    case .infinity: return try differences.sign().mul(differences.abs().eq(lengths).to(g.dtype)).mul(g)
    default:
      let unmoved = try differences.eq(.wrapped(.integer(0)))
      let sizes = try Tensor.where(unmoved, one, differences.abs())
      let slope = try differences.sign().mul(sizes.pow(.wrapped(.double(p - 1)))).mul(g).div(divisor.pow(.wrapped(.double(p - 1))))
      return try Tensor.where(nothing.logicalOr(unmoved), zero, slope)
    }
  }

  /// The distances between all rows of two matrices. Mirrors `torch.cdist`.
  /// - Parameter mode: 0 where products serve for many rows, 1 where always, 2 where never.
  func cdist(_ other: Tensor, _ p: Double, mode: Int) throws -> Tensor {
    if dim < 2 { throw TorchError.runtime("cdist only supports at least 2D tensors, X1 got: \(dim)D") }
    if other.dim < 2 { throw TorchError.runtime("cdist only supports at least 2D tensors, X2 got: \(other.dim)D") }
    if columns != other.columns { throw TorchError.runtime("X1 and X2 must have the same number of columns. X1: \(columns) X2: \(other.columns)") }
    if !dtype.isFloatingPoint { throw TorchError.runtime("cdist only supports floating-point dtypes, X1 got: \(dtype.capitalized)") }
    if !other.dtype.isFloatingPoint { throw TorchError.runtime("cdist only supports floating-point dtypes, X2 got: \(other.dtype.capitalized)") }
    if p < 0 { throw TorchError.runtime("cdist only supports non-negative p values") }
    try Tensor.checkSameType(self, other)
    try Linalg.checkKernel(self, "cdist")
    let batch = Array(try Shape.broadcast(Dims(batchSizes), Dims(other.batchSizes)))
    let shape = batch + [rows, other.rows]
    if p == 2 && columns > 0 && shape.reduce(1, *) > 0 && (mode == 1 || (mode == 0 && (rows > 25 || other.rows > 25))) {
      return try euclidean(other).reshape(shape)
    }
    let y = try Tensor(uninitialized: Dims(shape), dtype: dtype)
    try GradMode.with(false) {
      let (x, z) = (try expand(batch + [rows, columns]).dense(), try other.expand(batch + [other.rows, columns]).dense())
      let bytes = dtype.itemSize
      withExtendedLifetime((x, z)) {
        for i in 0..<batch.reduce(1, *) {
          PairDistances.between(
            isDouble: dtype == .float64, x.pointer + i * rows * columns * bytes, z.pointer + i * other.rows * columns * bytes,
            rows: (rows, other.rows), width: columns, p: p, into: y.pointer + i * rows * other.rows * bytes)
        }
      }
    }
    if Tensor.records(self, other) {
      let (sa, sb, sy) = (SavedTensor(self), SavedTensor(other), SavedTensor(result: y))
      y.record("CdistBackward0", [self, other]) { node, g in
        let (a, b, y) = (try sa.unpack(), try sb.unpack(), try sy.unpack(node))
        return [
          node.needs(0) ? try Tensor.rowSlopes(a, b, y, g, p).summed(to: a.sizes) : nil,
          node.needs(1) ? try Tensor.rowSlopes(b, a, y.mT, g.mT, p).summed(to: b.sizes) : nil,
        ]
      }
    }
    return y
  }

  /// The gradient of x's rows from that of their distances to z's rows. Differences of all pairs are made for some rows at a time.
  private static func rowSlopes(_ x: Tensor, _ z: Tensor, _ lengths: Tensor, _ g: Tensor, _ p: Double) throws -> Tensor {
    func slopes(_ from: Int, _ count: Int) throws -> Tensor {
      let d = try x.narrow(-2, from, count).unsqueeze(-2).sub(z.unsqueeze(-3))
      return try lengthsBackward(d, lengths.narrow(-2, from, count), g.narrow(-2, from, count), p).sum(dims: [-2])
    }
    let n = x.rows
    let perRow = lengths.batchSizes.reduce(1, *) * z.rows * Swift.max(x.columns, 1)
    let step = Swift.max(1, 4_000_000 / Swift.max(perRow, 1))
    if step >= n || n == 0 { return try slopes(0, n) }
    return try cat(stride(from: 0, to: n, by: step).map { try slopes($0, Swift.min(step, n - $0)) }, -2)
  }

  /// Euclidean distances by one matrix product: |x|² − 2 x y + |y|². Mirrors `torch._euclidean_dist`.
  private func euclidean(_ other: Tensor) throws -> Tensor {
    let y = try GradMode.with(false) { () -> Tensor in
      let (a, b) = (try mul(self).sum(dims: [-1], keepdim: true), try other.mul(other).sum(dims: [-1], keepdim: true))
      let left = try Tensor.cat([mul(.wrapped(.integer(-2))), a, .ones(a.sizes, dtype: dtype)], -1)
      let right = try Tensor.cat([other, .ones(b.sizes, dtype: dtype), b], -1)
      return try left.matmul(right.mT).clamp(.integer(0), nil).sqrt()
    }
    if Tensor.records(self, other) {
      let (sa, sb, sy) = (SavedTensor(self), SavedTensor(other), SavedTensor(result: y))
      y.record("EuclideanDistBackward0", [self, other]) { node, g in
        let (a, b, d) = (try sa.unpack(), try sb.unpack(), try sy.unpack(node))
        let ratio = try Tensor.where(d.eq(.wrapped(.integer(0))), .scalar(.integer(0), dtype: g.dtype), g.div(d))
        return [
          node.needs(0) ? try a.mul(ratio.sum(dims: [-1], keepdim: true)).sub(ratio.matmul(b)).summed(to: a.sizes) : nil,
          node.needs(1) ? try b.mul(ratio.sum(dims: [-2]).unsqueeze(-1)).sub(ratio.mT.matmul(a)).summed(to: b.sizes) : nil,
        ]
      }
    }
    return y
  }

  /// The distances between all pairs of a matrix's rows. Mirrors `torch.pdist`.
  func pdist(_ p: Double) throws -> Tensor {
    if dim != 2 { throw TorchError.runtime("pdist only supports 2D tensors, got: \(dim)D") }
    if !dtype.isFloatingPoint { throw TorchError.runtime("pdist only supports floating-point dtypes") }
    if p < 0 { throw TorchError.runtime("pdist only supports non-negative p values") }
    let n = sizes[0]
    if n <= 1 { return try Tensor(uninitialized: [0], dtype: dtype).withoutSlope("PdistBackward0", [self]) }
    try Linalg.checkKernel(self, "pdist")
    let x = try dense()
    let y = try Tensor(uninitialized: [n * (n - 1) / 2], dtype: dtype)
    withExtendedLifetime(x) {
      PairDistances.within(isDouble: dtype == .float64, x.pointer, rows: n, width: columns, p: p, into: y.pointer)
    }
    if Tensor.records(self) {
      let (sx, sy) = (SavedTensor(self), SavedTensor(result: y))
      y.record("PdistBackward0", [self]) { node, g in
        // The distances as a whole matrix: each pair twice, the diagonal zero.
        var places = Array(repeating: 0, count: n * n)
        var pair = 0
        for i in 0..<n {
          for j in (i + 1)..<Swift.max(n, i + 1) {
            (places[i * n + j], places[j * n + i]) = (pair, pair)
            pair += 1
          }
        }
        let at = try Tensor.vector(places)
        let off = try Tensor.scalar(.integer(1), dtype: g.dtype).sub(Tensor.identity(n, dtype: g.dtype))
        func whole(_ t: Tensor) throws -> Tensor { try t.indexed([.tensor(at)]).reshape([n, n]).mul(off) }
        let x = try sx.unpack()
        return [try Tensor.rowSlopes(x, x, whole(sy.unpack(node)), whole(g), p)]
      }
    }
    return y
  }

  /// The norm of a difference. Mirrors `torch.dist`.
  func dist(_ other: Tensor, _ p: Scalar) throws -> Tensor { try sub(other).vectorNorm(p, node: "DistBackward0") }

  /// The cosine of the angle between vectors along a dimension. Mirrors `F.cosine_similarity`.
  public func cosineSimilarity(_ other: Tensor, _ d: Int, epsilon: Double) throws -> Tensor {
    let common = ResultType.of(self, other)
    if !common.isFloatingPoint { throw TorchError.runtime("expected common dtype to be floating point, yet common dtype is \(common.capitalized)") }
    let shape = Array(try Shape.broadcast(sizes, other.sizes))
    func direction(_ t: Tensor) throws -> Tensor {
      let x = try (t.dtype.isFloatingPoint ? t : t.to(common)).expand(shape)
      let norm = try x.vectorNorm(.integer(2), dims: [d], keepdim: true)
      // The bound is set behind autograd's back, as PyTorch does: gradients flow as if it were not there.
      let bounded = try GradMode.with(false) { try norm.clamp(.double(epsilon), nil) }
      if Tensor.records(norm) { bounded.record("CloneBackward0", [norm]) { _, g in [g] } }
      return try x.div(bounded)
    }
    return try direction(self).mul(direction(other)).sum(dims: [d])
  }

  /// The p-norm of differences along the last dimension. Mirrors `F.pairwise_distance`.
  public func pairwiseDistance(_ other: Tensor, _ p: Double, epsilon: Double, keepdim: Bool) throws -> Tensor {
    let difference = try sub(other).add(.wrapped(.double(epsilon)))
    return try difference.vectorNorm(.double(p), dims: difference.dim == 0 ? nil : [difference.dim - 1], keepdim: keepdim, node: "NormBackward1")
  }

  /// Vectors along a dimension divided by their norm. Mirrors `F.normalize`.
  public func normalized(_ p: Double, _ d: [Int], epsilon: Double) throws -> Tensor {
    try div(vectorNorm(.double(p), dims: d, keepdim: true).clamp(.double(epsilon), nil).expand(Array(sizes)))
  }

  /// Σ x₁ᵢ wₖᵢⱼ x₂ⱼ + biasₖ over last dimensions. Mirrors `F.bilinear`.
  public func bilinear(_ other: Tensor, _ weight: Tensor, _ bias: Tensor?) throws -> Tensor {
    if dim != other.dim { throw TorchError.runtime("bilinear(): input dimensions do not match: got \(dim) and \(other.dim)") }
    for d in 0..<Swift.max(dim - 1, 0) where sizes[d] != other.sizes[d] {
      throw TorchError.runtime("bilinear(): input batch dimensions do not match at dim \(d): got \(sizes[d]) and \(other.sizes[d])")
    }
    if weight.dim != 3 { throw TorchError.runtime("bilinear(): weight must be 3-dimensional, but got \(weight.dim)-dimensional") }
    if let bias, bias.dim != 1 { throw TorchError.runtime("bilinear(): bias must be 1-dimensional, but got \(bias.dim)-dimensional") }
    if columns0 != weight.sizes[1] {
      throw TorchError.runtime("bilinear(): input1 size does not match weight size: got \(columns0) but expected \(weight.sizes[1])")
    }
    if other.columns0 != weight.sizes[2] {
      throw TorchError.runtime("bilinear(): input2 size does not match weight size: got \(other.columns0) but expected \(weight.sizes[2])")
    }
    if let bias, bias.sizes[0] != weight.sizes[0] {
      throw TorchError.runtime("bilinear(): bias size does not match weight size: got \(bias.sizes[0]) but expected \(weight.sizes[0])")
    }
    let lead = Array(sizes.dropLast())
    let count = lead.reduce(1, *)
    let (a, b) = (try reshape([count, 1, 1, columns0]), try other.reshape([count, 1, other.columns0, 1]))
    let y = try a.matmul(weight).matmul(b).reshape(lead + [weight.sizes[0]])
    return try bias.map { try y.add($0) } ?? y
  }
}

/// Distances between vectors.
public let distances = OperationFamily("torch") { ops in
  ops.define("cdist(Tensor x1, Tensor x2, float p=2., str compute_mode='use_mm_for_euclid_dist_if_necessary') -> Tensor", doc: "The distances between all rows of two matrices. Mirrors torch.cdist.", variants: [.function]) {
    (x: Tensor, y: Tensor, p: Double, mode: String) -> Tensor in
    let modes = ["use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist"]
    guard let mode = modes.firstIndex(of: mode) else { throw TorchError.value("\(mode) is not a valid value for compute_mode") }
    return try x.cdist(y, p, mode: mode)
  }
  ops.define("pdist(Tensor input, float p=2) -> Tensor", doc: "The distances between all pairs of rows. Mirrors torch.pdist.", variants: [.function, .functional]) { (x: Tensor, p: Double) in try x.pdist(p) }
  ops.define("dist(Tensor self, Tensor other, Scalar p=2) -> Tensor", doc: "The norm of the difference. Mirrors torch.dist.") { (x: Tensor, y: Tensor, p: Scalar) in try x.dist(y, p) }
  ops.define("cosine_similarity(Tensor x1, Tensor x2, int dim=1, float eps=1e-08) -> Tensor", doc: "The cosine of the angle between vectors along dim. Mirrors F.cosine_similarity.", variants: [.function, .functional]) {
    (x: Tensor, y: Tensor, d: Int, e: Double) in try x.cosineSimilarity(y, d, epsilon: e)
  }
  ops.define("pairwise_distance(Tensor x1, Tensor x2, float p=2., float eps=1e-06, bool keepdim=False) -> Tensor", doc: "The p-norm of differences along the last dimension. Mirrors F.pairwise_distance.", variants: [.function, .functional]) {
    (x: Tensor, y: Tensor, p: Double, e: Double, k: Bool) in try x.pairwiseDistance(y, p, epsilon: e, keepdim: k)
  }
  ops.define("normalize(Tensor input, float p=2.0, int[1] dim=1, float eps=1e-12) -> Tensor", doc: "Vectors along dim divided by their p-norm. Mirrors F.normalize.", variants: [.functional]) {
    (x: Tensor, p: Double, d: [Int], e: Double) in try x.normalized(p, d, epsilon: e)
  }
  ops.define("bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None) -> Tensor", doc: "A form linear in two inputs. Mirrors F.bilinear.", variants: [.function, .functional]) {
    (x: Tensor, y: Tensor, w: Tensor, b: Tensor?) in try x.bilinear(y, w, b)
  }
  ops.tensorOp("renorm(Tensor self, Scalar p, int dim, Scalar maxnorm) -> Tensor", doc: "Slices along dim scaled down to a norm of at most maxnorm. Mirrors torch.renorm.") {
    (x: Tensor, p: Scalar, d: Int, most: Scalar) in try x.renorm(p, d, most)
  }
}
