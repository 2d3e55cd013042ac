-- Optimizers against PyTorch: ten steps of each, texts, errors, state dicts. The figures are made by
-- Tests/Fixtures/Optim/make_fixtures.py; sentences are what PyTorch 2.15 says of the same mistakes.
local torch = require "torch"
local nn = require "torch.nn"

local fails = dofile(arg[0]:match("^(.*/)[^/]*$") .. "support/fails.lua")

local folder = arg[0]:match("^(.*/)") .. "../Fixtures/Optim/"
local W, B = {{0.5, -1.25, 2.0}, {0.75, 0.1, -0.6}}, {0.3, -0.2}
local X = {{1.0, -0.5, 0.25}, {0.2, 0.9, -1.1}, {-0.7, 0.4, 1.3}, {2.0, -1.0, 0.6}}
local Y = {{0.1, 0.9}, {-0.4, 0.3}, {1.2, -0.8}, {0.0, 0.5}}

local function problem(dtype)
  local w, b = torch.tensor(W, {dtype = dtype, requires_grad = true}), torch.tensor(B, {dtype = dtype, requires_grad = true})
  local x, y = torch.tensor(X, {dtype = dtype}), torch.tensor(Y, {dtype = dtype})
  return w, b, function(opt)
    return function()
      opt:zero_grad()
      local loss = ((x:matmul(w:t()) + b):tanh() - y):pow(2):mean()
      loss:backward()
      return loss
    end
  end
end

local function distance(x, wanted)
  return (x:detach():double() - torch.tensor(wanted, {dtype = torch.float64})):abs():max():item()
end

for _, case in ipairs(dofile(folder .. "optimizers.lua")) do
  if case.name == "Muon" then
    local w, x, y = torch.tensor(W, {requires_grad = true}), torch.tensor(X), torch.tensor(Y)
    local opt = torch.optim.Muon({w}, case.options)
    for _ = 1, 10 do
      opt:zero_grad();
      (x:matmul(w:t()):tanh() - y):pow(2):mean():backward()
      opt:step()
    end
    -- It steps in bfloat16.
    assert(distance(w, case.weight32) < 0.02 and tostring(opt) == case.text, tostring(opt))
  end
  for _, dtype in ipairs(case.name == "Muon" and {} or {torch.float64, torch.float32}) do
    local w, b, closure_of = problem(dtype)
    local options = {}
    for key, value in pairs(case.options) do options[key] = value end
    local opt = torch.optim[case.name]({w, b}, next(options) and options or nil)
    local closure = closure_of(opt)
    for _ = 1, 10 do
      if case.name == "LBFGS" then
        opt:step(closure)
      else
        closure()
        opt:step()
      end
    end
    assert(tostring(opt) == case.text, tostring(opt) .. "\n" .. case.text)
    local small = dtype == torch.float32 and "32" or ""
    local far = math.max(distance(w, case["weight" .. small]), distance(b, case["bias" .. small]))
    -- L-BFGS finds the minimum and then walks on rounding errors, which nobody has in common.
    local allowed = case.name == "LBFGS" and (dtype == torch.float64 and 1e-7 or math.huge) or dtype == torch.float64 and 1e-13 or 2e-5
    assert(far <= allowed, ("%s %s: %g off"):format(case.name, tostring(dtype), far))
  end
end

-- mistakes
local w = torch.ones(2, {requires_grad = true})
local SGD, Adam = torch.optim.SGD, torch.optim.Adam
fails("ValueError: Invalid learning rate: -1", SGD, {w}, {lr = -1})
fails("ValueError: Invalid momentum value: -0.5", SGD, {w}, {momentum = -0.5})
fails("ValueError: optimizer got an empty parameter list", SGD, {})
fails("TypeError: params argument given to the optimizer should be an iterable of Tensors or dicts, but got torch.FloatTensor", SGD, w)
fails("TypeError: optimizer can only optimize Tensors, but one of the params is int", SGD, {1})
fails("ValueError: can't optimize a non-leaf Tensor", SGD, {w * 2})
fails("ValueError: Nesterov momentum requires a momentum and zero dampening", SGD, {w}, {nesterov = true})
fails("ValueError: some parameters appear in more than one parameter group", SGD, {{params = w}, {params = w}})
fails("TypeError: SGD.__init__() got an unexpected keyword argument 'lrr'", SGD, {w}, {lrr = 1})
fails("ValueError: Invalid beta parameter at index 0: 1.0", Adam, {w}, {betas = {1.0, 0.9}})
fails("ValueError: Invalid eta values: 1.0, 0.9", torch.optim.Rprop, {w}, {etas = {1.0, 0.9}})
fails("TypeError: Adam.__init__() takes from 1 to 7 positional arguments but 8 were given", Adam, {w}, 1, {0.9, 0.9}, 1, 1, true, 1)

