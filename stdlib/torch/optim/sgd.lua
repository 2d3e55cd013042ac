--- Gradient descent, with momentum. Mirrors `torch.optim.SGD`.
local torch = require "torch"
local Optimizer = require "torch.optim.optimizer"
local fail = require "torch.failure"
local pyrepr = require "torch.pyrepr"

local number = Optimizer.number

local SGD = Optimizer.define("SGD", "lr=0.001, momentum=0, dampening=0, weight_decay=0, nesterov=False, *, maximize=False, foreach=None, differentiable=False, fused=None", function(o)
  if torch.is_tensor(o.lr) and o.lr:numel() ~= 1 then fail("ValueError", "Tensor lr must be 1-element") end
  if number(o.lr) < 0 then fail("ValueError", "Invalid learning rate: %s", pyrepr(number(o.lr))) end
  if o.momentum < 0 then fail("ValueError", "Invalid momentum value: %s", pyrepr(o.momentum)) end
  if number(o.weight_decay) < 0 then fail("ValueError", "Invalid weight_decay value: %s", pyrepr(number(o.weight_decay))) end
  if o.nesterov and (o.momentum <= 0 or o.dampening ~= 0) then
    fail("ValueError", "Nesterov momentum requires a momentum and zero dampening")
  end
end)

function SGD:_update(p, g, state, o)
  local first = false
  if o.momentum ~= 0 and state.momentum_buffer == nil then
    state.momentum_buffer = torch.empty_like(p):detach()
    first = true
  end
  torch._optim.sgd(p, g, o.momentum ~= 0 and state.momentum_buffer or nil, number(o.lr), o.momentum, o.dampening, number(o.weight_decay), o.nesterov, o.maximize, first)
end

return SGD
