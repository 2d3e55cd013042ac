--- Steps by running means of gradients and of their squares. Mirrors `torch.optim.Adam` and `torch.optim.AdamW`.
local torch = require "torch"
local Optimizer = require "torch.optim.optimizer"
local fail = require "torch.failure"

local number = Optimizer.number

local function check(o)
  Optimizer.require_at_least_zero(o, "lr", "Invalid learning rate")
  Optimizer.require_at_least_zero(o, "eps", "Invalid epsilon value")
  Optimizer.check_betas(o)
  Optimizer.require_at_least_zero(o, "weight_decay", "Invalid weight_decay value")
  local first, second = o.betas[1], o.betas[2]
  if torch.is_tensor(first) ~= torch.is_tensor(second) or math.type(first) == "integer" or math.type(second) == "integer" then
    fail("ValueError", "betas must be either both floats or both Tensors")
  end
end

local function update(_, p, g, state, o)
  if not state.step then
    state.step = torch.tensor(0.0)
    state.exp_avg = torch.zeros_like(p):detach()
    state.exp_avg_sq = torch.zeros_like(p):detach()
    if o.amsgrad then state.max_exp_avg_sq = torch.zeros_like(p):detach() end
  end
  state.step:add_(1)
  local step, lr, beta1, beta2 = state.step:item(), number(o.lr), number(o.betas[1]), number(o.betas[2])
  local decay, shrink = o.weight_decay, 1
  if o.decoupled_weight_decay then
    shrink = decay ~= 0 and 1 - lr * decay or 1
    decay = 0
  end
  torch._optim.adam(p, g, state.exp_avg, state.exp_avg_sq, o.amsgrad and state.max_exp_avg_sq or nil, beta1, beta2,
    lr / (1 - beta1 ^ step), (1 - beta2 ^ step) ^ 0.5, o.eps, decay, shrink, o.maximize)
end

local Adam = Optimizer.define("Adam", "lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0, amsgrad=False, *, foreach=None, maximize=False, capturable=False, differentiable=False, fused=None, decoupled_weight_decay=False", check)
Adam._update = update

local AdamW = Optimizer.define("AdamW", "lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01, amsgrad=False, *, maximize=False, foreach=None, capturable=False, differentiable=False, fused=None", function(o, names)
  check(o)
  o.decoupled_weight_decay = true
  names[#names + 1] = "decoupled_weight_decay"
end)
AdamW._update = update

return {Adam = Adam, AdamW = AdamW}
