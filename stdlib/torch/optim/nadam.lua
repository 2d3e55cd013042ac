--- Adam with Nesterov momentum. Mirrors `torch.optim.NAdam`.
local torch = require "torch"
local Optimizer = require "torch.optim.optimizer"

local number = Optimizer.number

local NAdam = Optimizer.define("NAdam", "lr=0.002, betas=(0.9, 0.999), eps=1e-08, weight_decay=0, momentum_decay=0.004, decoupled_weight_decay=False, *, foreach=None, maximize=False, capturable=False, differentiable=False", function(o)
  Optimizer.require_at_least_zero(o, "lr", "Invalid learning rate")
  Optimizer.require_at_least_zero(o, "eps", "Invalid epsilon value")
  Optimizer.check_betas(o)
  Optimizer.require_at_least_zero(o, "weight_decay", "Invalid weight_decay value")
  Optimizer.require_at_least_zero(o, "momentum_decay", "Invalid momentum_decay value")
end)

function NAdam:_update(p, g, state, o)
  if not state.step then
    state.step = torch.tensor(0.0)
    state.mu_product = torch.tensor(1.0)
    state.exp_avg = torch.zeros_like(p):detach()
    state.exp_avg_sq = torch.zeros_like(p):detach()
  end
  state.step:add_(1)
  local step, lr, beta1, beta2 = state.step:item(), number(o.lr), o.betas[1], o.betas[2]
  local mu = beta1 * (1 - 0.5 * 0.96 ^ (step * o.momentum_decay))
  local mu_next = beta1 * (1 - 0.5 * 0.96 ^ ((step + 1) * o.momentum_decay))
  state.mu_product:mul_(mu)
  local product = state.mu_product:item()
  local decay, shrink = o.weight_decay, 1
  if o.decoupled_weight_decay then
    shrink = decay ~= 0 and 1 - lr * decay or 1
    decay = 0
  end
  torch._optim.nadam(p, g, state.exp_avg, state.exp_avg_sq, beta1, beta2, 1 - beta2 ^ step, -lr * (1 - mu) / (1 - product),
    -lr * mu_next / (1 - product * mu_next), o.eps, decay, shrink, o.maximize)
end

return NAdam
