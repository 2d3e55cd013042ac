-- Sparse layers: what prune.sparsify gives equals the dense model, in memory, in files and backward. PyTorch has nothing of the kind.
local nn, prune, copy = torch.nn, require "torch.nn.utils.prune", require "copy"
local function fails(sentence, f, ...)
  local ok, problem = pcall(f, ...)
  assert(not ok and tostring(problem):find(sentence, 1, true), tostring(problem))
end
local function text(x, wanted) assert(tostring(x) == wanted, tostring(x)) end
local function near(a, b, difference) assert(a:sub(b):abs():max():item() <= (difference or 1e-5)) end

--- Keeps a share of a layer's weights.
local function thin(layer, density)
  local _ <close> = torch.no_grad()
  layer.weight:mul_(torch.rand(layer.weight:size()):lt(density))
  return layer
end

torch.manual_seed(0)
local model = nn.Sequential(thin(nn.Linear(64, 48), 0.1), nn.ReLU(), thin(nn.Linear(48, 33, {bias = false}), 0.1), nn.Linear(33, 10))
local sparse, notes = prune.sparsify(model)
text(sparse, [[
Sequential(
  (0): SparseLinear(in_features=64, out_features=48, bias=True, density=10.5%)
  (1): ReLU()
  (2): SparseLinear(in_features=48, out_features=33, bias=False, density=10.6%)
  (3): Linear(in_features=33, out_features=10, bias=True)
)]])
assert(torch.isinstance(model[0], nn.Linear) and torch.isinstance(sparse[0], prune.SparseLinear))
assert(#notes == 1 and tostring(notes):find("100.0% of its weights are not zero", 1, true))

-- The same outputs for every number of rows, and for inputs of any shape
for _, rows in ipairs {1, 2, 3, 5, 8, 13, 40} do
  local x = torch.randn(rows, 64)
  near(sparse(x), model(x))
end
near(sparse(torch.ones(64)), model(torch.ones(64)))
local deep = torch.randn(2, 3, 64, 4):transpose(2, 3)
near(sparse(deep), model(deep))
assert(sparse(torch.ones(0, 64)).shape[1] == 10)
-- A row's result does not depend on the rows with it
local x = torch.randn(11, 64)
for i = 0, 10 do assert(torch.equal(sparse[0](x)[i], sparse[0](x[i]))) end
for _, threads in ipairs {1, 2} do
  torch.set_num_threads(threads)
  assert(torch.equal(prune.sparsify(thin(nn.Linear(64, 48), 0), {force = true})(x), torch.zeros(11, 48)) == false)
end

-- What is not stored takes no part
do
  local layer = nn.Linear(3, 2, {bias = false})
  local _ <close> = torch.no_grad()
  layer.weight:copy_(torch.tensor {{0, 2, 0}, {0, 0, 3}})
  local s = prune.sparsify(layer, {force = true})
  text(s(torch.tensor {0 / 0, 1, 1}), "tensor([2., 3.])")
  text(s(torch.tensor {1, 1 / 0, 1}), "tensor([inf, 3.])")
  text(s.weight, "tensor([[0., 2., 0.],\n        [0., 0., 3.]])")
  assert(s.density == 2 / 6)
end

-- Gradients for the input and the bias, once and twice
do
  local a, b = torch.randn(5, 64, {requires_grad = true}), nil
  sparse(a):pow(2):sum():backward()
  local ours, bias = a.grad, sparse[0].bias.grad
  a.grad = nil
  model(a):pow(2):sum():backward()
  near(ours, a.grad)
  near(bias, model[0].bias.grad)
  assert(#sparse[0]._parameters == 1 and not sparse[0].weight.requires_grad)
  b = torch.randn(3, 48, {requires_grad = true, dtype = torch.float32})
  local function twice(layer)
    local g = torch.autograd.grad(layer(b):pow(3):sum(), b, {create_graph = true})
    g = torch.isinstance(g, torch.Tensor) and g or g[1]
    local h = torch.autograd.grad(g:sum(), b)
    return torch.isinstance(h, torch.Tensor) and h or h[1]
  end
  near(twice(sparse[2]), twice(model[2]), 1e-4)
  near(sparse[0](b:new_ones(64):requires_grad_()), model[0](torch.ones(64)))
end

-- Files: the arrays of compressed rows, and the same bits after loading
do
  local state = sparse:state_dict()
  local names = {}
  for name in pairs(state) do names[#names + 1] = name end
  assert(table.concat(names, " ") == "0.values 0.columns 0.offsets 0.bias 2.values 2.columns 2.offsets 3.weight 3.bias")
  assert(state["0.columns"].dtype == torch.int16 and state["0.offsets"].shape[0] == 49)
  torch.save(state, "sparse.pt")
  local again, rest = prune.sparsify(nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 33, {bias = false}), nn.Linear(33, 10)), {state_dict = torch.load("sparse.pt")})
  assert(torch.equal(again(x), sparse(x)) and #rest == 0)
  local layer = prune.SparseLinear(64, 48)
  text(layer, "SparseLinear(in_features=64, out_features=48, bias=True, density=0.00%)")
  text(layer:load_state_dict(sparse[0]:state_dict()), "<All keys matched successfully>")
  assert(torch.equal(layer(x), sparse[0](x)))
  -- A dense state as well
  layer:load_state_dict(model[0]:state_dict())
  assert(torch.equal(layer(x), sparse[0](x)))

  -- Arrays that describe no matrix
  local function broken(change, sentence)
    local bad = sparse[0]:state_dict()
    change(bad)
    fails(sentence, layer.load_state_dict, layer, bad)
  end
  broken(function(s) s.columns = s.columns + 64 end, "the columns of a row do not rise, or leave the row")
  broken(function(s) s.columns = s.columns - 64 end, "the columns of a row do not rise, or leave the row")
  broken(function(s) s.columns = s.columns:flip(0) end, "the columns of a row do not rise, or leave the row")
  broken(function(s) s.offsets = s.offsets + 1 end, "the offsets do not rise from 0 to the number of values")
  broken(function(s) s.offsets = s.offsets:flip(0) end, "the offsets do not rise from 0 to the number of values")
  broken(function(s) s.values = s.values:narrow(0, 0, 5) end, "wrong sizes or dtypes")
  broken(function(s) s.values = torch.ones(1):expand(s.columns.shape[0]) end, "larger than their bytes")
  broken(function(s) s.columns = s.columns:float() end, "wrong sizes or dtypes")
  fails('Missing key(s) in state_dict: "offsets"', function()
    local bad = sparse[0]:state_dict()
    layer:load_state_dict {values = bad.values, columns = bad.columns, bias = bad.bias}
  end)
  assert(torch.equal(layer(x), sparse[0](x)))
end

-- A file is a quarter of the dense one at most
do
  local function size(state)
    torch.save(state, "size.pt")
    local file <close> = io.open("size.pt", "rb")
    return file:seek("end")
  end
  local layer = thin(nn.Linear(512, 512), 0.1)
  local s = prune.sparsify(layer)
  assert(size(s:state_dict()) < 0.25 * size(layer:state_dict()) and s.bytes < 0.25 * 4 * 512 * 512)
end

-- Back to a dense layer, copies and modes
do
  local dense = sparse[0]:to_dense()
  text(dense, "Linear(in_features=64, out_features=48, bias=True)")
  assert(torch.equal(dense.weight, model[0].weight) and dense.weight.requires_grad)
  assert(torch.equal(copy.deepcopy(sparse)(x), sparse(x)))
  local m = nn.Sequential(thin(nn.Linear(8, 8), 0.1)):eval()
  local s = prune.sparsify(m, {force = true})
  assert(not s.training and not s[0].training and s[0].in_features == 8)
end

-- Models written in Lua, layers that are used twice, and what stays dense
do
  local Net = torch.class("Net", nn.Module)
  function Net:__init()
    self.body = nn.ModuleList {thin(nn.Linear(16, 16), 0.1), nn.Sequential(thin(nn.Linear(16, 16), 0.1))}
    self.again = self.body[0]
    self.wide = thin(nn.Linear(16, 16, {dtype = torch.float64}), 0.1)
    self.attention = nn.MultiheadAttention(16, 2)
  end
  function Net:forward(x) return self.again(self.body[1](self.body[0](x))) end
  local net = Net()
  local s, notes = prune.sparsify(net, {force = true})
  local x = torch.randn(3, 16)
  near(s(x), net(x))
  assert(s.again == s.body[0] and torch.isinstance(s.again, prune.SparseLinear))
  assert(notes.wide == "left dense: its dtype is torch.float64, and sparse layers are torch.float32")
  assert(not torch.isinstance(s.attention.out_proj, prune.SparseLinear))
  -- In place, and a layer by itself
  local same = prune.sparsify(net, {force = true, inplace = true})
  assert(same == net and torch.isinstance(net.again, prune.SparseLinear))
  assert(torch.isinstance(prune.sparsify(thin(nn.Linear(16, 16), 0.1), {force = true}), prune.SparseLinear))
  local tied = nn.Sequential(nn.Embedding(20, 16), thin(nn.Linear(16, 20), 0.1))
  tied[0].weight = tied[1].weight
  local _, why = prune.sparsify(tied)
  assert(why["1"] == "left dense: its weight is shared with another layer")
end

-- Masks are applied
do
  local layer = nn.Linear(40, 30)
  prune.l1_unstructured(layer, "weight", {amount = 0.9})
  prune.random_unstructured(layer, "bias", {amount = 0.5})
  local y = layer(torch.ones(2, 40))
  local s = prune.sparsify(nn.Sequential(layer))
  near(s(torch.ones(2, 40)), y)
  text(s[0], "SparseLinear(in_features=40, out_features=30, bias=True, density=10.0%)")
end

-- Mistakes
fails("mat1 and mat2 shapes cannot be multiplied (2x3 and 64x48)", sparse[0], torch.ones(2, 3))
fails("mat1 and mat2 must have the same dtype, but got Double and Float", sparse[0], torch.ones(2, 64):double())
fails("cannot be assigned", function() sparse[0].weight = torch.ones(48, 64) end)
fails("batch must be at least 1", prune.sparsify, model, {batch = 0})
