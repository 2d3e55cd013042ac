-- What a module written in Lua adds to its state dict, functions of each element, sizes, and unique along a dimension.
local nn = torch.nn
local function fails(sentence, f, ...)
  local ok, problem = pcall(f, ...)
  assert(not ok and tostring(problem):find(sentence, 1, true), tostring(problem))
end

local Counter = torch.class("Counter", nn.Module)
function Counter:__init()
  self.seen = 0
  self.linear = nn.Linear(1, 1)
end
function Counter:get_extra_state() return { seen = self.seen } end
function Counter:set_extra_state(state) self.seen = state.seen end
local a, b = Counter(), Counter()
a.seen = 7
local state = a:state_dict()
local names = {}
for name in pairs(state) do names[#names + 1] = name end
-- list(a.state_dict()): the module's own come before its children's
assert(table.concat(names, " ") == "_extra_state linear.weight linear.bias", table.concat(names, " "))
assert(tostring(b:load_state_dict(state)) == "<All keys matched successfully>" and b.seen == 7)
state._extra_state = nil
fails('Missing key(s) in state_dict: "_extra_state".', b.load_state_dict, b, state)
fails('Unexpected key(s) in state_dict: "0._extra_state".', function()
  nn.Sequential(nn.Linear(1, 1)):load_state_dict { ["0.weight"] = torch.ones(1, 1), ["0.bias"] = torch.ones(1), ["0._extra_state"] = 1 }
end)

-- torch.arange(4.).view(2, 2).t().apply_(lambda v: v * 10)
local x = torch.arange(4.0):view(2, 2)
local turned = x:t()
assert(turned:apply_(function(v) return v * 10 end) == turned and tostring(x:tolist()[2][1]) == "20.0")
-- torch.tensor([1, 2]).map_(torch.tensor([3]), lambda a, b: a - b)
local y = torch.tensor { 1, 2 }
y:map_(torch.tensor { 3 }, function(p, q) return p - q end)
assert(y[0]:item() == -2 and y[1]:item() == -1)
y:map2_(torch.tensor { 1, 2 }, torch.tensor { 10, 20 }, function(p, q, r) return p + q + r end)
assert(y[0]:item() == 9 and y[1]:item() == 21)
fails("RuntimeError: Can't call apply_() on Variable that requires grad. Use var.detach().apply_() instead.", function()
  torch.ones(1, { requires_grad = true }):apply_(function(v) return v end)
end)

-- torch.Size([2, 3])
local size = torch.Size { 2, 3 }
assert(tostring(size) == "torch.Size([2, 3])" and size == torch.ones(2, 3).shape and size:numel() == 6 and torch.isinstance(size, torch.Size))
fails("torch.Size() takes an iterable of 'int' (item 1 is 'float')", torch.Size, { 2, 1.5 })

-- torch.unique(x, dim=2) orders by the other dimensions in their order: x = torch.tensor([[[1, 0], [0, 1]], [[1, 1], [0, 0]]]).transpose(0, 1)
local z = torch.tensor { { { 0, 0, 0 }, { 1, 0, 0 } }, { { 0, 1, 0 }, { 0, 0, 0 } } }
-- torch.unique(z, dim=2).tolist()
assert(torch.equal(torch.unique(z, { dim = 2 }), torch.tensor { { { 0, 0, 0 }, { 0, 0, 1 } }, { { 0, 1, 0 }, { 0, 0, 0 } } }))
