import Interface
import TensorCore
import Torch

extension Functional {
  /// softmax(q · kᵀ · scale + mask) · v. Mirrors `F.scaled_dot_product_attention`.
  /// - Throws: PyTorch's sentences for types and shapes that do not fit, and for a mask given beside `causal`.
  static func attention(
    _ q: Tensor, _ k: Tensor, _ v: Tensor, mask: Tensor? = nil, dropout p: Double = 0, causal: Bool = false, scale: Double? = nil, grouped: Bool = false
  ) throws -> Tensor {
    if q.dtype != k.dtype || q.dtype != v.dtype {
      throw TorchError.runtime(
        "Expected query, key, and value to have the same dtype, but got query.dtype: \(q.dtype.spelledNativeName) key.dtype: \(k.dtype.spelledNativeName) and value.dtype: \(v.dtype.spelledNativeName) instead.")
    }
    if q.dim < 2 || k.dim < 2 || v.dim < 2 {
      throw TorchError.runtime(
        "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: \(q.dim), key.dim: \(k.dim) and value.dim: \(v.dim) instead.")
    }
    if let mask, mask.dtype != .bool && mask.dtype != q.dtype && mask.dtype != .float32 {
      throw TorchError.runtime(
        "Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: \(mask.dtype.spelledNativeName) and  query.dtype: \(q.dtype.spelledNativeName) instead.")
    }
    if mask != nil && causal {
      throw TorchError.runtime("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True")
    }
    return try widened([q, k, v]) { x in
      let (rows, columns) = (x[0].sizes[q.dim - 2], x[1].sizes[k.dim - 2])
      var (keys, values) = (x[1], x[2])
      if grouped && q.dim >= 3 && k.dim >= 3 {
        (keys, values) = (try keys.repeatedHeads(q.sizes[q.dim - 3]), try values.repeatedHeads(q.sizes[q.dim - 3]))
      }
      let scale = try scale ?? 1 / Double(q.size(q.dim - 1)).squareRoot()
      var hidden: Tensor?
      if causal {
        hidden = try Tensor.arange(columns).gt(Tensor.arange(rows).unsqueeze(1))
      } else if let mask, mask.dtype == .bool {
        hidden = try mask.logicalNot()
      }
      let added = try hidden.map { try .choose($0, .scalar(.double(-.infinity), dtype: .float32), .zeros(Dims(), dtype: .float32)) } ?? mask
      if let fused = try FusedAttention(x[0], keys, values, mask: added, dropout: p, scale: scale) { return try fused.run() }
      var weights = try attentionWeights((x[0] * scale).matmul(keys.transpose(-2, -1)), hidden: hidden, mask: hidden == nil ? mask : nil)
      if p > 0 { weights = try dropout(weights, p, training: true) }
      return try weights.matmul(values)
    }
  }

  /// The softmax of scores, those that are hidden taken to -inf and the mask added. A row without anything to attend to gives zeros.
  static func attentionWeights(_ scores: Tensor, hidden: Tensor?, mask: Tensor?) throws -> Tensor {
    var scores = scores
    if let hidden { scores = try .choose(hidden, .scalar(.double(-.infinity), dtype: scores.dtype), scores) }
    if let mask { scores = try scores + mask.to(scores.dtype) }
    let weights = try softmax(scores, scores.dim - 1)
    if hidden == nil && mask == nil { return weights }
    let empty = try scores.detached().eq(.wrapped(.double(-.infinity))).all(dims: [-1], keepdim: true)
    return try empty.any().item() == .boolean(true) ? .choose(empty, .zeros(Dims(), dtype: weights.dtype), weights) : weights
  }
}

extension Tensor {
  /// Heads repeated so that there are `count` of them.
  fileprivate func repeatedHeads(_ count: Int) throws -> Tensor {
    let own = sizes[dim - 3]
    if own == count || own == 0 { return self }
    if count % own != 0 {
      throw TorchError.runtime("Number of heads in key and value must divide the number of heads in query")
    }
    var shape = Array(sizes)
    shape.insert(count / own, at: dim - 2)
    let wide = try unsqueeze(dim - 2).expand(shape)
    shape.remove(at: dim - 2)
    shape[dim - 3] = count
    return try wide.reshape(shape)
  }
}

/// Attention, in `torch.nn.functional`.
public let attentionFunctions = OperationFamily("torch.nn.functional") { ops in
  ops.define(
    "scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0.0, bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor",
    doc: "softmax(query . key^T . scale + mask) . value. Mirrors F.scaled_dot_product_attention.", variants: [.function]
  ) { (q: Tensor, k: Tensor, v: Tensor, m: Tensor?, p: Double, c: Bool, s: Double?, g: Bool) in
    try Functional.attention(q, k, v, mask: m, dropout: p, causal: c, scale: s, grouped: g)
  }
  ops.define(
    "multi_head_attention_forward(Tensor query, Tensor key, Tensor value, int embed_dim_to_check, int num_heads, Tensor? in_proj_weight, Tensor? in_proj_bias, Tensor? bias_k, Tensor? bias_v, bool add_zero_attn, float dropout_p, Tensor out_proj_weight, Tensor? out_proj_bias, bool training=True, Tensor? key_padding_mask=None, bool need_weights=True, Tensor? attn_mask=None, bool use_separate_proj_weight=False, Tensor? q_proj_weight=None, Tensor? k_proj_weight=None, Tensor? v_proj_weight=None, Tensor? static_k=None, Tensor? static_v=None, bool average_attn_weights=True, bool is_causal=False) -> (Tensor, Tensor)",
    doc: "Attention of several heads between projections, and the heads' weights. Mirrors F.multi_head_attention_forward.", variants: [.function]
  ) {
    (q: Tensor, k: Tensor, v: Tensor, width: Int, heads: Int, w: Tensor?, b: Tensor?, bk: Tensor?, bv: Tensor?, zero: Bool, p: Double, ow: Tensor,
      ob: Tensor?, training: Bool, padding: Tensor?, weights: Bool, mask: Tensor?, separate: Bool, qw: Tensor?, kw: Tensor?, vw: Tensor?, sk: Tensor?,
      sv: Tensor?, average: Bool, causal: Bool) -> Value in
    let heads = HeadedAttention(
      width: width, heads: heads, inWeight: w, inBias: b, biasK: bk, biasV: bv, addsZero: zero, dropout: training ? p : 0, outWeight: ow, outBias: ob,
      separate: separate ? [qw, kw, vw] : nil)
    let (y, a) = try heads.run(
      q, k, v, keyPadding: padding, needsWeights: weights, mask: mask, staticK: sk, staticV: sv, averages: average, causal: causal)
    return .tuple([.object(y), a.map { .object($0) } ?? Value.none])
  }
}
