--- The recipe's forward calls and a small sum, called as a user calls them.
local serve = dofile(arg[0]:match("^(.*/)") .. "../worker.lua")
local torch = require "torch"
local nn = require "torch.nn"

local lstm_for_demonstration = torch.class("lstm_for_demonstration", nn.Module)

function lstm_for_demonstration:__init(in_dim, out_dim, depth)
  self.lstm = nn.LSTM(in_dim, out_dim, depth)
end

function lstm_for_demonstration:forward(inputs, hidden)
  return self.lstm(inputs, hidden)
end

local cases = {}
for _, dim in ipairs {8, 80, 256, 512} do
  torch.manual_seed(29592)
  local inputs = torch.randn(20, 1, dim)
  local hidden = {torch.randn(1, 1, dim), torch.randn(1, 1, dim)}
  local float_lstm = lstm_for_demonstration(dim, dim, 1)
  local quantized_lstm = torch.quantization.quantize_dynamic(float_lstm, {nn.LSTM, nn.Linear}, {dtype = torch.qint8})
  cases[#cases + 1] = {"FP32 LSTM " .. dim, function(n)
    for _ = 1, n do float_lstm:forward(inputs, hidden) end
  end}
  cases[#cases + 1] = {"INT8 LSTM " .. dim, function(n)
    for _ = 1, n do quantized_lstm:forward(inputs, hidden) end
  end}
end

local a, b = torch.randn(8), torch.randn(8)
cases[#cases + 1] = {"a + b, 8 floats", function(n)
  local _
  for _ = 1, n do _ = a + b end
end}

serve(cases)
