--- Steps whose sizes grow while the gradient keeps its sign. Mirrors `torch.optim.Rprop`.
local torch = require "torch"
local Optimizer = require "torch.optim.optimizer"
local fail = require "torch.failure"
local pyrepr = require "torch.pyrepr"

local Rprop = Optimizer.define("Rprop", "lr=0.01, etas=(0.5, 1.2), step_sizes=(1e-06, 50), *, capturable=False, foreach=None, maximize=False, differentiable=False", function(o)
  Optimizer.require_at_least_zero(o, "lr", "Invalid learning rate")
  local minus, plus = o.etas[1], o.etas[2]
  if not (0 < minus and minus < 1 and 1 < plus) then fail("ValueError", "Invalid eta values: %s, %s", pyrepr(minus), pyrepr(plus)) end
end)

function Rprop:_update(p, g, state, o)
  if not state.step then
    state.step = torch.tensor(0.0)
    state.prev = torch.zeros_like(p):detach()
    state.step_size = torch.full_like(g, Optimizer.number(o.lr)):detach()
  end
  state.step:add_(1)
  torch._optim.rprop(p, g, state.prev, state.step_size, o.etas[1], o.etas[2], o.step_sizes[1], o.step_sizes[2], o.maximize)
end

return Rprop
