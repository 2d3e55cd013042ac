-- Attention by the kernel gives what the composition gives in float64, values and gradients, whatever the shapes, masks and layouts.
local F = require "torch.nn.functional"
local attend = F.scaled_dot_product_attention

local function close(a, b, what, most)
  local apart = (a:double() - b:double()):abs():max():item()
  assert(apart <= (most or 2e-6), ("%s: %g apart"):format(what, apart))
end

-- Numbers of no pattern, [batch, length, heads, width] seen as [batch, heads, length, width].
local function heads(step, ...) return torch.arange(select(1, ...) * select(2, ...) * select(3, ...) * select(4, ...)):mul(step):remainder(23):sub(11):float():div(7):view(...):transpose(1, 2) end

-- By PyTorch:
-- heads = lambda step, *shape: (torch.arange(math.prod(shape)).mul(step).remainder(23).sub(11).float() / 7).view(*shape)
-- q, k, v = (heads(s, 2, n, 2, 4).transpose(1, 2).requires_grad_() for s, n in ((5, 3), (7, 5), (11, 5)))
-- y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask); y.backward(heads(3, 2, 2, 3, 4))
local q, k, v = heads(5, 2, 3, 2, 4):requires_grad_(), heads(7, 2, 5, 2, 4):requires_grad_(), heads(11, 2, 5, 2, 4):requires_grad_()
local mask = torch.tensor({{1, 1, 1, 0, 1}, {1, 1, 0, 0, 0}}):bool():view(2, 1, 1, 5)
local y = attend(q, k, v, {attn_mask = mask})
assert(tostring(y.grad_fn):find("ScaledDotProductFlashAttentionForCpuBackward0", 1, true))
for i, step in ipairs {24, 4, 8, 1} do assert(y:stride(i - 1) == step, "the result lies as the query does") end
y:backward(heads(3, 2, 2, 3, 4):transpose(1, 2))
close(y[1][1][2], torch.tensor {-1.214768, 0.09784598, -1.357625, -0.04501117}, "y")
close(y[0][0][0], torch.tensor {-1.041451, -0.01569874, 1.141179, -0.1585559}, "y")
close(q.grad[0][1][2], torch.tensor {-0.05206794, 0.08867484, 0.07812259, -0.05206794}, "the query's gradient")
close(k.grad[0][1][4], torch.tensor {0.1836219, -0.08576962, -0.18856, 0.04119782}, "the key's gradient")
close(v.grad[1][0][1], torch.tensor {-0.9711972, -0.09099758, 0.7892021, -0.7194018}, "the value's gradient")
assert(k.grad[1][0][3]:abs():max():item() == 0, "a hidden key has no gradient")

