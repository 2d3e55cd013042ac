import Interface
import TensorCore

extension Tensor {
  /// Dimensions moved to other places. Mirrors `torch.movedim`.
  func movedim(_ source: [Int], _ destination: [Int]) throws -> Tensor {
    if source.count != destination.count {
      throw TorchError.runtime(
        "movedim: Invalid source or destination dims: source (\(Dims(source).text) dims) should contain the same number of dims as destination (\(Dims(destination).text) dims)")
    }
    let (from, to) = (try source.map { try Shape.wrap($0, dim) }, try destination.map { try Shape.wrap($0, dim) })
    if Set(from).count != from.count { throw TorchError.runtime("movedim: repeated dim in `source` (\(Dims(source).text))") }
    if Set(to).count != to.count { throw TorchError.runtime("movedim: repeated dim in `destination` (\(Dims(destination).text))") }
    if dim == 0 { return try permute([]) }
    var order = Array(repeating: -1, count: dim)
    for (a, b) in zip(from, to) { order[b] = a }
    var rest = (0..<dim).filter { !from.contains($0) }[...]
    for d in 0..<dim where order[d] < 0 { order[d] = rest.removeFirst() }
    return try permute(order)
  }

  /// One dimension as several. Mirrors `torch.unflatten`.
  public func unflatten(_ d: Int, _ parts: [Int]) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    if parts.isEmpty { throw TorchError.runtime("unflatten: sizes must be non-empty") }
    let size = dim == 0 ? 1 : sizes[d]
    let inferred: Dims
    do { inferred = try Shape.infer(parts, count: size) } catch let error as TorchError {
      if error.message.contains("is invalid for input of size") {
        throw TorchError.runtime("unflatten: Provided sizes \(Dims(parts).text) don't multiply up to the size of dim \(d) (\(size)) in the input tensor")
      }
      throw TorchError.runtime("unflatten got an unexpected error:\n\(error.message)")
    }
    return try view(Array(sizes.prefix(d)) + Array(inferred) + Array(sizes.dropFirst(d + 1)))
  }

  /// Windows of `size` elements every `step` along a dimension, as a new last dimension. Mirrors `Tensor.unfold`.
  func unfold(_ d: Int, _ size: Int, _ step: Int) throws -> Tensor {
    let d = try Shape.wrap(d, dim)
    let greatest = dim == 0 ? 1 : sizes[d]
    if size < 0 { throw TorchError.runtime("size is \(size) but must be >= 0") }
    if size > greatest { throw TorchError.runtime("maximum size for tensor at dimension \(d) is \(greatest) but size is \(size)") }
    if step <= 0 { throw TorchError.runtime("step is \(step) but must be > 0") }
    var (s, t) = (sizes, strides)
    s.append(size)
    t.append(dim == 0 ? 1 : strides[d])
    if dim > 0 {
      s[d] = (greatest - size) / step + 1
      t[d] = strides[d] * step
    }
    let whole = sizes
    let windowed = s
    return view("UnfoldBackward0", s, t, storageOffset) { g in
      // The windows' places in a dense tensor of these sizes.
      var steps = Shape.contiguousStrides(whole)
      steps.append(whole.isEmpty ? 1 : steps[d])
      if !whole.isEmpty { steps[d] *= step }
      let places = Geometry(sizes: windowed, strides: steps, offset: 0)
      return try g.summed(at: places, count: whole.product).view(Array(whole))
    }
  }

  /// Elements moved round along dimensions. Mirrors `torch.roll`.
  func roll(_ shifts: [Int], _ dims: [Int]) throws -> Tensor {
    if dims.count != 1 || shifts.count != 1 {
      if shifts.isEmpty { throw TorchError.runtime("`shifts` required") }
      if dims.isEmpty && shifts.count == 1 {
        return try GradMode.with(GradMode.isEnabled) { try reshape([-1]).roll(shifts, [0]).view(Array(sizes)) }
      }
      if shifts.count != dims.count {
        throw TorchError.runtime("shifts and dimensions must align. shifts: \(shifts.count), dims:\(dims.count)")
      }
    }
    var result = try GradMode.with(false) { try clone() }
    for (shift, d) in zip(shifts, dims) {
      if count == 0 { continue }
      let n = try size(d)
      let d = try Shape.wrap(d, dim)
      let cut = ((n - shift % n) % n + n) % n
      let source = result
      if cut != 0 {
        result = try GradMode.with(false) { try .cat([source.narrow(d, cut, n - cut), source.narrow(d, 0, cut)], d) }
      }
    }
    if Tensor.records(self) { result.record("RollBackward0", [self]) { _, g in [try g.roll(shifts.map { -$0 }, dims)] } }
    return result
  }

  /// Turned by quarters in the plane of two dimensions. Mirrors `torch.rot90`.
  func rot90(_ k: Int, _ dims: [Int]) throws -> Tensor {
    if dims.count != 2 { throw TorchError.runtime("expected total rotation dims == 2, but got dims = \(dims.count)") }
    if dim < 2 { throw TorchError.runtime("expected total dims >= 2, but got total dims = \(dim)") }
    if dims[0] == dims[1] || Swift.abs(dims[0] - dims[1]) == dim {
      throw TorchError.runtime("expected rotation dims to be different, but got dim0 = \(dims[0]) and dim1 = \(dims[1])")
    }
    let turned = try dims.map { try Shape.wrap($0, dim) }
    switch ((k % 4) + 4) % 4 {
    case 1: return try flip([turned[1]]).transpose(turned[0], turned[1])
    case 2: return try flip(turned)
    case 3: return try flip([turned[0]]).transpose(turned[0], turned[1])
    default: return try clone()
    }
  }

  /// Copies laid side by side, as `repeats` says for the last dimensions. Mirrors `torch.tile`.
  func tile(_ repeats: [Int]) throws -> Tensor {
    try tiled(Array(repeating: 1, count: Swift.max(0, dim - repeats.count)) + repeats)
  }

  /// With at least so many dimensions. Mirrors `torch.atleast_1d` and its like.
  func atLeast(_ n: Int) throws -> Tensor {
    switch (n, dim) {
    case (1..., 0): try reshape(Array(repeating: 1, count: n))
    case (2..., 1): n == 2 ? try unsqueeze(0) : try unsqueeze(0).unsqueeze(-1)
    case (3..., 2): try unsqueeze(-1)
    default: self
    }
  }

  /// The last two dimensions exchanged, for attributes and methods that want a matrix.
  public func matrixTransposed(_ name: String) throws -> Tensor {
    if dim == 1 { throw TorchError.runtime("tensor.\(name) is only supported on matrices or batches of matrices. Got 1-D tensor.") }
    return dim == 0 ? self : try transpose(-2, -1)
  }

  /// Indices i repeated as often as element i says. Mirrors `torch.repeat_interleave(repeats)`.
  func repeatedIndices(_ outputSize: Int?) throws -> Tensor {
    if dim != 1 { throw TorchError.runtime("repeat_interleave only accept 1D vector as repeat") }
    if dtype != .int64 && dtype != .int32 {
      throw TorchError.notImplemented("repeat_interleave_cpu", for: dtype)
    }
    let counts = (0..<count).map { scalar(at: $0).integerValue }
    if counts.contains(where: { $0 < 0 }) { throw TorchError.runtime("repeats can not be negative") }
    let total = counts.reduce(0, +)
    if let outputSize, outputSize != total {
      throw TorchError.runtime("allocated size does not match required size")
    }
    return try Tensor.vector(counts.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }).converted(to: dtype)
  }

  /// Each index of a dimension repeated. Mirrors `torch.repeat_interleave`.
  func repeatInterleave(_ repeats: Tensor, _ d: Int?, _ outputSize: Int?) throws -> Tensor {
    let x = d == nil ? try reshape([-1]) : self
    let d = try Shape.wrap(d ?? 0, x.dim)
    let size = x.dim == 0 ? 1 : x.sizes[d]
    let each: Tensor
    if repeats.dim == 0 || (repeats.dim == 1 && repeats.count == 1) {
      each = try repeats.reshape([1]).expand([size])
    } else if repeats.dim == 1 {
      if repeats.count != size {
        throw TorchError.runtime(
          "repeats must have the same size as input along dim, but got repeats.size(0) = \(repeats.count) and input.size(0) = \(size)")
      }
      each = repeats
    } else {
      throw TorchError.runtime("repeats must be 0-dim or 1-dim tensor")
    }
    let rows = try each.repeatedIndices(outputSize)
    let source = x.dim == 0 ? try x.reshape([1]) : x
    return try source.indexed(Array(repeating: .slice(nil, nil, 1), count: d) + [.tensor(rows)])
  }
}

