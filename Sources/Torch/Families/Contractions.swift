import Interface
import TensorCore

extension Tensor {
  /// The products of all pairs of two vectors' elements. Mirrors `torch.outer`.
  public func outer(_ other: Tensor) throws -> Tensor {
    if dim != 1 { throw TorchError.runtime("outer: Expected 1-D argument self, but got \(dim)-D") }
    if other.dim != 1 { throw TorchError.runtime("outer: Expected 1-D argument vec2, but got \(other.dim)-D") }
    return try reshape([sizes[0], 1]).mul(other)
  }

  /// Inner products over the last dimensions. Mirrors `torch.inner`.
  public func inner(_ other: Tensor) throws -> Tensor {
    if dim == 0 || other.dim == 0 { return try mul(other) }
    if sizes[dim - 1] != other.sizes[other.dim - 1] {
      throw TorchError.runtime("inner() the last dimension must match on both input tensors but got shapes \(sizes.text) and \(other.sizes.text)")
    }
    return try tensordot(other, [-1], [-1])
  }

  /// The Kronecker product. Mirrors `torch.kron`.
  public func kron(_ other: Tensor) throws -> Tensor {
    let n = Swift.max(dim, other.dim)
    func interleaved(_ t: Tensor, first: Bool) throws -> Tensor {
      let own = Array(repeating: 1, count: n - t.dim) + Array(t.sizes)
      return try t.reshape(own.flatMap { first ? [$0, 1] : [1, $0] })
    }
    let product = try interleaved(self, first: true).mul(interleaved(other, first: false))
    return try product.unfolded((0..<n).map { product.sizes[2 * $0] * product.sizes[2 * $0 + 1] })
  }

  /// Sums of products over pairs of dimensions. Mirrors `torch.tensordot`.
  public func tensordot(_ other: Tensor, _ first: [Int], _ second: [Int]) throws -> Tensor {
    if first.count != second.count { throw TorchError.runtime("both dimension lists should have same length") }
    if dtype != other.dtype { throw TorchError.runtime("both inputs should have same dtype") }
    let (first, second) = (try first.map { try Shape.wrap($0, dim) }, try second.map { try Shape.wrap($0, other.dim) })
    if dim == 0 || other.dim == 0, !first.isEmpty { throw TorchError.index("Dimension specified as 0 but tensor has no dimensions") }
    for dims in [first, second] {
      if let twice = dims.first(where: { d in dims.filter { $0 == d }.count > 1 }) { throw TorchError.runtime("dim \(twice) appears multiple times in the list of dims") }
    }
    var (a, b) = (self, other)
    var size = 1
    for (d, e) in zip(first, second) {
      let (s, t) = (sizes[d], other.sizes[e])
      if t == 1 {
        a = try a.sum(dims: [d], keepdim: true, dtype: a.dtype)
      } else if s == 1 {
        b = try b.sum(dims: [e], keepdim: true, dtype: b.dtype)
      } else if s != t {
        throw TorchError.runtime("contracted dimensions need to match, but first has size \(s) in dim \(d) and second has size \(t) in dim \(e)")
      } else {
        size *= s
      }
    }
    let (keptA, keptB) = ((0..<dim).filter { !first.contains($0) }, (0..<other.dim).filter { !second.contains($0) })
    let shape = keptA.map { sizes[$0] } + keptB.map { other.sizes[$0] }
    let left = try a.permute(keptA + first).reshape([keptA.reduce(1) { $0 * sizes[$1] }, size])
    let right = try b.permute(second + keptB).reshape([size, keptB.reduce(1) { $0 * other.sizes[$1] }])
    return try left.mm(right).reshape(shape)
  }

