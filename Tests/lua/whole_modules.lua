-- Whole modules in files: what PyTorch's torch.save(module, f) wrote, and what comes back of our own.
local nn, prune, parametrizations = torch.nn, require "torch.nn.utils.prune", require "torch.nn.utils.parametrizations"
local function fails(sentence, f, ...)
  local ok, problem = pcall(f, ...)
  assert(not ok and tostring(problem):find(sentence, 1, true), tostring(problem))
end
local function load(file) return torch.load(file, {weights_only = false}) end
local function kept(value)
  torch.save(value, "kept.pt")
  return load "kept.pt"
end
local function flat(o, into)
  into = into or {}
  if torch.is_tensor(o) then into[#into + 1] = o elseif type(o) == "table" then for _, v in ipairs(o) do flat(v, into) end end
  return into
end

-- Every class as PyTorch saves it: text and outputs are PyTorch's; written again and read again they are the same to the bit.
local Custom = torch.class("Custom", nn.Module)
function Custom:forward(x) return self.l(x) + self.bb end
local fixture = arg[0]:match("^(.*/)") .. "../Fixtures/Modules/whole_modules.pt"
local count = 0
for _, row in ipairs(load(fixture)) do
  local again = kept(row.module)
  if row.text then assert(tostring(row.module) == row.text and tostring(again) == row.text, row.name .. "\n" .. tostring(row.module) .. "\n" .. row.text) end
  if row.inputs then
    local _ <close> = torch.no_grad()
    local mine, second = flat {row.module(table.unpack(row.inputs))}, flat {again(table.unpack(row.inputs))}
    for i, y in ipairs(row.outputs) do
      local d = mine[i]:double():sub(y:double()):abs():max():item()
      assert(d <= 1e-5, ("%s: output %d differs by %g"):format(row.name, i, d))
      assert(torch.equal(mine[i], second[i]), row.name)
    end
  end
  count = count + 1
end
assert(count > 175, count)
fails("Weights only load failed. This file can still be loaded, to do so you have two options", torch.load, fixture)
fails("WeightsUnpickler error: Unsupported global: GLOBAL torch.nn.modules.linear.Linear was not an allowed global by default. Please use `torch.serialization.add_safe_globals([torch.nn.modules.linear.Linear])`",
  torch.load, fixture)

-- A pruned model: masks, methods, and outputs to the bit; training goes on, and the masks hold
torch.manual_seed(0)
local model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
prune.l1_unstructured(model[0], "weight", {amount = 0.5})
prune.random_unstructured(model[0], "bias", {amount = 2})
prune.ln_structured(model[2], "weight", {amount = 1, n = 2, dim = 0})
prune.random_unstructured(model[2], "weight", {amount = 2})
model:eval()
local x = torch.randn(4, 6)
local back = kept(model)
assert(torch.equal(back(x), model(x)) and not back.training and back ~= model)
assert(prune.is_pruned(back) and #back[0]._forward_pre_hooks == 2)
for _, method in pairs(back[2]._forward_pre_hooks) do
  assert(torch.isinstance(method, prune.PruningContainer) and #method == 2 and method[0].amount == 1 and method[0].dim == 0 and method[1].amount == 2)
end
local optimizer = torch.optim.SGD(back:parameters(), {lr = 0.1, momentum = 0.9, weight_decay = 0.1})
prune.freeze(optimizer)
for _ = 1, 3 do
  optimizer:zero_grad()
  back(x):pow(2):sum():backward()
  optimizer:step()
end
assert(torch.equal(back[0].weight_orig:mul(back[0].weight_mask:eq(0)), model[0].weight_orig:mul(model[0].weight_mask:eq(0))))
assert(not torch.equal(back(x), model(x)))
prune.l1_unstructured(back[0], "weight", {amount = 0.5})
assert(back[0].weight_mask:sum():item() == 12)
prune.remove(back[0], "weight")
assert(back[0].weight:eq(0):sum():item() == 36)

-- A method written in Lua
local Checkers = torch.class("Checkers", prune.BasePruningMethod)
Checkers.PRUNING_TYPE = "unstructured"
function Checkers:__init(step) self.step = step end
function Checkers:compute_mask(t, mask)
  mask = mask:clone()
  mask:view(-1)["::" .. self.step] = 0
  return mask
end
local layer = nn.Linear(4, 4)
Checkers.apply(layer, "weight", 2)
Checkers.apply(layer, "weight", 3)
local copy = kept(layer)
collectgarbage() collectgarbage()
for _, method in pairs(copy._forward_pre_hooks) do assert(method[0].step == 2 and method[1].step == 3 and torch.isinstance(method[0], Checkers)) end
assert(torch.equal(copy.weight_mask, layer.weight_mask))
Checkers.apply(copy, "weight", 4)

-- Classes of torch.class: fields, shared tensors, submodules, a built-in base; __init is not called
local calls = 0
local Net = torch.class("Net", nn.Module)
function Net:__init(width)
  calls = calls + 1
  self.encoder = nn.Embedding(5, width)
  self.decoder = nn.Linear(width, 5)
  self.decoder.weight = self.encoder.weight
  self.names, self.options, self.flag, self.scale, self.where = {"a", "b"}, {rate = 0.5, sizes = {1, 2}}, false, 2.5, torch.ones(2)
  self:register_buffer("hidden", torch.zeros(1), {persistent = false})
end
function Net:forward(x) return self.decoder(self.encoder(x)) * self.scale end
local Wide = torch.class("Wide", nn.Linear)
function Wide:__init(n)
  nn.Linear.__init(self, n, 2 * n)
  self.tag = {n}
end
function Wide:forward(x) return nn.Linear.forward(self, x) + 1 end
local net, ids = Net(3), torch.tensor {0, 4, 2}
local file = kept {model = net, list = {nn.Sequential(Wide(5))}, epoch = 7}
collectgarbage() collectgarbage()
assert(calls == 1 and file.epoch == 7 and torch.isinstance(file.model, Net) and torch.equal(file.model(ids), net(ids)))
local m = file.model
assert(m.names[2] == "b" and m.options.rate == 0.5 and m.options.sizes[2] == 2 and m.flag == false and m.scale == 2.5 and torch.equal(m.where, torch.ones(2)))
assert(m.decoder.weight == m.encoder.weight and m:state_dict().hidden == nil and m.hidden:item() == 0)
local wide = file.list[1][0]
assert(torch.isinstance(wide, Wide) and torch.isinstance(wide, nn.Linear) and wide.tag[1] == 5 and wide.out_features == 10)
assert(torch.equal(wide(torch.zeros(5)), wide.bias + 1) and tostring(wide) == "Wide(in_features=5, out_features=10, bias=True)")
-- A later class of the same name takes over, as Python's __main__ has it; another name is missed
local Other = torch.class("Net", nn.Module)
function Other:forward(x) return "other" end
assert(kept(net)(ids) == "other")
fails("AttributeError: Can't get attribute 'Absent' on <module '__main__'", load, (fixture:gsub("whole_modules", "absent_class")))

-- Sparse layers are written compressed: columns take 2 bytes and values 4
do
  local dense = nn.Sequential(nn.Linear(512, 256))
  prune.l1_unstructured(dense[0], "weight", {amount = 0.9})
  local x = torch.randn(3, 512)
  local sparse = prune.sparsify(dense, {force = true})
  local again = kept(sparse)
  assert(torch.equal(again(x), sparse(x)) and torch.isinstance(again[0], prune.SparseLinear) and again[0].density == sparse[0].density)
  local bytes = #io.open("kept.pt", "rb"):read("a")
  torch.save(nn.Sequential(nn.Linear(512, 256)), "dense.pt")
  assert(bytes < 0.17 * #io.open("dense.pt", "rb"):read("a"), bytes)
end

-- Refusals
local parametrized = nn.Sequential(parametrizations.orthogonal(nn.Linear(3, 3)))
fails("RuntimeError: Serialization of parametrized modules is only supported through state_dict(). See:\nhttps://pytorch.org/tutorials/beginner/saving_loading_models.html#saving-loading-a-general-checkpoint-for-inference-and-or-resuming-training",
  torch.save, parametrized, "no.pt")
local hooked = nn.Linear(2, 2)
local handle = hooked:register_forward_hook(function() end)
fails("TypeError: cannot save a 'Linear' whole whose hooks are functions", torch.save, hooked, "no.pt")
handle:remove()
kept(hooked)
fails("TypeError: cannot save a 'LazyLinear' whole", torch.save, nn.LazyLinear(3), "no.pt")
net.callback = print
fails("TypeError: cannot save a 'function'", torch.save, net, "no.pt")
assert(not io.open("no.pt"))

-- What no longer is parametrized is saved, and so are layers whose attributes users changed for the worse, or not; no crash in either case
local P = require "torch.nn.utils.parametrize"
local restored = P.remove_parametrizations(parametrizations.weight_norm(nn.Linear(3, 3)), "weight")
assert(torch.equal(kept(restored).weight, restored.weight))
local conv = nn.Conv2d(1, 1, 3, {padding = 1, padding_mode = "circular"})
conv.padding = {1}
fails("TypeError: Conv2d.padding must be a tuple of 2 ints", torch.save, conv, "no.pt")
fails("TypeError: Conv2d.padding must be a tuple of 2 ints", conv, torch.ones(1, 1, 4, 4))

-- Drawing no random number: a load leaves the generator as it is
torch.manual_seed(3)
local first = torch.rand(2)
torch.manual_seed(3)
load(fixture)
assert(torch.equal(torch.rand(2), first))
