--- Losses over all words and times a step, the float model's first: `FP32 LOSS MS`, `INT8 LOSS MS`, then the most memory: `peak KB`.
--- With an argument only so many batches and the INT8 model alone: for comparing paths that are slow.
local M = dofile(arg[0]:match("^(.*/)") .. "model.lua")
local torch = require "torch"

torch.set_num_threads(tonumber(os.getenv("OMP_NUM_THREADS")) or 1)
local batches = M.batches()
local few = tonumber(arg[1])
if few then batches = table.move(batches, 1, few, 1, {}) end

local function show(name, model)
  local start = os.clock()
  local loss = M.evaluate(model, batches)
  print(("%s %.17g %.3f"):format(name, loss, (os.clock() - start) / #batches * 1e3))
end
local model = M.load()
if not few then show("FP32", model) end
model = M.quantize(model)
show("INT8", model)
for line in io.lines("/proc/self/status") do
  local kb = line:match("^VmHWM:%s*(%d+)")
  if kb then print("peak " .. kb) end
end
