--- Training steps of the word model: prints the seconds each takes, then the most memory the process has had, in KB.
local torch = require "torch"
local nn = require "torch.nn"
local F = require "torch.nn.functional"

local threads = tonumber(os.getenv("BENCH_THREADS"))
if threads then torch.set_num_threads(threads) end
torch.manual_seed(1111)

local words, width, hidden, layers, batch, length = 33278, 512, 256, 5, 20, 35
local encoder, lstm, decoder = nn.Embedding(words, width), nn.LSTM(width, hidden, layers), nn.Linear(hidden, words)
local parameters = {}
for _, layer in ipairs {encoder, lstm, decoder} do
  for p in layer:parameters() do parameters[#parameters + 1] = p end
end
local optimizer = torch.optim.SGD(parameters, {lr = 0.5})
local data, target = torch.randint(0, words, {length, batch}), torch.randint(0, words, {length * batch})

local function step()
  optimizer:zero_grad()
  local output = lstm(encoder(data))
  local loss = F.cross_entropy(decoder(output):view(-1, words), target)
  loss:backward()
  torch.nn.utils.clip_grad_norm_(parameters, 0.25)
  optimizer:step()
  return loss:item()
end

step()
print("ready")
io.stdout:flush()
for _ in io.lines() do
  step()
  print("done")
  io.stdout:flush()
end
for line in io.lines("/proc/self/status") do
  local kb = line:match("^VmHWM:%s*(%d+)")
  if kb then print(kb) end
end
