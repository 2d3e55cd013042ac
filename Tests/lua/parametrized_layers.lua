-- Layers that read parametrized weights: recurrent ones train them, unlike PyTorch's (issue 65688 there); orthogonal, weight_norm, spectral_norm.
local nn = torch.nn
local copy = require "copy"
local P, Q = nn.utils.parametrize, nn.utils.parametrizations
local function fails(text, f, ...)
  local ok, problem = pcall(f, ...)
  assert(not ok and tostring(problem):find(text, 1, true), ("expected: %s\ngot: %s"):format(text, problem))
end
local function near(a, b, tolerance) return torch.allclose(a, torch.is_tensor(b) and b or torch.tensor(b), { atol = tolerance or 1e-5 }) end

-- One step of training changes the original, and the next output; the same by hand on a plain layer with the same weights.
local Double = torch.class("Double", nn.Module)
function Double:forward(X) return X * 2 end
for _, kind in ipairs { "LSTM", "GRU", "RNN" } do
  torch.manual_seed(0)
  local plain = nn[kind](3, 4, 2)
  local layer = copy.deepcopy(plain)
  for _, name in ipairs { "weight_hh_l0", "weight_ih_l1", "bias_ih_l0" } do
    P.register_parametrization(layer, name, Double())
    local weight = plain[name]
    weight.data:mul_(2)
  end
  assert(tostring(layer):find("^Parametrized" .. kind))
  local x = torch.randn(5, 2, 3)
  local y, expected = layer(x), plain(x)
  assert(torch.equal(y, expected), kind)
  y:sum():backward()
  expected:sum():backward()
  for _, name in ipairs { "weight_hh_l0", "weight_ih_l1", "bias_ih_l0" } do
    local original = layer.parametrizations[name].original
    assert(near(original.grad, plain[name].grad * 2), kind .. name)
    assert(original.grad:abs():sum():item() > 0)
  end
  local before = layer.parametrizations.weight_hh_l0.original:clone()
  torch.optim.SGD(layer:parameters(), { lr = 0.1 }):step()
  local after = layer.parametrizations.weight_hh_l0.original
  assert(not torch.equal(before, after) and torch.equal(layer.weight_hh_l0, after * 2))
  assert(not torch.equal(layer(x), y))
  -- Without gradients, and from a cache, the layer gives the same.
  local trained = layer(x)
  torch.no_grad(function() assert(near(layer(x), trained)) end)
  P.cached(function() assert(torch.equal(layer(x), trained) and torch.equal(layer(x), trained)) end)
  -- A copy goes its own way.
  local other = copy.deepcopy(layer)
  assert(torch.equal(other(x), trained))
  other.parametrizations.weight_hh_l0.original.data:zero_()
  assert(torch.equal(layer(x), trained) and not torch.equal(other(x), trained))
  P.remove_parametrizations(layer, "weight_hh_l0")
  assert(near(layer(x), trained))
end

-- An orthogonal recurrent kernel stays orthogonal while it learns.
torch.manual_seed(1)
local rnn = nn.RNN(3, 4)
Q.orthogonal(rnn, "weight_hh_l0")
local optimizer = torch.optim.SGD(rnn:parameters(), { lr = 0.5 })
local start = rnn.weight_hh_l0:detach()
for _ = 1, 5 do
  optimizer:zero_grad()
  rnn(torch.randn(6, 2, 3)):pow(2):sum():backward()
  optimizer:step()
end
local W = rnn.weight_hh_l0
assert(near(W.T:matmul(W), torch.eye(4)) and not near(W, start, 1e-2))

-- Conv2d, Embedding, BatchNorm1d and MultiheadAttention read theirs, too.
for name, case in pairs {
  Conv2d = { nn.Conv2d(1, 2, 2), torch.randn(1, 1, 3, 3) }, Embedding = { nn.Embedding(3, 2), torch.tensor { 0, 2 } },
  BatchNorm1d = { nn.BatchNorm1d(2), torch.randn(4, 2) }, LayerNorm = { nn.LayerNorm(2), torch.randn(4, 2) },
  LSTMCell = { nn.LSTMCell(2, 2), torch.randn(4, 2), "weight_ih" },
} do
  local m, tensor = case[1], case[3] or "weight"
  P.register_parametrization(m, tensor, Double())
  m(case[2]):pow(2):sum():backward()
  assert(m.parametrizations[tensor].original.grad, name)
