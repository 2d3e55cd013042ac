-- Pruning, parametrizations, compaction, sparse and quantized layers, copies and files, in every pair and both orders: after each step a
-- model gives what the arithmetic done by hand gives, and weights that were pruned stay exactly zero, through quantization too. Where
-- PyTorch refuses a step, its sentence; where it quantizes a stale weight or fails later, the weight that the model has.
local nn, copy = torch.nn, require "copy"
local prune, P, Q = require "torch.nn.utils.prune", require "torch.nn.utils.parametrize", require "torch.nn.utils.parametrizations"

local function difference(a, b) return a:sub(b):abs():max():item() end

-- MARK: Arithmetic by hand

--- A weight as dynamic quantization has it: signed 8 bits, symmetric, one scale.
local function quantized_weight(W)
  local scale = (W:abs():max() / 127.5):item()
  return torch.clamp(torch.round(W * (1 / scale)), -128, 127), scale
end

--- x · Wᵀ + b; with q the input in 7 bits over its range, which holds zero, and the weight in 8.
local function affine(x, W, b, q)
  if not q then return x:matmul(W:t()) + b end
  local low, high = math.min(x:min():item(), 0), math.max(x:max():item(), 0)
  local scale = (high - low) / 127
  if scale == 0 then scale = 1 end
  local zero = math.max(0, math.min(127, torch.round(torch.tensor(-low / scale, {dtype = torch.float64})):item()))
  local levels = torch.clamp(torch.round(x * (1 / scale)) + zero, 0, 127) - zero
  local rounded, weight_scale = quantized_weight(W)
  return levels:matmul(rounded:t()) * (scale * weight_scale) + b
end

--- Output of an LSTM's first layer over x [T, B, n] from its weights.
local function lstm(x, w, q)
  local n = w.weight_hh_l0:size(1)
  local steps = affine(x, w.weight_ih_l0, w.bias_ih_l0, q)
  local h, c, all = torch.zeros(x:size(1), n), torch.zeros(x:size(1), n), {}
  for t = 0, x:size(0) - 1 do
    local i, f, g, o = table.unpack(torch.chunk(steps[t] + affine(h, w.weight_hh_l0, w.bias_hh_l0, q), 4, 1))
    c = f:sigmoid() * c + i:sigmoid() * g:tanh()
    h = o:sigmoid() * c:tanh()
    all[t + 1] = h
  end
  return torch.stack(all)
end

-- MARK: Models

--- An LSTM and a layer that reads it.
local Tagger = torch.class("Tagger", nn.Module)
function Tagger:__init()
  self.lstm = nn.LSTM(6, 5)
  self.head = nn.Linear(5, 4)
end
function Tagger:forward(x)
  local y = self.lstm(x)
  return self.head(y)
end

local linear, recurrent = {name = "linear"}, {name = "recurrent"}
function linear.make() return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4)) end
function linear.input() return torch.randn(5, 6) end
--- The layers, each with the tensors that steps change and all its others.
linear.layers = {{path = "0", tensors = {"weight"}, others = {"bias"}}, {path = "2", tensors = {"weight"}, others = {"bias"}}}
function linear.by_hand(x, w)
  local q = w.quantized or {}
  return affine(affine(x, w["0.weight"], w["0.bias"], q["0"]):relu(), w["2.weight"], w["2.bias"], q["2"])
end

