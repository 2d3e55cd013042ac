import Interface
import TensorCore
import Torch

/// Attention of several heads between projections. Mirrors `F.multi_head_attention_forward`.
struct HeadedAttention {
  let width: Int, heads: Int
  let inWeight: Tensor?, inBias: Tensor?, biasK: Tensor?, biasV: Tensor?
  let addsZero: Bool
  let dropout: Double
  let outWeight: Tensor, outBias: Tensor?
  /// Weights of query, key and value where they are apart.
  let separate: [Tensor?]?

  private func fail(_ sentence: String) -> TorchError { TorchError(.assertionError, sentence) }
  private func size(_ t: Tensor) -> String { "torch.Size(\(t.sizes.text))" }

  /// A mask to be added: −inf where a bool mask is true.
  static func additive(_ mask: Tensor?, _ name: String, _ dtype: DType) throws -> Tensor? {
    guard let mask else { return nil }
    if mask.dtype.isFloatingPoint { return mask }
    if mask.dtype != .bool { throw TorchError(.assertionError, "only bool and floating types of \(name) are supported") }
    return try .choose(mask, .scalar(.double(-.infinity), dtype: dtype), .zeros(Dims(), dtype: dtype))
  }

  private func checkShapes(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ padding: Tensor?, _ mask: Tensor?) throws -> Bool {
    if q.dim != 2 && q.dim != 3 {
      throw fail("query should be unbatched 2D or batched 3D tensor but received \(q.dim)-D query tensor")
    }
    let word = q.dim == 3 ? "batched (3-D)" : "unbatched (2-D)"
    if k.dim != q.dim || v.dim != q.dim {
      throw fail("For \(word) `query`, expected `key` and `value` to be \(q.dim)-D but found \(k.dim)-D and \(v.dim)-D tensors respectively")
    }
    if let padding, padding.dim != q.dim - 1 {
      throw fail("For \(word) `query`, expected `key_padding_mask` to be `None` or \(q.dim - 1)-D but found \(padding.dim)-D tensor instead")
    }
    if let mask {
      if mask.dim != 2 && mask.dim != 3 {
        throw fail("For \(word) `query`, expected `attn_mask` to be `None`, 2-D or 3-D but found \(mask.dim)-D tensor instead")
      }
      if q.dim == 2 && mask.dim == 3 && Array(mask.sizes) != [heads, q.sizes[0], k.sizes[0]] {
        throw fail("Expected `attn_mask` shape to be (\(heads), \(q.sizes[0]), \(k.sizes[0])) but got \(size(mask))")
      }
    }
    return q.dim == 3
  }

  private func project(_ q: Tensor, _ k: Tensor, _ v: Tensor) throws -> [Tensor] {
    let inputs = [q, k, v]
    if let separate {
      for (i, name) in ["q", "k", "v"].enumerated() where separate[i] == nil {
        throw fail("use_separate_proj_weight is True but \(name)_proj_weight is None")
      }
      let biases = try inBias?.split([width, width, width], 0)
      let words = ["query", "key", "value"]
      return try inputs.enumerated().map { i, x in
        guard let w = separate[i] else { return x }
        if Array(w.sizes) != [width, x.sizes[x.dim - 1]] {
          throw fail("expecting \(words[i]) weights shape of (\(width), \(x.sizes[x.dim - 1])), but got \(size(w))")
        }
        return try x.linear(w, biases?[i])
      }
    }
    guard let inWeight else { throw fail("use_separate_proj_weight is False but in_proj_weight is None") }
    if q === k && k === v {
      let all = try q.linear(inWeight, inBias)
      return try all.split([width, width, width], all.dim - 1)
    }
    let weights = try inWeight.split([width, width, width], 0)
    let biases = try inBias?.split([width, width, width], 0)
    return try inputs.enumerated().map { try $1.linear(weights[$0], biases?[$0]) }
  }

  /// A mask with one more column, which hides nothing.
  private func widen(_ mask: Tensor?) throws -> Tensor? {
    try mask.map { try .cat([$0, .zeros(Dims(Array($0.sizes.dropLast()) + [1]), dtype: $0.dtype)], $0.dim - 1) }
  }