end
local attention = nn.MultiheadAttention(4, 2)
P.register_parametrization(attention, "in_proj_weight", Double())
local x = torch.randn(3, 1, 4)
attention(x, x, x):pow(2):sum():backward()
assert(attention.parametrizations.in_proj_weight.original.grad)

-- orthogonal. PyTorch: torch.manual_seed(1); l = nn.Linear(k, n); Q.orthogonal(l, "weight", map, use_trivialization=t); l.weight
for _, case in ipairs {
  { "matrix_exp", 3, 3 }, { "cayley", 3, 3 }, { "householder", 3, 3 }, { "matrix_exp", 4, 2 }, { "cayley", 2, 4 }, { "householder", 4, 2 },
} do
  for _, trivializes in ipairs { true, false } do
    local l = nn.Linear(case[3], case[2])
    Q.orthogonal(l, "weight", case[1], { use_trivialization = trivializes })
    local w = l.weight
    local product = case[2] < case[3] and w:matmul(w.T) or w.T:matmul(w)
    assert(near(product, torch.eye(math.min(case[2], case[3]))), case[1])
    if trivializes then
      local X = torch.empty(case[2], case[3])
      nn.init.orthogonal_(X)
      l.weight = X
      assert(near(l.weight, X), case[1])
      assert(l.parametrizations.weight[0].base.shape[0] == math.max(case[2], case[3]))
    end
    assert(tostring(l.parametrizations.weight[0]) == "_Orthogonal()")
  end
end
for _, case in ipairs {
  { "matrix_exp", 3, 3, true, { { 0.709023, 0.691775, -0.136871 }, { 0.64587, -0.559121, 0.519842 }, { -0.283086, 0.45698, 0.843227 } } },
  { "matrix_exp", 2, 4, true, { { 0.608004, -0.520821, -0.228754, 0.553849 }, { -0.542327, 0.278772, -0.29918, 0.733934 } } },
  { "matrix_exp", 3, 3, false, { { 0.956859, -0.246015, 0.154589 }, { 0.2804, 0.921295, -0.269426 }, { -0.0761395, 0.30115, 0.950532 } } },
  { "cayley", 3, 3, true, { { 0.709023, 0.691775, -0.136871 }, { 0.64587, -0.559121, 0.519842 }, { -0.283086, 0.45698, 0.843227 } } },
  { "cayley", 2, 4, true, { { 0.608004, -0.520821, -0.228754, 0.553849 }, { -0.542327, 0.278772, -0.29918, 0.733934 } } },
  { "cayley", 3, 3, false, { { 0.958051, -0.242988, 0.15197 }, { 0.276422, 0.923471, -0.266068 }, { -0.0756885, 0.296915, 0.9519 } } },
  { "householder", 3, 3, true, { { 0.709023, 0.691775, -0.136871 }, { 0.64587, -0.559121, 0.519842 }, { -0.283086, 0.45698, 0.843227 } } },
  { "householder", 2, 4, true, { { 0.608004, -0.520821, -0.228754, 0.553849 }, { -0.542327, 0.278772, -0.29918, 0.733934 } } },
  { "householder", 3, 3, false, { { 0.709023, 0.691775, -0.136871 }, { 0.645871, -0.559121, 0.519842 }, { -0.283086, 0.45698, 0.843227 } } },
} do
  torch.manual_seed(1)
  local l = nn.Linear(case[3], case[2])
  Q.orthogonal(l, "weight", case[1], { use_trivialization = case[4] })
  assert(near(l.weight, case[5]), case[1])
