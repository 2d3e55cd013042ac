--- Steps by the root of the sum of squares. Mirrors `torch.optim.Adagrad`.
local torch = require "torch"
local Optimizer = require "torch.optim.optimizer"

local Adagrad = Optimizer.define("Adagrad", "lr=0.01, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, foreach=None, *, maximize=False, differentiable=False, fused=None", function(o)
  Optimizer.require_at_least_zero(o, "lr", "Invalid learning rate")
  Optimizer.require_at_least_zero(o, "lr_decay", "Invalid lr_decay value")
  Optimizer.require_at_least_zero(o, "weight_decay", "Invalid weight_decay value")
  Optimizer.require_at_least_zero(o, "initial_accumulator_value", "Invalid initial_accumulator_value value")
  Optimizer.require_at_least_zero(o, "eps", "Invalid epsilon value")
  return {"lr", "lr_decay", "eps", "weight_decay", "initial_accumulator_value", "foreach", "maximize", "differentiable", "fused"}
end)

function Adagrad:_start()
  for _, group in ipairs(self.param_groups) do
    for _, p in ipairs(group.params) do
      self.state[p] = {step = torch.tensor(0.0), sum = torch.full_like(p, group.initial_accumulator_value):detach()}
    end
  end
end

function Adagrad:_update(p, g, state, o)
  if not state.step then
    state.step = torch.tensor(0.0)
    state.sum = torch.full_like(p, o.initial_accumulator_value):detach()
  end
  state.step:add_(1)
  local clr = Optimizer.number(o.lr) / (1 + (state.step:item() - 1) * o.lr_decay)
  torch._optim.adagrad(p, g, state.sum, clr, o.eps, o.weight_decay, o.maximize)
end

return Adagrad
