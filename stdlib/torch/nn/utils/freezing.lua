--- Training that leaves pruned elements alone.
local torch = require "torch"
local prune = require "torch.nn.utils.prune"

local M = {}

--- Lets an optimizer leave alone what was pruned of its parameters: where a mask is (or, after `prune.remove`, was) zero,
--- gradients and state (momentum, averages) are zero and the parameter keeps its value, whatever momentum or weight decay
--- would make of it. Gives a handle whose `remove` ends that. PyTorch has nothing like it: there, parameters whose pruning
--- was made lasting come to life again.
function M.freeze(optimizer)
  local before = setmetatable({}, {__mode = "k"})

  local function each_pruned(visit)
    for _, group in ipairs(optimizer.param_groups) do
      for _, p in ipairs(group.params) do
        local mask = prune._mask(p)
        if mask ~= nil then visit(p, mask) end
      end
    end
  end

  local function mask_state(p, mask)
    for _, value in pairs(optimizer.state[p] or {}) do
      if torch.is_tensor(value) and value.shape == mask.shape then value:mul_(mask) end
    end
  end

  local pre = optimizer:register_step_pre_hook(function()
    each_pruned(function(p, mask)
      before[p] = p:detach():clone()
      if p.grad ~= nil then p.grad:mul_(mask) end
      mask_state(p, mask)
    end)
  end)
  -- Once more behind the step: a closure may have made new gradients, and weight decay needs none.
  local post = optimizer:register_step_post_hook(function()
    each_pruned(function(p, mask)
      if before[p] ~= nil then p:copy_(torch.where(mask:ne(0), p, before[p])) end
      before[p] = nil
      mask_state(p, mask)
    end)
  end)
  return {remove = function() pre.remove() post.remove() end}
end

return M
