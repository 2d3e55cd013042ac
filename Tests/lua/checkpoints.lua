-- Checkpoints of every format: PyTorch's zip, its formats before 1.6 and before 2017, and safetensors; and what is broken.
local torch = require "torch"
local nn = require "torch.nn"
local path = require "path"

local fixtures = arg[0]:match("^(.*)/lua/[^/]*$") .. "/SerializationTests/Fixtures/"

local fails = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/fails.lua")

local function bytes_of(name)
  local file <close> = assert(io.open(name, "rb"))
  return file:read("a")
end

local function write(name, bytes)
  local file <close> = assert(io.open(name, "wb"))
  file:write(bytes)
end

-- a training checkpoint as tutorials save it, in both formats
for _, name in ipairs {"model_best.pth.tar", "model_best_legacy.pth.tar"} do
  local best = torch.load(fixtures .. "legacy/" .. name, {map_location = "cpu"})
  assert(best.epoch == 7 and best.arch == "resnet18" and best.best_acc1 == 71.5)
  local model = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
  assert(tostring(model:load_state_dict(best.state_dict)) == "<All keys matched successfully>")
  assert(torch.equal(model[0].weight, best.state_dict["0.weight"]))
  local optimizer = torch.optim.SGD(model:parameters(), {lr = 0.5, momentum = 0.9})
  optimizer:load_state_dict(best.optimizer)
  assert(optimizer.param_groups[1].lr == 0.1)
end

-- the tar archive of 2016, with a view of a storage; PyTorch 2.15 reads the same values from it
local old = torch.load(fixtures .. "legacy/archive.pth")
assert(torch.equal(old.weight, torch.tensor {{0.0, 1.0}, {0.5, 2.5}}) and torch.equal(old.column, torch.tensor {1.0, 2.5}))
assert(torch.equal(old.ids, torch.tensor {3, 4, 5}) and old.epoch == 3)
old.weight[{0, 1}] = 9
assert(old.column[0]:item() == 9, "tensors share their storage")
local archive = bytes_of(fixtures .. "legacy/archive.pth")
for size = 1, #archive:gsub("\0+$", "") - 1, 97 do
  write("cut.pth", archive:sub(1, size))
  assert(not pcall(torch.load, "cut.pth"), size)
end

