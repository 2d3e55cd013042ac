import Interface
import Kernels
import TensorCore

// Parts of the matrices in the last two dimensions.
extension Tensor {
  /// The diagonals of the matrices of dimensions `d` and `e`, as a view with the diagonal last. Mirrors `torch.linalg.diagonal`.
  func matrixDiagonal(_ offset: Int = 0, _ d: Int = -2, _ e: Int = -1) throws -> Tensor {
    let (a, b) = (try Shape.wrap(d, dim), try Shape.wrap(e, dim))
    if a == b { throw TorchError.runtime("diagonal dimensions cannot be identical \(d), \(e)") }
    let n = Swift.max(offset >= 0 ? Swift.min(sizes[a], sizes[b] - offset) : Swift.min(sizes[a] + offset, sizes[b]), 0)
    let start = n == 0 ? 0 : offset >= 0 ? offset * strides[b] : -offset * strides[a]
    let rest = (0..<dim).filter { $0 != a && $0 != b }
    let whole = sizes
    return view(
      "DiagonalBackward0", Dims(rest.map { sizes[$0] } + [n]), Dims(rest.map { strides[$0] } + [strides[a] + strides[b]]), storageOffset + start
    ) { g in
      try Tensor.embedded(g, in: whole) { try $0.matrixDiagonal(offset, d, e) }
    }
  }

  /// Matrices with this tensor's last dimension on the diagonal, zero elsewhere. Mirrors `torch.diag_embed`.
  func diagonalMatrix() throws -> Tensor {
    let n = sizes[dim - 1]
    return try Tensor.embedded(self, in: Dims(Array(sizes) + [n])) { try $0.matrixDiagonal() }
  }

  /// The triangle of each matrix on and above (or below) a diagonal, zero elsewhere. Mirrors `torch.triu` and `torch.tril`.
  func triangle(upper: Bool, _ offset: Int = 0) throws -> Tensor {
    let y = try Tensor(uninitialized: sizes, dtype: dtype)
    let (r, c) = (sizes[dim - 2], sizes[dim - 1])
    Cast.copy(operand, to: y.operand, sizes: sizes)
    if y.count > 0 {
      let bytes = dtype.itemSize
      for k in 0..<(y.count / (r * c)) {
        for i in 0..<r {
          let row = y.pointer + (k * r + i) * c * bytes
          let edge = Swift.min(Swift.max(upper ? i + offset : i + offset + 1, 0), c)
          let (from, count) = upper ? (0, edge) : (edge, c - edge)
          (row + from * bytes).initializeMemory(as: UInt8.self, repeating: 0, count: count * bytes)
        }
      }
    }
    if Tensor.records(self) {
      y.record(upper ? "TriuBackward0" : "TrilBackward0", [self]) { _, g in [try g.triangle(upper: upper, offset)] }
    }
    return y
  }

  /// The matrices transposed. Mirrors `Tensor.mT`.
  var mT: Tensor { get throws { try transpose(-2, -1) } }

  /// One matrix with ones on its diagonal. Mirrors `torch.eye`.
  static func identity(_ n: Int, dtype: DType) throws -> Tensor {
    let x = try Tensor.zeros([n, n], dtype: dtype)
    x.alias([n], [n + 1], 0).fillElements(.integer(1))
    return x
  }
}

extension Tensor {
  /// Zeroes, in place and outside autograd, what lies below (or above) a diagonal of each matrix.
  func clearTriangle(keepingUpper upper: Bool, _ offset: Int = 0) {
    let (r, c, bytes) = (rows, columns, dtype.itemSize)
    let strips = Strips(sizes: Dims(sizes.dropLast(2)), operands: [Dims(strides.dropLast(2))])
    let step = sizes.dropLast(2).contains { $0 != 1 } ? strips.steps[0] : 0
    let (sr, sc) = (strides[dim - 2], strides[dim - 1])
    if count == 0 { return }
    strips.forEach { at in
      for k in 0..<strips.length {
        let start = pointer + (at[0] + k * step) * bytes
        for i in 0..<r {
          let edge = Swift.min(Swift.max(upper ? i + offset : i + offset + 1, 0), c)
          for j in upper ? 0..<edge : edge..<c {
            (start + (i * sr + j * sc) * bytes).initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
          }
        }
      }
    }
  }
}
