import Interface
import TensorCore

extension Tensor {
  /// The norm over all dimensions but one, which keeps its size; over all of them where `d` is −1. Mirrors `torch.norm_except_dim`.
  public func normExcept(_ p: Int, _ d: Int) throws -> Tensor {
    if d == -1 { return try vectorNorm(.integer(p), node: "NormBackward0") }
    if d != 0 && d != dim - 1 { return try transpose(0, d).normExcept(p, 0).transpose(0, d) }
    let rows = d == 0 ? [sizes[0]] + Array(repeating: 1, count: dim - 1) : Array(repeating: 1, count: dim - 1) + [sizes[dim - 1]]
    let flat = d == 0 ? try contiguous().view([sizes[0], -1]) : try contiguous().view([-1, sizes[dim - 1]])
    return try flat.vectorNorm(.integer(p), dims: [d == 0 ? 1 : 0], node: "NormBackward1").view(rows)
  }

  /// The directions of this tensor times magnitudes. Mirrors `torch._weight_norm`.
  /// - Parameter keepsZeros: whether what is all zeros, as pruned channels are, stays zero; PyTorch makes it NaN.
  public func weightNorm(_ g: Tensor, _ d: Int, keepsZeros: Bool = false) throws -> Tensor {
    func length(_ v: Tensor) throws -> Tensor {
      let norm = try v.normExcept(2, d)
      return keepsZeros ? try norm.add(norm.detached().eq(.wrapped(.integer(0))).to(norm.dtype)) : norm
    }
    if g.dtype != dtype { return try mul(g.div(length(self))) }
    if d != 0 && d != dim - 1 { return try mul(g.div(length(self))) }
    let y = try GradMode.with(false) { try mul(g.div(length(self))) }
    if Tensor.records(self, g) {
      let (v, magnitudes) = (SavedTensor(self), SavedTensor(g))
      let others = d == 0 ? Array(1..<Swift.max(dim, 1)) : Array(0..<(dim - 1))
      y.record("WeightNormInterfaceBackward0", [self, g]) { _, slope in
        let (v, g) = (try v.unpack(), try magnitudes.unpack())
        let norm = try length(v)
        let product = try slope.mul(v)
        let along = others.isEmpty ? product : try product.sum(dims: others, keepdim: true)
        let scale = try g.div(norm)
        return [try scale.mul(slope.sub(v.mul(along.div(norm.mul(norm))))), try along.div(norm)]
      }
    }
    return y
  }
}

/// Magnitudes and directions of weights.
let weightNorms = OperationFamily("torch") { ops in
  ops.define("norm_except_dim(Tensor v, int pow=2, int dim=0) -> Tensor", doc: "The norm over all dimensions but one. Mirrors torch.norm_except_dim.", variants: [.function]) {
    (v: Tensor, p: Int, d: Int) in try v.normExcept(p, d)
  }
  ops.define("_weight_norm(Tensor v, Tensor g, int dim=0) -> Tensor", doc: "The directions of v times the magnitudes g. Mirrors torch._weight_norm.", variants: [.function]) {
    (v: Tensor, g: Tensor, d: Int) in try v.weightNorm(g, d)
  }
}
