--- Steps along the orthogonal part of a matrix's momentum. Mirrors `torch.optim.Muon`.
local torch = require "torch"
local Optimizer = require "torch.optim.optimizer"
local fail = require "torch.failure"
local pyrepr = require "torch.pyrepr"

local number = Optimizer.number

local Muon = Optimizer.define("Muon", "lr=0.001, weight_decay=0.1, momentum=0.95, nesterov=True, ns_coefficients=(3.4445, -4.775, 2.0315), eps=1e-07, ns_steps=5, adjust_lr_fn=None", function(o)
  local function demand(value, sentence) if not (value >= 0) then fail("ValueError", "%s: %s", sentence, pyrepr(value)) end end
  demand(number(o.lr), "Learning rate should be >= 0 but is")
  demand(o.momentum, "momentum should be >= 0 but is")
  demand(o.weight_decay, "weight decay should be >= 0 but is")
  local f = o.adjust_lr_fn
  if f ~= nil and f ~= "original" and f ~= "match_rms_adamw" and f ~= "spectral_unclamped" then
    fail("ValueError", "Adjust learning rate function %s is not supported", pyrepr(f))
  end
end)

function Muon:_start()
  for _, group in ipairs(self.param_groups) do
    for _, p in ipairs(group.params) do
      if p:dim() ~= 2 then fail("ValueError", "Muon only supports 2D parameters whereas we found a parameter with size: %s", tostring(p.shape)) end
    end
  end
end

-- The nearest orthogonal matrix, in bfloat16, by Newton and Schulz.
local function orthogonal(g, coefficients, steps, eps)
  if steps >= 100 then fail("ValueError", "Number of steps must be less than 100 for computational efficiency") end
  if #coefficients ~= 3 then fail("ValueError", "Coefficients must be a tuple of exactly 3 values") end
  local a, b, c = table.unpack(coefficients)
  local tall = g:size(0) > g:size(1)
  local x = g:to(torch.bfloat16)
  if tall then x = x:t() end
  x = x / x:norm():clamp {min = eps}
  for _ = 1, steps do
    local gram = x:matmul(x:t())
    local update = torch.addmm(gram, gram, gram, {beta = b, alpha = c})
    x = torch.addmm(x, update, x, {beta = a})
  end
  return tall and x:t() or x
end

function Muon:_update(p, g, state, o)
  if not state.momentum_buffer then state.momentum_buffer = torch.zeros_like(g) end
  local buffer, lr = state.momentum_buffer, number(o.lr)
  buffer:copy_(torch.lerp(buffer, g, 1 - o.momentum))
  local update = orthogonal(o.nesterov and torch.lerp(g, buffer, o.momentum) or buffer, o.ns_coefficients, o.ns_steps, o.eps)
  local rows, columns = p:size(0), p:size(1)
  local ratio = math.sqrt(math.max(1, rows / columns))
  if o.adjust_lr_fn == "match_rms_adamw" then
    ratio = 0.2 * math.sqrt(math.max(rows, columns))
  elseif o.adjust_lr_fn == "spectral_unclamped" then
    ratio = math.sqrt(rows / columns)
  end
  p:mul_(1 - lr * o.weight_decay)
  p:add_(update, {alpha = -lr * ratio})
end

return Muon
