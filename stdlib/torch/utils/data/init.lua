--- Data sets, the order of their samples, and batches. Mirrors `torch.utils.data`.
local data = {DataLoader = require "torch.utils.data.dataloader"}

local sets = require "torch.utils.data.dataset"
for _, name in ipairs {"Dataset", "IterableDataset", "TensorDataset", "StackDataset", "ConcatDataset", "ChainDataset", "Subset", "random_split"} do
  data[name] = sets[name]
end
for name, class in pairs(require "torch.utils.data.sampler") do data[name] = class end
for name, f in pairs(require "torch.utils.data.collate") do data[name] = f end

--- Which worker runs this: none, everything happens in one process.
function data.get_worker_info() return nil end

return data