/// Dimensions and elements in another order.
public let rearranging = OperationFamily("torch") { ops in
  for name in ["movedim", "moveaxis"] {
    ops.define("\(name)(Tensor self, int source, int destination) -> Tensor", doc: "A dimension moved to another place. Mirrors torch.\(name).") { (x: Tensor, a: Int, b: Int) in try x.movedim([a], [b]) }
    ops.define("\(name).intlist(Tensor self, int[] source, int[] destination) -> Tensor", doc: "Dimensions moved to other places. Mirrors torch.\(name).") { (x: Tensor, a: [Int], b: [Int]) in try x.movedim(a, b) }
  }
  ops.define("adjoint(Tensor self) -> Tensor", doc: "The last two dimensions exchanged. Mirrors torch.adjoint.") { (x: Tensor) -> Tensor in
    if x.dim == 1 { throw TorchError.runtime("tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor.") }
    return try x.matrixTransposed("adjoint()").conj()
  }
  ops.define("unflatten(Tensor self, int dim, int[1] sizes) -> Tensor", doc: "One dimension as several; one size may be -1. Mirrors torch.unflatten.") { (x: Tensor, d: Int, s: [Int]) in try x.unflatten(d, s) }
  ops.define("unfold(Tensor self, int dimension, int size, int step) -> Tensor", doc: "Sliding windows along a dimension, as a new last dimension. Mirrors Tensor.unfold.", variants: [.method]) { (x: Tensor, d: Int, n: Int, s: Int) in try x.unfold(d, n, s) }
  ops.define("fliplr(Tensor self) -> Tensor", doc: "The second dimension turned round. Mirrors torch.fliplr.") { (x: Tensor) -> Tensor in
    if x.dim < 2 { throw TorchError.runtime("Input must be >= 2-d.") }
    return try x.flip([1])
  }
  ops.define("flipud(Tensor self) -> Tensor", doc: "The first dimension turned round. Mirrors torch.flipud.") { (x: Tensor) -> Tensor in
    if x.dim < 1 { throw TorchError.runtime("Input must be >= 1-d.") }
    return try x.flip([0])
  }
  ops.define("roll(Tensor self, int[1] shifts, int[1] dims=[]) -> Tensor", doc: "Elements moved round along dimensions, or all of them. Mirrors torch.roll.") { (x: Tensor, s: [Int], d: [Int]) in try x.roll(s, d) }
  ops.define("rot90(Tensor self, int k=1, int[] dims=[0,1]) -> Tensor", doc: "Turned by k quarters in the plane of two dimensions. Mirrors torch.rot90.") { (x: Tensor, k: Int, d: [Int]) in try x.rot90(k, d) }
  ops.define("tile(Tensor self, int[1] dims) -> Tensor", doc: "Copies laid side by side. Mirrors torch.tile.") { (x: Tensor, r: [Int]) in try x.tile(r) }
  ops.define("sum_to_size(Tensor self, int[1] size) -> Tensor", doc: "Summed over the dimensions that broadcasting would add. Mirrors Tensor.sum_to_size.", variants: [.method]) {
    (x: Tensor, s: [Int]) -> Tensor in
    let lead = x.dim - s.count
    if lead < 0 || s.indices.contains(where: { s[$0] != 1 && s[$0] != x.sizes[lead + $0] }) {
      throw TorchError.runtime("size {\(Dims(s).text)} is not expandable to size {\(x.sizes.text)}.")
    }
    return s.isEmpty ? try x.sum() : try x.summed(to: Dims(s))
  }
  for n in 1...3 {
    let doc = "With at least \(n) dimension\(n == 1 ? "" : "s"). Mirrors torch.atleast_\(n)d."
    ops.define("atleast_\(n)d(Tensor self) -> Tensor", doc: doc, variants: [.function]) { (x: Tensor) in try x.atLeast(n) }
    ops.define("atleast_\(n)d.Sequence(Tensor[1] tensors) -> Tensor[]", doc: doc, variants: [.function]) { (all: [Tensor]) in try all.map { try $0.atLeast(n) } }
  }
  ops.define("repeat_interleave(Tensor repeats, *, int? output_size=None) -> Tensor", doc: "Index i as often as repeats says. Mirrors torch.repeat_interleave.", variants: [.function]) { (r: Tensor, n: Int?) in try r.repeatedIndices(n) }
  ops.define("repeat_interleave.self_Tensor(Tensor self, Tensor repeats, int? dim=None, *, int? output_size=None) -> Tensor", doc: "Each index of a dimension repeated. Mirrors torch.repeat_interleave.") {
    (x: Tensor, r: Tensor, d: Int?, n: Int?) in try x.repeatInterleave(r, d, n)
  }
  ops.define("repeat_interleave.self_int(Tensor self, int repeats, int? dim=None, *, int? output_size=None) -> Tensor", doc: "Each index of a dimension repeated. Mirrors torch.repeat_interleave.") {
    (x: Tensor, r: Int, d: Int?, n: Int?) -> Tensor in
    if r < 0 { throw TorchError.runtime("Repeats must be non-negative") }
    let size = try d.map { try x.dim == 0 ? 1 : x.size($0) } ?? x.count
    if let n, n != r * size { throw TorchError.runtime("repeat_interleave: Invalid output_size, expected \(r * size) but got \(n)") }
    return try x.repeatInterleave(.scalar(.integer(r)), d, n)
  }
}
