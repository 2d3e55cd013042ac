-- torch.nn.utils.prune: what a pruned module holds, further pruning, copies and removal.
local nn = torch.nn
local prune = require "torch.nn.utils.prune"

local function names(iterator)
  local list = {}
  for name in iterator do list[#list + 1] = name end
  return table.concat(list, " ")
end
local function tensor(values) return torch.tensor(values) end
local function layer(rows, bias)
  local m = nn.Linear(#rows[1], #rows)
  m.weight = nn.Parameter(torch.tensor(rows))
  if bias then m.bias = nn.Parameter(torch.tensor(bias)) end
  return m
end

-- torch.manual_seed(0); m = prune.random_unstructured(nn.Linear(4, 3), "weight", 0.5); print(m.weight_mask)
torch.manual_seed(0)
local m = prune.random_unstructured(nn.Linear(4, 3), "weight", 0.5)
assert(names(m:named_parameters()) == "bias weight_orig" and names(m:named_buffers()) == "weight_mask")
assert(torch.equal(m.weight_mask, tensor {{1., 0., 0., 1.}, {1., 0., 0., 1.}, {0., 1., 1., 0.}}), tostring(m.weight_mask))
assert(torch.equal(m.weight, m.weight_orig * m.weight_mask) and m.weight.grad_fn ~= nil and not torch.isinstance(m.weight, nn.Parameter))
assert(prune.is_pruned(m) and prune.is_pruned(nn.Sequential(m)) and not prune.is_pruned(nn.Linear(1, 1)))

-- The hook of the tensor is found by its name; two methods make a container.
m = layer({{1., -2., 3.}, {-4., 5., -6.}}, {1., 2.})
prune.l1_unstructured(m, {name = "weight", amount = 2})
local function hook_of(module, name)
  local found
  for _, hook in pairs(module._forward_pre_hooks) do if hook._tensor_name == name then found = hook end end
  return found
end
local hook = hook_of(m, "weight")
assert(tostring(hook):find("^<torch.nn.utils.prune.L1Unstructured object at 0x%x+>$") and hook.amount == 2 and hook.PRUNING_TYPE == "unstructured")
assert(torch.isinstance(hook, prune.L1Unstructured) and torch.isinstance(hook, prune.BasePruningMethod) and not torch.isinstance(hook, prune.Identity))
prune.ln_structured(m, "weight", 1, 2, 1)
local container = hook_of(m, "weight")
assert(#m._forward_pre_hooks == 1 and #container == 2 and container[0] == hook and container[1].__class__.__name == "LnStructured" and container[-1].n == 2)
-- The first column has least norm of what was left: [0, -4], [0, 5], [3, -6].
assert(torch.equal(m.weight_mask, tensor {{0., 0., 1.}, {0., 1., 1.}}), tostring(m.weight_mask))
prune.l1_unstructured(m, "bias", 0.5)
assert(names(m:named_parameters()) == "weight_orig bias_orig" and #m._forward_pre_hooks == 2)
assert(torch.equal(m.bias, tensor {0., 2.}))

-- A forward pass makes the attribute anew; what is pruned gets no gradient.
local x = torch.ones(1, 3)
m(x):sum():backward()
assert(torch.equal(m.weight_orig.grad, m.weight_mask) and torch.equal(m.bias_orig.grad, tensor {0., 1.}))
local optimizer = torch.optim.SGD(m:parameters(), {lr = 0.5})
optimizer:step()
assert(torch.equal(m(x), tensor {{2.5, 4.5 - 6.5 + 1.5}}), tostring(m(x)))

-- state_dict and load_state_dict
local fresh = layer {{0., 0., 0.}, {0., 0., 0.}}
prune.identity(fresh, "weight")
prune.identity(fresh, "bias")
assert(names(m:state_dict():keys()) == "weight_orig bias_orig weight_mask bias_mask")
fresh:load_state_dict(m:state_dict())
assert(torch.equal(fresh(x), m(x)) and torch.equal(fresh.weight, m.weight))

-- A deep copy is independent, and its history is its own.
local copied = require("copy").deepcopy(m)
assert(copied.weight ~= m.weight and copied.weight.requires_grad and torch.equal(copied(x), m(x)))
prune.l1_unstructured(copied, "weight", 1)
assert(#hook_of(copied, "weight") == 3 and #hook_of(m, "weight") == 2 and m.weight_mask:sum():item() == 3 and copied.weight_mask:sum():item() == 2)
copied(x):sum():backward()
assert(copied.weight_orig.grad ~= nil and copied.weight_orig.grad ~= m.weight_orig.grad)

-- remove leaves zeros and ordinary parameters, at the end.
prune.remove(m, "weight")
assert(names(m:named_parameters()) == "bias_orig weight" and names(m:named_buffers()) == "bias_mask" and torch.isinstance(m.weight, nn.Parameter))
assert(m.weight:eq(0):sum():item() == 3 and m.weight.is_leaf and prune.is_pruned(m))
prune.remove(m, "bias")
assert(not prune.is_pruned(m) and names(m:named_parameters()) == "weight bias")

-- Several tensors as one.
local net = nn.Sequential(layer({{1., 2.}, {3., 4.}}), layer({{0.5, 5.}}))
prune.global_unstructured({{net[0], "weight"}, {net[1], "weight"}}, {pruning_method = prune.L1Unstructured, amount = 0.5})
assert(torch.equal(net[0].weight_mask, tensor {{0., 0.}, {1., 1.}}) and torch.equal(net[1].weight_mask, tensor {{0., 1.}}))
prune.global_unstructured({{net[0], "weight"}, {net[1], "weight"}}, prune.L1Unstructured, {[net[1]] = {weight = tensor {{9., 0.1}}}}, {amount = 1})
assert(torch.equal(net[1].weight_mask, tensor {{0., 0.}}))

-- A class of one's own.
local FooBar = torch.class("FooBar", prune.BasePruningMethod)
FooBar.PRUNING_TYPE = "unstructured"
function FooBar:__init(start) self.start = start or 0 end
function FooBar:compute_mask(_, default_mask)
  local mask = default_mask:clone()
  mask:view(-1)[self.start .. "::2"] = 0
  return mask
end
m = nn.Linear(2, 6)
local method = FooBar.apply(m, "bias")
assert(tostring(method):find("^<__main__.FooBar object at 0x%x+>$") and torch.isinstance(method, prune.BasePruningMethod) and method._tensor_name == "bias")
method = nil
collectgarbage() collectgarbage()
assert(torch.equal(m.bias_mask, tensor {0., 1., 0., 1., 0., 1.}) and hook_of(m, "bias").start == 0)
FooBar.apply(m, "bias", 1)
assert(torch.equal(m.bias_mask, tensor {0., 1., 0., 0., 0., 1.}) and hook_of(m, "bias")[1].start == 1)
copied = require("copy").deepcopy(m)
collectgarbage()
assert(hook_of(copied, "bias")[1].start == 1 and hook_of(copied, "bias")[1] ~= hook_of(m, "bias")[1])

-- What fails leaves the module as it was.
m = nn.Linear(3, 2)
local function refused(text, f, ...)
  local ok, problem = pcall(f, ...)
  assert(not ok and tostring(problem):find(text, 1, true), tostring(problem))
end
refused("ValueError: amount=1.5 should either be a float in the range [0, 1] or a non-negative integer", prune.l1_unstructured, m, "weight", 1.5)
refused("ValueError: amount=7 should be smaller than the number of parameters to prune=6", prune.l1_unstructured, m, "weight", 7)
refused("IndexError: Invalid index 2 for tensor of size torch.Size([2, 3])", prune.ln_structured, m, "weight", 1, 2, 2)
refused("ValueError: Parameter 'weight' of module Linear(in_features=3, out_features=2, bias=True) has to be pruned before pruning can be removed", prune.remove, m, "weight")
refused("AttributeError: 'Linear' object has no attribute 'wight'", prune.identity, m, "wight")
assert(names(m:named_parameters()) == "weight bias" and names(m:named_buffers()) == "" and not prune.is_pruned(m))
