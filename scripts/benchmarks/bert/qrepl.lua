--- BERT on a batch: forward passes, or with BENCH_PART=training a step.
local folder = arg[0]:match("^(.*/)")
local serve, M = dofile(folder .. "../worker.lua"), dofile(folder .. "model.lua")
local torch = require "torch"

torch.set_num_threads(tonumber(os.getenv("OMP_NUM_THREADS")) or 1)
local model = M.load()
local cases = {}

local function case(name, model, used)
  local inputs = M.batch(8, used)
  cases[#cases + 1] = {name, function(count)
    local _ <close> = torch.no_grad()
    for _ = 1, count do model(inputs) end
  end}
end

local function training()
  local inputs = M.batch(16)
  inputs.labels = torch.arange(16):remainder(2)
  model:train()
  local optimizer = torch.optim.AdamW(model:parameters(), {lr = 2e-5, weight_decay = 0.01})
  cases[1] = {"a training step, 16 x 128", function(count)
    for _ = 1, count do
      optimizer:zero_grad()
      model(inputs).loss:backward()
      optimizer:step()
    end
  end}
end

if os.getenv("BENCH_PART") == "training" then
  training()
else
  local int8 = M.quantize(model)
  case("FP32", model)
  case("INT8", int8)
  case("FP32, 53 tokens count", model, 53)
  case("INT8, 53 tokens count", int8, 53)
end
serve(cases)
