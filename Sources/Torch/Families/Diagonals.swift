import Interface
import Kernels
import TensorCore

extension Tensor {
  /// The diagonals of the matrices of two dimensions, as a view with the diagonal last. Mirrors `torch.diagonal`.
  public func diagonal(_ offset: Int = 0, _ dim1: Int = 0, _ dim2: Int = 1) throws -> Tensor {
    let (a, b) = (try Shape.wrap(dim1, dim), try Shape.wrap(dim2, dim))
    if a == b { throw TorchError.runtime("diagonal dimensions cannot be identical \(dim1), \(dim2)") }
    let n = Swift.max(offset >= 0 ? Swift.min(sizes[a], sizes[b] - offset) : Swift.min(sizes[a] + offset, sizes[b]), 0)
    let start = n == 0 ? 0 : offset >= 0 ? offset * strides[b] : -offset * strides[a]
    let rest = (0..<dim).filter { $0 != a && $0 != b }
    let whole = sizes
    return view(
      "DiagonalBackward0", Dims(rest.map { sizes[$0] } + [n]), Dims(rest.map { strides[$0] } + [strides[a] + strides[b]]), storageOffset + start
    ) { g in try Tensor.embedded(g, in: whole) { try $0.diagonal(offset, dim1, dim2) } }
  }

  /// Matrices in two new dimensions with this tensor's last dimension on a diagonal, zero elsewhere. Mirrors `torch.diag_embed`.
  func diagEmbed(_ offset: Int, _ dim1: Int, _ dim2: Int) throws -> Tensor {
    let (a, b) = (try Shape.wrap(dim1, dim + 1), try Shape.wrap(dim2, dim + 1))
    if a == b { throw TorchError.runtime("diagonal dimensions cannot be identical \(dim1), \(dim2)") }
    var whole = Array(sizes.dropLast())
    let n = (sizes.last ?? 1) + offset.magnitudeAsInt
    whole.insert(n, at: Swift.min(a, b))
    whole.insert(n, at: Swift.max(a, b))
    let y = try Tensor.zeros(Dims(whole), dtype: dtype)
    try GradMode.with(false) { _ = try y.diagonal(offset, a, b).copyElements(from: self) }
    if Tensor.records(self) { y.record("DiagEmbedBackward0", [self]) { _, g in [try g.diagonal(offset, a, b)] } }
    return y
  }

  /// A vector as a diagonal matrix, or the diagonal of a matrix. Mirrors `torch.diag`.
  func diag(_ offset: Int) throws -> Tensor {
    switch dim {
    case 1: return try diagEmbed(offset, -2, -1)
    case 2: return try diagonal(offset).clone()
    default: throw TorchError.runtime("diag(): Supports 1D or 2D tensors. Got \(dim)D")
    }
  }

  /// Writes a number on the diagonal where all indices are equal. Mirrors `Tensor.fill_diagonal_`.
  func fillDiagonal(_ value: Scalar, wrap: Bool) throws -> Tensor {
    if dim < 2 { throw TorchError.runtime("dimensions must larger than 1") }
    if dim > 2 && Set(sizes).count > 1 { throw TorchError.runtime("all dimensions of input must be of equal length") }
    try refuseInPlaceOnLeaf()
    if Tensor.records(self) {
      let y = try GradMode.with(false) { try denseCopy().fillDiagonal(value, wrap: wrap) }
      y.record("FillDiagonalBackward0", [self]) { _, g in [try g.clone().fillDiagonal(.integer(0), wrap: wrap)] }
      return try become(y)
    }
    let step = strides.reduce(0, +)
    let side = sizes.min() ?? 0
    try alias([side], [step], storageOffset).fillDetached(value)
    if wrap && dim == 2 && sizes[0] > sizes[1] + 1 && side > 0 {
      // Below each square one row is left out, then the diagonal begins anew.
      let places = stride(from: (sizes[1] + 1) * strides[0], to: sizes[0] * strides[0], by: (sizes[1] + 1) * strides[0])
      for start in places {
        let row = start / strides[0]
        try alias([Swift.min(sizes[1], sizes[0] - row)], [step], storageOffset + start).fillDetached(value)
      }
    }
    bumpVersion()
    return self
  }

