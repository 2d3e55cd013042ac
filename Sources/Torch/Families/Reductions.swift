import Interface
import TensorCore

extension Tensor {
  /// Where elements are not zero: one row of indices each. Mirrors `torch.nonzero`.
  public func nonzero() throws -> Tensor {
    let flat = try dense(.bool)
    let bytes = flat.elements(UInt8.self)
    let hits = (0..<count).filter { bytes[$0] != 0 }
    let result = try Tensor(uninitialized: [hits.count, dim], dtype: .int64)
    let out = result.elements(Int.self)
    for (row, hit) in hits.enumerated() {
      var rest = hit
      for d in stride(from: dim - 1, through: 0, by: -1) {
        out[row * dim + d] = rest % sizes[d]
        rest /= sizes[d]
      }
    }
    return result
  }
}

/// Sums, means, extremes and other folds.
public let reductions = OperationFamily("torch") { ops in
  ops.define("sum(Tensor self, *, ScalarType? dtype=None) -> Tensor", doc: "The sum of all elements; integers are summed in int64. Mirrors torch.sum.") { (x: Tensor, t: DType?) in try x.sum(dtype: t) }
  ops.define("sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor", doc: "The sum over dimensions. Mirrors torch.sum.") {
    (x: Tensor, d: [Int]?, k: Bool, t: DType?) in try x.sum(dims: d, keepdim: k, dtype: t)
  }
  ops.define("mean(Tensor self, *, ScalarType? dtype=None) -> Tensor", doc: "The mean of all elements. Mirrors torch.mean.") { (x: Tensor, t: DType?) in try x.mean(dtype: t) }
  ops.define("mean.dim(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor", doc: "The mean over dimensions. Mirrors torch.mean.") {
    (x: Tensor, d: [Int]?, k: Bool, t: DType?) in try x.mean(dims: d, keepdim: k, dtype: t)
  }
  for (name, root) in [("var", false), ("std", true)] {
    ops.define("\(name)(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool unbiased=True, bool keepdim=False) -> Tensor", doc: "The \(root ? "standard deviation" : "variance"), by default with Bessel's correction. Mirrors torch.\(name).") {
      (x: Tensor, d: [Int]?, c: Scalar?, u: Bool, k: Bool) in
      let v = try x.variance(dims: d, correction: c?.doubleValue ?? (u ? 1 : 0), keepdim: k)
      return root ? try v.sqrt() : v
    }
  }
  ops.define("prod(Tensor self) -> Tensor", doc: "The product of all elements. Mirrors torch.prod.") { (x: Tensor) in try x.prod(dims: nil, keepdim: false) }
  ops.define("prod.dim_int(Tensor self, int dim, bool keepdim=False) -> Tensor", doc: "The product along a dimension. Mirrors torch.prod.") { (x: Tensor, d: Int, k: Bool) in try x.prod(dims: [d], keepdim: k) }
  for (name, greatest) in [("max", true), ("min", false)] {
    let word = greatest ? "greatest" : "least"
    ops.define("\(name)(Tensor self) -> Tensor", doc: "The \(word) element. Mirrors torch.\(name).") {
      (x: Tensor) in try x.extremeValue(nil, keepdim: false, greatest: greatest, name: greatest ? "MaxBackward1" : "MinBackward1")
    }
    ops.define("\(name).dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)", doc: "The \(word) elements along a dimension and their indices. Mirrors torch.\(name).") {
      (x: Tensor, d: Int, k: Bool) -> Value in
      let (v, i) = try x.extreme(d, keepdim: k, greatest: greatest)
      return .tuple([.object(v), .object(i)])
    }
    ops.define("\(name).other(Tensor self, Tensor other) -> Tensor", doc: "The \(word) of each pair. Mirrors torch.\(name).") { (x: Tensor, y: Tensor) in greatest ? try x.maximum(y) : try x.minimum(y) }
    ops.define("a\(name)(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor", doc: "The \(word) elements over dimensions; ties share the gradient. Mirrors torch.a\(name).") {
      (x: Tensor, d: [Int], k: Bool) in try x.extremeValue(d.isEmpty ? nil : d, keepdim: k, greatest: greatest, name: greatest ? "AmaxBackward0" : "AminBackward0")
    }
    ops.define("arg\(name)(Tensor self, int? dim=None, bool keepdim=False) -> Tensor", doc: "The index of the \(word) element, of all (flattened) or along a dimension. Mirrors torch.arg\(name).") {
      (x: Tensor, d: Int?, k: Bool) -> Tensor in
      if x.count == 0 { throw TorchError.index("arg\(name)(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.") }
      return try d.map { try x.extremeIndex($0, keepdim: k, greatest: greatest) } ?? x.reshape([-1]).extremeIndex(0, keepdim: false, greatest: greatest)
    }
  }
  ops.define("all(Tensor self, int[1]? dim=None, bool keepdim=False) -> Tensor", doc: "Whether all elements are not zero. Mirrors torch.all.") { (x: Tensor, d: [Int]?, k: Bool) in try x.all(dims: d, keepdim: k) }
  ops.define("any(Tensor self, int[1]? dim=None, bool keepdim=False) -> Tensor", doc: "Whether any element is not zero. Mirrors torch.any.") { (x: Tensor, d: [Int]?, k: Bool) in try x.any(dims: d, keepdim: k) }
  ops.define("count_nonzero(Tensor self, int[1]? dim=None) -> Tensor", doc: "How many elements are not zero. Mirrors torch.count_nonzero.") { (x: Tensor, d: [Int]?) in try x.ne(.wrapped(.integer(0))).sum(dims: d) }
  ops.define("nonzero(Tensor self) -> Tensor", doc: "The indices of elements that are not zero, a row each. Mirrors torch.nonzero.") { (x: Tensor) in try x.nonzero() }
}
