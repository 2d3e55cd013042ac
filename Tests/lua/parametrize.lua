-- torch.nn.utils.parametrize: registration, properties, right_inverse, removal, copies, state dicts. Expected texts and values: PyTorch 2.15.
local nn = torch.nn
local P = require "torch.nn.utils.parametrize"
local copy = require "copy"
local function fails(text, f, ...)
  local ok, problem = pcall(f, ...)
  assert(not ok, "no error, expected: " .. text)
  assert(tostring(problem):find(text, 1, true), ("expected: %s\ngot: %s"):format(text, problem))
end
local function keys(m)
  local names = {}
  for name in m:state_dict():keys() do names[#names + 1] = name end
  return table.concat(names, " ")
end

local Symmetric = torch.class("Symmetric", nn.Module)
function Symmetric:forward(X) return X:triu() + X:triu(1).mT end
local Skew = torch.class("Skew", nn.Module)
function Skew:forward(X) local A = X:triu(1) return A - A.mT end
function Skew:right_inverse(A) return A:triu(1) end

-- What registration changes.
local l = nn.Linear(3, 3)
local before = l.weight
local optimizer = torch.optim.SGD(l:parameters(), { lr = 0.1 })
assert(P.register_parametrization(l, "weight", Symmetric()) == l)
assert(l.parametrizations.weight.original == before and before.requires_grad)
assert(torch.equal(l.weight, l.weight.T) and l.weight ~= l.weight and not torch.isinstance(l.weight, nn.Parameter))
assert(P.is_parametrized(l) and P.is_parametrized(l, "weight") and not P.is_parametrized(l, "bias") and not P.is_parametrized(nn.ReLU()))
assert(P.type_before_parametrizations(l) == nn.Linear and P.type_before_parametrizations(nn.ReLU()) == nn.ReLU)
assert(tostring(l.__class__) == "<class 'ParametrizedLinear'>" and torch.isinstance(l, nn.Linear))
assert(l:_get_name() == "ParametrizedLinear")
-- repr(nn.Sequential(l))
assert(tostring(nn.Sequential(l)) == [[
Sequential(
  (0): ParametrizedLinear(
    in_features=3, out_features=3, bias=True
    (parametrizations): ModuleDict(
      (weight): ParametrizationList(
        (0): Symmetric()
      )
    )
  )
)]])
assert(keys(l) == "bias parametrizations.weight.original")
local list = l.parametrizations.weight
assert(torch.isinstance(list, P.ParametrizationList) and torch.isinstance(list, nn.ModuleList) and torch.isinstance(l.parametrizations, nn.ModuleDict))
assert(#list == 1 and torch.isinstance(list[0], Symmetric) and list.is_tensor == true and list.ntensors == 1 and list.unsafe == false)
assert(torch.equal(list(), l.weight))

-- The optimizer that was made before trains the original.
local x = torch.ones(2, 3)
l(x):sum():backward()
assert(before.grad ~= nil)
optimizer:step()
assert(torch.equal(l.weight, Symmetric()(before)))

-- del l.weight, l.weight = nn.Parameter(…), l.register_buffer("weight", …), l.foo
fails("KeyError: attribute 'weight' already exists", function() l.weight = nn.Parameter(torch.ones(3, 3)) end)
fails("KeyError: attribute 'weight' already exists", l.register_buffer, l, "weight", torch.ones(2))
fails("AttributeError: 'ParametrizedLinear' object has no attribute 'foo'", function() return l.foo end)
fails("RuntimeError: parametrization Symmetric does not implement right_inverse.", function() l.weight = torch.ones(3, 3) end)
fails("RuntimeError: parametrization Symmetric does not implement right_inverse.", function() l.weight = nil end)
fails('RuntimeError: Error(s) in loading state_dict for ParametrizedLinear:\n\tMissing key(s) in state_dict: "bias", "parametrizations.weight.original". ', l.load_state_dict, l, {})
fails("TypeError: cannot assign 'torch.nn.utils.parametrize.ParametrizedLinear' object to parameter 'p' (torch.nn.Parameter or None required)", function()
  nn.ReLU():register_parameter("p", l)
end)
fails("TypeError: Linear.forward() missing 1 required positional argument: 'input'", l)

-- Names that cannot be parametrized.
fails("ValueError: Module 'ReLU()' does not have a parameter, a buffer, or a parametrized element with name 'weight'", P.register_parametrization, nn.ReLU(), "weight", Symmetric())
fails("ValueError: Module ReLU() does not have a parametrization on weight", P.remove_parametrizations, nn.ReLU(), "weight")
fails(") does not have a parametrization on bias", P.remove_parametrizations, l, "bias")
fails("AttributeError: 'NoneType' object has no attribute 'shape'", P.register_parametrization, nn.Linear(2, 2, false), "bias", Symmetric())
fails("AttributeError: 'int' object has no attribute 'train'", P.register_parametrization, nn.Linear(2, 2), "weight", 3)
fails("ValueError: ParametrizationList requires one or more modules.", P.ParametrizationList, {}, torch.ones(2))

-- Results that do not fit. The module is as it was then.
local Any = torch.class("Any", nn.Module)
function Any:__init(forward, inverse) self.f, self.g = forward, inverse end
function Any:forward(...) return self.f(...) end
function Any:right_inverse(X) return self.g(X) end
local same = function(X) return X end
local double = function(X) return X:double() end
local row = function(X) return X[0] end
local three = function() return 3 end
for _, case in ipairs {
  { double, same, "Registering a parametrization may not change the dtype of the tensor, unless `unsafe` flag is enabled.\nunparametrized dtype: torch.float32\nparametrized dtype: torch.float64",
    "Registering a parametrization may not change the dtype of the tensor, unless the `unsafe` flag is enabled.\nmodule.weight.dtype: torch.float32\nparametrization(module.weight).dtype: torch.float64" },
  { row, same, "Registering a parametrization may not change the shape of the tensor, unless `unsafe` flag is enabled.\nunparametrized shape: torch.Size([3, 3])\nparametrized shape: torch.Size([3])",
    "Registering a parametrization may not change the shape of the tensor, unless the `unsafe` flag is enabled.\nmodule.weight.shape: torch.Size([3, 3])\nparametrization(module.weight).shape: torch.Size([3])" },
  { three, same, "A parametrization must return a tensor. Got int.", "A parametrization must return a tensor. Got int." },
  { same, three, "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got int", "parametrization.right_inverse must return a tensor. Got: int" },
  { same, function() end, "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got NoneType", "parametrization.right_inverse must return a tensor. Got: NoneType" },
  { same, function() return "ab" end, "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got element 0 of the sequence with type str.", "parametrization.right_inverse must return a tensor. Got: str" },
  { same, function(X) return X, 3 end, "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got element 1 of the sequence with type int.", "parametrization.right_inverse must return a tensor. Got: tuple" },
  { same, double, "When `right_inverse` outputs one tensor, it may not change the dtype.\noriginal.dtype: torch.float32\nright_inverse(original).dtype: torch.float64",
    "The tensor returned by parametrization.right_inverse must have the same dtype as module.weight, unless the `unsafe` flag is enabled.\nmodule.weight.dtype: torch.float32\nreturned dtype: torch.float64" },
  { same, row, "Registering a parametrization may not change the shape of the tensor, unless `unsafe` flag is enabled.\nunparametrized shape: torch.Size([3, 3])\nparametrized shape: torch.Size([3])",
    "The tensor returned by parametrization.right_inverse must have the same shape as module.weight, unless the `unsafe` flag is enabled.\nmodule.weight.shape: torch.Size([3, 3])\nreturned shape: torch.Size([3])" },
} do
  local m = nn.Linear(3, 3)
  local weight, kept = m.weight, m.weight:clone()
  fails("ValueError: " .. case[3], P.register_parametrization, m, "weight", Any(case[1], case[2]))
  assert(m.weight == weight and torch.equal(weight, kept) and tostring(m) == "Linear(in_features=3, out_features=3, bias=True)")
  P.register_parametrization(m, "weight", Symmetric())
  fails("ValueError: " .. case[4], P.register_parametrization, m, "weight", Any(case[1], case[2]))
  assert(#m.parametrizations.weight == 1)
end

-- unsafe lets shape and dtype change, and stays.
local u = nn.Linear(3, 3)
P.register_parametrization(u, "weight", Any(row, same), { unsafe = true })
assert(tostring(u.weight.shape) == "torch.Size([3])" and u.parametrizations.weight.unsafe == true)
u = nn.Linear(3, 3)
P.register_parametrization(u, "weight", Symmetric())
P.register_parametrization(u, "weight", Any(double, same), { unsafe = true })
assert(u.weight.dtype == torch.float64 and u.parametrizations.weight.unsafe == true)
fails("RuntimeError: Calling remove_parametrizations() with leave_parametrized=True for a parameter", P.remove_parametrizations, u, "weight")

-- A right_inverse that is not implemented is passed over at registration, not at assignment.
local NotYet = torch.class("NotYet", nn.Module)
function NotYet:forward(X) return X * 2 end
function NotYet:right_inverse() error("NotImplementedError: not yet") end
local n = nn.Linear(2, 2)
local w = n.weight:clone()
P.register_parametrization(n, "weight", NotYet())
P.register_parametrization(n, "weight", NotYet())
assert(torch.equal(n.weight, w * 4))
fails("NotImplementedError: not yet", function() n.weight = w end)
-- Any other mistake ends it.
fails("attempt to", P.register_parametrization, nn.Linear(2, 2), "weight", Any(same, function() return undefined.field end))
fails("attempt to", P.register_parametrization, nn.Linear(2, 2), "weight", Any(function() return undefined.field end, same))

-- Assignment goes through the right inverses, last one first; the original stays the same object.
local s = nn.Linear(3, 3)
local original = s.weight
P.register_parametrization(s, "weight", Any(function(X) return X * 2 end, function(X) return X / 2 end))
P.register_parametrization(s, "weight", Any(function(X) return X + 1 end, function(X) return X - 1 end))
s.weight = torch.full({ 3, 3 }, 7.0)
assert(torch.equal(s.parametrizations.weight.original, torch.full({ 3, 3 }, 3.0)) and torch.equal(s.weight, torch.full({ 3, 3 }, 7.0)))
assert(s.parametrizations.weight.original == original and original.requires_grad)
s.parametrizations.weight:right_inverse(torch.full({ 3, 3 }, 9.0))
assert(torch.equal(s.weight, torch.full({ 3, 3 }, 9.0)))
local changing = Any(same, same)
local c = nn.Linear(3, 3)
P.register_parametrization(c, "weight", changing)
for _, case in ipairs {
  { three, "ValueError: `right_inverse` should return a tensor. Got int" },
  { double, "ValueError: The tensor returned by `right_inverse` has dtype torch.float64 while `original` has dtype torch.float32" },
  { function(X) return X, X end, "ValueError: `right_inverse` should return a tensor. Got tuple" },
} do
  changing.g = case[1]
  fails(case[2], function() c.weight = torch.ones(3, 3) end)
end

-- Several originals.
local RankOne = torch.class("RankOne", nn.Module)
function RankOne:forward(a, b) return a:unsqueeze(-1):matmul(b:unsqueeze(-2)) end
function RankOne:right_inverse(Z)
  local U, S, Vh = torch.linalg.svd(Z, { full_matrices = false })
  local root = S[0]:sqrt():unsqueeze(-1)
  return U[{ "...", ":", 0 }] * root, Vh[{ "...", 0, ":" }] * root
end
local r = nn.Linear(4, 4)
P.register_parametrization(r, "weight", RankOne())
assert(torch.linalg.matrix_rank(r.weight):item() == 1)
assert(keys(r) == "bias parametrizations.weight.original0 parametrizations.weight.original1")
assert(r.parametrizations.weight.is_tensor == false and r.parametrizations.weight.ntensors == 2)
assert(torch.isinstance(r.parametrizations.weight.original0, nn.Parameter) and r.parametrizations.weight.original0.requires_grad)
r.weight = torch.ones(4, 4)
assert(torch.allclose(r.weight, torch.ones(4, 4), { atol = 1e-5 }))
fails("ValueError: Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a sequence of tensors.", P.remove_parametrizations, r, "weight", false)
changing = Any(same, function(X) return { X, X } end)
c = nn.Linear(3, 3)
P.register_parametrization(c, "weight", changing)
for _, case in ipairs {
  { three, "ValueError: 'right_inverse' must return a sequence of tensors. Got int." },
  { double, "ValueError: 'right_inverse' must return a sequence of tensors. Got Tensor." },
  { function(X) return X, X, X end, "ValueError: 'right_inverse' must return a sequence of tensors of length 2. Got a sequence of length 3." },
  { function(X) return X, 3 end, "ValueError: 'right_inverse' must return a sequence of tensors or reference-type opaques. Got element 1 of type int." },
  { function(X) return X:double(), X end, "ValueError: Tensor 0 returned by `right_inverse` has dtype torch.float64 while `original0` has dtype torch.float32" },
} do
  changing.g = case[1]
  fails(case[2], function() c.weight = torch.ones(3, 3) end)
end
P.remove_parametrizations(r, "weight")
assert(torch.isinstance(r.weight, nn.Parameter) and torch.allclose(r.weight, torch.ones(4, 4), { atol = 1e-5 }) and keys(r) == "bias weight")

-- Removal.
local d = nn.Linear(3, 3)
local parameter, values = d.weight, d.weight:clone()
P.register_parametrization(d, "weight", Skew())
P.register_parametrization(d, "bias", nn.Identity())
local skew = d.weight:detach()
P.remove_parametrizations(d, "weight")
assert(tostring(d):find("^ParametrizedLinear") and d.weight == parameter and torch.equal(d.weight, skew) and torch.isinstance(d.weight, nn.Parameter))
P.remove_parametrizations(d, "bias", { leave_parametrized = false })
assert(tostring(d) == "Linear(in_features=3, out_features=3, bias=True)" and not P.is_parametrized(d))
fails("'Linear' object has no attribute 'parametrizations'", function() return d.parametrizations end)
P.register_parametrization(d, "weight", Symmetric())
assert(torch.equal(d.weight, d.weight.T))
local e = nn.Linear(3, 3)
values = e.weight:clone()
P.register_parametrization(e, "weight", Symmetric())
P.remove_parametrizations(e, "weight", false)
assert(torch.equal(e.weight, values))

-- A buffer, and modules written in Lua.
local Net = torch.class("Net", nn.Module)
function Net:__init()
  self.w = nn.Parameter(torch.eye(2))
  self:register_buffer("b", torch.ones(2, 2))
end
function Net:forward(X) return X:matmul(self.w) + self.b end
local net = Net()
P.register_parametrization(net, "b", Any(function(X) return X * 3 end, function(X) return X / 3 end))
P.register_parametrization(net, "w", Any(function(X) return X * 2 end, function(X) return X / 2 end))
assert(tostring(net):find("^ParametrizedNet") and keys(net) == "parametrizations.b.original parametrizations.w.original")
assert(torch.allclose(net(torch.eye(2)), torch.tensor { { 2.0, 1.0 }, { 1.0, 2.0 } }))
assert(not net.b.requires_grad and net.w.requires_grad and P.type_before_parametrizations(net) == Net and torch.isinstance(net, Net))
local Derived = torch.class("Derived", nn.Linear)
local derived = Derived(2, 2)
P.register_parametrization(derived, "weight", Symmetric())
assert(torch.equal(derived(torch.eye(2)), derived.weight + derived.bias) and tostring(derived):find("^ParametrizedDerived"))
derived(torch.eye(2)):sum():backward()
assert(derived.parametrizations.weight.original.grad)

-- The mode is that of the module.
local eval = nn.Linear(2, 2):eval()
local p = Symmetric()
P.register_parametrization(eval, "weight", p)
assert(p.training == false)

-- Copies are independent and read their own originals; what Lua keeps with a parametrization goes with it.
local Scale = torch.class("Scale", nn.Module)
function Scale:__init(k) self.k = k end
function Scale:forward(X) return X * self.k end
local first = nn.Sequential(nn.Linear(2, 2))
P.register_parametrization(first[0], "weight", Scale(3))
local second = copy.deepcopy(first)
collectgarbage() collectgarbage()
assert(tostring(second) == tostring(first) and torch.equal(second[0].weight, first[0].weight))
first[0].parametrizations.weight.original.data:zero_()
first[0].parametrizations.weight[0].k = 5
assert(first[0].weight:abs():sum():item() == 0 and second[0].weight:abs():sum():item() > 0)
assert(torch.equal(second[0].weight, second[0].parametrizations.weight.original * 3))
second:double()
assert(second[0].weight.dtype == torch.float64 and first[0].weight.dtype == torch.float32)

-- Lua's collector leaves alone what only the module holds.
local held = nn.Linear(2, 2)
P.register_parametrization(held, "weight", Scale(2))
P.register_parametrization(held, "weight", Scale(4))
collectgarbage() collectgarbage()
assert(torch.equal(held.weight, held.parametrizations.weight.original * 8))

-- State dicts go to files and back; whole modules do not.
torch.save(held:state_dict(), "held.pt")
local other = nn.Linear(2, 2)
P.register_parametrization(other, "weight", Scale(2))
P.register_parametrization(other, "weight", Scale(4))
assert(tostring(other:load_state_dict(torch.load("held.pt"))) == "<All keys matched successfully>" and torch.equal(other.weight, held.weight))
local refusal = "RuntimeError: Serialization of parametrized modules is only supported through state_dict(). See:\nhttps://pytorch.org/tutorials/beginner/saving_loading_models.html#saving-loading-a-general-checkpoint-for-inference-and-or-resuming-training"
fails(refusal, torch.save, held, "whole.pt")
fails(refusal, torch.save, { nn.Sequential(held) }, "whole.pt")

-- transfer_parametrizations_and_params shares the originals.
local from, to = nn.Linear(3, 3), nn.Linear(3, 3)
P.register_parametrization(from, "weight", Skew())
P.register_parametrization(from, "bias", nn.Identity())
assert(P.transfer_parametrizations_and_params(from, to) == to)
assert(P.is_parametrized(to, "bias") and torch.equal(from.weight, to.weight) and to.parametrizations.weight.original == from.parametrizations.weight.original)
to = nn.ReLU()
P.transfer_parametrizations_and_params(from, to, "weight")
assert(torch.equal(from.weight, to.weight) and not P.is_parametrized(to, "bias"))
from = nn.Linear(4, 4)
P.register_parametrization(from, "weight", RankOne())
to = P.transfer_parametrizations_and_params(from, nn.Linear(4, 4))
assert(torch.equal(from.weight, to.weight) and to.parametrizations.weight.original1 == from.parametrizations.weight.original1)
assert(P.transfer_parametrizations_and_params(nn.Linear(1, 1), nn.ReLU()) and not P.is_parametrized(P.transfer_parametrizations_and_params(nn.Linear(1, 1), nn.ReLU())))

-- cached: once within, in either form; assigning within is seen.
local count = 0
local counted = nn.Linear(2, 2)
P.register_parametrization(counted, "weight", Any(function(X) count = count + 1 return X * 1 end, same))
count = 0
local a, b = counted.weight, counted.weight
assert(count == 2 and a ~= b)
P.cached(function()
  local first_reading = counted.weight
  P.cached(function() assert(counted.weight == first_reading) end)
  assert(counted.weight == first_reading and count == 3)
  counted(torch.ones(1, 2))
  assert(count == 3)
  counted.weight = torch.ones(2, 2)
  assert(torch.equal(counted.weight, torch.ones(2, 2)) and count == 4)
end)
do
  local _ <close> = P.cached()
  assert(counted.weight == counted.weight and count == 5)
end
assert(counted.weight ~= counted.weight and count == 7)
pcall(P.cached, function() error("no") end)
assert(counted.weight ~= counted.weight)
