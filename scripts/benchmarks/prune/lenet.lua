--- LeNet of PyTorch's tutorial on pruning, and half of its channels pruned.
local torch = require "torch"
local nn = require "torch.nn"
local F = require "torch.nn.functional"
local prune = require "torch.nn.utils.prune"

local LeNet = torch.class("LeNet", nn.Module)

LeNet.layers = {"conv1", "conv2", "fc1", "fc2", "fc3"}

function LeNet:__init()
  self.conv1 = nn.Conv2d(1, 6, 5)
  self.conv2 = nn.Conv2d(6, 16, 5)
  self.fc1 = nn.Linear(16 * 5 * 5, 120)
  self.fc2 = nn.Linear(120, 84)
  self.fc3 = nn.Linear(84, 10)
end

function LeNet:forward(x)
  x = F.max_pool2d(F.relu(self.conv1(x)), {2, 2})
  x = F.max_pool2d(F.relu(self.conv2(x)), 2)
  x = x:flatten(1)
  return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))
end

--- A model of which half of the output channels of the two convolutions and half of the neurons of the linear layers are
--- pruned, all but the last layer's.
function LeNet.pruned()
  local model = LeNet():eval()
  for i = 1, 4 do
    prune.ln_structured(model[LeNet.layers[i]], {name = "weight", amount = 0.5, n = 2, dim = 0, prune_bias = true})
  end
  return model
end

--- The same with zeros in place of the masks.
function LeNet.lasting(model)
  for i = 1, 4 do
    prune.remove(model[LeNet.layers[i]], "weight")
    prune.remove(model[LeNet.layers[i]], "bias")
  end
  return model
end

return LeNet
