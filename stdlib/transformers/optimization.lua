--- Learning rates that rise and fall. Mirrors `transformers.optimization`.
local torch = require "torch"
local fail = require "torch.failure"
local signature = require "torch.signature"

local arguments = signature("get_linear_schedule_with_warmup", "optimizer, num_warmup_steps, num_training_steps, last_epoch=-1", "get_linear_schedule_with_warmup")

local optimization = {}

--- A schedule that rises from 0 to the optimizer's rate in num_warmup_steps, and falls to 0 at num_training_steps.
--- Mirrors `transformers.get_linear_schedule_with_warmup`.
function optimization.get_linear_schedule_with_warmup(...)
  local o = arguments(...)
  for _, name in ipairs {"num_warmup_steps", "num_training_steps"} do
    if type(o[name]) ~= "number" or o[name] < 0 then fail("ValueError", "%s must be a number from 0 on, not %s", name, tostring(o[name])) end
  end
  return torch.optim.lr_scheduler.LambdaLR(o.optimizer, function(step)
    if step < o.num_warmup_steps then return step / math.max(1, o.num_warmup_steps) end
    return math.max(0.0, (o.num_training_steps - step) / math.max(1, o.num_training_steps - o.num_warmup_steps))
  end, o.last_epoch)
end

return optimization
