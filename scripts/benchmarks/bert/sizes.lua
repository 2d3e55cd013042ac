--- The logits of a batch in FP32 and INT8, and the bytes of both models as files in the folder given.
local M = dofile(arg[0]:match("^(.*/)") .. "model.lua")
local torch = require "torch"

local float, _ <close> = M.load(), torch.no_grad()
for _, part in ipairs {{"FP32", float}, {"INT8", M.quantize(float)}} do
  local name, model = part[1], part[2]
  local values = {}
  for _, row in ipairs(model(M.batch(8)).logits:tolist()) do
    for _, v in ipairs(row) do values[#values + 1] = ("%.9g"):format(v) end
  end
  local bytes = 0
  if arg[1] then
    local path = arg[1] .. "/" .. name .. ".pt"
    torch.save(model:state_dict(), path)
    local file <close> = assert(io.open(path, "rb"))
    bytes = file:seek("end")
  end
  print(name, bytes, table.concat(values, " "))
end