  private func fillDetached(_ value: Scalar) throws { if count > 0 { fillElements(value) } }

  /// A copy with `source` written into the window that `place` names. Mirrors `torch.select_scatter` and its kin.
  func windowScatter(_ name: String, _ source: Tensor, _ place: @escaping (Tensor) throws -> Tensor) throws -> Tensor {
    let y = try denseCopy()
    try GradMode.with(false) {
      let window = try place(y)
      if window.sizes != source.sizes {
        throw TorchError.runtime("expected src to have a size equal to the slice of self. src size = \(source.sizes.text), slice size = \(window.sizes.text)")
      }
      _ = try window.copyElements(from: source)
    }
    if Tensor.records(self, source) {
      let (given, type) = (source.sizes, source.dtype)
      y.record(name, [self, source]) { node, g in
        [
          node.needs(0) ? try g.windowScatter(name, .zeros(given, dtype: g.dtype), place) : nil,
          node.needs(1) ? try place(g).to(type) : nil,
        ]
      }
    }
    return y
  }
}

extension Int {
  /// The distance from zero.
  fileprivate var magnitudeAsInt: Int { self < 0 ? -self : self }
}

/// Diagonals, and copies with a window written anew.
public let diagonals = OperationFamily("torch") { ops in
  let plane = "int offset=0, int dim1=0, int dim2=1"
  ops.define("diagonal(Tensor self, \(plane)) -> Tensor", doc: "The diagonals of the matrices of two dimensions, as a view with the diagonal last. Mirrors torch.diagonal.") {
    (x: Tensor, o: Int, a: Int, b: Int) in try x.diagonal(o, a, b)
  }
  ops.define("diagonal_copy(Tensor self, \(plane)) -> Tensor", doc: "A copy of the diagonals of the matrices of two dimensions. Mirrors torch.diagonal_copy.", variants: [.function]) {
    (x: Tensor, o: Int, a: Int, b: Int) in try x.diagonal(o, a, b).clone()
  }
  ops.define("diag_embed(Tensor self, int offset=0, int dim1=-2, int dim2=-1) -> Tensor", doc: "Matrices in two new dimensions with the last dimension on a diagonal. Mirrors torch.diag_embed.") {
    (x: Tensor, o: Int, a: Int, b: Int) in try x.diagEmbed(o, a, b)
  }
  ops.define("diag(Tensor self, int diagonal=0) -> Tensor", doc: "A vector as a diagonal matrix, or the diagonal of a matrix. Mirrors torch.diag.") { (x: Tensor, o: Int) in try x.diag(o) }
  ops.define("diagflat(Tensor self, int offset=0) -> Tensor", doc: "All elements on the diagonal of a matrix. Mirrors torch.diagflat.") { (x: Tensor, o: Int) in try x.reshape([-1]).diagEmbed(o, -2, -1) }
  ops.define("fill_diagonal_(Tensor self, Scalar fill_value, bool wrap=False) -> Tensor", doc: "Writes a number on the diagonal. Mirrors Tensor.fill_diagonal_.", variants: [.method]) {
    (x: Tensor, v: Scalar, w: Bool) in try x.fillDiagonal(v, wrap: w)
  }
  ops.define("diagonal_scatter(Tensor self, Tensor src, \(plane)) -> Tensor", doc: "A copy with src on a diagonal. Mirrors torch.diagonal_scatter.") {
    (x: Tensor, s: Tensor, o: Int, a: Int, b: Int) in try x.windowScatter("DiagonalScatterBackward0", s) { try $0.diagonal(o, a, b) }
  }
  ops.define("select_scatter(Tensor self, Tensor src, int dim, int index) -> Tensor", doc: "A copy with src at one index of a dimension. Mirrors torch.select_scatter.") {
    (x: Tensor, s: Tensor, d: Int, i: Int) in try x.windowScatter("SelectScatterBackward0", s) { try $0.select(d, i) }
  }
  ops.define("slice_scatter(Tensor self, Tensor src, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor", doc: "A copy with src in a slice of a dimension. Mirrors torch.slice_scatter.") {
    (x: Tensor, s: Tensor, d: Int, a: Int?, b: Int?, n: Int) in try x.windowScatter("SliceScatterBackward0", s) { try $0.slice(d, a, b, n) }
  }
}
