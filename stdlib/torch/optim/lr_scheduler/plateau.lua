--- Rates that go down when a figure no longer gets better. Mirrors `torch.optim.lr_scheduler.ReduceLROnPlateau`.
local torch = require "torch"
local fail = require "torch.failure"
local warning = require "torch.warning"
local Scheduler = require "torch.optim.lr_scheduler.scheduler"

local function is_better(self, mode, threshold, threshold_mode)
  if mode ~= "min" and mode ~= "max" then fail("ValueError", "mode %s is unknown!", mode) end
  if threshold_mode ~= "rel" and threshold_mode ~= "abs" then fail("ValueError", "threshold mode %s is unknown!", threshold_mode) end
  self.mode_worse = mode == "min" and math.huge or -math.huge
  self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
end

local Plateau = Scheduler.define("ReduceLROnPlateau", "optimizer, mode='min', factor=0.1, patience=10, threshold=0.0001, threshold_mode='rel', cooldown=0, min_lr=0, eps=1e-08", function(self, o)
  if o.factor >= 1 then fail("ValueError", "Factor should be < 1.0.") end
  self.factor = o.factor
  Scheduler.check_optimizer(o.optimizer)
  self.optimizer = o.optimizer
  local count = #o.optimizer.param_groups
  self.min_lrs = {}
  if type(o.min_lr) == "table" then
    if #o.min_lr ~= count then fail("ValueError", "expected %d min_lrs, got %d", count, #o.min_lr) end
    for i, one in ipairs(o.min_lr) do self.min_lrs[i] = one end
  else
    self.default_min_lr = o.min_lr
    for i = 1, count do self.min_lrs[i] = o.min_lr end
  end
  self.patience, self.cooldown, self.eps = o.patience, o.cooldown, o.eps
  self.last_epoch = 0
  self._last_lr = Scheduler.values(self.optimizer, "lr")
  is_better(self, o.mode, o.threshold, o.threshold_mode)
  self:_reset()
end)

function Plateau:_reset()
  self.best = self.mode_worse
  self.cooldown_counter, self.num_bad_epochs = 0, 0
end

function Plateau:_loaded() is_better(self, self.mode, self.threshold, self.threshold_mode) end

function Plateau:_is_better(a, best)
  if self.mode == "min" then
    if self.threshold_mode == "rel" then return a < best * (1.0 - self.threshold) end
    return a < best - self.threshold
  end
  if self.threshold_mode == "rel" then return a > best * (self.threshold + 1.0) end
  return a > best + self.threshold
end

function Plateau:step(metrics, epoch)
  if metrics == nil then fail("TypeError", "ReduceLROnPlateau.step() missing 1 required positional argument: 'metrics'") end
  local current = torch.is_tensor(metrics) and metrics:item() or metrics
  if epoch == nil then
    epoch = self.last_epoch + 1
  else
    warning("UserWarning", "%s", Scheduler.epoch_warning)
  end
  self.last_epoch = epoch
  if self:_is_better(current, self.best) then
    self.best = current
    self.num_bad_epochs = 0
  else
    self.num_bad_epochs = self.num_bad_epochs + 1
  end
  if self.cooldown_counter > 0 then
    self.cooldown_counter = self.cooldown_counter - 1
    self.num_bad_epochs = 0
  end
  if self.num_bad_epochs > self.patience then
    self:_reduce_lr()
    self.cooldown_counter = self.cooldown
    self.num_bad_epochs = 0
  end
  self._last_lr = Scheduler.values(self.optimizer, "lr")
end

function Plateau:_reduce_lr()
  local groups = self.optimizer.param_groups
  if #groups ~= #self.min_lrs then
    if self.default_min_lr == nil then
      fail("RuntimeError", "The number of param groups in the `optimizer` (%d) differs from when `ReduceLROnPlateau` was initialized (%d), usually due to a new param group being added to the optimizer. Please modify the `min_lrs` field to match the length of the `optimizer` param groups.", #groups, #self.min_lrs)
    end
    self.min_lrs = {}
    for i = 1, #groups do self.min_lrs[i] = self.default_min_lr end
  end
  for i, group in ipairs(groups) do
    local before = torch.is_tensor(group.lr) and group.lr:item() or group.lr
    local after = math.max(before * self.factor, self.min_lrs[i])
    if before - after > self.eps then Scheduler.set(group, "lr", after) end
  end
end

return Plateau
