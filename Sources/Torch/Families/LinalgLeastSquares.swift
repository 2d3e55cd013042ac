import Interface
import Kernels
import TensorCore

extension Tensor {
  /// The X of least |A X − B|, its residuals, A's rank and singular values. Mirrors `torch.linalg.lstsq`.
  func lstsq(_ b: Tensor, rcond: Double?, driver: String?) throws -> (Tensor, Tensor, Tensor, Tensor) {
    let name = "torch.linalg.lstsq"
    if dim < 2 { throw TorchError.runtime("\(name): input must have at least 2 dimensions.") }
    if b.dim < 1 { throw TorchError.runtime("\(name): other must have at least 1 dimension.") }
    if dtype != b.dtype {
      throw TorchError.runtime("\(name): Expected input and other to have the same dtype, but got input's dtype \(dtype.capitalized) and other's dtype \(b.dtype.capitalized)")
    }
    let difference = dim - b.dim
    if difference < 0 || difference > 1 {
      throw TorchError.runtime("\(name): input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1")
    }
    let isVector = difference == 1
    let shaped = isVector ? try GradMode.with(false) { try b.unsqueeze(-1) } : b
    let shapes = try Linalg.broadcast(self, shaped)
    if rows != shaped.rows {
      throw TorchError.runtime(isVector ? "\(name): input.size(-2) should match other.size(-1)" : "\(name): input.size(-2) should match other.size(-2)")
    }
    if dtype != .float32 && dtype != .float64 { throw TorchError.runtime("This function doesn't handle types other than float and double") }
    guard let way = Lapack.LeastSquares(rawValue: (driver ?? "gelsy").lowercased()) else {
      throw TorchError.runtime("\(name): parameter `driver` should be one of (gels, gelsy, gelsd, gelss)")
    }
    let epsilon = dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
    let (m, n) = (rows, columns)
    let k = Swift.min(m, n)
    let batch = Array(shapes.a.dropLast(2))
    // The solution grows in the memory of B, which has rows enough for both.
    let wide = try Tensor.columnMajor(batch + [Swift.max(m, n), shaped.columns], dtype: dtype)
    wide.fillElements(.integer(0))
    let source = shaped.operand(broadcastTo: Dims(shapes.b))
    Cast.copy(source, to: wide.operand, sizes: Dims(shapes.b))
    let rank = try Tensor.infos(batch)
    let values = try Tensor(uninitialized: Dims(batch + [k]), dtype: dtype)
    let info = try Tensor.infos(batch)
    if count > 0 && batch.reduce(1, *) > 0 {
      let a = try columnMajorCopy(shapes.a)
      withExtendedLifetime(a) {
        Lapack.leastSquares(
          way, a.lapack, wide.lapack, rcond: rcond ?? epsilon * Double(Swift.max(m, n)), rank: rank.elements(Int32.self),
          values: values.pointer, info: info.elements(Int32.self))
      }
      try Linalg.check(info, name)
    } else {
      // Without columns there is nothing to solve, and B itself is what remains.
      if n > 0 { wide.fillElements(.integer(0)) }
      values.fillElements(.integer(0))
    }
    let none = try Tensor(uninitialized: [0], dtype: dtype)
    let (x, residuals) = try GradMode.with(false) { () -> (Tensor, Tensor) in
      let x = try wide.narrow(-2, 0, n)
      let full = way == .gels || (0..<rank.count).allSatisfy { rank.elements(Int32.self)[$0] == Int32(n) }
      let residuals = m > n && way != .gelsy && full ? try wide.narrow(-2, n, m - n).pow(.wrapped(.integer(2))).sum(dims: [-2]) : none
      return (isVector ? try x.squeeze([-1]) : x, residuals)
    }
    if Tensor.records(self, b) {
      let (sa, sb, sx, own, other) = (SavedTensor(self), SavedTensor(b), SavedTensor(result: x), sizes, b.sizes)
      Tensor.recordNode("LinalgLstsqBackward0", inputs: [self, b], results: [x, residuals]) { node, g in
        let (a, b) = (try sa.unpack(), try sb.unpack())
        let target = isVector ? try b.unsqueeze(-1) : b
        var (ga, gb): (Tensor?, Tensor?)
        if let gx = try g[0].map({ isVector ? try $0.unsqueeze(-1) : $0 }) {
          let p = try a.pinv(atol: nil, rtol: nil)
          ga = try Tensor.pinvBackward(gx.matmul(target.mT).summed(to: p.sizes), p, a)
          gb = try p.mT.matmul(gx)
        }
        if let gr = g[1], residuals.count > 0 {
          let x = try sx.unpack(node, 0)
          let solution = isVector ? try x.unsqueeze(-1) : x
          let error = try a.matmul(solution).sub(target).mul(gr.unsqueeze(-2)).mul(.wrapped(.integer(2)))
          let along = try error.matmul(solution.mT).summed(to: own)
          ga = try ga?.add(along) ?? along
          gb = try gb?.sub(error) ?? error.neg()
        }
        return [node.needs(0) ? ga : nil, node.needs(1) ? try gb.map { try (isVector ? $0.squeeze([-1]) : $0).summed(to: other) } : nil]
      }
    }
    let empty = try Tensor(uninitialized: [0], dtype: .int64)
    return (x, residuals, way == .gels ? empty : try rank.denseCopy(.int64), way == .gelsd || way == .gelss ? values : none)
  }
}
