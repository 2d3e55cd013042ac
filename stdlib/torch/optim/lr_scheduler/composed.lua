--- Schedules made of schedules.
local torch = require "torch"
local fail = require "torch.failure"
local Scheduler = require "torch.optim.lr_scheduler.scheduler"
local Plateau = require "torch.optim.lr_scheduler.plateau"

local composed = {}

local function check(name, schedulers, optimizer)
  for i, one in ipairs(schedulers) do
    if type(one) ~= "table" or one.optimizer == nil then
      fail("TypeError", "%s at index %d should have `optimizer` as its attribute.", name, i - 1)
    end
    if torch.isinstance(one, Plateau) then
      fail("ValueError", "%s does not support `ReduceLROnPlateau` scheduler as it requires additional kwargs to be specified when calling `step`, but got one at index %d in the given schedulers sequence.", name, i - 1)
    end
    if one.optimizer ~= optimizer then
      fail("ValueError", "%s expects all schedulers to belong to the same optimizer, but got scheduler %s at index %d has %s, which is different from %s.", name, getmetatable(one).__name, i - 1, tostring(one.optimizer), getmetatable(optimizer).__name)
    end
  end
end

--- All schedules at every step.
composed.ChainedScheduler = Scheduler.define("ChainedScheduler", "schedulers, optimizer=None", function(self, o)
  if #o.schedulers < 1 then fail("ValueError", "ChainedScheduler expects at least one scheduler to be chained, but got no scheduler.") end
  local optimizer = o.optimizer or o.schedulers[1].optimizer
  check("ChainedScheduler", o.schedulers, optimizer)
  self._schedulers, self.optimizer = o.schedulers, optimizer
  self._last_lr = Scheduler.values(optimizer, "lr")
end)

function composed.ChainedScheduler:step()
  for _, one in ipairs(self._schedulers) do one:step() end
  self._last_lr = Scheduler.values(self.optimizer, "lr")
end

local function passed(milestones, epoch)
  local count = 0
  for _, one in ipairs(milestones) do if one <= epoch then count = count + 1 end end
  return count
end

local function undo(one)
  if one._schedulers then
    for _, inner in ipairs(one._schedulers) do undo(inner) end
  elseif one.last_epoch then
    one.last_epoch = one.last_epoch - 1
  end
end

--- One schedule after the other, each from its milestone on.
composed.SequentialLR = Scheduler.define("SequentialLR", "optimizer, schedulers, milestones, last_epoch=-1", function(self, o)
  local schedulers, milestones = o.schedulers, o.milestones
  if #schedulers < 1 then fail("ValueError", "SequentialLR expects at least one scheduler, but got no scheduler.") end
  check("SequentialLR", schedulers, o.optimizer)
  if #milestones ~= #schedulers - 1 then
    fail("ValueError", "Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers %d and the number of milestones to be equal to %d", #schedulers, #milestones)
  end
  self._schedulers, self._milestones = schedulers, milestones
  self.last_epoch = o.last_epoch + 1
  self.optimizer = o.optimizer
  for _, group in ipairs(self.optimizer.param_groups) do Scheduler.set(group, "lr", group.initial_lr) end
  undo(self)
  local first = schedulers[passed(milestones, 0) + 1]
  first:_initial_step()
  self._last_lr = first:get_last_lr()
end)

function composed.SequentialLR:step()
  self.last_epoch = self.last_epoch + 1
  local index = passed(self._milestones, self.last_epoch)
  local one = self._schedulers[index + 1]
  if index > 0 and self._milestones[index] == self.last_epoch then one:_update_lr(0) else one:step() end
  self._last_lr = one:get_last_lr()
end

return composed
