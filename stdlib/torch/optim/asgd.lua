--- Gradient descent that keeps an average of the parameters. Mirrors `torch.optim.ASGD`.
local torch = require "torch"
local Optimizer = require "torch.optim.optimizer"

local ASGD = Optimizer.define("ASGD", "lr=0.01, lambd=0.0001, alpha=0.75, t0=1000000.0, weight_decay=0, foreach=None, maximize=False, differentiable=False, capturable=False", function(o)
  Optimizer.require_at_least_zero(o, "lr", "Invalid learning rate")
  Optimizer.require_at_least_zero(o, "lambd", "Invalid lambd value")
  Optimizer.require_at_least_zero(o, "alpha", "Invalid alpha value")
  Optimizer.require_at_least_zero(o, "weight_decay", "Invalid weight_decay value")
end)

function ASGD:_update(p, g, state, o)
  local lr = Optimizer.number(o.lr)
  if not state.step then
    state.step = torch.tensor(0.0)
    state.eta = torch.tensor(lr + 0.0)
    state.ax = torch.zeros_like(p):detach()
    state.mu = torch.tensor(1.0)
  end
  state.step:add_(1)
  local eta, step = state.eta:item(), state.step:item()
  torch._optim.asgd(p, g, state.ax, eta, state.mu:item(), 1 - o.lambd * eta, o.weight_decay, o.maximize)
  state.eta:fill_(lr / (1 + o.lambd * lr * step) ^ o.alpha)
  state.mu:fill_(1 / math.max(1, step - o.t0))
end

return ASGD
