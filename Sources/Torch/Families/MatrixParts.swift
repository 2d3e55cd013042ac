import Interface
import Kernels
import TensorCore

// Parts of the matrices in the last two dimensions.
extension Tensor {
  /// The diagonals of the matrices, as a view with the diagonal last. Mirrors `torch.linalg.diagonal`.
  func matrixDiagonal(_ offset: Int = 0) throws -> Tensor { try diagonal(offset, -2, -1) }

  /// Matrices with this tensor's last dimension on the diagonal, zero elsewhere. Mirrors `torch.diag_embed`.
  func diagonalMatrix() throws -> Tensor { try diagEmbed(0, -2, -1) }

  /// The triangle of each matrix on and above (or below) a diagonal, zero elsewhere. Mirrors `torch.triu` and `torch.tril`.
  public func triangle(upper: Bool, _ offset: Int = 0) throws -> Tensor { try triangular(upper: upper, offset) }

  /// The matrices transposed. Mirrors `Tensor.mT`.
  public var mT: Tensor { get throws { try transpose(-2, -1) } }

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