  /// The output [L, N, E] (or [L, E]) and, where wanted, the heads' weights.
  /// - Throws: PyTorch's sentences for shapes that do not fit.
  func run(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, keyPadding: Tensor?, needsWeights: Bool, mask: Tensor?, staticK: Tensor? = nil,
    staticV: Tensor? = nil, averages: Bool, causal: Bool
  ) throws -> (Tensor, Tensor?) {
    let batched = try checkShapes(query, key, value, keyPadding, mask)
    var (q, k, v) = (query, key, value)
    if !batched {
      // One tensor that serves as all three stays one.
      q = try query.unsqueeze(1)
      k = key === query ? q : try key.unsqueeze(1)
      v = value === key ? k : try value.unsqueeze(1)
    }
    var padding = try HeadedAttention.additive(batched ? keyPadding : keyPadding?.unsqueeze(0), "key_padding_mask", q.dtype)
    let (steps, batch, given) = (q.sizes[0], q.sizes[1], q.sizes[2])
    var length = k.sizes[0]
    var causal = causal
    var bias: Tensor?
    if causal && mask == nil {
      throw TorchError.runtime(
        "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method `generate_square_subsequent_mask` to create this mask.")
    }
    if !(causal && padding == nil && !needsWeights) {
      bias = try HeadedAttention.additive(mask, "attn_mask", q.dtype)
      if padding != nil { causal = false }
    }
    if given != width { throw fail("was expecting embedding dimension of \(width), but got \(given)") }
    let head = given / heads
    if head * heads != given { throw fail("embed_dim \(given) not divisible by num_heads \(heads)") }
    if separate == nil {
      if k.sizes != v.sizes { throw fail("key shape \(size(k)) does not match value shape \(size(v))") }
    } else if Dims(k.sizes.prefix(2)) != Dims(v.sizes.prefix(2)) {
      throw fail("key's sequence and batch dims \(Dims(k.sizes.prefix(2)).text) do not match value's \(Dims(v.sizes.prefix(2)).text)")
    }
    let projected = try project(q, k, v)
    (q, k, v) = (projected[0], projected[1], projected[2])
    if let mask = bias {
      let expected = mask.dim == 2 ? [steps, length] : [batch * heads, steps, length]
      if Array(mask.sizes) != expected {
        throw TorchError.runtime(
          "The shape of the \(mask.dim)D attn_mask is \(size(mask)), but should be (\(expected.map(String.init).joined(separator: ", "))).")
      }
      if mask.dim == 2 { bias = try mask.unsqueeze(0) }
    }
    if let biasK, let biasV {
      if staticK != nil { throw fail("bias cannot be added to static key.") }
      if staticV != nil { throw fail("bias cannot be added to static value.") }
      k = try .cat([k, biasK.tiled([1, batch, 1])], 0)
      v = try .cat([v, biasV.tiled([1, batch, 1])], 0)
      (bias, padding) = (try widen(bias), try widen(padding))
    } else if biasK != nil || biasV != nil {
      throw fail(biasK != nil ? "bias_k is set but bias_v is None" : "bias_v is set but bias_k is None")
    }
    func split(_ x: Tensor) throws -> Tensor { try x.contiguous().view([x.sizes[0], batch * heads, head]).transpose(0, 1) }
    q = try split(q)
    k = try staticK ?? split(k)
    v = try staticV ?? split(v)
    for (name, fixed) in [("static_k", staticK), ("static_v", staticV)] {
      guard let fixed else { continue }
      if fixed.sizes[0] != batch * heads { throw fail("expecting \(name).size(0) of \(batch * heads), but got \(fixed.sizes[0])") }
      if fixed.sizes[2] != head { throw fail("expecting \(name).size(2) of \(head), but got \(fixed.sizes[2])") }
    }
    if addsZero {
      let zero = try Tensor.zeros([batch * heads, 1, head], dtype: k.dtype)
      (k, v) = (try .cat([k, zero], 1), try .cat([v, zero], 1))
      (bias, padding) = (try widen(bias), try widen(padding))
    }
    length = k.sizes[1]
    if let hidden = padding {
      if Array(hidden.sizes) != [batch, length] {
        throw fail(
          hidden.sizes[0] != batch
            ? "Expected key_padded_mask.shape[0] to be \(batch), but got \(hidden.sizes[0])"
            : "Expected key_padded_mask.shape[1] to be \(length), but got \(hidden.sizes[1])")
      }
      let wide = try hidden.reshape([batch, 1, 1, length]).expand([-1, heads, -1, -1]).reshape([batch * heads, 1, length])
      bias = try bias.map { try $0 + wide } ?? wide
    }
    func joined(_ x: Tensor) throws -> Tensor {
      let flat = try x.reshape([steps * batch, width]).linear(outWeight, outBias)
      let y = try flat.view([steps, batch, flat.sizes[1]])
      return batched ? y : try y.squeeze([1])
    }
    if !needsWeights {
      if let own = bias { bias = try own.sizes[0] == 1 ? own.unsqueeze(0) : own.reshape([batch, heads, -1, length]) }
      func four(_ x: Tensor) throws -> Tensor { try x.reshape([batch, heads, x.sizes[1], head]) }
      let y = try Functional.attention(four(q), four(k), four(v), mask: bias, dropout: dropout, causal: causal)
      return (try joined(y.permute([2, 0, 1, 3])), nil)
    }
    var scores = try (q * (1 / Double(head)).squareRoot()).bmm(k.transpose(-2, -1))
    if let bias { scores = try bias + scores }
    var weights = try Functional.softmax(scores, 2)
    if dropout > 0 { weights = try Functional.dropout(weights, dropout, training: true) }
    let y = try joined(weights.bmm(v).transpose(0, 1))
    weights = try weights.view([batch, heads, steps, length])
    if averages { weights = try weights.mean(dims: [1]) }
    return (y, batched ? weights : try weights.squeeze([0]))
  }
}
