import Interface
import TensorCore

extension Tensor {
  /// The product of elements over dimensions (all where none is named). Mirrors `torch.prod`.
  public func prod(dims: [Int]?, keepdim: Bool, dtype wanted: DType? = nil) throws -> Tensor {
    if let wanted, wanted != dtype { return try to(wanted).prod(dims: dims, keepdim: keepdim, dtype: wanted) }
    let folding = try Folding(self, dims)
    let y =
      dtype.isComplex
      ? try complexProduct(folding, keepdim: keepdim)
      : dtype.isFloatingPoint
      ? try folded(folding, keepdim: keepdim, result: dtype, start: 1) { $0 *= $1 }
      : try folded(folding, keepdim: keepdim, result: wanted ?? .int64, startInteger: 1) { $0 = $0 &* $1 }
    if Tensor.records(self) {
      let (x, value) = (SavedTensor(self), SavedTensor(result: y))
      y.record(dims == nil ? "ProdBackward0" : "ProdBackward1", [self]) { node, g in
        let (x, y) = (try x.unpack(), try value.unpack(node))
        if x.dim == 0 { return [try g.reshape([])] }
        let zeros = try x.eq(.number(0)).any().item().integerValue
        if zeros == 0 { return [try g.mul(y).unfolded(folding, x.sizes).div(x)] }
        let wide = try g.unfolded(folding, x.sizes)
        if let d = dims?.first { return [try wide.mul(x.productOfOthers(Shape.wrap(d, x.dim)))] }
        return [try wide.mul(x.reshape([-1]).productOfOthers(0).reshape(Array(x.sizes)))]
      }
    }
    return y
  }

  /// For each element the product of all others along a dimension: those before times those after.
  private func productOfOthers(_ d: Int) throws -> Tensor {
    let n = sizes[d]
    if n == 1 { return try .ones(sizes, dtype: dtype) }
    let one = try Tensor.ones(sizes(with: 1, at: d), dtype: dtype)
    let before = try Tensor.cat([one, cut(d, 0, n - 1)], d).cumprod(d)
    let after = try Tensor.cat([one, cut(d, 1, n).flip([d])], d).cumprod(d).flip([d])
    return try before.mul(after)
  }
}
