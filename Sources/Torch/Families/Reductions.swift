import Interface
import TensorCore

extension Tensor {
  /// Whether all or any elements are not zero; bytes answer in bytes.
  fileprivate func judged(_ dims: [Int]?, _ keepdim: Bool, all: Bool) throws -> Tensor {
    let answer: DType = dtype == .uint8 ? .uint8 : .bool
    if let dims, dims.isEmpty { return try ne(.number(0)).converted(to: answer) }
    return try (all ? self.all(dims: dims, keepdim: keepdim) : any(dims: dims, keepdim: keepdim)).converted(to: answer)
  }
}

/// Sums, means and other folds.
public let reductions = OperationFamily("torch") { ops in
  ops.define("sum(Tensor self, *, ScalarType? dtype=None) -> Tensor", doc: "The sum of all elements; integers are summed in int64. Mirrors torch.sum.") { (x: Tensor, t: DType?) in try x.total(dims: nil, keepdim: false, dtype: t) }
  ops.define("sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor", doc: "The sum over dimensions. Mirrors torch.sum.") {
    (x: Tensor, d: [Int]?, k: Bool, t: DType?) in try x.total(dims: d, keepdim: k, dtype: t)
  }
  func mean(_ x: Tensor, _ d: [Int]?, _ k: Bool, _ t: DType?) throws -> Tensor {
    if let t, !t.isFloatingPoint {
      throw TorchError.notImplemented("mean(): could not infer output dtype. Optional dtype must be either a floating point or complex dtype. Got: \(t.capitalized)")
    }
    return try x.mean(dims: d, keepdim: k, dtype: t)
  }
  ops.define("mean(Tensor self, *, ScalarType? dtype=None) -> Tensor", doc: "The mean of all elements. Mirrors torch.mean.") { (x: Tensor, t: DType?) in try mean(x, nil, false, t) }
  ops.define("mean.dim(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor", doc: "The mean over dimensions. Mirrors torch.mean.") {
    (x: Tensor, d: [Int]?, k: Bool, t: DType?) in try mean(x, d, k, t)
  }
  ops.define("prod(Tensor self, *, ScalarType? dtype=None) -> Tensor", doc: "The product of all elements; integers are multiplied in int64. Mirrors torch.prod.") { (x: Tensor, t: DType?) in try x.prod(dims: nil, keepdim: false, dtype: t) }
  ops.define("prod.dim_int(Tensor self, int dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor", doc: "The product along a dimension. Mirrors torch.prod.") {
    (x: Tensor, d: Int, k: Bool, t: DType?) in try x.prod(dims: [d], keepdim: k, dtype: t)
  }
  ops.define("all(Tensor self, int[1]? dim=None, bool keepdim=False) -> Tensor", doc: "Whether all elements are not zero. Mirrors torch.all.") { (x: Tensor, d: [Int]?, k: Bool) in try x.judged(d, k, all: true) }
  ops.define("any(Tensor self, int[1]? dim=None, bool keepdim=False) -> Tensor", doc: "Whether any element is not zero. Mirrors torch.any.") { (x: Tensor, d: [Int]?, k: Bool) in try x.judged(d, k, all: false) }
  ops.define("count_nonzero(Tensor self, int[1]? dim=None) -> Tensor", doc: "How many elements are not zero. Mirrors torch.count_nonzero.") { (x: Tensor, d: [Int]?) in try x.ne(.wrapped(.integer(0))).sum(dims: d) }
}