-- what was saved on another device
local cuda = fixtures .. "legacy/cuda.pth"
fails("Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False", torch.load, cuda)
assert(torch.load(cuda, "cpu").w.shape[1] == 4)
assert(torch.load(cuda, {map_location = {["cuda:0"] = "cpu"}}).w.shape[1] == 4)
fails("Attempting to deserialize object on a CUDA device", torch.load, cuda, {map_location = {["cuda:1"] = "cpu"}})
local seen = {}
assert(torch.load(cuda, {map_location = function(storage, location)
  seen[#seen + 1] = {location, #storage}
  return storage
end}).w.shape[1] == 4)
assert(#seen == 1 and seen[1][1] == "cuda:0" and seen[1][2] == 48)
fails("on a CUDA device", torch.load, cuda, {map_location = function() end})
fails("CUDA", torch.load, cuda, {map_location = "cuda:0"})

-- the format before 1.6, written and read; mapped files are of the zip format
local shared = torch.arange(6.0)
torch.save({a = shared, b = shared:view(2, 3):t(), n = 3}, "old.pt", {_use_new_zipfile_serialization = false})
assert(bytes_of("old.pt"):sub(1, 2) == "\x80\x02")
local again = torch.load("old.pt")
assert(again.n == 3 and torch.equal(again.b, shared:view(2, 3):t()))
again.a[5] = 50
assert(again.b[{2, 1}]:item() == 50)
fails("mmap can only be used with files saved with `torch.save(old.pt, _use_new_zipfile_serialization=True)", torch.load, "old.pt", {mmap = true})

-- a mapped file: changes stay in memory, the file may go
torch.save({w = torch.arange(4.0)}, "map.pt")
local before = bytes_of("map.pt")
local mapped = torch.load("map.pt", {mmap = true})
mapped.w:add_(1)
assert(mapped.w:sum():item() == 10 and bytes_of("map.pt") == before)
os.remove("map.pt")
assert(mapped.w:sum():item() == 10)

-- cut files of both formats: an error at every length, and nothing crashes
torch.save({w = torch.arange(4.0)}, "whole.pt")
local whole, legacy = bytes_of("whole.pt"), bytes_of("old.pt")
for size = 0, #whole - 1, 7 do
  write("cut.pt", whole:sub(1, size))
  assert(not pcall(torch.load, "cut.pt"), size)
  assert(not pcall(torch.load, "cut.pt", {mmap = true}), size)
end
for size = 0, #legacy - 1, 3 do
  write("cut.pt", legacy:sub(1, size))
  assert(not pcall(torch.load, "cut.pt"), size)
end
fails("unexpected EOF", function()
  write("cut.pt", legacy:sub(1, -2))
  torch.load("cut.pt")
end)

-- a checkpoint of another model
-- >>> m = nn.Linear(2, 3); m.load_state_dict({"weight": torch.ones(2, 2), "x": torch.ones(1)})
local m = nn.Linear(2, 3)
fails([[Error(s) in loading state_dict for Linear:
	Missing key(s) in state_dict: "bias". 
	Unexpected key(s) in state_dict: "x". 
	size mismatch for weight: copying a param with shape torch.Size([2, 2]) from checkpoint, the shape in current model is torch.Size([3, 2]).]],
  m.load_state_dict, m, {weight = torch.ones(2, 2), x = torch.ones(1)})
fails([[Error(s) in loading state_dict for Linear:
	size mismatch for weight: copying a param with shape torch.Size([2, 2]) from checkpoint, the shape in current model is torch.Size([3, 2]).]],
  m.load_state_dict, m, {weight = torch.ones(2, 2), x = torch.ones(1)}, {strict = false})
fails([[While copying the parameter named "weight", expected torch.Tensor or Tensor-like object from checkpoint but received <class 'int'>]],
  m.load_state_dict, m, {weight = 1, bias = torch.ones(3)})
fails("Expected state_dict to be dict-like, got <class 'list'>.", m.load_state_dict, m, {1})
assert(tostring(m:load_state_dict({weight = torch.ones(3, 2), x = torch.ones(1)}, {strict = false}))
  == "_IncompatibleKeys(missing_keys=['bias'], unexpected_keys=['x'])")
local seq = nn.Sequential(nn.LSTM(2, 2), nn.Linear(2, 2))
fails([[Error(s) in loading state_dict for Sequential:
	Missing key(s) in state_dict: "0.weight_hh_l0", "0.bias_ih_l0", "0.bias_hh_l0", "1.bias". 
	Unexpected key(s) in state_dict: "y.z". 
	size mismatch for 0.weight_ih_l0: copying a param with shape torch.Size([8, 3]) from checkpoint, the shape in current model is torch.Size([8, 2]).]],
  seq.load_state_dict, seq, {["0.weight_ih_l0"] = torch.ones(8, 3), ["1.weight"] = torch.ones(2, 2, {dtype = torch.int64}), ["y.z"] = torch.ones(1)})

-- a full disk, a limit on files' sizes, a folder that takes no files: an error, and the file as it was
fails("No space left on device", torch.save, torch.ones(3), "/dev/full")
fails("No space left on device", torch.save, {w = torch.ones(3)}, "/dev/full", {_use_new_zipfile_serialization = false})
fails("[Errno 2] No such file or directory: '/proc/value.pt'", torch.save, torch.ones(3), "/proc/value.pt")
fails("Is a directory", torch.save, torch.ones(3), "/tmp")
torch.save({w = torch.ones(4)}, "kept.pt")
torch.save({w = torch.ones(4)}, "kept.safetensors")
local kept, kept_safe = bytes_of("kept.pt"), bytes_of("kept.safetensors")
local function entries()
  local names = {}
  local pipe <close> = assert(io.popen("ls -A"))
  for name in pipe:lines() do names[#names + 1] = name end
  return table.concat(names, " ")
end
local program
do
  local pipe <close> = assert(io.popen("readlink /proc/$PPID/exe"))
  program = pipe:read("l")
end
local listed = entries()
for _, call in ipairs {
  "torch.save({w = torch.ones(100000)}, 'kept.pt')", "torch.save({w = torch.ones(100000)}, 'kept.safetensors')",
  "torch.save({w = torch.ones(100000)}, 'kept.pt', {_use_new_zipfile_serialization = false})",
} do
  local command = ("ulimit -f 64; '%s' -e \"%s\" 2>&1"):format(program, call)
  local pipe <close> = assert(io.popen(command))
  local text = pipe:read("a")
  assert(text:find("File too large", 1, true), text)
end
assert(bytes_of("kept.pt") == kept and bytes_of("kept.safetensors") == kept_safe)
assert(entries() == listed, "nothing is left behind: " .. entries())
