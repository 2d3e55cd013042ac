--- The ops of ops.txt at three sizes, then products and layers, called as a user calls them.
local folder = arg[0]:match("^(.*/)")
local serve = dofile(folder .. "../worker.lua")
local torch = require "torch"
local nn = require "torch.nn"
local F = require "torch.nn.functional"

local wanted = os.getenv("BENCH_ONLY") or ""
local threads = tonumber(os.getenv("BENCH_THREADS"))
if threads then torch.set_num_threads(threads) end
torch.manual_seed(29592)

local cases = {}
local function case(name, make)
  if wanted ~= "" and not name:find(wanted) then return end
  local ok, loop = pcall(make)
  -- What is not there yet is left out; PyTorch's list tells.
  if ok and pcall(loop, 1) then cases[#cases + 1] = {name, loop} end
end

local form = [[
local torch, F, n, a, b, t, p, m, x, row, rows, places = ...
return function(count)
  local _
  for _ = 1, count do _ = %s end
end]]
-- `t:add_(b)` and the like are values too.
for _, shape in ipairs {{8, 2}, {4096, 64}, {4194304, 2048}} do
  local n, height = shape[1], shape[2]
  local a, b, t = torch.randn(n), torch.randn(n), torch.randn(n)
  local p, x = torch.rand(n) + 0.1, a:view(height, -1)
  local width = n // height
  local rows, places = torch.randint(0, height, {height}), torch.randint(0, width, {height, width})
  local m, row = a:lt(b), torch.randn(width)
  for line in io.lines(folder .. "ops.txt") do
    local name, code = line:match("^([^#].-) ;; (.-) ;; ")
    if name then
      case(name .. " @" .. n, function()
        return assert(load(form:format(code)))(torch, F, n, a, b, t, p, m, x, row, rows, places)
      end)
    end
  end
end

local function calls(f)
  return function(count)
    for _ = 1, count do f() end
  end
end

for _, n in ipairs {64, 256, 1024} do
  case("matmul " .. n, function()
    local a, b = torch.randn(n, n), torch.randn(n, n)
    return calls(function() return a:matmul(b) end)
  end)
end
case("batch of 64 matmul 64", function()
  local a, b = torch.randn(64, 64, 64), torch.randn(64, 64, 64)
  return calls(function() return torch.bmm(a, b) end)
end)
case("linear 20 x 512 to 512", function()
  local layer, x = nn.Linear(512, 512), torch.randn(20, 512)
  return calls(function() return layer(x) end)
end)
case("conv2d 8 x 64 x 28 x 28 to 64", function()
  local layer, x = nn.Conv2d(64, 64, 3, {padding = 1}), torch.randn(8, 64, 28, 28)
  return calls(function() return layer(x) end)
end)
case("conv2d forward and backward", function()
  local layer, x = nn.Conv2d(64, 64, 3, {padding = 1}), torch.randn(8, 64, 28, 28)
  return calls(function() layer(x):sum():backward() end)
end)
for _, shape in ipairs {{20, 1, 8, 8, 1}, {35, 20, 512, 256, 1}, {35, 20, 256, 256, 2}} do
  local steps, batch, input, hidden, layers = table.unpack(shape)
  local name = ("%d x %d x %d to %d, %d layers"):format(steps, batch, input, hidden, layers)
  case("LSTM " .. name, function()
    local layer, x = nn.LSTM(input, hidden, layers), torch.randn(steps, batch, input)
    return calls(function()
      local _ <close> = torch.no_grad()
      return layer(x)
    end)
  end)
  case("LSTM and backward " .. name, function()
    local layer, x = nn.LSTM(input, hidden, layers), torch.randn(steps, batch, input)
    return calls(function() layer(x):sum():backward() end)
  end)
end

serve(cases)
