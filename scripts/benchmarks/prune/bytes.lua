--- Bytes of a dense and of a sparse 1,024 x 1,024 Linear with 90 % zeros: in a file, and of the weight in memory.
local torch = require "torch"
local nn = require "torch.nn"
local prune = require "torch.nn.utils.prune"

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

local function row(name, before, after)
  print(("%-36s %12d %12d %10.3f  at most 0.25"):format(name, before, after, after / before))
end
print(("%-36s %12s %12s %10s  wanted"):format("bytes of Linear 1024, 90% zeros", "dense", "sparse", "ratio"))
row("file", file_size(dense), file_size(sparse))
row("weight in memory", 4 * 1024 * 1024, sparse.bytes)
