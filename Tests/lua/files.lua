-- Saving and loading: what goes in comes out, and what is no checkpoint is refused with its cause.
local torch = require "torch"
local nn = require "torch.nn"
local path = require "path"

local fails = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/fails.lua")

local function round_trip(value)
  torch.save(value, "value.pt")
  return torch.load("value.pt")
end

-- every dtype, shapes without elements or dims, views
for _, name in ipairs {"float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"} do
  local t = torch.arange(6):reshape(2, 3):to(torch[name])
  local back = round_trip(t)
  assert(back.dtype == t.dtype and torch.equal(back, t), name)
end
assert(round_trip(torch.tensor(3.5)):item() == 3.5)
assert(round_trip(torch.zeros(0, 4)).shape[1] == 4)
local base = torch.arange(12):reshape(3, 4)
local view = round_trip(base:t())
assert(torch.equal(view, base:t()) and view:stride()[0] == 1)

-- two tensors that share a storage go on sharing it
local both = round_trip {base, base[1]}
both[2][0] = -1
assert(both[1][{1, 0}]:item() == -1)

-- tables: lists and dicts, nested
local mixed = round_trip {epoch = 3, rate = 0.5, name = "größe", flags = {true, false}, weight = torch.ones(2)}
assert(mixed.epoch == 3 and math.type(mixed.epoch) == "integer" and mixed.rate == 0.5 and mixed.name == "größe")
assert(mixed.flags[1] == true and mixed.flags[2] == false and torch.equal(mixed.weight, torch.ones(2)))

-- a quantized model's state into another
torch.manual_seed(1)
local function quantized()
  return torch.quantization.quantize_dynamic(nn.Sequential(nn.Linear(4, 3)), {nn.Linear}, {dtype = torch.qint8})
end
local one, two = quantized(), quantized()
local x = torch.randn(2, 4)
assert(not torch.equal(one(x), two(x)))
two:load_state_dict(round_trip(one:state_dict()))
assert(torch.equal(one(x), two(x)))

-- what is not there, and what is no checkpoint
fails("No such file or directory", torch.load, "missing.pt")
fails("Parent directory missing does not exist.", torch.save, torch.ones(1), "missing/value.pt")
local whole = assert(io.open("value.pt", "rb")):read("a")
local function load_bytes(bytes)
  local file <close> = assert(io.open("cut.pt", "wb"))
  file:write(bytes)
  file:close()
  return torch.load("cut.pt")
end
fails("Ran out of input", load_bytes, "")
fails("Weights only load failed", load_bytes, whole:sub(1, 1))
for _, size in ipairs {30, #whole // 2, #whole - 1} do
  fails("failed finding central directory", load_bytes, whole:sub(1, size))
end
fails("cannot save a 'function'", torch.save, function() end, "function.pt")
assert(not path.exists("function.pt"), "a failed save leaves no file")

-- the path module
assert(path.getsize("value.pt") == #whole)
fails("missing.pt", path.getsize, "missing.pt")
fails("Is a directory", path.getsize, ".")
assert(path.join("a", "b/", "c.pt") == "a/b/c.pt" and path.join("a", "/b") == "/b")
assert(path.basename("a/b.tar.gz") == "b.tar.gz" and path.dirname("/b") == "/" and path.dirname("b") == "")
assert(select(2, path.splitext("a.d/b.tar.gz")) == ".gz" and select(2, path.splitext("a.d/.rc")) == "")
