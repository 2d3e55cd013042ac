--- Pruned and parametrized layers, called as a user calls them.
local serve = dofile(arg[0]:match("^(.*/)") .. "../worker.lua")
local torch = require "torch"
local nn = require "torch.nn"
local prune = require "torch.nn.utils.prune"
local parametrize = require "torch.nn.utils.parametrize"
local parametrizations = require "torch.nn.utils.parametrizations"
local LeNet = dofile(arg[0]:match("^(.*/)") .. "lenet.lua")

local wanted = os.getenv("BENCH_ONLY") or ""
local cases = {}
--- A case whose `make` gives the call to be measured; gradients are off where `quiet`.
local function case(name, make, quiet)
  if wanted ~= "" and not name:find(wanted) then return end
  torch.manual_seed(29592)
  local call = make()
  cases[#cases + 1] = {name, function(count)
    local _ <close> = quiet and torch.no_grad() or nil
    for _ = 1, count do call() end
  end}
end

local function zeroed(layer, zeros)
  local _ <close> = torch.no_grad()
  layer.weight:mul_(torch.rand(layer.weight:size()):ge(zeros))
  return layer
end

local x = torch.randn(1, 1024)
case("dense linear 1024, batch 1", function()
  local layer = zeroed(nn.Linear(1024, 1024), 0.9)
  return function() return layer(x) end
end, true)
case("sparse linear 1024, 90% zeros, batch 1", function()
  local layer = prune.sparsify(zeroed(nn.Linear(1024, 1024), 0.9))
  return function() return layer(x) end
end, true)


-- A model with half of its channels pruned: with its masks, with zeros in their place, and without those channels.
local function half(name, finish)
  for _, batch in ipairs {1, 32} do
    case(("%s, batch %d"):format(name, batch), function()
      local images = torch.randn(batch, 1, 32, 32)
      local model = finish(LeNet.pruned(), images)
      return function() return model(images) end
    end, true)
  end
end
half("LeNet, masked", function(model) return model end)
half("LeNet, zeros", LeNet.lasting)
half("LeNet, compacted", function(model, images) return (prune.compact(model, images)) end)

-- What masks and hooks add to a call, and to a step of training.
for _, size in ipairs {16, 256} do
  local row = torch.randn(1, size)
  case(("masked Linear %d"):format(size), function()
    local layer = prune.l1_unstructured(nn.Linear(size, size), "weight", 0.5)
    return function() return layer(row) end
  end, true)
  case(("masked Linear %d, with gradients"):format(size), function()
    local layer = prune.l1_unstructured(nn.Linear(size, size), "weight", 0.5)
    return function() return layer(row):sum():backward() end
  end)
end

-- Pruning itself, on one layer again and again: `remove` lets it be pruned anew.
for _, size in ipairs {16, 512} do
  local function pruning(name, f)
    case(("%s and remove, %d"):format(name, size), function()
      local layer = nn.Linear(size, size)
      return function()
        f(layer)
        prune.remove(layer, "weight")
      end
    end)
  end
  pruning("identity", function(layer) prune.identity(layer, "weight") end)
  pruning("random_unstructured", function(layer) prune.random_unstructured(layer, "weight", 0.3) end)
  pruning("l1_unstructured", function(layer) prune.l1_unstructured(layer, "weight", 0.3) end)
  pruning("ln_structured", function(layer) prune.ln_structured(layer, "weight", 0.3, 2, 0) end)
  pruning("l1 then ln_structured", function(layer)
    prune.l1_unstructured(layer, "weight", 0.3)
    prune.ln_structured(layer, "weight", 0.3, 2, 0)
  end)
end
case("global_unstructured LeNet and remove", function()
  local model, targets = LeNet(), {}
  for i, name in ipairs(LeNet.layers) do targets[i] = {model[name], "weight"} end
  return function()
    prune.global_unstructured(targets, {pruning_method = prune.L1Unstructured, amount = 0.2})
    for _, target in ipairs(targets) do prune.remove(target[1], "weight") end
  end
end)

-- Parametrized weights.
local Symmetric = torch.class("Symmetric", nn.Module)
function Symmetric:forward(X) return X:triu() + X:triu(1):transpose(-1, -2) end
local Same = torch.class("Same", nn.Module)
function Same:forward(X) return X end

local function parametrized(name, size, make, quiet)
  case(name, function()
    local layer = make(nn.Linear(size, size))
    return function() return layer.weight end
  end, quiet)
end
local function by(class) return function(layer) return parametrize.register_parametrization(layer, "weight", class()) end end
parametrized("weight by identity, 16", 16, by(Same), true)
parametrized("weight by identity, gradients, 16", 16, by(Same))
parametrized("weight by symmetric, 16", 16, by(Symmetric), true)
parametrized("weight by symmetric, gradients, 16", 16, by(Symmetric))
parametrized("weight by symmetric, gradients, 256", 256, by(Symmetric))
for _, size in ipairs {16, 256} do
  parametrized(("weight_norm, %d"):format(size), size, parametrizations.weight_norm)
  parametrized(("spectral_norm, %d"):format(size), size, parametrizations.spectral_norm)
  for _, map in ipairs {"matrix_exp", "cayley", "householder"} do
    parametrized(("orthogonal %s, %d"):format(map, size), size, function(layer)
      return parametrizations.orthogonal(layer, "weight", map)
    end)
  end
end
case("layer with symmetric weight, 16", function()
  local layer, row = by(Symmetric)(nn.Linear(16, 16)), torch.randn(1, 16)
  return function() return layer(row) end
end)

-- One orthogonal weight used ten times.
local function ten_uses(cached)
  return function()
    local layer, row = parametrizations.orthogonal(nn.Linear(128, 128)), torch.randn(1, 128)
    local function use()
      for _ = 1, 10 do layer(row) end
    end
    return cached and function() parametrize.cached(use) end or use
  end
end
case("ten uses of an orthogonal weight", ten_uses(false))
case("ten uses, cached", ten_uses(true))

serve(cases)
