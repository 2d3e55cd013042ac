--- Steps by the ratio of the running squares of steps and gradients. Mirrors `torch.optim.Adadelta`.
local torch = require "torch"
local Optimizer = require "torch.optim.optimizer"
local fail = require "torch.failure"
local pyrepr = require "torch.pyrepr"

local Adadelta = Optimizer.define("Adadelta", "lr=1.0, rho=0.9, eps=1e-06, weight_decay=0, foreach=None, *, capturable=False, maximize=False, differentiable=False", function(o)
  Optimizer.require_at_least_zero(o, "lr", "Invalid learning rate")
  if not (o.rho >= 0 and o.rho <= 1) then fail("ValueError", "Invalid rho value: %s", pyrepr(o.rho)) end
  Optimizer.require_at_least_zero(o, "eps", "Invalid epsilon value")
  Optimizer.require_at_least_zero(o, "weight_decay", "Invalid weight_decay value")
  return {"lr", "rho", "eps", "weight_decay", "maximize", "capturable", "foreach", "differentiable"}
end)

function Adadelta:_update(p, g, state, o)
  if not state.step then
    state.step = torch.tensor(0.0)
    state.square_avg = torch.zeros_like(p):detach()
    state.acc_delta = torch.zeros_like(p):detach()
  end
  state.step:add_(1)
  torch._optim.adadelta(p, g, state.square_avg, state.acc_delta, Optimizer.number(o.lr), o.rho, o.eps, o.weight_decay, o.maximize)
end

return Adadelta
