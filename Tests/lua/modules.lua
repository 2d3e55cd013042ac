-- Modules from Lua: classes, attributes, parameters, state dicts, copies. Expected texts are PyTorch 2.15's.
local torch = require "torch"
local nn = require "torch.nn"
local copy = require "copy"

local fails = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/fails.lua")

local Net = torch.class("Net", nn.Module)
function Net:__init(width)
  self.first = nn.Linear(4, width)
  self.second = nn.Linear(width, 2, {bias = false})
  self.scale = 2
  self.names = {"a", "b"}
end
function Net:forward(x) return self.second(self.first(x):tanh()) * self.scale end

torch.manual_seed(0)
local net = Net(3)

-- printing
assert(tostring(net) == [[
Net(
  (first): Linear(in_features=4, out_features=3, bias=True)
  (second): Linear(in_features=3, out_features=2, bias=False)
)]], tostring(net))

-- calls, attributes, identity
local x = torch.ones(5, 4)
assert(net(x).shape[0] == 5 and net:forward(x).shape[1] == 2)
assert(net.first == net.first and net.first.weight == net.first.weight, "one object has one userdata")
assert(net.scale == 2 and net.names[2] == "b")
assert(torch.isinstance(net, Net) and torch.isinstance(net, nn.Module) and torch.isinstance(net.first, nn.Linear))
assert(not torch.isinstance(net.first, Net))
fails("'Net' object has no attribute 'third'", function() return net.third end)

-- a subclass of a subclass
local Wider = torch.class("Wider", Net)
function Wider:__init()
  Net.__init(self, 6)
  self.third = nn.Linear(2, 1)
end
function Wider:forward(input) return self.third(Net.forward(self, input)) end
local wider = Wider()
assert(wider(x).shape[1] == 1 and torch.isinstance(wider, Net))

-- parameters in order
local names = {}
for name, parameter in net:named_parameters() do
  names[#names + 1] = name
  assert(parameter.requires_grad and parameter.is_leaf)
end
assert(table.concat(names, " ") == "first.weight first.bias second.weight", table.concat(names, " "))
names = {}
for name, module in wider:named_modules() do names[#names + 1] = name .. ":" .. tostring(module):match("^%a+") end
assert(table.concat(names, " ") == ":Wider first:Linear second:Linear third:Linear", table.concat(names, " "))

-- gradients
net(x):sum():backward()
assert(net.first.weight.grad.shape[1] == 4)
net:zero_grad()
assert(net.first.weight.grad == nil)

-- the mode
assert(net.training)
net:eval()
assert(not net.training and not net.second.training)
net:train()

-- state dicts, in order, loaded into another
local other = Net(3)
local state = net:state_dict()
local keys = {}
for key in pairs(state) do keys[#keys + 1] = key end
assert(table.concat(keys, " ") == "first.weight first.bias second.weight")
assert(tostring(other:load_state_dict(state)) == "<All keys matched successfully>")
assert(torch.equal(other(x), net(x)))
fails('Missing key(s) in state_dict: "third.weight", "third.bias"', function() wider:load_state_dict(state) end)

-- a deep copy shares nothing
local twin = copy.deepcopy(net)
assert(twin ~= net and torch.equal(twin(x), net(x)) and twin.names ~= net.names and twin.names[1] == "a")
do
  local _ <close> = torch.no_grad()
  twin.first.weight:fill_(0)
end
assert(not torch.equal(twin(x), net(x)))

-- hooks
local calls = 0
local handle = net:register_forward_hook(function(module, inputs, output)
  calls = calls + 1
  assert(module == net and #inputs == 1)
  return output * 0
end)
assert(net(x):abs():sum():item() == 0 and calls == 1)
handle:remove()
assert(net(x):abs():sum():item() ~= 0 and calls == 1)

-- a layer given what it cannot take
fails("mat1 and mat2 shapes cannot be multiplied (5x3 and 4x3)", function() return net(torch.ones(5, 3)) end)
fails("forward", function() return torch.class("Empty", nn.Module)()(x) end)

-- keywords alone
local lstm = nn.LSTM{input_size = 4, hidden_size = 3, num_layers = 2, batch_first = true}
assert(tostring(lstm) == "LSTM(4, 3, num_layers=2, batch_first=True)", tostring(lstm))
local out, hidden = lstm(torch.ones(2, 7, 4))
assert(out.shape[1] == 7 and #hidden == 2 and hidden[1].shape[0] == 2)
fails("", function() return nn.LSTM{input_size = 4, hidden_siz = 3} end)
