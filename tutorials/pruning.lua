-- %% [markdown]
-- # Pruning
--
-- Networks are larger than they need be: many of their connections can be cut and hardly anything is lost.
-- `torch.nn.utils.prune` cuts them, one weight at a time or whole channels, at random or by size, in one layer or in the
-- whole model, and lets the model be trained on. This walkthrough cuts a small convolutional network in all these ways.
--
-- Each step prints what PyTorch prints for it after `torch.manual_seed(0)`: the same weights, the same masks.
--
-- Run it with `qrepl tutorials/pruning.lua`, or cell by cell in an editor that knows the percent format.

-- %% [markdown]
-- ## A model
--
-- LeNet, of 1998: two convolutions and three linear layers.

-- %%
local torch = require "torch"
local nn = require "torch.nn"
local F = require "torch.nn.functional"
local prune = require "torch.nn.utils.prune"

torch.manual_seed(0)

local LeNet = torch.class("LeNet", nn.Module)

function LeNet:__init()
  -- 1 image channel, 6 output channels, 5 x 5 kernels
  self.conv1 = nn.Conv2d(1, 6, 5)
  self.conv2 = nn.Conv2d(6, 16, 5)
  self.fc1 = nn.Linear(16 * 5 * 5, 120)
  self.fc2 = nn.Linear(120, 84)
  self.fc3 = nn.Linear(84, 10)
end