  /// The product of several matrices in the order that costs least. Mirrors `torch.linalg.multi_dot`.
  public static func multiDot(_ all: [Tensor]) throws -> Tensor {
    let n = all.count
    if n < 2 { throw TorchError.runtime("multi_dot(): expected at least 2 tensors but got \(n)") }
    var matrices = all
    var shape: [Int] = []
    func ends(_ t: Tensor, _ which: String) throws {
      if t.dim != 1 && t.dim != 2 { throw TorchError.runtime("multi_dot(): the \(which) tensor must be 1D or 2D but got \(t.dim)D") }
    }
    try ends(all[0], "first")
    if all[0].dim == 1 { matrices[0] = try all[0].unsqueeze(0) } else { shape.append(all[0].sizes[0]) }
    try ends(all[n - 1], "last")
    if all[n - 1].dim == 1 { matrices[n - 1] = try all[n - 1].unsqueeze(-1) } else { shape.append(all[n - 1].sizes[1]) }
    for i in 1..<Swift.max(n - 1, 1) where matrices[i].dim != 2 {
      throw TorchError.runtime("multi_dot(): tensor \(i) must be 2D but got \(matrices[i].dim)D")
    }
    for i in 1..<n where matrices[i].dtype != matrices[0].dtype {
      throw TorchError.runtime("multi_dot(): all tensors must have be the same dtype but tensor 0 is \(matrices[0].dtype.nativeName) and tensor \(i) \(matrices[i].dtype.nativeName)")
    }
    for i in 0..<(n - 1) where matrices[i].sizes[1] != matrices[i + 1].sizes[0] {
      throw TorchError.runtime("multi_dot(): tensors \(i) and \(i + 1) with shapes \(all[i].sizes.text) and \(all[i + 1].sizes.text) cannot be multiplied")
    }
    if n == 2 { return try matrices[0].mm(matrices[1]).reshape(shape) }
    if n == 3 {
      let (a, b, c) = (matrices[0], matrices[1], matrices[2])
      let before = a.sizes[0] * a.sizes[1] * b.sizes[1] + a.sizes[0] * b.sizes[1] * c.sizes[1]
      let after = b.sizes[0] * b.sizes[1] * c.sizes[1] + a.sizes[0] * a.sizes[1] * c.sizes[1]
      return try (before < after ? a.mm(b).mm(c) : a.mm(b.mm(c))).reshape(shape)
    }
    let splits = chainOrder(matrices)
    func product(_ i: Int, _ j: Int) throws -> Tensor {
      i == j ? matrices[i] : try product(i, splits[i][j]).mm(product(splits[i][j] + 1, j))
    }
    return try product(0, n - 1).reshape(shape)
  }

  /// Where to split each chain i…j of matrices so that the multiplications are fewest.
  private static func chainOrder(_ matrices: [Tensor]) -> [[Int]] {
    let n = matrices.count
    let p = [matrices[0].sizes[0]] + matrices.map { $0.sizes[1] }
    var cost = Array(repeating: Array(repeating: 0.0, count: n), count: n)
    var split = Array(repeating: Array(repeating: 0, count: n), count: n)
    for length in 1..<n {
      for i in 0..<(n - length) {
        let j = i + length
        cost[i][j] = .infinity
        for k in i..<j {
          let total = cost[i][k] + cost[k + 1][j] + Double(p[i]) * Double(p[k + 1]) * Double(p[j + 1])
          if total < cost[i][j] { (cost[i][j], split[i][j]) = (total, k) }
        }
      }
    }
    return split
  }

  /// The vector product over a dimension of size three. Mirrors `torch.linalg.cross`.
  public func cross(_ other: Tensor, _ d: Int) throws -> Tensor {
    if dim != other.dim { throw TorchError.runtime("linalg.cross: inputs must have the same number of dimensions.") }
    let (s, t) = (try size(d), try other.size(d))
    if s != 3 || t != 3 { throw TorchError.runtime("linalg.cross: inputs dimension \(d) must have length 3. Got \(s) and \(t)") }
    let shape = Array(try Shape.broadcast(sizes, other.sizes))
    try Tensor.checkSameType(self, other)
    try refuseBool("cross")
    let y = try GradMode.with(false) {
      let (a, b, d) = (try expand(shape), try other.expand(shape), try Shape.wrap(d, dim))
      return try Tensor.stack(
        (0..<3).map { i in
          let (j, k) = ((i + 1) % 3, (i + 2) % 3)
          return try a.select(d, j).mul(b.select(d, k)).sub(a.select(d, k).mul(b.select(d, j)))
        }, d)
    }
    if Tensor.records(self, other) {
      let (a, b, sa, sb) = (SavedTensor(self), SavedTensor(other), sizes, other.sizes)
      y.record("LinalgCrossBackward0", [self, other]) { node, g in
        [node.needs(0) ? try b.unpack().cross(g, d).summed(to: sa) : nil, node.needs(1) ? try g.cross(a.unpack(), d).summed(to: sb) : nil]
      }
    }
    return y
  }

  /// Inner products along a dimension. Mirrors `torch.linalg.vecdot`.
  public func vecdot(_ other: Tensor, _ d: Int) throws -> Tensor {
    if !dtype.isInexact {
      throw TorchError.notImplemented("linalg.vecdot: Expected a floating point or complex tensor as input. Got \(dtype.capitalized)")
    }
    if dtype != other.dtype {
      throw TorchError.runtime("linalg.vecdot: Expected x and y to have the same dtype, but found x of type \(dtype.capitalized) and y of type \(other.dtype.capitalized) instead")
    }
    if dim == 1 && other.dim == 1 { return try conj().dot(other, name: "VdotBackward0") }
    return try conj().mul(other).sum(dims: [d])
  }

  /// The sum of a matrix's diagonal. Mirrors `torch.trace`.
  public func trace() throws -> Tensor {
    if dim != 2 { throw TorchError.runtime("trace: expected a matrix, but got tensor with dim \(dim)") }
    try refuseBool("trace")
    let n = Swift.min(sizes[0], sizes[1])
    let y = try alias([n], [strides[0] + strides[1]], storageOffset).sum()
    if Tensor.records(self) {
      let whole = sizes
      y.record("TraceBackward0", [self]) { _, g in
        let square = try Tensor.embedded(g.expand([n]), in: whole) { t in try t.matrixDiagonal() }
        return [square]
      }
    }
    return y
  }
}

