--- How many times as fast as the dense layer the sparse one is, by density and by the number of rows that go through at a time,
--- and the density up to which it wins: what SparseCrossover.swift knows. In parentheses stand those that sparsify leaves dense.
local torch = require "torch"
local nn = require "torch.nn"
local prune = require "torch.nn.utils.prune"

torch.set_num_threads(tonumber(os.getenv("OMP_NUM_THREADS")) or 1)
local size = tonumber(arg[1]) or 1024
local batches = {1, 2, 4, 8, 16, 64, 256}
local densities = {0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7}
local clock = os.clock

--- The best of some runs that last a few milliseconds each.
local function seconds(layer, x)
  local count, best = math.max(1, 256 // x.shape[0]), math.huge
  for _ = 1, 9 do
    local start = clock()
    for _ = 1, count do layer(x) end
    best = math.min(best, (clock() - start) / count)
  end
  return best
end

torch.manual_seed(29592)
local _ <close> = torch.no_grad()
local inputs, dense = {}, {}
local whole = nn.Linear(size, size)
for i, batch in ipairs(batches) do inputs[i] = torch.randn(batch, size) end

local head = {("%8s %8s"):format("density", "work")}
for i, batch in ipairs(batches) do
  dense[i] = seconds(whole, inputs[i])
  head[#head + 1] = ("%7d "):format(batch)
end
print(table.concat(head))
local last, crossing = {}, {}
local cells, losses, missed = 0, 0, 0
for _, density in ipairs(densities) do
  local layer = nn.Linear(size, size)
  layer.weight:mul_(torch.rand(size, size):lt(density))
  local sparse = prune.sparsify(layer, {force = true})
  local row = {("%7.0f%% %7.1f%%"):format(100 * density, 100 * sparse.work)}
  for i, x in ipairs(inputs) do
    local ratio = dense[i] / seconds(sparse, x)
    local stays = torch.isinstance((prune.sparsify(layer, {batch = x.shape[0]})), nn.Linear)
    row[#row + 1] = ("%8s"):format((stays and "(%.2f)" or "%.2f "):format(ratio))
    cells = cells + 1
    if not stays and ratio < 1 then losses = losses + 1 end
    if stays and ratio > 1 then missed = missed + 1 end
    -- Where the line between the last two points crosses 1.
    if not crossing[i] and ratio < 1 then
      local before = last[i]
      crossing[i] = before and before[1] + (sparse.work - before[1]) * (before[2] - 1) / (before[2] - ratio) or 0
    end
    last[i] = {sparse.work, ratio}
  end
  print(table.concat(row))
end
local foot = {("%-17s"):format("wins up to work")}
for i in ipairs(batches) do foot[#foot + 1] = crossing[i] and ("%6.0f%% "):format(100 * crossing[i]) or "    all " end
print(table.concat(foot))
print(("of %d: %d that sparsify makes sparse lose, %d that it leaves dense would win"):format(cells, losses, missed))
