--- Steps by the root of a running mean of squares. Mirrors `torch.optim.RMSprop`.
local torch = require "torch"
local Optimizer = require "torch.optim.optimizer"

local RMSprop = Optimizer.define("RMSprop", "lr=0.01, alpha=0.99, eps=1e-08, weight_decay=0, momentum=0, centered=False, capturable=False, foreach=None, maximize=False, differentiable=False", function(o)
  Optimizer.require_at_least_zero(o, "lr", "Invalid learning rate")
  Optimizer.require_at_least_zero(o, "eps", "Invalid epsilon value")
  Optimizer.require_at_least_zero(o, "momentum", "Invalid momentum value")
  Optimizer.require_at_least_zero(o, "weight_decay", "Invalid weight_decay value")
  Optimizer.require_at_least_zero(o, "alpha", "Invalid alpha value")
  return {"lr", "momentum", "alpha", "eps", "centered", "weight_decay", "capturable", "foreach", "maximize", "differentiable"}
end)

function RMSprop:_update(p, g, state, o)
  if not state.step then
    state.step = torch.tensor(0.0)
    state.square_avg = torch.zeros_like(p):detach()
    if o.momentum > 0 then state.momentum_buffer = torch.zeros_like(p):detach() end
    if o.centered then state.grad_avg = torch.zeros_like(p):detach() end
  end
  state.step:add_(1)
  torch._optim.rmsprop(p, g, state.square_avg, o.centered and state.grad_avg or nil, o.momentum > 0 and state.momentum_buffer or nil,
    Optimizer.number(o.lr), o.alpha, o.eps, o.weight_decay, o.momentum, o.maximize)
end

return RMSprop
