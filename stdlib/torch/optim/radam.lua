--- Adam whose step is held back while its variance is not known. Mirrors `torch.optim.RAdam`.
local torch = require "torch"
local Optimizer = require "torch.optim.optimizer"

local number = Optimizer.number

local RAdam = Optimizer.define("RAdam", "lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0, decoupled_weight_decay=False, *, foreach=None, maximize=False, capturable=False, differentiable=False", function(o)
  Optimizer.require_at_least_zero(o, "lr", "Invalid learning rate")
  Optimizer.require_at_least_zero(o, "eps", "Invalid epsilon value")
  Optimizer.check_betas(o)
  Optimizer.require_at_least_zero(o, "weight_decay", "Invalid weight_decay value")
end)

function RAdam:_update(p, g, state, o)
  if not state.step then
    state.step = torch.tensor(0.0)
    state.exp_avg = torch.zeros_like(p):detach()
    state.exp_avg_sq = torch.zeros_like(p):detach()
  end
  state.step:add_(1)
  local step, lr, beta1, beta2 = state.step:item(), number(o.lr), o.betas[1], o.betas[2]
  local correction2 = 1 - beta2 ^ step
  local whole = 2 / (1 - beta2) - 1
  local rho = whole - 2 * step * beta2 ^ step / correction2
  local rect = -1
  if rho > 5 then rect = ((rho - 4) * (rho - 2) * whole / ((whole - 4) * (whole - 2) * rho)) ^ 0.5 end
  local decay, shrink = o.weight_decay, 1
  if o.decoupled_weight_decay then
    shrink = decay ~= 0 and 1 - lr * decay or 1
    decay = 0
  end
  torch._optim.radam(p, g, state.exp_avg, state.exp_avg_sq, lr, beta1, beta2, 1 - beta1 ^ step, correction2 ^ 0.5, rect, o.eps, decay, shrink, o.maximize)
end

return RAdam
