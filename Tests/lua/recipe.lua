-- The dynamic-quantization recipe: what qrepl prints is what PyTorch printed into Fixtures/Recipe/recipe.txt.
local torch = require "torch"
local nn = require "torch.nn"
local path = require "path"

local lines = {}
local function show(...)
  local words = {}
  for i = 1, select("#", ...) do words[i] = tostring((select(i, ...))) end
  for line in (table.concat(words, " ") .. "\n"):gmatch("(.-)\n") do lines[#lines + 1] = line end
end

local lstm_for_demonstration = torch.class("lstm_for_demonstration", nn.Module)

function lstm_for_demonstration:__init(in_dim, out_dim, depth)
  self.lstm = nn.LSTM(in_dim, out_dim, depth)
end

function lstm_for_demonstration:forward(inputs, hidden)
  return self.lstm(inputs, hidden)
end

local function saved_size(model)
  torch.save(model:state_dict(), "temp.p")
  local size = path.getsize("temp.p")
  os.remove("temp.p")
  return size
end

for _, dim in ipairs {8, 80, 256, 512} do
  torch.manual_seed(29592)
  local inputs = torch.randn(20, 1, dim)
  local hidden = {torch.randn(1, 1, dim), torch.randn(1, 1, dim)}
  local float_lstm = lstm_for_demonstration(dim, dim, 1)
  local quantized_lstm = torch.quantization.quantize_dynamic(float_lstm, {nn.LSTM, nn.Linear}, {dtype = torch.qint8})
  show("model_dimension", dim)
  if dim == 8 then
    show(inputs[":3"])
    show(hidden[1])
    show(hidden[2])
    show(float_lstm.lstm.weight_ih_l0[":2"])
    show(float_lstm.lstm.bias_hh_l0)
    show(float_lstm)
    show(quantized_lstm)
  end
  show("bytes on disk", saved_size(float_lstm), saved_size(quantized_lstm))
  local out1 = float_lstm(inputs, hidden)
  local out2, hidden2 = quantized_lstm(inputs, hidden)
  local mag1 = torch.mean(torch.abs(out1)):item()
  local mag2 = torch.mean(torch.abs(out2)):item()
  local mag3 = torch.mean(torch.abs(out1 - out2)):item()
  show(("mean absolute value of output tensor values in the FP32 model is %.5f "):format(mag1))
  show(("mean absolute value of output tensor values in the INT8 model is %.5f"):format(mag2))
  show(("mean absolute value of the difference between the output tensors is %.5f or %.2f percent")
    :format(mag3, mag3 / mag1 * 100))
  if dim == 8 then
    show(out1[-1])
    show(out2[-1])
    show(hidden2[2])
  end
end

local number = 0
for wanted in io.lines(arg[0]:match("^(.*/)") .. "../Fixtures/Recipe/recipe.txt") do
  number = number + 1
  assert(lines[number] == wanted, ("line %d: wanted\n%s\ngot\n%s"):format(number, wanted, tostring(lines[number])))
end
assert(number == #lines, "more lines than PyTorch prints")