-- Several blocks of rows, widths of no whole vector, one of each, values wider than keys, masks of every kind.
torch.manual_seed(7)
for _, s in ipairs {{2, 3, 37, 130, 20, 20}, {1, 2, 130, 130, 32, 32}, {2, 1, 1, 1, 1, 1}, {1, 1, 5, 300, 64, 17}, {2, 2, 61, 16, 16, 48}} do
  local b, h, n, m, d, e = table.unpack(s)
  local q, k, v = torch.randn(b, n, h, d):transpose(1, 2), torch.randn(b, h, m, d), torch.randn(b, h, e, m):transpose(2, 3)
  local masks = {
    none = false, row = torch.randn(m), queries = torch.randn(n, m), heads = torch.randn(b, h, n, m), column = torch.randn(b, 1, n, 1),
    bool = torch.rand(b, 1, 1, m):gt(0.3):logical_or(torch.arange(m):eq(0)), filled = torch.arange(m):lt(m // 2 + 1):view(1, 1, 1, m),
  }
  for name, mask in pairs(masks) do
    for _, scale in ipairs {false, 0.3} do
      local what = ("%s, mask %s, scale %s"):format(table.concat(s, " "), name, scale)
      local function run(dtype)
        local a, b, c = q:detach():to(dtype):requires_grad_(), k:detach():to(dtype):requires_grad_(), v:detach():to(dtype):requires_grad_()
        local given = mask and (mask.dtype == torch.bool and mask or mask:to(dtype)) or nil
        local y = attend(a, b, c, {attn_mask = given, scale = scale or nil, is_causal = false})
        local g = torch.arange(y:numel()):mul(7):remainder(11):sub(5):to(dtype):div(5):view(y.shape)
        local first = torch.autograd.grad(y, {a, b, c}, {grad_outputs = g, create_graph = true})
        local second = torch.autograd.grad((first[1] * first[1]):sum() + (first[2] * first[3]:sum()):sum(), {a, b, c}, {retain_graph = true})
        y:backward(g)
        local _ <close> = torch.no_grad()
        return {y, attend(a, b, c, {attn_mask = given, scale = scale or nil, is_causal = false}), a.grad, b.grad, c.grad, first[1], second[1], second[2], second[3]}
      end
      local one, two = run(torch.float32), run(torch.float64)
      for i = 1, #one do close(one[i], two[i], what .. ", result " .. i, 3e-5 * math.max(1, two[i]:abs():max():item())) end
      assert(torch.equal(one[1], one[2]) or name == "filled" or name == "bool", what .. ": recorded or not, the bits are the same")
    end
  end
  close(attend(q, k, v, {is_causal = true}), attend(q:double(), k:double(), v:double(), {is_causal = true}), "causal")
end

-- Hidden keys at the end cost nothing and change nothing, but what is not a number shows.
local q, k, v = torch.randn(2, 2, 9, 16), torch.randn(2, 2, 20, 16), torch.randn(2, 2, 20, 16)
local filled = torch.arange(20):lt(13)
local y = attend(q, k, v, {attn_mask = filled})
close(y, attend(q, k[{":", ":", "0:13"}], v[{":", ":", "0:13"}]), "hidden keys", 1e-6)
v[{1, 1, 17, 3}] = 0 / 0
local y = attend(q, k, v, {attn_mask = filled})
assert(y[1][1]:isnan():any():item() and not y[0]:isnan():any():item())
-- A row that sees nothing gives zeros; one whose scores are no numbers does not.
assert(attend(q, k, k, {attn_mask = torch.zeros(20):bool()}):abs():max():item() == 0)
assert(attend(q * (0 / 0), k, k, {attn_mask = torch.zeros(20):bool()}):isnan():all():item())
assert(attend(q * (0 / 0), k, k, {attn_mask = torch.zeros(20)}):isnan():all():item())
-- The least float hides as well, but not all of a row.
local least = torch.full({20}, -3.4028234663852886e38)
close(attend(q, k, k, {attn_mask = least}), k:mean(2, {keepdim = true}):expand(2, 2, 9, 16), "nothing but the least float", 1e-5)

-- Dropout drops what F.dropout of the weights drops, forwards and backwards.
local q, k, v = torch.randn(2, 3, 7, 8, {requires_grad = true}), torch.randn(2, 3, 50, 8, {requires_grad = true}), torch.randn(2, 3, 50, 8, {requires_grad = true})
torch.manual_seed(3)
local y = attend(q, k, v, {dropout_p = 0.25})
local own = torch.autograd.grad((y * y):sum(), {q, k, v})
torch.manual_seed(3)
local z = torch.matmul(F.dropout(F.softmax(torch.matmul(q * (8 ^ -0.5), k:transpose(2, 3)), -1), {p = 0.25}), v)
local theirs = torch.autograd.grad((z * z):sum(), {q, k, v})
close(y, z, "dropout")
for i = 1, 3 do close(own[i], theirs[i], "a gradient with dropout", 1e-5) end
assert(y:is_contiguous())

-- what is dropped is dropped where padding is skipped too, which happens outside autograd
local padded = torch.zeros(2, 1, 1, 40)
padded[{1, ":", ":", "30:"}] = -math.huge
local states = torch.randn(2, 3, 40, 16)
local function dropped(grad)
  torch.manual_seed(3)
  local x = states:clone():requires_grad_(grad)
  return torch.nn.functional.scaled_dot_product_attention(x, x, x, {attn_mask = padded, dropout_p = 0.3}):detach()
end
assert((dropped(true) - dropped(false)):abs():max():item() < 1e-6)
