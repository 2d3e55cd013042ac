--- Scaled dot products of queries and keys, and what they pick of the values: one kernel, or step by step where the weights are to be seen.
local torch = require "torch"
local F = require "torch.nn.functional"

-- The weights are the softmax of the scores, dropped out.
local function eager(query, key, value, mask, dropout)
  local scores = torch.matmul(query, key:transpose(2, 3)) * (query:size(-1) ^ -0.5)
  if mask then
    if mask.dtype == torch.bool then mask = torch.zeros_like(mask, {dtype = scores.dtype}):masked_fill(mask:logical_not(), torch.finfo(scores.dtype).min) end
    scores = scores + mask
  end
  local weights = dropout(F.softmax(scores, -1))
  return torch.matmul(weights, value), weights
end

--- What each token picks, of the shape (batch, heads, length, size of a head), and with `wants_weights` how much of each. `layer` has the
--- dropout of the weights. `mask` is true where a token may look, or is added to the scores.
return function(layer, query, key, value, mask, wants_weights)
  if wants_weights then return eager(query, key, value, mask, layer.dropout) end
  return F.scaled_dot_product_attention(query, key, value, {attn_mask = mask, dropout_p = layer.training and layer.dropout.p or 0.0})
end