function LeNet:forward(x)
  x = F.max_pool2d(F.relu(self.conv1(x)), {2, 2})
  x = F.max_pool2d(F.relu(self.conv2(x)), 2)
  x = x:view(-1, x:nelement() // x.shape[0])
  x = F.relu(self.fc1(x))
  x = F.relu(self.fc2(x))
  return self.fc3(x)
end

local model = LeNet()

-- %% [markdown]
-- A pair of functions that write names and tensors as Python writes a list of them, to be compared with PyTorch's output.

-- %%
local function list(names)
  for i, name in ipairs(names) do names[i] = ("'%s'"):format(name) end
  return "[" .. table.concat(names, ", ") .. "]"
end

local function pairs_of(iterator)
  local items = {}
  for name, tensor in iterator do items[#items + 1] = ("('%s', %s)"):format(name, tensor) end
  return "[" .. table.concat(items, ", ") .. "]"
end

-- %% [markdown]
-- ## What a layer holds
--
-- Unpruned, `conv1` has two parameters, `weight` and `bias`, and no buffers.

-- %%
local module = model.conv1
print(pairs_of(module:named_parameters()))
print(pairs_of(module:named_buffers()))

-- %% [markdown]
-- ## Prune a layer
--
-- Choose a method, name the tensor, say how much: a number between 0 and 1 is a fraction of the connections, an integer
-- is their number. Here 30 percent of the connections of `conv1`, at random.

-- %%
prune.random_unstructured(module, {name = "weight", amount = 0.3})

-- %% [markdown]
-- The parameter `weight` is gone. In its place are the parameter `weight_orig`, which has all the weights, and the buffer
-- `weight_mask`, which has zeros where they are cut.

-- %%
print(pairs_of(module:named_parameters()))
print(pairs_of(module:named_buffers()))

-- %% [markdown]
-- `weight` itself is now an attribute, the product of the two. It is what the layer computes with. Gradients go through
-- it to `weight_orig`, and are zero where the mask is.

-- %%
print(module.weight)

-- %% [markdown]
-- The product is made anew before each call, by a hook: one for each pruned tensor. `print(module._forward_pre_hooks)`
-- shows it; it is the object that chose the mask.

-- %%
print(#module._forward_pre_hooks)

-- %% [markdown]
-- The bias can be pruned too. Another method, this time: the 3 entries that are least in magnitude (the L1 norm of one number).

-- %%
prune.l1_unstructured(module, {name = "bias", amount = 3})
print(pairs_of(module:named_parameters()))
print(pairs_of(module:named_buffers()))
print(module.bias)

-- %% [markdown]
-- ## Prune it further
--
-- What is pruned can be pruned again, by any method; the masks combine. Now half of the channels of `weight` (3 of 6, along
-- dimension 0) go, those whose L2 norm is least. The channels that stay keep the holes that they had.

-- %%
prune.ln_structured(module, {name = "weight", amount = 0.5, n = 2, dim = 0})
print(module.weight)

-- %% [markdown]
-- The hook has become a `PruningContainer`, which holds the methods in the order in which they came.

-- %%
local history
for _, hook in pairs(module._forward_pre_hooks) do
  if hook._tensor_name == "weight" then history = hook end
end

local classes = {}
for i, method in pairs(history) do classes[i + 1] = method.__class__.__name end
print(list(classes))

-- %% [markdown]
-- ## Save it
--
-- Masks are buffers and originals are parameters, so `state_dict` has all that is needed.

-- %%
local keys = {}
for key in model:state_dict():keys() do keys[#keys + 1] = key end
print(list(keys))

-- %% [markdown]
-- ## Make it lasting
--
-- `prune.remove` takes mask, original and hook away. It does not undo the pruning: `weight` is a parameter again, with
-- zeros where it was cut.

-- %%
prune.remove(module, "weight")
print(pairs_of(module:named_parameters()))
print(pairs_of(module:named_buffers()))

-- %% [markdown]
-- ## Prune all layers of a kind
--
-- Here 20 percent of the connections of every convolution and 40 percent of every linear layer.

-- %%
local new_model = LeNet()
for _, layer in new_model:named_modules() do
  if torch.isinstance(layer, nn.Conv2d) then
    prune.l1_unstructured(layer, {name = "weight", amount = 0.2})
  elseif torch.isinstance(layer, nn.Linear) then
    prune.l1_unstructured(layer, {name = "weight", amount = 0.4})
  end
end

local masks = {}
for name in new_model:named_buffers() do masks[#masks + 1] = name end
print(list(masks))

-- %% [markdown]
-- ## Prune the model as a whole
--
-- Weights of all layers can be weighed against each other: the least fifth of all connections goes, wherever it is. Some
-- layers then lose more than others.

-- %%
model = LeNet()

local layers = {"conv1", "conv2", "fc1", "fc2", "fc3"}
local parameters_to_prune = {}
for i, name in ipairs(layers) do parameters_to_prune[i] = {model[name], "weight"} end

prune.global_unstructured(parameters_to_prune, {pruning_method = prune.L1Unstructured, amount = 0.2})

local zeros, all = 0, 0
for _, name in ipairs(layers) do
  local weight = model[name].weight
  local cut = torch.sum(weight:eq(0)):item()
  zeros, all = zeros + cut, all + weight:nelement()
  print(("Sparsity in %s.weight: %.2f%%"):format(name, 100 * cut / weight:nelement()))
end
print(("Global sparsity: %.2f%%"):format(100 * zeros / all))

-- %% [markdown]
-- ## A method of one's own
--
-- A method is a class that derives from `prune.BasePruningMethod`. `compute_mask` gets the tensor and the mask so far and
-- gives the new mask; `PRUNING_TYPE` says what it sees of a tensor that was pruned before: single elements that are left
-- (`"unstructured"`), channels that are left (`"structured"`), or everything (`"global"`). This one cuts every other entry.

-- %%
local FooBarPruningMethod = torch.class("FooBarPruningMethod", prune.BasePruningMethod)

FooBarPruningMethod.PRUNING_TYPE = "unstructured"

function FooBarPruningMethod:compute_mask(t, default_mask) -- luacheck: ignore t
  local mask = default_mask:clone()
  mask:view(-1)["::2"] = 0
  return mask
end

local function foobar_unstructured(layer, name)
  FooBarPruningMethod.apply(layer, name)
  return layer
end

model = LeNet()
foobar_unstructured(model.fc3, "bias")
print(model.fc3.bias_mask)

-- %% [markdown]
-- The pruned model runs as before. All of the above is, value for value, what PyTorch prints.

-- %%
local x = torch.randn(4, 1, 32, 32)
print(model(x))

-- %% [markdown]
-- ## Train what is left
--
-- A weight that was made lasting is a parameter like any other, so momentum and weight decay move its zeros. Where that is not
-- wanted, `prune.freeze(optimizer)` masks gradients and the optimizer's state, and what was cut stays cut. (PyTorch has
-- nothing for it.)

-- %%
local function zeros_after_training(freezes)
  torch.manual_seed(0)
  local layer = nn.Linear(8, 8)
  local optimizer = torch.optim.SGD(layer:parameters(), {lr = 0.1, momentum = 0.9, weight_decay = 0.01})
  local function step() optimizer:zero_grad(); layer(torch.randn(4, 8)):pow(2):sum():backward(); optimizer:step() end
  step()
  prune.l1_unstructured(layer, {name = "weight", amount = 0.75})
  prune.remove(layer, "weight")
  if freezes then prune.freeze(optimizer) end
  for _ = 1, 5 do step() end
  return layer.weight:eq(0):sum():item()
end

print(("zeros of 48 after five steps: %d"):format(zeros_after_training(false)))
print(("and with prune.freeze: %d"):format(zeros_after_training(true)))