end
-- PyTorch: torch.manual_seed(3); l = Q.spectral_norm(nn.Linear(3, 2)); l.weight; l.weight
torch.manual_seed(3)
local sn = Q.spectral_norm(nn.Linear(3, 2))
assert(near(sn.weight, { { -0.563901, -0.448665, -0.243604 }, { -0.538089, -0.0322887, -0.500368 } }))
assert(near(sn.weight, { { -0.563901, -0.448665, -0.243604 }, { -0.538089, -0.0322887, -0.500368 } }))
torch.manual_seed(4)
assert(near(nn.init.orthogonal_(torch.empty(3, 3), 2.0), { { -1.39086, 0.0510912, 1.43628 }, { 0.734121, 1.74356, 0.648884 }, { -1.23555, 0.978455, -1.23128 } }))
torch.manual_seed(4)
assert(near(nn.init.orthogonal_(torch.empty(2, 5), 2.0), { { -1.02518, 0.148473, 1.43046, 0.541111, 0.766773 }, { 0.287502, -1.85626, 0.0189955, 0.635354, 0.260022 } }))
torch.manual_seed(4)
assert(near(nn.init.orthogonal_(torch.empty(4, 2, 3), 2.0), { { { -1.16159, 1.55869, -0.226749 }, { 0.185705, 0.132645, -0.343058 } }, { { -1.10814, -0.886318, -0.384934 }, { 0.192835, 1.22136, 0.556221 } }, { { 0.0605373, 0.0850455, 1.26256 }, { -0.90555, 1.00179, -0.755929 } }, { { -1.09698, -0.595634, 1.09037 }, { 0.198574, -1.10116, -0.0308955 } } }))
fails("ValueError: Module 'Linear(in_features=2, out_features=2, bias=True)' has no parameter or buffer with name 'foo'", Q.orthogonal, nn.Linear(2, 2), "foo")
fails("ValueError: Expected a matrix or batch of matrices. Got a tensor of 1 dimensions.", Q.orthogonal, nn.Linear(2, 2), "bias")
fails('ValueError: orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: x', Q.orthogonal, nn.Linear(2, 2), "weight", "x")
fails("ValueError: Expected a matrix or batch of matrices of shape torch.Size([2, 2]). Got a tensor of shape torch.Size([3, 3]).", function()
  Q.orthogonal(nn.Linear(2, 2)).weight = torch.ones(3, 3)
end)
fails("NotImplementedError: It is not possible to assign to the matrix exponential or the Cayley parametrizations when use_trivialization=False.", function()
  Q.orthogonal(nn.Linear(2, 2), { use_trivialization = false }).weight = torch.eye(2)
end)

-- weight_norm
local l = Q.weight_norm(nn.Linear(3, 2))
assert(l.parametrizations.weight.original0.shape[0] == 2 and l.parametrizations.weight.original0.shape[1] == 1)
assert(near(l.weight, l.parametrizations.weight.original1))
l.parametrizations.weight.original0.data:fill_(2)
assert(near(l.weight:norm(2, 1), { 2.0, 2.0 }))
assert(tostring(l.weight.grad_fn):find("WeightNormInterfaceBackward0"))
local old = { bias = torch.zeros(2), weight_g = torch.ones(2, 1), weight_v = torch.ones(2, 3) }
assert(tostring(l:load_state_dict(old)) == "<All keys matched successfully>")
assert(near(l.weight, torch.full({ 2, 3 }, 3 ^ -0.5)))
fails("does not have a parameter, a buffer, or a parametrized element with name 'x'", Q.weight_norm, nn.Linear(2, 2), "x")

-- spectral_norm: iterates while it trains, holds still in evaluation.
local s = Q.spectral_norm(nn.Linear(8, 6))
for _ = 1, 50 do local _ = s.weight end
assert(near(torch.linalg.matrix_norm(s.weight, 2), 1.0, 1e-3))
s:eval()
local u = s.parametrizations.weight[0]._u:clone()
assert(torch.equal(s.weight, s.weight) and torch.equal(u, s.parametrizations.weight[0]._u))
fails("IndexError: Dimension out of range (expected to be in range of [-2, 1] but got 3)", Q.spectral_norm, nn.Linear(2, 2), { dim = 3 })
fails("ValueError: Expected n_power_iterations to be positive, but got n_power_iterations=0", Q.spectral_norm, nn.Linear(2, 2), { n_power_iterations = 0 })
