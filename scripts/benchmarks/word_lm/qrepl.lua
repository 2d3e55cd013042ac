--- One batch of 25 words after the other through both models: the forward pass alone, and with the loss.
local folder = arg[0]:match("^(.*/)")
local serve, M = dofile(folder .. "../worker.lua"), dofile(folder .. "model.lua")
local torch = require "torch"
local nn = require "torch.nn"

torch.set_num_threads(tonumber(os.getenv("OMP_NUM_THREADS")) or 1)
local float = M.load()
local int8 = M.quantize(float)
local batches, criterion = M.batches(), nn.CrossEntropyLoss()

local cases = {}
local function case(name, model, with_loss)
  local hidden, at = model:init_hidden(1), 0
  cases[#cases + 1] = {name, function(count)
    local _ <close> = torch.no_grad()
    for _ = 1, count do
      at = at % 32 + 1
      local output
      output, hidden = model(batches[at][1], hidden)
      if with_loss then criterion(output:view(-1, M.words), batches[at][2]):item() end
    end
  end}
end
case("FP32, forward", float)
case("FP32, with the loss", float, true)
case("INT8, forward", int8)
case("INT8, with the loss", int8, true)
serve(cases)