-- modules, iterators, groups, names
local model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
local opt = Adam(model:parameters(), {lr = 0.1})
assert(#opt.param_groups == 1 and #opt.param_groups[1].params == 4 and opt.param_groups[1].params[1] == model[0].weight)
opt = SGD(model:named_parameters(), {lr = 0.1})
assert(opt.param_groups[1].param_names[2] == "0.bias" and tostring(opt):find("param_names: ['0.weight', '0.bias', '1.weight', '1.bias']", 1, true))
opt = SGD({{params = model[0]:parameters(), lr = 0.5}, {params = model[1]:parameters()}}, {lr = 0.1, momentum = 0.9})
assert(opt.param_groups[1].lr == 0.5 and opt.param_groups[2].lr == 0.1 and opt.defaults.lr == 0.1)
fails("can't optimize a non-leaf Tensor", function() opt:add_param_group {params = w * 2} end)
opt:add_param_group {params = {w}}
assert(#opt.param_groups == 3 and opt.param_groups[3].momentum == 0.9)
assert(torch.isinstance(opt, torch.optim.Optimizer) and torch.isinstance(opt, SGD) and not torch.isinstance(opt, Adam))
opt.param_groups[3].lr = 1
w.grad = torch.tensor {1., 2.}
opt:step()
assert(torch.equal(w:detach(), torch.tensor {0., -1.}))

-- gradients
opt:zero_grad {set_to_none = false}
assert(torch.equal(w.grad, torch.zeros(2)))
opt:zero_grad()
assert(w.grad == nil)

-- closures and hooks
do
  local a, b, closure_of = problem(torch.float64)
  local o = Adam({a, b}, {lr = 0.1})
  local closure, seen = closure_of(o), {}
  local handle = o:register_step_pre_hook(function(self) assert(self == o); seen[#seen + 1] = "before" end)
  o:register_step_post_hook(function() seen[#seen + 1] = "after" end)
  local first = o:step(closure)
  assert(torch.is_tensor(first) and first:item() > o:step(closure):item())
  handle:remove()
  o:step(closure)
  assert(table.concat(seen, " ") == "before after before after after")

  -- a copy by way of a file goes on as the original does
  torch.save(o:state_dict(), "adam.pt")
  local state = torch.load("adam.pt")
  assert(state.param_groups[1].lr == 0.1 and state.state[0].step:item() == 3 and state.state[1].exp_avg.shape[0] == 2)
  local c, d, other_of = problem(torch.float64)
  torch.no_grad(function() c:copy_(a); d:copy_(b) end)
  local p = Adam({c, d}, {lr = 0.5})
  p:load_state_dict(state)
  local other = other_of(p)
  for _ = 1, 3 do
    closure()
    o:step()
    other()
    p:step()
  end
  assert(torch.equal(a, c) and torch.equal(b, d) and p.param_groups[1].lr == 0.1)
  fails("loaded state dict contains a parameter group that doesn't match the size of optimizer's group", function() Adam {w}:load_state_dict(state) end)
  fails("loaded state dict has a different number of parameter groups", function() Adam {{params = {c}}, {params = {d}}}:load_state_dict(state) end)
end

-- an optimizer of one's own
local Halving = torch.class("Halving", torch.optim.Optimizer)
function Halving:__init(params, factor) torch.optim.Optimizer.__init(self, params, {factor = factor}) end
function Halving:step()
  for _, group in ipairs(self.param_groups) do
    for _, p in ipairs(group.params) do torch.no_grad(function() p:mul_(group.factor) end) end
  end
end
local h = Halving({w}, 0.5)
h:step()
assert(torch.equal(w:detach(), torch.tensor {0., -0.5}) and torch.isinstance(h, torch.optim.Optimizer))
assert(tostring(h) == "Halving (\nParameter Group 0\n    factor: 0.5\n)")

-- half-precision parameters keep their dtype
local half = torch.ones(3, {dtype = torch.bfloat16, requires_grad = true})
half.grad = torch.ones(3, {dtype = torch.bfloat16})
SGD({half}, {lr = 0.5}):step()
assert(half.dtype == torch.bfloat16 and half[0]:item() == 0.5)
