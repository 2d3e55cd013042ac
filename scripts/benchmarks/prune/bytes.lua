--- Bytes of models with masks, with zeros and without: LeNet with half of its channels pruned, and a 1,024 x 1,024 Linear with
--- 90 % zeros, in a file, and of the latter's weight in memory.
local torch = require "torch"
local nn = require "torch.nn"
local prune = require "torch.nn.utils.prune"
local LeNet = dofile(arg[0]:match("^(.*/)") .. "lenet.lua")

torch.manual_seed(29592)
local dense = nn.Linear(1024, 1024)
do
  local _ <close> = torch.no_grad()
  dense.weight:mul_(torch.rand(1024, 1024):ge(0.9))
end
local sparse = prune.sparsify(dense)

local function file_size(layer)
  local name = os.tmpname()
  torch.save(layer:state_dict(), name)
  local file = assert(io.open(name, "rb"))
  local size = file:seek("end")
  file:close()
  os.remove(name)
  return size
end

local function head(name, before, after)
  print(("%-36s %12s %12s %10s  wanted"):format(name, before, after, "ratio"))
end
local function row(name, before, after, wanted)
  print(("%-36s %12d %12d %10.3f  %s"):format(name, before, after, after / before, wanted))
end

local masked = LeNet.pruned()
local compacted = file_size((prune.compact(masked, torch.randn(1, 1, 32, 32))))
head("bytes of LeNet, half of the channels", "before", "compacted")
row("file, with masks before", file_size(masked), compacted, "at most 0.55")
row("file, with zeros before", file_size(LeNet.lasting(masked)), compacted, "at most 0.55")
head("bytes of Linear 1024, 90% zeros", "dense", "sparse")
row("file", file_size(dense), file_size(sparse), "at most 0.25")
row("weight in memory", 4 * 1024 * 1024, sparse.bytes, "at most 0.25")
