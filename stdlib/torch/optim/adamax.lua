--- Adam by the infinity norm. Mirrors `torch.optim.Adamax`.
local torch = require "torch"
local Optimizer = require "torch.optim.optimizer"

local Adamax = Optimizer.define("Adamax", "lr=0.002, betas=(0.9, 0.999), eps=1e-08, weight_decay=0, foreach=None, *, maximize=False, differentiable=False, capturable=False", function(o)
  Optimizer.require_at_least_zero(o, "lr", "Invalid learning rate")
  Optimizer.require_at_least_zero(o, "eps", "Invalid epsilon value")
  Optimizer.check_betas(o)
  Optimizer.require_at_least_zero(o, "weight_decay", "Invalid weight_decay value")
end)

function Adamax:_update(p, g, state, o)
  if not state.step then
    state.step = torch.tensor(0.0)
    state.exp_avg = torch.zeros_like(p):detach()
    state.exp_inf = torch.zeros_like(p):detach()
  end
  state.step:add_(1)
  local beta1, beta2 = o.betas[1], o.betas[2]
  torch._optim.adamax(p, g, state.exp_avg, state.exp_inf, beta1, beta2, Optimizer.number(o.lr) / (1 - beta1 ^ state.step:item()), o.eps, o.weight_decay, o.maximize)
end

return Adamax