/// Products over chosen dimensions.
public let contractions = OperationFamily("torch") { ops in
  for name in ["outer", "ger"] {
    ops.define("\(name)(Tensor self, Tensor vec2) -> Tensor", doc: "The products of all pairs of two vectors' elements. Mirrors torch.\(name).") { (x: Tensor, y: Tensor) in try x.outer(y) }
  }
  ops.define("inner(Tensor self, Tensor other) -> Tensor", doc: "Inner products over the last dimensions. Mirrors torch.inner.") { (x: Tensor, y: Tensor) in try x.inner(y) }
  ops.define("kron(Tensor self, Tensor other) -> Tensor", doc: "The Kronecker product. Mirrors torch.kron.") { (x: Tensor, y: Tensor) in try x.kron(y) }
  ops.define("trace(Tensor self) -> Tensor", doc: "The sum of a matrix's diagonal. Mirrors torch.trace.") { (x: Tensor) in try x.trace() }
  ops.define("cross(Tensor self, Tensor other, int? dim=None) -> Tensor", doc: "The vector product along dim, or the first dimension of size 3. Mirrors torch.cross.") {
    (x: Tensor, y: Tensor, d: Int?) -> Tensor in
    if d == nil { UserWarning.tell("Using torch.cross without specifying the dim arg is deprecated.") }
    guard let axis = d ?? (0..<x.dim).first(where: { x.sizes[$0] == 3 }) else { throw TorchError.runtime("no dimension of size 3 in input") }
    return try x.cross(y, axis)
  }
  ops.define("tensordot(Tensor a, Tensor b, any dims=2) -> Tensor", doc: "Sums of products over dims: how many, or two lists of dimensions. Mirrors torch.tensordot.") {
    (x: Tensor, y: Tensor, dims: Value) -> Tensor in
    func many(_ n: Int) throws -> Tensor {
      if n < 0 { throw TorchError.runtime("tensordot expects dims >= 0, but got dims=\(n)") }
      if n > Swift.min(x.dim, y.dim) { throw TorchError.runtime("tensordot expects dims < ndim_a or ndim_b, but got dims=\(n)") }
      return try x.tensordot(y, Array(-n..<0), Array(0..<n))
    }
    func numbers(_ value: Value) -> [Int]? {
      switch value {
      case .integer(let i): [i]
      case .list(let items): items.allSatisfy { Int.element(from: $0) != nil } ? items.compactMap { Int.element(from: $0) } : nil
      case .object(let t as Tensor): (0..<t.count).map { t.scalar(at: $0).integerValue }
      default: nil
      }
    }
    switch dims {
    case .integer(let n): return try many(n)
    case .object(let t as Tensor) where t.count == 1: return try many(t.scalar(at: 0).integerValue)
    case .object(let t as Tensor) where t.dim > 0 && t.sizes[0] == 2:
      return try x.tensordot(y, numbers(.object(t.select(0, 0))) ?? [], numbers(.object(t.select(0, 1))) ?? [])
    case .list(let items) where items.count == 2:
      if let a = numbers(items[0]), let b = numbers(items[1]) { return try x.tensordot(y, a, b) }
    default: break
    }
    throw TorchError.runtime("tensordot expects dims to be int or tuple[list[int], list[int]] or list[list[int]] containing two lists, but got dims=\(dims)")
  }
  ops.define("chain_matmul(Tensor[1] matrices) -> Tensor", doc: "The product of several matrices in the cheapest order. Mirrors torch.chain_matmul.", variants: [.function]) { (all: [Tensor]) -> Tensor in
    for t in all where t.dim != 2 { throw TorchError.runtime("Tensor dimension is \(t.dim), expected 2 instead.") }
    if all.count == 1 { return all[0] }
    return try Tensor.multiDot(all)
  }
}

/// Products in `torch.linalg`.
public let linalgProducts = OperationFamily("torch.linalg") { ops in
  ops.define("matmul(Tensor input, Tensor other) -> Tensor", doc: "The matrix product of vectors, matrices or batches of them. Mirrors torch.linalg.matmul.") { (x: Tensor, y: Tensor) in try x.matmul(y) }
  ops.define("multi_dot(Tensor[] tensors) -> Tensor", doc: "The product of several matrices in the cheapest order. Mirrors torch.linalg.multi_dot.") { (all: [Tensor]) in try Tensor.multiDot(all) }
  ops.define("cross(Tensor input, Tensor other, *, int dim=-1) -> Tensor", doc: "The vector product along dim. Mirrors torch.linalg.cross.") { (x: Tensor, y: Tensor, d: Int) in try x.cross(y, d) }
  ops.define("vecdot(Tensor x, Tensor y, *, int dim=-1) -> Tensor", doc: "Inner products along dim. Mirrors torch.linalg.vecdot.") { (x: Tensor, y: Tensor, d: Int) in try x.vecdot(y, d) }
}