function recurrent.make() return Tagger() end
function recurrent.input() return torch.randn(4, 3, 6) end
recurrent.layers = {
  {path = "lstm", tensors = {"weight_ih_l0", "weight_hh_l0"}, others = {"bias_ih_l0", "bias_hh_l0"}},
  {path = "head", tensors = {"weight"}, others = {"bias"}},
}
function recurrent.by_hand(x, w)
  local own, q = {}, w.quantized or {}
  for _, name in ipairs {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"} do own[name] = w["lstm." .. name] end
  return affine(lstm(x, own, q.lstm), w["head.weight"], w["head.bias"], q.head)
end

--- What a layer computes with, whatever it is.
local function effective(layer, name)
  if not tostring(layer):find("^DynamicQuantized") then return layer[name]:detach() end
  if name == "weight" then return layer:weight():dequantize() end
  if name == "bias" then return layer:bias():detach() end
  return (layer:get_weight()[name] or layer:get_bias()[name]):dequantize()
end

--- What every layer computes with now.
local function read(kind, model)
  local w = {}
  for _, row in ipairs(kind.layers) do
    local layer = model:get_submodule(row.path)
    for _, list in ipairs {row.tensors, row.others} do for _, name in ipairs(list) do w[row.path .. "." .. name] = effective(layer, name):clone() end end
  end
  return w
end

--- Calls body(layer, name, key) for every tensor that steps change.
local function each(kind, model, body)
  for _, row in ipairs(kind.layers) do
    for _, name in ipairs(row.tensors) do body(model:get_submodule(row.path), name, row.path .. "." .. name) end
  end
end

--- The name under which a tensor can be parametrized: pruned ones through what is under the mask.
local function parametrizable(layer, name) return pcall(function() return layer[name .. "_mask"] end) and name .. "_orig" or name end
local function is_masked(layer, name) return parametrizable(layer, name) ~= name end

-- MARK: Steps
-- Each gives the model after it and the weights by hand; or fails with the sentence that `refused` gives.

local Halve = torch.class("Halve", nn.Module)
function Halve:forward(X) return X / 2 end
function Halve:right_inverse(X) return X * 2 end

--- The mask of the n least elements of |W|, on top of a mask.
local function least(W, mask, n)
  local scores = W:abs():clone()
  scores[mask:eq(0)] = math.huge
  local _, order = scores:view(-1):sort()
  local fresh = mask:clone()
  for i = 0, n - 1 do fresh:view(-1)[order[i]:item()] = 0 end
  return fresh
end

local function mask_of(layer, name, W) return is_masked(layer, name) and layer[name .. "_mask"]:clone() or torch.ones_like(W) end

--- A step that parametrizes every tensor. `map` gives the value by hand from that before; with a right inverse a first parametrization
--- changes nothing, and a second one, which is not asked for it, does: `second`.
local function parametrizing(register, map, second)
  return function(kind, model, w)
    each(kind, model, function(layer, name, key)
      local mask, source = mask_of(layer, name, w[key]), parametrizable(layer, name)
      local before = (source == name and w[key] or layer[source]):detach():clone()
      local is_second = P.is_parametrized(layer, source)
      register(layer, source, is_second)
      w[key] = (is_second and second or map)(before) * mask
    end)
    return model, w
  end
end

local function file(value, options)
  torch.save(value, "model.pt")
  return torch.load("model.pt", options)
end

local steps = {
  prune = function(kind, model, w)
    each(kind, model, function(layer, name, key)
      local mask = mask_of(layer, name, w[key])
      local n = mask:sum():item() // 2
      local source = is_masked(layer, name) and layer[name .. "_orig"]:detach() or w[key]
      prune.l1_unstructured(layer, name, {amount = math.tointeger(n)})
      local wanted = least(source, mask, math.tointeger(n))
      assert(torch.equal(layer[name .. "_mask"], wanted))
      w[key] = source * wanted
    end)
    return model, w
  end,
  prune_structured = function(kind, model, w)
    each(kind, model, function(layer, name, key)
      local mask = mask_of(layer, name, w[key])
      local source = is_masked(layer, name) and layer[name .. "_orig"]:detach() or w[key]
      local norms = w[key]:pow(2):sum(1)
      norms[mask:sum(1):eq(0)] = math.huge
      prune.ln_structured(layer, name, {amount = 1, n = 2, dim = 0})
      -- One row of the least norm, of which there may be several, and nothing else
      local gone = mask:sub(layer[name .. "_mask"]):sum(1):gt(0)
      assert(gone:sum():item() == 1 and norms[gone]:item() == norms:min():item())
      mask[gone] = 0
      assert(torch.equal(layer[name .. "_mask"], mask))
      w[key] = source * mask
    end)
    return model, w
  end,
  remove = function(kind, model, w)
    each(kind, model, function(layer, name) prune.remove(layer, name) end)
    each(kind, model, function(layer, name) assert(torch.isinstance(layer[name], nn.Parameter) and not is_masked(layer, name)) end)
    return model, w
  end,
  orthogonal = parametrizing(function(layer, name) Q.orthogonal(layer, name) end, function(W)
    -- The nearest frame that QR gives, as torch.nn.utils.parametrizations starts.
    local A = W:size(0) < W:size(1) and W:t() or W
    local q, r = torch.linalg.qr(A)
    q = q * r:diagonal():sign()
    return W:size(0) < W:size(1) and q:t() or q
  end),
  weight_norm = parametrizing(function(layer, name, is_second)
    Q.weight_norm(layer, name)
    if not is_second then layer.parametrizations[name].original0.data:mul_(2) end
  end, function(W) return W * 2 end),
  lua_map = parametrizing(function(layer, name) P.register_parametrization(layer, name, Halve()) end, function(W) return W end, function(W) return W / 2 end),
  settle = function(kind, model, w)
    each(kind, model, function(layer, name) P.remove_parametrizations(layer, is_masked(layer, name) and name .. "_orig" or name) end)
    return model, w
  end,
  compact = function(kind, model, w, x)
    if w.quantized then return prune.compact(model, x), w end
    local small = prune.compact(model, x)
    local after = read(kind, small)
    for key, value in pairs(after) do assert(value:numel() <= w[key]:numel()) end
    -- The channels that went did nothing: the weights that are left give what all did.
    assert(difference(kind.by_hand(x, after), kind.by_hand(x, w)) < 1e-5)
    return small, after, true
  end,
  sparsify = function(_, model, w) return prune.sparsify(model, {force = true}), w end,
  quantize = function(kind, model, w)
    if w.quantized then return torch.quantization.quantize_dynamic(model, {nn.Linear, nn.LSTM}), w end
    -- The weights themselves, which were compared with those by hand: a last bit can decide to which level a weight is rounded.
    local now = read(kind, model)
    now.quantized = {}
    local after = torch.quantization.quantize_dynamic(model, {nn.Linear, nn.LSTM})
    for _, row in ipairs(kind.layers) do now.quantized[row.path] = tostring(after:get_submodule(row.path)):find("^DynamicQuantized") ~= nil end
    return after, now
  end,
  deepcopy = function(_, model, w)
    local other = copy.deepcopy(model)
    return other, w
  end,
  state_dict = function(_, model, w)
    local other, saved = copy.deepcopy(model), file(model:state_dict())
    torch.no_grad(function() for _, t in pairs(other:state_dict()) do if torch.is_tensor(t) and not t.is_quantized then t:zero_() end end end)
    assert(tostring(other:load_state_dict(saved)) == "<All keys matched successfully>")
    return other, w
  end,
  whole = function(_, model, w) return file(model, {weights_only = false}), w end,
}
local order = {
  "prune", "prune_structured", "remove", "orthogonal", "weight_norm", "lua_map", "settle", "compact", "sparsify", "quantize", "deepcopy", "state_dict", "whole",
}

-- MARK: What is refused

local norms = {orthogonal = true, weight_norm = true, lua_map = true}

--- Why a step is refused after another, or why the model fails after both; nil where neither is so. Sentences of PyTorch, where it has the step.
local function refusal(first, second)
  local pruned, parametrized = first:find("^prune") ~= nil, norms[first]
  if second == "remove" and not pruned then return "has to be pruned before pruning can be removed" end
  if second == "settle" and not parametrized then return "does not have a parametrization on weight" end
  if second == "whole" and parametrized then return "RuntimeError: Serialization of parametrized modules is only supported through state_dict(). See:\nhttps://" end
  if second:find("^prune") then
    if parametrized or first == "sparsify" then return "TypeError: cannot assign 'torch.FloatTensor' object to parameter 'weight" end
    if first == "quantize" then return "object has no attribute 'weight" end
  elseif norms[second] then
    if first == "sparsify" or (first == "quantize" and second ~= "orthogonal") then
      return "does not have a parameter, a buffer, or a parametrized element with name 'weight"
    end
    if first == "quantize" then return "has no parameter or buffer with name 'weight" end
    -- A second parametrization is not asked for its right inverse, and these two cannot do without.
    if parametrized and second == "orthogonal" then return "TypeError: unsupported operand type(s) for @: 'NoneType' and 'Tensor'" end
    if parametrized and second == "weight_norm" then return "TypeError: _WeightNorm.forward() missing 1 required positional argument: 'weight_v'" end
  end
end

-- MARK: The walk

--- The outputs are those by hand, and so is every weight; what was zero still is.
local function check(kind, model, w, x, zeros, label)
  local y
  torch.no_grad(function() y = model(x) end)
  local by_hand = kind.by_hand(x, w)
  assert(difference(y, by_hand) < 2e-5, ("%s: outputs differ by %g"):format(label, difference(y, by_hand)))
  for key, W in pairs(read(kind, model)) do
    local wanted = w[key]
    if (w.quantized or {})[key:match("^[^.]+")] and key:find("weight") then
      local levels, scale = quantized_weight(wanted)
      wanted = levels * scale
    end
    assert(difference(W, wanted) < 1e-5, label .. ": " .. key)
    if zeros[key] then assert(W[zeros[key]]:eq(0):all():item(), label .. ": a zero of " .. key .. " is gone") end
  end
end

--- Walks the steps; gives the sentence of the one that fails, and where.
local function walk(kind, names)
  torch.manual_seed(5)
  local model, x, zeros, label = kind.make(), kind.input(), {}, kind.name
  local w = read(kind, model)
  for i, name in ipairs(names) do
    label = label .. " > " .. name
    local resized
    local ok, problem = pcall(function()
      model, w, resized = steps[name](kind, model, w, x)
      model(x)
    end)
    if not ok then return tostring(problem), i end
    if resized then zeros = {} end
    check(kind, model, w, x, zeros, label)
    if name:find("^prune") or name == "remove" then for key, value in pairs(w) do if torch.is_tensor(value) then zeros[key] = value:eq(0) end end end
    -- Whatever was done to it, a float model learns.
    if not (w.quantized or tostring(model):find("Sparse")) then
      model:zero_grad()
      model(x):pow(2):sum():backward()
      for key, parameter in model:named_parameters() do assert(parameter.grad, label .. ": no gradient for " .. key) end
    end
  end
end

local passed = 0
for _, kind in ipairs {linear, recurrent} do
  for _, first in ipairs(order) do
    local alone = refusal("", first)
    for _, second in ipairs(order) do
      local problem, at = walk(kind, {first, second, "quantize", "whole"})
      local wanted = alone or refusal(first, second)
      local label = ("%s > %s > %s: %s"):format(kind.name, first, second, problem)
      assert((problem == nil) == (wanted == nil), label)
      if problem then assert(problem:find(wanted, 1, true) and at == (alone and 1 or 2), label) else passed = passed + 1 end
    end
  end
  -- Longer ways: pruned, parametrized under the mask or after it, quantized, saved, loaded
  for _, names in ipairs {
    {"prune", "prune_structured", "lua_map", "weight_norm"},
    {"prune", "lua_map", "state_dict", "deepcopy", "quantize", "whole", "state_dict"},
    {"prune_structured", "prune", "remove", "weight_norm", "settle", "whole", "compact", "sparsify", "state_dict", "whole"},
    {"orthogonal", "lua_map", "deepcopy", "settle", "prune", "whole", "deepcopy", "compact", "quantize", "whole"},
    {"prune", "orthogonal", "state_dict", "quantize", "deepcopy", "whole"},
    {"prune", "whole", "prune", "whole", "remove", "prune_structured", "whole", "compact", "quantize", "whole"},
  } do
    local problem = walk(kind, names)
    if names[4] == "weight_norm" and names[3] == "lua_map" then
      assert(problem:find("missing 1 required positional argument: 'weight_v'", 1, true))
    else
      assert(problem == nil, table.concat(names, " > ") .. ": " .. tostring(problem))
    end
  end
end
assert(passed == 202, passed)

-- What lies under a parametrization can be pruned as well: the list is a module
torch.manual_seed(0)
local layer, input = Q.weight_norm(nn.Linear(6, 4)), torch.randn(3, 6)
prune.l1_unstructured(layer.parametrizations.weight, "original1", {amount = 8})
local model = nn.Sequential(layer)
local zero = layer.weight:eq(0)
assert(zero:sum():item() == 8 and torch.equal(model(input), affine(input, layer.weight, layer.bias)))
model(input):sum():backward()
assert(layer.parametrizations.weight.original1_orig.grad[zero]:eq(0):all():item())
local twin = copy.deepcopy(model)
assert(torch.equal(twin(input), model(input)) and torch.equal(twin[0].weight, layer.weight))
local small = file(torch.quantization.quantize_dynamic(model, {nn.Linear}), {weights_only = false})
assert(small[0]:weight():dequantize()[zero]:eq(0):all():item() and difference(small(input), affine(input, layer.weight, layer.bias, true)) < 1e-5)

-- A bias that is pruned or parametrized goes into the quantized layer as it takes effect; hooks of users stay
layer = nn.Linear(6, 4)
prune.l1_unstructured(layer, "bias", {amount = 2})
local seen = 0
layer:register_forward_pre_hook(function() seen = seen + 1 end)
small = torch.quantization.quantize_dynamic(nn.Sequential(layer), {nn.Linear})
local bias = layer.bias_orig * layer.bias_mask
assert(torch.equal(small[0]:bias(), bias) and difference(small(input), affine(input, layer.weight, bias, true)) < 1e-5 and seen == 1)
-- Copies and layers that take another's place keep hooks written in Lua
for _, step in ipairs {
  copy.deepcopy, function(m) return torch.quantization.quantize_dynamic(m, {nn.Linear}) end, function(m) return (prune.sparsify(m, {force = true})) end,
} do
  local calls = 0
  local function count() calls = calls + 1 end
  local inner = nn.Linear(6, 4)
  inner:register_forward_pre_hook(count)
  inner:register_forward_hook(count)
  local other = step(nn.Sequential(nn.Sequential(inner)))
  inner = nil
  collectgarbage() collectgarbage()
  other(input)
  assert(calls == 2)
end
-- The mask was changed since the last call: the weight of the next call counts
layer = nn.Linear(6, 4)
prune.identity(layer, "weight")
layer.weight_mask[{0}] = 0
assert(torch.quantization.quantize_dynamic(nn.Sequential(layer), {nn.Linear})[0]:weight():dequantize()[0]:eq(0):all():item())
