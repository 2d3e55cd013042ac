-- nn.utils.weight_norm and nn.utils.spectral_norm, which compute weights by hooks. Figures and sentences are PyTorch's.
local nn, copy = torch.nn, require "copy"
local U, prune = nn.utils, require "torch.nn.utils.prune"
require("warnings").filterwarnings("ignore")
local function fails(text, f, ...)
  local ok, problem = pcall(f, ...)
  assert(not ok and tostring(problem):find(text, 1, true), ("expected: %s\ngot: %s"):format(text, problem))
end
local function near(a, b, tolerance) return torch.allclose(a, torch.is_tensor(b) and b or torch.tensor(b), {atol = tolerance or 1e-5}) end
local function keys(dict)
  local all = {}
  for key in pairs(dict) do all[#all + 1] = key end
  return table.concat(all, " ")
end

-- torch.manual_seed(2); l = weight_norm(nn.Linear(3, 2)); l.weight_g.data.mul_(2); l.weight; l(torch.ones(3)); l.weight
torch.manual_seed(2)
local l = U.weight_norm(nn.Linear(3, 2))
assert(keys(l._parameters) == "bias weight_g weight_v" and tostring(l) == "Linear(in_features=3, out_features=2, bias=True)")
l.weight_g.data:mul_(2)
assert(near(l.weight, {{0.1324, -0.1374, 0.1583}, {-0.0295, 0.2466, 0.1375}}, 1e-4))
assert(near(l(torch.ones(3)), {0.2404, 0.2424}, 1e-4))
assert(near(l.weight, {{0.2649, -0.2748, 0.3167}, {-0.0590, 0.4933, 0.2749}}, 1e-4))
assert(tostring(l.weight.grad_fn):find("WeightNormInterfaceBackward0"))
-- torch.manual_seed(2); l = weight_norm(nn.Conv1d(2, 3, 2), dim=None); x = torch.ones(1, 2, 3); l.weight_g; l(x).sum(); its gradients
torch.manual_seed(2)
torch.manual_seed(2)
local whole = U.weight_norm(nn.Conv1d(2, 3, 2), "weight", nil)
local x = torch.ones(1, 2, 3)
assert(near(whole.weight_g, torch.tensor(0.69833809)) and math.abs(whole(x):sum():item() - 0.16182077) < 1e-5)
whole(x):sum():backward()
assert(near(whole.weight_g.grad, torch.tensor(-0.7199), 1e-4) and math.abs(whole.weight_v.grad:sum():item() - 23.7409) < 1e-3)
-- A step of training, a copy, a file, and back
local y = l(torch.ones(3))
y:sum():backward()
torch.optim.SGD(l:parameters(), {lr = 0.1}):step()
assert(not near(l(torch.ones(3)), y))
for _, other in ipairs {copy.deepcopy(l), (function() torch.save(l, "l.pt") return torch.load("l.pt", {weights_only = false}) end)()} do
  assert(torch.equal(other(torch.ones(3)), l(torch.ones(3))))
  other.weight_g.data:zero_()
  assert(near(other(torch.ones(3)), other.bias) and not near(l(torch.ones(3)), l.bias))
end
y = l(torch.ones(3))
assert(U.remove_weight_norm(l) == l and keys(l._parameters) == "bias weight" and near(l(torch.ones(3)), y))
fails("ValueError: weight_norm of 'weight' not found in Linear(in_features=3, out_features=2, bias=True)", U.remove_weight_norm, l)
U.weight_norm(l)
fails("RuntimeError: Cannot register two weight_norm hooks on the same parameter weight", U.weight_norm, l)
fails("AttributeError: 'Linear' object has no attribute 'foo'", U.weight_norm, l, "foo")
fails("AttributeError: 'ReLU' object has no attribute 'weight'", U.weight_norm, nn.ReLU())
fails("TypeError: norm_except_dim(): argument 'v' (position 1) must be Tensor, not NoneType", U.weight_norm, nn.Linear(2, 2, {bias = false}), "bias")
fails("ValueError: The module passed to `WeightNorm` can't have uninitialized parameters. Make sure to run the dummy forward before applying weight normalization",
  U.weight_norm, nn.LazyLinear(2))
fails("TypeError: cannot assign 'torch.FloatTensor' object to parameter 'weight_orig' (torch.nn.Parameter or None required)", prune.l1_unstructured, l, "weight", {amount = 1})
-- A channel of zeros stays zero; PyTorch makes it NaN
local z = nn.Linear(2, 2)
z.weight.data[0]:zero_()
U.weight_norm(z)
z(torch.ones(2)):sum():backward()
assert(z.weight[0]:eq(0):all():item() and not z.weight_v.grad:isnan():any():item() and not z.weight_g.grad:isnan():any():item())
-- Quantized by the weight of the next call
z.weight_g.data:fill_(3)
local q = torch.quantization.quantize_dynamic(nn.Sequential(z), {nn.Linear})
assert(near(q[0]:weight():dequantize()[1]:norm(), torch.tensor(3.0), 0.05) and q(torch.ones(1, 2)).shape[1] == 2)

-- spectral_norm. torch.manual_seed(2); l = spectral_norm(nn.ConvTranspose2d(2, 3, 2)); x = torch.ones(1, 2, 2, 2); l(x).sum() twice, then l.eval()
torch.manual_seed(2)
local s = U.spectral_norm(nn.ConvTranspose2d(2, 3, 2))
assert(keys(s._parameters) == "bias weight_orig" and keys(s._buffers) == "weight_u weight_v" and not s.weight.requires_grad)
x = torch.ones(1, 2, 2, 2)
assert(math.abs(s(x):sum():item() - 1.72030246) < 1e-5 and math.abs(s(x):sum():item() - 1.69825339) < 1e-5)
assert(near(s.weight_u, {-0.33465594, -0.35476020, -0.87301236}) and near(s.weight_v["0:3"], {-0.25111565, 0.47627103, -0.09204072}))
s:eval()
assert(math.abs(s(x):sum():item() - 1.69825339) < 1e-5)
for _, another in ipairs {copy.deepcopy, function(m) torch.save(m, "s.pt") return torch.load("s.pt", {weights_only = false}) end} do
  local other = another(s)
  assert(torch.equal(other(x), s(x)) and torch.equal(other:train()(x), s:train()(x)))
  s:eval()
end
assert(tostring(s:load_state_dict(s:state_dict())) == "<All keys matched successfully>")
y = s(x)
assert(U.remove_spectral_norm(s) == s and keys(s._parameters) == "bias weight" and keys(s._buffers) == "" and near(s(x), y))
fails("ValueError: spectral_norm of 'weight' not found in ConvTranspose2d(2, 3, kernel_size=(2, 2), stride=(1, 1))", U.remove_spectral_norm, s)
U.spectral_norm(s)
fails("RuntimeError: Cannot register two spectral_norm hooks on the same parameter weight", U.spectral_norm, s)
fails("KeyError: 'foo'", U.spectral_norm, s, "foo")
fails("ValueError: Expected n_power_iterations to be positive, but got n_power_iterations=0", U.spectral_norm, nn.Linear(2, 2), {n_power_iterations = 0})
fails("ValueError: `SpectralNorm` cannot be applied as parameter `bias` is None", U.spectral_norm, nn.Linear(2, 2, {bias = false}), "bias")
fails("ValueError: The module passed to `SpectralNorm` can't have uninitialized parameters. Make sure to run the dummy forward before applying spectral normalization",
  U.spectral_norm, nn.LazyLinear(2))
-- A state of before PyTorch 1.0, with the weight and without weight_v
torch.manual_seed(2)
local old = U.spectral_norm(nn.Linear(3, 2))
for _ = 1, 30 do old(torch.ones(3)) end
old:eval()
y = old(torch.ones(3))
local state = old:state_dict()
state.weight = old.weight:detach():clone()
state.weight_v = nil
local fresh = U.spectral_norm(nn.Linear(3, 2)):eval()
assert(tostring(fresh:load_state_dict(state)) == "<All keys matched successfully>")
assert(near(fresh(torch.ones(3)), y, 1e-4))
