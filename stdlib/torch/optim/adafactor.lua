--- Adaptive steps whose second moments are kept as a row and a column. Mirrors `torch.optim.Adafactor`.
local torch = require "torch"
local Optimizer = require "torch.optim.optimizer"
local fail = require "torch.failure"
local pyrepr = require "torch.pyrepr"

local number = Optimizer.number

-- What the spacing of numbers at one is in each type.
local spacing = {[torch.float32] = 2.0 ^ -23, [torch.float64] = 2.0 ^ -52, [torch.float16] = 2.0 ^ -10, [torch.bfloat16] = 2.0 ^ -7}

local Adafactor = Optimizer.define("Adafactor", "lr=0.01, beta2_decay=-0.8, eps=None, d=1.0, weight_decay=0.0, *, foreach=None, maximize=False", function(o)
  o.eps = o.eps or {nil, 0.001}
  local function demand(fits, sentence, value) if not fits then fail("ValueError", "%s: %s", sentence, pyrepr(value)) end end
  demand(number(o.lr) >= 0, "Learning rate should be >= 0 but is", number(o.lr))
  demand(o.beta2_decay <= 0, "beta2_decay should be <= 0 but is", o.beta2_decay)
  demand(o.eps[1] == nil or o.eps[1] >= 0, "epsilon1 should be >= 0 but is", o.eps[1])
  demand(o.eps[2] >= 0, "epsilon2 should be >= 0 but is", o.eps[2])
  demand(o.d >= 1, "Clipping threshold d should be >= 1 but is", o.d)
  demand(o.weight_decay >= 0, "weight_decay should be >= 0 but is", o.weight_decay)
end)

local function root_mean_square(x) return x:norm(2):item() / x:numel() ^ 0.5 end

function Adafactor:_update(p, g, state, o)
  local deep = g:dim() > 1
  if not state.step then
    state.step = torch.tensor(0.0)
    if deep then
      state.row_var = torch.zeros_like(g:narrow(-1, 0, 1))
      state.col_var = torch.zeros_like(g:narrow(-2, 0, 1))
    else
      state.variance = torch.zeros_like(g)
    end
  end
  if o.maximize then g = g:neg() end
  state.step:add_(1)
  local step, lr, eps = state.step:item(), number(o.lr), o.eps[1] or spacing[p.dtype]
  local share = step ^ o.beta2_decay
  local alpha = math.max(o.eps[2], root_mean_square(p:detach())) * math.min(lr, 1 / step ^ 0.5)
  if o.weight_decay ~= 0 then p:mul_(1 - lr * o.weight_decay) end
  local function blend(average, value) average:copy_(torch.lerp(average, value, share)) end
  local variance
  if deep then
    blend(state.row_var, (g * g):mean(-1, true))
    blend(state.col_var, (g * g):mean(-2, true))
    variance = state.row_var:matmul(state.col_var) / state.row_var:mean(-2, true):clamp {min = eps}
  else
    blend(state.variance, g * g)
    variance = state.variance
  end
  local update = variance:clamp({min = eps * eps}):rsqrt() * g
  p:add_(update, {alpha = -alpha / math.max(1, root_mean_square(update) / o.d)})
end

return Adafactor
