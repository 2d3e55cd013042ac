--- Loading of a checkpoint of 114 MB: copied, mapped, and as safetensors. Without QREPL_DATA one of that size is made.
local serve = dofile(arg[0]:match("^(.*/)") .. "../worker.lua")
local torch = require "torch"
local safetensors = require "safetensors.torch"

local scratch = assert(os.getenv "BENCH_SCRATCH")
local path = (os.getenv "QREPL_DATA" or "") .. "/word_language_model_quantize.pth"
local file = io.open(path)
if file then
  file:close()
else
  path = scratch .. "/qrepl.pth"
  torch.save({encoder = torch.ones(33278, 512), decoder = torch.ones(33278, 256), rnn = torch.ones(2365440)}, path)
end
local tensors = scratch .. "/qrepl.safetensors"
safetensors.save_file(torch.load(path), tensors)

local function case(load)
  return function(n)
    for _ = 1, n do load() end
  end
end

-- The sum touches every page, so that what was put off is counted.
local function sum(state)
  for _, tensor in pairs(state) do tensor:sum() end
end

serve {
  {"load, copied", case(function() torch.load(path, {map_location = "cpu"}) end)},
  {"load, mapped", case(function() torch.load(path, {map_location = "cpu", mmap = true}) end)},
  {"load, copied, and add up", case(function() sum(torch.load(path, {map_location = "cpu"})) end)},
  {"load, mapped, and add up", case(function() sum(torch.load(path, {map_location = "cpu", mmap = true})) end)},
  {"load safetensors", case(function() safetensors.load_file(tensors) end)},
  {"load safetensors, and add up", case(function() sum(safetensors.load_file(tensors)) end)},
}
