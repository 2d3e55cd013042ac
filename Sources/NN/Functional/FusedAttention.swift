import CKernels
import Glibc
import Interface
import Kernels
import TensorCore
import Torch

/// Attention by the kernel that reads heads where they lie and keeps no scores: for float32 in four dimensions of the same batch.
struct FusedAttention {
  private let q, k, v: Tensor
  /// To be added to the scores; as large as they are, its rows adjacent.
  private let mask: Tensor?
  private let scale: Double
  /// What the weights are multiplied with, but for a factor.
  private let noise: Tensor?
  private let noiseScale: Float

  /// Nil where the operands are none that the kernel takes.
  /// - Parameters:
  ///   - mask: to be added, outside autograd.
  ///   - dropout: the probability that a weight is dropped; draws from the generator.
  init?(_ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor?, dropout: Double, scale: Double) throws {
    guard q.dim == 4, k.dim == 4, v.dim == 4, [q, k, v].allSatisfy({ $0.dtype == .float32 && $0.count > 0 }), dropout < 1 else { return nil }
    let scores: Dims = [q.sizes[0], q.sizes[1], q.sizes[2], k.sizes[2]]
    guard k.sizes[0] == scores[0], v.sizes[0] == scores[0], k.sizes[1] == scores[1], v.sizes[1] == scores[1], v.sizes[2] == scores[3],
      q.sizes[3] == k.sizes[3]
    else { return nil }
    if let mask {
      guard mask.dtype == .float32, mask.dim <= 4, !(GradMode.isEnabled && mask.requiresGrad) else { return nil }
      for (own, wanted) in zip(mask.sizes.reversed(), scores.reversed()) where own != 1 && own != wanted { return nil }
    }
    self.mask = try mask.map { mask in
      try GradMode.with(false) {
        let wide = try mask.expand(Array(scores))
        if wide.strides[3] == 1 { return wide }
        return try mask.sizes.last == scores[3] ? mask.dense().expand(Array(scores)) : wide.dense()
      }
    }
    (self.q, self.k, self.v, self.scale) = (q, k, v, scale)
    noise = dropout > 0 ? try Tensor(uninitialized: scores, dtype: .float32) : nil
    try noise?.bernoulli(1 - dropout, nil)
    noiseScale = 1 / Float(1 - dropout)
  }

  /// The result, recorded.
  func run() throws -> Tensor {
    let likeQuery = noise == nil && v.sizes[3] == q.sizes[3]
    let y = try likeQuery ? FusedAttention.emptyRows(q) : Tensor(uninitialized: [q.sizes[0], q.sizes[1], q.sizes[2], v.sizes[3]], dtype: .float32)
    let isRecorded = GradMode.isEnabled && [q, k, v].contains { $0.requiresGrad }
    let weights = isRecorded ? try Tensor(uninitialized: [q.sizes[0], q.sizes[1], q.sizes[2], k.sizes[2]], dtype: .float32) : nil
    let heads = try [q, k, v].map { try FusedAttention.adjacent($0) }
    var job = self.job(heads, weights)
    job.out = FusedAttention.rows(y)
    HeadProducts.forward(job, heads: q.sizes[0] * q.sizes[1])
    withExtendedLifetime((heads, mask, noise)) {}
    guard let weights else { return y }
    let saved = [q, k, v].map { SavedTensor($0) }
    // With dropout PyTorch has a composition, whose last step the name shows.
    Tensor.recordNode(noise == nil ? "ScaledDotProductFlashAttentionForCpuBackward0" : "UnsafeViewBackward0", inputs: [q, k, v], results: [y]) {
      _, gradients in
      guard let g = gradients[0] else { return [nil, nil, nil] }
      let inputs = try saved.map { try $0.unpack() }
      if Tensor.graphIsWanted(g, inputs[0], inputs[1], inputs[2]) { return try slopes(inputs, g) }
      return try kernelSlopes(inputs, weights, g)
    }
    return y
  }

  /// With adjacent floats in each row.
  private static func adjacent(_ x: Tensor) throws -> Tensor { x.strides[3] == 1 || x.sizes[3] == 1 ? x : try x.dense() }

  /// Uninitialized, in the same layout if that has adjacent floats in each row.
  private static func emptyRows(_ x: Tensor) throws -> Tensor {
    let y = try x.emptyAlike()
    return y.strides[3] == 1 ? y : try Tensor(uninitialized: x.sizes, dtype: .float32)
  }

  private static func rows(_ x: Tensor) -> qk_heads {
    qk_heads(at: x.elements(Float.self), batch: x.strides[0], head: x.strides[1], row: x.strides[2])
  }

  private func job(_ heads: [Tensor], _ weights: Tensor?) -> qk_attention {
    var job = qk_attention()
    (job.heads, job.queries, job.keys) = (q.sizes[1], q.sizes[2], k.sizes[2])
    (job.width, job.value_width, job.scale) = (q.sizes[3], v.sizes[3], Float(scale))
    (job.q, job.k, job.v) = (FusedAttention.rows(heads[0]), FusedAttention.rows(heads[1]), FusedAttention.rows(heads[2]))
    if let mask { job.mask = FusedAttention.rows(mask) }
    job.zeroes_empty_rows = mask != nil
    job.weights = weights?.elements(Float.self)
    job.noise = (noise?.elements(Float.self)).map { UnsafePointer($0) }
    job.noise_scale = noiseScale
    return job
  }

  private func kernelSlopes(_ inputs: [Tensor], _ weights: Tensor, _ g: Tensor) throws -> [Tensor?] {
    let (heads, g) = (try inputs.map { try FusedAttention.adjacent($0) }, try FusedAttention.adjacent(g))
    let slopes = try inputs.map { try FusedAttention.emptyRows($0) }
    var job = self.job(heads, weights)
    (job.out, job.dq, job.dk, job.dv) = (
      FusedAttention.rows(g), FusedAttention.rows(slopes[0]), FusedAttention.rows(slopes[1]), FusedAttention.rows(slopes[2])
    )
    HeadProducts.backward(job, heads: q.sizes[0] * q.sizes[1])
    withExtendedLifetime((heads, g, mask, noise, weights)) {}
    return slopes
  }

  /// The gradients as tensors that record, for those who differentiate twice.
  private func slopes(_ inputs: [Tensor], _ g: Tensor) throws -> [Tensor?] {
    let (q, k, v) = (inputs[0], inputs[1], inputs[2])
    let factors = try noise.map { try $0 * Double(noiseScale) }
    let weights = try Functional.attentionWeights((q * scale).matmul(k.transpose(-2, -1)), hidden: nil, mask: mask)
    var dw = try g.matmul(v.transpose(-2, -1))
    if let factors { dw = try dw * factors }
    let ds = try weights * (dw - (dw * weights).sum(dims: [-1], keepdim: true)) * scale
    let kept = try factors.map { try weights * $0 } ?? weights
    return [try ds.matmul(k), try ds.transpose(-2, -1).matmul(q), try kept.transpose(-2, -1).matmul(g)]
  }
}
