--- Pruned layers, called as a user calls them.
local serve = dofile(arg[0]:match("^(.*/)") .. "../worker.lua")
local torch = require "torch"
local nn = require "torch.nn"
local prune = require "torch.nn.utils.prune"

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

serve(cases)
