import Interface
import TensorCore

extension Tensor {
  /// Distances from differences, which lie along the last dimension.
  private static func lengths(_ differences: Tensor, _ p: Double) throws -> Tensor {
    if differences.columns0 == 0 { return try .zeros(Dims(differences.sizes.dropLast()), dtype: differences.dtype) }
    let sizes = try differences.abs()
    switch p {
    case 0: return try sizes.ne(.wrapped(.integer(0))).to(sizes.dtype).sum(dims: [-1])
    case 1: return try sizes.sum(dims: [-1])
    case 2: return try sizes.mul(sizes).sum(dims: [-1]).sqrt()
    case .infinity: return try sizes.extremeValue([-1], keepdim: false, greatest: true, name: "")
    default: return try sizes.pow(.wrapped(.double(p))).sum(dims: [-1]).pow(.wrapped(.double(1 / p)))
    }
  }

  private var columns0: Int { sizes[dim - 1] }

  /// The gradient of differences from that of their lengths; zero where the length is.
  private static func lengthsBackward(_ differences: Tensor, _ lengths: Tensor, _ g: Tensor, _ p: Double) throws -> Tensor {
    let (g, lengths) = (try g.unsqueeze(-1), try lengths.unsqueeze(-1))
    let zero = try Tensor.scalar(.integer(0), dtype: g.dtype)
    let nothing = try lengths.eq(.wrapped(.integer(0)))
    switch p {
    case 0: return try .zeros(differences.sizes, dtype: g.dtype)
    case 1: return try differences.sign().mul(g)
    case 2: return try Tensor.where(nothing, zero, differences.mul(g).div(lengths))
    case .infinity: return try differences.sign().mul(differences.abs().eq(lengths).to(g.dtype)).mul(g)
    default:
      let sizes = try differences.abs()
      let slope = try differences.sign().mul(sizes.pow(.wrapped(.double(p - 1)))).mul(g).div(lengths.pow(.wrapped(.double(p - 1))))
      return try Tensor.where(nothing.logicalOr(differences.eq(.wrapped(.integer(0)))), zero, slope)
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
    let y = try GradMode.with(false) { try Tensor.lengths(unsqueeze(-2).sub(other.unsqueeze(-3)), p) }
    if Tensor.records(self, other) {
      let (sa, sb, sy) = (SavedTensor(self), SavedTensor(other), SavedTensor(result: y))
      y.record("CdistBackward0", [self, other]) { node, g in
        let (a, b) = (try sa.unpack(), try sb.unpack())
        let d = try Tensor.lengthsBackward(a.unsqueeze(-2).sub(b.unsqueeze(-3)), sy.unpack(node), g, p)
        return [
          node.needs(0) ? try d.sum(dims: [-2]).summed(to: a.sizes) : nil,
          node.needs(1) ? try d.sum(dims: [-3]).neg().summed(to: b.sizes) : nil,
        ]
      }
    }
    return y
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
    let first = try Tensor.vector((0..<n).flatMap { i in Array(repeating: i, count: n - i - 1) })
    let second = try Tensor.vector((0..<n).flatMap { i in Array((i + 1)..<n) })
    func differences(_ x: Tensor) throws -> Tensor { try x.indexed([.tensor(first)]).sub(x.indexed([.tensor(second)])) }
    let y = try GradMode.with(false) { try Tensor.lengths(differences(self), p) }
    if Tensor.records(self) {
      let (sx, sy) = (SavedTensor(self), SavedTensor(result: y))
      y.record("PdistBackward0", [self]) { node, g in
        let x = try sx.unpack()
        let d = try Tensor.lengthsBackward(differences(x), sy.unpack(node), g, p)
        // Each pair's slope goes to its first row, and against it to its second.
        let ends = try Tensor.zeros([n, first.count], dtype: x.dtype)
        for (pair, (i, j)) in zip(0..., zip(0..<first.count, 0..<first.count)).map({ ($0, (first.elements(Int.self)[$1.0], second.elements(Int.self)[$1.1])) }) {
          ends.alias([1], [1], i * first.count + pair).fillElements(.integer(1))
          ends.alias([1], [1], j * first.count + pair).fillElements(.integer(-1))
        }
        return [try ends.mm(d)]
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
