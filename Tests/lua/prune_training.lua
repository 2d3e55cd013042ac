-- Training pruned layers: recurrent ones, copies, frozen optimizers, biases that go with their channels.
local nn = torch.nn
local prune = require "torch.nn.utils.prune"
local copy = require "copy"

local function near(a, b) assert(math.abs(a - b) <= 1e-4 * math.max(1, math.abs(b)), ("%.9g is not %.9g"):format(a, b)) end

-- A pruned recurrent weight takes part and gets its gradient. From PyTorch, with the masked weight put in by hand (its own
-- pruned recurrent layers go on with the old one): out.sum(), (weight.grad * mask).sum(), its .abs().sum()
--   torch.manual_seed(0); m = cls(3, 4); x = torch.randn(5, 2, 3); mask[::2] = 0; weight_ih_l0.mul_(mask); (out ** 2).sum().backward()
local wanted = {
  RNN = {-14.763492584228516, -12.228401184082031, 21.231523513793945},
  GRU = {-0.2047271728515625, -8.010152816772461, 11.5946044921875},
  LSTM = {1.9402936697006226, -1.8116281032562256, 2.401608467102051},
}
for name, values in pairs(wanted) do
  torch.manual_seed(0)
  local m = nn[name](3, 4)
  local x = torch.randn(5, 2, 3)
  local mask = torch.ones(m.weight_ih_l0.shape)
  mask["::2"] = 0
  prune.custom_from_mask(m, "weight_ih_l0", mask)
  local out = m(x)
  out:pow(2):sum():backward()
  local grad = m.weight_ih_l0_orig.grad
  near(out:sum():item(), values[1])
  near(grad:sum():item(), values[2])
  near(grad:abs():sum():item(), values[3])
  -- A step changes what is left, and the next pass computes with it.
  local before = m.weight_ih_l0_orig:detach():clone()
  local optimizer = torch.optim.SGD(m:parameters(), {lr = 0.1})
  optimizer:step()
  local again = m(x)
  assert(torch.equal(m.weight_ih_l0, m.weight_ih_l0_orig * mask) and not torch.equal(again, out))
  assert(torch.equal(m.weight_ih_l0["::2"], torch.zeros_like(m.weight_ih_l0["::2"])))
  assert(torch.equal(m.weight_ih_l0_orig["::2"], before["::2"]) and not torch.equal(m.weight_ih_l0_orig["1::2"], before["1::2"]))
end

-- A copy made right after a forward pass trains alone.
torch.manual_seed(0)
local m = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2))
prune.l1_unstructured(m[0], "weight", 0.5)
local x = torch.randn(3, 4)
m(x)
local c = copy.deepcopy(m)
local kept = m[0].weight_orig:detach():clone()
local optimizer = torch.optim.SGD(c:parameters(), {lr = 0.1})
c(x):sum():backward()
optimizer:step()
c(x)
assert(torch.equal(m[0].weight_orig, kept) and m[0].weight_orig.grad == nil and not torch.equal(c[0].weight_orig, kept))
assert(torch.equal(c[0].weight, c[0].weight_orig * c[0].weight_mask) and c[0].weight_mask ~= m[0].weight_mask)

-- Momentum and weight decay bring lasting zeros back to life, unless they are frozen.
local function trained(make, freezes, lasting, copies)
  torch.manual_seed(0)
  local layer = nn.Linear(6, 4)
  local function step(o) o:zero_grad(); layer(torch.randn(5, 6)):pow(2):sum():backward(); o:step() end
  local o = make(layer:parameters())
  step(o)
  prune.l1_unstructured(layer, "weight", 10)
  if lasting then prune.remove(layer, "weight") else o = make(layer:parameters()) end
  if copies then
    layer = copy.deepcopy(layer)
    o = make(layer:parameters())
  end
  local name = lasting and "weight" or "weight_orig"
  local before = layer[name]:detach():clone()
  local handle = freezes and prune.freeze(o)
  for _ = 1, 3 do step(o) end
  return layer, before, handle, function() step(o) end, o
end
local makers = {
  function(p) return torch.optim.SGD(p, {lr = 0.05, momentum = 0.9, weight_decay = 0.1}) end,
  function(p) return torch.optim.Adam(p, {lr = 0.05, weight_decay = 0.1}) end,
  function(p) return torch.optim.AdamW(p, {lr = 0.05, weight_decay = 0.1}) end,
}
for i, make in ipairs(makers) do
  assert(trained(make, false, true).weight:eq(0):sum():item() == 0, i)
  for _, copies in ipairs {false, true} do
    local layer, before, handle, step, o = trained(make, true, true, copies)
    assert(layer.weight:eq(0):sum():item() == 10 and not torch.equal(layer.weight, before))
    for _, value in pairs(o.state[layer.weight]) do
      if torch.is_tensor(value) and value:dim() == 2 then assert(value[before:eq(0)]:abs():sum():item() == 0) end
    end
    handle.remove()
    step()
    assert(layer.weight:eq(0):sum():item() == 0)
  end
  -- While the mask is there, the originals behind it stay what they were.
  local layer, before = trained(make, true, false)
  local cut = layer.weight_mask:eq(0)
  assert(torch.equal(layer.weight_orig[cut], before[cut]) and not torch.equal(layer.weight_orig, before))
  layer, before = trained(make, false, false)
  assert(not torch.equal(layer.weight_orig[cut], before[cut]))
end

-- With prune_bias the channel gives zero; without, its bias is left.
for _, make in ipairs {function() return nn.Linear(3, 4) end, function() return nn.Conv2d(2, 4, 3) end} do
  torch.manual_seed(0)
  local layer = make()
  local input = torch.isinstance(layer, nn.Linear) and torch.randn(2, 3) or torch.randn(2, 2, 5, 5)
  prune.ln_structured(layer, "weight", 2, 2, 0, {prune_bias = true})
  assert(layer.bias_mask:sum():item() == 2)
  local cut = layer.bias_mask:eq(0)
  local function check()
    local out = layer(input):transpose(0, 1)
    assert(out[cut]:abs():sum():item() == 0 and out[layer.bias_mask:ne(0)]:abs():sum():item() > 0)
  end
  check()
  optimizer = torch.optim.SGD(layer:parameters(), {lr = 0.1, momentum = 0.9, weight_decay = 0.1})
  for _ = 1, 2 do layer(input):pow(2):sum():backward(); optimizer:step() end
  check()
  -- Pruned further, the bias goes further.
  prune.ln_structured(layer, "weight", 1, 2, 0, {prune_bias = true})
  assert(layer.bias_mask:sum():item() == 1)
end
local plain = nn.Linear(3, 4)
prune.ln_structured(plain, "weight", 2, 2, 0)
assert(not pcall(function() return plain.bias_mask end))
plain = nn.Linear(3, 4, {bias = false})
prune.ln_structured(plain, "weight", 2, 2, 0, {prune_bias = true})
local ok, problem = pcall(prune.ln_structured, nn.Linear(3, 4), "weight", 1, 2, 1, {prune_bias = true})
assert(not ok and tostring(problem):find("ValueError: prune_bias: 'bias' has shape torch.Size([4]), not one element for each of the 3 channels along dim 1", 1, true), tostring(problem))
