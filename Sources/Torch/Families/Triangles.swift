import Interface
import Kernels
import TensorCore

extension Tensor {
  /// The triangle of each matrix on and below (or above) a diagonal, zero elsewhere. Mirrors `torch.tril` and `torch.triu`.
  func triangular(upper: Bool, _ offset: Int) throws -> Tensor {
    if dim < 2 { throw TorchError.runtime("\(upper ? "triu" : "tril"): input tensor must have at least 2 dimensions") }
    let y = try denseCopy()
    let (rows, columns, size) = (sizes[dim - 2], sizes[dim - 1], dtype.itemSize)
    if y.count > 0 {
      for r in 0..<(y.count / columns) {
        let i = r % rows
        let edge = Swift.min(Swift.max(upper ? i + offset : i + offset + 1, 0), columns)
        let (from, length) = upper ? (0, edge) : (edge, columns - edge)
        (y.pointer + (r * columns + from) * size).initializeMemory(as: UInt8.self, repeating: 0, count: length * size)
      }
    }
    if Tensor.records(self) {
      y.record(upper ? "TriuBackward0" : "TrilBackward0", [self]) { _, g in [try g.triangular(upper: upper, offset)] }
    }
    return y
  }

  /// The indices of a triangle, a row of rows and a row of columns. Mirrors `torch.tril_indices` and `torch.triu_indices`.
  static func triangleIndices(_ rows: Int, _ columns: Int, _ offset: Int, upper: Bool, dtype: DType) throws -> Tensor {
    if rows < 0 { throw TorchError.runtime("row must be non-negative, got\(rows)") }
    if columns < 0 { throw TorchError.runtime("col must be non-negative, got\(columns)") }
    if dtype != .int64 && dtype != .int32 {
      throw TorchError.notImplemented("\(upper ? "triu" : "tril")_indices", for: dtype)
    }
    var (first, second): ([Int], [Int]) = ([], [])
    for i in 0..<rows {
      let edge = Swift.min(Swift.max(upper ? i + offset : i + offset + 1, 0), columns)
      for j in upper ? edge..<columns : 0..<edge {
        first.append(i)
        second.append(j)
      }
    }
    return try Tensor.vector(first + second).reshape([2, first.count]).converted(to: dtype)
  }
}

/// Triangles of matrices.
public let triangles = OperationFamily("torch") { ops in
  for (name, upper) in [("tril", false), ("triu", true)] {
    let side = upper ? "above" : "below"
    ops.tensorOp("\(name)(Tensor self, int diagonal=0) -> Tensor", doc: "The triangle of each matrix on and \(side) a diagonal, zero elsewhere. Mirrors torch.\(name).") {
      (x: Tensor, o: Int) in try x.triangular(upper: upper, o)
    }
    ops.define("\(name)_indices(int row, int col, int offset=0, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None) -> Tensor", doc: "The indices of the triangle on and \(side) a diagonal: rows, then columns. Mirrors torch.\(name)_indices.", variants: [.function]) {
      (r: Int, c: Int, o: Int, t: DType?, _: Value, _: Device?, _: Bool?) in try Tensor.triangleIndices(r, c, o, upper: upper, dtype: t ?? .int64)
    }
  }
}
